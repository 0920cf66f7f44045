/** Two references for the ledger's own figure: one transaction per transfer with atomic updates on the same hot account, which is what
 * most ledgers on PostgreSQL do, and the bulk insert of bare rows, which is the ceiling. */
import { openDb, type Db } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { seededRandom } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import * as plain from './store-plain.ts';
import { createDatabase, dropDatabase } from './store-tpcb.ts';

const ACCOUNTS = 10_000;
const AMOUNT_SEN = 100;
/** Rows per bulk statement. */
const BULK_ROWS = 50_000;
/** Marks the rows of the bulk insert. */
const BULK_AT = new Date(0);

/** A filled reference. */
export interface PlainLedger {
  /** Transfers per second, one transaction each, by `clients` connections. Throws when the sums do not agree afterwards. */
  perTransfer(seconds: number): Promise<number>;
  /** Rows per second by `insert … select`. */
  bulkInsert(seconds: number): Promise<number>;
  /** One transaction that writes one row: milliseconds. */
  commitLone(): Promise<number>;
  /** Drops its database. */
  close(): Promise<void>;
}

/** Fills it in a database of its own on the server of `url`, whose user may create one. */
export async function openPlainLedger(input: {
  readonly url: string;
  readonly clients: number;
  readonly time: Time;
}): Promise<PlainLedger> {
  const { time, clients } = input;
  const random = seededRandom(`plain:${time.now()}`);
  const name = `plain_${random.bytes(8).toString('hex')}`;
  const server = openDb({ url: input.url, size: 1, time, name: 'bench' });
  let db: Db | undefined;
  const close = async (): Promise<void> => {
    try {
      await db?.close();
      await dropDatabase(server, name);
    } finally {
      await server.close();
    }
  };
  try {
    await createDatabase(server, name);
    const url = new URL(input.url);
    url.pathname = `/${name}`;
    db = openDb({ url: url.href, size: clients, time, name: 'bench' });
    await plain.fill(db, ACCOUNTS);
  } catch (error) {
    await close();
    throw error;
  }
  const filled = db;
  const moveAt = (atMs: number): plain.PlainMove => ({
    debit: 2 + random.below(ACCOUNTS - 1),
    amountSen: AMOUNT_SEN,
    at: new Date(atMs),
  });
  return {
    async perTransfer(seconds) {
      const beganMs = time.now();
      const endMs = beganMs + seconds * 1_000;
      let done = 0;
      const client = async (): Promise<void> => {
        for (let at = beganMs; at < endMs; at = time.now(), done++)
          await filled.tx((tx) => plain.transact(tx, moveAt(at)));
      };
      await Promise.all(Array.from({ length: clients }, client));
      const rate = (done * 1_000) / (time.now() - beganMs);
      assert(
        await plain.isConsistent(filled, { accounts: ACCOUNTS, manyAt: BULK_AT }),
        'the plain ledger agrees with itself',
      );
      return rate;
    },
    async bulkInsert(seconds) {
      const beganMs = time.now();
      const endMs = beganMs + seconds * 1_000;
      let rows = 0;
      for (; time.now() < endMs; rows += BULK_ROWS)
        await plain.insertMany(filled, { count: BULK_ROWS, accounts: ACCOUNTS, at: BULK_AT });
      return (rows * 1_000) / (time.now() - beganMs);
    },
    async commitLone() {
      const beganMs = performance.now();
      await filled.tx((tx) => plain.insertLone(tx, BULK_AT));
      return performance.now() - beganMs;
    },
    close,
  };
}
