/** Customers of other banks pay our merchants: the real engine and ledger in virtual time, messages as the gateway passes them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah, sen } from '../kernel/money.ts';
import { NOON_WIB_MS, type TestBank } from '../payment/test-bank.ts';
import { verifyPayments } from '../payment/verify.ts';
import type { QrisCheckRequest, QrisPaymentRequest } from '../rail/notice-qris.ts';
import { merchantPan } from './decide-code.ts';
import {
  CUSTOMER_PAN,
  MERCHANT_PAN,
  AMOUNT,
  MDR,
  DAY,
  ID,
  withShop,
  codeOf,
  payment,
  statement,
} from './test-sale.ts';

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
