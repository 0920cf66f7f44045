/** The pass of `pulih verify` over the ledger: every event is compared with the transfers it tells of, and every hold with the transfers
 * that made and ended it, while debits and credits per account are summed. Independent of the posting code. Memory is a bit per
 * transfer and two sums per account; verify-rest.ts compares what is left afterwards. */
import { type StreamPage, type StreamReader, type StreamRow } from '../audit/stream.ts';
import type { Queryable } from '../db/pool.ts';
import { AccountSums } from './account-sums.ts';
import { IdSet } from './id-set.ts';
import * as store from './store-verify.ts';

export type LedgerProblemKind =
  | 'sum'
  | 'transfer'
  | 'account'
  | 'hold'
  | 'reversal'
  | 'authorisation';

/** One wrong row. `id` is a transfer, account or hold id, or a jti; never an account number. */
export interface LedgerProblem {
  readonly kind: LedgerProblemKind;
  readonly id: string;
  readonly detail: string;
}

export interface LedgerReport {
  /** True when there is no problem at all. */
  readonly balanced: boolean;
  readonly transfers: bigint;
  readonly accounts: bigint;
  /** First wrong rows of each kind, in id order. A wrong transfer comes before the account that it throws off. */
  readonly problems: readonly LedgerProblem[];
}

/** What a checker knows between two pages; all of it fits in a state file. */
export interface LedgerState {
  /** Transfers that an event told of. */
  readonly told: IdSet;
  readonly madeHolds: IdSet;
  readonly endedHolds: IdSet;
  /** Money that moved: `single` and `post`. */
  readonly posted: AccountSums;
  /** Rows of `transfer` read so far. */
  rowCount: bigint;
  readonly archived: ArchivedState;
  readonly problems: LedgerProblem[];
}

/** What is remembered of transfers in archive files, for the comparison with what is kept of reversals. */
export interface ArchivedState {
  /** Rows read from files. */
  rowCount: bigint;
  /** What archived reversals gave back, by the id of the transfer that they reverse. */
  readonly reversed: Map<string, bigint>;
  /** Amounts of archived transfers that were reversed; `undefined` until the row is read. */
  readonly originals: Map<string, bigint | undefined>;
  /** True when no file is read: sums begin with those that were recorded, and nothing is said of what only files tell. */
  isUnread: boolean;
}

/** A checker of nothing yet. */
export function newLedgerState(): LedgerState {
  return {
    told: new IdSet(),
    madeHolds: new IdSet(),
    endedHolds: new IdSet(),
    posted: new AccountSums(),
    rowCount: 0n,
    archived: { rowCount: 0n, reversed: new Map(), originals: new Map(), isUnread: false },
    problems: [],
  };
}

/** Reads along: compares every page with the rows that it tells of. */
export function ledgerReader(tx: Queryable, state: LedgerState): StreamReader {
  return {
    ask(page) {
      const told = toldBy(page);
      const { archived } = page;
      const rows = archived ? Promise.resolve(archived.transfers) : askTransfers(tx, told);
      const holds = askHolds(tx, told);
      rows.catch(() => {});
      holds.catch(() => {});
      return async () => {
        const before = state.rowCount;
        compareTold(state, {
          told,
          rows: await rows,
          holds: byId(await holds),
          file: archived?.file,
        });
        if (archived) noteArchived(state, archived.transfers, state.rowCount - before);
      };
    },
  };
}

/** One transfer as an event tells of it; texts as they stand in the event. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly holdId: string;
  /** The row that must be there, as `selectTransfersBetween` would give it. */
  readonly row: string;
}

const TELLING = new Set(['ledger.posted', 'account.opened']);

function toldBy(page: StreamPage): readonly Told[] {
  const told: Told[] = [];
  for (const event of page.rows) told.push(...toldByEvent(event));
  return told;
}

