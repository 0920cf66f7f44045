import { SCOPE_RAILS, type Scope } from '../../gate/restriction.ts';
import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';

const NUMBERS = {
  throttleMs: 10 * 60_000,
  stopMs: 20 * 60_000,
} as const;

type Rail = NonNullable<Scope['rail']>;

/** By id: what nobody has acknowledged yet. `rail` absent = it named none. */
type State = Record<
  string,
  { readonly atMs: number; readonly rail?: Rail; readonly isPartners?: true }
>;

/** Further ones alarm and wait for nobody: the oldest are the ones that run out first. */
const OPEN_MAX = 100;

/** D23: a network, the regulator or another bank says that something is wrong, and nobody of us has read it. Alarms at once; after ten minutes
 * without an acknowledgement it throttles the rail that was named, after twenty it stops it. What a partner
 * tells by itself throttles and never stops. An acknowledgement ends the clock and lifts nothing. Source: domain.md 7.5 (Bank 9 Jambi: a fraud report of the early morning was not acted on). */
export const externalDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D23',
  sees: ['external_alarm', 'tick'],
  numbers: NUMBERS,
  start: () => ({}),
  // Nobody has read them yet, whatever the clock said.
  rewind: (state, nowMs) =>
    Object.fromEntries(
      Object.entries(state).map(([id, one]) => [id, { ...one, atMs: Math.min(one.atMs, nowMs) }]),
    ),
  fold(state, seen, look) {
    if (seen.kind === 'tick')
      return Object.entries(state).flatMap(([id, one]) => overdue(id, one, look));
    if (seen.kind !== 'external_alarm') return QUIET;
    if (seen.what === 'acknowledged') {
      delete state[seen.id];
      return QUIET;
    }
    const rail = SCOPE_RAILS.find((name) => name === seen.data['rail']);
    if (Object.keys(state).length < OPEN_MAX)
      state[seen.id] ??= {
        atMs: look.nowMs,
        ...(rail !== undefined && { rail }),
        ...(isPartners(seen.data) && { isPartners: true }),
      };
    return [finding([seen.id, ...(rail === undefined ? [] : [rail])])];
  },
};

/** Signed by a partner that runs no network: it cannot close a rail by telling us at night. */
function isPartners(data: Readonly<Record<string, unknown>>): boolean {
  return data['source'] === 'partner' && typeof data['partnerId'] === 'string';
}

function overdue(
  id: string,
  { atMs, rail, isPartners }: State[string],
  { nowMs, numbers }: Look<typeof NUMBERS>,
): readonly Finding[] {
  const waitedMs = nowMs - atMs;
  if (waitedMs < numbers.throttleMs || rail === undefined) return QUIET;
  return [
    {
      ...finding([id, rail, `waited_ms=${waitedMs}`]),
      act: {
        kind: waitedMs >= numbers.stopMs && !isPartners ? 'stop' : 'throttle',
        scope: { rail, direction: 'out' },
        reasonClass: 'containment',
      },
    },
  ];
}

function finding(evidence: readonly string[]): Finding {
  return { code: 'external_alarm', severity: 'P1', evidence, act: { kind: 'alert' } };
}
