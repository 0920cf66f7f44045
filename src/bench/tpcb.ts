/** The reference that our own figures are compared with in the same run: the TPC-B-like transaction of pgbench, through the same driver
 * and the same kind of pool that Pulih uses. */
import { openDb } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { seededRandom, type Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
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

/** Runs the reference for `seconds` and returns its rate.
 * Shape: makes a database of its own on the server of `url` (whose user may create one) and drops it, also on a throw; prepared
 * statements; `clients` connections, each one transaction at a time. Throws when scale is below 8, when fsync or synchronous_commit
 * is off, or when the sums do not agree afterwards. */
export async function runTpcb(input: {
  readonly url: string;
  readonly scale: number;
  readonly clients: number;
  readonly seconds: number;
  readonly time: Time;
  readonly random?: Random;
}): Promise<TpcbFigures> {
  assert(input.scale >= SCALE_MIN, `the reference has a scale of at least ${SCALE_MIN}`);
  const random = input.random ?? seededRandom(`tpcb:${input.time.now()}`);
  const name = `tpcb_${random.bytes(8).toString('hex')}`;
  const server = openDb({ url: input.url, size: 1, time: input.time, name: 'bench' });
  try {
    const { fsync, synchronousCommit } = await store.durability(server);
    assert(
      fsync === 'on' && synchronousCommit === 'on',
      'the reference runs with fsync and synchronous_commit on',
    );
    await store.createDatabase(server, name);
    return await measure({ ...input, url: withDatabase(input.url, name), random });
  } finally {
    await store.dropDatabase(server, name);
    await server.close();
  }
}

async function measure(
  input: Parameters<typeof runTpcb>[0] & { readonly random: Random },
): Promise<TpcbFigures> {
  const { time, scale, clients, random } = input;
  const db = openDb({ url: input.url, size: clients, time, name: 'bench' });
  try {
    await store.fill(db, scale);
    const beganMs = time.now();
    const endMs = beganMs + input.seconds * 1_000;
    const takenMs: number[] = [];
    const client = async (): Promise<void> => {
      for (let at = time.now(); at < endMs;) {
        await db.tx((tx) => store.transact(tx, moveOf(scale, random)));
        const now = time.now();
        takenMs.push(now - at);
        at = now;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const seconds = (time.now() - beganMs) / 1_000;
    assert(await store.isConsistent(db), 'the four sums of TPC-B agree');
    takenMs.sort((a, b) => a - b);
    const quantile = (share: number): number =>
      takenMs[Math.min(takenMs.length - 1, Math.floor(takenMs.length * share))] ?? 0;
    return {
      tps: takenMs.length / seconds,
      transactions: takenMs.length,
      seconds,
      scale,
      clients,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    };
  } finally {
    await db.close();
  }
}

function moveOf(scale: number, random: Random): store.TpcbMove {
  const teller = 1 + random.below(scale * store.TELLERS_PER_BRANCH);
  return {
    account: 1 + random.below(scale * store.ACCOUNTS_PER_BRANCH),
    teller,
    branch: 1 + random.below(scale),
    delta: random.below(2 * DELTA_MAX + 1) - DELTA_MAX,
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
