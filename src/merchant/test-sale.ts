/** A warung of ours and what the switch tells of sales at it: the real engine and ledger in virtual time. */
import assert from 'node:assert/strict';
import { rupiah } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import { openAccounts } from '../ledger/account.ts';
import { BANK, NOON_WIB_MS, withBank, type TestBank } from '../payment/test-bank.ts';
import type { NoticeAnswer, SettlementLine, StatementNotice } from '../rail/notice.ts';
import type { QrisPaymentRequest } from '../rail/notice-qris.ts';
import { checkDigitOf } from '../rail/qris/pan.ts';
import { merchantPan } from './decide-code.ts';
import { createMerchants, openMerchants } from './open.ts';
import type { MadeCode, Merchants } from './port.ts';
import { openSaleDesk } from './take-sale.ts';
import { MERCHANTS } from './test-merchant.ts';

/** Who pays at the till: a customer of another bank. */
export const CUSTOMER_PAN = `936000090000000777${checkDigitOf('936000090000000777')}`;
/** The warung. */
export const MERCHANT_PAN = merchantPan('199', 1n);
/** What a sale is worth. */
export const AMOUNT = rupiah(600_000);
/** Micro merchants pay 0.3 % above Rp500.000. */
export const MDR = rupiah(1_800);
/** In ms. */
export const DAY = 86_400_000;
/** What the ids of messages begin with. */
export const ID = '20260801050000000360000900007';

/** A bank with a warung, in virtual time. */
export interface Scene {
  readonly bank: TestBank;
  readonly merchants: Merchants;
  take(notice: QrisPaymentRequest): Promise<string>;
  code(referenceNo: string): Promise<MadeCode>;
}

/** `00`, or the DE39 of the refusal. */
export function codeOf(answer: NoticeAnswer): string {
  if ('code' in answer) return answer.code;
  return 'approved' in answer && answer.approved ? '00' : 'none';
}

/** Runs one check in a fresh bank; its money is checked at the end. */
export async function withShop(work: (scene: Scene) => Promise<void>): Promise<void> {
  await withBank(
    async (bank) => {
      const { db, time } = bank;
      const random = seededRandom(3);
      await db.tx(async (tx) => {
        await openAccounts(tx, {
          nowMs: NOON_WIB_MS,
          accounts: [{ number: '1990000002', name: 'BU SRI', customerId: 'C2' }],
        });
        await createMerchants(tx, { nowMs: NOON_WIB_MS, bank: BANK, random, merchants: MERCHANTS });
      });
      const merchants = openMerchants({ db, time, random, bank: BANK });
      const { rules } = merchants;
      const sale = openSaleDesk({ db, time, bank: BANK, rules, sales: bank.engine.sales });
      await work({
        bank,
        merchants,
        take: async (notice) => codeOf(await sale(notice)),
        async code(referenceNo) {
          const partner = { id: 'partner-a', referenceNo, requestHash: Buffer.alloc(32) };
          const made = await merchants.makeCode({
            merchantId: 'mer_warung',
            amountSen: AMOUNT,
            partner,
          });
          assert.ok(made.ok);
          return made.code;
        },
      });
      await bank.checkMoney();
    },
    { days: 5 },
  );
}

/** Rp600.000 to the warung; `n` names the message. */
export function payment(n: number, over: Partial<QrisPaymentRequest> = {}): QrisPaymentRequest {
  return {
    kind: 'request',
    rail: 'qris',
    what: 'qris_payment',
    bizMsgIdr: `${ID}${String(n).padStart(2, '0')}`,
    rrn: `6213120000${String(n).padStart(2, '0')}`,
    fromBank: 'BNINIDJA',
    amountSen: String(AMOUNT),
    deadlineMs: NOON_WIB_MS + 20 * DAY,
    customerPan: CUSTOMER_PAN,
    merchantPan: MERCHANT_PAN,
    nmid: 'ID1020000019901',
    criteria: 'UMI',
    tipSen: '0',
    terminal: 'A02     ',
    ...over,
  };
}

/** What the switch says was settled on a date. */
export function statement(date: string, lines: readonly QrisPaymentRequest[]): StatementNotice {
  return {
    kind: 'statement',
    rail: 'qris',
    businessDate: date,
    lines: lines.map((one, index): SettlementLine => ({
      lineId: `${date}.${index}`,
      direction: 'in',
      bizMsgIdr: one.bizMsgIdr,
      amountSen: one.amountSen,
      counterpartyBank: one.fromBank,
      connector: '',
      settledAtMs: NOON_WIB_MS,
      businessDate: date,
    })),
  };
}
