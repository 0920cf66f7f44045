/** Keys, batches that fail and ledgers that race: what must hold when things go wrong. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { networkIds } from '../authorisation/instruction.ts';
import { DbFault, type Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { rupiah } from '../kernel/money.ts';
import type { Companion } from './port.ts';
import {
  bifastOut,
  hold,
  postHold,
  request,
  single,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

async function count(bank: TestLedger, table: 'transfer' | 'authorisation'): Promise<number> {
  const [row] =
    table === 'transfer'
      ? await bank.db.query<{ n: bigint }>(
          sql`select count(*) as n from transfer where line <> 'opening'`,
        )
      : await bank.db.query<{ n: bigint }>(sql`select count(*) as n from authorisation`);
  return Number(row!.n);
}

async function balanceOf(bank: TestLedger, number: string): Promise<bigint> {
  return (await bank.ledger.balance(number))!.postedSen;
}

test('T6 post() of the same key and body answers the first answer again, accepted or refused, for ever', async () => {
  await withLedger(async (bank) => {
    const first = await bank.ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(100) }));
    assert(first.ok && first.posted.instruction);
    const { leftSen, ...posted } = first.posted;
    assert.equal(leftSen, rupiah(900), 'known in the moment of the posting only');
    const refused = await bank.ledger.post(request('r', [single('1001', '1002', rupiah(901))]));
    assert.deepEqual(refused, {
      ok: false,
      repeated: false,
      reason: 'insufficient_funds',
      account: '1001',
    });
    await bank.ledger.post(request('more', [single('1002', '1001', rupiah(500))]));
    for (const ledger of [bank.ledger, bank.another()]) {
      assert.deepEqual(await ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(100) })), {
        ...first,
        posted,
        repeated: true,
      });
      assert.deepEqual(await ledger.post(request('r', [single('1001', '1002', rupiah(901))])), {
        ...refused,
        repeated: true,
      });
    }
    assert.equal(await count(bank, 'authorisation'), 1);
    assert.equal(await count(bank, 'transfer'), 2);
  });
});

test('T6 post() of the same key with another body is a conflict and moves nothing', async () => {
  await withLedger(async (bank) => {
    const one = single('1001', '1002', rupiah(10));
    const other = single('1001', '1003', rupiah(20));
    // At once and in one process, at once from two processes, and later.
    const race = await Promise.all([
      bank.ledger.post(request('a', [one])),
      bank.ledger.post(request('a', [other])),
      bank.another().post(request('a', [other])),
    ]);
    assert.equal(race.filter((result) => result.ok && !result.repeated).length, 1);
    assert.equal(await count(bank, 'transfer'), 1);
    const hasOne = (await balanceOf(bank, '1002')) !== rupiah(1_000);
    const later = await bank.ledger.post(request('a', [hasOne ? other : one]));
    assert.deepEqual(later, { ok: false, repeated: true, reason: 'key_conflict' });
    assert.equal((await bank.ledger.post(request('a', [hasOne ? one : other]))).ok, true);
    assert.equal(await count(bank, 'transfer'), 1);
  });
});

test('T6 post() of one key many times at once, from three processes, posts once', async () => {
  await withLedger(async (bank) => {
    const ledgers = [bank.ledger, bank.another(), bank.another()];
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        ledgers[i % 3]!.post(request(`k${i % 4}`, [single('1001', '1002', rupiah(10))])),
      ),
    );
    assert(results.every((result) => result.ok));
    assert.equal(results.filter((result) => !result.repeated).length, 4);
    assert.equal(
      new Set(results.map((result) => result.ok && result.posted.transferIds[0])).size,
      4,
    );
    assert.equal(await balanceOf(bank, '1002'), rupiah(1_040));
  });
});

test('T6 post() of one key from two processes that share no account lock still answers both', async () => {
  await withLedger(async (bank) => {
    const other = bank.another();
    for (let i = 0; i < 20; i++) {
      const results = await Promise.all([
        bank.ledger.post(request(`k${i}`, [])),
        other.post(request(`k${i}`, [], { paymentId: 'pay_other' })),
      ]);
      assert.equal(results.filter((result) => result.ok && result.repeated).length, 1);
      const [first, second] = results;
      assert(first?.ok && second?.ok && first.posted.paymentId === second.posted.paymentId);
    }
  });
});

test('T6 post() of one key many times at once in one process is one transaction', async () => {
  await withLedger(async (bank) => {
    let transactions = 0;
    const db: Db = { ...bank.db, tx: (work) => (transactions++, bank.db.tx(work)) };
    const ledger = bank.another({ db });
    const results = await Promise.all(
      Array.from({ length: 10 }, () =>
        ledger.post(request('a', [single('1001', '1002', rupiah(1))])),
      ),
    );
    assert.equal(results.filter((result) => !result.repeated).length, 1);
    assert.equal(transactions, 1);
  });
});

test('post() from several processes on one hot account neither deadlocks nor loses nor doubles', async () => {
  await withLedger(async (bank) => {
    const ledgers = [bank.ledger, bank.another({ batchMax: 7 }), bank.another({ batchMax: 3 })];
    const names = ['1001', '1002', '1003', '1004'];
    const results = await Promise.all(
      Array.from({ length: 450 }, async (_, i) => {
        const ledger = ledgers[i % 3]!;
        const [from, to] = [names[i % 4]!, names[(i + 1 + (i % 3)) % 4]!];
        if (i % 3 === 0)
          return ledger.post(
            request(`s${i}`, [single(from, to, rupiah(1)), single(to, from, rupiah(1))]),
          );
        if (i % 3 === 1) return ledger.post(bifastOut(`b${i}`, { debit: from, amount: rupiah(1) }));
        const held = await ledger.post(request(`h${i}`, [hold(CHART.bifastIn, to, rupiah(1))]));
        assert(held.ok);
        return ledgers[(i + 1) % 3]!.post(
          request(`p${i}`, [postHold(held.posted.transferIds[0]!)]),
        );
      }),
    );
    assert(results.every((result) => result.ok && !result.repeated));
    assert.equal(await count(bank, 'transfer'), 150 * 2 + 150 + 150 * 2);
    const report = await verifyLedger(bank.db);
    assert.deepEqual(report.problems, []);
    const ids = results.flatMap((result) =>
      result.ok && result.posted.instruction
        ? [networkIds(result.posted.instruction).bizMsgIdr]
        : [],
    );
    assert.equal(new Set(ids).size, 150);
    // On each account, ids rise in the order of posting: the batches' transactions never interleave.
    const [interleaved] = await bank.db.query<{ n: bigint }>(sql`
      select count(*) as n from (
        select xmin, count(*) as runs from (
          select id, xmin, row_number() over (order by id) - row_number() over (partition by xmin::text order by id) as run
          from transfer where credit_account = (select id from account where number = ${CHART.bifastOut}) and kind = 'hold'
        ) t group by xmin, run
      ) runs group by xmin having count(*) > 1`);
    assert.equal(interleaved, undefined);
  });
});

interface Note {
  readonly text: string;
}

/** A companion that cannot take one of its rows, as a constraint of its own would have it. */
function noteKeeper(): Companion<Note> & { readonly taken: string[]; calls: number } {
  const keeper = {
    name: 'notes',
    taken: [] as string[],
    calls: 0,
    async write(
      tx: Parameters<Companion<Note>['write']>[0],
      rows: Parameters<Companion<Note>['write']>[1],
    ): Promise<void> {
      keeper.calls++;
      for (const { row } of rows) {
        if (row.text === 'division')
          await tx.query(sql`select 1 / (${row.text.length}::integer - 8)`);
        if (row.text === 'bug') throw new TypeError('Cannot write note');
      }
      keeper.taken.push(
        ...rows.map(({ row, posted }) => `${row.text}:${posted.transferIds.length}`),
      );
    },
  };
  return keeper;
}

