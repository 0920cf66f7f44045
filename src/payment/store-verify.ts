/** Statements of verify.ts. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

export interface WrongPayment {
  readonly id: string;
  readonly detail: string;
}

interface Page {
  readonly last: string | null;
  readonly count: number;
  readonly hasBills: boolean;
  readonly wrong: WrongPayment[];
}

/** The next `limit` payments after an id: those that their holds, lines or transfers contradict; and where the page ends, null after the
 * last. What a hold must be follows from the state (state.ts, outcome.ts, return.ts): open states have it standing, `settled` has it posted
 * (or voided, when a credit was kept in suspense instead), every other end has it voided. */
export async function selectWrongPayments(
  db: Queryable,
  input: { readonly after: string; readonly limit: number },
): Promise<Page> {
  const [page] = await db.query<Page>(sql`
    with edge as (
      -- Transfers booked before it are in archive files, and were compared with their payments before they went there.
      select ((max(month) + interval '1 month')::timestamp - interval '7 hours') at time zone 'UTC' as at from archive_month
    ), page as (
      select id, kind, state, amount_sen, fee_sen, principal_hold, fee_hold, tax_hold,
        coalesce(coalesce(settled_at, changed_at) < (select at from edge), false) as is_archived,
        case when state in ('refused', 'new') then 'none'
          when state in ('withheld', 'held', 'sending', 'accepted', 'unknown', 'review', 'pending_credit') then 'held'
          when state = 'settled' then 'posted' else 'voided' end as due
      from payment where id > ${input.after} order by id limit ${input.limit}::integer
    ), seen as (
      select p.*, h.id as hold, h.state as hold_state, f.id as fee, f.state as fee_state, x.id as tax, x.state as tax_state,
        l.principal, l.fee_line, l.tax_line,
        h.payment_id is distinct from p.id or h.amount_sen <> p.amount_sen or h.line <> 'principal' as is_other_hold,
        f.payment_id is distinct from p.id or f.amount_sen <> l.fee_line or f.line <> 'fee' as is_other_fee,
        x.payment_id is distinct from p.id or x.amount_sen <> l.tax_line or x.line <> 'tax' as is_other_tax,
        p.kind in ('bifast_in', 'switch_in', 'qris_in', 'qris_refund_in', 'qris_transfer_in') and p.state = 'settled' and h.state = 'voided' and (p.is_archived or exists (
          select from transfer t where t.payment_id = p.id and t.kind = 'single' and t.line = 'principal' and t.amount_sen = p.amount_sen
        )) as is_in_suspense
      from page p
      left join hold h on h.id = p.principal_hold
      left join hold f on f.id = p.fee_hold
      left join hold x on x.id = p.tax_hold
      left join lateral (
        select coalesce(sum(amount_sen) filter (where line = 'principal'), 0) as principal,
          coalesce(sum(amount_sen) filter (where line = 'fee'), 0) as fee_line,
          coalesce(sum(amount_sen) filter (where line = 'tax'), 0) as tax_line
        from payment_line where payment_line.payment_id = p.id
      ) l on true
    ), judged as (
      select s.id, case
        when principal_hold is null and kind not in ('onus', 'onus_refund', 'card_return', 'card_fee', 'atm_withdrawal', 'atm_deposit', 'atm_deposit_back', 'atm_load') and state not in ('refused', 'rejected') then 'it has no hold'
        when principal_hold is not null and hold is null then 'its hold is not there'
        when hold is not null and is_other_hold then 'its hold is of another payment, line or amount'
        when hold is not null and hold_state <> due and not is_in_suspense then format('it is %s, but its hold is %s', state, hold_state)
        when state not in ('refused', 'rejected') and (principal <> amount_sen or fee_line + tax_line <> fee_sen)
          then format('its lines are %s and %s sen, the payment %s and %s sen', principal, fee_line + tax_line, amount_sen, fee_sen)
        when fee_hold is null and fee_line > 0 and principal_hold is not null and kind in ('bifast_out', 'switch_out', 'qris_transfer_out', 'bill') then 'it has a fee and no hold for it'
        when fee_hold is not null and fee is null then 'its fee hold is not there'
        when fee is not null and is_other_fee then 'its fee hold is of another payment, line or amount'
        when fee is not null and fee_state <> due then format('it is %s, but its fee hold is %s', state, fee_state)
        when tax_hold is null and tax_line > 0 and principal_hold is not null then 'it has a tax and no hold for it'
        when tax_hold is not null and tax is null then 'its tax hold is not there'
        when tax is not null and is_other_tax then 'its tax hold is of another payment, line or amount'
        when tax is not null and tax_state <> due then format('it is %s, but its tax hold is %s', state, tax_state)
        when kind in ('onus', 'onus_refund', 'card_return', 'card_fee', 'atm_withdrawal', 'atm_deposit', 'atm_deposit_back', 'atm_load') and state = 'settled' and principal_hold is null and not is_archived and exists (
          select from payment_line l where l.payment_id = s.id and l.amount_sen <> (
            select coalesce(sum(t.amount_sen), 0) from transfer t
            join account d on d.id = t.debit_account and d.number = l.debit_account
            join account c on c.id = t.credit_account and c.number = l.credit_account
            where t.payment_id = s.id and t.kind = 'single' and t.line = l.line)
        ) then 'its lines are not what its transfers moved'
        when due = 'none' and exists (select from transfer t where t.payment_id = s.id) then 'it is refused, but transfers moved money for it'
        end as detail
      from seen s
    )
    select (select max(id) from page) as last, (select count(*)::integer from page) as count, (select coalesce(bool_or(kind = 'bill'), false) from page) as "hasBills",
      (select coalesce(json_agg(json_build_object('id', id, 'detail', detail) order by id), '[]') from judged where detail is not null) as wrong`);
  return page!;
}

