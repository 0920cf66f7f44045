/** Customers and shops of `pulih bench rails`: accounts with money enough, a card each, and limits that do not bind. */
import type { HeldCard } from '../demo-cards.ts';
import { createCustomers } from '../../channel/session/enrol.ts';
import { systemRandom } from '../../kernel/random.ts';
import { createMerchants } from '../../merchant/open.ts';
import { merchantPan } from '../../merchant/decide-code.ts';
import type { MerchantDraft } from '../../merchant/port.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { rupiah, type Sen } from '../../kernel/money.ts';
import type { Time } from '../../kernel/time.ts';
import { openAccounts } from '../../ledger/account.ts';
import type { BenchBank } from './bank.ts';
import { readConfig } from '../config.ts';
import { inventedCard, issueCards } from '../demo-cards.ts';
import type { Config } from '../config.ts';
import { portMap } from '../port-map.ts';
import { heldKeys } from '../switch-keys.ts';
import { SWITCH_LINK } from '../switch-profile.ts';

/** Accounts of this bench, told from the demo's by how they begin. */
export const CARD_ACCOUNT_PREFIX = '1998';
/** Of the shops. */
export const SHOP_ACCOUNT_PREFIX = '1997';
/** What each account has at the start. */
export const OPENING_SEN: Sen = rupiah(10_000_000_000);

/** Each card asks again after half a minute at 15 a second, and twice a second at the most that the bench offers. */
const CARD_COUNT = 500;
/** Far from the demo's own. */
const CARD_NUMBER_FIRST = 100_000;
const NO_LIMITS = { dailySenMax: 1_000_000_000_000_000n, dailyCountMax: 1_000_000_000 } as const;
const SHOP_COUNT = 50;
const SHOP_SERIAL_FIRST = 90_000;
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

/** What a load says of a shop. */
export interface Shop {
  readonly pan: string;
  readonly id: string;
  readonly name: string;
}

/** Opens micro merchants with an account each. */
export async function openShops(bank: BenchBank, time: Time): Promise<readonly Shop[]> {
  const nowMs = time.now();
  const shops = Array.from({ length: SHOP_COUNT }, (_, index) => ({
    id: `mer_bench${index}`,
    serial: BigInt(SHOP_SERIAL_FIRST + index),
    nmid: `ID10300000${String(SHOP_SERIAL_FIRST + index).padStart(5, '0')}`,
    name: `WARUNG BENCH ${index}`,
    city: 'SLEMAN',
    postalCode: '55281',
    category: '5812',
    merchantClass: 'UMI',
    settlementAccount: `${SHOP_ACCOUNT_PREFIX}${String(index).padStart(6, '0')}`,
    terminals: ['A01'],
  })) satisfies readonly MerchantDraft[];
  await bank.db.tx(async (tx) => {
    const accounts = shops.map(({ settlementAccount: number, name }) => ({ number, name }));
    await openAccounts(tx, { nowMs, accounts });
    await createMerchants(tx, {
      nowMs,
      bank: DEMO_BANK,
      random: systemRandom(),
      merchants: shops,
    });
  });
  return shops.map(({ serial, name }) => ({
    pan: merchantPan(DEMO_BANK.bankCode, serial),
    id: String(serial),
    name,
  }));
}

/** Until the gateway has got its PIN key from the network, for which it asks twice a minute. */
async function untilPinKey(config: Config, time: Time): Promise<void> {
  const untilMs = time.now() + PIN_KEY_MS_MAX;
  while (!(await heldKeys(config)).includes(`zpk.${SWITCH_LINK}`)) {
    if (time.now() > untilMs) throw new Error('The network sent no PIN key');
    await time.sleep(PIN_KEY_LOOK_MS);
  }
}