for (const bad of ['division', 'bug']) {
  test(`post() lets a companion's fault (${bad}) fail its own request alone`, async () => {
    await withLedger(async (bank) => {
      const notes = noteKeeper();
      const texts = Array.from({ length: 20 }, (_, i) => (i === 13 ? bad : `note${i}`));
      const settled = await Promise.allSettled(
        texts.map((text) =>
          bank.ledger.post(
            request(text, [single('1001', '1002', rupiah(1))], {
              companion: { of: notes as never, row: { text } },
            }),
          ),
        ),
      );
      assert.deepEqual(
        settled.map((one) => one.status),
        texts.map((text) => (text === bad ? 'rejected' : 'fulfilled')),
      );
      assert.equal(await balanceOf(bank, '1001'), rupiah(1_000 - 19));
      assert.equal((await verifyLedger(bank.db)).balanced, true);
      assert(notes.calls < 20, 'halving needs few tries');
      assert.equal(
        (await bank.ledger.post(request('after', [single('1001', '1002', rupiah(1))]))).ok,
        true,
      );
    });
  });
}

test('post() calls a companion once per batch, with accepted rows only', async () => {
  await withLedger(async (bank) => {
    const notes = noteKeeper();
    const post = (text: string, amount: number) =>
      bank.ledger.post(
        request(text, [single('1001', '1002', rupiah(amount))], {
          companion: { of: notes as never, row: { text } },
        }),
      );
    await Promise.all([post('a', 400), post('b', 700), post('c', 600), post('d', 1)]);
    assert.equal(notes.calls, 1);
    assert.deepEqual(notes.taken, ['a:1', 'c:1']);
  });
});

