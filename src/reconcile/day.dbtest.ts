import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { readMatchDay } from './figure.ts';
import { applyRun, matchOpenLines } from './run.ts';
import { insertStatement } from './store.ts';
import {
  bookPayments,
  DAY,
  DAY_MS,
  sendIntents,
  settleLines,
  type DayPayment,
} from './test-day.ts';

const GRACE = { copyGraceMs: 5_000, journalGraceMs: 600_000, creditGraceMs: 60_000 };

/** One run of the match, `afterMs` after the lines were seen, with a journal that was read a moment ago. */
async function runMatch(db: Db, afterMs: number): Promise<void> {
  const nowMs = DAY_MS + afterMs;
  const clock = { ...GRACE, nowMs, journalReadAtMs: nowMs - 1 };
  const run = await matchOpenLines(db, { clock, connectors: ['own'] });
  let count = 0;
  const newId = (prefix: string): string =>
    `${prefix}_${afterMs}_${run.lines[0]?.lineId}_${++count}`;
  await db.tx((tx) => applyRun(tx, { ...run, nowMs, newId }));
}

test('matchOpenLines() finds all 807 lines of a bypass among 5,000 healthy ones and calls no healthy one false; the date does not prove Rp0', async () => {
  await withTestDb(async (db) => {
    const healthy: readonly DayPayment[] = Array.from({ length: 5_000 }, (_, i) => ({
      id: `H${i}`,
      amountSen: 374_000_000n,
    }));
    const bypass = Array.from({ length: 807 }, (_, i) => ({
      lineId: `x${i}`,
      id: `X${i}`,
      amountSen: 28_141_263_941n,
    }));
    await bookPayments(db, healthy);
    await sendIntents(db, { partition: 'gateway-1', rows: healthy });
    const lines = healthy.map((one) => ({ ...one, lineId: `h${one.id}` }));
    // Shuffled into each other, as the feed brings them.
    await settleLines(db, [...lines.slice(0, 2_000), ...bypass, ...lines.slice(2_000)]);
    await insertStatement(db, {
      rail: 'bifast',
      businessDate: DAY,
      atMs: DAY_MS,
      lineCount: 5_807,
      bodyHash: '00',
    });
    const before = await readMatchDay(db, DAY);
    assert.equal(before.figures[0]!.waiting.count, 5_807, 'nothing is judged yet');
    await runMatch(db, 10_000);
    const broken = await db.query<{ kind: string; n: bigint; bad: bigint }>(sql`
      select kind, count(*) as n, count(*) filter (where biz_msg_idr not like 'X%') as bad from match_break group by kind`);
    assert.deepEqual(
      broken.map((row) => ({ ...row })),
      [{ kind: 'orphan', n: 807n, bad: 0n }],
    );
    const day = await readMatchDay(db, DAY);
    const [out] = day.figures;
    assert.deepEqual(
      [out!.ledger.count, out!.gateway.count, out!.settlement.count, out!.waiting.count],
      [5_000, 5_000, 5_807, 0],
    );
    assert.equal(out!.gateway.valueSen, out!.ledger.valueSen);
    assert.deepEqual([out!.differenceCount, out!.differenceSen], [807, 807n * 28_141_263_941n]);
    assert.deepEqual(
      day.rails.map(({ rail, isProven }) => [rail, isProven]).filter(([, is]) => is),
      [],
    );
  });
});

test('readMatchDay() proves Rp0 of a whole date; a payment without a line and a line of a further settlement each undo the proof', async () => {
  await withTestDb(async (db) => {
    const rows = ['A', 'B', 'C'].map((id) => ({ id, amountSen: 500n }));
    await bookPayments(db, rows);
    await sendIntents(db, { partition: 'gateway-1', rows });
    await settleLines(
      db,
      rows.map((one) => ({ ...one, lineId: `l${one.id}` })),
    );
    const statement = { rail: 'bifast', businessDate: DAY, atMs: DAY_MS, lineCount: 3 };
    await insertStatement(db, { ...statement, bodyHash: '00' });
    await runMatch(db, 10_000);
    const proven = async (): Promise<boolean> => (await readMatchDay(db, DAY)).rails[0]!.isProven;
    assert.equal(await proven(), true);
    await settleLines(db, [{ lineId: 'again', id: 'A', amountSen: 500n }]);
    await runMatch(db, 20_000);
    const [twice] = (await readMatchDay(db, DAY)).figures;
    assert.deepEqual([twice!.differenceCount, twice!.differenceSen], [1, 500n]);
    await db.query(sql`delete from match_break`);
    await db.query(sql`delete from settlement_line where line_id = 'again'`);
    assert.equal(await proven(), true);
    await db.query(sql`delete from settlement_line where line_id = 'lC'`);
    const [short] = (await readMatchDay(db, DAY)).figures;
    assert.deepEqual([short!.withoutLine.count, short!.differenceSen], [1, -500n]);
    assert.equal(await proven(), false);
  });
});

