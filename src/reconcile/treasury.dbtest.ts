import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { parseBalance } from '../guard/balance.ts';
import { readBalance, watchBalances } from '../guard/balance-watch.ts';
import { CHART } from '../kernel/bank.ts';
import { withLedger, type TestLedger } from '../ledger/test-ledger.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { selectDone } from './store-treasury.ts';
import {
  approveEntry,
  proposeEntry,
  signEntry,
  withdrawEntry,
  type TreasuryEntry,
  sumSigned,
  type KnownEntries,
} from './treasury.ts';

const people = ['stf_1', 'stf_2'].map((id) => ({ id, ...generateKeyPairSync('ed25519') }));
const roster = Object.fromEntries(
  people.map(({ id, publicKey }) => [
    id,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);
const keyOf = (id: string): KeyObject => people.find((one) => one.id === id)!.privateKey;
const entryOf = (change: Partial<TreasuryEntry> = {}): TreasuryEntry => ({
  id: 'tre_1',
  rail: 'bifast',
  direction: 'top_up',
  amountSen: 500_000n,
  reference: 'RTGS-2025/0329-1',
  ...change,
});

async function seed(bank: TestLedger): Promise<void> {
  const at = new Date(bank.clock.nowMs);
  await bank.db
    .query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, 'Staff', id, 'operator', 'x', 'x', 'x', ${at} from unnest(${people.map(({ id }) => id)}::text[]) as s (id)`);
}

const actors = (bank: TestLedger) => {
  const { db, ledger } = bank;
  const common = (by: string, signed: TreasuryEntry) => ({
    db,
    roster,
    nowMs: bank.clock.nowMs,
    staffId: by,
    signature: signEntry(keyOf(by), signed),
  });
  const said = (result: Awaited<ReturnType<typeof proposeEntry>>): string =>
    result.ok ? 'ok' : result.reason;
  return {
    propose: async (entry: TreasuryEntry, by = 'stf_1', signed = entry) =>
      said(await proposeEntry({ ...common(by, signed), entry })),
    approve: async (entry: TreasuryEntry, by = 'stf_2') =>
      said(await approveEntry({ ...common(by, entry), ledger, entryId: entry.id })),
    withdraw: async (entry: TreasuryEntry, by = 'stf_1') =>
      said(await withdrawEntry({ db, nowMs: bank.clock.nowMs, staffId: by, entryId: entry.id })),
  };
};

test('I5 approveEntry() posts a movement of treasury once, by two people, with its event, and a row that was changed never', () =>
  withLedger(async (bank) => {
    await seed(bank);
    const { db } = bank;
    const { propose, approve, withdraw } = actors(bank);
    const entry = entryOf();
    assert.equal(await propose(entry, 'stf_1', entryOf({ amountSen: 1n })), 'bad_signature');
    assert.equal(await propose(entry), 'ok');
    assert.equal(await propose(entryOf({ id: 'tre_2' })), 'reference_known');
    assert.equal(await approve(entry, 'stf_1'), 'same_person');
    await db.query(sql`update treasury_entry set amount_sen = 900000`);
    assert.equal(await approve(entryOf({ amountSen: 900_000n })), 'bad_signature', 'row changed');
    await db.query(sql`update treasury_entry set amount_sen = 500000`);
    assert.deepEqual(
      (await Promise.all([approve(entry), approve(entry)])).filter((one) => one === 'ok').length >
        0,
      true,
    );
    assert.equal(await approve(entry), 'not_proposed');
    assert.equal(await withdraw(entry), 'not_proposed');
    assert.equal((await bank.ledger.balance(CHART.nostroBi))?.postedSen, -500_000n);
    assert.equal((await bank.ledger.balance(CHART.nostroTreasury))?.postedSen, 500_000n);
    const back = entryOf({ id: 'tre_3', direction: 'withdrawal', reference: 'RTGS-2' });
    assert.equal(await propose(back), 'ok');
    assert.equal(await withdraw(back, 'stf_2'), 'not_yours');
    assert.equal(await withdraw(back), 'ok');
    assert.equal(await propose(entryOf({ ...back, id: 'tre_4' })), 'ok', 'entered anew');
    const done = await selectDone(db, 'bifast');
    assert.deepEqual(
      done.map(({ entry: { amountSen } }) => amountSen),
      [500_000n],
      'only what is posted',
    );
    await assert.rejects(
      db.query(sql`update treasury_entry set amount_sen = 1 where id = 'tre_1'`),
    );
    const events = await db.query<{ kind: string }>(
      sql`select kind from event where kind like 'treasury.%' and subject = 'tre_1' order by id`,
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['treasury.proposed', 'treasury.posted'],
    );
    assert.equal((await verifyLedger(db)).balanced, true);
  }));

test('watchBalances() with the role of guard looks at the position against the ledger, keeps it and tells it each minute or when a gap opens', () =>
  withLedger(async (bank) => {
    await seed(bank);
    const { time } = bank;
    const guard = openDb({
      url: `${bank.url}?options=${encodeURIComponent('-c role=pulih_guard')}`,
      size: 1,
      time,
      name: 'guard',
    });
    const look = async (bookedSen: bigint, staff = roster) => {
      bank.clock.nowMs += 15_000;
      const at = new Date(time.now() - 1_000);
      const texts = { openingSen: '900000000000000', bookedSen: String(bookedSen) };
      const body = JSON.stringify({ ...texts, freeSen: String(bookedSen) });
      await bank.db
        .query(sql`insert into network_word (rail, kind, made_at, heard_at, body) values ('bifast', 'position', ${at}, ${at}, ${body})
        on conflict (rail, kind) do update set made_at = excluded.made_at, heard_at = excluded.heard_at, body = excluded.body`);
      await watchBalances({ time, roster: staff }, guard);
      return (await readBalance(guard, 'bifast'))!.look;
    };
    try {
      const full = 900_000_000_000_000n;
      assert.equal((await look(full)).expected, undefined, 'the first word');
      assert.deepEqual((await look(full)).expected, { minSen: full, maxSen: full });
      const entry = entryOf({ direction: 'withdrawal', amountSen: 100_000_000_000_000n });
      const { propose, approve } = actors(bank);
      assert.equal(await propose(entry), 'ok');
      assert.equal(await approve(entry), 'ok');
      assert.equal((await look(full - 100_000_000_000_000n)).gapSen, 0n, 'treasury took it out');
      const drained = await look(full - 400_000_000_000_000n);
      assert.equal(drained.gapSen, -300_000_000_000_000n);
      const events = await bank.db.query<{ data: string }>(
        sql`select data from event where kind = 'settlement.looked' order by id`,
      );
      const gaps = events.map(({ data }) => (parseBalance(data) as { gapSen: string }).gapSen);
      assert.deepEqual(gaps, ['0', '-300000000000000'], 'once, and when the gap opened');
      // Core's own role can write a row; what two people did not sign explains nothing.
      await bank.db
        .query(sql`insert into treasury_entry (id, rail, direction, amount_sen, reference, state, proposed_by, proposed_at,
          proposed_signature, approved_by, approved_at, approved_signature)
        values ('tre_x', 'bifast', 'withdrawal', 300000000000000, 'RTGS-X', 'done', 'stf_1', ${new Date(0)}, 'AAAA', 'stf_2', ${new Date(0)}, 'AAAA')`);
      assert.equal((await look(full - 400_000_000_000_000n)).gapSen, -300_000_000_000_000n);
      // A guard that starts anew after one of the two has left the bank.
      const left = { stf_2: roster['stf_2']! };
      assert.equal((await look(full - 400_000_000_000_000n, left)).gapSen, -300_000_000_000_000n);
    } finally {
      await guard.close();
    }
  }));

test('sumSigned() T16 counts how young an entry is from when it was seen first, whatever time core writes beside it', () =>
  withLedger(async (bank) => {
    await seed(bank);
    const { propose, approve } = actors(bank);
    const entry = entryOf();
    assert.equal(await propose(entry), 'ok');
    assert.equal(await approve(entry), 'ok');
    // Core's role may write the time when it ends an entry: an hour that never comes.
    await bank.db.script(`alter table treasury_entry disable trigger treasury_entry_ends_once;
      update treasury_entry set approved_at = '2099-01-01'`);
    const rows = await selectDone(bank.db, 'bifast');
    const known: KnownEntries = new Map();
    const sumAt = (nowMs: number) => sumSigned(rows, { roster, nowMs, youngMs: 3_600_000, known });
    assert.deepEqual(sumAt(1_000), {
      treasurySen: 500_000n,
      youngTopUpSen: 500_000n,
      youngWithdrawalSen: 0n,
    });
    assert.equal(sumAt(3_601_000).youngTopUpSen, 0n, 'an hour later it is a gap or it is there');
    const forged = rows.map((row) => ({ ...row, approvedSignature: row.proposedSignature }));
    const none = sumSigned(forged, { roster, nowMs: 1_000, youngMs: 1, known: new Map() });
    assert.equal(none.treasurySen, 0n);
  }));
