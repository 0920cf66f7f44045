/** Facts that change seldom, read once and kept for a short time, so that a submit costs no read of its own. The ledger
 * checks an account's state again under its lock; only names, cohorts and open participants may be this old. */
import type { Db } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
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
      const freshSince = time.now() - ACCOUNT_FRESH_MS;
      const missing = numbers.filter(
        (number) => (accounts.get(number)?.atMs ?? -Infinity) < freshSince,
      );
      const found = new Map<string, AccountFacts>();
      if (missing.length > 0) {
        for (const facts of await readAccounts(db, missing)) found.set(facts.number, facts);
        if (accounts.size + found.size > ACCOUNTS_MAX) accounts.clear();
        for (const facts of found.values()) accounts.set(facts.number, { facts, atMs: time.now() });
      }
      return numbers.map(
        (number) =>
          found.get(number) ?? (missing.includes(number) ? undefined : accounts.get(number)?.facts),
      );
    },
    async participant(bic) {
      const isFresh = participants && time.now() - participants.atMs < PARTICIPANT_FRESH_MS;
      return (isFresh ? participants!.byBic : await (reading ??= readAll())).get(bic);
    },
  };
}
