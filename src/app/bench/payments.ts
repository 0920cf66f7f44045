/** `pulih bench payments`: signed SNAP transfers, inside the bank and out through gateway and hub simulator, against a whole Pulih of
 * real processes, and the same server's TPC-B between the runs. Says nothing about speed before the books agree with the answers. */
import { fork, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { median, quantile, round } from '../../bench/figure.ts';
import { openTpcb } from '../../bench/tpcb.ts';
import { createPartner } from '../../channel/snap/partner/partner.ts';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import { startBenchBank, type BenchBank } from './bank.ts';
import { checkBooks, type Books } from './books.ts';
import type { LoadKind, LoadReport, LoadRequest, LoadRun, LoadTarget } from './load.ts';
import { openPgbench } from './pgbench.ts';
import { openScreen, type Screen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';
import { ACCOUNT_PREFIX, BANKS, demoCustomers } from '../demo-people.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { readSealer } from '../partner/seal.ts';
import { ROOT } from '../place.ts';

/** Load and references take turns, so that a noisy minute hits all of them. */
const ROUNDS = 3;
/** Connections of transfers inside the bank, unless `--clients` says otherwise. */
const CLIENTS = 128;
/** How long an answer takes is asked at this share of the rate that was reached. */
const CALM_SHARE = 0.5;
const WARM_UP_SECONDS = 1;
/** The first run finds cold caches, unprepared statements and uncompiled code. */
const FIRST_WARM_UP_SECONDS = 4;
const TPCB_SCALE = 8;
const TPCB_CLIENTS = 8;
const PARTNER_ID = 'bench-partner';
/** No budget of requests: the bench looks for the limit of the machine, not of a contract. */
const REQUESTS_PER_SECOND_MAX = 1_000_000;
const IDLE_SECONDS = 3;
/** The simulated hub answers and settles in some 0.4 s. */
const BIFAST_CLIENTS_FACTOR = 2;

/** Runs it; 0 when nothing was refused, lost or doubled. */
export async function benchPayments(options: BenchOptions): Promise<number> {
  const time = wallTime();
  const screen = openScreen();
  const loadBefore = loadavg()[0]!;
  const bank = await screen.step('bank', () => startBenchBank({ time, name: 'payments' }), {
    tell: ({ startSeconds }) => `ready in ${startSeconds} s`,
  });
  try {
    const idleMb = await screen.step(
      'idle memory',
      () => time.sleep(IDLE_SECONDS * 1_000).then(() => bank.memoryMb()),
      { tell: (mb) => `${mb.toFixed(0)} MB, PostgreSQL aside` },
    );
    const rounds = await measure({ options, time, screen, bank });
    const books = await screen.step(
      'books',
      () =>
        checkBooks(bank, {
          partnerId: PARTNER_ID,
          loads: { onus: [...rounds.onus, ...rounds.calm], bifast: rounds.bifast },
          time,
        }),
      {
        tell: (told) => told.problems.join('; ') || 'balanced, one payment per answer',
      },
    );
    const result = resultOf({ options, rounds, books, bank, idleMb, loadBefore });
    print(result, options.asJson);
    const { onus, onusCalm, bifast } = result.figures;
    return books.problems.length === 0 && onus.errors + onusCalm.errors + bifast.errors === 0
      ? 0
      : 1;
  } finally {
    await screen.step('stop', () => bank.close());
  }
}

interface Rounds {
  readonly onus: readonly LoadReport[];
  /** Processor time of each of those runs per payment, by process. Units: µs. */
  readonly processorUs: Readonly<Record<LoadKind, readonly Readonly<Record<string, number>>[]>>;
  /** Inside the bank again, at half the rate. */
  readonly calm: readonly LoadReport[];
  readonly bifast: readonly LoadReport[];
  readonly tpcb: readonly number[];
  readonly pgbench: readonly number[];
}

async function measure(input: {
  readonly options: BenchOptions;
  readonly time: Time;
  readonly screen: Screen;
  readonly bank: BenchBank;
}): Promise<Rounds> {
  const { options, time, screen, bank } = input;
  const seconds = options.seconds / ROUNDS;
  const generator = startGenerator(await targetOf(bank, time));
  const tpcb = await screen.step('fill TPC-B', () =>
    openTpcb({ url: bank.databaseUrl, scale: TPCB_SCALE, clients: TPCB_CLIENTS, time }),
  );
  try {
    const pgbench = await screen.step(
      'fill pgbench',
      () =>
        openPgbench({
          db: bank.db,
          url: bank.databaseUrl,
          scale: TPCB_SCALE,
          clients: TPCB_CLIENTS,
        }),
      { tell: (found) => (found ? '' : 'not installed') },
    );
    const rounds = {
      onus: [] as LoadReport[],
      processorUs: {
        onus: [] as Readonly<Record<string, number>>[],
        bifast: [] as Readonly<Record<string, number>>[],
      },
      calm: [] as LoadReport[],
      bifast: [] as LoadReport[],
      tpcb: [] as number[],
      pgbench: [] as number[],
    };
    for (let number = 1; number <= ROUNDS; number++) {
      const warmUpSeconds = number === 1 ? FIRST_WARM_UP_SECONDS : WARM_UP_SECONDS;
      const load = async (kind: LoadKind, name: string): Promise<void> => {
        const before = bank.processorMs();
        const done = await screen.step(
          `${name} ${number}/${ROUNDS}`,
          () => generator.run({ kind, clients: clientsOf(kind, options), seconds, warmUpSeconds }),
          { seconds: seconds + warmUpSeconds, tell: sayLoad },
        );
        rounds[kind].push(done);
        const after = bank.processorMs();
        rounds.processorUs[kind].push(processorUsOf({ before, after, load: done }));
      };
      await load('onus', 'transfers');
      const reference = () => tpcb.run(seconds).then(({ tps }) => tps);
      rounds.tpcb.push(
        await screen.step(`TPC-B ${number}/${ROUNDS}`, reference, { seconds, tell: sayRate }),
      );
      await load('bifast', 'BI-FAST');
      if (pgbench)
        rounds.pgbench.push(
          await screen.step(`pgbench ${number}/${ROUNDS}`, () => pgbench.run(seconds), {
            seconds,
            tell: sayRate,
          }),
        );
    }
    rounds.calm.push(await runCalm({ options, screen, generator, onus: rounds.onus }));
    return rounds;
  } finally {
    await generator.close();
    await tpcb.close();
  }
}

/** What one payment of a run took of each process, and of all together. */
function processorUsOf(run: {
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly load: LoadReport;
}): Readonly<Record<string, number>> {
  const { before, after, load } = run;
  const taken = Object.entries(after).map(
    ([name, ms]) =>
      [name, ((ms - (before[name] ?? 0)) * 1_000) / Math.max(1, load.doneInAll)] as const,
  );
  return { ...Object.fromEntries(taken), all: taken.reduce((sum, [, us]) => sum + us, 0) };
}

/** Transfers inside the bank, as many as half of what went through. */
function runCalm(input: {
  readonly options: BenchOptions;
  readonly screen: Screen;
  readonly generator: Generator;
  readonly onus: readonly LoadReport[];
}): Promise<LoadReport> {
  const { options, screen, generator } = input;
  const seconds = options.seconds / ROUNDS;
  const run: LoadRun = {
    kind: 'onus',
    clients: clientsOf('onus', options),
    seconds,
    warmUpSeconds: WARM_UP_SECONDS,
    perSecond: CALM_SHARE * median(input.onus.map(rateOf)),
  };
  return screen.step('transfers at half the rate', () => generator.run(run), {
    seconds: seconds + WARM_UP_SECONDS,
    tell: sayLoad,
  });
}

/** The hub takes its time over every transfer: as many more are on their way. */
function clientsOf(kind: LoadKind, options: BenchOptions): number {
  const clients = options.clients ?? CLIENTS;
  return kind === 'onus' ? clients : clients * BIFAST_CLIENTS_FACTOR;
}

function rateOf(report: LoadReport): number {
  return report.done / report.seconds;
}

function sayRate(perSecond: number): string {
  return `${perSecond.toFixed(0)} per second`;
}

function sayLoad(report: LoadReport): string {
  const errors = Object.entries(report.errors).map(([code, count]) => `${count} x ${code}`);
  return `${sayRate(rateOf(report))}${errors.length > 0 ? `, errors: ${errors.join(', ')}` : ''} (load generator ${round(report.cpuShare * 100)} % of a CPU)`;
}

/** A partner of the bench's own, so that its payments can be told from the demo's. */
async function targetOf(bank: BenchBank, time: Time): Promise<LoadTarget> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const secret = systemRandom().bytes(32).toString('hex');
  await createPartner(
    { db: bank.db, time, random: systemRandom(), sealer: readSealer(bank.folder) },
    {
      id: PARTNER_ID,
      name: 'Bench',
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      secret,
      hmacEncoding: 'base64',
      amountMaxSen: rupiah(1_000_000),
      sourceAccounts: [`${ACCOUNT_PREFIX}*`],
      requestsPerSecondMax: REQUESTS_PER_SECOND_MAX,
    },
  );
  return {
    host: bank.host,
    port: bank.port,
    partnerId: PARTNER_ID,
    secret,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    accounts: demoCustomers().map(({ account }) => account),
    banks: BANKS.map(({ bic }) => bic).filter((bic) => bic !== DEMO_BANK.bic),
  };
}

interface Generator {
  run(run: LoadRun): Promise<LoadReport>;
  close(): Promise<void>;
}

function startGenerator(target: LoadTarget): Generator {
  const child: ChildProcess = fork(join(ROOT, 'src/main.ts'), ['bench', 'load'], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const ended = new Promise<never>((_resolve, reject) =>
    child.once('exit', (code) => reject(new Error(`The load generator ended (exit ${code})`))),
  );
  ended.catch(() => {});
  const ask = (request: LoadRequest): void => void child.send(request);
  ask({ kind: 'open', target });
  return {
    run: (run) => {
      const report = new Promise<LoadReport>((resolve) =>
        child.once('message', (message) => resolve(message as LoadReport)),
      );
      ask({ kind: 'run', run });
      return Promise.race([report, ended]);
    },
    async close() {
      if (child.exitCode === null && child.connected) child.disconnect();
      await ended.catch(() => {});
    },
  };
}

function resultOf(input: {
  readonly options: BenchOptions;
  readonly rounds: Rounds;
  readonly books: Books;
  readonly bank: BenchBank;
  readonly idleMb: number;
  readonly loadBefore: number;
}) {
  const { options, rounds, books, bank, idleMb, loadBefore } = input;
  const onus = figureOf(rounds.onus, clientsOf('onus', options));
  const calm = figureOf(rounds.calm, clientsOf('onus', options));
  const bifast = figureOf(rounds.bifast, clientsOf('bifast', options));
  const tpcb = median(rounds.tpcb);
  return {
    bench: 'payments',
    figures: {
      onus: { ...onus, processorUsPerPayment: mediansOf(rounds.processorUs.onus) },
      onusCalm: calm,
      bifast: { ...bifast, processorUsPerPayment: mediansOf(rounds.processorUs.bifast) },
      bank: { startSeconds: bank.startSeconds, idleMb: round(idleMb) },
    },
    references: {
      tpcb: {
        perSecond: round(tpcb),
        scale: TPCB_SCALE,
        clients: TPCB_CLIENTS,
        runs: rounds.tpcb.map((tps) => round(tps)),
      },
      ...(rounds.pgbench.length > 0 && {
        pgbench: {
          perSecond: round(median(rounds.pgbench)),
          runs: rounds.pgbench.map((tps) => round(tps)),
        },
      }),
    },
    ratios: {
      onusToTpcb: round(onus.perSecond / tpcb, 2),
      bifastToTpcb: round(bifast.perSecond / tpcb, 2),
    },
    books,
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(loadBefore, 2),
      loadGeneratorCpuShare: round(median(rounds.onus.map((load) => load.cpuShare)), 2),
    },
  };
}

function mediansOf(
  runs: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, round(median(runs.map((run) => run[name] ?? 0)))]),
  );
}

