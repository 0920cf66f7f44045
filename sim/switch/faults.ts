/** How the switch and the banks behind it misbehave, as data: rules that name a behaviour for a direction, a flow, a bank, an
 * account, a time or a share of the traffic. The machines speak the same words on their link. Owns no state; the switch carries the plans
 * out. */
import type { Random } from '../../src/kernel/random.ts';
import type { Chooser } from '../fault/chooser.ts';
import { STANDING_VERBS, type StandingFault } from '../fault/exchange.ts';
import {
  DELAY_MS_MAX,
  delay,
  flag,
  list,
  oneOf,
  text,
  whole,
  type Field,
  type Rule,
  type Verb,
  type Vocabulary,
  type WhenMatch,
} from '../fault/rule.ts';
import { FLOWS, type Direction, type Flow } from './flow.ts';
import type { LinkFaults } from './link.ts';
import { RESPONSE_CODES } from './response-code.ts';

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
  /** Refused with one of these codes; not booked. */
  | { readonly kind: 'code_storm'; readonly codes: readonly string[] }
  /** The connection is cut before or after the message leaves. */
  | { readonly kind: 'disconnect'; readonly when: 'before' | 'after' };

/** Where a rule applies; every condition given must hold. */
export interface FaultMatch extends WhenMatch {
  readonly direction?: Direction;
  readonly flow?: Flow;
  /** Three digits of the bank on the other side. */
  readonly bank?: string;
  /** End of the account or merchant number, or of the PAN without its check digit. */
  readonly accountSuffix?: string;
}

export type FaultRule = Rule<Behaviour | StandingFault, FaultMatch>;

const SEN_MAX = 999_999_999_999;
const CODE: Field = {
  form: 'text',
  hint: '91',
  isFit: (value) => value !== '00' && Object.hasOwn(RESPONSE_CODES, String(value)),
};
const SEN: Field = {
  ...whole(-SEN_MAX, SEN_MAX),
  hint: 'sen, not 0',
  isFit: (value) => value !== 0 && whole(-SEN_MAX, SEN_MAX).isFit(value),
};

/** The words of `Behaviour`. */
export const LINK_VERBS: Readonly<Record<Behaviour['kind'], Verb>> = {
  answer: { words: 'all well', fields: {} },
  delay: { words: 'arrives this much later', fields: { afterMs: delay } },
  drop_request: { words: 'never arrives', fields: {} },
  drop_answer: { words: 'carried out, the answer is lost', fields: {} },
  late_answer: {
    words: 'carried out at once, answered this much later',
    fields: { afterMs: delay },
  },
  duplicate: { words: 'comes so often', fields: { count: whole(1, 20) } },
  reorder: {
    words: 'waits until another message has passed it, at most this long',
    fields: { holdMs: whole(1, DELAY_MS_MAX) },
  },
  wrong_mac: { words: 'right in all but its MAC', fields: {} },
  forged_code: { words: 'refused with this code under a wrong MAC', fields: { rc: CODE } },
  wrong_amount: { words: 'names another amount under a right MAC', fields: { deltaSen: SEN } },
  code: {
    words: 'refused with this code; booked all the same?',
    fields: { rc: CODE, isBooked: flag },
  },
  code_storm: { words: 'refused with one of these codes', fields: { codes: list(CODE) } },
  disconnect: {
    words: 'cut before or after it leaves',
    fields: { when: oneOf(['before', 'after']) },
  },
};

const KINDS = Object.keys(LINK_VERBS) as Behaviour['kind'][];

/** The switch's words. */
export const SWITCH_WORDS: Vocabulary = {
  match: {
    direction: oneOf(['from_bank', 'to_bank']),
    flow: oneOf(FLOWS),
    bank: text(/^\d{3}$/, 'three digits: 014'),
    accountSuffix: text(/^[0-9A-Za-z]{1,28}$/, 'end of the number: 99900'),
  },
  does: { ...LINK_VERBS, ...STANDING_VERBS },
};

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

/** Spells a behaviour out. A storm draws its code. */
export function planOf(behaviour: Behaviour, random?: Random): Plan {
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
    case 'code_storm': {
      const rc = behaviour.codes[random?.below(behaviour.codes.length) ?? 0]!;
      return { ...HEALTHY, rc, isBooked: false };
    }
    case 'disconnect':
      return { ...HEALTHY, cut: behaviour.when };
  }
}

/** What happens to one request: the first rule that applies decides; none = healthy. */
export function choosePlan(
  chooser: Chooser<FaultRule>,
  request: {
    readonly direction: Direction;
    readonly flow: string;
    readonly bank: string;
    readonly account: string;
  },
): Plan {
  const does = chooser.choose(request, KINDS);
  return does === undefined ? HEALTHY : planOf(does, chooser.random);
}

/** What holds for a link now. */
export function linkFaults(chooser: Chooser<FaultRule>): LinkFaults {
  return {
    isDeaf: chooser.standing('half_open') !== undefined,
    readBytesPerSecond: chooser.standing('slow_reader')?.bytesPerSecond,
  };
}

/** What the clock is wrong by now. */
export function skewOf(chooser: Chooser<FaultRule>): number {
  return chooser.standing('clock_skew')?.skewMs ?? 0;
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
