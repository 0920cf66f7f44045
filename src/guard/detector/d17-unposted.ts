import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { dropBefore, keep } from '../flow/recent.ts';
import type { FlowSeen, PaymentSeen } from '../flow/seen.ts';

const NUMBERS = {
  windowMs: 24 * 3_600_000,
  casesMin: 3,
  sumRupiah: 25_000_000,
  /** How long a line waits for what the match says of it: `match.creditGraceMs` and room. */
  lineMs: 10 * 60_000,
} as const;

/** Cash by the switch, or a shop that was paid with a shown code by QRIS. */
interface Paid {
  readonly id: string;
  readonly rupiah: number;
  readonly rail: 'switch' | 'qris';
}

interface State {
  /** What the network settled of what it had asked us for, by network id: newest last. */
  readonly lines: (Paid & { readonly atMs: number })[];
  /** What was paid out and our ledger did not post, posted otherwise, or gave back. */
  readonly cases: (Paid & { readonly atMs: number })[];
}

/** What is stopped: nothing narrower has a name, and nothing else goes on unposted. */
const STOPPED = {
  switch: { rail: 'switch', direction: 'in', product: 'cash' },
  qris: { rail: 'qris', direction: 'out' },
} as const;

/** Of ten minutes; a file that brings more at once is looked at by its last. */
const LINES_MAX = 5_000;
const CASES_MAX = 200;
/** What the match says of cash that our ledger knows otherwise: nothing posted, or another amount (the fee alone). */
const REASONS = new Set([
  'credit_not_posted',
  'amount_differs',
  'credit_rejected',
  'settled_twice',
]);

/** D17: a machine of another bank paid, and our ledger posted nothing, only the fee, or gave the money back. Alarms at the first case; at the
 * third of a day, or at Rp25 million, it stops cash at other banks' machines. The same for shops of other banks that were paid with a code that
 * our customer showed: QRIS out stops. That is evidence that money left; our own machines and all else go on. Source: domain.md 7.5 and 7.3 (Bank DKI 2019: the fee alone was posted, for months). */
export const unpostedDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D17',
  sees: ['line', 'event', 'payment'],
  numbers: NUMBERS,
  start: () => ({ lines: [], cases: [] }),
  fold(state, seen, look) {
    const { nowMs, numbers } = look;
    if (seen.kind === 'line') {
      if (!seen.isCash && !seen.isShown) return QUIET;
      const rail = seen.isShown ? 'qris' : 'switch';
      dropBefore(state.lines, nowMs - numbers.lineMs);
      keep(state.lines, { atMs: nowMs, id: seen.id, rupiah: seen.rupiah, rail }, LINES_MAX);
      return QUIET;
    }
    const found = caseOf(state, seen);
    if (!found || state.cases.some(({ id }) => id === found.id)) return QUIET;
    dropBefore(state.cases, nowMs - numbers.windowMs);
    keep(state.cases, { atMs: nowMs, ...found }, CASES_MAX);
    return [findingOf(state, look)];
  },
};

function caseOf({ lines }: State, seen: FlowSeen): Paid | undefined {
  if (seen.kind === 'payment') {
    const rail = seen.paymentKind === 'qris_presented' ? 'qris' : 'switch';
    return isPaidBack(seen) ? { id: seen.id, rupiah: seen.rupiah, rail } : undefined;
  }
  if (seen.kind !== 'event' || seen.event.kind !== 'reconcile.break_opened') return undefined;
  const { subject, data } = seen.event;
  if (typeof data['reason'] !== 'string' || !REASONS.has(data['reason'])) return undefined;
  const line = lines.findLast(({ id, rail }) => id === subject && rail === data['rail']);
  return line && { id: line.id, rupiah: line.rupiah, rail: line.rail };
}

/** Paid out after its money was given back. */
function isPaidBack({ paymentKind, what, why }: PaymentSeen): boolean {
  return (
    (paymentKind === 'card_withdrawal' || paymentKind === 'qris_presented') &&
    (what === 'settled_after_refund' ||
      (what === 'outcome_contradicted' && why === 'paid_after_refund'))
  );
}

function findingOf({ cases }: State, { numbers }: Look<typeof NUMBERS>): Finding {
  const last = cases.at(-1)!;
  const alike = cases.filter(({ rail }) => rail === last.rail);
  const sum = alike.reduce((all, { rupiah }) => all + rupiah, 0);
  const isStop = alike.length >= numbers.casesMin || sum >= numbers.sumRupiah;
  return {
    code: 'unposted_cash',
    severity: 'P1',
    evidence: [last.id, `cases=${alike.length}`, `rupiah=${sum}`],
    act: isStop
      ? { kind: 'stop', scope: STOPPED[last.rail], reasonClass: 'containment' }
      : { kind: 'alert' },
  };
}
