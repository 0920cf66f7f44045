/** Ids that never change, kept in the process: number -> account id, hold id -> its two accounts. Only what was read as committed is
 * kept; what is missing is asked again every time, so a new account is seen at once. Bounded: a full cache starts anew. */
import type { Queryable } from '../db/pool.ts';
import { selectAccountIds, selectHoldAccounts } from './store.ts';

export interface HoldAccounts {
  readonly id: bigint;
  readonly debitAccount: bigint;
  readonly creditAccount: bigint;
}

export interface IdCache {
  /** The ids of those numbers that exist. */
  accountIds(db: Queryable, numbers: ReadonlySet<string>): Promise<ReadonlyMap<string, bigint>>;
  /** The accounts of those holds that exist. */
  holdAccounts(db: Queryable, ids: ReadonlySet<bigint>): Promise<readonly HoldAccounts[]>;
  /** Keeps holds that were just committed. */
  keepHolds(holds: readonly HoldAccounts[]): void;
}

/** About 20 MB each at most. */
const ENTRIES_MAX = 200_000;

/** An empty cache for one ledger. */
export function idCache(): IdCache {
  const accounts = new Map<string, bigint>();
  const holds = new Map<bigint, HoldAccounts>();
  const keep = <K, V>(map: Map<K, V>, key: K, value: V): void => {
    if (map.size >= ENTRIES_MAX) map.clear();
    map.set(key, value);
  };
  return {
    async accountIds(db, numbers) {
      const found = new Map<string, bigint>();
      const missing: string[] = [];
      for (const number of numbers) {
        const id = accounts.get(number);
        if (id === undefined) missing.push(number);
        else found.set(number, id);
      }
      for (const row of missing.length > 0 ? await selectAccountIds(db, missing) : []) {
        keep(accounts, row.number, row.id);
        found.set(row.number, row.id);
      }
      return found;
    },
    async holdAccounts(db, ids) {
      const found: HoldAccounts[] = [];
      const missing: bigint[] = [];
      for (const id of ids) {
        const known = holds.get(id);
        if (known) found.push(known);
        else missing.push(id);
      }
      for (const row of missing.length > 0 ? await selectHoldAccounts(db, missing) : []) {
        keep(holds, row.id, row);
        found.push(row);
      }
      return found;
    },
    keepHolds(made) {
      for (const { id, debitAccount, creditAccount } of made)
        keep(holds, id, { id, debitAccount, creditAccount });
    },
  };
}
