import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { restrictionOf } from '../gate/test-flow.ts';
import { BANK, bifast, FEE, OPENING, transfer, withBank } from './test-bank.ts';

test('submit() moves an on-us transfer at once and tells payer and payee', () =>
  withBank(async (bank) => {
    const result = await bank.engine.submit(transfer());
    assert.ok(result.ok);
    assert.equal(result.payment.state, 'settled');
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000));
    assert.equal(await bank.available('1002'), OPENING + rupiah(10_000));
    assert.deepEqual(await bank.messages('C1'), ['payment.settled']);
    assert.deepEqual(await bank.messages('C2'), ['payment.received']);
    assert.deepEqual(await bank.engine.find(result.payment.id), result.payment);
    await bank.checkMoney();
  }));

test('submit() holds principal and fee of a BI-FAST transfer, and advances it without waiting for the poll', () =>
  withBank(async (bank) => {
    const pinAtMs = 1_785_560_400_000;
    const proof = { kind: 'session', session: 'ab12', device: 'a phone', pinAtMs } as const;
    const result = await bank.engine.submit({ ...bifast(), proof });
    assert.ok(result.ok);
    assert.equal(result.payment.state, 'held');
    assert.equal(result.payment.feeSen, FEE);
    assert.match(result.payment.bizMsgIdr!, /^20260801PULHIDJA010O02\d{8}$/);
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000) - FEE);
    const done = await bank.engine.awaitOutcome(result.payment.id, 5_000);
    assert.equal(done.state, 'settled');
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000) - FEE);
    assert.deepEqual(await bank.messages('C1'), ['payment.settled']);
    const lines = await bank.db.query<{ line: string; amount_sen: bigint }>(
      sql`select line, amount_sen from payment_line where payment_id = ${done.id} order by line`,
    );
    assert.deepEqual(lines, [
      { line: 'fee', amount_sen: FEE },
      { line: 'principal', amount_sen: rupiah(10_000) },
    ]);
    assert.equal((await bank.ledger.balance('FEE-BIFAST'))!.postedSen, FEE);
    const [made] = await bank.events('payment.held');
    assert.match(String(made!['payer']), /^[A-Za-z0-9_-]{16}$/);
    assert.notEqual(made!['payer'], made!['payee']);
    // Rp987,500 of Rp1,000,000, after the fee too.
    assert.equal(made!['leftPerMille'], 987);
    assert.equal(made!['isAscending'], false);
    assert.deepEqual([made!['proof'], made!['pinAtMs']], ['session', pinAtMs]);
    assert.match(`${String(made!['session'])}${String(made!['device'])}`, /^[\w-]{32}$/);
    assert.doesNotMatch(JSON.stringify(made), /"1001"|ab12|a phone/, 'nothing in clear');
    await bank.checkMoney();
  }));

test('T6 submit() answers the same key with the stored payment and another body with a conflict', () =>
  withBank(async (bank) => {
    const command = bifast();
    const [first, second] = await Promise.all([
      bank.engine.submit(command),
      bank.another().submit(command),
    ]);
    const third = await bank.engine.submit(command);
    assert.ok(first.ok && second.ok && third.ok);
    assert.notEqual(first.repeated, second.repeated);
    assert.ok(third.repeated);
    assert.equal(new Set([first, second, third].map((one) => one.payment.id)).size, 1);
    const other = await bank.engine.submit({ ...command, requestHash: Buffer.alloc(32, 1) });
    assert.deepEqual(other, { ok: false, repeated: true, reason: 'key_conflict' });
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000) - FEE);
    await bank.checkMoney();
  }));

test('submit() refuses with a durable answer that outlives the restriction, and repeats an accepted one under it', () =>
  withBank(async (bank) => {
    const accepted = transfer();
    const first = await bank.engine.submit(accepted);
    const restriction = { id: 'rst_1' } as never;
    bank.gate.decide = () => ({ kind: 'stop', restriction });
    const refused = transfer();
    assert.deepEqual(await bank.engine.submit(refused), {
      ok: false,
      repeated: false,
      reason: 'restricted',
      restriction,
    });
    const again = await bank.engine.submit(accepted);
    assert.ok(again.ok && again.repeated && first.ok);
    assert.equal(again.payment.id, first.payment.id);
    bank.gate.decide = () => ({ kind: 'allow' });
    assert.deepEqual(await bank.engine.submit(refused), {
      ok: false,
      repeated: true,
      reason: 'restricted',
    });
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000));
    await bank.checkMoney();
  }));

