/** `pulih bench rails`: so many withdrawals a second with the bank's cards at other banks' machines, a twentieth of them with a fault,
 * against a whole Pulih of real processes over real sockets. Says what a withdrawal costs by process, and nothing before the network's
 * book, the ledger and every account agree. */
import { availableParallelism, loadavg } from 'node:os';
import { quantile, round } from '../bench/figure.ts';
import { wallTime } from '../kernel/time.ts';
import { startBenchBank } from './bench-bank.ts';
import { openCardholders } from './bench-rails-bank.ts';
import {
  checkBooks,
  runLoad,
  type Books,
  type Line,
  type Load,
  type Ran,
} from './bench-rails-run.ts';
import { openScreen } from './bench-screen.ts';
import type { BenchOptions } from './bench.ts';

/** Issue 4: three hundred a second. */
const RATE = 300;
/** In 1/10,000. */
const FAULTS = 500;
/** The first run finds cold caches and uncompiled code. */
const WARM_UP_SECONDS = 10;
const WARM_UP_SHARE = 0.3;

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
  const inTime = lines.filter((line) => line.endMs <= untilMs);
  const perSecond = (of: readonly Line[]): number => round(of.length / load.seconds, 1);
  const perWithdrawal = Object.entries(ran.processorMs).map(
    ([name, ms]) => [name, round(ms / lines.length, 2)] as const,
  );
  const { lost, double, pastDeadline, accountsOff, balanced } = books;
  return {
    bench: 'rails',
    figures: {
      atmPerSecond: perSecond(inTime.filter(({ outcome }) => outcome === 'approved')),
      answeredPerSecond: perSecond(inTime.filter(isAnswer)),
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
    `Withdrawals at other banks' machines   ${figures.atmPerSecond} per second approved, ${figures.answeredPerSecond} answered, ${figures.offeredPerSecond} offered   p50 ${figures.p50Ms} ms   p99 ${figures.p99Ms} ms`,
    `With a fault                           ${figures.faults} of ${figures.offered}`,
    `Lost, double, without an end           ${figures.lost}, ${figures.double}, ${figures.pastDeadline}`,
    `Processor time per withdrawal, ms      ${costs.join('   ')}`,
    `Books                                  ${books.problems.join('; ') || 'balanced, to the sen'}`,
    `Machine                                ${machine.cpus} processors, load ${machine.loadBefore} before and ${machine.loadAfter} after`,
    '',
  ];
  for (const line of lines) process.stdout.write(`${line}\n`);
}
