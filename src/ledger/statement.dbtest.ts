import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { statement, type StatementEntry } from './statement.ts';
import {
  hold,
  NOON_WIB_MS,
  postHold,
  request,
  single,
  voidHold,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';

const DAY_MS = 86_400_000;
const MIGRATION = join(import.meta.dirname, '../../db/migrations/0003_ledger.sql');

test('statement() pages newest first over money that moved', async () => {
  await withLedger(async (bank) => {
    for (let i = 1; i <= 5; i++)
      await bank.ledger.post(
        request(`k${i}`, [single(i % 2 ? '1001' : '1002', i % 2 ? '1002' : '1001', rupiah(i))]),
      );
    const held = await bank.ledger.post(
      request('h', [
        hold('1001', CHART.bifastOut, rupiah(6)),
        hold('1001', CHART.bifastOut, rupiah(7)),
      ]),
    );
    assert(held.ok);
    await bank.ledger.post(request('p', [postHold(held.posted.transferIds[0]!)]));
    await bank.ledger.post(request('v', [voidHold(held.posted.transferIds[1]!)]));
    const seen: string[] = [];
    for (let afterId: bigint | undefined; ;) {
      const page = await statement(bank.db, '1001', {
        limit: 2,
        ...(afterId !== undefined && { afterId }),
      });
      if (page.length === 0) break;
      seen.push(
        ...page.map(
          (entry) =>
            `${entry.side} ${entry.amountSen / 100n} ${entry.counterAccount} = ${entry.balanceSen! / 100n}`,
        ),
      );
      afterId = page.at(-1)!.id;
    }
    assert.deepEqual(seen, [
      'debit 6 SETTLE-BIFAST-OUT = 991',
      'debit 5 1002 = 997',
      'credit 4 1002 = 1002',
      'debit 3 1002 = 998',
      'credit 2 1002 = 1001',
      'debit 1 1002 = 999',
      'credit 1000 EQUITY-OPENING = 1000',
    ]);
    assert.deepEqual(await statement(bank.db, '9999', { limit: 2 }), []);
  });
});

/** Every page of an account, as one list. */
async function wholeStatement(
  bank: TestLedger,
  account: string,
  period: { readonly fromDate?: string; readonly toDate?: string } = {},
): Promise<readonly StatementEntry[]> {
  const all: StatementEntry[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await statement(bank.db, account, {
      ...period,
      limit: 7,
      ...(last && { afterId: last.id }),
    });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

test('statement() of a period holds its days and no other, over months, and refuses nothing outside it', async () => {
  await withLedger(async (bank) => {
    for (let day = 0; day < 40; day++) {
      bank.clock.nowMs = NOON_WIB_MS + day * DAY_MS;
      await bank.ledger.post(request(`d${day}`, [single('1001', '1002', rupiah(1))]));
      await bank.ledger.post(request(`e${day}`, [single('1002', '1001', rupiah(1))]));
    }
    const days = async (fromDate: string, toDate: string) => {
      const all = await wholeStatement(bank, '1001', { fromDate, toDate });
      const dates = all.map((entry) =>
        new Date(entry.bookedAtMs + 7 * 3_600_000).toISOString().slice(0, 10),
      );
      return { count: all.length, first: dates.at(-1), last: dates[0] };
    };
    assert.deepEqual(await days('2026-08-30', '2026-09-02'), {
      count: 8,
      first: '2026-08-30',
      last: '2026-09-02',
    });
    assert.deepEqual(await days('2026-08-31', '2026-08-31'), {
      count: 2,
      first: '2026-08-31',
      last: '2026-08-31',
    });
    assert.equal((await days('2026-07-01', '2026-07-31')).count, 0);
    assert.equal((await days('2026-09-02', '2026-08-30')).count, 0);
    // A place outside the period starts at its edge; one that was never given out has nothing after it.
    const [newest] = await statement(bank.db, '1001', { limit: 1 });
    const inside = await statement(bank.db, '1001', {
      toDate: '2026-08-31',
      afterId: newest!.id,
      limit: 200,
    });
    assert.equal(inside.length, 31 * 2 + 1);
    assert.deepEqual(await statement(bank.db, '1001', { afterId: 999_999n, limit: 5 }), []);
  });
});

test('statement() shows after every entry what the account then held, for any work in any grouping', async () => {
  await withLedger(
    async (bank) => {
      const names = ['1001', '1002', '1003', CHART.bifastOut];
      let run = 0;
      const anyStep = fc.record({
        from: fc.nat(3),
        to: fc.nat(3),
        amount: fc.integer({ min: 1, max: 600 }),
        isHold: fc.boolean(),
        isTwo: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
          const results = await Promise.all(
            steps.map(({ from, to, amount, isHold, isTwo }) => {
              const leg = (isHold ? hold : single)(names[from]!, names[to]!, rupiah(amount));
              const legs = isTwo ? [leg, single(names[to]!, names[from]!, rupiah(amount))] : [leg];
              return bank.ledger.post(request(`r${run++}`, legs));
            }),
          );
          const held = results.flatMap((result, i) =>
            result.ok && steps[i]!.isHold ? [result.posted.transferIds[0]!] : [],
          );
          await Promise.all(
            held.map((id, i) =>
              bank.ledger.post(request(`r${run++}`, [i % 2 ? voidHold(id) : postHold(id)])),
            ),
          );
          for (const name of names) {
            const all = await wholeStatement(bank, name);
            let balance = 0n;
            for (const entry of all.toReversed()) {
              balance += entry.side === 'credit' ? entry.amountSen : -entry.amountSen;
              assert.equal(entry.balanceSen, balance, `${name} after ${entry.id}`);
            }
            assert.equal((await bank.ledger.balance(name))?.postedSen, balance);
          }
        }),
        { numRuns: 15, endOnFailure: true },
      );
    },
    { ledger: { batchMax: 5 } },
  );
});

test('0003_ledger.sql gives transfers of before the balance that the ledger would have stored', async () => {
  await withLedger(async (bank) => {
    for (let i = 0; i < 20; i++)
      await bank.ledger.post(
        request(`k${i}`, [
          single(`100${1 + (i % 4)}`, `100${1 + ((i + 1) % 4)}`, rupiah(1 + i)),
          hold('1001', CHART.bifastOut, rupiah(1)),
        ]),
      );
    const stored = () =>
      bank.db.query<{ id: bigint; debit: bigint | null; credit: bigint | null }>(sql`
        select id, debit_balance_sen as debit, credit_balance_sen as credit from transfer order by id`);
    const before = await stored();
    assert.equal(before.filter((row) => row.debit !== null).length, 24);
    const backfill = /do \$\$ begin\s+if exists \(select from transfer\)[\s\S]*?end \$\$;/.exec(
      readFileSync(MIGRATION, 'utf8'),
    );
    await bank.db.script(`
      alter table transfer disable trigger transfer_append_only;
      update transfer set debit_balance_sen = null, credit_balance_sen = null;
      alter table transfer enable trigger transfer_append_only;
      ${backfill![0]}`);
    assert.deepEqual(await stored(), before);
  });
});
