/** Limits under a race: processes that share a database agree exactly. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Db, Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { rupiah, sen } from '../kernel/money.ts';
import type { Counter, PostResult } from './port.ts';
import { changeCounters, lockCounters } from './store-counter.ts';
import { request, single, withLedger } from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

const day = (more: Partial<Extract<Counter, { kind: 'spend' }>> = {}): Counter => ({
  kind: 'spend',
  key: 'day|C1',
  amount: rupiah(1),
  amountMax: rupiah(50),
  ...more,
});

const reasons = (results: readonly PostResult[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of results) {
    const name = one.ok ? 'ok' : one.reason;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test('post() lets exactly what fits pass when two ledgers race at a limit, by amount, by count and by window', async () => {
  await withLedger(async (bank) => {
    const two = [bank.ledger, bank.another()] as const;
    const limits: readonly Counter[] = [
      day(),
      { kind: 'spend', key: 'count|C1', amount: sen(0n), countMax: 50n },
      { kind: 'recent', key: 'window|C1', windowMs: 60_000, countMax: 50 },
    ];
    for (const limit of limits) {
      // Different payers and payees: the lock that decides is the counter's, not an account's.
      const results = await Promise.all(
        Array.from({ length: 160 }, async (_, i) => {
          const [from, to] = i % 2 === 0 ? ['1001', '1002'] : ['1003', '1004'];
          // One turn after another, so that both ledgers post many small batches.
          for (let wait = 0; wait < i; wait++) await Promise.resolve();
          return two[i % 2]!.post(
            request(`${limit.key}:${i}`, [single(from!, to!, rupiah(1))], { counters: [limit] }),
          );
        }),
      );
      assert.deepEqual(reasons(results), { ok: 50, limit_exceeded: 110 });
      assert.ok(results.every((one) => one.ok || one.counter === limit.key));
    }
    const counted = await bank.ledger.counted(limits.map((limit) => limit.key));
    assert.deepEqual(
      [counted.get('day|C1')!.amountSen, counted.get('count|C1')!.count],
      [rupiah(50), 50n],
    );
    assert.equal(counted.get('window|C1')!.recentMs.length, 50);
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('post() opens a window again when time has passed', async () => {
  await withLedger(async (bank) => {
    const counters: Counter[] = [{ kind: 'recent', key: 'w', windowMs: 60_000, countMax: 2 }];
    const ask = (key: string) =>
      bank.ledger.post(request(key, [single('1001', '1002', rupiah(1))], { counters }));
    assert.deepEqual(reasons([await ask('1'), await ask('2'), await ask('3')]), {
      ok: 2,
      limit_exceeded: 1,
    });
    bank.clock.nowMs += 60_001;
    assert.ok((await ask('4')).ok);
    assert.equal((await bank.ledger.counted(['w'])).get('w')!.recentMs.length, 1);
  });
});

test('T6 post() counts a request once, however often it is asked, and answers a refusal for ever', async () => {
  await withLedger(async (bank) => {
    const ask = (key: string) =>
      bank.ledger.post(
        request(key, [single('1001', '1002', rupiah(30))], {
          counters: [day({ amount: rupiah(30) })],
        }),
      );
    const [first] = await Promise.all([ask('1'), ask('1'), bank.another().balance('1001')]);
    assert.ok(first!.ok && (await ask('1')).ok);
    const refused = await ask('2');
    assert.deepEqual(refused, {
      ok: false,
      repeated: false,
      reason: 'limit_exceeded',
      counter: 'day|C1',
    });
    const counters: Counter[] = [{ kind: 'give_back', key: 'day|C1', amount: rupiah(30) }];
    for (let i = 0; i < 2; i++) await bank.ledger.post(request('back', [], { counters }));
    assert.equal((await bank.ledger.counted(['day|C1'])).get('day|C1')!.amountSen, 0n);
    assert.deepEqual(await ask('2'), { ...refused, repeated: true });
    assert.ok((await ask('3')).ok);
  });
});

test('post() locks counters with the accounts: no round trip of their own', async () => {
  const waits: number[] = [];
  let open = 0;
  /** Counts how often the transaction waited for the database: a statement that starts when none is under way. */
  const wrapDb = (db: Db): Db => ({
    ...db,
    tx: (work) =>
      db.tx(async (tx) => {
        let trips = 0;
        const result = await work({
          async query(statement) {
            if (open++ === 0) trips++;
            try {
              return await tx.query(statement);
            } finally {
              // What is started by the answer belongs to the next trip, what was started with it to this one.
              open--;
            }
          },
        });
        waits.push(trips);
        return result;
      }),
  });
  await withLedger(
    async (bank) => {
      const ask = (key: string, counters: readonly Counter[]) =>
        bank.ledger.post(request(key, [single('1001', '1002', rupiah(1))], { counters }));
      await ask('1', []);
      await ask('2', [day(), { kind: 'recent', key: 'w', windowMs: 60_000, countMax: 2 }]);
      assert.deepEqual(waits, [waits[0], waits[0]]);
    },
    { wrapDb },
  );
});

test('the role of core counts, and sets no price (I5)', async () => {
  await withLedger(async (bank) => {
    const asCore = (work: (tx: Tx) => Promise<unknown>): Promise<unknown> =>
      bank.db.tx(async (tx) => {
        await tx.query(sql`set local role pulih_core`);
        return work(tx);
      });
    await asCore(async (tx) => {
      const [row] = await lockCounters(tx, ['d']);
      assert.equal((await changeCounters(tx, [{ ...row!, count: 1n }])).length, 1);
    });
    assert.equal((await bank.ledger.counted(['d'])).get('d')!.count, 1n);
    await asCore((tx) => tx.query(sql`select fee_sen from fee_tariff`));
    const denied = { code: '42501' };
    await assert.rejects(
      asCore((tx) => tx.query(sql`update fee_tariff set fee_sen = 0`)),
      denied,
    );
    await assert.rejects(
      asCore((tx) =>
        tx.query(sql`insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source)
          values ('onus', 'credit_transfer', 9, 1, 'epoch', 'x')`),
      ),
      denied,
    );
    await assert.rejects(
      asCore((tx) => tx.query(sql`delete from ledger_counter`)),
      denied,
    );
  });
});

test('post() takes no counters that break its contract', async () => {
  await withLedger(async (bank) => {
    const post = (counters: readonly Counter[]) => bank.ledger.post(request('k', [], { counters }));
    await assert.rejects(post([day(), day()]), /keys of their own/);
    await assert.rejects(post([day({ amount: sen(-1n) })]), /not negative/);
    await assert.rejects(
      post([{ kind: 'recent', key: 'w', windowMs: 1, countMax: 1_001 }]),
      /at most 1000/,
    );
    await assert.rejects(
      bank.db.query(sql`insert into ledger_counter (key, amount_sen) values ('x', -1)`),
      { code: '23514' },
    );
  });
});
