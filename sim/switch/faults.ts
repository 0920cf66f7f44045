/** How the switch and the banks behind it misbehave, as data: rules that name a behaviour for a direction, a flow, a bank, an
 * account, a time or a share of the traffic. Owns no state; the switch carries the plans out. */
import type { Random } from '../../src/kernel/random.ts';
import type { Direction, Flow } from './flow.ts';

/** What may go wrong with one request. Seen from the bank: `from_bank` = it asks and the switch answers; `to_bank` = the switch asks. */
export type Behaviour =
  | { readonly kind: 'answer' }
  /** The request is slow on its way: decided (or sent) this much later, while other messages pass it. */
  | { readonly kind: 'delay'; readonly afterMs: number }
  /** It never arrives: neither booked nor answered. */
  | { readonly kind: 'drop_request' }
  /** Booked as if all was well, the answer is lost. To the bank: its answer is not heard. */
  | { readonly kind: 'drop_answer' }
  /** Booked at once, the answer leaves (or is heard) this much later. */
  | { readonly kind: 'late_answer'; readonly afterMs: number }
  /** The answer (to the bank: the request) comes this often. */
  | { readonly kind: 'duplicate'; readonly count: number }
  /** The answer waits until another message has passed it, at most this long. */
  | { readonly kind: 'reorder'; readonly holdMs: number }
  /** Right in all but its MAC. */
  | { readonly kind: 'wrong_mac' }
  /** Not booked, and answered with this code under a wrong MAC: a refusal that somebody else made up. */
  | { readonly kind: 'forged_code'; readonly rc: string }
  /** DE4 of the answer (to the bank: of the request, whose MAC is right) is another amount. */
  | { readonly kind: 'wrong_amount'; readonly deltaSen: number }
  /** Answered with this code. `isBooked`: approved all the same, as when a processor fails after the issuer said yes. */
  | { readonly kind: 'code'; readonly rc: string; readonly isBooked: boolean }
  /** The connection is cut before or after the message leaves. */
  | { readonly kind: 'disconnect'; readonly when: 'before' | 'after' };

/** Where a rule applies; every condition given must hold. */
export interface FaultMatch {
  readonly direction?: Direction;
  readonly flow?: Flow;
  /** Three digits of the bank on the other side. */
  readonly bank?: string;
  /** End of the account or merchant number, or of the PAN without its check digit. */
  readonly accountSuffix?: string;
  /** Share of the matching traffic, in 1/10,000. */
  readonly perTenThousand?: number;
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Only the first so many. */
  readonly countMax?: number;
}

export interface FaultRule {
  readonly name: string;
  readonly match: FaultMatch;
  readonly does: Behaviour;
}

/** What happens to one request, in full. */
export interface Plan {
  readonly isTaken: boolean;
  readonly takeAfterMs: number;
  /** 0 = no answer. */
  readonly copies: number;
  readonly answerAfterMs: number;
  readonly holdMs: number;
  readonly isMacWrong: boolean;
  readonly deltaSen: bigint;
  readonly rc: string | undefined;
  readonly isBooked: boolean;
  readonly cut: 'before' | 'after' | undefined;
}

const HEALTHY: Plan = {
  isTaken: true,
  takeAfterMs: 0,
  copies: 1,
  answerAfterMs: 0,
  holdMs: 0,
  isMacWrong: false,
  deltaSen: 0n,
  rc: undefined,
  isBooked: true,
  cut: undefined,
};

/** Spells a behaviour out. Pure. */
export function planOf(behaviour: Behaviour): Plan {
  switch (behaviour.kind) {
    case 'answer':
      return HEALTHY;
    case 'delay':
      return { ...HEALTHY, takeAfterMs: behaviour.afterMs };
    case 'drop_request':
      return { ...HEALTHY, isTaken: false, copies: 0 };
    case 'drop_answer':
      return { ...HEALTHY, copies: 0 };
    case 'late_answer':
      return { ...HEALTHY, answerAfterMs: behaviour.afterMs };
    case 'duplicate':
      return { ...HEALTHY, copies: behaviour.count };
    case 'reorder':
      return { ...HEALTHY, holdMs: behaviour.holdMs };
    case 'wrong_mac':
      return { ...HEALTHY, isMacWrong: true };
    case 'forged_code':
      return { ...HEALTHY, rc: behaviour.rc, isBooked: false, isMacWrong: true };
    case 'wrong_amount':
      return { ...HEALTHY, deltaSen: BigInt(behaviour.deltaSen) };
    case 'code':
      return { ...HEALTHY, rc: behaviour.rc, isBooked: behaviour.isBooked };
    case 'disconnect':
      return { ...HEALTHY, cut: behaviour.when };
  }
}

