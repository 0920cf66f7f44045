/** Closed months in files: nothing is lost, nothing can be forged, and an interruption leaves a month in one place or the other. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { archiveMonth, planArchive } from '../archive/run.ts';
import { proveEvent } from '../audit/checkpoint.ts';
import { verifyInclusion } from '../kernel/merkle.ts';
import { DbFault, openDb } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { rupiah } from '../kernel/money.ts';
import { trialBalance } from '../ledger/account.ts';
import { statementPage, type StatementEntry } from '../ledger/statement.ts';
import { hold, reverse, single } from '../ledger/test-ledger.ts';
import { archive } from './archive.ts';
import { readConfig } from './config.ts';
import { ROOT } from './place.ts';
import {
  archiveTwo,
  assertClean,
  countOf,
  dayMs,
  FILE,
  TRANSFERS,
  withOldBank,
} from './test-archive.ts';

const DAY_MS = 86_400_000;
const END_OF_JANUARY_MS = Date.parse('2026-01-31T17:00:00Z') - 1;

/** A transfer of January that no event tells of. */
function strayTransfer(id: number): string {
  return `insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, line, booked_at, value_date, business_date)
    values (${id}, '2026-01-20', 'single', 1, 2, 5, 'principal', to_timestamp(${dayMs('01-20') / 1000}), '2026-01-20', '2026-01-20')`;
}

test('archiveMonth() moves a month into files, and verify finds the same as before', async () => {
  await withOldBank(async (bank) => {
    const before = await bank.verify();
    assertClean(before);
    const transfers = await countOf(bank, 'transfer');
    const first = await bank.archive('2026-01');
    const second = await bank.archive('2026-02');
    assert.equal(
      (await countOf(bank, 'transfer')) +
        BigInt(first.transferCount) +
        BigInt(second.transferCount),
      transfers,
    );
    assert.ok(BigInt(first.lastPosition) > BigInt(second.firstPosition), 'the months interleave');
    await bank.checkpoint();
    const after = await bank.verify();
    assertClean(after);
    assert.equal(after.ledger.transfers, before.ledger.transfers);
    assert.equal(after.audit.size, before.audit.size + 2n);
    // Leaves under whole blocks went with their events; what a proof needs is there.
    const [lowest] = await bank.db.query<{ position: bigint }>(
      sql`select min(position) as position from audit_leaf`,
    );
    assert.equal(lowest?.position, BigInt(second.leafFloor));
    assert.ok(lowest!.position > 0n);
    const [event] = await bank.db.query<{ id: bigint }>(sql`select min(id) as id from event`);
    const proof = await proveEvent(bank.db, event!.id);
    assert.ok(proof && verifyInclusion(proof));
    await bank.post(single('1001', '1002', rupiah(3)));
    await bank.checkpoint();
    assertClean(await bank.verify());
  });
});

test('verifyAll() of an archive that was interrupted goes on, in files and in tables', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    const whole = await bank.verify();
    for (const pages of [2, 5, 9, 30]) {
      let seen = 0;
      const stopped = await bank.verify({ isStopped: () => ++seen >= pages, pageRows: 20 });
      assert.equal(stopped, undefined);
      assert.ok(existsSync(bank.stateFile));
      let resumedAt = 0;
      const report = await bank.verify({
        onProgress: (progress) => (resumedAt = progress.resumedAt),
      });
      assert.ok(resumedAt > 0);
      assert.deepEqual(report, whole);
    }
  });
});

test('trialBalance() of the past is the same after the archive, at the end of a month and later', async () => {
  await withOldBank(async (bank) => {
    const instants = [END_OF_JANUARY_MS, dayMs('03-01'), dayMs('03-20'), dayMs('04-10')];
    const read = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (const atMs of instants) all.push(await trialBalance(bank.db, { atMs }));
      return all;
    };
    const before = await read();
    await archiveTwo(bank);
    assert.deepEqual(await read(), before);
    await assert.rejects(
      trialBalance(bank.db, { atMs: END_OF_JANUARY_MS + DAY_MS }),
      /within 2026-02: its transfers are in the archive/,
    );
  });
});

test('statementPage() goes to the edge of the archive, says so, and its balances stay', async () => {
  await withOldBank(async (bank) => {
    const pages = async (): Promise<{ entries: readonly StatementEntry[]; edge?: string }> => {
      const entries: StatementEntry[] = [];
      for (let afterId: bigint | undefined; ;) {
        const ask = { limit: 7, ...(afterId !== undefined && { afterId }) };
        const page = await statementPage(bank.db, '1002', ask);
        entries.push(...page.entries);
        afterId = page.entries.at(-1)?.id;
        if (page.entries.length < 7)
          return { entries, ...(page.archivedBefore && { edge: page.archivedBefore }) };
      }
    };
    const before = await pages();
    assert.equal(before.edge, undefined);
    await archiveTwo(bank);
    const after = await pages();
    assert.equal(after.edge, '2026-03-01');
    assert.ok(after.entries.length > 20);
    assert.deepEqual(after.entries, before.entries.slice(0, after.entries.length));
    const old = before.entries.at(-1)!.id;
    assert.deepEqual(await statementPage(bank.db, '1002', { limit: 7, afterId: old }), {
      entries: [],
      archivedBefore: '2026-03-01',
    });
    const recent = await statementPage(bank.db, '1002', { limit: 200, fromDate: '2026-03-01' });
    assert.equal(recent.archivedBefore, undefined);
  });
});

