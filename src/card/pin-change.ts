/** Changes the PIN of a card at a machine of ours (DE3 94): the old and the new one are compared and made in the HSM, and only the new
 * value comes back. A restriction of our machines holds here too. */
import { recordEvents } from '../audit/record.ts';
import { newId } from '../kernel/ids.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { PinChangeRequest } from '../rail/notice-switch.ts';
import { checkChip } from './chip.ts';
import type { CardContext } from './context.ts';
import { codeOfPin, RESPONSE } from './decide.ts';
import { approvalCodeOf } from './draft.ts';
import { PIN_KEY, tryPin } from './pin.ts';
import type { Card } from './port.ts';
import { insertNotice, updatePin } from './store.ts';
import { declined, present, withResponse } from './withdraw.ts';

/** One change. Idempotent by its id: asked again it is answered the same, and no try of the old PIN is spent. */
export async function takePinChange(
  context: CardContext,
  request: PinChangeRequest,
): Promise<NoticeAnswer> {
  const { decision, settings } = await present(context, request);
  if (!decision.ok) return declined(decision.code);
  const { card } = decision;
  if (card.pinChangedBy === request.bizMsgIdr) return changed(request);
  const chip = await checkChip(context, { card, presented: request.card, settings });
  if (!chip.ok) return declined(chip.code);
  let pinValue: string | undefined;
  let isTooShort = false;
  const check = await tryPin(context, card, async () => {
    const answer = await context.hsm.changePin({
      key: request.card.pinKey,
      pan: request.card.pan,
      block: request.card.pinBlock,
      newBlock: request.card.newPinBlock,
      pvk: PIN_KEY,
      verificationValue: card.pinValue,
    });
    if (answer.ok && answer.isRight) pinValue = answer.verificationValue;
    isTooShort = !answer.ok && answer.reason === 'pin_length';
    return answer;
  });
  if (isTooShort) return declined(RESPONSE.invalid);
  const code = codeOfPin(check);
  if (code !== undefined || pinValue === undefined) return declined(code ?? RESPONSE.malfunction);
  return (await write(context, { card, pinValue, request }))
    ? withResponse(changed(request), chip.arpc)
    : declined(RESPONSE.duplicate);
}

/** The new value, its event and the owner's message in one commit; false when another change came between. */
function write(
  context: CardContext,
  input: {
    readonly card: Card;
    readonly pinValue: string;
    readonly request: PinChangeRequest;
  },
): Promise<boolean> {
  const { card, pinValue, request } = input;
  const nowMs = context.time.now();
  const changedBy = request.bizMsgIdr;
  return context.db.tx(async (tx) => {
    if (!(await updatePin(tx, { card, pinValue, changedBy, nowMs }))) return false;
    const data = { customerId: card.customerId, terminal: request.terminal };
    await recordEvents(tx, [{ atMs: nowMs, kind: 'card.pin_changed', subject: card.id, data }]);
    const id = newId('msg', nowMs, context.random);
    await insertNotice(tx, { id, card, template: 'card.pin_changed', nowMs });
    return true;
  });
}

function changed({ bizMsgIdr }: PinChangeRequest): NoticeAnswer {
  return { taken: true, approved: true, approvalCode: approvalCodeOf(bizMsgIdr) };
}
