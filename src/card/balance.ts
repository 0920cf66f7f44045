/** Answers what is on the account of a card. At another bank's machine the question costs something, once per question. */
import { sen } from '../kernel/money.ts';
import { legsOf } from '../payment/lines.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { CardRequest } from '../rail/notice-switch.ts';
import { checkChip } from './chip.ts';
import type { CardContext } from './context.ts';
import { codeOfPin, codeOfRefusal } from './decide.ts';
import { approvalCodeOf, draftFee } from './draft.ts';
import { isAtOurs } from './own.ts';
import { checkPin } from './pin.ts';
import { clearTries } from './store.ts';
import { declined, present, requestKey, withResponse } from './withdraw.ts';
import { datesOf, postCard } from './write.ts';

/** One question. Asked again under the same id it costs nothing more, and tells what is there then. */
export async function takeBalance(
  context: CardContext,
  request: CardRequest,
): Promise<NoticeAnswer> {
  const { decision, account, settings } = await present(context, request);
  if (!decision.ok) return declined(decision.code);
  const { card } = decision;
  const chip = await checkChip(context, { card, presented: request.card, settings });
  if (!chip.ok) return declined(chip.code);
  const code = codeOfPin(await checkPin(context, { card, presented: request.card }));
  if (code !== undefined) return declined(code);
  await context.db.tx((tx) => clearTries(tx, [card.id]));
  const feeSen = sen(isAtOurs(request) ? 0n : settings.cardBalanceFeeSen);
  let paymentId = request.bizMsgIdr;
  if (feeSen > 0n) {
    const insert = draftFee(context, { request, card, account, settings, feeSen });
    const result = await postCard(context, {
      key: requestKey(request.bizMsgIdr),
      body: { what: request.what, fromBank: request.fromBank, rrn: request.rrn, cardId: card.id },
      paymentId: insert.row.id,
      dates: datesOf(insert),
      legs: legsOf(insert.lines, 'single'),
      writes: [insert],
    });
    if (!result.ok)
      return declined(
        codeOfRefusal(result.reason, { count: 0n, countMax: settings.cardDailyCount }),
      );
    paymentId = result.posted.paymentId;
  }
  const balance = await context.ledger.balance(card.account);
  const answer: NoticeAnswer = {
    taken: true,
    approved: true,
    approvalCode: approvalCodeOf(paymentId),
    ...(balance && { availableSen: String(balance.availableSen) }),
  };
  return withResponse(answer, chip.arpc);
}
