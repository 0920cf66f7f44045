/** The verb that shows what detectors would have said. */
import { configOf, JSON_FLAG, PORT, STATE, text, type Verb } from './verb.ts';

/** For the list of verbs. */
export const REPLAY_VERB: Verb = {
  name: 'replay',
  does: 'the stored past through the detectors: what they would have said',
  words: '',
  wordsMin: 0,
  wordsMax: 0,
  flags: [
    {
      name: 'from',
      value: 'YYYY-MM-DD',
      does: 'learns from all, shows findings from this date on',
    },
    {
      name: 'numbers',
      value: 'file',
      does: 'numbers to try, in the form of the setting guard.numbers',
    },
    STATE,
    PORT,
    JSON_FLAG,
  ],
  async run(typed) {
    const from = text(typed, 'from');
    const fromMs = from === undefined ? 0 : Date.parse(`${from}T00:00:00+07:00`);
    if (!Number.isFinite(fromMs)) throw new Error('--from is a date, YYYY-MM-DD');
    return (await import('./replay.ts')).runReplay({
      config: configOf(typed),
      numbersFile: text(typed, 'numbers'),
      fromMs,
      asJson: typed.flags['json'] === true,
    });
  },
};
