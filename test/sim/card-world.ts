/** Cards end to end in virtual time: the simulator's switch and machines, the real link, gateway and HSM, the real cards on a real ledger
 * and database. Core is the process's own code behind the gateway's wire; only the process boundary is missing. */
import { runLoad, type LoadInput, type LoadLine, type LoadReport } from '../../sim/switch/load.ts';
import { withLuhn, type Card as HeldCard } from '../../sim/switch/peers.ts';
import { openNoticeDesk } from '../../src/app/notice-desk.ts';
import { createCards, openCards } from '../../src/card/open.ts';
import type { Cards } from '../../src/card/port.ts';
import { openTokens } from '../../src/card/token.ts';
import { readNotice } from '../../src/channel/network/read-notice.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { withSnapshot } from '../../src/db/snapshot.ts';
import { makeTestDb } from '../../src/db/test-database.ts';
import { assert } from '../../src/kernel/assert.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { ensureChart, openAccounts } from '../../src/ledger/account.ts';
import { openLedger } from '../../src/ledger/post.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import type { LedgerPort } from '../../src/ledger/port.ts';
import { verifyPayments } from '../../src/payment/verify.ts';
import { maskPan } from '../../src/rail/iso8583/describe.ts';
import { BANK } from '../gateway/rig.ts';
import { seedCustomers } from './store.ts';
import { withSwitch, type SwitchRig } from './switch-world.ts';

const CARD_COUNT = 20;
export const OPENING = rupiah(50_000_000);
const PIN = '246810';
const EXPIRY = '3112';
const SIGN_ON_MS = 1_000;

export interface CardWorld extends SwitchRig {
  readonly db: Db;
  readonly ledger: LedgerPort;
  readonly cards: Cards;
  /** What the customers hold in their hands. */
  readonly held: readonly HeldCard[];
  accountOf(index: number): string;
  /** Core is another process from now on: nothing that one of them remembers, all that is in the database. */
  restartCore(): void;
  /** What the ledger says was drawn: settled and held. */
  drawnSen(): Promise<bigint>;
  load(
    asked: Pick<LoadInput, 'withdrawalsPerSecond' | 'seconds' | 'faultPerTenThousand'>,
  ): Promise<{ readonly report: LoadReport; readonly lines: readonly LoadLine[] }>;
  /** Everything recomputed; the problems. */
  problems(): Promise<readonly unknown[]>;
}

/** Runs `work` with twenty cards issued and the PIN key of the link exchanged. */
export async function withCardWorld(
  work: (world: CardWorld) => Promise<void>,
  options: Pick<NonNullable<Parameters<typeof withSwitch>[1]>, 'terminals'> = {},
): Promise<void> {
  await withSwitch(async (switchRig) => {
    const { rig, hsm } = switchRig;
    const { time } = rig;
    const made = await time.track(makeTestDb());
    const db = openDb({ url: made.url, size: 6, time, name: 'card' });
    const random = seededRandom('card world');
    const ledger = openLedger({ db, time, random, log: silentLog, bank: BANK });
    try {
      const held = Array.from({ length: CARD_COUNT }, (_, index): HeldCard => {
        const pan = withLuhn(`639199${String(index).padStart(9, '0')}`);
        return { pan, pin: PIN, expiry: EXPIRY, track2: `${pan}=${EXPIRY}226000000000` };
      });
      const tokenKey = random.bytes(32);
      await issue({ switchRig, db, tokenKey, held });
      const ledgers = [ledger];
      const startCore = (): Cards => {
        const own = openLedger({ db, time, random, log: silentLog, bank: BANK });
        ledgers.push(own);
        const cards = openCards({
          db,
          ledger: own,
          hsm: hsm.core,
          gate: { decide: () => ({ kind: 'allow' }) },
          time,
          random,
          log: silentLog,
          bank: BANK,
          tokenKey,
          partyKey: tokenKey,
          settings: { cardDailyCount: 1_000n, cardDailySen: rupiah(1_000_000_000) },
        });
        const others = async () => ({ taken: true }) as const;
        const desk = openNoticeDesk({
          cards,
          sale: others,
          presented: { take: others },
          payments: others,
        });
        rig.coreAnswer = async (notice) => {
          const read = readNotice(notice);
          assert(read, 'core understands what the gateway passes in');
          return desk(read);
        };
        return cards;
      };
      const cards = startCore();
      while (!(await hasPinKey(switchRig))) await time.sleep(SIGN_ON_MS);
      await work({
        ...switchRig,
        db,
        ledger,
        cards,
        held,
        accountOf,
        restartCore: () => void startCore(),
        async drawnSen() {
          const balance = await ledger.balance(CHART.switchCards);
          return (balance?.postedSen ?? 0n) + (balance?.pendingCreditSen ?? 0n);
        },
        async load(asked) {
          const lines: LoadLine[] = [];
          const report = await runLoad({
            time,
            random: seededRandom('load'),
            network: switchRig.outside,
            qrisPerSecond: 0,
            cards: held,
            merchants: [],
            drainMsMax: 900_000,
            onLine: (line) => void lines.push(line),
            ...asked,
          });
          return { report, lines };
        },
        async problems() {
          const report = await verifyLedger(db);
          const payments = await withSnapshot(db, (tx) => verifyPayments(tx));
          return [...report.problems, ...payments];
        },
      });
      await Promise.all(ledgers.map((one) => one.stop()));
    } finally {
      await db.close();
      await made.drop();
    }
  }, options);
}

function accountOf(index: number): string {
  return `1990${String(index).padStart(6, '0')}`;
}

async function hasPinKey({ hsm }: SwitchRig): Promise<boolean> {
  const listed = await hsm.gateway.listKeys({});
  return listed.ok && listed.keys.some((key) => key.name === 'zpk.switch');
}

/** As a bank does: PINs are set through a terminal of the bank's own, and only their values are kept. */
async function issue(input: {
  readonly switchRig: SwitchRig;
  readonly db: Db;
  readonly tokenKey: Buffer;
  readonly held: readonly HeldCard[];
}): Promise<void> {
  const { db, held } = input;
  const { hsm, rig } = input.switchRig;
  const nowMs = rig.time.now();
  const terminalKey = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
  hsm.form('pvk.cards', { algorithm: 'A' });
  hsm.form('tpk.issuing', { algorithm: 'T', key: terminalKey });
  const tokenOf = openTokens(input.tokenKey);
  const values: string[] = [];
  for (const { pan } of held) {
    const set = await hsm.core.setPin({
      key: 'tpk.issuing',
      pvk: 'pvk.cards',
      pan,
      block: hsm.block(terminalKey, PIN, pan),
    });
    assert(set.ok, 'the HSM sets a PIN');
    values.push(set.verificationValue);
  }
  const numbers = held.map((_, index) => index);
  await seedCustomers(db, { ids: numbers.map((index) => `C${index}`), nowMs });
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs });
    await openAccounts(tx, {
      nowMs,
      accounts: numbers.map((index) => ({
        number: accountOf(index),
        name: 'NASABAH KARTU',
        customerId: `C${index}`,
        openingSen: OPENING,
      })),
    });
    await createCards(tx, {
      nowMs,
      cards: held.map(({ pan, expiry }, index) => ({
        id: `crd_${index}`,
        token: tokenOf(pan),
        maskedPan: maskPan(pan),
        customerId: `C${index}`,
        account: accountOf(index),
        expiry,
        pinValue: values[index]!,
      })),
    });
  });
}