test('post() refuses to reverse what is archived, and verify still knows what was given back', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    const refused = await bank.post(reverse(bank.reversedId));
    assert.equal(refused.ok ? 'ok' : refused.reason, 'transfer_not_found');
    assertClean(await bank.verify());
    await bank.tamper(
      `update reversal set reversed_sen = reversed_sen - 1 where transfer_id = ${bank.reversedId}`,
    );
    assert.deepEqual(
      (await bank.verify()).ledger.problems.map(({ kind, id }) => [kind, id]),
      [['reversal', String(bank.reversedId)]],
    );
  });
});

test('archiveMonth() drops nothing when the files are not what the tables hold', async () => {
  await withOldBank(async (bank) => {
    const events = await countOf(bank, 'event');
    const spoil = async (change: () => void, expected: RegExp): Promise<void> => {
      const undo = onFaultPoint((name) => name === 'archive.afterWrite' && change());
      try {
        await assert.rejects(bank.archive('2026-01'), expected);
      } finally {
        undo();
      }
      assert.equal(await countOf(bank, 'event'), events);
    };
    await spoil(
      () =>
        bank.rewrite(TRANSFERS, (lines) =>
          lines.with(9, lines[9]!.replace('2026-08-01', '2026-08-02')),
        ),
      /row 9 of transfer-2026-01.tsv.zst is not what the table holds; nothing was dropped/,
    );
    await spoil(
      () => bank.rewrite(FILE, (lines) => lines.slice(0, -2)),
      /it was cut; nothing was dropped/,
    );
    // A row that comes after the comparison, and one before it.
    let isCompared = false;
    const undo = onFaultPoint((name) => void (isCompared ||= name === 'archive.afterCheck'));
    const late: typeof bank.db = {
      ...bank.db,
      async tx(work, options) {
        if (isCompared) await bank.tamper(strayTransfer(999_998));
        return bank.db.tx(work, options);
      },
    };
    try {
      const { time, folder } = bank;
      const busy = archiveMonth({ db: late, time, folder, by: 'tester' }, '2026-01');
      await assert.rejects(busy, /month 2026-01-01 has \d+ transfers, its file \d+/);
    } finally {
      undo();
    }
    assert.equal(await countOf(bank, 'event'), events);
    await bank.tamper('delete from transfer where id = 999998');
    // An event that was changed in the table.
    await bank.tamper(
      "update event set subject = 'other' where id = (select min(id) + 3 from event)",
    );
    await assert.rejects(bank.archive('2026-01'), /event \d+ is not that of its leaf/);
    assert.equal(await countOf(bank, 'event'), events);
  });
});

test('archiveMonth() refuses what is alive, uncovered, out of order or new', async () => {
  await withOldBank(async (bank) => {
    await assert.rejects(bank.archive('2026-02'), /2026-01 comes first/);
    bank.clock.nowMs = dayMs('01-25');
    const held = await bank.post(hold('1001', '1002', rupiah(1)));
    assert.ok(held.ok);
    await assert.rejects(bank.archive('2026-01'), /1 of its events are under no checkpoint yet/);
    await bank.checkpoint();
    await assert.rejects(bank.archive('2026-01'), /1 holds of it or of before still stand/);
    bank.clock.nowMs = dayMs('04-10');
    const planned = await planArchive({ db: bank.db, time: bank.time }, '2026-12');
    assert.deepEqual(
      planned.map(({ month }) => month),
      ['2026-01', '2026-02', '2026-03'],
    );
    await bank.tamper("update hold set state = 'voided', ended_at = made_at where state = 'held'");
    await bank.tamper(strayTransfer(999_999));
    await assert.rejects(
      bank.archive('2026-01'),
      /transfers are in the tables, and the events tell of/,
    );
  });
});

test('the roles of core and guard can neither drop a month, nor record one, nor delete a leaf', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    for (const role of ['pulih_core', 'pulih_guard'])
      for (const statement of [
        "select drop_archived_month('2026-01-01', 0, 0)",
        "insert into archive_month values ('2025-01-01', '{}', 0)",
        "insert into account_month values ('2026-01-01', 1, 0, 0)",
        'delete from account_month',
        'delete from audit_leaf',
        'drop table event_202603',
      ])
        await assert.rejects(
          bank.db.script(`begin; set local role ${role}; ${statement}; commit`),
          (error) => error instanceof DbFault && error.code === '42501',
          `${role}: ${statement}`,
        );
    await assert.rejects(
      bank.db.script(
        'delete from audit_leaf where position = (select max(position) from audit_leaf)',
      ),
      /append-only above the archive/,
    );
  });
});