function figureOf(loads: readonly LoadReport[], clients: number) {
  const latenciesMs = loads.flatMap((load) => load.latenciesMs);
  const byCode: Record<string, number> = {};
  for (const [code, count] of loads.flatMap((load) => Object.entries(load.errors)))
    byCode[code] = (byCode[code] ?? 0) + count;
  return {
    perSecond: round(median(loads.map(rateOf))),
    p50Ms: round(quantile(latenciesMs, 0.5), 1),
    p99Ms: round(quantile(latenciesMs, 0.99), 1),
    errors: Object.values(byCode).reduce((sum, count) => sum + count, 0),
    errorsByCode: byCode,
    pending: loads.reduce((sum, load) => sum + load.pending, 0),
    runs: loads.map((load) => round(rateOf(load))),
    clients,
  };
}

function print(result: ReturnType<typeof resultOf>, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { onus, onusCalm, bifast, bank } = result.figures;
  const { tpcb, pgbench } = result.references;
  const { onusToTpcb, bifastToTpcb } = result.ratios;
  const line = (name: string, figure: typeof onusCalm): string =>
    `${name.padEnd(34)} ${figure.perSecond} per second   p50 ${figure.p50Ms} ms   p99 ${figure.p99Ms} ms   ${figure.errors} errors   ${figure.clients} connections`;
  const lines = [
    '',
    line('Signed transfers inside the bank', onus),
    sayProcessor(onus.processorUsPerPayment),
    line('the same at half the rate', onusCalm),
    line('Signed transfers out by BI-FAST', bifast),
    sayProcessor(bifast.processorUsPerPayment),
    `TPC-B on the same server           ${tpcb.perSecond} per second   (${TPCB_CLIENTS} clients, scale ${TPCB_SCALE}${pgbench ? `; pgbench says ${pgbench.perSecond}` : ''})`,
    `Per TPC-B transaction              ${onusToTpcb} transfers inside the bank, ${bifastToTpcb} by BI-FAST`,
    `Idle                               ${bank.idleMb} MB, PostgreSQL aside; ready in ${bank.startSeconds} s`,
    `Books                              ${result.books.problems.join('; ') || `balanced; ${result.books.answers} answers, ${result.books.payments} payments`}`,
    '',
  ];
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function sayProcessor(us: Readonly<Record<string, number>>): string {
  const parts = Object.entries(us).map(([name, each]) => `${name} ${each}`);
  return `Processor time of one, µs          ${parts.join('   ')}`;
}