test('submit() names why it refuses and moves nothing', () =>
  withBank(async (bank) => {
    const cases = [
      [bifast({ amount: rupiah(250_000_001) }), 'above_rail_cap'],
      [bifast({ amount: (rupiah(1) - 1n) as never }), 'below_rail_minimum'],
      [bifast({ creditorBank: 'CENAIDJA' }), 'bank_closed'],
      [bifast({ creditorBank: 'XXXXIDJA' }), 'bank_unknown'],
      [transfer({ amount: rupiah(1_000_001) }), 'insufficient_funds'],
      // The fee counts too (T8).
      [bifast({ amount: rupiah(1_000_000) }), 'insufficient_funds'],
      [transfer({ creditorAccount: '7777' }), 'account_not_found'],
      [transfer({ creditorAccount: 'SETTLE-BIFAST-OUT' }), 'account_not_found'],
      [transfer({ debitAccount: 'EQUITY-OPENING' }), 'account_not_found'],
      [transfer({ creditorAccount: '1004' }), 'account_closed'],
      [transfer({ creditorAccount: '1001' }), 'same_account'],
      [transfer({ amount: rupiah(0) }), 'amount_not_positive'],
    ] as const;
    for (const [command, reason] of cases) {
      const result = await bank.engine.submit(command);
      assert.deepEqual([result.ok, !result.ok && result.reason], [false, reason]);
      const again = await bank.engine.submit(command);
      assert.deepEqual([again.ok, !again.ok && again.reason], [false, reason]);
    }
    assert.equal(await bank.available('1001'), OPENING);
    await bank.checkMoney();
  }));

test('submit() cannot pass the daily limit with a burst', () =>
  withBank(
    async (bank) => {
      const results = await Promise.all(
        Array.from({ length: 10 }, () => bank.engine.submit(transfer({ amount: rupiah(10_000) }))),
      );
      assert.equal(results.filter((one) => one.ok).length, 5);
      assert.deepEqual(
        new Set(results.flatMap((one) => (one.ok ? [] : [one.reason]))),
        new Set(['above_daily_limit']),
      );
      assert.equal(await bank.available('1001'), OPENING - rupiah(50_000));
    },
    { settings: { mobileDailyLimitSen: rupiah(50_000) } },
  ));

test('submit() counts velocity in its window only', () =>
  withBank(
    async (bank) => {
      for (let i = 0; i < 3; i++) assert.ok((await bank.engine.submit(transfer())).ok);
      const fourth = await bank.engine.submit(transfer());
      assert.ok(!fourth.ok && fourth.reason === 'velocity');
      await bank.time.sleep(10 * 60_000 + 1);
      assert.ok((await bank.engine.submit(transfer())).ok);
    },
    { settings: { mobileVelocityCount: 3n } },
  ));

test('submit() dates a payment by the WIB clock around midnight and by the cut-over of its rail', () =>
  withBank(
    async (bank) => {
      const before = await bank.engine.submit(bifast());
      const onus = await bank.engine.submit(transfer());
      await bank.time.sleep(1_500);
      const after = await bank.engine.submit(bifast());
      const onusAfter = await bank.engine.submit(transfer());
      assert.ok(before.ok && after.ok && onus.ok && onusAfter.ok);
      assert.deepEqual(
        [
          before.payment.businessDate,
          before.payment.valueDate,
          before.payment.bizMsgIdr?.slice(0, 8),
        ],
        ['2026-08-01', '2026-08-01', '20260801'],
      );
      assert.deepEqual(
        [after.payment.businessDate, after.payment.valueDate, after.payment.bizMsgIdr?.slice(0, 8)],
        ['2026-08-02', '2026-08-02', '20260802'],
      );
      assert.deepEqual(
        [onus.payment.businessDate, onusAfter.payment.businessDate],
        ['2026-08-01', '2026-08-02'],
      );
    },
    { startMs: Date.parse('2026-08-01T23:59:59+07:00') },
  ));

test('submit() books after an early cut-over on the next business date, with the same WIB date in ids and value date', () =>
  withBank(
    async (bank) => {
      const before = await bank.engine.submit(bifast());
      await bank.time.sleep(1_000);
      const after = await bank.engine.submit(bifast());
      const onus = await bank.engine.submit(transfer());
      assert.ok(before.ok && after.ok && onus.ok);
      assert.deepEqual(
        [before.payment.businessDate, before.payment.valueDate],
        ['2026-08-01', '2026-08-01'],
      );
      assert.deepEqual(
        [after.payment.businessDate, after.payment.valueDate, after.payment.bizMsgIdr?.slice(0, 8)],
        ['2026-08-02', '2026-08-01', '20260801'],
      );
      assert.equal(onus.payment.businessDate, '2026-08-01');
    },
    { startMs: Date.parse('2026-08-01T21:59:59+07:00'), settings: { bifastCutOverMinute: 1_320n } },
  ));

