/** A fresh bank on a rail's own small world: the real engine, ledger and signer, two cores, virtual time. Nothing here knows a rail's messages. */
import assert from 'node:assert/strict';
import type { RailName } from '../../src/authorisation/instruction.ts';
import { openDb, type Db } from '../../src/db/pool.ts';
import { makeTestDb } from '../../src/db/test-database.ts';
import { EMPTY_SET } from '../../src/gate/restriction.ts';
import type { BankProfile } from '../../src/kernel/bank.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import type { VirtualTime } from '../../src/kernel/virtual-time.ts';
import { ensureChart, openAccounts } from '../../src/ledger/account.ts';
import type { LedgerPort } from '../../src/ledger/port.ts';
import { openLedger } from '../../src/ledger/post.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { openEngine, type OpenedEngine } from '../../src/payment/engine.ts';
import type { PaymentView, SubmitResult } from '../../src/payment/port.ts';
import type { PaymentSettings } from '../../src/payment/settings.ts';
import type { SignerPort } from '../../src/payment/signer-port.ts';
import type { ConformanceRig } from '../../src/rail/conformance.ts';
import type { NoticeAnswer, RailNotice } from '../../src/rail/notice.ts';
import { seedParties } from './store.ts';

/** What the engine needs of a rail's world beside the port's own rig. */
export interface RailWorld extends ConformanceRig {
  readonly name: RailName;
  readonly time: VirtualTime;
  readonly bank: BankProfile;
  readonly env: 'prod' | 'drill';
  readonly audience: string;
  /** How the engine is set for this network: its cut-over above all. */
  readonly settings: Partial<PaymentSettings>;
  /** Where what was sent stands in our books. */
  readonly settlementAccount: string;
  /** What a payment of 10,000 rupiah costs. */
  readonly feeSen: bigint;
  /** Makes one payment ready; what it returns submits that very one, to any engine, again and again. */
  prepare(
    engine: OpenedEngine,
    key: string | undefined,
  ): Promise<(engine: OpenedEngine) => Promise<SubmitResult>>;
  /** The real signer over this database. */
  startSigner(db: Db): Promise<SignerPort>;
  /** Who takes what the network tells. */
  hear(take: (notice: RailNotice) => Promise<NoticeAnswer | undefined>): void;
  /** What the next calls between core and the gateway meet. */
  setLink(fault: 'lose_request' | 'lose_answer' | undefined): void;
  /** By the network's own book. */
  settledSen(): bigint;
  /** Until the business date is over and its statement was told. */
  endDate(): Promise<void>;
}

/** A rail to be tested. */
export interface RailUnderTest {
  readonly name: string;
  /** Puts the whole rail up in virtual time, empty and open, for one check. */
  withWorld(work: (world: RailWorld) => Promise<void>): Promise<void>;
}

/** What the payer has at first. */
export const OPENING = rupiah(1_000_000);
const PAYER = '1001';

/** One fresh bank on one rail. */
export interface Effect {
  readonly world: RailWorld;
  readonly engine: OpenedEngine;
  readonly db: Db;
  readonly ledger: Pick<LedgerPort, 'balance' | 'post'>;
  /** A second core process on the same database. */
  readonly other: OpenedEngine;
  submit(key?: string): Promise<PaymentView>;
  state(payment: PaymentView): Promise<string>;
  /** Works and waits. */
  pass(ms: number): Promise<void>;
  /** The payer's account: what is there, and what of it is held. */
  payer(): Promise<readonly [posted: bigint, held: bigint]>;
}

/** Runs one check on a fresh bank; at its end the ledger balances, and it and the network say the same, to the sen. */
export async function withEffect(
  rail: RailUnderTest,
  run: (effect: Effect) => Promise<void>,
): Promise<void> {
  const made = await makeTestDb();
  try {
    await rail.withWorld(async (world) => {
      const db = openDb({ url: made.url, size: 6, time: world.time, name: 'conformance' });
      try {
        await play(world, db, run);
      } finally {
        await db.close();
      }
    });
  } finally {
    await made.drop();
  }
}

async function play(
  world: RailWorld,
  db: Db,
  run: (effect: Effect) => Promise<void>,
): Promise<void> {
  const { time, bank } = world;
  const account = { number: PAYER, name: 'NASABAH A', customerId: 'C1', openingSen: OPENING };
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs: time.now() });
    await openAccounts(tx, { nowMs: time.now(), accounts: [account] });
    await seedParties(tx, { customerId: 'C1', bic: 'BNINIDJA', nowMs: time.now() });
  });
  const random = seededRandom('conformance');
  const log = silentLog;
  const ledger = openLedger({ db, time, random, log, bank });
  const sign = await world.startSigner(db);
  const engines = [0, 1].map(() =>
    openEngine({
      db,
      ledger,
      sign,
      time,
      random,
      log,
      bank,
      rail: world.rail,
      gate: {
        current: () => EMPTY_SET,
        decide: () => ({ kind: 'allow' }),
        accept: async () => ({ ok: true, version: 1 }),
        onChange: () => {},
      },
      env: world.env,
      audience: world.audience,
      partyKey: Buffer.alloc(32, 7),
      settings: world.settings,
    }),
  );
  const [engine, other] = engines as unknown as [OpenedEngine, OpenedEngine]; // two were made above
  world.hear((notice) => other.take(notice));
  const balance = async (number: string) => (await ledger.balance(number))!;
  try {
    await run({
      world,
      engine,
      db,
      ledger,
      other,
      async submit(key) {
        const result = await (await world.prepare(engine, key))(engine);
        assert.ok(result.ok);
        return result.payment;
      },
      state: async (payment) => (await other.find(payment.id))!.state,
      async pass(ms) {
        for (const untilMs = time.now() + ms; time.now() < untilMs;) {
          await other.work();
          await time.sleep(Math.min(1_000, untilMs - time.now()));
        }
      },
      async payer() {
        const { postedSen, heldSen } = await balance(PAYER);
        return [postedSen, heldSen];
      },
    });
    const report = await verifyLedger(db);
    assert.deepEqual(report.problems, []);
    assert.ok(report.balanced);
    assert.equal((await balance(world.settlementAccount)).postedSen, world.settledSen());
  } finally {
    await Promise.all(engines.map((one) => one.stop()));
    await ledger.stop();
  }
}
