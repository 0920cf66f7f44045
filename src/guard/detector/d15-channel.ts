import { QUIET, type FlowDetector } from '../flow/detector.ts';
import type { FlowSeen, PaymentSeen } from '../flow/seen.ts';

const NUMBERS = {
  stopCount: 3,
  windowMs: 5 * 60_000,
  /** Proven payments of a channel before a missing proof means anything: cores of an older version told none. */
  provenMin: 20,
} as const;

/** By channel: how many proofs were seen, and when payments came without one. */
type State = Record<string, { proven: number; readonly orphanAtMs: number[] }>;

/** Channels in which a customer asks in person. Partners have signatures and grants, machines have cards. */
const PERSONAL = new Set(['mobile']);
const REFUNDS = new Set(['onus_refund', 'qris_refund_out', 'bifast_return']);
const CHANNELS_MAX = 10;

/** D15: money of a customer is debited in the app's name, and no session, device or PIN is behind it: somebody asks the ledger past the
 * channel. What was proven is told by core in the payment's first event, as keys. The first one holds what goes to that payee; the third in
 * five minutes stops the channel: no customer can cause it. Source: domain.md 7.5 (Bank 9 Jambi). */
export const channelDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D15',
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, { nowMs, numbers }) {
    if (!isPersonal(seen)) return QUIET;
    const { channel } = seen;
    if (!state[channel] && Object.keys(state).length >= CHANNELS_MAX) return QUIET;
    const known = (state[channel] ??= { proven: 0, orphanAtMs: [] });
    if (seen.isProven) {
      known.proven = Math.min(known.proven + 1, Number.MAX_SAFE_INTEGER);
      return QUIET;
    }
    if (known.proven < numbers.provenMin) return QUIET;
    const { orphanAtMs } = known;
    while (orphanAtMs.length > 0 && orphanAtMs[0]! < nowMs - numbers.windowMs) orphanAtMs.shift();
    if (orphanAtMs.length < numbers.stopCount) orphanAtMs.push(nowMs);
    const evidence = [seen.id, channel, `unproven=${orphanAtMs.length}`];
    const base = { code: 'channel_orphan', severity: 'P1', evidence } as const;
    if (orphanAtMs.length >= numbers.stopCount) {
      const scope = { direction: 'out', channel } as const;
      return [{ ...base, act: { kind: 'stop', scope, reasonClass: 'containment' } }];
    }
    const { rail, payee } = seen;
    if (payee === undefined) return [{ ...base, act: { kind: 'alert' } }];
    const scope = { rail, direction: 'out', payee } as const;
    return [{ ...base, act: { kind: 'hold', scope, reasonClass: 'containment' } }];
  },
};

function isPersonal(seen: FlowSeen): seen is PaymentSeen {
  return (
    seen.kind === 'payment' &&
    seen.isMade &&
    seen.state !== 'refused' &&
    seen.direction === 'out' &&
    PERSONAL.has(seen.channel) &&
    !REFUNDS.has(seen.paymentKind) &&
    !seen.isSynthetic
  );
}
