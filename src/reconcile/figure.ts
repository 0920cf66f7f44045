/** The report of a business date: counts and values of the three sides per rail and direction, what differs, and whether zero is
 * proven. Pure: rows in, report and CSV out. */
import type { Queryable } from '../db/pool.ts';
import { formatIdr } from '../kernel/money.ts';
import { RAIL_NAMES, type RailName } from '../authorisation/instruction.ts';
import { PAYMENT_KINDS, type PaymentKind } from '../payment/kind.ts';
import { countBreaksOf, selectFeeds, selectSides, type SettledKind } from './store-figure.ts';

/** A side's row. `odd`: of the ledger what no line names, of the settlement what is not judged yet. */
export interface SideRow {
  readonly rail: string;
  readonly direction: 'out' | 'in';
  readonly side: 'ledger' | 'gateway' | 'settlement';
  readonly n: bigint;
  /** Null: this side does not tell amounts. */
  readonly value_sen: bigint | null;
  readonly odd_n: bigint;
  readonly odd_sen: bigint;
}

export interface Side {
  readonly count: number;
  /** Sen; absent where the side does not tell. */
  readonly valueSen?: bigint;
}

/** One rail and direction on one business date. */
export interface MatchFigure {
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly ledger: Side;
  readonly gateway: Side;
  readonly settlement: Side;
  /** Lines that are not judged yet, or whose payment the ledger books with the statement. */
  readonly waiting: Side;
  /** Settled by the ledger, and in no line. */
  readonly withoutLine: Side;
  /** Settlement − ledger. */
  readonly differenceCount: number;
  readonly differenceSen: bigint;
}

/** What one rail's network has told of the date. */
export interface RailDay {
  readonly rail: RailName;
  readonly openBreaks: Side;
  readonly lineAtMs?: number;
  readonly statementAtMs?: number;
  /** Rp0 proves: the statement is here, every line is judged, no side differs and no break is open. */
  readonly isProven: boolean;
}

export interface MatchDay {
  readonly businessDate: string;
  readonly figures: readonly MatchFigure[];
  readonly rails: readonly RailDay[];
}

/** Fees and returns of cards stand in no line of a network: they are the bank's own. */
const WITHOUT_LINE: readonly PaymentKind[] = ['card_return', 'card_fee'];

/** The kinds that a settlement names, in the direction that its lines have. */
export function settledKinds(): readonly SettledKind[] {
  return (Object.keys(PAYMENT_KINDS) as readonly PaymentKind[]).flatMap((kind) => {
    const { rail, direction } = PAYMENT_KINDS[kind];
    if (rail === 'onus' || WITHOUT_LINE.includes(kind)) return [];
    return [{ kind, rail, direction: direction === 'out' ? 'out' : 'in' }];
  });
}

/** Reads the report of a business date (WIB, `2026-08-01`). Throws DbFault. */
export async function readMatchDay(db: Queryable, businessDate: string): Promise<MatchDay> {
  const sides = await selectSides(db, { businessDate, kinds: settledKinds() });
  const breaks = await countBreaksOf(db, businessDate);
  const feeds = await selectFeeds(db, { businessDate, rails: RAIL_NAMES });
  return makeMatchDay({ businessDate, sides, breaks, feeds });
}

/** The report from its rows. Every rail has both directions, so that silence is seen. */
export function makeMatchDay(input: {
  readonly businessDate: string;
  readonly sides: readonly SideRow[];
  readonly breaks: readonly {
    readonly rail: string;
    readonly n: bigint;
    readonly value_sen: bigint;
  }[];
  readonly feeds: readonly {
    readonly rail: string;
    readonly line_at: Date | null;
    readonly statement_at: Date | null;
  }[];
}): MatchDay {
  const figures = RAIL_NAMES.flatMap((rail) =>
    (['out', 'in'] as const).map((direction) => figureOf({ rail, direction }, input.sides)),
  );
  const rails = RAIL_NAMES.map((rail): RailDay => {
    const found = input.breaks.find((one) => one.rail === rail);
    const feed = input.feeds.find((one) => one.rail === rail);
    const lineAtMs = feed?.line_at?.getTime();
    const statementAtMs = feed?.statement_at?.getTime();
    return {
      rail,
      openBreaks: { count: Number(found?.n ?? 0n), valueSen: found?.value_sen ?? 0n },
      ...(lineAtMs === undefined ? {} : { lineAtMs }),
      ...(statementAtMs === undefined ? {} : { statementAtMs }),
      isProven:
        statementAtMs !== undefined &&
        (found?.n ?? 0n) === 0n &&
        figures.filter((one) => one.rail === rail).every(isZero),
    };
  });
  return { businessDate: input.businessDate, figures, rails };
}

function isZero(figure: MatchFigure): boolean {
  return (
    figure.differenceCount === 0 &&
    figure.differenceSen === 0n &&
    figure.waiting.count === 0 &&
    figure.withoutLine.count === 0
  );
}

function figureOf(
  { rail, direction }: Pick<MatchFigure, 'rail' | 'direction'>,
  sides: readonly SideRow[],
): MatchFigure {
  const rowOf = (side: SideRow['side']): SideRow | undefined =>
    sides.find((row) => row.rail === rail && row.direction === direction && row.side === side);
  const ledger = rowOf('ledger');
  const gateway = rowOf('gateway');
  const settlement = rowOf('settlement');
  return {
    rail,
    direction,
    ledger: sideOf(ledger?.n, ledger?.value_sen ?? 0n),
    gateway: sideOf(gateway?.n, gateway ? gateway.value_sen : 0n),
    settlement: sideOf(settlement?.n, settlement?.value_sen ?? 0n),
    waiting: sideOf(settlement?.odd_n, settlement?.odd_sen ?? 0n),
    withoutLine: sideOf(ledger?.odd_n, ledger?.odd_sen ?? 0n),
    differenceCount: Number((settlement?.n ?? 0n) - (ledger?.n ?? 0n)),
    differenceSen: (settlement?.value_sen ?? 0n) - (ledger?.value_sen ?? 0n),
  };
}

function sideOf(count: bigint | undefined, valueSen: bigint | null): Side {
  return { count: Number(count ?? 0n), ...(valueSen === null ? {} : { valueSen }) };
}

const CSV_HEAD = [
  'business_date',
  'rail',
  'direction',
  'ledger_count',
  'ledger_value',
  'gateway_count',
  'gateway_value',
  'settlement_count',
  'settlement_value',
  'waiting_count',
  'without_line_count',
  'difference_count',
  'difference_value',
  'open_breaks_of_rail',
  'proven_zero',
];

/** RFC 4180, amounts in rupiah with two decimals; every field is ours, so none needs quotes. */
export function matchCsv(day: MatchDay): string {
  const rows = day.figures.map((one) => {
    const rail = day.rails.find((other) => other.rail === one.rail)!;
    return [
      day.businessDate,
      one.rail,
      one.direction,
      one.ledger.count,
      moneyText(one.ledger),
      one.gateway.count,
      moneyText(one.gateway),
      one.settlement.count,
      moneyText(one.settlement),
      one.waiting.count,
      one.withoutLine.count,
      one.differenceCount,
      formatIdr(one.differenceSen),
      rail.openBreaks.count,
      rail.isProven ? 'yes' : 'no',
    ].join(',');
  });
  return [CSV_HEAD.join(','), ...rows, ''].join('\r\n');
}

function moneyText({ valueSen }: Side): string {
  return valueSen === undefined ? '' : formatIdr(valueSen);
}
