/** The load of `pulih bench ledger`: a ledger with client queues, in this process or in one of its own. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { openDb } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { sen } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, wibDate } from '../../kernel/time.ts';
import { openLedger } from '../../ledger/post.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { ROOT } from '../place.ts';

/** What is posted in the first second is not measured. */
export const WARM_UP_SECONDS = 1;
const POOL_SIZE = 4;
/** Requests that each client has on their way at once: a payment hub does not wait for one answer before it asks the next. */
export const QUEUE_DEPTH = 64;

/** One run. */
export interface PostRun {
  readonly url: string;
  readonly seconds: number;
  readonly clients: number;
  readonly sides: Sides;
}

/** Numbers of accounts that money leaves and reaches. */
export interface Sides {
  readonly debits: readonly string[];
  readonly credits: readonly string[];
}

export interface Load {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  readonly errors: number;
}

/** Client queues, each with QUEUE_DEPTH requests on their way; the next is asked for when one is answered. */
export function post(input: PostRun): Promise<Load> {
  return withPoster(input, async (ask) => {
    const fromMs = performance.now() + WARM_UP_SECONDS * 1_000;
    const untilMs = fromMs + input.seconds * 1_000;
    const latenciesMs: number[] = [];
    let errors = 0;
    const caller = async (): Promise<void> => {
      for (let beganMs = performance.now(); beganMs < untilMs;) {
        const isOk = await ask();
        const nowMs = performance.now();
        if (!isOk) errors++;
        else if (nowMs >= fromMs && nowMs < untilMs) latenciesMs.push(nowMs - beganMs);
        beganMs = nowMs;
      }
    };
    await Promise.all(Array.from({ length: input.clients * QUEUE_DEPTH }, caller));
    return { perSecond: latenciesMs.length / input.seconds, latenciesMs, errors };
  });
}

/** One request at a time, a plain commit after each: what a lone request waits for beside the disk. */
export interface LoneLoad {
  readonly latenciesMs: readonly number[];
  readonly plainMs: readonly number[];
  readonly errors: number;
}

/** Runs it; `commitLone` is timed by itself. */
export function postAlone(
  input: Omit<PostRun, 'clients'>,
  commitLone: () => Promise<number>,
): Promise<LoneLoad> {
  return withPoster(input, async (ask) => {
    const fromMs = performance.now() + WARM_UP_SECONDS * 1_000;
    const untilMs = fromMs + input.seconds * 1_000;
    const latenciesMs: number[] = [];
    const plainMs: number[] = [];
    let errors = 0;
    for (let beganMs = performance.now(); beganMs < untilMs; beganMs = performance.now()) {
      if (!(await ask())) errors++;
      const tookMs = performance.now() - beganMs;
      const plain = await commitLone();
      if (beganMs < fromMs) continue;
      latenciesMs.push(tookMs);
      plainMs.push(plain);
    }
    return { latenciesMs, plainMs, errors };
  });
}

/** Opens a ledger and asks it for transfers between accounts drawn from both sides: true when one was posted. */
async function withPoster<Report>(
  input: Pick<PostRun, 'url' | 'sides'>,
  work: (ask: () => Promise<boolean>) => Promise<Report>,
): Promise<Report> {
  const time = wallTime();
  const random = systemRandom();
  const db = openDb({ url: input.url, size: POOL_SIZE, time, name: 'bench' });
  const ledger = openLedger({ db, time, random, log: silentLog, bank: DEMO_BANK });
  const { debits, credits } = input.sides;
  const drawn = (from: readonly string[]): string => from[Math.floor(Math.random() * from.length)]!;
  const onDate = wibDate(time.now());
  const ask = async (): Promise<boolean> => {
    const id = newId('pay', time.now(), random);
    const debit = drawn(debits);
    let credit = drawn(credits);
    while (credit === debit) credit = drawn(credits);
    const result = await ledger.post({
      key: `bench:${id}`,
      requestHash: sha256(id),
      paymentId: id,
      valueDate: onDate,
      businessDate: onDate,
      legs: [{ kind: 'single', line: 'principal', debit, credit, amount: sen(100n) }],
    });
    return result.ok;
  };
  try {
    return await work(ask);
  } finally {
    await ledger.stop();
    await db.close();
  }
}

/** Several processes with a ledger each, and a part of the clients each: what they reach together. */
export async function postApart(run: PostRun, processes: number): Promise<Load> {
  const part = { ...run, clients: Math.ceil(run.clients / processes) };
  const loads = await Promise.all(Array.from({ length: processes }, () => postInChild(part)));
  return {
    perSecond: loads.reduce((sum, load) => sum + load.perSecond, 0),
    latenciesMs: loads.flatMap((load) => load.latenciesMs),
    errors: loads.reduce((sum, load) => sum + load.errors, 0),
  };
}

function postInChild(run: PostRun): Promise<Load> {
  const child = fork(join(ROOT, 'src/main.ts'), ['bench', 'post'], { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (load) => {
      resolve(load as Load);
      child.disconnect();
    });
    child.once('exit', (code) => reject(new Error(`A process with a ledger ended (exit ${code})`)));
    child.send(run);
  });
}

/** The process of `postApart`: one run by IPC; the exit code. */
export function servePost(): Promise<number> {
  return new Promise((resolve) => {
    process.on('disconnect', () => resolve(0));
    process.once(
      'message',
      (run) => void post(run as PostRun).then((load) => process.send?.(load)),
    );
  });
}
