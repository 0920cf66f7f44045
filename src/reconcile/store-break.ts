/** Statements of breaks as people's work: owner, notes, proposals. Every change is compare-and-set. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { proposalOf, type EndedBreak, type Proposal } from './proposal.ts';

export interface OpenBreakRow {
  readonly id: string;
  readonly rail: string;
  readonly kind: string;
  readonly biz_msg_idr: string;
  readonly amount_sen: bigint;
  readonly detail: string;
  readonly opened_at: Date;
  readonly owner_id: string | null;
  readonly owner_name: string | null;
}

/** Open breaks, oldest first, with who has them. */
export function listOpenBreaks(db: Queryable, limit: number): Promise<OpenBreakRow[]> {
  return db.query<OpenBreakRow>(sql`select m.id, m.rail, m.kind, m.biz_msg_idr, m.amount_sen, m.detail, m.opened_at, m.owner_id,
      s.name as owner_name
    from match_break m left join staff s on s.id = m.owner_id
    where m.closed_at is null order by m.opened_at, m.id limit ${limit}`);
}

/** Notes of these breaks, oldest first. */
export function listNotes(
  db: Queryable,
  breakIds: readonly string[],
): Promise<{ break_id: string; name: string; written_at: Date; note: string }[]> {
  return db.query(sql`select n.break_id, s.name, n.written_at, n.note from break_note n join staff s on s.id = n.written_by
    where n.break_id = any(${breakIds}) order by n.written_at, n.id`);
}

export interface ProposalRow {
  readonly id: string;
  readonly break_id: string;
  readonly break_amount_sen: bigint;
  readonly debit_account: string | null;
  readonly credit_account: string | null;
  readonly amount_sen: bigint | null;
  readonly reason: string;
  readonly state: 'proposed' | 'done' | 'withdrawn';
  readonly proposed_by: string;
  readonly proposed_name: string;
  readonly proposed_at: Date;
  readonly proposed_signature: string;
}

/** Proposals of these breaks that wait for a second person. */
export function listProposals(db: Queryable, breakIds: readonly string[]): Promise<ProposalRow[]> {
  return db.query<ProposalRow>(sql`select p.id, p.break_id, p.break_amount_sen, p.debit_account, p.credit_account, p.amount_sen, p.reason,
      p.state, p.proposed_by, s.name as proposed_name, p.proposed_at, p.proposed_signature
    from break_proposal p join staff s on s.id = p.proposed_by
    where p.break_id = any(${breakIds}) and p.state = 'proposed'`);
}

/** One proposal, whatever became of it. */
export async function findProposal(db: Queryable, id: string): Promise<ProposalRow | undefined> {
  const rows =
    await db.query<ProposalRow>(sql`select p.id, p.break_id, p.break_amount_sen, p.debit_account, p.credit_account,
      p.amount_sen, p.reason, p.state, p.proposed_by, s.name as proposed_name, p.proposed_at, p.proposed_signature
    from break_proposal p join staff s on s.id = p.proposed_by where p.id = ${id}`);
  return rows[0];
}

/** A break as a proposal sees it. */
export async function findBreak(
  db: Queryable,
  id: string,
): Promise<{ isOpen: boolean; amountSen: bigint } | undefined> {
  const rows = await db.query<{ isOpen: boolean; amountSen: bigint }>(
    sql`select closed_at is null as "isOpen", amount_sen as "amountSen" from match_break where id = ${id}`,
  );
  return rows[0];
}

/** The bank's own accounts of these books that are open. */
export function listBookAccounts(
  db: Queryable,
  books: readonly string[],
): Promise<{ number: string; book: string; name: string }[]> {
  return db.query(sql`select number, book, name from account where book = any(${books}) and state = 'open'
    order by book, number limit 200`);
}