/** The transfers that an event tells of. One that cannot be read tells of nothing: its transfers are then told by nobody. */
export function toldByEvent(event: StreamRow): readonly Told[] {
  if (!TELLING.has(event.kind)) return [];
  const paymentId = event.kind === 'ledger.posted' ? event.subject : '';
  try {
    const { transfers } = JSON.parse(event.data) as {
      transfers: Readonly<Record<string, string>>[];
    };
    return transfers.map((one) => {
      const { kind, line, debit, credit, amountSen: amount, holdId = '', reverses = '' } = one;
      const id = String(BigInt(one['id']!));
      const row = `${id}\u001f${kind}\u001f${line}\u001f${debit}\u001f${credit}\u001f${amount}\u001f${holdId}\u001f${paymentId}\u001f${event.onDate}\u001f${event.atMs}\u001f${reverses}`;
      return { id, kind: kind!, debit: debit!, credit: credit!, amount: amount!, holdId, row };
    });
  } catch {
    return [];
  }
}

/** Ids of one page are nearly always neighbours: read the range. */
const SPREAD_MAX = 4n;

function askTransfers(tx: Queryable, told: readonly Told[]): Promise<readonly string[]> {
  if (told.length === 0) return Promise.resolve([]);
  const ids = told.map(({ id }) => BigInt(id));
  let [first, last] = [ids[0]!, ids[0]!];
  for (const id of ids) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  return last - first < BigInt(ids.length) * SPREAD_MAX
    ? store.selectTransfersBetween(tx, { first, last })
    : store.selectTransfersOf(tx, ids);
}

function askHolds(tx: Queryable, told: readonly Told[]): Promise<readonly store.Fields[]> {
  const ids = told
    .filter(({ kind }) => kind !== 'single')
    .map(({ id, kind, holdId }) => idOf(kind === 'hold' ? id : holdId));
  return ids.length === 0 ? Promise.resolve([]) : store.selectHoldsOf(tx, ids);
}

/** An id from an event's text; one that is none is the id of no row. */
export function idOf(text: string): bigint {
  return /^-?\d{1,18}$/.test(text) ? BigInt(text) : -1n;
}

/** Rows by their first field. */
export function byId(rows: readonly store.Fields[]): ReadonlyMap<string, store.Fields> {
  return new Map(rows.map((row) => [row[0]!, row]));
}

function compareTold(
  state: LedgerState,
  input: {
    readonly told: readonly Told[];
    readonly rows: readonly string[];
    readonly holds: ReadonlyMap<string, store.Fields>;
    readonly file: string | undefined;
  },
): void {
  const place = input.file === undefined ? '' : ` (${input.file})`;
  const rows = new Map<string, string>();
  const twice: string[] = [];
  for (const row of input.rows) {
    const id = row.slice(0, row.indexOf('\u001f'));
    if (rows.has(id)) twice.push(row);
    else rows.set(id, row);
  }
  for (const one of input.told) {
    const { id } = one;
    if (!state.told.add(BigInt(id))) {
      addProblem(state, { kind: 'transfer', id, detail: 'two events tell of this transfer' });
      continue;
    }
    const row = rows.get(id);
    if (row === one.row) countSame(state, one, input.holds);
    else if (row === undefined) {
      const detail = `the transfer that an event tells of is gone${place}`;
      addProblem(state, { kind: 'transfer', id, detail });
    } else {
      addProblem(state, { kind: 'transfer', id, detail: differenceOf(row, one.row) + place });
      countRow(state, row, input.holds);
    }
  }
  if (twice.length === 0) return;
  // A neighbour's row belongs to the page that tells of it.
  const here = new Set(input.told.map(({ id }) => id));
  for (const row of twice) {
    const id = row.slice(0, row.indexOf('\u001f'));
    if (!here.has(id)) continue;
    addProblem(state, { kind: 'transfer', id, detail: 'two rows have this id' });
    countRow(state, row, input.holds);
  }
}

