/** Which slice answers what a network says. One home for it: core and the tests that stand in for core route alike. */
import { toCardNotice, type Cards } from '../card/port.ts';
import { toSaleNotice } from '../merchant/take-sale.ts';
import { toPresentedNotice, type PresentedCodes } from '../presented/port.ts';
import type { NoticeAnswer, RailNotice } from '../rail/notice.ts';
import type { QrisPaymentRequest } from '../rail/notice-qris.ts';

/** Durable when it answers; the same notice gets the same answer. */
export type TakeNotice = (notice: RailNotice) => Promise<NoticeAnswer>;

/** Cards, merchants and shown codes are asked what is theirs by rail and kind; payments everything else. */
export function openNoticeDesk(to: {
  readonly cards: Pick<Cards, 'take'>;
  readonly sale: (notice: QrisPaymentRequest) => Promise<NoticeAnswer>;
  readonly presented: Pick<PresentedCodes, 'take'>;
  readonly payments: TakeNotice;
}): TakeNotice {
  return (notice) => {
    const ofCard = toCardNotice(notice);
    if (ofCard) return to.cards.take(ofCard);
    const ofCode = toPresentedNotice(notice);
    if (ofCode) return to.presented.take(ofCode);
    const ofSale = toSaleNotice(notice);
    return ofSale ? to.sale(ofSale) : to.payments(notice);
  };
}
