/** Completes an authorisation: ids for the networks, the finished instruction and its registry rows. Pure. */
import { instructionText, type Instruction } from '../authorisation/instruction.ts';
import { assert } from '../kernel/assert.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { AuthorisationDraft } from './port.ts';
import type { AuthorisationRow, RegisteredId } from './store.ts';

/** Eight digits: the networks' field. */
const SEQUENCE_MAX = 99_999_999n;

/** The counter a draft draws from. One per rail and BIC, whatever the message type: a number is used once a day.
 * Source: domain.md 2.3. */
export function seriesOf(draft: AuthorisationDraft): string {
  return `${draft.instruction.rail}:${draft.series.bic}`;
}

/** BizMsgIdr (30) and MsgId (27) from one sequence number. Source: domain.md 2.3. */
export function networkIds(
  series: AuthorisationDraft['series'],
  input: { readonly day: string; readonly sequence: bigint },
): { readonly bizMsgIdr: string; readonly msgId: string } {
  assert(
    input.sequence > 0n && input.sequence <= SEQUENCE_MAX,
    'a sequence number has at most eight digits',
  );
  const day = input.day.replaceAll('-', '');
  const number = input.sequence.toString().padStart(8, '0');
  const head = `${day}${series.bic}${series.trxType}`;
  const ids = { bizMsgIdr: `${head}O${series.channelCode}${number}`, msgId: `${head}${number}` };
  assert(
    ids.bizMsgIdr.length === 30 && ids.msgId.length === 27,
    'BizMsgIdr has 30 characters and MsgId 27',
  );
  return ids;
}

/** The finished instruction and the rows that make it real. */
export function issue(
  draft: AuthorisationDraft,
  input: { readonly day: string; readonly sequence: bigint; readonly holdId: bigint },
): {
  readonly instruction: Instruction;
  readonly row: AuthorisationRow;
  readonly ids: readonly RegisteredId[];
} {
  const ids = networkIds(draft.series, input);
  const instruction: Instruction = { ...draft.instruction, ...ids };
  const text = instructionText(instruction);
  const { rail, paymentId, attempt, env } = instruction;
  return {
    instruction,
    row: {
      jti: draft.jti,
      paymentId,
      attempt,
      holdId: input.holdId,
      rail,
      audience: draft.audience,
      env,
      instruction: text,
      instructionHash: sha256(text),
      amount: BigInt(instruction.amountSen),
    },
    ids: [
      { id: ids.bizMsgIdr, rail, paymentId },
      { id: ids.msgId, rail, paymentId },
    ],
  };
}
