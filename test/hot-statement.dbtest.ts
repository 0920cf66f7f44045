/** Statements of the money path stay on indexes however large the tables grow. PostgreSQL is told to take any other way it has before it
 * reads a whole table: one that still does has no index to go by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queryable } from '../src/db/pool.ts';
import { sql } from '../src/db/sql.ts';
import { withTestDb } from '../src/db/test-database.ts';
import { selectOpenLines } from '../src/reconcile/store.ts';
import { readAccounts } from '../src/payment/store-facts.ts';
import {
  findPresented,
  findPresentedByRrn,
  findReceived,
  findSent,
  findWithdrawals,
} from '../src/payment/store.ts';
import { selectBySecret, selectLive } from '../src/presented/store.ts';

const ASKED: Readonly<Record<string, (db: Queryable) => Promise<unknown>>> = {
  'what a bank sent us': (db) => findReceived(db, [{ bank: 'BNINIDJA', id: 'a' }]),
  'accounts and their owners': (db) => readAccounts(db, ['1990000001']),
  'what we sent': (db) => findSent(db, ['a']),
  'what cards drew': (db) => findWithdrawals(db, [{ bank: 'BNINIDJA', id: 'a' }]),
  'what a shown code paid': (db) => findPresented(db, { bank: 'BNINIDJA', id: 'a' }),
  'the same by RRN': (db) => findPresentedByRrn(db, { bank: 'BNINIDJA', rrn: 'a' }),
  'a shown code': (db) => selectBySecret(db, Buffer.alloc(32)),
  'a customer’s shown codes': (db) => selectLive(db, { customerId: 'C1', nowMs: 0 }),
  'lines of a settlement': (db) =>
    selectOpenLines(db, { afterSeenMs: 0, afterLineId: '', limit: 10 }),
};

test('no statement of the money path reads a table of payments or lines whole', () =>
  withTestDb(async (db) => {
    for (const [name, ask] of Object.entries(ASKED)) {
      const plan = await db.tx(async (tx) => {
        const lines: string[] = [];
        await tx.query(sql`set local enable_seqscan = off`);
        await ask({
          async query({ name: known, text, values }) {
            const explained = { name: `explain_${known}`, text: `explain ${text}`, values };
            const rows = await tx.query<{ 'QUERY PLAN': string }>(explained);
            lines.push(...rows.map((row) => row['QUERY PLAN']));
            return [];
          },
        });
        return lines.join('\n');
      });
      assert.match(plan, /Index/, name);
      assert.doesNotMatch(plan, /Seq Scan/, `${name}:\n${plan}`);
    }
  }));
