/** A business day for tests of the match, written set-based: payments with their ids and intents, and lines of a feed. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** When the day's traffic is made and seen. */
export const DAY_MS = Date.parse('2025-03-29T11:00:00+07:00');
export const DAY = '2025-03-29';
const AT = new Date(DAY_MS);

/** What a payment of the day is. */
export interface DayPayment {
  readonly id: string;
  readonly amountSen: bigint;
  readonly state?: string;
}

/** Settled BI-FAST payments out, with their ids in the registry: the ledger's side. */
export async function bookPayments(db: Queryable, rows: readonly DayPayment[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  await db.query(sql`insert into payment (id, kind, channel, state, previous_state, debit_account, credit_account, debtor_name,
      creditor_name, counterparty_bank, amount_sen, biz_msg_idr, made_at, value_date, business_date, changed_at)
    select 'pay_' || p.id, 'bifast_out', 'mobile', p.state, 'sending', 'A', 'B', 'a', 'b', 'BNINIDJA', p.amount, p.id, ${AT}, ${DAY}, ${DAY}, ${AT}
    from unnest(${ids}::text[], ${rows.map(({ amountSen }) => amountSen)}::bigint[], ${rows.map(({ state }) => state ?? 'settled')}::text[])
      as p (id, amount, state)`);
  await db.query(sql`insert into id_registry (id, rail, payment_id, allocated_on, allocated_at)
    select p.id, 'bifast', 'pay_' || p.id, ${DAY}, ${AT} from unnest(${ids}::text[]) as p (id)`);
}

/** Their intents in the journal of a gateway: the gateway's side. */
export async function sendIntents(
  db: Queryable,
  input: { readonly partition: string; readonly rows: readonly DayPayment[] },
): Promise<void> {
  const { rows } = input;
  await db.query(sql`insert into journal_entry (partition, position, kind, at, message_id, body)
    select ${input.partition}, p.n, 'intent', ${AT}, p.id,
      json_build_object('kind', 'intent', 'bizMsgIdr', p.id, 'amountSen', p.amount::text, 'bank', 'BNINIDJA')::text
    from unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ amountSen }) => amountSen)}::bigint[])
      with ordinality as p (id, amount, n)`);
}

/** A line of the feed for each: the settlement's side. */
export async function settleLines(
  db: Queryable,
  rows: readonly { readonly lineId: string; readonly id: string; readonly amountSen: bigint }[],
): Promise<void> {
  await db.query(sql`insert into settlement_line (line_id, rail, direction, biz_msg_idr, amount_sen, counterparty_bank, connector,
      settled_at, business_date, seen_at, match_state)
    select l.line_id, 'bifast', 'out', l.id, l.amount, 'BNINIDJA', 'own', ${AT}, ${DAY}, ${AT}, 'open'
    from unnest(${rows.map(({ lineId }) => lineId)}::text[], ${rows.map(({ id }) => id)}::text[],
      ${rows.map(({ amountSen }) => amountSen)}::bigint[]) as l (line_id, id, amount)`);
}
