/** The SQL of merchants, terminals and codes. Time is a parameter. */
import { instantArray, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import { sen } from '../kernel/money.ts';
import type { MerchantClass } from '../rail/qris/mdr.ts';
import type { MadeCode, Merchant } from './port.ts';

const MERCHANT = `m.id, m.serial, m.nmid, m.pan, m.name, m.city, m.postal_code, m.category, m.class, m.settlement_account, m.partner_id, m.closed_at,
  array(select t.label from merchant_terminal t where t.merchant_id = m.id order by t.label) as terminals`;
const CODE = `id, merchant_id, terminal, payload, reference, amount_sen, bill_number, valid_until, payment_id, cancelled_at, partner_id, partner_reference_no, request_hash`;

const BY_ID = prepared(`select ${MERCHANT} from merchant m where m.id = $1`);
const BY_NUMBER = prepared(
  `select ${MERCHANT} from merchant m where m.nmid = $1 or m.pan = any($2::text[])`,
);
const OF_ACCOUNTS = prepared(
  `select ${MERCHANT} from merchant m where m.settlement_account = any($1::text[]) order by m.id limit 20`,
);
const PAGE = prepared(
  `select ${MERCHANT} from merchant m where m.id > $1 and (position(lower($2) in lower(m.name)) > 0 or starts_with(m.nmid, upper($2)) or starts_with(m.id, $2))
    order by m.id limit $3::integer`,
);
const CODE_BY_PARTNER = prepared(
  `select ${CODE} from merchant_code where partner_id = $1 and partner_reference_no = $2`,
);
const STATIC_CODE = prepared(
  `select ${CODE} from merchant_code where merchant_id = $1 and terminal = $2 and method = 'static'`,
);
const CODE_BY_ID = prepared(`select ${CODE} from merchant_code where id = $1`);
const CODE_BY_REFERENCE = prepared(`select ${CODE} from merchant_code where reference = $1`);

interface MerchantRow {
  readonly id: string;
  readonly serial: bigint;
  readonly nmid: string;
  readonly pan: string;
  readonly name: string;
  readonly city: string;
  readonly postal_code: string;
  readonly category: string;
  readonly class: MerchantClass;
  readonly settlement_account: string;
  readonly partner_id: string | null;
  readonly closed_at: Date | null;
  readonly terminals: readonly string[];
}

interface CodeRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly terminal: string;
  readonly payload: string;
  readonly reference: string | null;
  readonly amount_sen: bigint | null;
  readonly bill_number: string | null;
  readonly valid_until: Date | null;
  readonly payment_id: string | null;
  readonly cancelled_at: Date | null;
  readonly partner_id: string | null;
  readonly partner_reference_no: string | null;
  readonly request_hash: Buffer | null;
}

/** A code as it is stored, with the hash of the request that it answers. */
export interface StoredCode {
  readonly code: MadeCode;
  readonly requestHash: Buffer | undefined;
  /** Who made it. */
  readonly partner: { readonly id: string; readonly referenceNo: string } | undefined;
}

/** Merchants after an id that a text finds. */
export async function selectPage(
  db: Queryable,
  asked: { readonly text: string; readonly afterId: string; readonly limit: number },
): Promise<readonly Merchant[]> {
  const rows = await db.query<MerchantRow>(PAGE(asked.afterId, asked.text, asked.limit));
  return rows.map(decodeMerchant);
}

/** Writes a merchant; false when one of that id is there. Throws DbFault when its NMID or serial is another one's. */
export async function insertMerchant(
  tx: Tx,
  input: { readonly merchant: Merchant; readonly nowMs: number },
): Promise<boolean> {
  const { merchant: m, nowMs } = input;
  const rows = await tx.query(sql`
    insert into merchant (id, serial, nmid, pan, name, city, postal_code, category, class, settlement_account, partner_id, made_at)
    values (${m.id}, ${m.serial}, ${m.nmid}, ${m.pan}, ${m.name}, ${m.city}, ${m.postalCode}, ${m.category}, ${m.merchantClass},
      ${m.settlementAccount}, ${m.partnerId ?? null}, ${new Date(nowMs)})
    on conflict (id) do nothing returning id`);
  return rows.length === 1;
}

