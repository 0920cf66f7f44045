/** Statements that recompute the ledger from its transfers. Each is one snapshot, so that they are right beside a working ledger; each
 * aggregates in the database and returns only the first rows that are wrong, in id order. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface WrongRow {
  readonly id: string;
  readonly detail: string;
}

/** How much there is, and both sums over all accounts. */
export async function selectTotals(db: Queryable): Promise<{
  readonly transfers: bigint;
  readonly accounts: bigint;
  readonly postedDebit: string;
  readonly postedCredit: string;
  readonly pendingDebit: string;
  readonly pendingCredit: string;
}> {
  const [row] = await db.query<Awaited<ReturnType<typeof selectTotals>>>(sql`
    select (select count(*) from transfer) as transfers, count(*) as accounts,
      coalesce(sum(posted_debit_sen), 0)::text as "postedDebit", coalesce(sum(posted_credit_sen), 0)::text as "postedCredit",
      coalesce(sum(pending_debit_sen), 0)::text as "pendingDebit", coalesce(sum(pending_credit_sen), 0)::text as "pendingCredit"
    from account`);
  return row!;
}

/** Transfers that are not what the audit stream says was posted, or that it does not know, or that are gone. */
export function selectWrongTransfers(db: Queryable, limit: number): Promise<WrongRow[]> {
  return db.query<WrongRow>(sql`
    with told as (
      select (item ->> 'id')::bigint as id, item ->> 'kind' as kind, item ->> 'line' as line, (item ->> 'debit')::bigint as debit,
        (item ->> 'credit')::bigint as credit, (item ->> 'amountSen')::bigint as amount, (item ->> 'holdId')::bigint as hold_id
      from event, jsonb_array_elements(data::jsonb -> 'transfers') as item
      where event.kind in ('ledger.posted', 'account.opened')
    )
    select coalesce(t.id, e.id)::text as id,
      case when e.id is null then 'no event tells of this transfer'
        when t.id is null then 'the transfer that an event tells of is gone'
        else format('row has %s %s->%s %s sen, event has %s %s->%s %s sen', t.kind, t.debit_account, t.credit_account, t.amount_sen,
          e.kind, e.debit, e.credit, e.amount) end as detail
    from transfer t full join told e on e.id = t.id
    where t.id is null or e.id is null or (t.kind, t.line, t.debit_account, t.credit_account, t.amount_sen, t.hold_id)
      is distinct from (e.kind, e.line, e.debit, e.credit, e.amount, e.hold_id)
    order by coalesce(t.id, e.id) limit ${limit}`);
}

/** Accounts whose columns are not the sums of their transfers and open holds. */
export function selectWrongAccounts(db: Queryable, limit: number): Promise<WrongRow[]> {
  return db.query<WrongRow>(sql`
    with part as (
      select debit_account as account, sum(amount_sen) as posted_debit, 0::numeric as posted_credit, 0::numeric as pending_debit,
        0::numeric as pending_credit from transfer where kind in ('single', 'post') group by debit_account
      union all select credit_account, 0, sum(amount_sen), 0, 0 from transfer where kind in ('single', 'post') group by credit_account
      union all select debit_account, 0, 0, sum(amount_sen), 0 from hold where state = 'held' group by debit_account
      union all select credit_account, 0, 0, 0, sum(amount_sen) from hold where state = 'held' group by credit_account
    ), whole as (
      select account, sum(posted_debit) as posted_debit, sum(posted_credit) as posted_credit, sum(pending_debit) as pending_debit,
        sum(pending_credit) as pending_credit from part group by account
    )
    select coalesce(a.id, w.account)::text as id,
      case when a.id is null then 'transfers name an account that is not there'
        else format('posted %s/%s pending %s/%s, recomputed %s/%s %s/%s', a.posted_debit_sen, a.posted_credit_sen, a.pending_debit_sen,
          a.pending_credit_sen, coalesce(w.posted_debit, 0), coalesce(w.posted_credit, 0), coalesce(w.pending_debit, 0),
          coalesce(w.pending_credit, 0)) end as detail
    from account a full join whole w on w.account = a.id
    where a.id is null or (a.posted_debit_sen, a.posted_credit_sen, a.pending_debit_sen, a.pending_credit_sen)
      is distinct from (coalesce(w.posted_debit, 0), coalesce(w.posted_credit, 0), coalesce(w.pending_debit, 0), coalesce(w.pending_credit, 0))
    order by coalesce(a.id, w.account) limit ${limit}`);
}