/** Of a page: sales and refunds that are not what their payments are, and sales of which more was given back than was sold. */
export function selectWrongSales(
  db: Queryable,
  page: { readonly after: string; readonly last: string },
): Promise<WrongPayment[]> {
  return db.query<WrongPayment>(sql`
    select p.id, case
      when p.kind in ('qris_in', 'qris_scanned') and s.payment_id is null then 'it was paid to a merchant and is no sale'
      when s.amount_sen <> p.amount_sen then 'its sale has another amount'
      when p.kind in ('onus_refund', 'qris_refund_out') and f.payment_id is null then 'it gives back and is no refund'
      when f.amount_sen <> p.amount_sen or f.sale_id is distinct from p.related_payment_id then 'its refund has another amount or sale'
      else 'more was given back than was sold' end as detail
    from payment p
    left join merchant_sale s on s.payment_id = p.id
    left join merchant_refund f on f.payment_id = p.id and p.kind in ('onus_refund', 'qris_refund_out')
    cross join lateral (
      select coalesce(sum(g.amount_sen), 0) as given_sen, coalesce(sum(g.mdr_sen), 0) as mdr_sen
      from merchant_refund g join payment q on q.id = g.payment_id
      where g.sale_id = s.payment_id and q.state not in ('refused', 'refunded', 'cancelled', 'rejected')
    ) b
    where p.id > ${page.after} and p.id <= ${page.last} and p.state not in ('refused', 'rejected')
      and (s.payment_id is not null or p.kind in ('qris_in', 'qris_scanned', 'onus_refund', 'qris_refund_out'))
      and ((p.kind in ('qris_in', 'qris_scanned') and s.payment_id is null) or s.amount_sen <> p.amount_sen
        or (p.kind in ('onus_refund', 'qris_refund_out')
          and (f.payment_id is null or f.amount_sen <> p.amount_sen or f.sale_id is distinct from p.related_payment_id))
        or b.given_sen > s.amount_sen or b.mdr_sen > s.mdr_sen)
    order by p.id`);
}

/** Bills of a page whose detail is not what was authorised, or is missing. */
export function selectWrongBills(
  db: Queryable,
  page: { readonly after: string; readonly last: string },
): Promise<WrongPayment[]> {
  return db.query<WrongPayment>(sql`
    select p.id, 'it is a bill, and what it is for is not what was authorised' as detail from payment p
    where p.id > ${page.after} and p.id <= ${page.last} and p.kind = 'bill' and p.state <> 'refused' and not exists (
      select from bill_payment b join authorisation a on a.payment_id = b.payment_id
      where b.payment_id = p.id and a.instruction::jsonb @> jsonb_build_object('product', b.product, 'customerKey', b.customer_key,
        'inquiryReference', b.inquiry_reference, 'periodCount', b.period_count))
    order by p.id`);
}
