/** `pulih bench rails`: so many withdrawals a second with the bank's cards at other banks' machines, a twentieth of them with a fault,
 * against a whole Pulih of real processes over real sockets. Says what a withdrawal costs by process, and nothing before the network's
 * book, the ledger and every account agree. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { availableParallelism, loadavg } from 'node:os';
import { quantile, round } from '../bench/figure.ts';
import { compareCash, type CashFound, type OfferedCash } from '../bench/rails-books.ts';
import { familyProcessorMs, processorMs } from '../bench/processor.ts';
import { selectAvailable, selectCash } from '../bench/store-rails.ts';
import { parseJson } from '../kernel/wire.ts';
import { wallTime, type Time } from '../kernel/time.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import { startBenchBank, type BenchBank } from './bench-bank.ts';
import { CARD_ACCOUNT_PREFIX, OPENING_SEN, openCardholders } from './bench-rails-bank.ts';
import { openScreen } from './bench-screen.ts';
import type { BenchOptions } from './bench.ts';
import { readConfig } from './config.ts';
import { postgresFolder } from './database.ts';
import { portMap } from './port-map.ts';
import { readRunning } from './run-file.ts';

/** Issue 4: three hundred a second. */
const RATE = 300;
/** In 1/10,000. */
const FAULTS = 500;
/** The first run finds cold caches and uncompiled code. */
const WARM_UP_SECONDS = 10;
const WARM_UP_SHARE = 0.3;
/** What has no answer is taken back after 25 s, and asked again where that is not heard. */
const DRAIN_MS_MAX = 120_000;
const REPORT_BYTES_MAX = 1_000_000;

interface Load {
  readonly perSecond: number;
  readonly seconds: number;
  readonly faultPerTenThousand: number;
}

/** What the load's driver wrote of one offer. */
interface Line {
  readonly number: number;
  readonly fault?: string;
  readonly dueMs: number;
  readonly endMs: number;
  readonly outcome: 'approved' | 'declined' | 'unknown' | 'not_sent';
  readonly rc?: string;
  readonly id?: string;
  readonly keptSen: string;
}

interface Ran {
  readonly load: Load;
  readonly lines: readonly Line[];
  /** What the switch could not bring to an end, or disputes. */
  readonly openAtSwitch: number;
  /** Processor time by process while it was offered. */
  readonly processorMs: Readonly<Record<string, number>>;
  readonly lateMsMax: number;
}

/** Runs it; 0 when nothing was lost, doubled or left open. */
export async function benchRails(options: BenchOptions): Promise<number> {
  const time = wallTime();
  const screen = openScreen();
  const loadBefore = loadavg()[0]!;
  const bank = await screen.step('bank', () => startBenchBank({ time, name: 'rails' }), {
    tell: ({ startSeconds }) => `ready in ${startSeconds} s`,
  });
  try {
    const holders = await screen.step('cards', () => openCardholders(bank, time), {
      tell: ({ cards }) => `${cards.length} with an account each`,
    });
    const run = (name: string, load: Load): Promise<Ran> =>
      screen.step(name, () => runLoad({ bank, time, cards: holders.cards, load }), {
        seconds: load.seconds,
        tell: ({ lines }) => sayOutcomes(lines),
      });
    const rate = options.rate ?? RATE;
    const warm = await run('warm up', {
      perSecond: Math.max(1, Math.round(rate * WARM_UP_SHARE)),
      seconds: WARM_UP_SECONDS,
      faultPerTenThousand: 0,
    });
    const ran = await run(`${rate} withdrawals a second`, {
      perSecond: rate,
      seconds: options.seconds,
      faultPerTenThousand: FAULTS,
    });
    const books = await screen.step(
      'books',
      () => checkBooks({ bank, time, accounts: holders.accounts, runs: [warm, ran] }),
      { tell: (found) => found.problems.join('; ') || 'balanced, to the sen' },
    );
    const result = resultOf({ ran, books, loadBefore });
    print(result, options.asJson);
    return books.problems.length === 0 ? 0 : 1;
  } finally {
    await screen.step('stop', () => bank.close());
  }
}

async function runLoad(input: {
  readonly bank: BenchBank;
  readonly time: Time;
  readonly cards: readonly unknown[];
  readonly load: Load;
}): Promise<Ran> {
  const { bank, time, cards, load } = input;
  const before = processorByProcess(bank);
  const offered = time
    .sleep(load.seconds * 1_000)
    .then(() => processorByProcess(bank))
    .then((now) =>
      Object.fromEntries(Object.entries(now).map(([name, ms]) => [name, ms - (before[name] ?? 0)])),
    );
  const report = recordOf(
    await postJson(portMap(bank.port).of('sim:control'), '/sim/switch/load', {
      withdrawalsPerSecond: load.perSecond,
      qrisPerSecond: 0,
      seconds: load.seconds,
      faultPerTenThousand: load.faultPerTenThousand,
      drainMsMax: DRAIN_MS_MAX,
      cards,
    }),
  );
  const { book, unfinished, disputed, lateMsMax } = report;
  if (typeof book !== 'string') throw new Error(`Cannot load: ${JSON.stringify(report)}`);
  const lines = readFileSync(book, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  return {
    load,
    lines,
    openAtSwitch: Number(unfinished) + Number(disputed),
    processorMs: await offered,
    lateMsMax: Number(lateMsMax),
  };
}

/** Without a limit of its own: the answer comes after the whole load. */
function postJson(port: number, path: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.length > REPORT_BYTES_MAX) response.destroy(new Error('The report has no end'));
      });
      response.on('error', reject);
      response.on('end', () => resolve(parseJson(text)));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