test('archiveMonth() lets go of the tables when somebody reads them, and payments go on', async () => {
  await withOldBank(async (bank) => {
    const reader = openDb({ url: bank.url, size: 1, time: bank.time, name: 'reader' });
    const time = { ...bank.time, sleep: async () => {} };
    try {
      await reader.script('begin; select count(*) from event');
      const busy = archiveMonth(
        { db: bank.db, time, folder: bank.folder, by: 'tester' },
        '2026-01',
      );
      await assert.rejects(busy, /the tables are in use, and payments must not wait/);
    } finally {
      await reader.close();
    }
    await bank.archive('2026-01');
    await bank.checkpoint();
    assertClean(await bank.verify());
  });
});

test('archive() says what is wrong with the ask, what is due, and does it', async () => {
  await withOldBank(async (bank) => {
    const config = readConfig({ DATABASE_URL: bank.url, PULIH_STATE: bank.folder });
    const ask = { config, before: undefined, keep: undefined, to: undefined, asJson: true };
    const run = (more: Partial<Parameters<typeof archive>[0]>): Promise<number> =>
      archive({ ...ask, isDryRun: false, ...more });
    assert.equal(await run({ before: '2026-13' }), 2);
    assert.equal(await run({ keep: '0' }), 2);
    assert.equal(await run({ keep: '3', before: '2026-03' }), 2);
    const events = await countOf(bank, 'event');
    assert.equal(await run({ before: '2026-03', isDryRun: true }), 0);
    assert.equal(await run({}), 0, 'two years stay');
    assert.equal(await countOf(bank, 'event'), events);
    assert.equal(await run({ before: '2026-03', to: bank.folder }), 0);
    await bank.checkpoint();
    const report = await bank.verify();
    assertClean(report);
    assert.equal(report.archive.months, 2);
    bank.clock.nowMs = dayMs('03-25');
    await bank.post(hold('1001', '1002', rupiah(1)));
    assert.equal(await run({ before: '2026-04', isDryRun: true }), 1);
    assert.equal(await run({ before: '2026-04' }), 1);
  });
});

test('archiveMonth() waits for payments, settlement lines and breaks; a payment is still right without its transfers', async () => {
  await withOldBank(async (bank) => {
    const [moved] = await bank.db.query<{ payment: string; amount: bigint }>(
      sql`select payment_id as payment, amount_sen as amount from transfer where kind = 'single' and line = 'principal'
        and payment_id is not null and booked_on = '2026-01-20' order by id limit 1`,
    );
    const { payment, amount } = moved!;
    await bank.tamper(`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name, creditor_name,
        amount_sen, made_at, value_date, business_date, changed_at, settled_at)
      select '${payment}', 'onus', 'mobile', 'settled', 'new', d.number, c.number, 'A', 'B', ${amount}, t.booked_at, booked_on, booked_on, t.booked_at, t.booked_at
      from transfer t join account d on d.id = t.debit_account join account c on c.id = t.credit_account where t.payment_id = '${payment}';
      insert into payment_line select id, 'principal', amount_sen, debit_account, credit_account, value_date, business_date from payment`);
    const refused = async (make: string, undo: string, reason: RegExp): Promise<void> => {
      await bank.tamper(make);
      await assert.rejects(bank.archive('2026-01'), reason);
      await bank.tamper(undo);
    };
    await refused(
      "update payment set state = 'unknown'",
      "update payment set state = 'settled'",
      /1 payments of it or of before are not final/,
    );
    await refused(
      `insert into settlement_line values ('l', 'bifast', 'out', 'b', 5, 'BANK', 'c', '2026-01-31T16:59:59Z', '2026-01-31', '2026-01-31T16:59:59Z', 'open', null)`,
      'delete from settlement_line',
      /1 settlement lines of it or of before wait for their match/,
    );
    await refused(
      `insert into match_break values ('k', 'orphan', 'bifast', 'b', 5, '', '2026-01-31T16:59:59Z', null)`,
      'delete from match_break',
      /1 breaks of it or of before are open/,
    );
    await bank.tamper(
      `insert into match_break values ('k', 'orphan', 'bifast', 'b', 5, '', '2026-01-31T17:00:00Z', null)`,
    );
    assertClean(await bank.verify());
    await bank.archive('2026-01');
    await bank.checkpoint();
    assertClean(await bank.verify());
  });
});

test('archive() of a process that is killed with SIGKILL at any of its points loses nothing, and the next one finishes', async () => {
  for (const point of ['archive.afterWrite', 'archive.afterCheck', 'archive.afterDrop'])
    await withOldBank(async (bank) => {
      const run = async (fault: string): Promise<readonly unknown[]> => {
        const words = [
          'archive',
          '--before',
          '2026-03',
          '--to',
          bank.folder,
          '--state',
          bank.folder,
        ];
        const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...words], {
          env: { ...process.env, DATABASE_URL: bank.url, PULIH_FAULT: fault },
          stdio: 'ignore',
        });
        return once(child, 'exit');
      };
      assert.deepEqual(await run(point), [null, 'SIGKILL']);
      await bank.checkpoint();
      assertClean(await bank.verify());
      assert.deepEqual(await run(''), [0, null]);
      await bank.checkpoint();
      const report = await bank.verify();
      assertClean(report);
      assert.equal(report.archive.months, 2);
    });
});
