/** One load of the rails on a bench's bank, and what network and ledger say of it afterwards. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import {
  compareCash,
  compareSales,
  type CashFound,
  type OfferedCash,
} from '../../bench/rails-books.ts';
import { selectAvailable, selectCash, selectSales } from '../../bench/store-rails.ts';
import { parseJson } from '../../kernel/wire.ts';
import type { Time } from '../../kernel/time.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import { recordOf } from '../../rail/gateway-wire.ts';
import type { BenchBank } from './bank.ts';
import { CARD_ACCOUNT_PREFIX, OPENING_SEN, SHOP_ACCOUNT_PREFIX, type Shop } from './rails-bank.ts';
import { portMap } from '../port-map.ts';

/** What has no answer is taken back after 25 s, and asked again where that is not heard. */
const DRAIN_MS_MAX = 120_000;
const REPORT_BYTES_MAX = 1_000_000;

/** What is offered. */
export interface Load {
  /** Withdrawals, and QRIS payments to shops. */
  readonly perSecond: number;
  readonly qrisPerSecond: number;
  readonly seconds: number;
  readonly faultPerTenThousand: number;
}

/** What the load's driver wrote of one offer. */
export interface Line {
  readonly number: number;
  readonly kind: 'withdrawal' | 'qris';
  readonly fault?: string;
  readonly dueMs: number;
  readonly endMs: number;
  readonly outcome: 'approved' | 'declined' | 'unknown' | 'not_sent';
  readonly rc?: string;
  readonly id?: string;
  readonly amountSen: string;
  readonly keptSen: string;
}

/** How it went. */
export interface Ran {
  readonly load: Load;
  readonly lines: readonly Line[];
  /** What customers paid to shops in the end, those in doubt among them. */
  readonly paidSen: bigint;
  /** What the switch could not bring to an end, or disputes. */
  readonly openAtSwitch: number;
  /** Processor time by process while it was offered. */
  readonly processorMs: Readonly<Record<string, number>>;
  readonly lateMsMax: number;
}

/** Runs it and waits until the switch has brought everything to an end. */
export async function runLoad(input: {
  readonly bank: BenchBank;
  readonly time: Time;
  readonly cards: readonly unknown[];
  readonly shops: readonly Shop[];
  readonly load: Load;
}): Promise<Ran> {
  const { bank, time, cards, shops, load } = input;
  const before = bank.processorMs();
  const offered = time
    .sleep(load.seconds * 1_000)
    .then(() => bank.processorMs())
    .then((now) =>
      Object.fromEntries(Object.entries(now).map(([name, ms]) => [name, ms - (before[name] ?? 0)])),
    );
  const report = recordOf(
    await postJson(portMap(bank.port).of('sim:control'), '/sim/switch/load', {
      withdrawalsPerSecond: load.perSecond,
      qrisPerSecond: load.qrisPerSecond,
      seconds: load.seconds,
      faultPerTenThousand: load.faultPerTenThousand,
      drainMsMax: DRAIN_MS_MAX,
      cards,
      merchants: shops,
    }),
  );
  const { book, byKind, unfinished, disputed, lateMsMax } = report;
  if (typeof book !== 'string') throw new Error(`Cannot load: ${JSON.stringify(report)}`);
  const lines = readFileSync(book, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  return {
    load,
    lines,
    paidSen: BigInt(String(recordOf(recordOf(byKind)['qris'])['keptSen'])),
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

/** What was found. */
export interface Books extends CashFound {
  readonly balanced: boolean;
  readonly problems: readonly string[];
}

/** Compares offers, ledger and accounts. A process that had to be started again is a problem unless `mayRestart`. */
export async function checkBooks(input: {
  readonly bank: BenchBank;
  readonly time: Time;
  readonly accounts: readonly string[];
  readonly runs: readonly Ran[];
  readonly mayRestart?: boolean;
}): Promise<Books> {
  const { bank, time, accounts, runs } = input;
  const offers = runs.flatMap(({ lines }) =>
    linesOf(lines, 'withdrawal').map((line): OfferedCash => ({
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
  const sales = compareSales({
    offers: runs.flatMap(({ lines }) =>
      linesOf(lines, 'qris').map(({ amountSen, ...line }) => ({
        ...line,
        amountSen: BigInt(amountSen),
      })),
    ),
    rows: await selectSales(bank.db, { ...of, prefix: SHOP_ACCOUNT_PREFIX }),
    paidSen: runs.reduce((sum, { paidSen }) => sum + paidSen, 0n),
  });
  const { balanced } = await verifyLedger(bank.db);
  const lost = found.lost + sales.lost;
  const double = found.double + sales.double;
  const pastDeadline =
    found.pastDeadline +
    sales.pastDeadline +
    runs.reduce((sum, { openAtSwitch }) => sum + openAtSwitch, 0);
  const problems = [
    ...(balanced ? [] : ['the ledger is not balanced']),
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(double > 0 ? [`${double} double`] : []),
    ...(sales.isSumOff ? ['shops have another sum than customers paid'] : []),
    ...(pastDeadline > 0 ? [`${pastDeadline} without an end`] : []),
    ...(found.accountsOff > 0 ? [`${found.accountsOff} accounts are off`] : []),
    ...(bank.restarts() > 0 && !input.mayRestart
      ? [`${bank.restarts()} processes had to be started again`]
      : []),
  ];
  return { ...found, lost, double, pastDeadline, balanced, problems };
}

/** The offers of one kind. */
export function linesOf(lines: readonly Line[], kind: Line['kind']): readonly Line[] {
  return lines.filter((line) => line.kind === kind);
}
