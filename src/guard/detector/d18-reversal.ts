import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { dropBefore, keep } from '../flow/recent.ts';
import type { FlowSeen } from '../flow/seen.ts';

const NUMBERS = {
  windowMs: 15 * 60_000,
  /** Reversals per withdrawal of a link, percent. */
  alertPercent: 5,
  stopPercent: 10,
  /** Below this many reversals nothing is said. */
  reversedMin: 5,
  /** Reversals of people who had more than one, percent of all: an outage reverses many people once each. */
  repeatPercent: 50,
} as const;

interface Cash {
  readonly atMs: number;
  readonly isReversal: boolean;
  readonly person: string;
}

/** By the bank whose machines ask. */
type State = Record<string, Cash[]>;

/** Of one bank in a quarter of an hour; beyond it the window is shorter. */
const CASH_MAX = 2_000;
/** More banks than the network has. */
const BANKS_MAX = 300;

/** D18: cash is drawn and taken back more often than machines fail. Over 5 % of a bank's withdrawals: an alarm. Over 10 %, and most of them
 * by people who come again and again: cash at that bank's machines stops. Money taken back after the network had settled it alarms at
 * once. Source: domain.md 7.5; the share of people who come again is ours, so that a machine park that fails on a busy day stops nobody. */
export const reversalDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D18',
  sees: ['payment', 'event'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, look) {
    const cash = cashOf(seen);
    if (!cash) return QUIET;
    const { bank, person, isReversal, isSettled } = cash;
    if (state[bank] === undefined && Object.keys(state).length >= BANKS_MAX) return QUIET;
    const list = (state[bank] ??= []);
    dropBefore(list, look.nowMs - look.numbers.windowMs);
    keep(list, { atMs: look.nowMs, isReversal, person }, CASH_MAX);
    if (!isReversal) return QUIET;
    return [
      ...(isSettled ? [alarm([`bank=${bank}`, 'after_settlement'])] : []),
      ...judge(bank, list, look),
    ];
  },
};

function judge(
  bank: string,
  list: readonly Cash[],
  { numbers }: Look<typeof NUMBERS>,
): readonly Finding[] {
  const reversed = list.filter(({ isReversal }) => isReversal);
  const drawn = list.length - reversed.length;
  if (reversed.length < numbers.reversedMin) return QUIET;
  if (reversed.length * 100 <= drawn * numbers.alertPercent) return QUIET;
  const evidence = [`bank=${bank}`, `reversals=${reversed.length}`, `withdrawals=${drawn}`];
  const isStop =
    reversed.length * 100 > drawn * numbers.stopPercent &&
    repeats(reversed) * 100 >= reversed.length * numbers.repeatPercent;
  if (!isStop) return [alarm(evidence)];
  return [
    {
      ...alarm(evidence),
      act: {
        kind: 'stop',
        scope: { rail: 'switch', direction: 'in', product: 'cash', bank },
        reasonClass: 'containment',
      },
    },
  ];
}

/** Reversals of people who had more than one. */
function repeats(reversed: readonly Cash[]): number {
  const times = new Map<string, number>();
  for (const { person } of reversed) times.set(person, (times.get(person) ?? 0) + 1);
  return reversed.filter(({ person }) => times.get(person)! > 1).length;
}

function alarm(evidence: readonly string[]): Finding {
  return { code: 'reversal_abuse', severity: 'P1', evidence, act: { kind: 'alert' } };
}

interface Asked {
  readonly bank: string;
  readonly person: string;
  readonly isReversal: boolean;
  readonly isSettled: boolean;
}

/** A withdrawal that was approved, or what took one back. */
function cashOf(seen: FlowSeen): Asked | undefined {
  if (seen.kind === 'event') {
    const { kind, subject, data } = seen.event;
    if (kind !== 'card.reversed_unseen' || !isBank(data['bank'])) return undefined;
    return { bank: data['bank'], person: subject, isReversal: true, isSettled: false };
  }
  if (seen.kind !== 'payment' || !isBank(seen.bank)) return undefined;
  const asked = { bank: seen.bank, person: seen.customer ?? seen.id };
  if (seen.paymentKind === 'card_return')
    return seen.isMade ? { ...asked, isReversal: true, isSettled: true } : undefined;
  if (seen.paymentKind !== 'card_withdrawal') return undefined;
  if (seen.isMade && seen.state === 'accepted')
    return { ...asked, isReversal: false, isSettled: false };
  return seen.what === 'refunded' && seen.code === 'REVERSED'
    ? { ...asked, isReversal: true, isSettled: false }
    : undefined;
}

function isBank(bank: unknown): bank is string {
  return typeof bank === 'string' && /^[A-Z0-9]{8}$/.test(bank);
}
