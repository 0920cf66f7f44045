/** The switch's own book: what it took, approved, declined, does not know, reversed, and on which business date it counts. A fold
 * over events; the only state that a restart needs. It is the other side of the bank's ledger, kept by somebody else. */
import { assert } from '../../src/kernel/assert.ts';
import type { Fields } from './codec.ts';
import { originalKey, type Direction, type MoneyFlow } from './flow.ts';

export interface Taken {
  readonly id: string;
  readonly direction: Direction;
  readonly flow: MoneyFlow;
  /** Three digits of the bank on the other side. */
  readonly bank: string;
  readonly mti: string;
  readonly stan: string;
  readonly transmittedAt: string;
  readonly acquirer: string;
  readonly forwarder: string;
  readonly rrn: string;
  readonly processing: string;
  /** Sen, as text: events are JSON. */
  readonly amountSen: string;
  /** Account, merchant or card of the side that is not connected (`to_bank`: the bank's own). */
  readonly account: string;
  readonly terminal: string;
  readonly businessDate: string;
  /** What was said: transfers to the bank, for an advice; QRIS payments of the bank, for a refund; refunds to it, for a check. */
  readonly request?: Fields;
}

export type BookEvent =
  | ({ readonly kind: 'taken'; readonly atMs: number } & Taken)
  | {
      readonly kind: 'approved';
      readonly id: string;
      readonly approvalCode: string;
      /** What was answered, for a repeat. */
      readonly answer: Fields;
      readonly atMs: number;
    }
  | {
      readonly kind: 'declined';
      readonly id: string;
      readonly rc: string;
      readonly answer: Fields;
      readonly atMs: number;
    }
  /** Asked of the bank, no answer that counts. */
  | { readonly kind: 'unknown'; readonly id: string; readonly atMs: number }
  /** Approved, but only `keptSen` reached the customer: a reversal must follow. */
  | {
      readonly kind: 'owed_back';
      readonly id: string;
      readonly keptSen: string;
      readonly atMs: number;
    }
  /** `keptSen` is what stays of it: DE95, or nothing. */
  | {
      readonly kind: 'reversed';
      readonly id: string;
      readonly keptSen: string;
      readonly atMs: number;
    }
  /** A reversal whose original was never seen; or one that changed nothing. */
  | {
      readonly kind: 'reversal_remembered';
      readonly id: string;
      readonly rc: string;
      readonly atMs: number;
    }
  /** The bank refuses what nobody can take back by message: people must talk. */
  | { readonly kind: 'disputed'; readonly id: string; readonly rc: string; readonly atMs: number }
  | { readonly kind: 'cut_over'; readonly nextDate: string; readonly atMs: number };

export interface Entry extends Omit<Taken, 'amountSen'> {
  readonly amountSen: bigint;
  readonly takenAtMs: number;
  state: 'asked' | 'approved' | 'declined' | 'unknown';
  rc: string | undefined;
  approvalCode: string | undefined;
  answer: Fields | undefined;
  /** What stays after a reversal; undefined = not reversed. */
  keptSen: bigint | undefined;
  isDisputed: boolean;
  /** What a reversal that is under way leaves. */
  owedKeptSen: bigint | undefined;
}

/** One line of settlement: an approval, or what a reversal takes back of it. */
export interface Movement {
  readonly entry: Entry;
  readonly kind: 'original' | 'reversal';
  readonly amountSen: bigint;
}

export interface BookCount {
  readonly asked: number;
  readonly approved: number;
  readonly declined: number;
  readonly unknown: number;
  readonly reversed: number;
  readonly disputed: number;
  /** Approved less reversed. */
  readonly standsSen: bigint;
}

export interface Book {
  apply(event: BookEvent): void;
  find(id: string): Entry | undefined;
  /** A QRIS payment or a transfer of the bank by its RRN. */
  findByReference(rrn: string): Entry | undefined;
  /** What was answered to a reversal of `id`, for as long as it is remembered. */
  reversalOf(id: string, nowMs: number): string | undefined;
  /** What moved on an account of another bank since the start. */
  moved(bank: string, account: string): bigint;
  date(): string;
  movements(date: string): readonly Movement[];
  /** Entries that the switch still has to bring to an end. */
  unfinished(): readonly Entry[];
  entries(): IterableIterator<Entry>;
  /** By `direction|flow`. */
  summary(): Readonly<Record<string, BookCount>>;
}

/** Source: domain.md 4.8 rule 5. */
export const REVERSAL_MEMORY_MS = 86_400_000;
/** A busy day of this bank; beyond, the oldest are forgotten (they stay in the file). */
const ENTRY_COUNT_MAX = 1_000_000;

/** The id of a message in the book. */
export function entryId(
  direction: Direction,
  message: { readonly stan: string; readonly transmittedAt: string; readonly acquirer: string },
): string {
  return `${direction}|${originalKey(message)}`;
}

interface BookState {
  date: string;
  readonly entries: Map<string, Entry>;
  readonly references: Map<string, Entry>;
  readonly reversals: Map<string, { readonly rc: string; readonly atMs: number }>;
  readonly moved: Map<string, bigint>;
  readonly movements: Map<string, Movement[]>;
  readonly closed: Set<string>;
  readonly unfinished: Set<Entry>;
}

