/** The reference that our own figures are compared with in the same run: the TPC-B-like transaction of pgbench, through the same driver
 * and the same kind of pool that Pulih uses. */
import { openDb, type Db } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { seededRandom, type Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { quantile } from './figure.ts';
import * as store from './store-tpcb.ts';

/** Below it the clients wait for each other's branch and the reference looks slower than the database is. */
const SCALE_MIN = 8;
const DELTA_MAX = 5_000;

export interface TpcbFigures {
  readonly tps: number;
  readonly transactions: number;
  readonly seconds: number;
  readonly scale: number;
  readonly clients: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A filled reference: run it as often as wanted, e.g. between runs of what it is compared with. */
export interface Tpcb {
  /** Throws when the four sums do not agree afterwards. */
  run(seconds: number): Promise<TpcbFigures>;
  /** Drops its database. */
  close(): Promise<void>;
}

interface TpcbInput {
  readonly url: string;
  readonly scale: number;
  readonly clients: number;
  readonly time: Time;
  readonly random?: Random;
}

/** Runs the reference for `seconds` and returns its rate; leaves nothing behind, also on a throw. Throws as `openTpcb` and `run`. */
export async function runTpcb(
  input: TpcbInput & { readonly seconds: number },
): Promise<TpcbFigures> {
  const tpcb = await openTpcb(input);
  try {
    return await tpcb.run(input.seconds);
  } finally {
    await tpcb.close();
  }
}

/** Fills the reference.
 * Shape: a database of its own on the server of `url` (whose user may create one); prepared statements; `clients` connections, each
 * one transaction at a time. Throws when scale is below 8 or when fsync or synchronous_commit is off. */
export async function openTpcb(input: TpcbInput): Promise<Tpcb> {
  const { time, scale, clients } = input;
  assert(scale >= SCALE_MIN, `the reference has a scale of at least ${SCALE_MIN}`);
  const random = input.random ?? seededRandom(`tpcb:${time.now()}`);
  const name = `tpcb_${random.bytes(8).toString('hex')}`;
  const server = openDb({ url: input.url, size: 1, time, name: 'bench' });
  let db: Db | undefined;
  const close = async (): Promise<void> => {
    try {
      await db?.close();
      await store.dropDatabase(server, name);
    } finally {
      await server.close();
    }
  };
  try {
    const { fsync, synchronousCommit } = await store.durability(server);
    assert(
      fsync === 'on' && synchronousCommit === 'on',
      'the reference runs with fsync and synchronous_commit on',
    );
    await store.createDatabase(server, name);
    db = openDb({ url: withDatabase(input.url, name), size: clients, time, name: 'bench' });
    await store.fill(db, scale);
  } catch (error) {
    await close();
    throw error;
  }
  const filled = db;
  return {
    run: (seconds) => measure({ db: filled, scale, clients, time, random, seconds }),
    close,
  };
}

async function measure(input: {
  readonly db: Db;
  readonly scale: number;
  readonly clients: number;
  readonly time: Time;
  readonly random: Random;
  readonly seconds: number;
}): Promise<TpcbFigures> {
  const { db, time, scale, clients, random } = input;
  const beganMs = time.now();
  const endMs = beganMs + input.seconds * 1_000;
  const takenMs: number[] = [];
  const client = async (): Promise<void> => {
    for (let at = time.now(); at < endMs;) {
      await db.tx((tx) => store.transact(tx, moveOf(scale, { random, atMs: at })));
      const now = time.now();
      takenMs.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (time.now() - beganMs) / 1_000;
  assert(await store.isConsistent(db), 'the four sums of TPC-B agree');
  return {
    tps: takenMs.length / seconds,
    transactions: takenMs.length,
    seconds,
    scale,
    clients,
    p50Ms: quantile(takenMs, 0.5),
    p99Ms: quantile(takenMs, 0.99),
  };
}

function moveOf(
  scale: number,
  input: { readonly random: Random; readonly atMs: number },
): store.TpcbMove {
  const { random } = input;
  const teller = 1 + random.below(scale * store.TELLERS_PER_BRANCH);
  return {
    account: 1 + random.below(scale * store.ACCOUNTS_PER_BRANCH),
    teller,
    branch: 1 + random.below(scale),
    delta: random.below(2 * DELTA_MAX + 1) - DELTA_MAX,
    at: new Date(input.atMs),
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
