/** Statements that `pulih verify` reads the ledger with, by the page. A page of transfers, holds or accounts is one text, so that millions
 * of rows cross the driver as a few cells: fields parted by U+001F, rows by U+001E. Texts that could hold either are translated. */
import { idFieldsByRail } from '../authorisation/instruction.ts';
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface WrongRow {
  readonly id: string;
  readonly detail: string;
}

/** The fields of each row of a page, in the order of the statement. */
export type Fields = readonly string[];

function linesOf(pages: readonly { readonly text: string | null }[]): readonly string[] {
  const text = pages[0]?.text;
  return text ? text.split('\u001e') : [];
}

function rowsOf(pages: readonly { readonly text: string | null }[]): readonly Fields[] {
  return linesOf(pages).map((line) => line.split('\u001f'));
}

/** Transfers from one id to another, both included, each as one text:
 * id, kind, line, debit, credit, amount, hold or empty, payment or empty, booked on, booked at in ms,
 * reversed transfer or empty. */
export async function selectTransfersBetween(
  db: Queryable,
  input: { readonly first: bigint; readonly last: bigint },
): Promise<readonly string[]> {
  return linesOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', kind, E'\\x1f', line, E'\\x1f', debit_account, E'\\x1f', credit_account, E'\\x1f', amount_sen, E'\\x1f',
      hold_id, E'\\x1f', translate(payment_id, E'\\x1e\\x1f', '\ufffd\ufffd'), E'\\x1f', booked_on, E'\\x1f',
      (date_part('epoch', booked_at) * 1000)::bigint, E'\\x1f', reverses), E'\\x1e') as text
    from transfer where id >= ${input.first} and id <= ${input.last}`),
  );
}

/** The same for ids that lie far apart. */
export async function selectTransfersOf(
  db: Queryable,
  ids: readonly bigint[],
): Promise<readonly string[]> {
  return linesOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', kind, E'\\x1f', line, E'\\x1f', debit_account, E'\\x1f', credit_account, E'\\x1f', amount_sen, E'\\x1f',
      hold_id, E'\\x1f', translate(payment_id, E'\\x1e\\x1f', '\ufffd\ufffd'), E'\\x1f', booked_on, E'\\x1f',
      (date_part('epoch', booked_at) * 1000)::bigint, E'\\x1f', reverses), E'\\x1e') as text
    from transfer where id = any(${ids}::bigint[])`),
  );
}

/** Holds by id: id, debit, credit, amount, payment or empty, line, state, posted. */
export async function selectHoldsOf(
  db: Queryable,
  ids: readonly bigint[],
): Promise<readonly Fields[]> {
  return rowsOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', debit_account, E'\\x1f', credit_account, E'\\x1f', amount_sen, E'\\x1f',
      translate(payment_id, E'\\x1e\\x1f', '\ufffd\ufffd'), E'\\x1f', translate(line, E'\\x1e\\x1f', '\ufffd\ufffd'), E'\\x1f', state, E'\\x1f',
      posted_sen), E'\\x1e') as text
    from hold where id = any(${ids}::bigint[])`),
  );
}

/** The next `limit` holds that still stand, after an id: id, debit, credit, amount. */
export async function selectStandingHolds(
  db: Queryable,
  input: { readonly after: bigint; readonly limit: number },
): Promise<readonly Fields[]> {
  return rowsOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', debit_account, E'\\x1f', credit_account, E'\\x1f', amount_sen), E'\\x1e' order by id) as text
    from (select * from hold where id > ${input.after} and state = 'held' order by id limit ${input.limit}::integer) page`),
  );
}

