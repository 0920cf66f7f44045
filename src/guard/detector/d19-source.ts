import { QUIET, type Finding, type FlowDetector } from '../flow/detector.ts';
import type { AlarmCode } from '../alarm.ts';

const NUMBERS = {
  /** A process is new for so long. */
  newMs: 24 * 3_600_000,
} as const;

/** When each process sent first; `sinceMs` = when the first of all was seen. */
interface State {
  sinceMs: number;
  readonly firstAtMs: Record<string, number>;
  /** By process: strangers that it had refused by the last round. */
  readonly refused: Record<string, number>;
}

/** More cores than a bank runs; further ones are told and not remembered. */
const PEERS_MAX = 500;

/** D19: who sends is nobody whom we know. What a gateway refuses costs its sender alone (it is in quarantine, D3); here are the other doors:
 * a certificate that core does not admit, a partner's own signature from an address that is not the partner's, and a process that
 * instructs the gateway for the first time. Alerts only: a refusal is no evidence that money left. Source: domain.md 7.5. */
export const sourceDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D19',
  version: 2,
  sees: ['event', 'intent', 'heard'],
  numbers: NUMBERS,
  start: () => ({ sinceMs: 0, firstAtMs: {}, refused: {} }),
  rewind: ({ sinceMs, firstAtMs, refused }, nowMs) => ({
    refused,
    sinceMs: Math.min(sinceMs, nowMs),
    firstAtMs: Object.fromEntries(
      Object.entries(firstAtMs).map(([peer, atMs]) => [peer, Math.min(atMs, nowMs)]),
    ),
  }),
  fold(state, seen, { nowMs, numbers }) {
    if (seen.kind === 'event') {
      const { kind, subject, data } = seen.event;
      if (kind === 'network.peer_refused') return [alarm('source_refused', [subject])];
      // Without a right signature it is anybody on the internet: refused, counted, and nothing to wake people for.
      return kind === 'partner.origin_refused' && data['isSigned'] === true
        ? [alarm('partner_origin', [subject])]
        : QUIET;
    }
    if (seen.kind === 'heard') return knocks(state, seen.said);
    if (seen.kind !== 'intent') return QUIET;
    if (state.sinceMs === 0) state.sinceMs = nowMs;
    const known = state.firstAtMs[seen.peer];
    const isKept = Object.keys(state.firstAtMs).length < PEERS_MAX;
    if (known === undefined && isKept) state.firstAtMs[seen.peer] = nowMs;
    const firstAtMs = known ?? nowMs;
    // Whoever was there when the guard began to watch is no news.
    if (firstAtMs < state.sinceMs + numbers.newMs) return QUIET;
    return known === undefined
      ? [{ ...alarm('source_new', [seen.peer, seen.id]), severity: 'P2' }]
      : QUIET;
  },
};

/** Strangers at the signer or the HSM: nobody but core and gateway has business there. A count below the last one is a new start. */
function knocks(
  { refused }: State,
  said: Readonly<Record<string, Readonly<Record<string, number>>>>,
): readonly Finding[] {
  return Object.entries(said).flatMap(([name, figures]) => {
    const now = figures['peer_refused'] ?? 0;
    const before = refused[name] ?? 0;
    refused[name] = now;
    const more = now >= before ? now - before : now;
    return more > 0 ? [alarm('source_refused', [name, `knocks=${more}`])] : [];
  });
}

function alarm(code: AlarmCode, evidence: readonly string[]): Finding {
  return { code, severity: 'P1', evidence, act: { kind: 'alert' } };
}
