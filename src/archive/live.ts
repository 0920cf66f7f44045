/** The stream without its archive, for those who have no files at hand: it begins where whole blocks of leaves are in files, and takes the
 * kept leaves of the archived events that interleave with the first ones of the tables. */
import type { AuditState } from '../audit/verify.ts';
import { newAuditState } from '../audit/verify.ts';
import { loadFrontier } from '../audit/tree.ts';
import type { ReadPage, StreamPlace, StreamRow } from '../audit/stream.ts';
import type { Queryable } from '../db/pool.ts';
import { newLedgerState, type LedgerState } from '../ledger/verify-pass.ts';
import { rangeOf } from './month.ts';
import * as store from './store.ts';
import { tableReader } from './stream.ts';
import type { ArchiveOpened, ArchiveProblem } from './verify.ts';

/** More archived events among live ones are no edge of a month but broken clocks. */
const KEPT_MAX = 500_000;

export interface LiveStream {
  readonly audit: AuditState;
  readonly ledger: LedgerState;
  readonly from: StreamPlace;
  readonly problems: readonly ArchiveProblem[];
  page(limit: number): Promise<ReadPage>;
}

/** Opens it: the tree at the floor as its nodes have it, and the sums that were recorded with the months. */
export async function openLive(tx: Queryable, archive: ArchiveOpened): Promise<LiveStream> {
  const { months, leafFloor } = archive;
  const last = months.at(-1)!.month;
  const kept = await store.selectKeptLeaves(tx, {
    from: leafFloor,
    untilDate: rangeOf(last).untilDate,
    limit: KEPT_MAX,
  });
  // Below the floor all events are in files. A live event may not be passed off as an archived one.
  const due = months.reduce((sum, { eventCount }) => sum + BigInt(eventCount), -leafFloor);
  const detail = `${kept.length} leaves of archived events are kept, ${due} are due`;
  const problems: ArchiveProblem[] =
    BigInt(kept.length) === due ? [] : [{ kind: 'archive', id: last, detail }];
  const audit = { ...newAuditState(), frontier: await loadFrontier(tx, leafFloor) };
  const ledger = newLedgerState();
  ledger.archived.isUnread = true;
  for (const { month } of months) await addSums(tx, { ledger, month: rangeOf(month).fromDate });
  const table = tableReader(tx, { xid: '0', id: '0' });
  let position = leafFloor;
  let at = 0;
  return {
    audit,
    ledger,
    from: { xid: '0', id: '0', count: leafFloor },
    problems,
    async page(limit) {
      const unread: Buffer[] = [];
      while (unread.length < limit && kept[at]?.position === position) {
        unread.push(kept[at++]!.hash);
        position++;
      }
      if (unread.length > 0)
        return {
          rows: unread.map(() => NOT_READ),
          archived: { file: '', marks: [], transfers: [], leafFloor, unread },
          isLast: false,
        };
      const next = kept[at];
      const room = next ? Math.min(limit, Number(next.position - position)) : limit;
      await table.head();
      const rows = await table.take(undefined, room);
      position += BigInt(rows.length);
      return { rows, isLast: rows.length === 0 };
    },
  };
}

const NOT_READ: StreamRow = {
  id: '0',
  xid: '0',
  onDate: '',
  atMs: '0',
  kind: '',
  subject: '',
  data: '',
};

async function addSums(
  tx: Queryable,
  input: { readonly ledger: LedgerState; readonly month: string },
): Promise<void> {
  const { ledger, month } = input;
  for (let after = -(1n << 63n); ;) {
    const { text, last } = await store.selectAccountMonth(tx, { month, after });
    if (last === null) return;
    for (const line of text!.split('\n')) {
      const [account, debit, credit] = line.split(' ').map(BigInt) as [bigint, bigint, bigint];
      ledger.posted.add(account, { debit, credit });
    }
    after = last;
  }
}
