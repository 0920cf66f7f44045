/** `pulih bench rails`: so many withdrawals a second with the bank's cards at other banks' machines, and as many payments of other banks'
 * customers to the bank's shops, a twentieth of them with a fault, against a whole Pulih of real processes over real sockets. Says what
 * a payment costs by process, and nothing before the network's book, the ledger and every account agree. */
import { availableParallelism, loadavg } from 'node:os';
import { quantile, round } from '../../bench/figure.ts';
import { wallTime } from '../../kernel/time.ts';
import { startBenchBank } from './bank.ts';
import { openCardholders, openShops } from './rails-bank.ts';
import {
  checkBooks,
  linesOf,
  runLoad,
  type Books,
  type Line,
  type Load,
  type Ran,
} from './rails-run.ts';
import { openScreen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';

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
    const shops = await screen.step('shops', () => openShops(bank, time), {
      tell: ({ length }) => `${length} with an account each`,
    });
    const run = (name: string, load: Load): Promise<Ran> =>
      screen.step(name, () => runLoad({ bank, time, cards: holders.cards, shops, load }), {
        seconds: load.seconds,
        tell: ({ lines }) => sayOutcomes(lines),
      });
    const rate = options.rate ?? RATE;
    const warmRate = Math.max(1, Math.round(rate * WARM_UP_SHARE));
    const warm = await run('warm up', {
      perSecond: warmRate,
      qrisPerSecond: warmRate,
      seconds: WARM_UP_SECONDS,
      faultPerTenThousand: 0,
    });
    const ran = await run(`${rate} of each a second`, {
      perSecond: rate,
      qrisPerSecond: rate,
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
  const atm = figureOf(ran, 'withdrawal');
  const qris = figureOf(ran, 'qris');
  const perPayment = Object.entries(ran.processorMs).map(
    ([name, ms]) => [name, round(ms / lines.length, 2)] as const,
  );
  const all = Object.values(ran.processorMs).reduce((sum, ms) => sum + ms, 0);
  const { lost, double, pastDeadline, accountsOff, balanced, problems } = books;
  return {
    bench: 'rails',
    figures: {
      atmPerSecond: atm.approvedPerSecond,
      qrisPerSecond: qris.approvedPerSecond,
      offeredPerSecond: { atm: load.perSecond, qris: load.qrisPerSecond },
      seconds: load.seconds,
      faults: lines.filter(({ fault }) => fault !== undefined).length,
      lost,
      double,
      pastDeadline,
      atm,
      qris,
      processorMsPerPayment: {
        ...Object.fromEntries(perPayment),
        all: round(all / lines.length, 2),
      },
      processorsBusy: round(all / load.seconds / 1_000, 2),
    },
    books: { balanced, accountsOff, problems },
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(loadBefore, 2),
      loadAfter: round(loadavg()[0]!, 2),
      generatorLateMsMax: ran.lateMsMax,
    },
  };
}

function figureOf({ load, lines: all }: Ran, kind: Line['kind']) {
  const lines = linesOf(all, kind);
  const startMs = all.reduce((least, { dueMs }) => Math.min(least, dueMs), Infinity);
  const inTime = lines.filter(({ endMs }) => endMs <= startMs + load.seconds * 1_000);
  const isAnswer = ({ outcome }: Line): boolean => outcome === 'approved' || outcome === 'declined';
  const waits = lines
    .filter((line) => line.fault === undefined && isAnswer(line))
    .map((line) => line.endMs - line.dueMs);
  const perSecond = (of: readonly Line[]): number => round(of.length / load.seconds, 1);
  return {
    approvedPerSecond: perSecond(inTime.filter(({ outcome }) => outcome === 'approved')),
    answeredPerSecond: perSecond(inTime.filter(isAnswer)),
    offered: lines.length,
    outcomes: outcomesOf(lines),
    p50Ms: round(quantile(waits, 0.5), 1),
    p99Ms: round(quantile(waits, 0.99), 1),
  };
}

function print(result: ReturnType<typeof resultOf>, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { figures, books, machine } = result;
  const costs = Object.entries(figures.processorMsPerPayment).map(([name, ms]) => `${name} ${ms}`);
  const line = (name: string, of: ReturnType<typeof figureOf>, offered: number): string =>
    `${name.padEnd(38)} ${of.approvedPerSecond} per second approved, ${of.answeredPerSecond} answered, ${offered} offered   p50 ${of.p50Ms} ms   p99 ${of.p99Ms} ms`;
  const lines = [
    '',
    line("Withdrawals at other banks' machines", figures.atm, figures.offeredPerSecond.atm),
    line("Other banks' customers at our shops", figures.qris, figures.offeredPerSecond.qris),
    `With a fault                           ${figures.faults} of ${figures.atm.offered + figures.qris.offered}`,
    `Lost, double, without an end           ${figures.lost}, ${figures.double}, ${figures.pastDeadline}`,
    `Processor time per payment, ms         ${costs.join('   ')}`,
    `Books                                  ${books.problems.join('; ') || 'balanced, to the sen'}`,
    `Machine                                ${machine.cpus} processors, load ${machine.loadBefore} before and ${machine.loadAfter} after`,
    '',
  ];
  for (const one of lines) process.stdout.write(`${one}\n`);
}
