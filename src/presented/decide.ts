/** Decides about a code that a customer shows: where it stands, and whether it pays what a till asks. Facts in, DE39 out. Pure. Codes:
 * domain.md 4.5; docs/rail/qris.md, "Shown by our customer". */
import type { GateDecision } from '../gate/port.ts';
import type { PostResult } from '../ledger/port.ts';
import { isThrottled, reasonOf } from '../payment/limits.ts';
import type { PresentedCode, PresentedLife } from './port.ts';

/** DE39 of what we say ourselves. */
export const RESPONSE = {
  invalid: '12',
  badAmount: '13',
  noCode: '14',
  unknown: '25',
  funds: '51',
  codeOver: '54',
  notPermitted: '57',
  aboveAmount: '61',
  aboveCount: '65',
  notActive: '78',
  unavailable: '91',
  duplicate: '94',
} as const;
export type ResponseCode = (typeof RESPONSE)[keyof typeof RESPONSE];

/** A till that mistypes needs one or two; each leaves a row, and the customer is looking at the screen. */
export const REFUSED_MAX = 5;

/** Where a code stands at an instant. Its last millisecond is past. */
export function lifeOf(code: PresentedCode, nowMs: number): PresentedLife {
  if (code.paymentId !== undefined) return 'paid';
  if (code.cancelledAtMs !== undefined) return 'cancelled';
  if ((code.refused?.count ?? 0) >= REFUSED_MAX) return 'tried_too_often';
  return code.validUntilMs <= nowMs ? 'expired' : 'waiting';
}

export interface PresentedFacts {
  readonly code: PresentedCode;
  readonly amountSen: bigint;
  readonly minimumSen: bigint;
  readonly capSen: bigint;
  readonly nowMs: number;
  readonly gate: GateDecision;
}

/** Why the code does not pay this; undefined: it does, as far as is known before the ledger's lock. Nobody at a till can wait for a person
 * of ours or enter a second secret, so what asks for either refuses. */
export function refusePresented(facts: PresentedFacts): ResponseCode | undefined {
  const { code, amountSen, gate } = facts;
  if (lifeOf(code, facts.nowMs) !== 'waiting') return RESPONSE.codeOver;
  if (amountSen < facts.minimumSen) return RESPONSE.badAmount;
  if (amountSen > code.limitSen || amountSen > facts.capSen) return RESPONSE.aboveAmount;
  return isGateShut(gate, amountSen) ? RESPONSE.notPermitted : undefined;
}

/** True when a restriction speaks against it. */
export function isGateShut(gate: GateDecision, amountSen: bigint): boolean {
  return (
    gate.kind === 'stop' ||
    gate.kind === 'hold' ||
    gate.kind === 'step_up' ||
    (gate.kind === 'cap' && amountSen > gate.capSen)
  );
}

/** What the ledger's refusal is to the network. */
export function codeOfRefusal(result: Extract<PostResult, { ok: false }>): ResponseCode {
  switch (result.reason) {
    case 'insufficient_funds':
      return RESPONSE.funds;
    case 'account_not_found':
    case 'account_closed':
    case 'account_frozen':
      return RESPONSE.notActive;
    case 'limit_exceeded':
      return codeOfCounter(result);
    default:
      return RESPONSE.invalid;
  }
}

function codeOfCounter(result: Extract<PostResult, { ok: false }>): ResponseCode {
  if (isThrottled(result)) return RESPONSE.notPermitted;
  switch (reasonOf(result.counter ?? '')) {
    case 'code_used':
      return RESPONSE.codeOver;
    case 'velocity':
      return RESPONSE.aboveCount;
    default:
      return RESPONSE.aboveAmount;
  }
}
