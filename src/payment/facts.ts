/** Facts that change seldom, read once and kept for a short time, so that a submit costs no read of its own. The ledger
 * checks an account's state again under its lock; only names, cohorts and open participants may be this old. */
import type { Db } from '../db/pool.ts';
import { readTogether } from '../db/together.ts';
import { isFresh, type Time } from '../kernel/time.ts';
import {
  readAccounts,
  readParticipants,
  type AccountFacts,
  type ParticipantFacts,
} from './store-facts.ts';

export interface FactReader {
  /** Customer accounts in the order asked; undefined where there is none. */
  accounts(numbers: readonly string[]): Promise<readonly (AccountFacts | undefined)[]>;
  participant(bic: string): Promise<ParticipantFacts | undefined>;
}

const ACCOUNT_FRESH_MS = 30_000;
const PARTICIPANT_FRESH_MS = 2_000;
/** About 300 bytes each. */
const ACCOUNTS_MAX = 50_000;

/** Opens the reader. An account that does not exist is asked for again every time. */
export function openFacts(db: Db, time: Time): FactReader {
  const accounts = new Map<string, { facts: AccountFacts; atMs: number }>();
  let participants: { byBic: Map<string, ParticipantFacts>; atMs: number } | undefined;
  let reading: Promise<Map<string, ParticipantFacts>> | undefined;
  const readNumbers = readTogether({
    read: (numbers: readonly string[]) => readAccounts(db, numbers),
    keyOf: (facts) => facts.number,
  });

  const readAll = async (): Promise<Map<string, ParticipantFacts>> => {
    try {
      const byBic = new Map((await readParticipants(db)).map((one) => [one.bic, one]));
      participants = { byBic, atMs: time.now() };
      return byBic;
    } finally {
      reading = undefined;
    }
  };

  return {
    async accounts(numbers) {
      const nowMs = time.now();
      const found = new Map<string, AccountFacts>();
      const missing: string[] = [];
      // What is known is taken now: while we read, somebody else may empty the cache.
      for (const number of numbers) {
        const known = accounts.get(number);
        if (known && isFresh({ atMs: known.atMs, nowMs, maxMs: ACCOUNT_FRESH_MS }))
          found.set(number, known.facts);
        else missing.push(number);
      }
      if (missing.length > 0) {
        const read = await readNumbers(missing);
        if (accounts.size + missing.length > ACCOUNTS_MAX) accounts.clear();
        for (const number of missing) {
          const facts = read.get(number);
          if (!facts) continue;
          found.set(number, facts);
          accounts.set(number, { facts, atMs: time.now() });
        }
      }
      return numbers.map((number) => found.get(number));
    },
    async participant(bic) {
      const known = participants;
      return known && isFresh({ atMs: known.atMs, nowMs: time.now(), maxMs: PARTICIPANT_FRESH_MS })
        ? known.byBic.get(bic)
        : (await (reading ??= readAll())).get(bic);
    },
  };
}
