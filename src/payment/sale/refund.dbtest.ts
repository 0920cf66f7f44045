import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../db/sql.ts';
import type { FlowFacts } from '../../gate/port.ts';
import { onFaultPoint } from '../../kernel/fault-point.ts';
import { silentLog } from '../../kernel/log.ts';
import { rupiah, sen, type Sen } from '../../kernel/money.ts';
import { seededRandom } from '../../kernel/random.ts';
import { openAccounts } from '../../ledger/account.ts';
import { openLedger } from '../../ledger/post.ts';
import type { RefundCommand, RefundResult } from '../port.ts';
import {
  BANK,
  block,
  NOON_WIB_MS,
  OPENING,
  transfer,
  withBank,
  type TestBank,
} from '../test-bank.ts';

const SALE = rupiah(100_000);
const MDR = sen(70_001n);
const DAY = 86_400_000;
const MERCHANTS = `
  insert into merchant (id, serial, nmid, pan, name, city, postal_code, category, class, settlement_account, made_at) values
    ('mer_1', 1, 'ID1020000019901', '9360019900000000017', 'WARUNG', 'SLEMAN', '55281', '5812', 'URE', '7001', now());
  insert into merchant_terminal (merchant_id, label, made_at) values ('mer_1', 'A01', now());`;

/** A merchant that has just sold for Rp100.000, and nothing else on its account. */
async function withSale(work: (bank: TestBank, saleId: string) => Promise<void>): Promise<void> {
  await withBank(
    async (bank) => {
      const accounts = [{ number: '7001', name: 'WARUNG' }];
      await bank.db.tx((tx) => openAccounts(tx, { nowMs: NOON_WIB_MS, accounts }));
      const sold = await bank.engine.submit(
        transfer({
          confirmedFeeSen: sen(0n),
          creditorAccount: '7001',
          creditorName: 'WARUNG',
          amount: SALE,
          merchant: { id: 'mer_1', terminal: 'A01', mdrSen: MDR },
        }),
      );
      assert.ok(sold.ok);
      await work(bank, sold.payment.id);
      await bank.checkMoney();
    },
    { before: MERCHANTS, days: 40 },
  );
}

const reason = (result: RefundResult): string => (result.ok ? 'ok' : result.reason);

function refundOf(saleId: string, over: Partial<RefundCommand> = {}): RefundCommand {
  return {
    saleId,
    merchantId: 'mer_1',
    refundNumber: 'R-1',
    amountSen: rupiah(40_000),
    reason: 'barang habis',
    channel: 'mobile',
    askedBy: 'C2',
    ...over,
  };
}

test('refund() is a new payment linked to the sale: the payer gets it whole and is told, the discount comes back in proportion', () =>
  withSale(async (bank, saleId) => {
    const part = await bank.engine.sales.refund(refundOf(saleId));
    assert.ok(part.ok && !part.repeated);
    assert.equal(part.refund.mdrSen, 28_000n);
    assert.equal(await bank.available('1001'), OPENING - rupiah(60_000));
    assert.equal(await bank.available('7001'), rupiah(60_000) - MDR + 28_000n);
    const [row] = await bank.db.query<{ kind: string; related: string; customer: string }>(
      sql`select kind, related_payment_id as related, customer_id as customer from payment where id = ${part.refund.paymentId}`,
    );
    assert.deepEqual(row, { kind: 'onus_refund', related: saleId, customer: 'C1' });
    assert.deepEqual((await bank.messages('C1')).at(-1), 'qris.refunded');
    // A crash right after the commit: the same number finds what stands.
    const rest = refundOf(saleId, { refundNumber: 'R-2', amountSen: rupiah(60_000) });
    const undo = onFaultPoint((name) => {
      if (name === 'payment.afterRefund') throw new Error('crash');
    });
    await assert.rejects(bank.engine.sales.refund(rest), /crash/);
    undo();
    const found = await bank.engine.sales.refund(rest);
    assert.ok(found.ok && found.repeated);
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal(await bank.available('7001'), 0n);
    assert.equal(await bank.available('FEE-QRIS'), 0n);
    const over = refundOf(saleId, { refundNumber: 'R-3', amountSen: sen(1n) });
    assert.equal(reason(await bank.engine.sales.refund(over)), 'above_sale');
  }));

