/** How the simulated network misbehaves, as data: rules that name a behaviour for an account suffix, a bank, a type, a
 * time or a share of the traffic. Owns no state but the rule list; the hub carries the plans out. */
import type { Random } from '../../src/kernel/random.ts';

export type Behaviour =
  | { readonly kind: 'accept' }
  /** Settled before the answer, which says so (ACSC). */
  | { readonly kind: 'settle_at_once' }
  /** RJCT at once. */
  | { readonly kind: 'reject'; readonly code: string }
  /** No answer and no notice. `settles` says what the statement will show. */
  | { readonly kind: 'silence'; readonly settles: boolean }
  /** Settled, the notice goes out, but the answer is lost. */
  | { readonly kind: 'answer_lost' }
  /** ACTC at once, ACSC after a while. */
  | { readonly kind: 'late_settlement'; readonly afterMs: number }
  /** ACTC at once, ACSC never: only status requests, the feed and the statement tell. */
  | { readonly kind: 'no_notice'; readonly settles: boolean }
  | { readonly kind: 'duplicate_notice'; readonly count: number }
  /** The answer takes its time. */
  | { readonly kind: 'slow'; readonly answerAfterMs: number }
  /** ACTC, then RJCT as the final word. */
  | { readonly kind: 'reject_after_accept'; readonly code: string; readonly afterMs: number }
  /** Settled; later the beneficiary's bank gives it back (trxType 011). */
  | { readonly kind: 'return_later'; readonly afterMs: number };

/** What a rule can be about; a transfer to a proxy (110) is a credit transfer. */
export type FaultType = '010' | '011' | '510' | '610' | '710';

/** Where a rule applies; every condition given must hold. */
export interface FaultMatch {
  /** Bank on the other side, BIC. */
  readonly bank?: string;
  /** End of the beneficiary's account number, or of the proxy. */
  readonly accountSuffix?: string;
  /** `510` = account enquiry, `610` = proxy lookup and enquiry, `710` = registration. Absent = credit transfers (010) only. */
  readonly trxType?: FaultType;
  /** Share of the matching traffic, in 1/10,000. */
  readonly perTenThousand?: number;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface FaultRule {
  readonly name: string;
  readonly match: FaultMatch;
  readonly does: Behaviour;
}

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
};

/** Spells a behaviour out. Pure. */
export function planOf(behaviour: Behaviour): Plan {
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
    case 'answer_lost':
      return { ...HEALTHY, answer: 'none' };
    case 'late_settlement':
      return { ...HEALTHY, endAfterMs: behaviour.afterMs };
    case 'no_notice':
      return { ...HEALTHY, end: behaviour.settles ? 'settled' : 'open', noticeCount: 0 };
    case 'duplicate_notice':
      return { ...HEALTHY, noticeCount: behaviour.count };
    case 'slow':
      return { ...HEALTHY, answerAfterMs: behaviour.answerAfterMs };
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
    does: { kind: 'slow', answerAfterMs: 8_000 },
  },
  { name: 'answer lost', match: { accountSuffix: '99906' }, does: { kind: 'answer_lost' } },
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

/** The first rule that applies decides; none = healthy. One draw of `random` per rule with a share that otherwise matches. */
export function choosePlan(input: {
  readonly rules: readonly FaultRule[];
  readonly bank: string;
  readonly account: string;
  readonly trxType: FaultType;
  readonly nowMs: number;
  readonly random: Random;
}): Plan {
  for (const rule of input.rules) if (applies(rule.match, input)) return planOf(rule.does);
  return HEALTHY;
}

function applies(match: FaultMatch, input: Parameters<typeof choosePlan>[0]): boolean {
  if ((match.trxType ?? '010') !== input.trxType) return false;
  if (match.bank !== undefined && match.bank !== input.bank) return false;
  if (match.accountSuffix !== undefined && !input.account.endsWith(match.accountSuffix))
    return false;
  if (match.fromMs !== undefined && input.nowMs < match.fromMs) return false;
  if (match.untilMs !== undefined && input.nowMs >= match.untilMs) return false;
  return match.perTenThousand === undefined || input.random.below(10_000) < match.perTenThousand;
}

const CODE = /^U\d{3}$/;
const DELAY_MS_MAX = 86_400_000;
const NOTICE_COUNT_MAX = 20;
const RULE_COUNT_MAX = 200;

/** Reads rules that came as JSON (control file, `POST /sim/faults`); says what is wrong otherwise. */
export function parseFaultRules(
  value: unknown,
):
  | { readonly ok: true; readonly rules: readonly FaultRule[] }
  | { readonly ok: false; readonly reason: string } {
  if (!Array.isArray(value) || value.length > RULE_COUNT_MAX)
    return { ok: false, reason: `rules: not a list of at most ${RULE_COUNT_MAX}` };
  for (const [i, rule] of value.entries()) {
    const reason = faultOfRule(rule as Partial<FaultRule>);
    if (reason) return { ok: false, reason: `rules[${i}]: ${reason}` };
  }
  return { ok: true, rules: value as FaultRule[] };
}

function faultOfRule(rule: Partial<FaultRule> | null): string | undefined {
  if (typeof rule !== 'object' || rule === null) return 'not an object';
  if (typeof rule.name !== 'string') return 'name is missing';
  const match = rule.match as Record<string, unknown> | undefined;
  if (typeof match !== 'object' || match === null) return 'match is missing';
  for (const [key, at] of Object.entries(match)) {
    if (
      ['bank', 'accountSuffix', 'trxType'].includes(key)
        ? typeof at !== 'string'
        : !['perTenThousand', 'fromMs', 'untilMs'].includes(key) || !Number.isSafeInteger(at)
    )
      return `match.${key} is wrong`;
  }
  return faultOfBehaviour(rule.does as Record<string, unknown> | undefined);
}

const BEHAVIOUR_FIELDS: Readonly<Record<Behaviour['kind'], readonly string[]>> = {
  accept: [],
  settle_at_once: [],
  reject: ['code'],
  silence: ['settles'],
  answer_lost: [],
  late_settlement: ['afterMs'],
  no_notice: ['settles'],
  duplicate_notice: ['count'],
  slow: ['answerAfterMs'],
  reject_after_accept: ['code', 'afterMs'],
  return_later: ['afterMs'],
};

function faultOfBehaviour(does: Record<string, unknown> | undefined | null): string | undefined {
  if (
    typeof does !== 'object' ||
    does === null ||
    !Object.hasOwn(BEHAVIOUR_FIELDS, String(does['kind']))
  )
    return 'does.kind is unknown';
  const fields = BEHAVIOUR_FIELDS[does['kind'] as Behaviour['kind']];
  for (const key of Object.keys(does))
    if (key !== 'kind' && !fields.includes(key)) return `does.${key} is unknown`;
  for (const field of fields) {
    const at = does[field];
    const whole = (max: number): boolean =>
      Number.isSafeInteger(at) && (at as number) >= 0 && (at as number) <= max;
    const isFit =
      field === 'code'
        ? CODE.test(String(at))
        : field === 'settles'
          ? typeof at === 'boolean'
          : whole(field === 'count' ? NOTICE_COUNT_MAX : DELAY_MS_MAX);
    if (!isFit) return `does.${field} is wrong`;
  }
  return undefined;
}
