/** Standing orders over the small bank of the engine's tests. */
import assert from 'node:assert/strict';
import { withSnapshot } from '../db/snapshot.ts';
import { sql } from '../db/sql.ts';
import { silentLog } from '../kernel/log.ts';
import { rupiah } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { FEE, withBank, type TestBank } from '../payment/test-bank.ts';
import type { StandingCommand, StandingOrder, StandingOrders, StandingRun } from './port.ts';
import type { Schedule } from './schedule.ts';
import { openStanding } from './start.ts';
import { verifyStanding } from './verify.ts';

/** Every standing test begins here: Saturday 1 August 2026, 08:00 WIB. */
export const START_MS = Date.parse('2026-08-01T08:00:00+07:00');
/** What `order` sends. */
export const AMOUNT = rupiah(10_000);

export interface StandingWorld {
  readonly bank: TestBank;
  readonly standing: StandingOrders;
  /** The orders of one more process. */
  another(engine?: Pick<PaymentEngine, 'submit' | 'quote' | 'checkName'>): StandingOrders;
  /** Makes an order from `1001` of `C1`, on Monday 3 August unless the schedule says otherwise; on-us to `1002` unless a bank is given. */
  order(schedule?: Partial<Schedule>, more?: Partial<StandingCommand>): Promise<StandingOrder>;
  /** Sleeps until a WIB instant and works once, and once more a few seconds later. */
  at(wib: string): Promise<void>;
  find(order: StandingOrder): Promise<StandingOrder>;
  /** `date state reason` of each run, oldest first. */
  runs(order: StandingOrder): Promise<readonly string[]>;
  paid(order: StandingOrder): Promise<readonly StandingRun[]>;
  /** Money, payments and runs agree, and the wire saw nothing twice. */
  check(): Promise<void>;
}

let consentCount = 0;

/** Runs `work` in virtual time. */
export async function withStanding(
  work: (world: StandingWorld) => Promise<void>,
  options: { readonly days?: number; readonly mayFail?: boolean } = {},
): Promise<void> {
  await withBank(
    async (bank) => {
      const another: StandingWorld['another'] = (engine = bank.engine) =>
        openStanding({
          db: bank.db,
          engine,
          time: bank.time,
          random: seededRandom(`standing ${consentCount}`),
          log: options.mayFail ? silentLog : failingLog,
          settings: {},
        });
      await work(worldOf(bank, { standing: another(), another }));
    },
    { startMs: START_MS, days: options.days ?? 40, mayFail: options.mayFail ?? false },
  );
}

/** A worker that fails where no test broke it is a bug. */
const failingLog = {
  ...silentLog,
  error(fields: Readonly<Record<string, unknown>>, event: string): void {
    throw new Error(`${event} ${JSON.stringify(fields)}`);
  },
};

function worldOf(
  bank: TestBank,
  { standing, another }: Pick<StandingWorld, 'standing' | 'another'>,
): StandingWorld {
  const find: StandingWorld['find'] = async (order) =>
    (await standing.find({ id: order.id, customerId: order.customerId }))!;
  return {
    bank,
    standing,
    another,
    find,
    async order(schedule = {}, more = {}) {
      const isOut = more.payeeBank !== undefined;
      const result = await standing.make({
        customerId: 'C1',
        consentId: more.consentId ?? (await insertConsent(bank)),
        debitAccount: '1001',
        payeeBank: 'PULHIDJA',
        payeeAccount: isOut ? '9008007006' : '1002',
        payeeName: isOut ? 'PENERIMA SINTETIS' : 'NASABAH SINTETIS 2',
        amountSen: AMOUNT,
        feeMaxSen: isOut ? FEE : rupiah(0),
        remark: 'uji',
        schedule: {
          repetition: 'once',
          firstDate: '2026-08-03',
          end: { kind: 'never' },
          ...schedule,
        },
        ...more,
      });
      assert.ok(result.ok);
      return result.order;
    },
    async at(wib) {
      const untilMs = Date.parse(`${wib}:00+07:00`);
      if (untilMs > bank.time.now()) await bank.time.sleep(untilMs - bank.time.now());
      await standing.work();
      await bank.time.sleep(5_000);
      await standing.work();
      await bank.engine.work();
    },
    runs: async (order) =>
      [...(await standing.runs(order.id))]
        .reverse()
        .map((run) => [run.date.slice(5), run.state, run.reason].filter(Boolean).join(' ')),
    paid: async (order) =>
      (await standing.runs(order.id)).filter(({ paymentId }) => paymentId !== undefined),
    async check() {
      await bank.checkMoney();
      assert.deepEqual(await withSnapshot(bank.db, (tx) => verifyStanding(tx)), []);
      assert.ok([...bank.rail.sends.values()].every((count) => count === 1));
    },
  };
}

/** A consent of `C1`, as the channel writes it; its id. */
export async function insertConsent(bank: Pick<TestBank, 'db' | 'time'>): Promise<string> {
  const id = `cns_${++consentCount}`;
  const at = new Date(bank.time.now());
  await bank.db.query(sql`
    insert into consent (id, customer_id, session_hash, device, debit_account, amount_sen, fee_sen, payee_bank, payee_account, payee_name,
      text_shown, language, made_at, expires_at)
    values (${id}, 'C1', ''::bytea, 'd', '1001', 1, 0, 'PULHIDJA', '1002', 'N', 't', 'id', ${at}, ${at})`);
  return id;
}
