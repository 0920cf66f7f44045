/** The SQL of presented codes. Time is a parameter. */
import { instantArray, int8Array, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import { sen } from '../kernel/money.ts';
import type { PresentedCode } from './port.ts';

const CODE = `id, pan, customer_id, account, limit_sen, made_at, valid_until, payment_id, cancelled_at, refused_count, refused_code, refused_sen`;
const BY_SECRET = prepared(`select ${CODE} from presented_code where secret_hash = $1`);
const OF_CUSTOMER = prepared(
  `select ${CODE} from presented_code where id = $1 and customer_id = $2`,
);
const LIVE = prepared(
  `select ${CODE} from presented_code where customer_id = $1 and valid_until > $2 and payment_id is null and cancelled_at is null order by id limit 20`,
);

interface CodeRow {
  readonly id: string;
  readonly pan: string;
  readonly customer_id: string;
  readonly account: string;
  readonly limit_sen: bigint;
  readonly made_at: Date;
  readonly valid_until: Date;
  readonly payment_id: string | null;
  readonly cancelled_at: Date | null;
  readonly refused_count: number;
  readonly refused_code: string | null;
  readonly refused_sen: bigint | null;
}

/** Writes a new code. */
export async function insertCode(
  tx: Tx,
  { code, secretHash }: { readonly code: PresentedCode; readonly secretHash: Buffer },
): Promise<void> {
  await tx.query(sql`
    insert into presented_code (id, secret_hash, pan, customer_id, account, limit_sen, made_at, valid_until)
    values (${code.id}, ${secretHash}, ${code.pan}, ${code.customerId}, ${code.account}, ${code.limitSen}, ${new Date(code.madeAtMs)},
      ${new Date(code.validUntilMs)})`);
}

/** The code with this secret. */
export async function selectBySecret(
  db: Queryable,
  secretHash: Buffer,
): Promise<PresentedCode | undefined> {
  const rows = await db.query<CodeRow>(BY_SECRET(secretHash));
  return rows[0] && decodeCode(rows[0]);
}

/** A code of a customer's. */
export async function selectOfCustomer(
  db: Queryable,
  of: { readonly customerId: string; readonly id: string },
): Promise<PresentedCode | undefined> {
  const rows = await db.query<CodeRow>(OF_CUSTOMER(of.id, of.customerId));
  return rows[0] && decodeCode(rows[0]);
}

/** A customer's codes that may still pay; at most 20. */
export async function selectLive(
  db: Queryable,
  of: { readonly customerId: string; readonly nowMs: number },
): Promise<readonly PresentedCode[]> {
  return (await db.query<CodeRow>(LIVE(of.customerId, new Date(of.nowMs)))).map(decodeCode);
}

/** Whoever makes a code of this customer's waits here for whoever makes another, in any process. */
export async function lockCustomer(tx: Tx, customerId: string): Promise<void> {
  await tx.query(sql`select id from customer where id = ${customerId} for update`);
}

/** Locks codes in the order of their ids, whatever is noted of each: two batches with the same codes wait, and never for each other. */
export async function lockCodes(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    sql`select id from presented_code where id = any(${textArray(ids)}::text[]) order by id for update`,
  );
}

/** Notes what each code paid; how many were unused. Their rows are locked. */
export async function markPaid(
  tx: Tx,
  uses: readonly { readonly codeId: string; readonly paymentId: string }[],
): Promise<number> {
  const rows = await tx.query(sql`
    update presented_code c set payment_id = u.payment_id
    from unnest(${textArray(uses.map(({ codeId }) => codeId))}::text[], ${textArray(uses.map(({ paymentId }) => paymentId))}::text[]) as u (code_id, payment_id)
    where c.id = u.code_id and c.payment_id is null and c.cancelled_at is null returning c.id`);
  return rows.length;
}

/** Notes the end of each code; how many were unused. Their rows are locked. */
export async function markCancelled(
  tx: Tx,
  codes: readonly { readonly codeId: string; readonly atMs: number }[],
): Promise<number> {
  const rows = await tx.query(sql`
    update presented_code c set cancelled_at = u.at
    from unnest(${textArray(codes.map(({ codeId }) => codeId))}::text[], ${instantArray(codes.map(({ atMs }) => atMs))}::timestamptz[]) as u (code_id, at)
    where c.id = u.code_id and c.payment_id is null and c.cancelled_at is null returning c.id`);
  return rows.length;
}

/** Counts what each code was asked for in vain. Their rows are locked. Two of one code in a statement count as one: the bound is for many. */
export async function markRefused(
  tx: Tx,
  refusals: readonly {
    readonly codeId: string;
    readonly code: string;
    readonly amountSen: bigint;
  }[],
): Promise<void> {
  if (refusals.length === 0) return;
  await tx.query(sql`
    update presented_code c set refused_count = least(c.refused_count + 1, 100), refused_code = u.code, refused_sen = u.amount_sen
    from unnest(${textArray(refusals.map(({ codeId }) => codeId))}::text[], ${textArray(refusals.map(({ code }) => code))}::text[],
      ${int8Array(refusals.map(({ amountSen }) => amountSen))}::bigint[]) as u (code_id, code, amount_sen)
    where c.id = u.code_id`);
}

function decodeCode(row: CodeRow): PresentedCode {
  return {
    id: row.id,
    pan: row.pan,
    customerId: row.customer_id,
    account: row.account,
    limitSen: sen(row.limit_sen),
    madeAtMs: row.made_at.getTime(),
    validUntilMs: row.valid_until.getTime(),
    ...(row.payment_id !== null && { paymentId: row.payment_id }),
    ...(row.cancelled_at !== null && { cancelledAtMs: row.cancelled_at.getTime() }),
    ...(row.refused_code !== null &&
      row.refused_sen !== null && {
        refused: {
          code: row.refused_code,
          amountSen: sen(row.refused_sen),
          count: row.refused_count,
        },
      }),
  };
}
