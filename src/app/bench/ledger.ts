/** `pulih bench ledger`: transfers straight through the ledger, into one hot account and spread over many, beside TPC-B, a plain ledger
 * of one transaction per transfer, and PostgreSQL's own bulk insert, all on the same server in turns. */
import type { Db } from '../../db/pool.ts';
import { median, quantile, round } from '../../bench/figure.ts';
import { openPlainLedger, type PlainLedger } from '../../bench/plain.ts';
import { growLedger } from '../../bench/fill-ledger.ts';
import { analyzeFill, insertFillAccounts, isCovered } from '../../bench/store-fill.ts';
import { openTpcb, type Tpcb } from '../../bench/tpcb.ts';
import { wallTime, wibDate, type Time } from '../../kernel/time.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import { startBenchBank } from './bank.ts';
import {
  post,
  postAlone,
  postApart,
  QUEUE_DEPTH,
  WARM_UP_SECONDS,
  type Load,
  type LoneLoad,
  type Sides,
} from './post.ts';
import { openScreen, type Screen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';
import { demoCustomers } from '../demo-people.ts';

const ROUNDS = 3;
/** Processes with a ledger each, on one database. */
const PROCESSES = 2;
const TPCB_SCALE = 8;
const TPCB_CLIENTS = 8;
/** Client queues, unless `--clients` says otherwise. */
const CLIENTS = 64;
/** The smaller number of client queues beside them. */
const FEW_CLIENTS = 8;
/** The accounts of the uniform figure, unless `--accounts` says otherwise. */
const UNIFORM_ACCOUNTS = 100_000;
/** What a ledger holds when it counts as grown, unless `--transfers` says otherwise. */
const GROWN_TRANSFERS = 200_000;
/** The guard covers what was filled before the load goes on; so long at most for a million. */
const COVER_MS_MAX = 600_000;
const POLL_MS = 250;
/** References that only bound the result take a third of a turn. */
const REFERENCE_SHARE = 1 / 3;

/** Runs it; 0 when every transfer was posted and the ledger is balanced. */
export async function benchLedger(options: BenchOptions): Promise<number> {
  const time = wallTime();
  const screen = openScreen();
  const bank = await screen.step('bank', () => startBenchBank({ time, name: 'ledger' }));
  try {
    const accounts = options.accounts ?? UNIFORM_ACCOUNTS;
    const uniform = await screen.step('accounts', () =>
      openAccounts(bank.db, { count: accounts, atMs: time.now() }),
    );
    const growth = { transfers: roundUp(options.transfers ?? GROWN_TRANSFERS), accounts };
    const tpcb = await screen.step('fill TPC-B', () =>
      openTpcb({ url: bank.databaseUrl, scale: TPCB_SCALE, clients: TPCB_CLIENTS, time }),
    );
    const plain = await screen.step('fill plain ledger', () =>
      openPlainLedger({ url: bank.databaseUrl, clients: TPCB_CLIENTS, time }),
    );
    let turns: Turns;
    try {
      turns = await takeTurns({
        options,
        screen,
        url: bank.databaseUrl,
        uniform: uniform.numbers,
        tpcb,
        plain,
        grow: () => grow(bank.db, { ...growth, account: uniform.first, time, screen }),
      });
    } finally {
      await tpcb.close();
      await plain.close();
    }
    const { balanced } = await screen.step('books', () => verifyLedger(bank.db));
    const result = resultOf({
      turns,
      balanced,
      clients: options.clients ?? CLIENTS,
      growth,
    });
    process.stdout.write(options.asJson ? `${JSON.stringify(result)}\n` : textOf(result));
    const errors = Object.values(result.figures).reduce((sum, one) => sum + one.errors, 0);
    return balanced && errors === 0 ? 0 : 1;
  } finally {
    await screen.step('stop', () => bank.close());
  }
}

/** Accounts that may go negative, so that chance refuses nobody; their numbers, and the id of the first. */
async function openAccounts(
  db: Db,
  input: { readonly count: number; readonly atMs: number },
): Promise<{ readonly first: bigint; readonly numbers: readonly string[] }> {
  const [first] = await insertFillAccounts(db, input);
  return {
    first: first!.id,
    numbers: Array.from({ length: input.count }, (_, i) => `fill${i + 1}`),
  };
}

/** History is made ten transfers at a time. */
function roundUp(transfers: number): number {
  return Math.ceil(transfers / 10) * 10;
}

/** Fills the ledger by the set, and waits until the guard has its leaves. */
async function grow(
  db: Db,
  input: {
    readonly transfers: number;
    readonly accounts: number;
    readonly account: bigint;
    readonly time: Time;
    readonly screen: Screen;
  },
): Promise<void> {
  const { transfers, time, screen } = input;
  const atMs = time.now();
  await screen.step(`${transfers} transfers`, () =>
    growLedger(db, { ...input, atMs, onDate: wibDate(atMs) }),
  );
  await screen.step('leaves of them', async () => {
    await analyzeFill(db);
    const untilMs = time.now() + COVER_MS_MAX * Math.max(1, transfers / 1_000_000);
    while (!(await isCovered(db))) {
      if (time.now() > untilMs) throw new Error('Cannot go on: the guard does not keep up');
      await time.sleep(POLL_MS);
    }
  });
}

interface Turns {
  readonly hotFew: Load[];
  readonly hot: Load[];
  /** The same number of clients, shared by processes with a ledger each. */
  readonly twoProcesses: Load[];
  readonly uniform: Load[];
  /** One request at a time. */
  readonly lone: LoneLoad[];
  /** The hot account again, in a ledger that has grown. */
  readonly grown: Load[];
  readonly tpcb: number[];
  readonly perTransfer: number[];
  readonly bulkInsert: number[];
}

/** Load and references take turns, so that a noisy minute hits all of them. */
async function takeTurns(input: {
  readonly options: BenchOptions;
  readonly screen: Screen;
  readonly url: string;
  readonly uniform: readonly string[];
  readonly tpcb: Tpcb;
  readonly plain: PlainLedger;
  readonly grow: () => Promise<void>;
}): Promise<Turns> {
  const { options, screen, url, tpcb, plain } = input;
  const seconds = options.seconds / ROUNDS;
  const clients = options.clients ?? CLIENTS;
  const short = seconds * REFERENCE_SHARE;
  const customers = demoCustomers().map(({ account }) => account);
  const hot = { credits: customers.slice(0, 1), debits: customers.slice(1) };
  const spread = { credits: input.uniform, debits: input.uniform };
  const turns: Turns = {
    hotFew: [],
    hot: [],
    twoProcesses: [],
    uniform: [],
    lone: [],
    grown: [],
    tpcb: [],
    perTransfer: [],
    bulkInsert: [],
  };
  const step = <T>(name: string, took: number, work: () => Promise<T>): Promise<T> =>
    screen.step(name, work, { seconds: took });
  const load = (name: string, queues: number, sides: Sides): Promise<Load> =>
    step(name, seconds + WARM_UP_SECONDS, () => post({ url, seconds, clients: queues, sides }));
  for (let number = 1; number <= ROUNDS; number++) {
    const turn = `${number}/${ROUNDS}`;
    turns.hotFew.push(await load(`hot, ${FEW_CLIENTS} clients ${turn}`, FEW_CLIENTS, hot));
    turns.tpcb.push((await step(`TPC-B ${turn}`, seconds, () => tpcb.run(seconds))).tps);
    turns.hot.push(await load(`hot, ${clients} clients ${turn}`, clients, hot));
    turns.twoProcesses.push(
      await step(`hot, ${PROCESSES} processes ${turn}`, seconds + WARM_UP_SECONDS, () =>
        postApart({ url, seconds, clients, sides: hot }, PROCESSES),
      ),
    );
    turns.perTransfer.push(
      await step(`per transfer ${turn}`, short, () => plain.perTransfer(short)),
    );
    turns.lone.push(
      await step(`one at a time ${turn}`, short + WARM_UP_SECONDS, () =>
        postAlone({ url, seconds: short, sides: hot }, () => plain.commitLone()),
      ),
    );
    turns.uniform.push(await load(`uniform ${turn}`, clients, spread));
    turns.bulkInsert.push(await step(`bulk insert ${turn}`, short, () => plain.bulkInsert(short)));
  }
  await input.grow();
  for (let number = 1; number <= ROUNDS; number++)
    turns.grown.push(await load(`hot, grown ${number}/${ROUNDS}`, clients, hot));
  return turns;
}

function resultOf(input: {
  readonly turns: Turns;
  readonly balanced: boolean;
  readonly clients: number;
  readonly growth: { readonly transfers: number; readonly accounts: number };
}) {
  const { turns, balanced, clients, growth } = input;
  const hotFew = figureOf(turns.hotFew, FEW_CLIENTS);
  const hot = figureOf(turns.hot, clients);
  const twoProcesses = figureOf(turns.twoProcesses, clients);
  const uniform = { ...figureOf(turns.uniform, clients), accounts: growth.accounts };
  const grown = { ...figureOf(turns.grown, clients), ...growth };
  const lone = timesOf(turns.lone.flatMap((load) => load.latenciesMs));
  const loneErrors = turns.lone.reduce((sum, load) => sum + load.errors, 0);
  const plainCommit = timesOf(turns.lone.flatMap((load) => load.plainMs));
  const tpcb = median(turns.tpcb);
  const perTransfer = median(turns.perTransfer);
  const bulkInsert = median(turns.bulkInsert);
  // The worse of the two numbers of clients is the figure.
  const slower = Math.min(hotFew.perSecond, hot.perSecond);
  return {
    bench: 'ledger',
    figures: {
      hotFew,
      hot,
      twoProcesses,
      uniform,
      lone: { ...lone, errors: loneErrors },
      grown,
    },
    references: {
      tpcb: { ...referenceOf(turns.tpcb), scale: TPCB_SCALE, clients: TPCB_CLIENTS },
      perTransfer: { ...referenceOf(turns.perTransfer), clients: TPCB_CLIENTS },
      bulkInsert: referenceOf(turns.bulkInsert),
      plainCommit,
    },
    ratios: {
      hotToTpcb: round(slower / tpcb, 2),
      hotToPerTransfer: round(slower / perTransfer, 2),
      hotToBulk: round(slower / bulkInsert, 3),
      uniformToTpcb: round(uniform.perSecond / tpcb, 2),
      twoProcessesToOne: round(twoProcesses.perSecond / hot.perSecond, 2),
      grownToEmpty: round(grown.perSecond / hot.perSecond, 2),
    },
    books: { balanced },
  };
}

function figureOf(loads: readonly Load[], clients: number) {
  const latenciesMs = loads.flatMap((load) => load.latenciesMs);
  return {
    perSecond: round(median(loads.map((load) => load.perSecond))),
    p50Ms: round(quantile(latenciesMs, 0.5), 1),
    p99Ms: round(quantile(latenciesMs, 0.99), 1),
    errors: loads.reduce((sum, load) => sum + load.errors, 0),
    runs: loads.map((load) => round(load.perSecond)),
    clients,
    queueDepth: QUEUE_DEPTH,
  };
}

function timesOf(latenciesMs: readonly number[]) {
  return {
    p50Ms: round(quantile(latenciesMs, 0.5), 2),
    p99Ms: round(quantile(latenciesMs, 0.99), 2),
  };
}

function referenceOf(runs: readonly number[]) {
  return { perSecond: round(median(runs)), runs: runs.map((rate) => round(rate)) };
}

function textOf(result: ReturnType<typeof resultOf>): string {
  const { figures, references, ratios } = result;
  const line = (name: string, figure: ReturnType<typeof figureOf>): string =>
    `${name.padEnd(30)} ${figure.perSecond} per second   p50 ${figure.p50Ms} ms   p99 ${figure.p99Ms} ms   ${figure.errors} errors\n`;
  return (
    `\n${line(`Hot account, ${figures.hotFew.clients} clients`, figures.hotFew)}` +
    line(`Hot account, ${figures.hot.clients} clients`, figures.hot) +
    line(`Hot account, ${PROCESSES} processes`, figures.twoProcesses) +
    line(`${figures.uniform.accounts} accounts`, figures.uniform) +
    line(`Hot, ${figures.grown.transfers} transfers stored`, figures.grown) +
    `One at a time                  p50 ${figures.lone.p50Ms} ms   p99 ${figures.lone.p99Ms} ms; a plain commit ${references.plainCommit.p50Ms} ms and ${references.plainCommit.p99Ms} ms\n` +
    `TPC-B                          ${references.tpcb.perSecond} per second\n` +
    `One transaction per transfer   ${references.perTransfer.perSecond} per second\n` +
    `Bulk insert of bare rows       ${references.bulkInsert.perSecond} per second\n` +
    `Ratios                         hot ${ratios.hotToTpcb} x TPC-B, ${ratios.hotToPerTransfer} x one by one, ${ratios.hotToBulk} of bulk; uniform ${ratios.uniformToTpcb} x TPC-B; grown ${ratios.grownToEmpty} of empty, two processes ${ratios.twoProcessesToOne} of one\n` +
    `Books                          ${result.books.balanced ? 'balanced' : 'NOT BALANCED'}\n`
  );
}
