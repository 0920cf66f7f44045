/** How the simulated network misbehaves, as data: rules that name a behaviour for an account suffix, a bank, a type, a
 * time or a share of the traffic. Owns no state; the hub carries the plans out. */
import type { Random } from '../../src/kernel/random.ts';
import type { Chooser, Facts } from '../fault/chooser.ts';
import {
  EXCHANGE_VERBS,
  STANDING_VERBS,
  type ExchangeFault,
  type StandingFault,
} from '../fault/exchange.ts';
import {
  delay,
  flag,
  list,
  oneOf,
  text,
  whole,
  type Rule,
  type Verb,
  type Vocabulary,
  type WhenMatch,
} from '../fault/rule.ts';

/** What the network, not the line to it, does with a transfer or a question. */
export type Behaviour =
  | { readonly kind: 'accept' }
  /** Settled before the answer, which says so (ACSC). */
  | { readonly kind: 'settle_at_once' }
  /** RJCT at once. */
  | { readonly kind: 'reject'; readonly code: string }
  /** RJCT with one of these codes. */
  | { readonly kind: 'code_storm'; readonly codes: readonly string[] }
  /** No answer and no notice. `settles` says what the statement will show. */
  | { readonly kind: 'silence'; readonly settles: boolean }
  /** ACTC at once, ACSC after a while. */
  | { readonly kind: 'late_settlement'; readonly afterMs: number }
  /** ACTC at once, ACSC never: only status requests, the feed and the statement tell. */
  | { readonly kind: 'no_notice'; readonly settles: boolean }
  | { readonly kind: 'duplicate_notice'; readonly count: number }
  /** The answer names another amount. */
  | { readonly kind: 'wrong_amount'; readonly deltaSen: number }
  /** ACTC, then RJCT as the final word. */
  | { readonly kind: 'reject_after_accept'; readonly code: string; readonly afterMs: number }
  /** Settled; later the beneficiary's bank gives it back (trxType 011). */
  | { readonly kind: 'return_later'; readonly afterMs: number };

/** What a rule can be about; a transfer to a proxy (110) is a credit transfer. `status` = a status request, `admin` = sign-on, sign-off,
 * echo, `feed` and `statement` = settlement, `other` = what is left, `all` = everything. To the bank: `notice` = how a transfer ended,
 * `line` = a settled line, `event` = a system event. */
export const FAULT_TYPES = [
  '010',
  '011',
  '510',
  '610',
  '710',
  'status',
  'admin',
  'feed',
  'statement',
  'notice',
  'line',
  'event',
  'other',
  'all',
] as const;
export type FaultType = (typeof FAULT_TYPES)[number];

/** Where a rule applies; every condition given must hold. */
export interface FaultMatch extends WhenMatch {
  /** `from_bank` (when absent): the bank asks; `to_bank`: the hub does. */
  readonly direction?: 'from_bank' | 'to_bank' | 'all';
  /** Bank on the other side, BIC. */
  readonly bank?: string;
  /** End of the beneficiary's account number, or of the proxy. */
  readonly accountSuffix?: string;
  /** `510` = account enquiry, `610` = proxy lookup and enquiry, `710` = registration. Absent = credit transfers (010) only. */
  readonly trxType?: FaultType;
}

export type FaultRule = Rule<Behaviour | ExchangeFault | StandingFault, FaultMatch>;

/** A rule that does not say what it is about is about credit transfers of the bank. */
export const HUB_DEFAULTS: Facts = { direction: 'from_bank', trxType: '010' };

const CODE = text(/^[UZ]\d{3}$/, 'U101');
const SEN_MAX = 999_999_999_999;

const BEHAVIOUR_VERBS: Readonly<Record<Behaviour['kind'], Verb>> = {
  accept: { words: 'all well', fields: {} },
  settle_at_once: { words: 'settled before the answer', fields: {} },
  reject: { words: 'refused with this code', fields: { code: CODE } },
  code_storm: { words: 'refused with one of these codes', fields: { codes: list(CODE) } },
  silence: { words: 'no answer, no notice', fields: { settles: flag } },
  late_settlement: { words: 'accepted, settled this much later', fields: { afterMs: delay } },
  no_notice: { words: 'accepted, and nobody is told more', fields: { settles: flag } },
  duplicate_notice: { words: 'the notice comes so often', fields: { count: whole(2, 20) } },
  wrong_amount: {
    words: 'settled; the answer names another amount',
    fields: { deltaSen: whole(-SEN_MAX, SEN_MAX) },
  },
  reject_after_accept: {
    words: 'accepted, refused in the end',
    fields: { code: CODE, afterMs: delay },
  },
  return_later: { words: 'settled, given back this much later', fields: { afterMs: delay } },
};

const BEHAVIOUR_KINDS = Object.keys(BEHAVIOUR_VERBS) as Behaviour['kind'][];

/** The hub's words. */
export const HUB_WORDS: Vocabulary = {
  match: {
    direction: oneOf(['from_bank', 'to_bank', 'all']),
    bank: text(/^[A-Z]{6}[A-Z0-9]{2}$/, 'BIC: CENAIDJA'),
    accountSuffix: text(/^[0-9A-Za-z@.+-]{1,34}$/, 'end of the number: 99900'),
    trxType: oneOf(FAULT_TYPES),
  },
  does: { ...BEHAVIOUR_VERBS, ...EXCHANGE_VERBS, ...STANDING_VERBS },
};

/** What the hub does with one message, in full. */
export interface Plan {
  readonly answer: 'ACTC' | 'ACSC' | 'RJCT' | 'none';
  readonly answerAfterMs: number;
  /** How it ends, counted from the answer. `open` = nothing happens until the business date is closed, which rejects it. */
  readonly end: 'settled' | 'rejected' | 'open';
  readonly endAfterMs: number;
  /** U-code of the rejection. */
  readonly code: string;
  readonly noticeCount: number;
  readonly returnAfterMs?: number;
  /** What the answer's amount is off by. */
  readonly deltaSen: number;
}

