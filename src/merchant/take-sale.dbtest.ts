/** Customers of other banks pay our merchants: the real engine and ledger in virtual time, messages as the gateway passes them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QrisRefundInstruction } from '../authorisation/form-qris.ts';
import type { Instruction } from '../authorisation/instruction.ts';
import { sql } from '../db/sql.ts';
import { rupiah, sen, type Sen } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import { openAccounts } from '../ledger/account.ts';
import { BANK, NOON_WIB_MS, transfer, withBank, type TestBank } from '../payment/test-bank.ts';
import { verifyPayments } from '../payment/verify.ts';
import type { NoticeAnswer, SettlementLine, StatementNotice } from '../rail/notice.ts';
import type { QrisCheckRequest, QrisPaymentRequest } from '../rail/notice-qris.ts';
import { checkDigitOf } from '../rail/qris/pan.ts';
import { merchantPan } from './decide-code.ts';
import { createMerchants, openMerchants } from './open.ts';
import type { MadeCode, Merchants } from './port.ts';
import { openSaleDesk } from './take-sale.ts';
import { MERCHANTS } from './test-merchant.ts';

const CUSTOMER_PAN = `936000090000000777${checkDigitOf('936000090000000777')}`;
const MERCHANT_PAN = merchantPan('199', 1n);
const AMOUNT = rupiah(600_000);
/** Micro merchants pay 0.3 % above Rp500.000. */
const MDR = rupiah(1_800);
const DAY = 86_400_000;
const ID = '20260801050000000360000900007';

interface Scene {
  readonly bank: TestBank;
  readonly merchants: Merchants;
  take(notice: QrisPaymentRequest): Promise<string>;
  code(referenceNo: string): Promise<MadeCode>;
}

/** `00`, or the DE39 of the refusal. */
function codeOf(answer: NoticeAnswer): string {
  if ('code' in answer) return answer.code;
  return 'approved' in answer && answer.approved ? '00' : 'none';
}

