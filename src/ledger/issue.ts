/** Completes an authorisation: ids for its network, the finished instruction and its registry rows. Pure. Which ids a rail has
 * and how they look is the rail's form (`authorisation/form-<rail>.ts`). */
import type { IssueMoment } from '../authorisation/form.ts';
import {
  instructionText,
  issueInstruction,
  networkIds,
  type Instruction,
} from '../authorisation/instruction.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { AuthorisationDraft } from './port.ts';
import type { AuthorisationRow, RegisteredId } from './store.ts';

/** The finished instruction and the rows that make it real. */
export function issue(
  draft: AuthorisationDraft,
  input: IssueMoment & { readonly holdId: bigint },
): {
  readonly instruction: Instruction;
  readonly row: AuthorisationRow;
  readonly ids: readonly RegisteredId[];
} {
  const { holdId, ...moment } = input;
  const instruction = issueInstruction(draft, moment);
  const text = instructionText(instruction);
  const { rail, paymentId, attempt, env } = instruction;
  const { bizMsgIdr, msgId } = networkIds(instruction);
  return {
    instruction,
    row: {
      jti: draft.jti,
      paymentId,
      attempt,
      holdId,
      rail,
      audience: draft.audience,
      env,
      instruction: text,
      instructionHash: sha256(text),
      amount: BigInt(instruction.amountSen),
    },
    ids: [bizMsgIdr, msgId].flatMap((id) => (id === undefined ? [] : [{ id, rail, paymentId }])),
  };
}
