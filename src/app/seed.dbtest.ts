import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createCustomers } from '../channel/session/enrol.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { CHART } from '../kernel/bank.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import { credentialsFile } from './credentials.ts';
import { openAccounts } from '../ledger/account.ts';
import { BULK_PAYER, demoCustomers, MERCHANTS, PARTNER, STAFF } from './demo-people.ts';
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

test('seed() binds nothing anew that people of the bank ended with the demo partner', async () => {
  const state = mkdtempSync(join(tmpdir(), 'pulih-seed-'));
  try {
    mkdirSync(dirname(credentialsFile(state)), { recursive: true });
    writeFileSync(credentialsFile(state), '{}');
    await withTestDb(async (db) => {
      const time = wallTime();
      const nowMs = time.now();
      const input = { state, db, time, random: systemRandom() };
      await seed(input);
      const payer = demoCustomers()[BULK_PAYER.index]!;
      await createCustomers(input, [{ id: payer.id, name: payer.name, isStaff: payer.isStaff }]);
      await db.tx((tx) =>
        openAccounts(tx, { nowMs, accounts: [{ number: PARTNER.account, name: PARTNER.name }] }),
      );
      await db.query(sql`
        insert into partner (id, name, hmac_encoding, amount_max_sen, source_accounts, made_at)
        values (${PARTNER.id}, ${PARTNER.name}, 'base64', 100, '{}', ${new Date(nowMs)})`);
      await db.query(sql`
        insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select id, id, id, 'admin', '', '', '', ${new Date(nowMs)} from unnest(${STAFF.map(({ id }) => id)}::text[]) as id`);
      const live = async (): Promise<bigint> => {
        const [row] = await db.query<{ n: bigint }>(sql`
          select (select count(*) from partner_account where ended_at is null)
            + (select count(*) from partner_redirect where ended_at is null) as n`);
        return row!.n;
      };
      await seed(input);
      assert.equal(await live(), 2n);
      const ended = new Date(nowMs + 1_000);
      await db.query(sql`update partner_account set ended_at = ${ended}`);
      await db.query(sql`update partner_redirect set ended_at = ${ended}`);
      await seed(input);
      assert.equal(await live(), 0n);
    });
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