test('submit() keeps hostile text out of the batch of others', () =>
  withBank(async (bank) => {
    const hostile = transfer({
      remark: 'a\u0000b\ud800c\n' + 'x'.repeat(500),
      creditorName: '\u0007{"a":1}\\u0000',
    });
    const [one, two] = await Promise.all([
      bank.engine.submit(hostile),
      bank.engine.submit(
        transfer({ debitAccount: '1002', creditorAccount: '1003', customerId: 'C2' }),
      ),
    ]);
    assert.ok(one.ok && two.ok);
    assert.equal((await bank.engine.find(one.payment.id))!.remark.length, 140);
    await assert.rejects(bank.engine.submit(transfer({ key: 'mobile:C1:\u0000' })), /printable/);
  }));

test('quote() says fee, cap and refusal by the decision that submit() makes', () =>
  withBank(async (bank) => {
    const asked = {
      channel: 'mobile',
      debitAccount: '1001',
      creditorBank: 'BNINIDJA',
      amount: rupiah(10_000),
    } as const;
    const counted = ['day|C1|2026-08-01', 'window|C1'];
    const open = async (creditorBank: string) => {
      const quote = await bank.engine.quote({ ...asked, creditorBank });
      assert.ok(quote.open);
      return { ...quote, counters: quote.counters?.map(({ key }) => key) };
    };
    assert.deepEqual(await open('BNINIDJA'), {
      open: true,
      kind: 'bifast_out',
      feeSen: FEE,
      capSen: rupiah(250_000_000),
      counters: counted,
    });
    assert.deepEqual(await open(BANK.bic), {
      open: true,
      kind: 'onus',
      feeSen: 0n,
      capSen: rupiah(10_000_000_000),
      counters: counted,
    });
    const restriction = { id: 'rst_1' } as never;
    bank.gate.decide = () => ({ kind: 'cap', restriction, capSen: rupiah(5_000) });
    assert.deepEqual(await bank.engine.quote(asked), {
      open: false,
      kind: 'bifast_out',
      reason: 'restricted',
      feeSen: FEE,
      restriction,
    });
    const small = await bank.engine.quote({ ...asked, amount: rupiah(5_000) });
    assert.ok(small.open && small.capSen === rupiah(5_000));
  }));

test("checkName() names accounts here and elsewhere, and never the bank's own", () =>
  withBank(async (bank) => {
    const ask = (bic: string, account: string) =>
      bank.engine.checkName({ bank: bic, account, amount: rupiah(1) });
    assert.deepEqual(await ask(BANK.bic, '1002'), {
      found: true,
      name: 'NASABAH SINTETIS 2',
      accountType: 'SVGS',
      bankName: BANK.name,
    });
    assert.deepEqual(await ask(BANK.bic, 'SETTLE-BIFAST-OUT'), { found: false, code: 'U101' });
    assert.deepEqual(await ask(BANK.bic, '1004'), { found: false, code: 'U102' });
    assert.equal((await ask('BNINIDJA', '1')).found, true);
    assert.deepEqual(await ask('BNINIDJA', '404'), { found: false, code: 'U101' });
    // Closed on BI-FAST, and the switch knows it.
    assert.equal((await ask('CENAIDJA', '1')).found, true);
    assert.deepEqual(await ask('XXXXIDJA', '1'), { found: false, code: 'U124' });
  }));

test('submit() T12: a throttle lets exactly what it says pass in each minute over two cores, and says so before and after', () =>
  withBank(async (bank) => {
    const restriction = restrictionOf(
      { rail: 'onus' },
      { kind: 'throttle', countPerMinute: 5, amountSenPerMinute: String(rupiah(45_000)) },
    );
    bank.gate.decide = () => ({ kind: 'allow', throttles: [restriction] });
    const other = bank.another();
    const burst = async (): Promise<readonly string[]> => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (i % 2 ? bank.engine : other).submit(transfer())),
      );
      return answers.flatMap((one) => (one.ok ? [] : [one.reason]));
    };
    const refused = await burst();
    assert.equal(refused.length, 8, 'four of Rp10,000 are within Rp45,000');
    assert.deepEqual(new Set(refused), new Set(['throttled']));
    const { channel, debitAccount, creditorBank } = transfer();
    const asked = { channel, debitAccount, creditorBank, amount: rupiah(10_000) };
    const full = await bank.engine.quote(asked);
    assert.ok(!full.open && full.reason === 'throttled');
    await bank.time.sleep(60_000);
    assert.equal((await bank.engine.quote(asked)).open, true);
    assert.equal((await burst()).length, 8);
    await bank.checkMoney();
  }));
