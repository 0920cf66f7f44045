import type { Db } from '../../db/pool.ts';
import { isFresh, type Time } from '../../kernel/time.ts';
import { selectBanks } from './store.ts';

/** A bank of the network. */
export interface Bank {
  readonly bic: string;
  readonly name: string;
  readonly code: string;
}

const FRESH_MS = 5_000;

/** Finds a bank by what a partner writes in `beneficiaryBankCode`: three digits, or a BIC of 8 or 11 characters. */
export function openBanks(db: Db, time: Time): (code: string) => Promise<Bank | undefined> {
  let known: { readonly at: number; readonly banks: Promise<Map<string, Bank>> } | undefined;
  const read = async (): Promise<Map<string, Bank>> => {
    const banks = new Map<string, Bank>();
    for (const { bic, name, bank_code: code } of await selectBanks(db)) {
      const bank = { bic, name, code };
      banks.set(bic, bank).set(code, bank);
    }
    return banks;
  };
  return async (code) => {
    if (!known || !isFresh({ atMs: known.at, nowMs: time.now(), maxMs: FRESH_MS })) {
      const entry = { at: time.now(), banks: read() };
      known = entry;
      entry.banks.catch(() => known === entry && (known = undefined));
    }
    const banks = await known.banks;
    return (
      banks.get(code) ?? (/^[A-Z0-9]{8}XXX$/.test(code) ? banks.get(code.slice(0, 8)) : undefined)
    );
  };
}
