/** A labelled stream for everybody who builds detectors: ten days of one bank's payments with leaks from Rp1 million to Rp1 billion, technical
 * faults and attacks, each row with its true label. It owns the story and the columns (docs/drills.md). Pure: a seed gives the same bytes. */
import { seededRandom, type Random } from '../../src/kernel/random.ts';
import { wibIso } from '../../src/kernel/time.ts';
import { dayStartMs, dayWishes, type Month } from './month.ts';

export type StreamLabel = 'clean' | 'leak' | 'fault' | 'attack';

/** One payment as the ledger and the settlement know it; what one of them does not know is empty. */
export interface StreamRow {
  readonly atMs: number;
  readonly kind: 'onus' | 'bifast_out' | 'bifast_in';
  readonly channel: string;
  readonly payer: string;
  readonly payee: string;
  readonly bank: string;
  /** What the ledger authorised, rupiah; undefined = it knows nothing of this. */
  readonly ledgerRupiah: number | undefined;
  /** What settled; undefined = nothing. */
  readonly settledRupiah: number | undefined;
  readonly settledAtMs: number | undefined;
  readonly answer: 'ok' | 'rejected' | 'none';
  readonly label: StreamLabel;
  /** Which one, e.g. `leak-03-orphan`; empty for clean rows. */
  readonly case: string;
}

/** The first line of the file. */
export const STREAM_HEADER =
  'at,id,kind,channel,payer,payee,bank,ledger_rupiah,settled_rupiah,settled_at,answer,label,case';

const START_MS = Date.parse('2026-06-08T00:00:00+07:00');
const DAYS = 10;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SETTLE_MS = 800;
const BANKS = ['BNINIDJA', 'BRINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BSMDIDJA', 'BDINIDJA'] as const;
const LEAK_RUPIAH = [
  1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
  500_000_000, 1_000_000_000,
] as const;
const LEAK_KINDS = ['orphan', 'more_settled', 'settled_twice', 'fee_only'] as const;
/** No line above the scheme's cap. */
const LINE_RUPIAH_MAX = 250_000_000;
const FEE_RUPIAH = 2_500;

const MONTH: Month = {
  days: DAYS,
  learnDays: 0,
  perMinute: { onus: 0.6, bifast_out: 1, bifast_in: 0.8 },
  hours: [
    10, 6, 5, 5, 8, 20, 35, 50, 70, 85, 95, 100, 100, 95, 90, 90, 90, 85, 80, 85, 80, 60, 35, 20,
  ],
  customers: 5_000,
  firstPayeePercent: 12,
  splitPerMille: 1,
  busy: [{ fromDay: 8, toDay: 8, volume: 3, payrolls: 1 }],
};

/** All rows in the order of their times. */
export function streamRows(seed: string): readonly StreamRow[] {
  const random = seededRandom(`${seed}:stream`);
  const faults = faultWindows(random);
  const clean: StreamRow[] = [];
  for (let day = 1; day <= DAYS; day++)
    for (const wish of dayWishes(MONTH, { seed, startMs: START_MS, day })) {
      const { atMs, kind, rupiah } = wish;
      const row: StreamRow = {
        atMs,
        kind,
        channel: wish.channel,
        payer: `c${wish.payer}`,
        payee: `p${wish.payee}`,
        bank: kind === 'onus' ? '' : BANKS[wish.payee % BANKS.length]!,
        ledgerRupiah: rupiah,
        settledRupiah: rupiah,
        settledAtMs: atMs + SETTLE_MS,
        answer: 'ok',
        label: 'clean',
        case: '',
      };
      clean.push(faults.reduce((one, fault) => fault(one), row));
    }
  const rows = [...clean, ...leaks(random), ...attacks(random)];
  return rows.toSorted((a, b) => a.atMs - b.atMs);
}

/** One row as a line of CSV; no field holds a comma or a quote. */
export function streamLine(row: StreamRow, number: number): string {
  return [
    wibIso(row.atMs),
    `r${number}`,
    row.kind,
    row.channel,
    row.payer,
    row.payee,
    row.bank,
    row.ledgerRupiah ?? '',
    row.settledRupiah ?? '',
    row.settledAtMs === undefined ? '' : wibIso(row.settledAtMs),
    row.answer,
    row.label,
    row.case,
  ].join(',');
}