function processorByProcess(bank: BenchBank): Readonly<Record<string, number>> {
  const running = readRunning(bank.folder)?.processes ?? [];
  const config = readConfig({ PULIH_STATE: bank.folder });
  const postmaster = Number.parseInt(
    readFileSync(join(postgresFolder(config), 'data', 'postmaster.pid'), 'utf8'),
    10,
  );
  return {
    ...Object.fromEntries(running.map(({ name, pid }) => [name, processorMs(pid)])),
    postgres: familyProcessorMs(postmaster),
  };
}

interface Books extends CashFound {
  readonly balanced: boolean;
  readonly problems: readonly string[];
}

async function checkBooks(input: {
  readonly bank: BenchBank;
  readonly time: Time;
  readonly accounts: readonly string[];
  readonly runs: readonly Ran[];
}): Promise<Books> {
  const { bank, time, accounts, runs } = input;
  const offers = runs.flatMap(({ lines }) =>
    lines.map((line): OfferedCash => ({
      ...(line.id !== undefined && { id: line.id }),
      account: accounts[line.number % accounts.length]!,
      keptSen: BigInt(line.keptSen),
    })),
  );
  const of = { prefix: CARD_ACCOUNT_PREFIX, nowMs: time.now() };
  const available = await selectAvailable(bank.db, of.prefix);
  const found = compareCash({
    offers,
    rows: await selectCash(bank.db, of),
    available: new Map(available.map(({ account, availableSen }) => [account, availableSen])),
    openingSen: OPENING_SEN,
  });
  const { balanced } = await verifyLedger(bank.db);
  const pastDeadline =
    found.pastDeadline + runs.reduce((sum, { openAtSwitch }) => sum + openAtSwitch, 0);
  const problems = [
    ...(balanced ? [] : ['the ledger is not balanced']),
    ...(found.lost > 0 ? [`${found.lost} lost`] : []),
    ...(found.double > 0 ? [`${found.double} double`] : []),
    ...(pastDeadline > 0 ? [`${pastDeadline} without an end`] : []),
    ...(found.accountsOff > 0 ? [`${found.accountsOff} accounts are off`] : []),
    ...(bank.restarts() > 0 ? [`${bank.restarts()} processes had to be started again`] : []),
  ];
  return { ...found, pastDeadline, balanced, problems };
}

function sayOutcomes(lines: readonly Line[]): string {
  return Object.entries(outcomesOf(lines))
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

function outcomesOf(lines: readonly Line[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome, rc } of lines) {
    const name = rc === undefined ? outcome : `${outcome}_${rc}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function resultOf(input: {
  readonly ran: Ran;
  readonly books: Books;
  readonly loadBefore: number;
}) {
  const { ran, books, loadBefore } = input;
  const { load, lines } = ran;
  const endMs = lines.reduce((least, { dueMs }) => Math.min(least, dueMs), Infinity);
  const untilMs = endMs + load.seconds * 1_000;
  const isAnswer = ({ outcome }: Line): boolean => outcome === 'approved' || outcome === 'declined';
  const waits = lines
    .filter((line) => line.fault === undefined && isAnswer(line))
    .map((line) => line.endMs - line.dueMs);
  const inTime = lines.filter((line) => isAnswer(line) && line.endMs <= untilMs).length;
  const perWithdrawal = Object.entries(ran.processorMs).map(
    ([name, ms]) => [name, round(ms / lines.length, 2)] as const,
  );
  const { lost, double, pastDeadline, accountsOff, balanced } = books;
  return {
    bench: 'rails',
    figures: {
      atmPerSecond: round(inTime / load.seconds, 1),
      offeredPerSecond: load.perSecond,
      offered: lines.length,
      outcomes: outcomesOf(lines),
      faults: lines.filter(({ fault }) => fault !== undefined).length,
      lost,
      double,
      pastDeadline,
      p50Ms: round(quantile(waits, 0.5), 1),
      p99Ms: round(quantile(waits, 0.99), 1),
      processorMsPerWithdrawal: {
        ...Object.fromEntries(perWithdrawal),
        all: round(
          Object.values(ran.processorMs).reduce((sum, ms) => sum + ms, 0) / lines.length,
          2,
        ),
      },
    },
    books: { balanced, accountsOff, problems: books.problems },
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(loadBefore, 2),
      loadAfter: round(loadavg()[0]!, 2),
      generatorLateMsMax: ran.lateMsMax,
    },
  };
}

function print(result: ReturnType<typeof resultOf>, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { figures, books, machine } = result;
  const costs = Object.entries(figures.processorMsPerWithdrawal).map(
    ([name, ms]) => `${name} ${ms}`,
  );
  const lines = [
    '',
    `Withdrawals at other banks' machines   ${figures.atmPerSecond} per second of ${figures.offeredPerSecond} offered   p50 ${figures.p50Ms} ms   p99 ${figures.p99Ms} ms`,
    `With a fault                           ${figures.faults} of ${figures.offered}`,
    `Lost, double, without an end           ${figures.lost}, ${figures.double}, ${figures.pastDeadline}`,
    `Processor time per withdrawal, ms      ${costs.join('   ')}`,
    `Books                                  ${books.problems.join('; ') || 'balanced, to the sen'}`,
    `Machine                                ${machine.cpus} processors, load ${machine.loadBefore} before and ${machine.loadAfter} after`,
    '',
  ];
  for (const line of lines) process.stdout.write(`${line}\n`);
}