/** An empty book whose open business date is `date`. */
export function openBook(date: string): Book {
  const state: BookState = {
    date,
    entries: new Map(),
    references: new Map(),
    reversals: new Map(),
    moved: new Map(),
    movements: new Map(),
    closed: new Set(),
    unfinished: new Set(),
  };
  return {
    apply: (event) => apply(state, event),
    find: (id) => state.entries.get(id),
    findByReference: (rrn) => state.references.get(rrn),
    reversalOf: (id, nowMs) => {
      const known = state.reversals.get(id);
      return known && nowMs - known.atMs < REVERSAL_MEMORY_MS ? known.rc : undefined;
    },
    moved: (bank, account) => state.moved.get(`${bank}|${account}`) ?? 0n,
    date: () => state.date,
    movements: (day) => state.movements.get(day) ?? [],
    unfinished: () => [...state.unfinished],
    entries: () => state.entries.values(),
    summary: () => summarise(state.entries.values()),
  };
}

function apply(state: BookState, event: BookEvent): void {
  switch (event.kind) {
    case 'taken':
      return take(state, event);
    case 'cut_over':
      state.closed.add(state.date);
      state.date = event.nextDate;
      return;
    case 'reversal_remembered':
      state.reversals.set(event.id, { rc: event.rc, atMs: event.atMs });
      if (state.reversals.size > ENTRY_COUNT_MAX)
        state.reversals.delete(state.reversals.keys().next().value!);
      return;
    default: {
      const entry = state.entries.get(event.id);
      assert(entry, 'an event of the book is about something that was taken');
      return change(state, entry, event);
    }
  }
}

function take(state: BookState, event: Extract<BookEvent, { kind: 'taken' }>): void {
  const { kind: _kind, atMs, amountSen, ...rest } = event;
  const entry: Entry = {
    ...rest,
    amountSen: BigInt(amountSen),
    takenAtMs: atMs,
    state: 'asked',
    rc: undefined,
    approvalCode: undefined,
    answer: undefined,
    keptSen: undefined,
    isDisputed: false,
    owedKeptSen: undefined,
  };
  assert(!state.entries.has(entry.id), 'a request is taken once');
  state.entries.set(entry.id, entry);
  if (entry.direction === 'to_bank') state.unfinished.add(entry);
  if (isRefundable(entry)) state.references.set(entry.rrn, entry);
  if (state.entries.size <= ENTRY_COUNT_MAX) return;
  const oldest = state.entries.values().next().value!;
  state.entries.delete(oldest.id);
  state.references.delete(oldest.rrn);
  state.unfinished.delete(oldest);
}

/** Payments of the bank and of its customers' codes, and transfers of the bank: what may be asked about by RRN. */
function isRefundable({ direction, flow }: Entry): boolean {
  return (
    flow === 'qris_presented' ||
    (direction === 'from_bank' && (flow === 'qris' || flow === 'transfer'))
  );
}

function change(
  state: BookState,
  entry: Entry,
  event: Exclude<BookEvent, { kind: 'taken' | 'cut_over' | 'reversal_remembered' }>,
): void {
  switch (event.kind) {
    case 'approved':
      assert(entry.state === 'asked' || entry.state === 'unknown', 'an answer counts once');
      entry.state = 'approved';
      entry.rc = '00';
      entry.approvalCode = event.approvalCode;
      entry.answer = event.answer;
      move(state, { entry, kind: 'original', amountSen: entry.amountSen });
      break;
    case 'declined':
      assert(entry.state === 'asked' || entry.state === 'unknown', 'an answer counts once');
      entry.state = 'declined';
      entry.rc = event.rc;
      entry.answer = event.answer;
      break;
    case 'unknown':
      entry.state = 'unknown';
      return;
    case 'owed_back':
      entry.owedKeptSen = BigInt(event.keptSen);
      state.unfinished.add(entry);
      return;
    case 'reversed': {
      assert(entry.keptSen === undefined, 'a request is reversed once');
      entry.keptSen = BigInt(event.keptSen);
      const backSen = entry.amountSen - entry.keptSen;
      if (entry.state === 'approved') move(state, { entry, kind: 'reversal', amountSen: backSen });
      break;
    }
    case 'disputed':
      entry.isDisputed = true;
      entry.rc = event.rc;
      break;
  }
  state.unfinished.delete(entry);
}

/** Counts on the entry's own business date while that is open, else on the one that is. */
function move(state: BookState, movement: Movement): void {
  const { entry, kind, amountSen } = movement;
  const date = state.closed.has(entry.businessDate) ? state.date : entry.businessDate;
  const day = state.movements.get(date);
  if (day) day.push(movement);
  else state.movements.set(date, [movement]);
  if (entry.direction !== 'from_bank') return;
  const key = `${entry.bank}|${entry.account}`;
  const isSpent = entry.flow === 'withdrawal' || entry.flow === 'qris_presented';
  const by = isSpent === (kind === 'original') ? -amountSen : amountSen;
  state.moved.set(key, (state.moved.get(key) ?? 0n) + by);
}

function summarise(entries: Iterable<Entry>): Readonly<Record<string, BookCount>> {
  const all: Record<string, { -readonly [K in keyof BookCount]: BookCount[K] }> = {};
  for (const entry of entries) {
    const count = (all[`${entry.direction}|${entry.flow}`] ??= {
      asked: 0,
      approved: 0,
      declined: 0,
      unknown: 0,
      reversed: 0,
      disputed: 0,
      standsSen: 0n,
    });
    count[entry.state]++;
    if (entry.keptSen !== undefined) count.reversed++;
    if (entry.isDisputed) count.disputed++;
    if (entry.state === 'approved') count.standsSen += entry.keptSen ?? entry.amountSen;
  }
  return all;
}