test('post() lets a jti or attempt used before fail alone', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(10) }));
    const again = { ...bifastOut('a', { debit: '1001', amount: rupiah(10) }), key: 'another key' };
    const settled = await Promise.allSettled([
      bank.ledger.post(bifastOut('b', { debit: '1001', amount: rupiah(10) })),
      bank.ledger.post(again),
    ]);
    assert.deepEqual(
      settled.map((one) => one.status),
      ['fulfilled', 'rejected'],
    );
    assert.equal((settled[1] as PromiseRejectedResult).reason.constraint, 'authorisation_pkey');
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('post() whose connection dies at the commit says that it does not know, and a repeat finds out', async () => {
  await withLedger(async (bank) => {
    const asks = ['a', 'b', 'c'].map((key) => request(key, [single('1001', '1002', rupiah(10))]));
    let killed = false;
    // The backend is gone before COMMIT reaches it: nobody can tell from this end.
    const db: Db = {
      ...bank.db,
      tx: (work) =>
        bank.db.tx(async (tx) => {
          const result = await work(tx);
          const [mine] = await tx.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
          if (!killed)
            await bank.db.query(sql`select pg_terminate_backend(${mine!.pid}::integer, 1000)`);
          killed = true;
          return result;
        }),
    };
    const ledger = bank.another({ db });
    const settled = await Promise.allSettled(asks.map((ask) => ledger.post(ask)));
    for (const one of settled)
      assert(
        one.status === 'rejected' && one.reason instanceof DbFault && one.reason.commitUnknown,
      );
    const again = await Promise.all(asks.map((ask) => ledger.post(ask)));
    assert(again.every((result) => result.ok));
    assert.equal(await balanceOf(bank, '1002'), rupiah(1_030));
  });
});

test('post() whose commit went through but whose answer was lost is not posted twice by a repeat', async () => {
  await withLedger(async (bank) => {
    let lost = false;
    const db: Db = {
      ...bank.db,
      async tx(work) {
        const result = await bank.db.tx(work);
        if (lost) return result;
        lost = true;
        throw new DbFault('Commit outcome is unknown', {
          cause: new Error('reset'),
          commitUnknown: true,
        });
      },
    };
    const ledger = bank.another({ db });
    const ask = bifastOut('a', { debit: '1001', amount: rupiah(10) });
    await assert.rejects(ledger.post(ask), (error: DbFault) => error.commitUnknown);
    const again = await ledger.post(ask);
    assert(again.ok && again.repeated && again.posted.instruction);
    assert.equal(await count(bank, 'authorisation'), 1);
  });
});

test('post() writes nothing when it is stopped before the commit', async () => {
  await withLedger(async (bank) => {
    const undo = onFaultPoint((name) => {
      if (name === 'ledger.beforeCommit') throw new Error('stopped here');
    });
    try {
      await assert.rejects(
        bank.ledger.post(request('a', [single('1001', '1002', rupiah(10))])),
        /stopped here/,
      );
    } finally {
      undo();
    }
    assert.equal(await count(bank, 'transfer'), 0);
    assert.deepEqual(
      (await bank.ledger.post(request('a', [single('1001', '1002', rupiah(10))]))).repeated,
      false,
    );
  });
});

test('post() tries again after a deadlock, within a bound', async () => {
  await withLedger(async (bank) => {
    let failures = 0;
    const db: Db = {
      ...bank.db,
      async tx(work) {
        if (failures-- > 0)
          throw new DbFault('deadlock', {
            cause: Object.assign(new Error('deadlock'), { code: '40P01' }),
          });
        return bank.db.tx(work);
      },
    };
    const ledger = bank.another({ db });
    failures = 3;
    assert.equal((await ledger.post(request('a', [single('1001', '1002', rupiah(10))]))).ok, true);
    failures = 1_000;
    await assert.rejects(
      ledger.post(request('b', [single('1001', '1002', rupiah(10))])),
      (error: DbFault) => error.code === '40P01',
    );
    assert.equal(failures, 995);
  });
});

test(
  'T17 post() commits while a checkpoint maker holds everything that is its own',
  { timeout: 20_000 },
  async () => {
    await withLedger(async (bank) => {
      await bank.db.tx(async (maker) => {
        await maker.query(sql`select pg_advisory_xact_lock(7262031::bigint)`);
        await maker.query(
          sql`lock table audit_leaf, audit_node, audit_checkpoint in access exclusive mode`,
        );
        assert.equal(
          (await bank.another().post(bifastOut('a', { debit: '1001', amount: rupiah(10) }))).ok,
          true,
        );
      });
    });
  },
);