/** The next `limit` accounts after an id: id, posted debit, posted credit, pending debit, pending credit. */
export async function selectAccountPage(
  db: Queryable,
  input: { readonly after: bigint; readonly limit: number },
): Promise<readonly Fields[]> {
  return rowsOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', posted_debit_sen, E'\\x1f', posted_credit_sen, E'\\x1f', pending_debit_sen, E'\\x1f', pending_credit_sen),
      E'\\x1e' order by id) as text
    from (select * from account where id > ${input.after} order by id limit ${input.limit}::integer) page`),
  );
}

/** How many rows there are. */
export async function selectCounts(db: Queryable): Promise<{
  readonly transfers: bigint;
  readonly holds: bigint;
  readonly endedHolds: bigint;
}> {
  const [row] = await db.query<Awaited<ReturnType<typeof selectCounts>>>(sql`
    select (select count(*) from transfer) as transfers, count(*) as holds, count(*) filter (where state <> 'held') as "endedHolds" from hold`);
  return row!;
}

/** The next `limit` transfer ids after an id. */
export async function selectTransferIds(
  db: Queryable,
  input: { readonly after: bigint; readonly limit: number },
): Promise<readonly Fields[]> {
  return rowsOf(
    await db.query(sql`
    select string_agg(id::text, E'\\x1e' order by id) as text
    from (select id from transfer where id > ${input.after} order by id limit ${input.limit}::integer) page`),
  );
}

/** The next `limit` holds after an id: id, state. */
export async function selectHoldIds(
  db: Queryable,
  input: { readonly after: bigint; readonly limit: number },
): Promise<readonly Fields[]> {
  return rowsOf(
    await db.query(sql`
    select string_agg(concat(id, E'\\x1f', state), E'\\x1e' order by id) as text
    from (select id, state from hold where id > ${input.after} order by id limit ${input.limit}::integer) page`),
  );
}

/** Rail to the name of its first or second id field, as JSON; a rail without one is left out. */
function fieldsAt(index: 0 | 1): string {
  const fields = Object.entries(idFieldsByRail()).map(([rail, names]) => [rail, names[index]]);
  return JSON.stringify(Object.fromEntries(fields));
}

/** The next `limit` authorisations after a jti: those without a hold of the same payment and amount, with a wrong hash, or whose ids were
 * never registered; and where the page ends, null after the last. */
export async function selectWrongAuthorisations(
  db: Queryable,
  input: { readonly after: string; readonly limit: number },
): Promise<{ readonly last: string | null; readonly wrong: WrongRow[] }> {
  const first = fieldsAt(0);
  const second = fieldsAt(1);
  const [page] = await db.query<{ last: string | null; wrong: WrongRow[] }>(sql`
    with page as (select * from authorisation where jti > ${input.after} order by jti limit ${input.limit}::integer)
    select (select max(jti) from page) as last, coalesce(json_agg(json_build_object('id', w.id, 'detail', w.detail) order by w.made_at, w.id), '[]') as wrong
    from (
    select a.jti as id, a.made_at,
      case when h.id is null then 'no hold of this payment and amount that no clock ends'
        when a.instruction_hash <> sha256(convert_to(a.instruction, 'UTF8')) then 'the hash is not that of the instruction'
        when (a.instruction::jsonb ->> 'paymentId', a.instruction::jsonb ->> 'amountSen') is distinct from (a.payment_id, a.amount_sen::text)
          then 'the instruction is of another payment or amount'
        else 'an id of the instruction was never registered to this payment' end as detail
    from page a
    left join hold h on h.id = a.hold_id and h.payment_id = a.payment_id and h.amount_sen = a.amount_sen and h.expires_at is null
    left join id_registry b on b.id = a.instruction::jsonb ->> (${first}::jsonb ->> a.rail) and b.payment_id = a.payment_id
    left join id_registry m on m.id = a.instruction::jsonb ->> (${second}::jsonb ->> a.rail) and m.payment_id = a.payment_id
    where h.id is null or b.id is null or (m.id is null and ${second}::jsonb ->> a.rail is not null) or a.instruction_hash <> sha256(convert_to(a.instruction, 'UTF8'))
      or (a.instruction::jsonb ->> 'paymentId', a.instruction::jsonb ->> 'amountSen') is distinct from (a.payment_id, a.amount_sen::text)
    ) w`);
  return page!;
}

/** What archive files tell of reversals: sums given back by original, and amounts of originals. */
export interface ArchivedReversals {
  readonly reversedIds: readonly bigint[];
  readonly reversedSums: readonly bigint[];
  readonly originalIds: readonly bigint[];
  readonly originalAmounts: readonly bigint[];
}

/** Transfers whose kept sum of reversals is not that of the reversals themselves, or that are reversed more than once over (T7). */
export function selectWrongReversals(
  db: Queryable,
  input: ArchivedReversals & { readonly limit: number },
): Promise<WrongRow[]> {
  return db.query(sql`
    select coalesce(r.transfer_id, m.id)::text as id,
      format('reversals move %s sen, kept are %s of %s sen', coalesce(m.sum, 0), coalesce(r.reversed_sen::text, 'none'), coalesce(t.amount_sen, o.amount)) as detail
    from reversal r
    full join (
      select id, sum(amount) as sum from (
        select reverses as id, amount_sen as amount from transfer where reverses is not null
        union all select * from unnest(${input.reversedIds}::bigint[], ${input.reversedSums}::bigint[])
      ) given group by id
    ) m on m.id = r.transfer_id
    left join transfer t on t.id = coalesce(r.transfer_id, m.id)
    left join unnest(${input.originalIds}::bigint[], ${input.originalAmounts}::bigint[]) as o (id, amount) on o.id = coalesce(r.transfer_id, m.id)
    where r.reversed_sen is distinct from m.sum or r.amount_sen is distinct from coalesce(t.amount_sen, o.amount) or m.sum > coalesce(t.amount_sen, o.amount)
    order by coalesce(r.transfer_id, m.id) limit ${input.limit}::integer`);
}

/** Ids of transfers that were reversed and are in no table: they must be in the archive. */
export async function selectGoneOriginals(db: Queryable): Promise<readonly bigint[]> {
  const rows = await db.query<{ id: bigint }>(sql`
    select transfer_id as id from reversal where not exists (select from transfer where transfer.id = reversal.transfer_id) order by 1`);
  return rows.map(({ id }) => id);
}
