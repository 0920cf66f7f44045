/** A clock that jumps an hour back or ahead while the bank runs: nobody pays twice, no hold ends, nothing keeps its name, and what
 * waited goes on by itself. What the gateway does is in `gateway/door.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import {
  bifast,
  FEE,
  NOON_WIB_MS,
  OPENING,
  transfer,
  withBank,
  type TestBank,
} from './test-bank.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AMOUNT = rupiah(10_000);

/** Makes the clock of the bank jump by as much as is asked, as often as is asked. */
function jumper(bank: TestBank): (byMs: number) => void {
  const now = bank.time.now.bind(bank.time);
  let offsetMs = 0;
  bank.time.now = () => now() + offsetMs;
  return (byMs) => void (offsetMs += byMs);
}

async function paid(bank: TestBank, command = transfer()): Promise<string> {
  const result = await bank.engine.submit(command);
  assert.ok(result.ok);
  await bank.time.sleep(1_000);
  return result.payment.id;
}

/** As the audit stream tells them, event by event. */
async function transferIds(bank: TestBank): Promise<readonly bigint[]> {
  const posted = await bank.events('ledger.posted');
  return posted.flatMap(({ transfers }) =>
    (transfers as { readonly id: string }[]).map(({ id }) => BigInt(id)),
  );
}

for (const [name, byMs] of [
  ['back', -HOUR],
  ['ahead', HOUR],
] as const) {
  test(`T6 T5 a clock that jumps an hour ${name} pays nothing twice and ends no hold, and what waited goes on by itself`, () =>
    withBank(async (bank) => {
      const jump = jumper(bank);
      bank.rail.inquiryMode = 'silent';
      bank.rail.onSend = () => 'lose_answer';
      const lost = await paid(bank, bifast());
      bank.rail.onSend = () => 'settle';
      const command = transfer();
      const first = await paid(bank, command);
      const before = await bank.available('1001');
      assert.equal(before, OPENING - 2n * AMOUNT - FEE);

      jump(byMs);
      const again = await bank.engine.submit(command);
      assert.ok(again.ok);
      assert.deepEqual([again.repeated, again.payment.id], [true, first]);
      const ids = new Set([lost, first, await paid(bank), await paid(bank, bifast())]);
      assert.equal(ids.size, 4);
      await bank.workUntil(bank.time.now() + 10 * MINUTE);
      assert.equal(await bank.state(lost), 'unknown', 'the clock is no word of the network');
      assert.equal(await bank.available('1001'), before - 2n * AMOUNT - FEE);

      jump(-byMs);
      bank.rail.inquiryMode = 'truth';
      await bank.workUntil(NOON_WIB_MS + 6 * HOUR);
      assert.equal(await bank.state(lost), 'settled');
      assert.deepEqual([...bank.rail.sends.values()], [1, 1], 'nothing left twice');
      assert.equal(await bank.available('1001'), before - 2n * AMOUNT - FEE);
      const posted = await transferIds(bank);
      assert.deepEqual(
        posted,
        posted.toSorted((a, b) => (a < b ? -1 : 1)),
        'transfers keep the order of the stream',
      );
      assert.equal(new Set(posted).size, posted.length);
      await bank.checkMoney();
    }));
}

test('a clock that jumps an hour back keeps no old fact for that hour: a bank that closed is closed', () =>
  withBank(async (bank) => {
    const jump = jumper(bank);
    await paid(bank, bifast());
    jump(-HOUR);
    await bank.db.query(sql`update participant set state = 'closed' where bic = 'BNINIDJA'`);
    await bank.time.sleep(10_000);
    const result = await bank.engine.submit(bifast());
    assert.deepEqual([result.ok, !result.ok && result.reason], [false, 'bank_closed']);
  }));

test('a clock that jumps an hour back keeps no old setting for that hour: a limit that two people lowered holds', () =>
  withBank(async (bank) => {
    const jump = jumper(bank);
    await paid(bank);
    jump(-HOUR);
    const at = new Date(bank.time.now() - MINUTE);
    await bank.db.query(sql`
      insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values ('risk.mobile.daily_count', 1, '1', ${at}, 'stf_a', 'stf_b', 'test')`);
    await bank.time.sleep(10_000);
    const result = await bank.engine.submit(transfer());
    assert.equal(result.ok, false, 'the new limit counts');
  }));
