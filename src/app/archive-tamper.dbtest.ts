/** Whatever is altered in an archive, or in what is recorded of it, is found and named. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { checkOf, parseEventLine } from '../archive/line.ts';
import { eventText } from '../audit/checkpoint.ts';
import { leafHash } from '../kernel/merkle.ts';
import {
  archiveTwo,
  assertClean,
  countOf,
  FILE,
  problemsOf,
  TRANSFERS,
  withOldBank,
} from './test-archive.ts';
import type { WholeReport } from './verify.ts';

test('verifyAll() names the file and the row of what was altered in an archive', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    const keep = new Map(
      [FILE, TRANSFERS].map((file) => [file, readFileSync(join(bank.folder, file))]),
    );
    const found = async (): Promise<string> => {
      const report = await bank.verify({ isFresh: true });
      assert.equal(
        report.ledger.balanced && report.audit.ok && report.archive.problems.length === 0,
        false,
      );
      for (const [file, bytes] of keep) writeFileSync(join(bank.folder, file), bytes);
      return problemsOf(report).join('; ');
    };
    // A row altered, and packed again without a fault.
    let at = 0;
    bank.rewrite(FILE, (lines) => {
      at = lines.findIndex((line) => line.includes('ledger.posted'));
      return lines.with(at, lines[at]!.replace('ledger.posted', 'ledger.postet'));
    });
    const named = `archive event-2026-01.tsv.zst; file_row_changed event-2026-01.tsv.zst ${at - 1}`;
    assert.equal((await found()).slice(0, named.length), named);
    // A row altered with its mark, by somebody who knows how: the node above 256 rows tells.
    bank.rewrite(FILE, (lines) => {
      const forged = lines[at]!.replace('ledger.posted', 'ledger.postet');
      const [position, , ...rest] = forged.split('\t');
      const mark = checkOf(leafHash(eventText(parseEventLine(forged)!.row)));
      return lines.with(at, [position, mark, ...rest].join('\t'));
    });
    assert.match(await found(), /^archive event-2026-01.tsv.zst; node_wrong 0/);
    // A row dropped, with the count put right.
    bank.rewrite(FILE, (lines) => {
      const rows = lines.filter((_, at) => at !== 31);
      return rows.with(
        rows.length - 2,
        JSON.stringify({ end: true, rows: String(rows.length - 3) }),
      );
    });
    assert.match(await found(), /file_row_missing event-2026-01.tsv.zst 30/);
    // A transfer altered where its event tells of it.
    bank.rewrite(TRANSFERS, (lines) =>
      lines.with(11, lines[11]!.replace('\t2026-01-20\t', '\t2026-01-21\t')),
    );
    assert.match(await found(), /^archive transfer-2026-01.tsv.zst; transfer/);
    // A transfer altered where no event tells of it: its value date.
    bank.rewrite(TRANSFERS, (lines) =>
      lines.with(11, lines[11]!.replace('2026-08-01', '2026-08-02')),
    );
    assert.equal(await found(), 'archive transfer-2026-01.tsv.zst');
    // Cut, flipped, gone.
    const bytes = keep.get(FILE)!;
    writeFileSync(join(bank.folder, FILE), bytes.subarray(0, bytes.length - 20));
    assert.match(await found(), /archive event-2026-01.tsv.zst/);
    const flipped = Buffer.from(bytes);
    flipped[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(join(bank.folder, FILE), flipped);
    assert.match(await found(), /archive event-2026-01.tsv.zst; archive event-2026-01.tsv.zst/);
    rmSync(join(bank.folder, TRANSFERS));
    assert.equal(await found(), 'archive transfer-2026-01.tsv.zst');
    assertClean(await bank.verify({ isFresh: true }));
  });
});

test('verifyAll() finds files that changed places, rows altered by SQL, and a partition that went without an archive', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    const swap = (): void => {
      const other = join(bank.folder, 'event-2026-02.tsv.zst');
      renameSync(join(bank.folder, FILE), join(bank.folder, 'aside'));
      renameSync(other, join(bank.folder, FILE));
      renameSync(join(bank.folder, 'aside'), other);
    };
    swap();
    assert.match(
      problemsOf(await bank.verify()).join('; '),
      /archive event-2026-01.tsv.zst; archive event-2026-02/,
    );
    swap();
    assertClean(await bank.verify());
    const found = async (statement: string, undo: string): Promise<readonly string[]> => {
      await bank.tamper(statement);
      const report = await bank.verify({ isFresh: true });
      await bank.tamper(undo);
      return report.archive.problems.map(({ detail }) => detail);
    };
    assert.deepEqual(
      await found(
        "update archive_month set facts = replace(facts, 'tester', 'nobody')",
        "update archive_month set facts = replace(facts, 'nobody', 'tester')",
      ),
      [
        'its row in archive_month is not what its event tells',
        'its row in archive_month is not what its event tells',
      ],
    );
    assert.deepEqual(
      await found(
        'update account_month set debit_sen = debit_sen + 1 where (month, account) = (select min(month), min(account) from account_month)',
        'update account_month set debit_sen = debit_sen - 1 where (month, account) = (select min(month), min(account) from account_month)',
      ),
      ['its rows in account_month are not what its event tells'],
    );
    assertClean(await bank.verify({ isFresh: true }));
    await bank.tamper("delete from archive_month where month = '2026-02-01'");
    const dropped = await bank.verify({ isFresh: true });
    assert.ok(
      dropped.archive.problems.some(({ detail }) => detail.includes('archive_month does not')),
    );
    assert.equal(dropped.audit.ok, false);
  });
  await withOldBank(async (bank) => {
    await bank.tamper('drop table event_202601; drop table transfer_202601');
    const report = await bank.verify();
    assert.equal(report.audit.problems[0]?.kind, 'event_missing');
  });
});

test('verifyAll() of what is live only needs no file, says what it did not read, and still finds what is wrong in the tables', async () => {
  await withOldBank(async (bank) => {
    await archiveTwo(bank);
    for (const file of [FILE, TRANSFERS]) rmSync(join(bank.folder, file));
    const read = (): Promise<WholeReport> => bank.verify({ isLiveOnly: true, pageRows: 7 });
    const report = await read();
    assertClean(report);
    assert.deepEqual(report.archive.unread, ['2026-01', '2026-02']);
    assert.equal(report.ledger.transfers, await countOf(bank, 'transfer'));
    const found = async (statement: string, undo: string): Promise<readonly string[]> => {
      await bank.tamper(statement);
      const found = problemsOf(await read());
      await bank.tamper(undo);
      return found;
    };
    const live = '(select min(id) from transfer)';
    assert.deepEqual(
      await found(
        `update transfer set amount_sen = amount_sen + 1 where id = ${live}`,
        `update transfer set amount_sen = amount_sen - 1 where id = ${live}`,
      ),
      ['transfer', 'account', 'account'],
    );
    const sums = (sign: string): string =>
      `update account_month set credit_sen = credit_sen ${sign} 1 where (month, account) = (select min(month), min(account) from account_month)`;
    assert.deepEqual(await found(sums('+'), sums('-')), ['archive', 'account']);
    assertClean(await read());
    // An event of a live month taken away, and its leaf passed off as one of an archived month.
    await bank.tamper(`delete from event where id = (select max(event_id) from audit_leaf where event_on_date < '2026-04-01');
      update audit_leaf set event_on_date = '2026-02-28' where event_id = (select max(event_id) from audit_leaf where event_on_date < '2026-04-01')`);
    assert.ok((await read()).archive.problems[0]?.detail.includes('leaves of archived events'));
  });
});