async function withShop(work: (scene: Scene) => Promise<void>): Promise<void> {
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
function payment(n: number, over: Partial<QrisPaymentRequest> = {}): QrisPaymentRequest {
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

function check(of: QrisPaymentRequest, over: Partial<QrisCheckRequest> = {}): QrisCheckRequest {
  const { rrn, fromBank, amountSen, deadlineMs, bizMsgIdr: originalId } = of;
  const base = { kind: 'request', rail: 'qris', what: 'qris_check', of: 'payment' } as const;
  return {
    ...base,
    bizMsgIdr: `${ID}99`,
    originalId,
    rrn,
    fromBank,
    amountSen,
    deadlineMs,
    ...over,
  };
}

function statement(date: string, lines: readonly QrisPaymentRequest[]): StatementNotice {
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

const pendingOf = async ({ ledger }: TestBank) =>
  (await ledger.balance('1990000002'))!.pendingCreditSen;

test('openSaleDesk() is pending at once, spendable with the statement, and the discount is taken in that commit (T6, T8)', () =>
  withShop(async ({ bank, take }) => {
    const first = payment(1);
    assert.equal(await take(first), '00');
    assert.equal(await bank.available('1990000002'), 0n);
    assert.equal(await pendingOf(bank), AMOUNT);
    assert.deepEqual(await bank.messages('C2'), ['qris.sale']);
    // The very message again, twice at once: one sale.
    assert.deepEqual(await Promise.all([take(first), take(first)]), ['00', '00']);
    assert.equal(await take({ ...first, amountSen: '100' }), '94');
    assert.equal(await pendingOf(bank), AMOUNT);
    const settled = { kind: 'credit_settled', rail: 'qris' } as const;
    const { fromBank, bizMsgIdr } = first;
    assert.ok((await bank.engine.take({ ...settled, fromBank, bizMsgIdr })).taken);
    assert.equal(await bank.available('1990000002'), 0n, 'the open file makes nothing spendable');
    const statementOfDay = statement('2026-08-01', [first]);
    await bank.engine.take(statementOfDay);
    await bank.engine.take(statementOfDay);
    assert.equal(await bank.available('1990000002'), AMOUNT - MDR);
    assert.equal(await bank.available('FEE-QRIS'), MDR);
    const [sale] = await bank.engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    assert.deepEqual(
      [sale?.terminal, sale?.mdrSen, sale?.state, sale?.payerAccount],
      ['A02', MDR, 'settled', '93600009*******7773'.replace('7773', CUSTOMER_PAN.slice(-4))],
    );
    assert.equal(await take(first), '00', 'and still the first answer');
    // Who writes another amount into the table is found.
    const tamper = (by: number) =>
      bank.db.script(`alter table merchant_sale disable trigger merchant_sale_append_only;
        update merchant_sale set amount_sen = amount_sen + ${by}`);
    await tamper(-1);
    const problems = await verifyPayments(bank.db);
    assert.deepEqual(
      problems.map(({ detail }) => detail),
      ['its sale has another amount'],
    );
    await tamper(1);
  }));

test('openSaleDesk() lets a dynamic code be paid once, in its time and with its amount; what is asked wrongly pays nobody', () =>
  withShop(async ({ bank, merchants, take, code }) => {
    const dynamic = await code('q-1');
    const of = (n: number, over: Partial<QrisPaymentRequest> = {}) =>
      take(payment(n, { reference: dynamic.reference!, ...over }));
    assert.equal(await of(1, { amountSen: String(rupiah(599_999)) }), '13');
    assert.equal(await of(2, { tipSen: '100' }), '13');
    const racing = await Promise.all([of(3), of(4), of(5)]);
    assert.deepEqual(racing.toSorted(), ['00', '54', '54']);
    assert.deepEqual(await Promise.all([of(3), of(4), of(5)]), racing, 'the same answers again');
    const examined = await bank.db.query<{ used: boolean }>(
      sql`select payment_id is not null as used from merchant_code where id = ${dynamic.id}`,
    );
    assert.deepEqual(examined, [{ used: true }]);
    const late = await code('q-2');
    await bank.time.sleep(16 * 60_000);
    assert.equal(await of(6, { reference: late.reference! }), '54');
    assert.equal(await of(7, { reference: 'XXXXXXXXXXXXXXXX' }), '03');
    assert.equal(await take(payment(8, { merchantPan: merchantPan('199', 2n) })), '03');
    assert.equal(await take(payment(9, { merchantPan: merchantPan('199', 77n) })), '03');
    assert.equal(await take(payment(10, { criteria: 'UBE' })), '03');
    assert.equal(await take(payment(11, { amountSen: String(rupiah(10_000_001)) })), '61');
    assert.equal(await take(payment(12, { deadlineMs: bank.time.now() })), '91');
    bank.gate.decide = ({ rail }) =>
      rail === 'qris' ? { kind: 'stop', restriction: {} as never } : { kind: 'allow' };
    assert.equal(await take(payment(13)), '57');
    bank.gate.decide = () => ({ kind: 'allow' });
    assert.equal(await take(payment(13)), '57', 'what was refused stays refused');
    assert.equal(await take(payment(12)), '00', 'what was too late left no trace');
    assert.equal(await pendingOf(bank), sen(AMOUNT * 2n));
    assert.equal(merchants.rules().capSen, rupiah(10_000_000));
  }));

test('T1 a check is answered from what is committed, and 25 refuses the payment for ever; what no statement names is not paid out', () =>
  withShop(async ({ bank, take }) => {
    const ask = async (notice: QrisCheckRequest) => codeOf(await bank.engine.take(notice));
    const [never, paid, refused] = [payment(1), payment(2), payment(3, { criteria: 'UBE' })];
    assert.equal(await ask(check(never)), '25');
    assert.equal(await take(never), '25');
    assert.equal(await ask(check(never)), '25');
    assert.equal(await take(paid), '00');
    assert.equal(await ask(check(paid)), '00');
    assert.equal(await ask(check(paid, { amountSen: '100' })), '12');
    assert.equal(await take(refused), '03');
    assert.equal(await ask(check(refused)), '25');
    // Check and payment in the same moment: never 25 and yet booked.
    for (let n = 10; n < 13; n++) {
      const racing = payment(n);
      const [told, taken] = await Promise.all([ask(check(racing)), take(racing)]);
      assert.equal(told === '25', taken === '25', `${told} ${taken}`);
      assert.equal(await take(racing), taken);
    }
    const held = await pendingOf(bank);
    assert.equal(held % AMOUNT, 0n);
    // Neither the day's statement nor the next names them.
    await bank.workUntil(NOON_WIB_MS + 2 * DAY, 6 * 3_600_000);
    await bank.engine.take(statement('2026-08-01', []));
    await bank.engine.take(statement('2026-08-02', []));
    await bank.workUntil(NOON_WIB_MS + 3 * DAY, 6 * 3_600_000);
    assert.equal(await pendingOf(bank), 0n);
    assert.equal(await bank.available('1990000002'), 0n);
    assert.ok((await bank.messages('C2')).includes('qris.sale_unsettled'));
    assert.ok((await bank.events('payment.sale_unsettled')).length > 0);
  }));

test('I12 less than was said makes nothing spendable: what a network settles short is told and ends; what it settles over is the sale', () =>
  withShop(async ({ bank, take }) => {
    const [short, over] = [payment(1), payment(2)];
    for (const one of [short, over]) assert.equal(await take(one), '00');
    await bank.engine.take(
      statement('2026-08-01', [
        { ...short, amountSen: '100' },
        { ...over, amountSen: String(AMOUNT + 1n) },
      ]),
    );
    assert.equal(await bank.available('1990000002'), AMOUNT - MDR);
    assert.equal(await pendingOf(bank), 0n);
    const sales = await bank.engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    assert.deepEqual(sales.map(({ state }) => state).toSorted(), ['rejected', 'settled']);
    assert.ok((await bank.messages('C2')).includes('qris.sale_unsettled'));
    const told = await bank.events('payment.outcome_contradicted');
    assert.deepEqual(
      told.map(({ why, saidAmountSen }) => `${String(why)} ${String(saidAmountSen)}`).toSorted(),
      ['amount_differs 100', `amount_differs ${AMOUNT + 1n}`].toSorted(),
    );
  }));

test('T7 who paid at the till takes nothing back as if it were a transfer, and gets no yes for another kind of message under its id', () =>
  withShop(async ({ bank, take }) => {
    const sold = payment(1);
    assert.equal(await take(sold), '00');
    const { bizMsgIdr, fromBank, amountSen, rrn, deadlineMs } = sold;
    const reversal = {
      kind: 'reversal',
      rail: 'switch',
      what: 'transfer_in',
      keptSen: '0',
    } as const;
    const back = await bank.engine.take({ ...reversal, bizMsgIdr, fromBank, amountSen });
    assert.deepEqual(back, { taken: false, code: '12' });
    assert.equal(await pendingOf(bank), AMOUNT, 'the goods are gone: the sale stands');
    const other = { bizMsgIdr, fromBank, amountSen, rrn, deadlineMs };
    const refund = await bank.engine.take({
      ...other,
      kind: 'request',
      rail: 'qris',
      what: 'qris_refund',
      originalRrn: rrn,
      originalDate: '0801',
      refundNumber: 'R1',
      customerPan: CUSTOMER_PAN,
      merchantPan: MERCHANT_PAN,
      merchantName: 'WARUNG',
    });
    assert.equal(codeOf(refund), '94');
    assert.equal(codeOf(await bank.engine.take(check(sold, { of: 'refund' }))), '12');
    const transfer = await bank.engine.take({
      ...other,
      kind: 'request',
      rail: 'switch',
      what: 'transfer_in',
      debtorName: 'PENGIRIM',
      debtorAccount: '9008007006',
      creditorAccount: '1990000002',
      remark: '',
    });
    assert.equal(codeOf(transfer), '94');
    const told = await bank.events('payment.outcome_contradicted');
    assert.deepEqual(
      told.map(({ why }) => why),
      ['reversal_of_other_kind', 'duplicate_credit', 'duplicate_credit'],
    );
  }));

test('a sale over the switch is given back to its bank: held, asked about, never twice, the discount with it (T2, T7)', () =>
  withShop(async ({ bank, take }) => {
    const { engine, rail } = bank;
    const first = payment(1);
    assert.equal(await take(first), '00');
    const [pending] = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    const saleId = pending!.paymentId;
    const refund = (refundNumber: string, amountSen = rupiah(200_000)) =>
      engine.sales.refund({
        saleId,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen,
        reason: 'barang habis',
        channel: 'mobile',
        askedBy: 'C2',
      });
    const early = await refund('R-0');
    assert.equal(!early.ok && early.reason, 'insufficient_funds', 'what is pending covers nothing');
    await bank.engine.take(statement('2026-08-01', [first]));

    const sent: Instruction[] = [];
    rail.onSend = (instruction) => {
      sent.push(instruction);
      return 'lose_answer';
    };
    rail.inquiryMode = 'silent';
    const given = await refund('R-1');
    assert.ok(given.ok && given.refund.state === 'held');
    await bank.workUntil(bank.time.now() + 2_000, 1_000);
    assert.equal(await bank.state(given.refund.paymentId), 'unknown');
    rail.inquiryMode = 'truth';
    await bank.workUntil(bank.time.now() + 60_000, 1_000);
    const again = await refund('R-1');
    assert.ok(again.ok && again.repeated && again.refund.state === 'settled');
    assert.equal(again.refund.paymentId, given.refund.paymentId);
    assert.deepEqual([sent.length, [...rail.sends.values()]], [1, [1]]);
    const said = sent[0] as QrisRefundInstruction;
    assert.deepEqual(
      [said.kind, said.issuer, said.creditor.account, said.originalRrn, said.originalDate],
      ['merchant_refund', '93600009', CUSTOMER_PAN, first.rrn, '0801'],
    );
    assert.deepEqual([said.merchantPan, said.amountSen], [MERCHANT_PAN, '20000000']);
    // A third of the discount came back.
    assert.equal(await bank.available('FEE-QRIS'), rupiah(1_200));
    assert.equal(await bank.available('1990000002'), rupiah(400_000) - rupiah(1_200));

    // The other bank says no: the merchant has its money again, and what is left of the sale is left.
    rail.onSend = () => 'reject';
    const no = await refund('R-2');
    assert.ok(no.ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await bank.state(no.refund.paymentId), 'refunded');
    assert.equal(await bank.available('1990000002'), rupiah(400_000) - rupiah(1_200));
    const [sale] = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    assert.equal(sale?.refundedSen, rupiah(200_000));
    // All of the rest: the discount comes back first, so that the takings of one sale suffice.
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-3', rupiah(400_000))).ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await bank.available('1990000002'), 0n);
    assert.equal(await bank.available('FEE-QRIS'), 0n);
    const over = await refund('R-4', sen(1n));
    assert.equal(!over.ok && over.reason, 'above_sale');
  }));

test('a sale is given back before its network settles it, out of what the merchant can spend; the discount is taken of what is left (T7, T8)', () =>
  withShop(async ({ bank, take }) => {
    const { engine, rail } = bank;
    const [first, second] = [payment(1), payment(2)];
    assert.deepEqual([await take(first), await take(second)], ['00', '00']);
    const own = transfer({ creditorAccount: '1990000002', amount: rupiah(500_000) });
    assert.ok((await engine.submit({ ...own, confirmedFeeSen: sen(0n) })).ok);
    const sales = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    const ids = [first, second].map(
      ({ bizMsgIdr }) => sales.find(({ network }) => network?.requestId === bizMsgIdr)!.paymentId,
    );
    const refund = (refundNumber: string, amountSen: Sen, saleId = ids[0]!) =>
      engine.sales.refund({
        saleId,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen,
        reason: 'barang habis',
        channel: 'mobile',
        askedBy: 'C2',
      });
    const settle = () => bank.workUntil(bank.time.now() + 5_000, 1_000);
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-1', rupiah(200_000))).ok);
    assert.ok((await refund('R-2', rupiah(100_000), ids[1]!)).ok);
    await settle();
    rail.onSend = () => 'reject';
    assert.ok((await refund('R-3', rupiah(200_000))).ok);
    await settle();
    const over = await refund('R-4', sen(rupiah(400_000) + 1n));
    assert.equal(!over.ok && over.reason, 'above_sale');
    const held = await bank.ledger.balance('1990000002');
    assert.equal(
      held?.availableSen,
      rupiah(200_000),
      'no discount was taken yet, and none is back',
    );
    assert.equal(held?.pendingCreditSen, rupiah(1_200_000), 'what is pending stands as it came');
    // The statement names the first alone: the second did not happen, and what was given back of it is for people.
    await engine.take(statement('2026-08-01', [first]));
    await bank.workUntil(bank.time.now() + 30 * 3_600_000, 3_600_000);
    const third = (MDR * 2n) / 3n;
    assert.equal(await bank.available('FEE-QRIS'), third);
    assert.equal(await bank.available('1990000002'), rupiah(800_000) - third);
    const dead = await refund('R-5', sen(1n), ids[1]!);
    assert.equal(!dead.ok && dead.reason, 'sale_not_made');
    assert.ok((await bank.events('payment.sale_unsettled')).length > 0);
    assert.deepEqual(await bank.events('payment.outcome_contradicted'), []);
    rail.onSend = () => 'settle';
    assert.ok((await refund('R-6', rupiah(400_000))).ok);
    await settle();
    assert.equal(await bank.available('FEE-QRIS'), 0n, 'all of it is back with the rest');
  }));
