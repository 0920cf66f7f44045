import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../kernel/canonical.ts';
import { rupiah } from '../../kernel/money.ts';
import type { Bill } from '../../rail/gateway-wire.ts';
import type { BillCommand } from './bill.ts';
import { verifyPayments } from '../verify.ts';
import { withSnapshot } from '../../db/snapshot.ts';
import { NOON_WIB_MS, OPENING, withBank, type TestBank } from '../test-bank.ts';

const FEE = rupiah(2_500);
const MINUTE = 60_000;
let count = 0;

/** A bill of two months, quoted under a reference of its own each time. */
function bill(over: Partial<Bill> = {}): Bill {
  return {
    found: true,
    inquiryReference: `INQ${String(++count).padStart(10, '0')}`,
    customerName: 'BUDI SANTOSO',
    validUntilMs: NOON_WIB_MS + 15 * MINUTE,
    periods: [
      { period: '2026-06', amountSen: '5000000' },
      { period: '2026-07', amountSen: '6000000' },
    ],
    choices: [
      { amountSen: '5000000', periodCount: 1 },
      { amountSen: '11000000', periodCount: 2 },
    ],
    ...over,
  };
}

async function inquire(
  bank: TestBank,
  more: { bill?: Partial<Bill>; product?: string; customerKey?: string; customerId?: string } = {},
): Promise<string> {
  bank.rail.bill = bill(more.bill);
  const found = await bank.engine.bills.inquire({
    customerId: 'C1',
    product: 'PLN_POSTPAID',
    customerKey: '512345678901',
    ...more,
  });
  assert.ok(found.found === true);
  return found.inquiry.id;
}

function command(inquiryId: string, more: Partial<BillCommand> = {}): BillCommand {
  const key = more.key ?? `mobile:C1:bill-${++count}`;
  return {
    key,
    requestHash: sha256(key),
    customerId: 'C1',
    inquiryId,
    debitAccount: '1001',
    amount: rupiah(50_000),
    periodCount: 1,
    confirmedFeeSen: FEE,
    isRepeatConfirmed: false,
    ...more,
  };
}

const TOP_UP = {
  product: 'PULSA_TSEL',
  customerKey: '081234567890',
  bill: { periods: [], choices: [{ amountSen: '1000000', periodCount: 0 }] },
};
const topUp = (id: string, more: Partial<BillCommand> = {}): BillCommand =>
  command(id, { amount: rupiah(10_000), periodCount: 0, confirmedFeeSen: rupiah(0), ...more });

test('a bill is held with its fee, paid by the instruction that quotes its inquiry, and keeps its receipt', () =>
  withBank(async (bank) => {
    bank.rail.receipt = 'v1.box';
    const seen: unknown[] = [];
    bank.rail.onSend = (instruction) => (seen.push(instruction), 'settle');
    const id = await inquire(bank);
    const paid = await bank.engine.bills.pay(command(id));
    assert.ok(paid.ok);
    await bank.time.sleep(1_000);
    assert.equal(await bank.state(paid.payment.id), 'settled');
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000) - FEE);
    assert.equal((await bank.ledger.balance('SETTLE-BILLER-OUT'))!.postedSen, rupiah(50_000));
    assert.equal((await bank.ledger.balance('FEE-BILLER'))!.postedSen, FEE);
    const [sent] = seen as { inquiryReference: string; periodCount: number; reference: string }[];
    const kept = await bank.engine.bills.find(paid.payment.id);
    assert.equal(sent!.inquiryReference, kept!.inquiryReference);
    assert.equal(sent!.periodCount, 1);
    assert.match(sent!.reference, /^20260801PULHIDJA\d{8}$/);
    assert.equal(kept!.receipt, 'v1.box');
    await bank.checkMoney();
  }));

test('verifyPayments() names a bill whose detail is not what was authorised', () =>
  withBank(async (bank) => {
    const paid = await bank.engine.bills.pay(command(await inquire(bank)));
    assert.ok(paid.ok);
    await bank.time.sleep(1_000);
    await bank.checkMoney();
    await bank.db.script(`update bill_payment set customer_key = '599999999999'`);
    const problems = await withSnapshot(bank.db, (tx) => verifyPayments(tx));
    assert.deepEqual(
      problems.map(({ id, detail }) => [id, detail]),
      [[paid.payment.id, 'it is a bill, and what it is for is not what was authorised']],
    );
  }));

test('a refused bill gives principal and fee back, its payer is told, and the inquiry may not be paid again', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'reject';
    const id = await inquire(bank);
    const paid = await bank.engine.bills.pay(command(id));
    assert.ok(paid.ok);
    await bank.time.sleep(1_000);
    assert.equal(await bank.state(paid.payment.id), 'refunded');
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await bank.messages('C1'), ['payment.refunded']);
    const again = await bank.engine.bills.pay(command(id));
    assert.ok(!again.ok && again.reason === 'inquiry_used');
    await bank.checkMoney();
  }));

test('T6 a bill is paid once: the same key again is the same payment, even when its inquiry is too old', () =>
  withBank(async (bank) => {
    const id = await inquire(bank);
    const asked = command(id, { key: 'mobile:C1:same' });
    const first = await bank.engine.bills.pay(asked);
    assert.ok(first.ok && !first.repeated);
    await bank.time.sleep(16 * MINUTE);
    const second = await bank.another().bills.pay(asked);
    assert.ok(second.ok && second.repeated && second.payment.id === first.payment.id);
    const late = await bank.engine.bills.pay(command(await inquire(bank)));
    assert.ok(!late.ok && late.reason === 'inquiry_expired');
    await bank.checkMoney();
  }));

