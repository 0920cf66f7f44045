/** The signer's only statement: committed authorisations with their holds. Its database role can read these two tables and
 * write nothing. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface AuthorisationRow {
  readonly jti: string;
  readonly payment_id: string;
  readonly attempt: number;
  readonly audience: string;
  readonly env: 'prod' | 'drill';
  readonly instruction: string;
  readonly instruction_hash: Buffer;
  readonly amount_sen: bigint;
  readonly hold_state: string;
  readonly hold_amount_sen: bigint;
  readonly hold_payment_id: string | null;
  readonly hold_line: string;
  readonly hold_expires: boolean;
}

/** Reads what is committed (READ COMMITTED) of these jtis, in one statement. */
export async function readAuthorisations(
  db: Queryable,
  jtis: readonly string[],
): Promise<readonly AuthorisationRow[]> {
  return db.query<AuthorisationRow>(sql`
    select a.jti, a.payment_id, a.attempt, a.audience, a.env, a.instruction, a.instruction_hash, a.amount_sen,
      h.state as hold_state, h.amount_sen as hold_amount_sen, h.payment_id as hold_payment_id, h.line as hold_line, h.expires_at is not null as hold_expires
    from authorisation a join hold h on h.id = a.hold_id
    where a.jti = any(${jtis}::text[])`);
}
