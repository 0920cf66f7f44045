/** The SQL of what rules of one payment know: whom a payer paid before, who is blocked, which settings changed the rules. */
import { instantArray, int8Array, textArray } from '../../db/array.ts';
import type { Queryable, Tx } from '../../db/pool.ts';
import { prepared, sql } from '../../db/sql.ts';
import { assert } from '../../kernel/assert.ts';
import type { BlockedKind, PairHistory } from '../../risk/rule.ts';

/** Payer and payee by their keys. */
export interface Pair {
  readonly payer: string;
  readonly payee: string;
}

export interface PairRow extends Pair, PairHistory {}

const SELECT_PAIRS = prepared(`
  select h.payer, h.payee, h.first_at, h.last_at, h.last_amount_sen
  from unnest($1::text[], $2::text[]) as w (payer, payee)
  cross join lateral (select * from payee_history where payer = w.payer and payee = w.payee limit 1) h`);

/** What was paid before, by pair; pairs that never paid are left out. */
export async function selectPairs(
  db: Queryable,
  pairs: readonly Pair[],
): Promise<readonly PairRow[]> {
  const rows = await db.query<{
    payer: string;
    payee: string;
    first_at: Date;
    last_at: Date;
    last_amount_sen: bigint;
  }>(
    SELECT_PAIRS(
      textArray(pairs.map(({ payer }) => payer)),
      textArray(pairs.map(({ payee }) => payee)),
    ),
  );
  return rows.map((row) => ({
    payer: row.payer,
    payee: row.payee,
    firstAtMs: row.first_at.getTime(),
    lastAtMs: row.last_at.getTime(),
    lastAmountSen: row.last_amount_sen,
  }));
}

/** A payment to be remembered for the next one of the same pair. */
export interface PairPaid extends Pair {
  readonly amountSen: bigint;
  readonly atMs: number;
}

// In one order everywhere, so that two batches never wait for each other.
const UPSERT_PAIRS = prepared(`
  insert into payee_history (payer, payee, first_at, last_at, last_amount_sen)
  select payer, payee, at, at, amount from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) as r (payer, payee, at, amount)
  order by payer, payee
  on conflict (payer, payee) do update set last_at = excluded.last_at, last_amount_sen = excluded.last_amount_sen`);

/** Remembers payments beside the rows that make them true; of one pair the last of the list. */
export async function upsertPairs(tx: Tx, paid: readonly PairPaid[]): Promise<void> {
  if (paid.length === 0) return;
  const last = [...new Map(paid.map((one) => [`${one.payer}:${one.payee}`, one])).values()];
  await tx.query(
    UPSERT_PAIRS(
      textArray(last.map(({ payer }) => payer)),
      textArray(last.map(({ payee }) => payee)),
      instantArray(last.map(({ atMs }) => atMs)),
      int8Array(last.map(({ amountSen }) => amountSen)),
    ),
  );
}

/** Entries of the blocked list that a process keeps. */
const BLOCKED_MAX = 200_000;

/** The blocked list as it holds now. */
export async function selectBlocked(
  db: Queryable,
): Promise<readonly { readonly kind: BlockedKind; readonly subject: string }[]> {
  const rows = await db.query<{ kind: BlockedKind; subject: string }>(sql`
    select distinct b.kind, b.subject from blocked_party b left join blocked_party_lift l on l.block_id = b.id
    where l.approved_by is null limit ${BLOCKED_MAX + 1}::integer`);
  assert(rows.length <= BLOCKED_MAX, 'the blocked list is whole');
  return rows;
}

/** True when this key has its answer already: what is asked now does not change it. */
export async function isKeyKnown(db: Queryable, key: string): Promise<boolean> {
  return (await db.query(sql`select 1 from ledger_request where key = ${key}`)).length > 0;
}

/** One version of the setting that changes rules. */
export interface RuleSettingRow {
  readonly version: number;
  readonly value: string;
  readonly approved_by: string | null;
}

/** Versions tried before the defaults: more broken ones in a row are a broken process. */
const VERSIONS_MAX = 50;

/** What changes the rules and is in force, the newest version first. */
export async function selectRuleSettings(
  db: Queryable,
  nowMs: number,
): Promise<readonly RuleSettingRow[]> {
  return db.query<RuleSettingRow>(sql`
    select version, value, approved_by from setting
    where key = 'risk.rules' and effective_from <= ${new Date(nowMs)} order by version desc limit ${VERSIONS_MAX}::integer`);
}

/** Forgets what is older than an instant; how many rows. What the database keeps longer it refuses. */
export async function deleteMemory(
  db: Queryable,
  of: {
    readonly what: 'payee' | 'device' | 'code';
    readonly beforeMs: number;
    readonly limit: number;
  },
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    sql`select prune_memory(${of.what}, ${new Date(of.beforeMs)}, ${of.limit}::integer) as n`,
  );
  return row!.n;
}