test('readMatchDay() lets a line wait whose payment the ledger books with the statement: cash is no difference that anybody must explain', async () => {
  await withTestDb(async (db) => {
    const cash = { id: 'K', amountSen: 700n };
    await bookPayments(db, [{ ...cash, state: 'accepted' }]);
    await sendIntents(db, { partition: 'gateway-1', rows: [cash] });
    await settleLines(db, [{ ...cash, lineId: 'lK' }]);
    await runMatch(db, 10_000);
    const [out] = (await readMatchDay(db, DAY)).figures;
    assert.deepEqual(
      [out!.differenceCount, out!.differenceSen, out!.waiting.count, out!.waiting.valueSen],
      [1, 700n, 1, 700n],
    );
  });
});

/** One case of each sort; what it ends as is known beforehand. The ledger is first by I1, the other two come in any order. */
const ORDERS = {
  healthy: { paid: 100n, intent: 100n, lines: [100n], ends: [] },
  orphan: { lines: [100n], ends: ['orphan'] },
  amount: { paid: 100n, intent: 100n, lines: [101n], ends: ['mismatch'] },
  unsent: { paid: 100n, lines: [100n], ends: ['orphan'] },
  twice: { paid: 100n, intent: 100n, lines: [100n, 100n], ends: ['duplicate'] },
  altered: { paid: 100n, intent: 99n, lines: [100n], ends: ['mismatch'] },
  refunded: {
    paid: 100n,
    intent: 100n,
    state: 'refunded',
    lines: [100n],
    ends: ['settled_after_refund'],
  },
} as const;

test('applyRun() ends with the same breaks in whatever order journal and lines arrive', async () => {
  await withTestDb(async (db) => {
    let run = 0;
    const names = Object.keys(ORDERS) as readonly (keyof typeof ORDERS)[];
    const arrivals = names.flatMap((name) => [
      ...('intent' in ORDERS[name] ? [{ name, what: -1 }] : []),
      ...ORDERS[name].lines.map((_, what) => ({ name, what })),
    ]);
    const order = fc.shuffledSubarray(arrivals, { minLength: arrivals.length });
    const check = fc.asyncProperty(order, async (shuffled) => {
      const at = `r${++run}-`;
      const paid = names.flatMap((name) => {
        const one = ORDERS[name];
        if (!('paid' in one)) return [];
        return [
          { id: at + name, amountSen: one.paid, ...('state' in one ? { state: one.state } : {}) },
        ];
      });
      await bookPayments(db, paid);
      for (const [i, { name, what }] of shuffled.entries()) {
        const one = ORDERS[name];
        const id = at + name;
        if (what >= 0)
          await settleLines(db, [{ lineId: `${id}-${what}`, id, amountSen: one.lines[what]! }]);
        else if ('intent' in one)
          await sendIntents(db, { partition: id, rows: [{ id, amountSen: one.intent }] });
        await runMatch(db, i);
      }
      await runMatch(db, 700_000);
      const rows = await db.query<{ id: string; kind: string }>(sql`
        select biz_msg_idr as id, kind from match_break where biz_msg_idr like ${`${at}%`} order by 1, 2`);
      const wanted = names.flatMap((name) =>
        ORDERS[name].ends.map((kind) => ({ id: at + name, kind })),
      );
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        wanted.toSorted((a, b) => a.id.localeCompare(b.id)),
      );
    });
    await fc.assert(check, { numRuns: 4 });
  });
});