/** Writes the terminals of a merchant. */
export async function insertTerminals(
  tx: Tx,
  input: {
    readonly merchantId: string;
    readonly labels: readonly string[];
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into merchant_terminal (merchant_id, label, made_at)
    select ${input.merchantId}, t.label, ${new Date(input.nowMs)}::timestamptz
    from unnest(${textArray(input.labels)}::text[]) as t (label)`);
}

/** One merchant with its terminals. */
export async function selectMerchant(db: Queryable, id: string): Promise<Merchant | undefined> {
  const rows = await db.query<MerchantRow>(BY_ID(id));
  return rows[0] && decodeMerchant(rows[0]);
}

/** Changes whose partner makes codes for a merchant, from what it is; false when it is not. */
export async function updateMerchantPartner(
  tx: Tx,
  input: { readonly id: string; readonly from: string | null; readonly to: string | null },
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>(sql`
    update merchant set partner_id = ${input.to} where id = ${input.id} and partner_id is not distinct from ${input.from} returning id`);
  return rows.length === 1;
}

/** The merchants that a partner makes codes for, by id; at most 1,000. */
export async function selectMerchantIds(
  db: Queryable,
  partnerId: string,
): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    sql`select id from merchant where partner_id = ${partnerId} order by id limit 1000`,
  );
  return rows.map(({ id }) => id);
}

/** Merchants whose takings go to one of some accounts, by id; at most 20. */
export async function selectOfAccounts(
  db: Queryable,
  accounts: readonly string[],
): Promise<readonly Merchant[]> {
  if (accounts.length === 0) return [];
  return (await db.query<MerchantRow>(OF_ACCOUNTS(accounts))).map(decodeMerchant);
}

/** Merchants of ours that a scanned code names: by NMID or by PAN. At most a few. */
export async function selectNamed(
  db: Queryable,
  named: { readonly nmid: string; readonly pans: readonly string[] },
): Promise<readonly Merchant[]> {
  const rows = await db.query<MerchantRow>(BY_NUMBER(named.nmid, named.pans));
  return rows.map(decodeMerchant);
}

/** Writes a code; false when its reference, its partner's reference or its terminal's static code is there already. */
export async function insertCode(
  tx: Tx,
  input: {
    readonly code: MadeCode;
    readonly partner:
      | { readonly id: string; readonly referenceNo: string; readonly requestHash: Buffer }
      | undefined;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { code, partner } = input;
  const validUntil = code.validUntilMs === undefined ? null : new Date(code.validUntilMs);
  const rows = await tx.query(sql`
    insert into merchant_code (id, merchant_id, terminal, method, reference, amount_sen, bill_number, valid_until, payload, partner_id,
      partner_reference_no, request_hash, made_at)
    values (${code.id}, ${code.merchantId}, ${code.terminal}, ${code.amountSen === undefined ? 'static' : 'dynamic'},
      ${code.reference ?? null}, ${code.amountSen ?? null}, ${code.billNumber ?? null}, ${validUntil}, ${code.payload},
      ${partner?.id ?? null}, ${partner?.referenceNo ?? null}, ${partner?.requestHash ?? null}, ${new Date(input.nowMs)})
    on conflict do nothing returning id`);
  return rows.length === 1;
}

/** The code that was made under a partner's reference. */
export async function selectByPartner(
  db: Queryable,
  partner: { readonly id: string; readonly referenceNo: string },
): Promise<StoredCode | undefined> {
  const rows = await db.query<CodeRow>(CODE_BY_PARTNER(partner.id, partner.referenceNo));
  return rows[0] && decodeCode(rows[0]);
}

/** One code. */
export async function selectCode(db: Queryable, id: string): Promise<StoredCode | undefined> {
  const rows = await db.query<CodeRow>(CODE_BY_ID(id));
  return rows[0] && decodeCode(rows[0]);
}

/** Notes the cancellation of each code that is unused; how many. */
export async function markCodeCancelled(
  tx: Tx,
  codes: readonly { readonly codeId: string; readonly atMs: number }[],
): Promise<number> {
  const rows = await tx.query(sql`
    update merchant_code c set cancelled_at = u.at
    from unnest(${textArray(codes.map(({ codeId }) => codeId))}::text[], ${instantArray(codes.map(({ atMs }) => atMs))}::timestamptz[]) as u (code_id, at)
    where c.id = u.code_id and c.payment_id is null and c.cancelled_at is null
    returning c.id`);
  return rows.length;
}

/** The static code of a terminal. */
export async function selectStatic(
  db: Queryable,
  at: { readonly merchantId: string; readonly terminal: string },
): Promise<StoredCode | undefined> {
  const rows = await db.query<CodeRow>(STATIC_CODE(at.merchantId, at.terminal));
  return rows[0] && decodeCode(rows[0]);
}

/** The dynamic code of a reference label. */
export async function selectByReference(
  db: Queryable,
  reference: string,
): Promise<StoredCode | undefined> {
  const rows = await db.query<CodeRow>(CODE_BY_REFERENCE(reference));
  return rows[0] && decodeCode(rows[0]);
}

function decodeMerchant(row: MerchantRow): Merchant {
  return {
    id: row.id,
    serial: row.serial,
    nmid: row.nmid,
    pan: row.pan,
    name: row.name,
    city: row.city,
    postalCode: row.postal_code,
    category: row.category,
    merchantClass: row.class,
    settlementAccount: row.settlement_account,
    terminals: row.terminals,
    ...(row.partner_id !== null && { partnerId: row.partner_id }),
    ...(row.closed_at !== null && { closedAtMs: row.closed_at.getTime() }),
  };
}

function decodeCode(row: CodeRow): StoredCode {
  return {
    requestHash: row.request_hash ?? undefined,
    partner:
      row.partner_id === null || row.partner_reference_no === null
        ? undefined
        : { id: row.partner_id, referenceNo: row.partner_reference_no },
    code: {
      id: row.id,
      merchantId: row.merchant_id,
      terminal: row.terminal,
      payload: row.payload,
      ...(row.reference !== null && { reference: row.reference }),
      ...(row.amount_sen !== null && { amountSen: sen(row.amount_sen) }),
      ...(row.bill_number !== null && { billNumber: row.bill_number }),
      ...(row.valid_until !== null && { validUntilMs: row.valid_until.getTime() }),
      ...(row.payment_id !== null && { paymentId: row.payment_id }),
      ...(row.cancelled_at !== null && { cancelledAtMs: row.cancelled_at.getTime() }),
    },
  };
}