test('pay() takes what the inquiry offered to this customer, and nothing else', () =>
  withBank(async (bank) => {
    const id = await inquire(bank);
    for (const [more, reason] of [
      [{ amount: rupiah(60_000) }, 'amount_not_offered'],
      [{ amount: rupiah(110_000) }, 'amount_not_offered'],
      [{ customerId: 'C2' }, 'inquiry_unknown'],
      [{ inquiryId: 'bil_nobody' }, 'inquiry_unknown'],
      [{ confirmedFeeSen: rupiah(0) }, 'fee_changed'],
    ] as const) {
      const paid = await bank.engine.bills.pay(command(id, more));
      assert.ok(!paid.ok && paid.reason === reason, reason);
    }
    assert.ok(
      (await bank.engine.bills.pay(command(id, { amount: rupiah(110_000), periodCount: 2 }))).ok,
    );
    await bank.checkMoney();
  }));

test('T6 the same top-up within ten minutes is refused unless it is confirmed, however many ask at once', () =>
  withBank(async (bank) => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push(await inquire(bank, TOP_UP));
    const engines = [bank.engine, bank.another(), bank.another()];
    const answers = await Promise.all(engines.map((engine, n) => engine.bills.pay(topUp(ids[n]!))));
    assert.equal(answers.filter((answer) => answer.ok).length, 1);
    for (const answer of answers) assert.ok(answer.ok || answer.reason === 'possible_duplicate');
    const meant = await bank.engine.bills.pay(topUp(ids[3]!, { isRepeatConfirmed: true }));
    assert.ok(meant.ok);
    await bank.time.sleep(11 * MINUTE);
    const used = await bank.engine.bills.pay(topUp(ids[answers.findIndex((one) => one.ok)]!));
    assert.ok(!used.ok && used.reason === 'inquiry_used', 'an inquiry pays once, however long ago');
    assert.ok(
      (
        await bank.engine.bills.pay(
          topUp(
            await inquire(bank, {
              ...TOP_UP,
              bill: { ...TOP_UP.bill, validUntilMs: bank.time.now() + MINUTE },
            }),
          ),
        )
      ).ok,
    );
    await bank.checkMoney();
  }));

test('T6 midnight makes nothing new: an inquiry still pays once, and the same top-up is still a repeat', () =>
  withBank(async (bank) => {
    const midnightMs = NOON_WIB_MS + 12 * 60 * MINUTE;
    await bank.time.sleep(midnightMs - MINUTE - bank.time.now());
    const validUntilMs = midnightMs + 15 * MINUTE;
    const water = { product: 'PDAM_3171', customerKey: '123456' };
    const id = await inquire(bank, { ...water, bill: { validUntilMs } });
    const again = await inquire(bank, { ...TOP_UP, bill: { ...TOP_UP.bill, validUntilMs } });
    const first = await inquire(bank, { ...TOP_UP, bill: { ...TOP_UP.bill, validUntilMs } });
    assert.ok((await bank.engine.bills.pay(command(id))).ok);
    assert.ok((await bank.engine.bills.pay(topUp(first))).ok);
    await bank.time.sleep(3 * MINUTE);
    const { reason: twice } = { reason: '', ...(await bank.engine.bills.pay(command(id))) };
    assert.equal(twice, 'inquiry_used');
    const asked = topUp(again);
    const { reason: told } = { reason: '', ...(await bank.engine.bills.quote(asked)) };
    assert.equal(told, 'possible_duplicate', 'said before the PIN');
    const { reason: repeat } = { reason: '', ...(await bank.engine.bills.pay(asked)) };
    assert.equal(repeat, 'possible_duplicate');
    await bank.time.sleep(8 * MINUTE);
    assert.ok((await bank.engine.bills.pay(topUp(again, { key: 'mobile:C1:later' }))).ok);
    await bank.checkMoney();
  }));

test('T5 a lost answer is unknown, then paid by advice with its receipt; the bill is sent once', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'lose_answer';
    const paid = await bank.engine.bills.pay(command(await inquire(bank)));
    assert.ok(paid.ok);
    await bank.time.sleep(1_000);
    assert.equal(await bank.state(paid.payment.id), 'unknown');
    bank.rail.receipt = 'v1.late';
    await bank.workUntil(NOON_WIB_MS + 3 * MINUTE, 5_000);
    assert.equal(await bank.state(paid.payment.id), 'settled');
    assert.equal((await bank.engine.bills.find(paid.payment.id))!.receipt, 'v1.late');
    assert.deepEqual([...bank.rail.sends.values()], [1]);
    await bank.checkMoney();
  }));

test('a bill that settled without its receipt is asked for it until it comes, and the receipt is never replaced', () =>
  withBank(async (bank) => {
    const paid = await bank.engine.bills.pay(command(await inquire(bank)));
    assert.ok(paid.ok);
    await bank.time.sleep(1_000);
    const { bills } = bank.engine;
    assert.equal((await bills.find(paid.payment.id))!.receipt, undefined);
    assert.equal(await bills.fetchReceipts(), 1);
    assert.equal(await bills.fetchReceipts(), 0, 'not again at once');
    bank.rail.receipt = 'v1.token';
    await bank.time.sleep(6 * MINUTE);
    assert.equal(await bills.fetchReceipts(), 1);
    assert.equal((await bills.find(paid.payment.id))!.receipt, 'v1.token');
    bank.rail.receipt = 'v1.other';
    await bank.time.sleep(6 * MINUTE);
    assert.equal(await bills.fetchReceipts(), 0);
    assert.equal((await bills.find(paid.payment.id))!.receipt, 'v1.token');
    assert.deepEqual([...bank.rail.sends.values()], [1]);
  }));
