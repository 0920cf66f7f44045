/** Statements of treasury's entries. Every change is compare-and-set. */
import type { RailName } from '../authorisation/instruction.ts';
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import type { TreasuryEntry } from './treasury.ts';

interface Row {
  readonly id: string;
  readonly rail: RailName;
  readonly direction: 'top_up' | 'withdrawal';
  readonly amountSen: bigint;
  readonly reference: string;
  readonly state: 'proposed' | 'done' | 'withdrawn';
  readonly proposedBy: string;
  readonly proposedSignature: string;
}

/** Writes an entry that waits for its second person. Throws DbFault on a reference that is known. */
export async function insertEntry(
  tx: Queryable,
  row: {
    readonly entry: TreasuryEntry;
    readonly staffId: string;
    readonly signature: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { id, rail, direction, amountSen, reference } = row.entry;
  await tx.query(sql`insert into treasury_entry (id, rail, direction, amount_sen, reference, proposed_by, proposed_at, proposed_signature)
    values (${id}, ${rail}, ${direction}, ${amountSen}, ${reference}, ${row.staffId}, ${new Date(row.nowMs)}, ${row.signature})`);
}

/** One entry, whatever became of it. */
export async function findEntry(
  db: Queryable,
  entryId: string,
): Promise<
  | (Pick<Row, 'state' | 'proposedBy' | 'proposedSignature'> & { readonly entry: TreasuryEntry })
  | undefined
> {
  const rows =
    await db.query<Row>(sql`select id, rail, direction, amount_sen as "amountSen", reference, state, proposed_by as "proposedBy",
      proposed_signature as "proposedSignature" from treasury_entry where id = ${entryId}`);
  const [row] = rows;
  if (!row) return undefined;
  const { state, proposedBy, proposedSignature, ...entry } = row;
  return { entry, state, proposedBy, proposedSignature };
}

/** The entry is done, once; false when it is not proposed any more. */
export async function markEntryDone(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly staffId: string;
    readonly signature: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update treasury_entry set state = 'done', approved_by = ${row.staffId}, approved_at = ${new Date(row.nowMs)},
      approved_signature = ${row.signature} where id = ${row.id} and state = 'proposed' returning id`);
  return rows.length === 1;
}

/** The proposer takes it back, once. */
export async function markEntryWithdrawn(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    sql`update treasury_entry set state = 'withdrawn' where id = ${id} and state = 'proposed' returning id`,
  );
  return rows.length === 1;
}

/** What the room shows: those that wait, and the newest that ended. */
export function listEntries(
  db: Queryable,
  limit: number,
): Promise<
  (Omit<Row, 'proposedSignature'> & {
    readonly proposedName: string;
    readonly proposedAt: Date;
    readonly approvedName: string | null;
    readonly approvedAt: Date | null;
  })[]
> {
  return db.query(sql`select t.id, t.rail, t.direction, t.amount_sen as "amountSen", t.reference, t.state, t.proposed_by as "proposedBy",
      p.name as "proposedName", t.proposed_at as "proposedAt", a.name as "approvedName", t.approved_at as "approvedAt"
    from treasury_entry t join staff p on p.id = t.proposed_by left join staff a on a.id = t.approved_by
    order by t.state = 'proposed' desc, t.proposed_at desc limit ${limit}`);
}

/** An entry that is done, with who signed it. */
export interface DoneEntry {
  readonly entry: TreasuryEntry;
  readonly proposedBy: string;
  readonly proposedSignature: string;
  readonly approvedBy: string;
  readonly approvedSignature: string;
}

/** Every entry of a rail that is done, as its row says; who counts on it checks the signatures. */
export async function selectDone(db: Queryable, rail: RailName): Promise<readonly DoneEntry[]> {
  const rows = await db.query<
    Row & { approvedBy: string; approvedSignature: string }
  >(sql`select id, rail, direction, amount_sen as "amountSen", reference, state, proposed_by as "proposedBy",
      proposed_signature as "proposedSignature", approved_by as "approvedBy", approved_signature as "approvedSignature" from treasury_entry where rail = ${rail} and state = 'done' order by approved_at, id`);
  return rows.map(({ id, direction, amountSen, reference, state: _state, ...signed }) => ({
    entry: { id, rail, direction, amountSen, reference },
    proposedBy: signed.proposedBy,
    proposedSignature: signed.proposedSignature,
    approvedBy: signed.approvedBy,
    approvedSignature: signed.approvedSignature,
  }));
}
