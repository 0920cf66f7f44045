/** `pulih bench ledger`: transfers into one hot account, straight through the ledger, beside TPC-B on the same server. */
import { openDb } from '../db/pool.ts';
import { median, quantile, round } from '../bench/figure.ts';
import { openTpcb } from '../bench/tpcb.ts';
import { sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { sen } from '../kernel/money.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime, wibDate, type Time } from '../kernel/time.ts';
import { openLedger } from '../ledger/post.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { startBenchBank } from './bench-bank.ts';
import { openScreen } from './bench-screen.ts';
import type { BenchOptions } from './bench.ts';
import { DEMO_BANK } from './bank-profile.ts';
import { demoCustomers } from './demo-people.ts';

const ROUNDS = 3;
const WARM_UP_SECONDS = 1;
const POOL_SIZE = 4;
const TPCB_SCALE = 8;
const TPCB_CLIENTS = 8;

/** Runs it; 0 when every transfer was posted and the ledger is balanced. */
export async function benchLedger(options: BenchOptions): Promise<number> {
  const time = wallTime();
  const screen = openScreen();
  const bank = await screen.step('bank', () => startBenchBank({ time, name: 'ledger' }));
  try {
    const seconds = options.seconds / ROUNDS;
    const tpcb = await screen.step('fill TPC-B', () =>
      openTpcb({ url: bank.databaseUrl, scale: TPCB_SCALE, clients: TPCB_CLIENTS, time }),
    );
    const loads: Load[] = [];
    const references: number[] = [];
    try {
      for (let number = 1; number <= ROUNDS; number++) {
        loads.push(
          await screen.step(
            `hot account ${number}/${ROUNDS}`,
            () => post({ url: bank.databaseUrl, seconds, callers: options.clients, time }),
            { seconds: seconds + WARM_UP_SECONDS },
          ),
        );
        references.push(
          await screen.step(
            `TPC-B ${number}/${ROUNDS}`,
            () => tpcb.run(seconds).then(({ tps }) => tps),
            { seconds },
          ),
        );
      }
    } finally {
      await tpcb.close();
    }
    const { balanced } = await screen.step('books', () => verifyLedger(bank.db));
    const result = resultOf({ loads, references, balanced, callers: options.clients });
    const { hotAccount } = result.figures;
    process.stdout.write(
      options.asJson
        ? `${JSON.stringify(result)}\n`
        : `\nTransfers into one account   ${hotAccount.perSecond} per second   p50 ${hotAccount.p50Ms} ms   p99 ${hotAccount.p99Ms} ms   ${hotAccount.errors} errors\n` +
            `TPC-B on the same server     ${result.references.tpcb.perSecond} per second\nRatio                        ${result.ratios.hotAccountToTpcb}\n` +
            `Books                        ${balanced ? 'balanced' : 'NOT BALANCED'}\n`,
    );
    return balanced && hotAccount.errors === 0 ? 0 : 1;
  } finally {
    await screen.step('stop', () => bank.close());
  }
}

interface Load {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  readonly errors: number;
}

/** Callers that each post, wait and post again: from many accounts into the first. */
async function post(input: {
  readonly url: string;
  readonly seconds: number;
  readonly callers: number;
  readonly time: Time;
}): Promise<Load> {
  const { time, seconds } = input;
  const random = systemRandom();
  const db = openDb({ url: input.url, size: POOL_SIZE, time, name: 'bench' });
  const ledger = openLedger({ db, time, random, log: silentLog, bank: DEMO_BANK });
  const [hot, ...payers] = demoCustomers().map(({ account }) => account);
  const onDate = wibDate(time.now());
  const fromMs = performance.now() + WARM_UP_SECONDS * 1_000;
  const untilMs = fromMs + seconds * 1_000;
  const latenciesMs: number[] = [];
  let errors = 0;
  const caller = async (): Promise<void> => {
    for (let beganMs = performance.now(); beganMs < untilMs;) {
      const id = newId('pay', time.now(), random);
      const debit = payers[Math.floor(Math.random() * payers.length)]!;
      const result = await ledger.post({
        key: `bench:${id}`,
        requestHash: sha256(id),
        paymentId: id,
        valueDate: onDate,
        businessDate: onDate,
        legs: [{ kind: 'single', line: 'principal', debit, credit: hot!, amount: sen(100n) }],
      });
      const nowMs = performance.now();
      if (!result.ok) errors++;
      else if (nowMs >= fromMs && nowMs < untilMs) latenciesMs.push(nowMs - beganMs);
      beganMs = nowMs;
    }
  };
  try {
    await Promise.all(Array.from({ length: input.callers }, caller));
  } finally {
    await ledger.stop();
    await db.close();
  }
  return { perSecond: latenciesMs.length / seconds, latenciesMs, errors };
}

function resultOf(input: {
  readonly loads: readonly Load[];
  readonly references: readonly number[];
  readonly balanced: boolean;
  readonly callers: number;
}) {
  const { loads, references, balanced, callers } = input;
  const perSecond = median(loads.map((load) => load.perSecond));
  const tpcb = median(references);
  const latenciesMs = loads.flatMap((load) => load.latenciesMs);
  return {
    bench: 'ledger',
    figures: {
      hotAccount: {
        perSecond: round(perSecond),
        p50Ms: round(quantile(latenciesMs, 0.5), 1),
        p99Ms: round(quantile(latenciesMs, 0.99), 1),
        errors: loads.reduce((sum, load) => sum + load.errors, 0),
        runs: loads.map((load) => round(load.perSecond)),
        callers,
      },
    },
    references: {
      tpcb: {
        perSecond: round(tpcb),
        scale: TPCB_SCALE,
        clients: TPCB_CLIENTS,
        runs: references.map((tps) => round(tps)),
      },
    },
    ratios: { hotAccountToTpcb: round(perSecond / tpcb, 2) },
    books: { balanced },
  };
}
