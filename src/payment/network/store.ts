/** The SQL of what a network says of itself. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { KnownParticipant } from './participant.ts';

export type WordKind = 'participants' | 'position';

/** The newest whole word of a kind. */
export interface NetworkWord {
  readonly madeAtMs: number;
  readonly heardAtMs: number;
  readonly body: string;
}

/** Every participant, locked in one order, so that two words about one bank are taken one after the other. */
export async function lockParticipants(tx: Queryable): Promise<readonly KnownParticipant[]> {
  const rows = await tx.query<{ bic: string; state: string; changed_at: Date }>(
    sql`select bic, state, changed_at from participant order by bic for update`,
  );
  return rows.map((row) => ({
    bic: row.bic,
    isOpen: row.state === 'open',
    changedAtMs: row.changed_at.getTime(),
  }));
}

/** Opens or closes a participant. */
export async function updateParticipant(tx: Queryable, bank: KnownParticipant): Promise<void> {
  await tx.query(sql`update participant set state = ${bank.isOpen ? 'open' : 'closed'}, changed_at = ${new Date(bank.changedAtMs)}
    where bic = ${bank.bic}`);
}

/** Writes a word unless a newer one is there. */
export async function upsertWord(
  tx: Queryable,
  word: NetworkWord & { readonly rail: string; readonly kind: WordKind },
): Promise<void> {
  await tx.query(sql`insert into network_word (rail, kind, made_at, heard_at, body)
    values (${word.rail}, ${word.kind}, ${new Date(word.madeAtMs)}, ${new Date(word.heardAtMs)}, ${word.body})
    on conflict (rail, kind) do update set made_at = excluded.made_at, heard_at = excluded.heard_at, body = excluded.body
    where network_word.made_at <= excluded.made_at`);
}

/** The newest word of a kind, if any was heard. */
export async function selectWord(
  db: Queryable,
  of: { readonly rail: string; readonly kind: WordKind },
): Promise<NetworkWord | undefined> {
  const rows = await db.query<{ made_at: Date; heard_at: Date; body: string }>(
    sql`select made_at, heard_at, body from network_word where rail = ${of.rail} and kind = ${of.kind}`,
  );
  const [row] = rows;
  return (
    row && { madeAtMs: row.made_at.getTime(), heardAtMs: row.heard_at.getTime(), body: row.body }
  );
}
