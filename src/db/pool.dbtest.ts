import assert from 'node:assert/strict';
import test from 'node:test';
import { BugError } from '../kernel/assert.ts';
import { DbFault, isRetryable, type Tx } from './pool.ts';
import { sql } from './sql.ts';
import { withTestDb } from './test-database.ts';

const insert = (tx: Tx, book: string) =>
  tx.query(sql`insert into ledger_book values (${book}, 'test')`);

test('tx() rolls back when its work throws', async () => {
  await withTestDb(async (db) => {
    await assert.rejects(
      db.tx(async (tx) => {
        await insert(tx, 'one');
        throw new Error('no');
      }),
      /no/,
    );
    assert.deepEqual(await db.query(sql`select 1 from ledger_book where book = 'one'`), []);
  });
});

test('tx() does not take a commit for granted when an earlier error was swallowed', async () => {
  await withTestDb(async (db) => {
    const work = db.tx(async (tx) => {
      await insert(tx, 'one');
      await tx.query(sql`select 1 / (${0}::integer)`).catch(() => {});
    });
    await assert.rejects(
      work,
      (error: unknown) => error instanceof DbFault && !error.commitUnknown,
    );
    assert.deepEqual(await db.query(sql`select 1 from ledger_book where book = 'one'`), []);
  });
});

test('tx() that opens reading sends its first statements with begin, and they are part of it', async () => {
  await withTestDb(async (db) => {
    const at = sql`select now()::text as at, pg_current_xact_id()::text as xid`;
    type Moment = { readonly at: string; readonly xid: string };
    const seen = await db.tx(
      async (tx) => {
        const together = await Promise.all([tx.query<Moment>(at), tx.query<Moment>(at)]);
        await tx.query(sql`select pg_sleep(0.01)`);
        return [...together, await tx.query<Moment>(at)].map(([row]) => row!);
      },
      { opensReading: true },
    );
    assert.equal(new Set(seen.map((row) => row.at)).size, 1);
    assert.equal(new Set(seen.map((row) => row.xid)).size, 1);
    const failed = db.tx(
      async (tx) => {
        await tx.query(sql`select 1 / (${0}::integer)`).catch(() => {});
        await insert(tx, 'one');
      },
      { opensReading: true },
    );
    await assert.rejects(failed, DbFault);
    assert.deepEqual(await db.query(sql`select 1 from ledger_book where book = 'one'`), []);
  });
});

test('tx() sends what it asks in one turn in order, however much it is', async () => {
  await withTestDb(async (db) => {
    const range = Array.from({ length: 40 }, (_, i) => i);
    await db.tx(async (tx) => {
      await tx.query(
        sql`create temporary table told (at serial, i bigint, text text) on commit drop`,
      );
      // Some fit the write of their turn, one does not, and more follow.
      const texts = range.map((i) => 'x'.repeat(i === 20 ? 500_000 : 3_000) + i);
      await Promise.all(
        range.map((i) => tx.query(sql`insert into told (i, text) values (${i}, ${texts[i]})`)),
      );
      const [kept] = await tx.query<{ order: bigint[]; length: bigint }>(
        sql`select array_agg(i order by at) as "order", sum(length(text)) as length from told`,
      );
      assert.deepEqual(kept!.order, range.map(BigInt));
      assert.equal(kept!.length, BigInt(texts.join('').length));
    });
  });
});

test('tx() refuses a statement that comes after its end', async () => {
  await withTestDb(async (db) => {
    let kept: Tx | undefined;
    await db.tx(async (tx) => void (kept = tx));
    await assert.rejects(insert(kept!, 'late'), BugError);
    await assert.rejects(
      db.tx(async (tx) => {
        kept = tx;
        throw new Error('no');
      }),
    );
    await assert.rejects(insert(kept!, 'late'), BugError);
    assert.deepEqual(await db.query(sql`select 1 from ledger_book where book = 'late'`), []);
  });
});

test('tx() whose connection dies at the commit is unknown; one that dies before is not', async () => {
  await withTestDb(async (db) => {
    const kill = async (tx: Tx): Promise<void> => {
      const [mine] = await tx.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await db.query(sql`select pg_terminate_backend(${mine!.pid}::integer, 1000)`);
    };
    await assert.rejects(
      db.tx(kill),
      (error: unknown) => error instanceof DbFault && error.commitUnknown,
    );
    const before = db.tx(async (tx) => {
      await kill(tx);
      await insert(tx, 'one');
    });
    await assert.rejects(
      before,
      (error: unknown) => error instanceof DbFault && !error.commitUnknown,
    );
    assert.deepEqual(await db.query(sql`select 1 as one`), [{ one: 1 }], 'the pool goes on');
  });
});

test('query() sends statements issued together in one go, and each has its own rows', async () => {
  await withTestDb(
    async (db) => {
      for (let round = 0; round < 3; round++) {
        const results = await db.tx((tx) =>
          Promise.all(
            Array.from({ length: 20 }, (_, i) =>
              tx.query<{ n: number }>(sql`select ${i}::integer as n`),
            ),
          ),
        );
        assert.deepEqual(
          results.map((rows) => rows[0]?.n),
          Array.from({ length: 20 }, (_, i) => i),
        );
      }
      const settled = await db
        .tx((tx) =>
          Promise.allSettled([
            tx.query(sql`select 1 as a`),
            tx.query(sql`select 1 / ${0}::integer`),
            tx.query(sql`select 2 as never_prepared_before`),
          ]),
        )
        .catch((error: unknown) => error);
      assert(settled instanceof DbFault);
      assert.deepEqual(await db.tx((tx) => tx.query(sql`select 2 as never_prepared_before`)), [
        { never_prepared_before: 2 },
      ]);
    },
    { poolSize: 1 },
  );
});

test('isRetryable() knows a deadlock', async () => {
  await withTestDb(async (db) => {
    const lock = (tx: Tx, book: string) =>
      tx.query(sql`select 1 from ledger_book where book = ${book} for update`);
    const cross = (first: string, second: string) =>
      db.tx(async (tx) => {
        await lock(tx, first);
        await tx.query(sql`select pg_sleep(0.2)`);
        await lock(tx, second);
      });
    const settled = await Promise.allSettled([cross('fee', 'tax'), cross('tax', 'fee')]);
    const failed = settled.find((one) => one.status === 'rejected');
    assert(failed?.status === 'rejected' && isRetryable(failed.reason));
  });
});

test('query() reads int8 as bigint and dates as text', async () => {
  await withTestDb(async (db) => {
    const [row] = await db.query(
      sql`select 9223372036854775807 as n, array[1::bigint, 2] as many, '2026-08-01'::date as day`,
    );
    assert.deepEqual(row, { n: 9_223_372_036_854_775_807n, many: [1n, 2n], day: '2026-08-01' });
  });
});