/** Money that settles without, or beside, what the ledger authorised; each leak its sum, way and day. */
function leaks(random: Random): readonly StreamRow[] {
  return LEAK_RUPIAH.flatMap((total, at) => {
    const way = LEAK_KINDS[at % LEAK_KINDS.length]!;
    const fromMs = dayStartMs(START_MS, at + 1) + random.below(20 * HOUR_MS);
    const payee = stranger(random);
    const lines = Math.max(1 + random.below(6), Math.ceil(total / LINE_RUPIAH_MAX));
    const share = Math.floor(total / lines);
    return Array.from({ length: lines }, (_, line): StreamRow => {
      // The first line carries the rest, so that the leak is its sum.
      const rupiah = line === 0 ? total - share * (lines - 1) : share;
      const atMs = fromMs + line * random.below(20 * MINUTE_MS);
      const known = { orphan: undefined, more_settled: 50_000, settled_twice: rupiah };
      const authorised = way === 'fee_only' ? FEE_RUPIAH : known[way];
      return {
        ...person(random, { atMs, payee }),
        ...(way === 'orphan' && UNKNOWN_TO_LEDGER),
        ledgerRupiah: authorised,
        settledRupiah: way === 'orphan' || way === 'fee_only' ? rupiah : (authorised ?? 0) + rupiah,
        label: 'leak',
        case: `leak-${String(at + 1).padStart(2, '0')}-${way}`,
      };
    });
  });
}

/** Stolen sessions, equal amounts, and a burst near the cap past the ledger. */
function attacks(random: Random): readonly StreamRow[] {
  const [exchanges, mules, fronts] = [8, 2, 10].map((count) => many(count, () => stranger(random)));
  const sessions = many(240, (at) => ({
    atMs: dayStartMs(START_MS, 4) + 2 * HOUR_MS + at * 15_000 + random.below(10_000),
    payee: exchanges![at % 8]!,
    rupiah: 19_000_000 + random.below(6_000) * 1_000,
    name: 'attack-1-sessions',
    isMade: true,
  }));
  const equal = many(40, (at) => ({
    atMs: dayStartMs(START_MS, 6) + 14 * HOUR_MS + at * 20_000 + random.below(9_000),
    payee: mules![at % 2]!,
    rupiah: 4_900_000,
    name: 'attack-2-equal',
    isMade: true,
  }));
  const burst = many(60, (at) => ({
    atMs: dayStartMs(START_MS, 7) + 11 * HOUR_MS + at * 3_000 + random.below(2_000),
    payee: fronts![at % 10]!,
    rupiah: 225_000_000 + random.below(25_000) * 1_000,
    name: 'attack-3-connector',
    isMade: false,
  }));
  return [...sessions, ...equal, ...burst].map(({ rupiah, name, isMade, ...who }) => ({
    ...person(random, who),
    ...(!isMade && UNKNOWN_TO_LEDGER),
    ledgerRupiah: isMade ? rupiah : undefined,
    settledRupiah: rupiah,
    label: 'attack',
    case: name,
  }));
}

/** Of what the ledger never made nobody knows who pays. */
const UNKNOWN_TO_LEDGER = { channel: '', payer: '' } as const;

/** A key like that of anybody who is paid for the first time: names must not tell the label. */
function stranger(random: Random): string {
  return `p${100_000_000 + random.below(100_000_000)}`;
}

function many<T>(length: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length }, (_, at) => make(at));
}

function person(
  random: Random,
  of: { readonly atMs: number; readonly payee: string },
): Omit<StreamRow, 'ledgerRupiah' | 'settledRupiah' | 'label' | 'case'> {
  return {
    ...of,
    kind: 'bifast_out',
    channel: 'mobile',
    payer: `c${random.below(MONTH.customers)}`,
    bank: BANKS[random.below(BANKS.length)]!,
    settledAtMs: of.atMs + SETTLE_MS,
    answer: 'ok',
  };
}

type Fault = (row: StreamRow) => StreamRow;

/** A silent network whose payments settle when it is back, answers that are lost, and one bank that turns everything down. */
function faultWindows(random: Random): readonly Fault[] {
  const within = (day: number, lengthMs: number): ((row: StreamRow) => number | undefined) => {
    const fromMs = START_MS + (day - 1) * DAY_MS + 9 * HOUR_MS + random.below(6 * HOUR_MS);
    return ({ atMs, kind }) =>
      kind === 'bifast_out' && atMs >= fromMs && atMs < fromMs + lengthMs
        ? fromMs + lengthMs
        : undefined;
  };
  const [silent, lost, rejecting] = [
    within(2, 20 * MINUTE_MS),
    within(5, 30 * MINUTE_MS),
    within(9, 60 * MINUTE_MS),
  ];
  return [
    (row) => {
      const endMs = silent(row);
      return endMs === undefined
        ? row
        : { ...row, answer: 'none', settledAtMs: endMs, label: 'fault', case: 'fault-1-silent' };
    },
    (row) =>
      lost(row) === undefined
        ? row
        : { ...row, answer: 'none', label: 'fault', case: 'fault-2-answers_lost' },
    (row) =>
      rejecting(row) === undefined || row.bank !== BANKS[0]
        ? row
        : {
            ...row,
            answer: 'rejected',
            settledRupiah: undefined,
            settledAtMs: undefined,
            label: 'fault',
            case: 'fault-3-bank_rejects',
          },
  ];
}
