/** Holds that end by time; none that an authorisation refers to (I4). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { silentLog } from '../kernel/log.ts';
import { rupiah } from '../kernel/money.ts';
import { expireHolds } from './expire.ts';
import type { LedgerPort } from './port.ts';
import {
  bifastOut,
  hold,
  NOON_WIB_MS,
  postHold,
  request,
  voidHold,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

const MINUTE_MS = 60_000;
const ENDS_AT_MS = NOON_WIB_MS + MINUTE_MS;

const available = async (bank: TestLedger): Promise<bigint | undefined> =>
  (await bank.ledger.balance('1001'))?.availableSen;

async function reserve(bank: TestLedger, key: string, expiresAtMs?: number): Promise<bigint> {
  const leg = {
    ...hold('1001', CHART.bifastOut, rupiah(100)),
    ...(expiresAtMs && { expiresAtMs }),
  };
  const result = await bank.ledger.post(request(key, [leg]));
  assert(result.ok);
  return result.posted.transferIds[0]!;
}

function expire(bank: TestLedger, ledger: LedgerPort = bank.ledger): Promise<number> {
  return expireHolds({ db: bank.db, ledger, time: bank.time, log: silentLog });
}

test('expireHolds() gives back what is past its time, to the millisecond, and nothing else', async () => {
  await withLedger(async (bank) => {
    await reserve(bank, 'ends', ENDS_AT_MS);
    await reserve(bank, 'stands');
    bank.clock.nowMs = ENDS_AT_MS - 1;
    assert.equal(await expire(bank), 0);
    assert.equal(await available(bank), rupiah(800));
    bank.clock.nowMs = ENDS_AT_MS;
    assert.equal(await expire(bank), 1);
    assert.equal(await expire(bank), 0);
    assert.equal(await available(bank), rupiah(900));
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    const [event] = await bank.db.query<{ data: string }>(
      sql`select data from event where subject = 'pay_ends' order by id limit 1`,
    );
    assert.match(event!.data, new RegExp(`"expiresAtMs":${ENDS_AT_MS}`));
  });
});

test('post() of a hold past its time is refused before anybody has voided it; a void is taken', async () => {
  await withLedger(async (bank) => {
    const [first, second] = [
      await reserve(bank, 'a', ENDS_AT_MS),
      await reserve(bank, 'b', ENDS_AT_MS),
    ];
    bank.clock.nowMs = ENDS_AT_MS - 1;
    assert.equal((await bank.ledger.post(request('in-time', [postHold(first)]))).ok, true);
    bank.clock.nowMs = ENDS_AT_MS;
    const late = await bank.ledger.post(request('late', [postHold(second)]));
    assert.deepEqual(late, { ok: false, repeated: false, reason: 'hold_expired' });
    assert.equal((await bank.ledger.post(request('void', [voidHold(second)]))).ok, true);
    assert.equal(await expire(bank), 0);
    assert.equal(await available(bank), rupiah(900));
  });
});

test('T9 expireHolds() of two processes at once ends each hold once', async () => {
  await withLedger(async (bank) => {
    const other = bank.another();
    for (let i = 0; i < 8; i++) await reserve(bank, `h${i}`, ENDS_AT_MS + i);
    bank.clock.nowMs = ENDS_AT_MS + 100;
    const ended = await Promise.all([expire(bank), expire(bank, other), expire(bank)]);
    assert.equal(
      ended.reduce((sum, one) => sum + one, 0),
      8,
    );
    assert.equal(await available(bank), rupiah(1_000));
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('I4 a hold that an authorisation comes with takes no end', async () => {
  await withLedger(async (bank) => {
    const asked = bifastOut('x', { debit: '1001', amount: rupiah(7) });
    const legs = asked.legs.map((leg) =>
      leg.kind === 'hold' ? { ...leg, expiresAtMs: ENDS_AT_MS } : leg,
    );
    await assert.rejects(bank.ledger.post({ ...asked, legs }), /never expires by time/);
  });
});
