/** What the benchmark of the rails asks the database after its load: what the ledger says was drawn, apart from what anybody answered. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** One request of the network as the ledger has it. */
export interface LedgerCash {
  /** Year, DE7, DE32, DE11 (docs/rail/switch.md section 10). */
  readonly id: string;
  readonly account: string;
  readonly state: string;
  /** Held or posted for the cash; 0 = nothing was drawn, or all of it went back. */
  readonly drawnSen: bigint;
  readonly feeSen: bigint;
  /** It has no end yet, and the time in which its customer was promised one is over. */
  readonly isPastDeadline: boolean;
}

/** Every withdrawal of accounts that begin with `prefix`, from the holds and not from the payments' own amounts. */
export function selectCash(
  db: Queryable,
  of: { readonly prefix: string; readonly nowMs: number },
): Promise<readonly LedgerCash[]> {
  return db.query<LedgerCash>(sql`
    select p.biz_msg_idr as id, p.debit_account as account, p.state, coalesce(h.drawn, 0)::bigint as "drawnSen",
      coalesce(h.fee, 0)::bigint as "feeSen",
      (p.state not in ('settled', 'refunded', 'refused') and coalesce(p.resolve_by < ${new Date(of.nowMs)}, p.state <> 'accepted')) as "isPastDeadline"
    from payment p
    left join (
      select payment_id,
        sum(case state when 'held' then amount_sen else posted_sen end) filter (where line = 'principal') as drawn,
        sum(case state when 'held' then amount_sen else posted_sen end) filter (where line = 'fee') as fee
      from hold group by payment_id
    ) h on h.payment_id = p.id
    where p.kind = 'card_withdrawal' and p.debit_account like ${`${of.prefix}%`}`);
}

/** What is left on those accounts: posted less what is held. */
export function selectAvailable(
  db: Queryable,
  prefix: string,
): Promise<readonly { readonly account: string; readonly availableSen: bigint }[]> {
  return db.query(sql`
    select number as account, posted_credit_sen - posted_debit_sen - pending_debit_sen as "availableSen"
    from account where number like ${`${prefix}%`}`);
}

/** A sale of ours as the ledger has it. */
export interface LedgerSale {
  readonly id: string;
  /** Pending or posted to the merchant; 0 = refused. */
  readonly takenSen: bigint;
  readonly isPastDeadline: boolean;
}

/** Every sale to accounts that begin with `prefix`, from the holds. */
export function selectSales(
  db: Queryable,
  of: { readonly prefix: string; readonly nowMs: number },
): Promise<readonly LedgerSale[]> {
  return db.query<LedgerSale>(sql`
    select p.biz_msg_idr as id, coalesce(h.taken, 0)::bigint as "takenSen",
      (p.state not in ('settled', 'rejected', 'refunded') and coalesce(p.resolve_by < ${new Date(of.nowMs)}, false)) as "isPastDeadline"
    from payment p
    left join (
      select payment_id, sum(case state when 'held' then amount_sen else posted_sen end) as taken from hold where line = 'principal' group by payment_id
    ) h on h.payment_id = p.id
    where p.kind = 'qris_in' and p.credit_account like ${`${of.prefix}%`}`);
}
