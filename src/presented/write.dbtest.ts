import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDb, type Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { wallTime } from '../kernel/time.ts';
import { rupiah } from '../kernel/money.ts';
import { insertCode } from './store.ts';
import { CODE } from './test-code.ts';
import { presentedCompanion } from './write.ts';

const [LOW, HIGH] = ['qpc_00000000000000000000000001', 'qpc_00000000000000000000000002'];
const LOOKS_MAX = 10_000;

async function untilItWaits(db: Queryable): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const waiting =
      await db.query(sql`select pid from pg_stat_activity where wait_event_type = 'Lock'
      and datname = current_database()`);
    if (waiting.length > 0) return;
  }
  assert.fail('nobody waits');
}

const POSTED = { paymentId: 'pay_1', transferIds: [] };

test('a batch locks the codes that it notes in the order of their ids, refused or ended, so that two batches never wait for each other', () =>
  withTestDb(async (db, url) => {
    const time = wallTime();
    await db.query(sql`insert into customer (id, name, cohort_bucket, made_at)
      values ('C1', 'Ani', 1, ${new Date(0)})`);
    for (const [at, id] of [LOW, HIGH].entries())
      await db.tx((tx) =>
        insertCode(tx, { code: { ...CODE, id: id! }, secretHash: Buffer.alloc(32, at) }),
      );
    const other = openDb({ url, size: 1, time, name: 'other' });
    let batch: Promise<void> | undefined;
    try {
      await db.tx(async (holder) => {
        await holder.query(sql`select id from presented_code where id = ${LOW} for update`);
        const cancelled = { codeId: HIGH!, atMs: CODE.madeAtMs + 1, by: 'customer' };
        const refused = { codeId: LOW!, code: '61', amountSen: rupiah(1) };
        batch = other.tx((tx) =>
          presentedCompanion.write(
            tx,
            [{ cancelled }, { refused }].map((note) => ({
              row: { payments: [], ...note },
              posted: POSTED,
              at: 0,
            })),
          ),
        );
        await untilItWaits(db);
        const free = await holder.query<{ id: string }>(
          sql`select id from presented_code order by id for update skip locked`,
        );
        assert.deepEqual(
          free.map(({ id }) => id),
          [LOW, HIGH],
          'who waits for the first holds no second',
        );
      });
      await batch;
      const rows = await db.query<{
        is: string;
      }>(sql`select (cancelled_at is not null)::text || refused_count as is
        from presented_code order by id`);
      assert.deepEqual(
        rows.map(({ is }) => is),
        ['false1', 'true0'],
      );
    } finally {
      await other.close();
    }
  }));
