import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { touchOf, type FilePrint } from './canary-file.ts';
import { START, withWorld, type World } from './test-world.ts';

const AT = new Date(START);

/** An account of an invented person, which only the guard knows to be one. */
async function plantAccount({ db }: World): Promise<void> {
  await db.query(
    sql`insert into customer (id, name, cohort_bucket, made_at) values ('cus_bait', 'Sri Umpan', 1, ${AT})`,
  );
  await db.query(sql`insert into account (number, book, name, customer_id, may_go_negative, opened_at)
    values ('1990009999', 'customer', 'Sri Umpan', 'cus_bait', true, ${AT})`);
  await db.query(
    sql`insert into canary_account (id, account, source) values ('cnr_1', '1990009999', 'test')`,
  );
}

/** How each touch was told, once the guard has had seconds. */
async function told(world: World): Promise<readonly string[]> {
  await world.pass(6_500);
  const alarms = await world.events('alarm.canary_touched');
  return alarms.map(({ data }) => `${String(data['severity'])} ${String(data['evidence'])}`);
}

test('touchOf() tells a read, a change, another file of the same size and a removal apart, and says nothing of a quiet file', () => {
  const print: FilePrint = { inode: 1, size: 9, changedMs: 5, writtenMs: 4, readMs: 0 };
  const how = (change: Partial<FilePrint>) => touchOf(print, { ...print, ...change });
  assert.deepEqual(
    [how({}), how({ readMs: 6 }), how({ changedMs: 6 }), how({ inode: 2 }), how({ size: 8 })],
    [undefined, 'read', 'changed', 'changed', 'changed'],
  );
  assert.equal(touchOf(print, undefined), 'gone');
});

test('T16 a canary that cannot be planted or is hidden takes the watch of no other one away, and hiding one is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-canary-'));
  const [house, fence] = [join(folder, 'house'), join(folder, 'fence')];
  const hidden = join(house, 'hidden.key');
  const other = join(folder, 'other', 'other.key');
  try {
    writeFileSync(fence, 'a file, and no folder');
    await withWorld(async (world) => {
      world.startGuard({ canaryFiles: [join(fence, 'never.key'), hidden, other] });
      assert.deepEqual(await told(world), [], 'the other two are planted, and quiet');
      // A loop of links: whoever looks hears an error, and not that nothing is there.
      rmSync(house, { recursive: true });
      symlinkSync(house, house);
      writeFileSync(other, 'encrypted');
      assert.deepEqual((await told(world)).toSorted(), [
        `P1 ${hidden},file,gone`,
        `P1 ${other},file,changed`,
      ]);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('T16 the guard plants canary files and tells within seconds who reads, changes, exchanges or removes one, also while no guard led', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-canary-'));
  const [read, changed, gone, late] = ['read.key', 'changed.csv', 'gone.sql', 'late.key'].map(
    (name) => join(folder, 'deep', name),
  ) as [string, string, string, string];
  try {
    await withWorld(async (world) => {
      const guard = world.startGuard({ canaryFiles: [read, changed, gone, late] });
      assert.deepEqual(await told(world), [], 'planted, and quiet');
      assert.match(readFileSync(read, 'utf8'), /PRIVATE KEY/);
      assert.deepEqual(await told(world), [`P1 ${read},file,read`]);
      writeFileSync(changed, 'encrypted, pay 3 bitcoin');
      rmSync(gone);
      assert.deepEqual((await told(world)).slice(1), [
        `P1 ${changed},file,changed`,
        `P1 ${gone},file,gone`,
      ]);
      assert.match(readFileSync(gone, 'utf8'), /PRIVATE KEY/, 'planted again');
      assert.equal((await told(world)).length, 4, 'and watched again');
      await guard.stop();
      const copy = `${late}.copy`;
      writeFileSync(copy, readFileSync(late));
      renameSync(copy, late);
      world.startGuard({ canaryFiles: [read, changed, gone, late] });
      assert.equal((await told(world)).at(-1), `P1 ${late},file,changed`);
      // Whoever reads the guard's state learns of no canary.
      const [state] = await world.db.query<{ body: string }>(
        sql`select body from guard_state where name = 'canary'`,
      );
      assert.doesNotMatch(state!.body, /pulih-canary|\.key/);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('T16 the guard tells within seconds of a canary account that moves, is signed in to or written at, and of a table that somebody reads; core cannot learn which they are', async () => {
  await withWorld(async (world) => {
    const { db, url, time } = world;
    await plantAccount(world);
    world.startGuard();
    assert.deepEqual(await told(world), []);
    await db.query(sql`insert into event (on_date, at, kind, subject, data)
      values ('2025-03-29', ${AT}, 'session.opened', 'cus_bait', '{}')`);
    assert.deepEqual(await told(world), ['P1 cnr_1,account,session.opened']);
    await db.query(sql`update account set pending_debit_sen = 100 where number = '1990009999'`);
    assert.deepEqual((await told(world)).slice(1), ['P1 cnr_1,account,moved']);
    await db.query(sql`update customer set failed_count = 1 where id = 'cus_bait'`);
    assert.equal((await told(world)).length, 2, 'the same of the same is one matter');
    const asCore = `${url}?options=${encodeURIComponent('-c role=pulih_core')}`;
    const core = openDb({ url: asCore, size: 1, time, name: 'core' });
    try {
      await assert.rejects(core.query(sql`select id from canary_account`), /permission denied/);
      await core.query(sql`select card_number from customer_card_backup`);
      await core.query(sql`select pg_stat_force_next_flush()`);
    } finally {
      await core.close();
    }
    assert.deepEqual((await told(world)).slice(2), ['P1 customer_card_backup,table,read']);
  });
});
