/** Every statement of the codes before a debit. */
import type { Tx } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** One code that was sent. Hashes only. */
export interface Challenge {
  readonly id: string;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly requestHash: Buffer;
  readonly grantId: string;
  readonly codeHash: Buffer;
  readonly tryCount: number;
  readonly expiresAtMs: number;
  readonly passedAtMs?: number;
}

/** How many codes a grant had since an instant; askers of one grant wait for each other, so that the count holds. */
export async function countChallenges(
  tx: Tx,
  input: { readonly grantId: string; readonly since: Date },
): Promise<number> {
  await tx.query(sql`select id from access_grant where id = ${input.grantId} for update`);
  const [row] = await tx.query<{ n: number }>(sql`
    select count(*)::integer as n from direct_debit_challenge where grant_id = ${input.grantId} and made_at > ${input.since}`);
  return row!.n;
}

/** Writes a code that is sent. */
export async function insertChallenge(
  tx: Tx,
  row: Omit<Challenge, 'tryCount' | 'passedAtMs'> & {
    readonly tokenHash: Buffer;
    readonly madeAtMs: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into direct_debit_challenge (id, partner_id, partner_reference_no, request_hash, grant_id, token_hash, code_hash, expires_at, made_at)
    values (${row.id}, ${row.partnerId}, ${row.partnerReferenceNo}, ${row.requestHash}, ${row.grantId}, ${row.tokenHash}, ${row.codeHash},
      ${new Date(row.expiresAtMs)}, ${new Date(row.madeAtMs)})`);
}

/** The challenge behind a token, locked: guesses at once are counted one after another. */
export async function lockChallenge(tx: Tx, tokenHash: Buffer): Promise<Challenge | undefined> {
  const [row] = await tx.query<{
    id: string;
    partner_id: string;
    partner_reference_no: string;
    request_hash: Buffer;
    grant_id: string;
    code_hash: Buffer;
    try_count: number;
    expires_at: Date;
    passed_at: Date | null;
  }>(sql`
    select id, partner_id, partner_reference_no, request_hash, grant_id, code_hash, try_count, expires_at, passed_at
    from direct_debit_challenge where token_hash = ${tokenHash} for update`);
  return (
    row && {
      id: row.id,
      partnerId: row.partner_id,
      partnerReferenceNo: row.partner_reference_no,
      requestHash: row.request_hash,
      grantId: row.grant_id,
      codeHash: row.code_hash,
      tryCount: row.try_count,
      expiresAtMs: row.expires_at.getTime(),
      ...(row.passed_at !== null && { passedAtMs: row.passed_at.getTime() }),
    }
  );
}

/** Counts a guess at a locked challenge, and that it was right. */
export async function updateChallenge(
  tx: Tx,
  input: {
    readonly id: string;
    readonly tryCount: number;
    readonly passedAt: Date | undefined;
  },
): Promise<void> {
  await tx.query(sql`
    update direct_debit_challenge set try_count = ${input.tryCount}, passed_at = ${input.passedAt ?? null} where id = ${input.id}`);
}