/** Remembers of archived rows what the tables no longer tell about reversals. */
function noteArchived(state: LedgerState, rows: readonly string[], count: bigint): void {
  const { archived } = state;
  archived.rowCount += count;
  for (const row of rows) {
    const isReversal = !row.endsWith('\u001f');
    if (!isReversal && archived.originals.size === 0) continue;
    const [id, , , , , amount, , , , , reverses] = row.split('\u001f') as [string, ...string[]];
    if (archived.originals.has(id)) archived.originals.set(id, BigInt(amount!));
    if (!isReversal || !reverses) continue;
    // A slice of a page's text would keep the whole page.
    const original = Buffer.from(reverses).toString();
    const sum = archived.reversed.get(original) ?? 0n;
    archived.reversed.set(original, sum + BigInt(amount!));
  }
}

/** A row that is what its event tells; a single needs no look at its fields. */
function countSame(state: LedgerState, one: Told, holds: ReadonlyMap<string, store.Fields>): void {
  if (one.kind !== 'single') return countRow(state, one.row, holds);
  state.rowCount++;
  state.posted.move({
    debit: BigInt(one.debit),
    credit: BigInt(one.credit),
    amount: BigInt(one.amount),
  });
}

function differenceOf(row: string, told: string): string {
  const say = ([
    kind,
    line,
    debit,
    credit,
    amount,
    hold,
    payment,
    onDate,
    atMs,
    reverses,
  ]: readonly string[]) =>
    `${kind} ${line} ${debit}->${credit} ${amount} sen${hold ? ` of hold ${hold}` : ''}, ${payment || 'no payment'}, ${onDate} ${atMs}${reverses ? `, reverses ${reverses}` : ''}`;
  return `row has ${say(row.split('\u001f').slice(1))}; event has ${say(told.split('\u001f').slice(1))}`;
}

/** Adds a row of `transfer` to the sums, and compares the hold that it made or ended. */
export function countRow(
  state: LedgerState,
  row: string,
  holds: ReadonlyMap<string, store.Fields>,
): void {
  const [id, kind, line, debit, credit, amount, holdId, paymentId] = row.split('\u001f') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  state.rowCount++;
  if (kind === 'single' || kind === 'post')
    state.posted.move({ debit: BigInt(debit), credit: BigInt(credit), amount: BigInt(amount) });
  if (kind === 'single') return;
  const hold = holds.get(kind === 'hold' ? id : holdId);
  const wrong = (detail: string): void =>
    addProblem(state, { kind: 'hold', id: kind === 'hold' ? id : holdId, detail });
  if (kind === 'hold') state.madeHolds.add(BigInt(id));
  else if (!state.endedHolds.add(BigInt(holdId))) return wrong(`ended again by ${kind} ${id}`);
  if (!hold) return wrong('transfers name a hold that is not there');
  const [, ownDebit, ownCredit, ownAmount, ownPayment, ownLine, ownState, posted] = hold;
  const isSame = debit === ownDebit && credit === ownCredit;
  const said = `${ownState}, posted ${posted} of ${ownAmount} sen`;
  if (kind === 'hold') {
    if (!isSame || amount !== ownAmount || paymentId !== ownPayment || line !== ownLine)
      wrong(`${said}, but its own transfer has ${line} ${debit}->${credit} ${amount} sen`);
  } else {
    const isEnded =
      kind === 'post'
        ? ownState === 'posted' && posted === amount
        : ownState === 'voided' && amount === ownAmount;
    if (!isSame || !isEnded)
      wrong(`${said}, ended by ${kind} ${id} ${debit}->${credit} of ${amount} sen`);
  }
}

/** Rows remembered per kind before they are sorted. */
const KEPT_MAX = 200;

/** Remembers a problem, unless there are enough of its kind or it is known. */
export function addProblem(state: LedgerState, problem: LedgerProblem): void {
  const same = state.problems.filter(({ kind }) => kind === problem.kind);
  if (same.length >= KEPT_MAX || same.some(({ id }) => id === problem.id)) return;
  // A slice of a page's text would keep the whole page.
  const id = Buffer.from(problem.id).toString();
  state.problems.push({ ...problem, id });
}
