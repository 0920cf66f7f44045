/** Cards and what was drawn with them as they are committed now, asked for one by one and read by the set. */
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import type { PaymentRow } from '../payment/row.ts';
import { findWithdrawals } from '../payment/store.ts';
import type { Card } from './port.ts';
import { selectByTokens } from './store.ts';

/** What the network named a request by. */
export interface AskedCash {
  /** Eight characters: who asked. */
  readonly bank: string;
  readonly id: string;
}

/** Each throws DbFault. */
export interface CardLooks {
  byToken(token: Buffer): Promise<Card | undefined>;
  /** The cash that was asked for under an id, refusals too. */
  withdrawal(asked: AskedCash): Promise<PaymentRow | undefined>;
}

/** Opens them on one database. */
export function openLooks(db: Db): CardLooks {
  const byToken = readTogether({
    read: (tokens: readonly string[]) =>
      selectByTokens(
        db,
        tokens.map((token) => Buffer.from(token, 'hex')),
      ),
    keyOf: ({ token }) => token,
  });
  const withdrawal = readTogether({
    read: (keys: readonly string[]) => findWithdrawals(db, keys.map(askedOf)),
    keyOf: (row) => keyOf({ bank: row.counterpartyBank!, id: row.bizMsgIdr! }),
  });
  return {
    async byToken(token) {
      const key = token.toString('hex');
      return (await byToken([key])).get(key)?.card;
    },
    async withdrawal(asked) {
      const key = keyOf(asked);
      return (await withdrawal([key])).get(key);
    },
  };
}

function keyOf({ bank, id }: AskedCash): string {
  return `${bank} ${id}`;
}

/** A bank's name has no space in it. */
function askedOf(key: string): AskedCash {
  const at = key.indexOf(' ');
  return { bank: key.slice(0, at), id: key.slice(at + 1) };
}
