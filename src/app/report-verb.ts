import { configOf, JSON_FLAG, STATE, text, type Typed, type Verb } from './verb.ts';

/** `pulih report`: what incidents owe to regulators; `pulih report match`: the three sides of a business date. */
export const REPORT_VERB: Verb = {
  name: 'report',
  does: 'what open incidents owe to regulators; `match`: the three sides of a business date',
  words: '[incident|match]',
  wordsMin: 0,
  wordsMax: 1,
  flags: [
    { name: 'date', value: 'YYYY-MM-DD', does: 'match: the business date; today unless told' },
    { name: 'form', value: 'csv|html|json', does: 'match: csv unless told; html is for paper' },
    STATE,
    JSON_FLAG,
  ],
  run: (typed) => (typed.words[0] === 'match' ? runMatch(typed) : runIncident(typed)),
};

async function runIncident(typed: Typed): Promise<number> {
  return (await import('./incident-report.ts')).report({
    config: configOf(typed),
    incidentId: typed.words[0],
    asJson: typed.flags['json'] === true,
  });
}

async function runMatch(typed: Typed): Promise<number> {
  const { MATCH_FORMS, reportMatch } = await import('./match-report.ts');
  const asked = typed.flags['json'] === true ? 'json' : (text(typed, 'form') ?? 'csv');
  const form = MATCH_FORMS.find((one) => one === asked);
  if (!form) {
    process.stderr.write('Usage: pulih report match --date YYYY-MM-DD --form csv|html|json\n');
    return 2;
  }
  return reportMatch({ config: configOf(typed), date: text(typed, 'date'), form });
}
