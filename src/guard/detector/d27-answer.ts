import type { ReasonAlarm } from '../../rail/bifast/reason-data.ts';
import { alarmOfAnswer } from '../../rail/bifast/reason.ts';
import type { AlarmCode } from '../alarm.ts';
import type { Detector, Observation, Signal } from './observation.ts';

interface State {
  /** Answers since the beginning, by who must hear of them. */
  readonly counts: Readonly<Record<ReasonAlarm, number>>;
  /** When each code was told last. */
  readonly told: Readonly<Record<string, number>>;
}

const ALARMS: Readonly<Record<ReasonAlarm, Pick<Signal, 'severity'> & { code: AlarmCode }>> = {
  treasury: { code: 'liquidity_short', severity: 'P1' },
  security: { code: 'security_answer', severity: 'P1' },
  investigate: { code: 'duplicate_answer', severity: 'P2' },
};

/** What an outcome of ours may be called in the stream when the network's answer brought it. */
const OUTCOMES = new Set(['payment.refunded', 'payment.unknown', 'payment.review']);

/** D27: what the hub's own codes say beside the payment: our liquidity is short, a check or a signature failed, an id was known
 * already. Alerts only, and each code once in a window: a hundred refusals for want of money are one matter for the treasury.
 * Source: domain.md 2.6 and 7.5. */
export const answerDetector: Detector<State> = {
  id: 'D27',
  start: { counts: { treasury: 0, security: 0, investigate: 0 }, told: {} },
  fold(state, seen, numbers) {
    const code = codeOf(seen);
    const alarm = code === undefined ? undefined : alarmOfAnswer(code);
    if (seen.kind !== 'event' || code === undefined || alarm === undefined)
      return { state, signals: [] };
    const counts = { ...state.counts, [alarm]: state.counts[alarm] + 1 };
    const toldAtMs = state.told[code];
    if (toldAtMs !== undefined && seen.atMs - toldAtMs < numbers.answerWindowMs)
      return { state: { ...state, counts }, signals: [] };
    return {
      state: { counts, told: { ...state.told, [code]: seen.atMs } },
      signals: [
        {
          detector: 'D27',
          ...ALARMS[alarm],
          atMs: seen.atMs,
          evidence: [seen.event.subject, code],
          act: { kind: 'alert' },
        },
      ],
    };
  },
};

/** The network's code in an outcome of a BI-FAST payment; the table bounds how many there are. */
function codeOf(seen: Observation): string | undefined {
  if (seen.kind !== 'event' || !OUTCOMES.has(seen.event.kind)) return undefined;
  const { paymentKind, code } = seen.event.data;
  const isBifast = typeof paymentKind === 'string' && paymentKind.startsWith('bifast_');
  return isBifast && typeof code === 'string' ? /\b[A-Z]\d{3}$/.exec(code)?.[0] : undefined;
}

/** How many answers of each kind there have been, from the stored state of the detectors. */
export function answerCounts(states: Readonly<Record<string, unknown>>): State['counts'] {
  // Written by this detector.
  return ((states[answerDetector.id] as State | undefined) ?? answerDetector.start).counts;
}
