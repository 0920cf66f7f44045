import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RailNotice } from '../rail/notice.ts';
import { openNoticeDesk } from './notice-desk.ts';

const asked = { bizMsgIdr: 'a', rrn: 'b', fromBank: 'BNINIDJA', amountSen: '1', deadlineMs: 1 };
const taken = { ...asked, keptSen: '0' };

/** As it comes off the wire: what decides is rail, kind and what. */
function notice(fields: Readonly<Record<string, unknown>>): RailNotice {
  return fields as unknown as RailNotice;
}

test("each slice answers what is its own: a request over QRIS is never the cards' (it was, and every sale got 91)", async () => {
  const heard: string[] = [];
  const hear = (desk: string) => async () => {
    heard.push(desk);
    return { taken: true } as const;
  };
  const desk = openNoticeDesk({
    cards: { take: hear('card') },
    sale: hear('sale'),
    presented: { take: hear('presented') },
    payments: hear('payment'),
  });
  const wanted = {
    card: [
      ...['withdrawal', 'balance', 'deposit', 'pin_change', 'acquired'].map((what) =>
        notice({ ...asked, kind: 'request', rail: 'switch', what }),
      ),
      ...['withdrawal', 'deposit', 'acquired'].map((what) =>
        notice({ ...taken, kind: 'reversal', rail: 'switch', what }),
      ),
      notice({ kind: 'machine', rail: 'switch', what: 'totals' }),
      notice({ ...taken, kind: 'reversal_given_up', rail: 'switch' }),
    ],
    sale: [notice({ ...asked, kind: 'request', rail: 'qris', what: 'qris_payment' })],
    presented: [
      notice({ ...asked, kind: 'request', rail: 'qris', what: 'qris_presented' }),
      notice({ ...asked, kind: 'request', rail: 'qris', what: 'qris_check', of: 'presented' }),
    ],
    payment: [
      ...['qris_refund', 'qris_check'].map((what) =>
        notice({ ...asked, kind: 'request', rail: 'qris', what }),
      ),
      notice({ ...asked, kind: 'request', rail: 'switch', what: 'transfer_in' }),
      notice({ ...taken, kind: 'reversal', rail: 'switch', what: 'transfer_in' }),
      ...['credit', 'credit_settled', 'outcome', 'statement', 'position'].map((kind) =>
        notice({ kind, rail: 'bifast' }),
      ),
    ],
  };
  for (const [name, notices] of Object.entries(wanted))
    for (const one of notices) {
      await desk(one);
      assert.equal(heard.pop(), name, JSON.stringify(one));
    }
});