test('T6 T7 refund() books each number once and never more than the sale, however many processes ask at once', () =>
  withSale(async (bank, saleId) => {
    const { db, time } = bank;
    // Money for more than the sale, so that only the rule is in the way.
    const more = transfer({ debitAccount: '1002', creditorAccount: '7001', customerId: 'C2' });
    await bank.engine.submit({ ...more, amount: rupiah(500_000) as Sen });
    const ledger = openLedger({ db, time, random: seededRandom(2), log: silentLog, bank: BANK });
    const engines = [bank.engine, bank.another({ ledger })];
    const numbers = ['R-1', 'R-2', 'R-3', 'R-4'];
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        engines[i % 2]!.sales.refund(refundOf(saleId, { refundNumber: numbers[i % 4]! })),
      ),
    );
    const booked = new Set(
      results.flatMap((result) => (result.ok ? [result.refund.paymentId] : [])),
    );
    assert.equal(booked.size, 2, 'two times Rp40.000 of Rp100.000');
    assert.deepEqual(new Set(results.map(reason)), new Set(['ok', 'above_sale']));
    assert.equal(await bank.available('1001'), OPENING - rupiah(20_000));
    const won = results.findIndex((result) => result.ok);
    const number = numbers[won % 4]!;
    const other = refundOf(saleId, { refundNumber: number, amountSen: rupiah(39_999) });
    assert.equal(reason(await bank.engine.sales.refund(other)), 'refund_conflict');
    const again = await bank.engine.sales.refund(refundOf(saleId, { refundNumber: number }));
    assert.ok(again.ok && again.repeated && booked.has(again.refund.paymentId));
    await ledger.stop();
  }));

test('refund() of another merchant, with an empty account, stopped or after its window moves nothing and says why', () =>
  withSale(async (bank, saleId) => {
    const ask = async (over: Partial<RefundCommand>) =>
      reason(await bank.engine.sales.refund(refundOf(saleId, over)));
    assert.equal(await ask({ merchantId: 'mer_2' }), 'sale_not_found');
    const seen: FlowFacts[] = [];
    bank.gate.decide = (facts) => {
      seen.push(facts);
      return { kind: 'stop', restriction: { id: 'res_1' } as never };
    };
    assert.equal(await ask({}), 'restricted');
    await bank.engine.submit(transfer({ debitAccount: '7001', creditorAccount: '1001' }));
    const [refund, sent] = [seen.at(-2), seen.at(-1)];
    assert.deepEqual(
      [refund?.payer, refund?.payee, refund?.payeeAccount, refund?.merchant],
      [sent?.payer, sent?.payee, '1001', 'ID1020000019901'],
      'a restriction on people or a shop holds for what goes back',
    );
    const minute = { id: 'rst_2', action: { kind: 'throttle', amountSenPerMinute: '1' } };
    bank.gate.decide = () => ({ kind: 'allow', throttles: [minute as never] });
    assert.equal(await ask({ refundNumber: 'R-5' }), 'throttled');
    bank.gate.decide = () => ({ kind: 'allow' });
    const spent = transfer({
      debitAccount: '7001',
      creditorAccount: '1003',
      amount: rupiah(99_000),
    });
    assert.ok((await bank.engine.submit({ ...spent, channel: 'console' })).ok);
    assert.equal(await ask({ refundNumber: 'R-2' }), 'insufficient_funds');
    const left = rupiah(100_000) - MDR - rupiah(99_000);
    assert.equal(await bank.available('7001'), left);
    assert.equal(await ask({ refundNumber: 'R-3', amountSen: sen(10_000n) }), 'ok');
    await bank.time.sleep(30 * DAY + 1_000);
    assert.equal(await ask({ refundNumber: 'R-4', amountSen: sen(10_000n) }), 'refund_window_over');
  }));

test('refund() gives nothing back from a blocked merchant or to a blocked payer, and tells which rule said so', () =>
  withSale(async (bank, saleId) => {
    await block(bank.db, { bank: BANK.bic, account: '1001' });
    await bank.time.sleep(5_001);
    assert.equal(reason(await bank.engine.sales.refund(refundOf(saleId))), 'restricted');
    const said = await bank.events('risk.acted');
    assert.deepEqual(said, [{ payment: saleId }]);
  }));

test('refund() of a blocked merchant is refused', () =>
  withSale(async (bank, saleId) => {
    await block(bank.db, 'mer_1');
    await bank.time.sleep(5_001);
    assert.equal(reason(await bank.engine.sales.refund(refundOf(saleId))), 'restricted');
    assert.equal(await bank.available('7001'), SALE - MDR);
  }));
