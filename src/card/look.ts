/** Cards and what was drawn with them as they are committed now, asked for one by one and read by the set. */
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import type { PaymentRow } from '../payment/row.ts';
import { keyOf, namedOf } from '../payment/look.ts';
import { findWithdrawals, type NamedByBank } from '../payment/store.ts';
import type { Card } from './port.ts';
import { selectByTokens } from './store.ts';

/** Each throws DbFault. */
export interface CardLooks {
  byToken(token: Buffer): Promise<Card | undefined>;
  /** The cash that was asked for under an id, refusals too. */
  withdrawal(asked: NamedByBank): Promise<PaymentRow | undefined>;
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
    read: (keys: readonly string[]) => findWithdrawals(db, keys.map(namedOf)),
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
