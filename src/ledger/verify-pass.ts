/** The pass of `pulih verify` over the ledger: every event is compared with the transfers it tells of, and every hold with the transfers
 * that made and ended it, while debits and credits per account are summed. Independent of the posting code. Memory is a bit per
 * transfer and two sums per account; verify-rest.ts compares what is left afterwards. */
import { type StreamPage, type StreamReader, type StreamRow } from '../audit/stream.ts';
import type { Queryable } from '../db/pool.ts';
import { AccountSums } from './account-sums.ts';
import { IdSet } from './id-set.ts';
import * as store from './store-verify.ts';

export type LedgerProblemKind = 'sum' | 'transfer' | 'account' | 'hold' | 'authorisation';

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
  readonly problems: LedgerProblem[];
}

/** A checker of nothing yet. */
export function newLedgerState(): LedgerState {
  return {
    told: new IdSet(),
    madeHolds: new IdSet(),
    endedHolds: new IdSet(),
    posted: new AccountSums(),
    rowCount: 0n,
    problems: [],
  };
}

/** Reads along: compares every page with the rows that it tells of. */
export function ledgerReader(tx: Queryable, state: LedgerState): StreamReader {
  return {
    ask(page) {
      const told = toldBy(page);
      const rows = askTransfers(tx, told);
      const holds = askHolds(tx, told);
      rows.catch(() => {});
      holds.catch(() => {});
      return async () => {
        compareTold(state, { told, rows: await rows, holds: byId(await holds) });
      };
    },
  };
}

/** One transfer as an event tells of it; texts as they stand in the event. */
interface Told {
  readonly id: bigint;
  readonly kind: string;
  readonly holdId: string;
  /** The row that must be there, as `selectTransfersBetween` would give it, without the id. */
  readonly row: string;
}

const TELLING = new Set(['ledger.posted', 'account.opened']);

function toldBy(page: StreamPage): readonly Told[] {
  const told: Told[] = [];
  for (const event of page.rows) if (TELLING.has(event.kind)) told.push(...toldByEvent(event));
  return told;
}

/** An event that cannot be read tells of nothing: its transfers are then found to be told by nobody. */
function toldByEvent(event: StreamRow): readonly Told[] {
  const paymentId = event.kind === 'ledger.posted' ? event.subject : '';
  try {
    const { transfers } = JSON.parse(event.data) as {
      transfers: Readonly<Record<string, string>>[];
    };
    return transfers.map(({ id, kind, line, debit, credit, amountSen, holdId = '' }) => ({
      id: BigInt(id!),
      kind: kind!,
      holdId,
      row: [kind, line, debit, credit, amountSen, holdId, paymentId, event.onDate, event.atMs].join(
        '\u001f',
      ),
    }));
  } catch {
    return [];
  }
}

/** Ids of one page are nearly always neighbours: read the range. */
const SPREAD_MAX = 4n;

function askTransfers(tx: Queryable, told: readonly Told[]): Promise<readonly store.Fields[]> {
  if (told.length === 0) return Promise.resolve([]);
  const ids = told.map(({ id }) => id);
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
    .map(({ id, kind, holdId }) => (kind === 'hold' ? id : idOf(holdId)));
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
    readonly rows: readonly store.Fields[];
    readonly holds: ReadonlyMap<string, store.Fields>;
  },
): void {
  const rows = new Map<string, store.Fields>();
  const twice: store.Fields[] = [];
  for (const row of input.rows) {
    if (rows.has(row[0]!)) twice.push(row);
    else rows.set(row[0]!, row);
  }
  const here = new Set<string>();
  for (const one of input.told) {
    const id = String(one.id);
    if (!state.told.add(one.id)) {
      addProblem(state, { kind: 'transfer', id, detail: 'two events tell of this transfer' });
      continue;
    }
    here.add(id);
    const row = rows.get(id);
    if (!row) {
      const detail = 'the transfer that an event tells of is gone';
      addProblem(state, { kind: 'transfer', id, detail });
      continue;
    }
    if (row.slice(1).join('\u001f') !== one.row)
      addProblem(state, { kind: 'transfer', id, detail: differenceOf(row, one.row) });
    countRow(state, row, input.holds);
  }
  // A neighbour's row belongs to the page that tells of it.
  for (const row of twice.filter(([id]) => here.has(id!))) {
    addProblem(state, { kind: 'transfer', id: row[0]!, detail: 'two rows have this id' });
    countRow(state, row, input.holds);
  }
}

function differenceOf(row: store.Fields, told: string): string {
  const event = told.split('\u001f');
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
  ]: readonly string[]) =>
    `${kind} ${line} ${debit}->${credit} ${amount} sen${hold ? ` of hold ${hold}` : ''}, ${payment || 'no payment'}, ${onDate} ${atMs}`;
  return `row has ${say(row.slice(1))}; event has ${say(event)}`;
}

/** Adds a row of `transfer` to the sums, and compares the hold that it made or ended. */
export function countRow(
  state: LedgerState,
  row: store.Fields,
  holds: ReadonlyMap<string, store.Fields>,
): void {
  const [id, kind, line, debit, credit, amount, holdId, paymentId] = row as [
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
