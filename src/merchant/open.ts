/** Opens merchants: onboarding, and the service that channels ask. */
import { recordEvents } from '../audit/record.ts';
import type { Db, Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import type { BankProfile } from '../kernel/bank.ts';
import type { Random } from '../kernel/random.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import { qrisRules, type QrisRules } from '../rail/qris/rules.ts';
import type { MerchantContext } from './context.ts';
import { merchantPan } from './decide-code.ts';
import { examine } from './examine.ts';
import { makeCode, makeStaticCodes } from './make-code.ts';
import type { MerchantDraft, Merchants } from './port.ts';
import {
  insertMerchant,
  insertTerminals,
  selectMerchant,
  selectOfAccounts,
  selectPage,
  selectStatic,
} from './store.ts';
import { noteWarnings } from './warning.ts';

/** As many as a screen of the console holds. */
const PAGE_MAX = 50;

/** Opens the service. */
export function openMerchants(input: {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly bank: BankProfile;
}): Merchants {
  const own = { nns: nnsOfBank(input.bank.bankCode), name: input.bank.name };
  let known: { readonly day: string; readonly rules: QrisRules } | undefined;
  const rules = (): QrisRules => {
    const day = wibDate(input.time.now());
    if (known?.day !== day) known = { day, rules: qrisRules(day, own) };
    return known.rules;
  };
  const context: MerchantContext = { ...input, rules };
  return {
    rules,
    makeCode: (command) => makeCode(context, command),
    async search(asked) {
      const found = await selectPage(input.db, { ...asked, limit: PAGE_MAX + 1 });
      return { merchants: found.slice(0, PAGE_MAX), hasMore: found.length > PAGE_MAX };
    },
    find: (id) => selectMerchant(input.db, id),
    ofAccounts: (accounts) => selectOfAccounts(input.db, accounts),
    staticCode: async (at) => (await selectStatic(input.db, at))?.code.payload,
    examine: (code) => examine(context, code),
    noteWarnings: (of) => noteWarnings(context, of),
  };
}

/** Writes merchants with their terminals, a static code per terminal, and their events; one whose id is there stays as it is. Returns how many
 * are new. Throws DbFault when a serial or an NMID is another one's, and for fields that no code could carry. */
export async function createMerchants(
  tx: Tx,
  input: {
    readonly nowMs: number;
    readonly bank: BankProfile;
    readonly random: Random;
    readonly merchants: readonly MerchantDraft[];
  },
): Promise<number> {
  const { nowMs, bank, random } = input;
  let made = 0;
  for (const draft of input.merchants) {
    assert(draft.terminals.length > 0, 'a merchant has a terminal');
    const merchant = { ...draft, pan: merchantPan(bank.bankCode, draft.serial) };
    if (!(await insertMerchant(tx, { merchant, nowMs }))) continue;
    await insertTerminals(tx, { merchantId: draft.id, labels: draft.terminals, nowMs });
    await makeStaticCodes(tx, { merchant, bank, random, nowMs });
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: 'merchant.opened',
        subject: draft.id,
        data: { class: draft.merchantClass, terminals: draft.terminals.length },
      },
    ]);
    made++;
  }
  return made;
}