/** Chooses plans and counts how often each rule was used. */
export interface Chooser {
  choose(request: FaultRequest): Plan;
  /** Replaces the rules; counts begin again. */
  replace(rules: readonly FaultRule[]): void;
  rules(): readonly FaultRule[];
  /** Rule name → how often it decided. */
  used(): Readonly<Record<string, number>>;
}

export interface FaultRequest {
  readonly direction: Direction;
  readonly flow: Flow;
  readonly bank: string;
  readonly account: string;
  readonly nowMs: number;
}

/** The first rule that applies decides; none = healthy. One draw of `random` per rule with a share that otherwise matches. */
export function openChooser(start: readonly FaultRule[], random: Random): Chooser {
  let rules = start;
  let used = new Map<FaultRule, number>();
  const applies = (rule: FaultRule, request: FaultRequest): boolean =>
    isMatch(rule.match, request) &&
    (used.get(rule) ?? 0) < (rule.match.countMax ?? Number.POSITIVE_INFINITY) &&
    (rule.match.perTenThousand === undefined || random.below(10_000) < rule.match.perTenThousand);
  return {
    choose(request) {
      const rule = rules.find((one) => applies(one, request));
      if (!rule) return HEALTHY;
      used.set(rule, (used.get(rule) ?? 0) + 1);
      return planOf(rule.does);
    },
    replace(next) {
      rules = next;
      used = new Map();
    },
    rules: () => rules,
    used: () => Object.fromEntries([...used].map(([rule, count]) => [rule.name, count])),
  };
}

function isMatch(match: FaultMatch, request: FaultRequest): boolean {
  if (match.direction !== undefined && match.direction !== request.direction) return false;
  if (match.flow !== undefined && match.flow !== request.flow) return false;
  if (match.bank !== undefined && match.bank !== request.bank) return false;
  if (match.accountSuffix !== undefined && !request.account.endsWith(match.accountSuffix))
    return false;
  if (match.fromMs !== undefined && request.nowMs < match.fromMs) return false;
  return match.untilMs === undefined || request.nowMs < match.untilMs;
}

const fromBank = (
  name: string,
  accountSuffix: string,
  does: Behaviour,
  flow?: Flow,
): FaultRule => ({
  name,
  match: { direction: 'from_bank', accountSuffix, ...(flow && { flow }) },
  does,
});

/** Accounts, merchants and cards of other banks that always misbehave, for demos and tests. `991xx` answers code xx. */
export const MAGIC_ACCOUNTS: readonly FaultRule[] = [
  ...['05', '51', '55', '57', '59', '61', '62', '65', '76', '78', '91', '96'].map((rc) =>
    fromBank(`code ${rc}`, `991${rc}`, { kind: 'code', rc, isBooked: false }),
  ),
  fromBank('inquiry unanswered', '99900', { kind: 'drop_request' }, 'transfer_inquiry'),
  fromBank('silence, booked', '99900', { kind: 'drop_answer' }),
  fromBank('silence, not booked: inquiry', '99901', { kind: 'answer' }, 'transfer_inquiry'),
  fromBank('silence, not booked', '99901', { kind: 'drop_request' }),
  fromBank('late: inquiry', '99902', { kind: 'answer' }, 'transfer_inquiry'),
  fromBank('late answer', '99902', { kind: 'late_answer', afterMs: 90_000 }),
  fromBank('answer three times', '99904', { kind: 'duplicate', count: 3 }),
  fromBank('slow', '99905', { kind: 'late_answer', afterMs: 8_000 }),
  fromBank('another amount', '99906', { kind: 'wrong_amount', deltaSen: 100 }),
  fromBank('wrong MAC', '99907', { kind: 'wrong_mac' }),
  fromBank('says 96, booked', '99908', { kind: 'code', rc: '96', isBooked: true }),
  fromBank('cut instead of an answer', '99909', { kind: 'disconnect', when: 'before' }),
];
