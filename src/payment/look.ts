/** Rows of payments as they are committed now, asked for one by one and read by the set. */
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import type { PaymentRow } from './row.ts';
import { findPayments, findReceived, findSent, type NamedByBank } from './store.ts';

export interface Looks {
  byId(id: string): Promise<PaymentRow | undefined>;
  /** What we sent under an id of the network. */
  sent(bizMsgIdr: string): Promise<PaymentRow | undefined>;
  /** What a bank sent us, or asked of us. */
  received(named: NamedByBank): Promise<PaymentRow | undefined>;
}

/** Opens them on one database. Each throws DbFault. */
export function openLooks(db: Db): Looks {
  const idOf = (row: PaymentRow): string => row.id;
  const byId = readTogether({
    read: (ids: readonly string[]) => findPayments(db, ids),
    keyOf: idOf,
  });
  const sent = readTogether({
    read: (ids: readonly string[]) => findSent(db, ids),
    keyOf: (row) => row.bizMsgIdr!,
  });
  const received = readTogether({
    read: (keys: readonly string[]) => findReceived(db, keys.map(namedOf)),
    keyOf: (row) => keyOf({ bank: row.counterpartyBank!, id: row.bizMsgIdr! }),
  });
  return {
    byId: async (id) => (await byId([id])).get(id),
    sent: async (id) => (await sent([id])).get(id),
    async received(named) {
      const key = keyOf(named);
      return (await received([key])).get(key);
    },
  };
}

/** One text for a bank and its id, to look many up by. A bank's name has no space in it. */
export function keyOf({ bank, id }: NamedByBank): string {
  return `${bank} ${id}`;
}

/** The same the other way. */
export function namedOf(key: string): NamedByBank {
  const at = key.indexOf(' ');
  return { bank: key.slice(0, at), id: key.slice(at + 1) };
}
