/** A page of the statement of a busy account costs the same wherever it is (issue 3): under 50 ms with a million entries. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ensurePartitions } from '../db/partition.ts';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { statement } from './statement.ts';
import { withLedger, type TestLedger } from './test-ledger.ts';

const ENTRIES = 1_000_000;
const PAGE_MS_MAX = 50;
const TRIES = 9;

/** Half of the entries in eleven months, the other half on one day, the tenth of June 2027; three of four are credits. */
async function seed(bank: TestLedger): Promise<void> {
  for (const month of ['2026-08', '2026-11', '2027-02', '2027-05'])
    await ensurePartitions(bank.db, `${month}-01`);
  await bank.db.script(`
    insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, payment_id, line, booked_at, value_date,
      business_date, debit_balance_sen, credit_balance_sen)
    select id, day, 'single', case when is_credit then other else hot end, case when is_credit then hot else other end, amount,
      'pay_' || id, 'principal', day::timestamptz + interval '5 hours', day, day,
      case when is_credit then 0 else balance end, case when is_credit then balance else 0 end
    from (
      select 1000000 + i as id, i % 4 <> 0 as is_credit, 100 + i % 977 as amount, h.id as hot, o.id + i % 4 as other,
        case when i <= ${ENTRIES / 2} then date '2026-08-02' + (i / ${Math.ceil(ENTRIES / 2 / 300)})::integer
          else date '2027-06-10' end as day,
        sum(case when i % 4 <> 0 then 100 + i % 977 else -100 - i % 977 end) over (order by i) as balance
      from generate_series(1, ${ENTRIES}) i, account h, account o
      where h.number = '${CHART.bifastOut}' and o.number = '1001'
    ) made;
    analyze transfer;`);
}

test('statement() gives any page of a million entries in under 50 ms, with the right balance', async (t) => {
  await withLedger(async (bank) => {
    await seed(bank);
    const page = async (name: string, ask: Parameters<typeof statement>[2]) => {
      const times: number[] = [];
      let entries: Awaited<ReturnType<typeof statement>> = [];
      for (let i = 0; i < TRIES; i++) {
        const began = performance.now();
        entries = await statement(bank.db, CHART.bifastOut, ask);
        times.push(performance.now() - began);
      }
      times.sort((a, b) => a - b);
      const median = times[TRIES >> 1]!;
      t.diagnostic(
        `${name}: median ${median.toFixed(1)} ms, slowest ${times.at(-1)!.toFixed(1)} ms, ${entries.length} entries`,
      );
      assert(median < PAGE_MS_MAX, `${name} took ${median} ms`);
      assert(entries.length > 0);
      for (let i = 0; i + 1 < entries.length; i++) {
        const { side, amountSen, balanceSen } = entries[i]!;
        const change = side === 'credit' ? amountSen : -amountSen;
        assert.equal(balanceSen! - change, entries[i + 1]!.balanceSen);
      }
      return entries;
    };
    await page('first page', { limit: 200 });
    await page('page in the middle of the day of half a million', {
      limit: 200,
      afterId: 1_750_000n,
    });
    await page('middle page', { limit: 200, afterId: 1_500_000n });
    const last = await page('last page', { limit: 200, afterId: 1_000_150n });
    assert.equal(last.at(-1)!.id, 1_000_001n);
    await page('first page of one early month', {
      limit: 200,
      fromDate: '2026-09-01',
      toDate: '2026-09-30',
    });
    await page('last page of the busy day', {
      limit: 200,
      fromDate: '2027-06-10',
      toDate: '2027-06-10',
      afterId: 1_500_100n,
    });
    const [sum] = await bank.db.query<{ size: string }>(sql`
      select pg_size_pretty(sum(pg_total_relation_size(inhrelid))) as size from pg_inherits where inhparent = 'transfer'::regclass`);
    t.diagnostic(`transfer with its indexes: ${sum!.size}`);
  });
});
