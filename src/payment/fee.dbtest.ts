import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah, sen } from '../kernel/money.ts';
import { BANK, bifast, FEE, NOON_WIB_MS, OPENING, transfer, withBank } from './test-bank.ts';
import type { TestBank } from './test-bank.ts';

const HOUR_MS = 3_600_000;
/** PPN 11 % within Rp6.500. */
const TAX = sen(64_414n);

/** A tariff that begins in an hour unless told otherwise, by two people. */
async function announce(
  bank: TestBank,
  more: Partial<{
    rail: string;
    version: number;
    feeSen: bigint;
    tax: number | null;
    fromMs: number;
    proposedBy: string | null;
    approvedBy: string | null;
  }> = {},
): Promise<void> {
  const row = {
    rail: 'bifast',
    version: 1,
    feeSen: rupiah(6_500) as bigint,
    tax: 1_100,
    fromMs: NOON_WIB_MS + HOUR_MS,
    proposedBy: 'staff_1',
    approvedBy: 'staff_2',
    ...more,
  };
  await bank.db.query(sql`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, id, id, 'risk', '-', '-', '-', ${new Date(NOON_WIB_MS)} from unnest(array['staff_1', 'staff_2']) id on conflict do nothing`);
  await bank.db.query(sql`
    insert into fee_tariff (rail, kind, version, fee_sen, tax_basis_points, valid_from, proposed_by, approved_by, approved_at, source)
    values (${row.rail}, 'credit_transfer', ${row.version}, ${row.feeSen}, ${row.tax}, ${new Date(row.fromMs)}, ${row.proposedBy},
      ${row.approvedBy}, ${new Date(NOON_WIB_MS)}, 'test')`);
}

const asked = {
  channel: 'mobile',
  debitAccount: '1001',
  creditorBank: 'BNINIDJA',
  amount: rupiah(10_000),
} as const;

test('submit() refuses a fee that was not the confirmed one, moves nothing, and takes the new one', () =>
  withBank(async (bank) => {
    await announce(bank);
    const shown = await bank.engine.quote(asked);
    assert.equal(shown.feeSen, FEE);
    await bank.time.sleep(HOUR_MS - 1 - (bank.time.now() - NOON_WIB_MS));
    assert.ok((await bank.engine.submit(bifast({ confirmedFeeSen: shown.feeSen }))).ok);
    const before = await bank.available('1001');
    assert.equal(before, OPENING - rupiah(10_000) - FEE);
    await bank.time.sleep(1);
    const late = bifast({ confirmedFeeSen: shown.feeSen });
    for (let i = 0; i < 2; i++) {
      const refused = await bank.engine.submit(late);
      assert.deepEqual([refused.ok, !refused.ok && refused.reason], [false, 'fee_changed']);
    }
    assert.equal(await bank.available('1001'), before);
    const again = await bank.engine.quote(asked);
    assert.equal(again.feeSen, rupiah(6_500));
    const result = await bank.engine.submit(bifast({ confirmedFeeSen: again.feeSen }));
    assert.ok(result.ok && result.payment.feeSen === again.feeSen);
    assert.equal(await bank.available('1001'), before - rupiah(16_500));
    await bank.checkMoney();
  }));

test('submit() refuses a fee that fell, too: nobody pays more than the tariff says', () =>
  withBank(async (bank) => {
    await announce(bank, { feeSen: rupiah(1_000), tax: null });
    await bank.time.sleep(HOUR_MS);
    const refused = await bank.engine.submit(bifast());
    assert.ok(!refused.ok && refused.reason === 'fee_changed');
  }));

test('submit() posts fee and tax beside the principal in one batch, and each payment keeps its own', () =>
  withBank(async (bank) => {
    const old = await bank.engine.submit(bifast());
    assert.ok(old.ok);
    await announce(bank);
    await bank.time.sleep(HOUR_MS);
    // A partner confirms no fee: the tariff of the moment is charged.
    const { confirmedFeeSen: _none, ...partner } = bifast({
      channel: 'snap',
      key: 'snap:P1:R1',
      partnerId: 'P1',
      partnerReferenceNo: 'R1',
    });
    const taxed = await bank.engine.submit(partner);
    assert.ok(taxed.ok && taxed.payment.feeSen === rupiah(6_500));
    await bank.engine.awaitOutcome(taxed.payment.id, 5_000);
    assert.equal((await bank.engine.find(old.payment.id))!.feeSen, FEE);
    const rows = await bank.db.query<{ line: string; amount_sen: bigint; ids: string }>(sql`
      select line, amount_sen, (select count(distinct booked_at)::text from transfer t where t.payment_id = l.payment_id and t.kind = 'hold') as ids
      from payment_line l where payment_id = ${taxed.payment.id} order by line`);
    assert.deepEqual(
      rows.map((row) => [row.line, row.amount_sen, row.ids]),
      [
        ['fee', rupiah(6_500) - TAX, '1'],
        ['principal', rupiah(10_000), '1'],
        ['tax', TAX, '1'],
      ],
    );
    assert.equal((await bank.ledger.balance('TAX-FEE'))!.postedSen, TAX);
    assert.equal((await bank.ledger.balance('FEE-BIFAST'))!.postedSen, FEE + rupiah(6_500) - TAX);
    await bank.checkMoney();
  }));

test('refund() gives fee and tax back with the payment (T3)', () =>
  withBank(async (bank) => {
    await announce(bank);
    await bank.time.sleep(HOUR_MS);
    bank.rail.onSend = () => 'reject';
    const result = await bank.engine.submit(bifast({ confirmedFeeSen: rupiah(6_500) }));
    assert.ok(result.ok);
    const now = await bank.engine.awaitOutcome(result.payment.id, 5_000);
    assert.equal(now.state, 'refunded');
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal((await bank.ledger.balance('TAX-FEE'))!.pendingCreditSen, 0n);
    await bank.checkMoney();
  }));

test('submit() charges a fee for a transfer within the bank once there is one', () =>
  withBank(async (bank) => {
    await announce(bank, { rail: 'onus', feeSen: rupiah(500) });
    await bank.time.sleep(HOUR_MS);
    const shown = await bank.engine.quote({ ...asked, creditorBank: BANK.bic });
    assert.equal(shown.feeSen, rupiah(500));
    assert.ok((await bank.engine.submit(transfer({ confirmedFeeSen: shown.feeSen }))).ok);
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_500));
    assert.equal(await bank.available('1002'), OPENING + rupiah(10_000));
    const [fee, tax] = await Promise.all([
      bank.ledger.balance('FEE-ONUS'),
      bank.ledger.balance('TAX-FEE'),
    ]);
    assert.equal(fee!.postedSen + tax!.postedSen, rupiah(500));
    await bank.checkMoney();
  }));

test('fee_tariff takes the word of two people only, ahead of time, and keeps it (I5)', () =>
  withBank(async (bank) => {
    await announce(bank);
    const refused = { constraint: 'fee_tariff_two_people' };
    await assert.rejects(announce(bank, { version: 2, approvedBy: 'staff_1' }), refused);
    await assert.rejects(announce(bank, { version: 2, approvedBy: null }), refused);
    await assert.rejects(announce(bank, { version: 2, proposedBy: 'nobody' }), { code: '23503' });
    await assert.rejects(announce(bank, { version: 2, fromMs: NOON_WIB_MS + 59_999 }), {
      constraint: 'fee_tariff_announced',
    });
    await assert.rejects(bank.db.query(sql`update fee_tariff set fee_sen = 0`), /append-only/);
    await assert.rejects(bank.db.query(sql`delete from fee_tariff`), /append-only/);
  }));
