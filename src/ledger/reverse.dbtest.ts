/** Reversals: new linked transfers, never more than once over (T7). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import type { Leg, PostResult } from './port.ts';
import {
  hold,
  postHold,
  request,
  reverse,
  single,
  voidHold,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

function firstId(result: PostResult): bigint {
  assert(result.ok, 'the request is accepted');
  return result.posted.transferIds[0]!;
}

const posted = async (bank: TestLedger, number: string): Promise<bigint | undefined> =>
  (await bank.ledger.balance(number))?.postedSen;

function poster(bank: TestLedger) {
  let run = 0;
  return (...legs: readonly Leg[]): Promise<PostResult> =>
    bank.ledger.post(request(`r${run++}`, legs));
}

const reasonOf = (result: PostResult): string => (result.ok ? 'ok' : result.reason);

test('post() of a reversal is a new transfer the other way that names the old one, in parts up to the whole', async () => {
  await withLedger(async (bank) => {
    const post = poster(bank);
    const id = firstId(await post(single('1001', '1002', rupiah(100))));
    const first = firstId(await post(reverse(id, rupiah(30))));
    assert.equal(reasonOf(await post(reverse(id, rupiah(71)))), 'amount_above_transfer');
    assert.equal(reasonOf(await post(reverse(id, 0n as Sen))), 'amount_not_positive');
    assert.equal(reasonOf(await post(reverse(id, rupiah(20)))), 'ok');
    assert.equal(await posted(bank, '1001'), rupiah(950));
    assert.equal(reasonOf(await post(reverse(id))), 'ok');
    assert.equal(reasonOf(await post(reverse(id))), 'already_reversed');
    assert.equal(reasonOf(await post(reverse(id, rupiah(1)))), 'already_reversed');
    assert.equal(reasonOf(await post(reverse(first))), 'transfer_not_found');
    assert.equal(await posted(bank, '1001'), rupiah(1_000));
    assert.equal(await posted(bank, '1002'), rupiah(1_000));
    const rows = await bank.db.query<{ kind: string; line: string; amount: bigint }>(sql`
      select kind, line, amount_sen as amount from transfer where reverses = ${id} order by id`);
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [30, 20, 50].map((amount) => ({
        kind: 'single',
        line: 'correction',
        amount: rupiah(amount),
      })),
    );
    const [told] = await bank.db.query<{ reverses: bigint }>(sql`
      select (data::jsonb -> 'transfers' -> 0 ->> 'reverses')::bigint as reverses from event
      where kind = 'ledger.posted' and (data::jsonb -> 'transfers' -> 0 ->> 'id')::bigint = ${first}`);
    assert.equal(told!.reverses, id);
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('post() reverses what a hold posted, and neither a hold, nor a void, nor what does not exist', async () => {
  await withLedger(async (bank) => {
    const post = poster(bank);
    const [one, two] = [rupiah(60), rupiah(40)];
    const held = await post(hold('1001', CHART.bifastOut, one), hold('1001', CHART.bifastOut, two));
    assert(held.ok);
    const [first, second] = held.posted.transferIds as [bigint, bigint];
    const moved = firstId(await post(postHold(first, rupiah(50))));
    const voided = firstId(await post(voidHold(second)));
    for (const id of [first, second, voided, 999_999n])
      assert.equal(reasonOf(await post(reverse(id))), 'transfer_not_found');
    assert.equal(reasonOf(await post(reverse(moved, one))), 'amount_above_transfer');
    assert.equal(reasonOf(await post(reverse(moved))), 'ok');
    assert.equal(await posted(bank, '1001'), rupiah(1_000));
    assert.equal(await posted(bank, CHART.bifastOut), 0n);
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('T7 twenty reversals under different keys, from three processes, pay back once', async () => {
  await withLedger(async (bank) => {
    const id = firstId(await poster(bank)(single('1001', '1002', rupiah(100))));
    const ledgers = [bank.ledger, bank.another(), bank.another()];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ledgers[i % 3]!.post(request(`v${i}`, [reverse(id)]))),
    );
    assert.equal(results.filter((result) => result.ok).length, 1);
    assert.equal(results.filter((one) => reasonOf(one) === 'already_reversed').length, 19);
    assert.equal(await posted(bank, '1001'), rupiah(1_000));
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('T7 parts of a reversal in one request and in one batch never exceed the transfer', async () => {
  await withLedger(async (bank) => {
    const post = poster(bank);
    const id = firstId(await post(single('1001', '1002', rupiah(100))));
    const half = reverse(id, rupiah(50));
    assert.equal(reasonOf(await post(half, half, half)), 'already_reversed');
    assert.equal(await posted(bank, '1001'), rupiah(900), 'all legs or none');
    const results = await Promise.all([post(reverse(id, rupiah(60))), post(half), post(half)]);
    assert.deepEqual(results.map(reasonOf), [
      'ok',
      'amount_above_transfer',
      'amount_above_transfer',
    ]);
    assert.equal(reasonOf(await post(reverse(id))), 'ok');
    assert.equal(await posted(bank, '1001'), rupiah(1_000));
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('T7 reversal_at_most_once_over refuses in SQL what TypeScript let through', async () => {
  await withLedger(async (bank) => {
    const post = poster(bank);
    const id = firstId(await post(single('1001', '1002', rupiah(100))));
    await post(reverse(id, rupiah(60)));
    await assert.rejects(
      bank.db.query(sql`update reversal set reversed_sen = 10001 where transfer_id = ${id}`),
      { code: '23514', constraint: 'reversal_at_most_once_over' },
    );
  });
});

test('post() of a reversal is new money: it needs funds and open accounts', async () => {
  await withLedger(async (bank) => {
    const post = poster(bank);
    const id = firstId(await post(single('1001', '1002', rupiah(100))));
    firstId(await post(single('1002', '1003', rupiah(1_050))));
    assert.equal(reasonOf(await post(reverse(id))), 'insufficient_funds');
    assert.equal(reasonOf(await post(reverse(id, rupiah(50)))), 'ok');
    await bank.db.script("update account set state = 'closed' where number = '1001'");
    assert.equal(reasonOf(await post(reverse(id, rupiah(1)))), 'account_closed');
    await bank.db.script(
      "update account set state = 'open' where number = '1001'; update account set state = 'frozen' where number = '1002'",
    );
    assert.equal(reasonOf(await post(reverse(id, rupiah(1)))), 'account_frozen');
  });
});
