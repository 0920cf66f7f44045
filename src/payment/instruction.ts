import { instructionText, type Instruction } from '../authorisation/instruction.ts';
import { assert } from '../kernel/assert.ts';
import type { PaymentContext } from './context.ts';
import type { PaymentRow } from './row.ts';
import { readInstruction } from './store.ts';

/** The instruction that the ledger committed for a payment. */
export async function instructionOf(
  context: PaymentContext,
  row: PaymentRow,
): Promise<Instruction> {
  assert(row.jti, `payment ${row.id} has an authorisation`);
  const text = await readInstruction(context.db, row.jti);
  assert(text, `authorisation ${row.jti} is committed`);
  const instruction = JSON.parse(text) as Instruction;
  assert(instructionText(instruction) === text, `authorisation ${row.jti} is canonical`);
  return instruction;
}
