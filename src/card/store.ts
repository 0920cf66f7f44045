/** The SQL of cards. Time is a parameter. */
import { byteaArray, textArray } from '../db/array.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import { prepared, sql } from '../db/sql.ts';
import type { MessageParams, MessageTemplate } from '../notify/template.ts';
import type { BlockReason, Card, CardState } from './port.ts';

const CARD = `id, masked_pan, customer_id, account, state, expiry, pin_value, pin_tries, pin_changed_by, is_chip, daily_sen_max, daily_count_max`;
const BY_TOKEN = prepared(`select token, ${CARD} from card where token = any($1::bytea[])`);
const OF_CUSTOMER = prepared(
  `select ${CARD} from card where customer_id = $1 order by made_at, id limit 20`,
);

interface CardRow {
  readonly id: string;
  readonly masked_pan: string;
  readonly customer_id: string;
  readonly account: string;
  readonly state: CardState;
  readonly expiry: string;
  readonly pin_value: string;
  readonly pin_tries: number;
  readonly pin_changed_by: string | null;
  readonly is_chip: boolean;
  readonly daily_sen_max: bigint | null;
  readonly daily_count_max: number | null;
}

/** A card to write. */
export interface NewCard {
  readonly id: string;
  readonly token: Buffer;
  readonly maskedPan: string;
  readonly customerId: string;
  readonly account: string;
  readonly expiry: string;
  readonly pinValue: string;
  /** Its own limits of a day; absent: what the settings say. */
  readonly dailySenMax?: bigint;
  readonly dailyCountMax?: number;
}

/** Writes an active card; false when its number has one already. */
export async function insertCard(
  tx: Tx,
  { card, nowMs }: { readonly card: NewCard; readonly nowMs: number },
): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into card (id, token, masked_pan, customer_id, account, state, previous_state, expiry, pin_value, daily_sen_max,
      daily_count_max, made_at, changed_at)
    values (${card.id}, ${card.token}, ${card.maskedPan}, ${card.customerId}, ${card.account}, 'active', 'new', ${card.expiry}, ${card.pinValue},
      ${card.dailySenMax ?? null}, ${card.dailyCountMax ?? null}, ${new Date(nowMs)}, ${new Date(nowMs)})
    on conflict (token) do nothing returning id`);
  return rows.length === 1;
}

/** The cards of these tokens, each with its token in hex. */
export async function selectByTokens(
  db: Queryable,
  tokens: readonly Buffer[],
): Promise<readonly { readonly token: string; readonly card: Card }[]> {
  const rows = await db.query<CardRow & { readonly token: Buffer }>(BY_TOKEN(byteaArray(tokens)));
  return rows.map((row) => ({ token: row.token.toString('hex'), card: decodeCard(row) }));
}

/** A customer's cards, oldest first; at most 20. */
export async function selectOfCustomer(
  db: Queryable,
  customerId: string,
): Promise<readonly Card[]> {
  return (await db.query<CardRow>(OF_CUSTOMER(customerId))).map(decodeCard);
}

/** Counts one PIN try for each of these cards that has one left; how many each has used now. Locks in ascending id order. */
export async function takeTries(
  tx: Tx,
  input: { readonly ids: readonly string[]; readonly max: number },
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ id: string; pin_tries: number }>(sql`
    with wanted as (
      select id from card where id = any(${textArray(input.ids)}::text[]) order by id for update
    )
    update card c set pin_tries = c.pin_tries + 1 from wanted where c.id = wanted.id and c.pin_tries < ${input.max}
    returning c.id, c.pin_tries`);
  return new Map(rows.map((row) => [row.id, row.pin_tries]));
}

/** Takes one counted try back. */
export async function giveTryBack(tx: Tx, id: string): Promise<void> {
  await tx.query(sql`update card set pin_tries = pin_tries - 1 where id = ${id} and pin_tries > 0`);
}

/** A right PIN forgives the wrong ones before it. Locks in ascending id order. */
export async function clearTries(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(sql`
    with wanted as (
      select id from card where id = any(${textArray(ids)}::text[]) and pin_tries > 0 order by id for update
    )
    update card c set pin_tries = 0 from wanted where c.id = wanted.id`);
}

/** Moves a customer's card to a blocked state; the card, or undefined when it may not move there. */
export async function updateBlocked(
  tx: Tx,
  input: {
    readonly id: string;
    readonly customerId: string;
    readonly to: BlockReason;
    readonly from: readonly CardState[];
    readonly nowMs: number;
  },
): Promise<Card | undefined> {
  const rows = await tx.query<CardRow>(sql`
    update card set previous_state = state, state = ${input.to}, changed_at = ${new Date(input.nowMs)}
    where id = ${input.id} and customer_id = ${input.customerId} and state = any(${textArray(input.from)}::text[])
    returning id, masked_pan, customer_id, account, state, expiry, pin_value, pin_tries, pin_changed_by, is_chip, daily_sen_max, daily_count_max`);
  return rows[0] && decodeCard(rows[0]);
}

/** Moves a chip's counter on; false when it has been there. */
export async function takeCounter(
  tx: Tx,
  { id, counter }: { readonly id: string; readonly counter: number },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update card set last_counter = ${counter} where id = ${id} and coalesce(last_counter, -1) < ${counter}::integer returning id`);
  return rows.length === 1;
}

/** Gives a card a new PIN in place of the one that was compared, and forgives its wrong tries; false when it has another by now. */
export async function updatePin(
  tx: Tx,
  input: {
    readonly card: Card;
    readonly pinValue: string;
    readonly changedBy: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update card set pin_value = ${input.pinValue}, pin_changed_by = ${input.changedBy}, pin_tries = 0, changed_at = ${new Date(input.nowMs)}
    where id = ${input.card.id} and pin_value = ${input.card.pinValue} and state = 'active' returning id`);
  return rows.length === 1;
}

/** A message to the owner about the card itself. */
export async function insertNotice(
  tx: Tx,
  input: {
    readonly id: string;
    readonly card: Card;
    readonly template: Extract<
      MessageTemplate,
      'card.blocked' | 'card.pin_locked' | 'card.pin_changed'
    >;
    readonly nowMs: number;
  },
): Promise<void> {
  const { card, nowMs } = input;
  const params: MessageParams = {
    amountSen: '0',
    name: card.maskedPan,
    reference: card.id,
    atMs: String(nowMs),
  };
  await tx.query(sql`
    insert into customer_message (id, customer_id, payment_id, template, params, made_at)
    values (${input.id}, ${card.customerId}, null, ${input.template}, ${JSON.stringify(params)}, ${new Date(nowMs)})`);
}

function decodeCard(row: CardRow): Card {
  return {
    id: row.id,
    maskedPan: row.masked_pan,
    customerId: row.customer_id,
    account: row.account,
    state: row.state,
    expiry: row.expiry,
    pinValue: row.pin_value,
    pinTries: row.pin_tries,
    isChip: row.is_chip,
    ...(row.pin_changed_by !== null && { pinChangedBy: row.pin_changed_by }),
    ...(row.daily_sen_max !== null && { dailySenMax: row.daily_sen_max }),
    ...(row.daily_count_max !== null && { dailyCountMax: row.daily_count_max }),
  };
}
