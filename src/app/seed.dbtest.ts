import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { CHART } from '../kernel/bank.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import { credentialsFile } from './credentials.ts';
import { MERCHANTS } from './demo-people.ts';
import { seed } from './seed.ts';

const GUIDE = join(import.meta.dirname, '../../docs/rail/qris.md');

test('seed() adds what a newer version has, accounts of the chart and merchants, to a bank that is already there', async () => {
  const state = mkdtempSync(join(tmpdir(), 'pulih-seed-'));
  try {
    mkdirSync(dirname(credentialsFile(state)), { recursive: true });
    writeFileSync(credentialsFile(state), '{}');
    await withTestDb(async (db) => {
      const input = { state, db, time: wallTime(), random: systemRandom() };
      assert.equal(await seed(input), false);
      assert.equal(await seed(input), false);
      const rows = await db.query<{ number: string }>(
        sql`select number from account where number = any(${Object.values(CHART)})`,
      );
      assert.equal(rows.length, Object.values(CHART).length);
      const codes = await db.query<{ payload: string }>(
        sql`select payload from merchant_code order by terminal`,
      );
      assert.equal(codes.length, MERCHANTS.flatMap(({ terminals }) => terminals).length);
      // The one that docs/rail/qris.md gives to try.
      assert.ok(readFileSync(GUIDE, 'utf8').includes(codes[0]!.payload), codes[0]!.payload);
    });
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
