/** May this authorisation be signed? Pure: the row as it is committed against its hold and against its own bytes. */
import { instructionText, parseInstruction } from '../authorisation/instruction.ts';
import { equalSecret, sha256 } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import type { AuthorisationRow } from './store.ts';

export type SignRefusal =
  | 'not_found'
  | 'hold_not_held'
  | 'hold_differs'
  | 'instruction_differs'
  | 'wrong_env'
  | 'malformed';

/** Undefined = sign. The hold must still be `held`, and no clock may end it (I4): signing the same jti again is harmless, the gateway burns it once. */
export function refuseToSign(
  row: AuthorisationRow | undefined,
  env: 'prod' | 'drill',
): SignRefusal | undefined {
  if (!row) return 'not_found';
  if (row.hold_state !== 'held') return 'hold_not_held';
  if (
    row.hold_amount_sen !== row.amount_sen ||
    row.hold_payment_id !== row.payment_id ||
    row.hold_line !== 'principal' ||
    row.hold_expires
  )
    return 'hold_differs';
  if (row.env !== env) return 'wrong_env';
  const instruction = parseInstruction(parseJson(row.instruction));
  if (!instruction || instructionText(instruction) !== row.instruction)
    return 'instruction_differs';
  if (!equalSecret(sha256(row.instruction), row.instruction_hash)) return 'instruction_differs';
  const isSame =
    BigInt(instruction.amountSen) === row.amount_sen &&
    instruction.paymentId === row.payment_id &&
    instruction.attempt === row.attempt &&
    instruction.env === row.env;
  return isSame ? undefined : 'instruction_differs';
}