/** Writes a proposal; its reason is the explanation that stays. */
export async function insertProposal(
  tx: Queryable,
  row: {
    readonly proposal: Proposal;
    readonly staffId: string;
    readonly signature: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { proposal } = row;
  const { correction } = proposal;
  await tx.query(sql`insert into break_proposal (id, break_id, break_amount_sen, debit_account, credit_account, amount_sen, reason,
      proposed_by, proposed_at, proposed_signature)
    values (${proposal.id}, ${proposal.breakId}, ${proposal.breakAmountSen}, ${correction?.debitAccount ?? null},
      ${correction?.creditAccount ?? null}, ${correction?.amountSen ?? null}, ${proposal.reason}, ${row.staffId},
      ${new Date(row.nowMs)}, ${row.signature})`);
}

/** The proposal is done, once; false when it is not proposed any more. */
export async function markDone(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly staffId: string;
    readonly signature: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update break_proposal set state = 'done', approved_by = ${row.staffId},
      approved_at = ${new Date(row.nowMs)}, approved_signature = ${row.signature}
    where id = ${row.id} and state = 'proposed' returning id`);
  return rows.length === 1;
}

/** The proposer takes it back, once. */
export async function markWithdrawn(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    sql`update break_proposal set state = 'withdrawn' where id = ${id} and state = 'proposed' returning id`,
  );
  return rows.length === 1;
}

/** Closes a break as its proposal says; false when it closed or grew meanwhile. */
export async function closeBreak(
  tx: Queryable,
  row: {
    readonly breakId: string;
    readonly amountSen: bigint;
    readonly proposalId: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows =
    await tx.query(sql`update match_break set closed_at = ${new Date(row.nowMs)}, explained_by = ${row.proposalId}
    where id = ${row.breakId} and closed_at is null and amount_sen = ${row.amountSen} returning id`);
  return rows.length === 1;
}

type UnprovenRow = Omit<ProposalRow, 'id' | 'proposed_name' | 'proposed_at' | 'state'> & {
  readonly id: string | null;
  readonly breakId: string;
  readonly amountSen: bigint;
  readonly explainedBy: string;
  readonly approved_by: string;
  readonly approved_signature: string;
};

/** Breaks that people ended by an explanation that is not proven. */
export async function selectUnproven(db: Queryable, limit: number): Promise<readonly EndedBreak[]> {
  const rows =
    await db.query<UnprovenRow>(sql`select m.id as "breakId", m.amount_sen as "amountSen", m.explained_by as "explainedBy",
      p.id, p.break_id, p.break_amount_sen, p.debit_account, p.credit_account, p.amount_sen, p.reason, p.proposed_by,
      p.proposed_signature, p.approved_by, p.approved_signature
    from match_break m left join break_proposal p on p.id = m.explained_by and p.break_id = m.id and p.state = 'done'
    where m.explained_by is not null and m.explained_by is distinct from m.proven_end order by m.id limit ${limit} for update of m`);
  return rows.map(({ breakId, amountSen, explainedBy, id, ...row }) => ({
    breakId,
    amountSen,
    explainedBy,
    ...(id !== null && {
      end: {
        proposal: proposalOf({ ...row, id }),
        proposedBy: row.proposed_by,
        proposedSignature: row.proposed_signature,
        approvedBy: row.approved_by,
        approvedSignature: row.approved_signature,
      },
    }),
  }));
}

/** Their explanations are proven. */
export async function markProven(tx: Queryable, breakIds: readonly string[]): Promise<void> {
  await tx.query(
    sql`update match_break set proven_end = explained_by where id = any(${breakIds}::text[])`,
  );
}

/** They are open again, as of when they were opened. */
export async function reopenBreaks(tx: Queryable, breakIds: readonly string[]): Promise<void> {
  await tx.query(sql`update match_break set closed_at = null, explained_by = null, proven_end = null
    where id = any(${breakIds}::text[])`);
}

/** Somebody takes an open break over; false when it is closed. */
export async function setOwner(
  tx: Queryable,
  row: { readonly breakId: string; readonly staffId: string },
): Promise<boolean> {
  const rows = await tx.query(sql`update match_break set owner_id = ${row.staffId}
    where id = ${row.breakId} and closed_at is null returning id`);
  return rows.length === 1;
}

/** Adds a note, unless the break has `countMax` of them or there is no such break. */
export async function insertNote(
  tx: Queryable,
  row: {
    readonly id: string;
    readonly breakId: string;
    readonly staffId: string;
    readonly nowMs: number;
    readonly note: string;
    readonly countMax: number;
  },
): Promise<boolean> {
  const rows =
    await tx.query(sql`insert into break_note (id, break_id, written_by, written_at, note)
    select ${row.id}, m.id, ${row.staffId}, ${new Date(row.nowMs)}, ${row.note} from match_break m
    where m.id = ${row.breakId} and (select count(*) from break_note n where n.break_id = m.id) < ${row.countMax}
    returning id`);
  return rows.length === 1;
}
