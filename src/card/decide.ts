/** Decides what a card asks for, before and after its PIN is checked: facts in, approval or DE39 out. Pure. Codes: domain.md 4.5. */
import type { GateDecision } from '../gate/port.ts';
import { assertNever } from '../kernel/assert.ts';
import { wibDate } from '../kernel/time.ts';
import type { HsmRefusal } from '../rail/hsm/port.ts';
import type { PostRefusal } from '../ledger/port.ts';
import type { Screened } from '../risk/screen.ts';
import type { Card } from './port.ts';

/** DE39 of what we say ourselves. */
export const RESPONSE = {
  invalid: '12',
  badAmount: '13',
  noCard: '14',
  lost: '41',
  stolen: '43',
  funds: '51',
  expired: '54',
  wrongPin: '55',
  noAccount: '53',
  notPermitted: '57',
  notAtThisMachine: '58',
  aboveAmount: '61',
  blocked: '62',
  aboveCount: '65',
  tooManyTries: '75',
  accountClosed: '78',
  late: '91',
  duplicate: '94',
  malfunction: '96',
  badCryptogram: '97',
} as const;
export type ResponseCode = (typeof RESPONSE)[keyof typeof RESPONSE];

/** PIN tries in a row, counted before the HSM is asked. */
export const PIN_TRIES_MAX = 3;

export interface CardFacts {
  readonly card: Card | undefined;
  /** DE14. */
  readonly expiry: string;
  readonly amountSen: bigint;
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly gate: GateDecision;
}

export type CardDecision =
  | { readonly ok: true; readonly card: Card }
  | {
      readonly ok: false;
      readonly code: ResponseCode;
      /** Told to the customer, because it is not theirs to know otherwise (I7). */
      readonly isRestricted?: true;
    };

/** Whether the PIN is worth checking. The order is the network's: what the card is, then what the bank allows now. A restriction is 57
 * and not 91: it is our word, final, and asking again does not help. An answer that would come too late is not given at all. */
export function decideBeforePin(facts: CardFacts): CardDecision {
  const { card, gate, nowMs } = facts;
  if (nowMs >= facts.deadlineMs) return { ok: false, code: RESPONSE.late };
  if (!card || card.state === 'new') return { ok: false, code: RESPONSE.noCard };
  if (card.state !== 'active') return { ok: false, code: RESPONSE[card.state] };
  if (facts.expiry !== card.expiry) return { ok: false, code: RESPONSE.noCard };
  if (isExpired(card.expiry, nowMs)) return { ok: false, code: RESPONSE.expired };
  const isAboveCap = gate.kind === 'cap' && facts.amountSen > gate.capSen;
  if (gate.kind === 'stop' || gate.kind === 'hold' || gate.kind === 'step_up' || isAboveCap)
    return { ok: false, code: RESPONSE.notPermitted, isRestricted: true };
  return { ok: true, card };
}

/** Past the last day of its month, WIB. */
export function isExpired(expiry: string, nowMs: number): boolean {
  return wibDate(nowMs).slice(2, 7).replace('-', '') > expiry;
}

/** What rules of risk make of cash: the blocked list is a restricted card, anything else is not allowed now. Nobody at a machine can be asked or
 * wait. */
export function codeOfRisk({ verdict }: Pick<Screened, 'verdict'>): ResponseCode | undefined {
  if (verdict === 'allow') return undefined;
  return verdict === 'refuse' ? RESPONSE.blocked : RESPONSE.notPermitted;
}

/** What the check of the PIN came to. `no_answer` tells nothing. */
export type PinCheck =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly tries: number }
  | { readonly kind: 'no_tries_left' }
  | { readonly kind: 'not_checked'; readonly reason: HsmRefusal | 'no_answer' };

/** The code of a check that did not succeed. A block that cannot be read is a wrong PIN to the network; what our own house could not
 * do is a malfunction: closed, because without its check no cash leaves (I8). */
export function codeOfPin(check: PinCheck): ResponseCode | undefined {
  switch (check.kind) {
    case 'right':
      return undefined;
    case 'wrong':
      return check.tries >= PIN_TRIES_MAX ? RESPONSE.tooManyTries : RESPONSE.wrongPin;
    case 'no_tries_left':
      return RESPONSE.tooManyTries;
    case 'not_checked':
      return check.reason === 'rate_limited' ? RESPONSE.tooManyTries : RESPONSE.malfunction;
    default:
      return assertNever(check);
  }
}

/** Per card. */
export interface CardLimits {
  readonly capSen: bigint;
  readonly dailySenMax: bigint;
  readonly dailyCountMax: bigint;
}

/** Whether the amount itself is one that a card may draw at once. The day's sums are counted by the ledger, in the commit of the money. */
export function decideAmount(amountSen: bigint, limits: CardLimits): ResponseCode | undefined {
  if (amountSen <= 0n) return RESPONSE.badAmount;
  return amountSen > limits.capSen ? RESPONSE.aboveAmount : undefined;
}

/** What the ledger's refusal is to the network. */
export function codeOfRefusal(
  reason: PostRefusal,
  counted: { readonly count: bigint; readonly countMax: bigint },
): ResponseCode {
  switch (reason) {
    case 'insufficient_funds':
      return RESPONSE.funds;
    case 'account_not_found':
      return RESPONSE.noAccount;
    case 'account_closed':
      return RESPONSE.accountClosed;
    case 'account_frozen':
      return RESPONSE.blocked;
    case 'limit_exceeded':
      return counted.count >= counted.countMax ? RESPONSE.aboveCount : RESPONSE.aboveAmount;
    case 'key_conflict':
      return RESPONSE.duplicate;
    default:
      return RESPONSE.malfunction;
  }
}
