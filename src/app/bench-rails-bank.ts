/** The customers of `pulih bench rails`: accounts with money enough, a card each, and limits that do not bind. */
import type { HeldCard } from './demo-cards.ts';
import { createCustomers } from '../channel/session/enrol.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import type { Time } from '../kernel/time.ts';
import { openAccounts } from '../ledger/account.ts';
import type { BenchBank } from './bench-bank.ts';
import { readConfig } from './config.ts';
import { inventedCard, issueCards } from './demo-cards.ts';
import type { Config } from './config.ts';
import { portMap } from './port-map.ts';
import { heldKeys } from './switch-keys.ts';
import { SWITCH_LINK } from './switch-profile.ts';

/** Accounts of this bench, told from the demo's by how they begin. */
export const CARD_ACCOUNT_PREFIX = '1998';
/** What each account has at the start. */
export const OPENING_SEN: Sen = rupiah(10_000_000_000);

/** Each card asks again after half a minute at 15 a second, and twice a second at the most that the bench offers. */
const CARD_COUNT = 500;
/** Far from the demo's own. */
const CARD_NUMBER_FIRST = 100_000;
const NO_LIMITS = { dailySenMax: 1_000_000_000_000_000n, dailyCountMax: 1_000_000_000 } as const;
const PIN_KEY_MS_MAX = 90_000;
const PIN_KEY_LOOK_MS = 500;

/** Opens them; the cards in the order of the accounts. */
export async function openCardholders(
  bank: BenchBank,
  time: Time,
): Promise<{ readonly cards: readonly HeldCard[]; readonly accounts: readonly string[] }> {
  const { db, folder, port, databaseUrl } = bank;
  const owners = Array.from({ length: CARD_COUNT }, (_, index) => ({
    id: `cus_bench${String(index).padStart(6, '0')}`,
    name: `Bench ${index}`,
    account: `${CARD_ACCOUNT_PREFIX}${String(index).padStart(6, '0')}`,
    limits: NO_LIMITS,
  }));
  await createCustomers({ db, time }, owners);
  await db.tx((tx) =>
    openAccounts(tx, {
      nowMs: time.now(),
      accounts: owners.map(({ id, name, account }) => ({
        number: account,
        name,
        customerId: id,
        openingSen: OPENING_SEN,
      })),
    }),
  );
  const cards = owners.map((_, index) => inventedCard(CARD_NUMBER_FIRST + index));
  const config = readConfig({ PULIH_STATE: folder, PULIH_PORT: String(port) });
  const place = { config, ports: portMap(port), time, databaseUrl };
  await issueCards(place, { held: cards, owners, terminal: 'tpk.bench' });
  await untilPinKey(config, time);
  return { cards, accounts: owners.map(({ account }) => account) };
}

/** Until the gateway has got its PIN key from the network, for which it asks twice a minute. */
async function untilPinKey(config: Config, time: Time): Promise<void> {
  const untilMs = time.now() + PIN_KEY_MS_MAX;
  while (!(await heldKeys(config)).includes(`zpk.${SWITCH_LINK}`)) {
    if (time.now() > untilMs) throw new Error('The network sent no PIN key');
    await time.sleep(PIN_KEY_LOOK_MS);
  }
}