/** The hub needs this long between taking a transfer and settling it, when all is well. */
export const SETTLE_MS = 300;
const ANSWER_MS = 40;

const HEALTHY: Plan = {
  answer: 'ACTC',
  answerAfterMs: ANSWER_MS,
  end: 'settled',
  endAfterMs: SETTLE_MS,
  code: 'U000',
  noticeCount: 1,
  deltaSen: 0,
};

/** Spells a behaviour out. A storm draws its code. */
export function planOf(behaviour: Behaviour, random?: Random): Plan {
  switch (behaviour.kind) {
    case 'accept':
      return HEALTHY;
    case 'settle_at_once':
      return { ...HEALTHY, answer: 'ACSC', endAfterMs: 0 };
    case 'reject':
      return {
        ...HEALTHY,
        answer: 'RJCT',
        end: 'rejected',
        endAfterMs: 0,
        code: behaviour.code,
        noticeCount: 0,
      };
    case 'silence':
      return {
        ...HEALTHY,
        answer: 'none',
        end: behaviour.settles ? 'settled' : 'open',
        noticeCount: 0,
      };
    case 'late_settlement':
      return { ...HEALTHY, endAfterMs: behaviour.afterMs };
    case 'no_notice':
      return { ...HEALTHY, end: behaviour.settles ? 'settled' : 'open', noticeCount: 0 };
    case 'duplicate_notice':
      return { ...HEALTHY, noticeCount: behaviour.count };
    case 'wrong_amount':
      return { ...HEALTHY, deltaSen: behaviour.deltaSen };
    case 'code_storm': {
      const code = behaviour.codes[random?.below(behaviour.codes.length) ?? 0]!;
      return planOf({ kind: 'reject', code });
    }
    case 'reject_after_accept':
      return { ...HEALTHY, end: 'rejected', endAfterMs: behaviour.afterMs, code: behaviour.code };
    case 'return_later':
      return { ...HEALTHY, returnAfterMs: behaviour.afterMs };
  }
}

/** Accounts at other banks that always misbehave, for demos and tests: the last five digits tell how. */
export const MAGIC_ACCOUNTS: readonly FaultRule[] = [
  {
    name: 'account not found',
    match: { accountSuffix: '99101' },
    does: { kind: 'reject', code: 'U101' },
  },
  {
    name: 'account not found at enquiry',
    match: { accountSuffix: '99101', trxType: '510' },
    does: { kind: 'reject', code: 'U101' },
  },
  {
    name: 'account not active',
    match: { accountSuffix: '99102' },
    does: { kind: 'reject', code: 'U102' },
  },
  {
    name: 'account not active at enquiry',
    match: { accountSuffix: '99102', trxType: '510' },
    does: { kind: 'reject', code: 'U102' },
  },
  {
    name: 'payee bank unavailable',
    match: { accountSuffix: '99129' },
    does: { kind: 'reject', code: 'U129' },
  },
  {
    name: 'fraud check failed',
    match: { accountSuffix: '99155' },
    does: { kind: 'reject', code: 'U155' },
  },
  {
    name: 'rejected after acceptance',
    match: { accountSuffix: '99110' },
    does: { kind: 'reject_after_accept', code: 'U110', afterMs: 2_000 },
  },
  {
    name: 'silent, settled',
    match: { accountSuffix: '99900' },
    does: { kind: 'silence', settles: true },
  },
  {
    name: 'silent, not settled',
    match: { accountSuffix: '99901' },
    does: { kind: 'silence', settles: false },
  },
  {
    name: 'settles late',
    match: { accountSuffix: '99902' },
    does: { kind: 'late_settlement', afterMs: 90_000 },
  },
  {
    name: 'no notice, settled',
    match: { accountSuffix: '99903' },
    does: { kind: 'no_notice', settles: true },
  },
  {
    name: 'notice comes three times',
    match: { accountSuffix: '99904' },
    does: { kind: 'duplicate_notice', count: 3 },
  },
  {
    name: 'slow answer',
    match: { accountSuffix: '99905' },
    does: { kind: 'delay', afterMs: 8_000 },
  },
  { name: 'answer lost', match: { accountSuffix: '99906' }, does: { kind: 'drop_answer' } },
  {
    name: 'accepted, never settles',
    match: { accountSuffix: '99907' },
    does: { kind: 'no_notice', settles: false },
  },
  {
    name: 'given back after a minute',
    match: { accountSuffix: '99911' },
    does: { kind: 'return_later', afterMs: 60_000 },
  },
  {
    name: 'proxy lookup unanswered',
    match: { accountSuffix: '0900', trxType: '610' },
    does: { kind: 'silence', settles: false },
  },
  {
    name: 'proxy registration unanswered',
    match: { accountSuffix: '0900', trxType: '710' },
    does: { kind: 'silence', settles: false },
  },
  {
    name: 'enquiry unanswered',
    match: { accountSuffix: '99900', trxType: '510' },
    does: { kind: 'silence', settles: false },
  },
];

/** What the network does with one message: the first rule of its own that applies decides; none = healthy. */
export function choosePlan(
  chooser: Chooser<FaultRule>,
  asked: { readonly bank: string; readonly account: string; readonly trxType: FaultType },
): Plan {
  const { bank, account, trxType } = asked;
  const does = chooser.choose({ direction: 'from_bank', bank, account, trxType }, BEHAVIOUR_KINDS);
  return does === undefined ? HEALTHY : planOf(does, chooser.random);
}