/** Holds that differ from their `hold` transfer, or whose state is not what their `post` or `void` transfer says. */
export function selectWrongHolds(db: Queryable, limit: number): Promise<WrongRow[]> {
  return db.query<WrongRow>(sql`
    with made as (select id, debit_account, credit_account, amount_sen, payment_id from transfer where kind = 'hold'),
    ended as (
      select hold_id, count(*) as count, min(kind) as kind, sum(amount_sen) as amount, min(debit_account) as debit_account,
        min(credit_account) as credit_account
      from transfer where kind in ('post', 'void') group by hold_id
    )
    select coalesce(h.id, m.id, e.hold_id)::text as id,
      case when h.id is null then 'transfers name a hold that is not there'
        when m.id is null then 'the hold has no transfer of its own'
        else format('%s, posted %s of %s sen, ended by %s %s of %s sen', h.state, h.posted_sen, h.amount_sen, coalesce(e.count, 0),
          coalesce(e.kind, 'nothing'), coalesce(e.amount, 0)) end as detail
    from hold h full join made m on m.id = h.id full join ended e on e.hold_id = coalesce(h.id, m.id)
    where h.id is null or m.id is null
      or (h.debit_account, h.credit_account, h.amount_sen) is distinct from (m.debit_account, m.credit_account, m.amount_sen)
      or h.payment_id is distinct from m.payment_id
      or case h.state
        when 'held' then e.hold_id is not null
        when 'posted' then (e.count, e.kind, e.amount, e.debit_account, e.credit_account)
          is distinct from (1, 'post', h.posted_sen, h.debit_account, h.credit_account)
        else (e.count, e.kind, e.amount, e.debit_account, e.credit_account)
          is distinct from (1, 'void', h.amount_sen, h.debit_account, h.credit_account) end
    order by coalesce(h.id, m.id, e.hold_id) limit ${limit}`);
}

/** Authorisations without a hold of the same payment and amount, with a wrong hash, or whose ids were never registered. */
export function selectWrongAuthorisations(db: Queryable, limit: number): Promise<WrongRow[]> {
  return db.query<WrongRow>(sql`
    select a.jti as id,
      case when h.id is null then 'no hold of this payment and amount'
        when a.instruction_hash <> sha256(convert_to(a.instruction, 'UTF8')) then 'the hash is not that of the instruction'
        when (a.instruction::jsonb ->> 'paymentId', a.instruction::jsonb ->> 'amountSen') is distinct from (a.payment_id, a.amount_sen::text)
          then 'the instruction is of another payment or amount'
        else 'an id of the instruction was never registered to this payment' end as detail
    from authorisation a
    left join hold h on h.id = a.hold_id and h.payment_id = a.payment_id and h.amount_sen = a.amount_sen
    left join id_registry b on b.id = a.instruction::jsonb ->> 'bizMsgIdr' and b.payment_id = a.payment_id
    left join id_registry m on m.id = a.instruction::jsonb ->> 'msgId' and m.payment_id = a.payment_id
    where h.id is null or b.id is null or m.id is null or a.instruction_hash <> sha256(convert_to(a.instruction, 'UTF8'))
      or (a.instruction::jsonb ->> 'paymentId', a.instruction::jsonb ->> 'amountSen') is distinct from (a.payment_id, a.amount_sen::text)
    order by a.made_at, a.jti limit ${limit}`);
}
