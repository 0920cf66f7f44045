/** A small bank for ledger tests: a migrated database, the chart, a few customers and a ledger on a clock that the test holds. */
import { createHash } from 'node:crypto';
import { openDb, type Db } from '../db/pool.ts';
import { ensurePartitions } from '../db/partition.ts';
import { makeTestDb } from '../db/test-database.ts';
import { CHART } from '../kernel/bank.ts';
import { silentLog } from '../kernel/log.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import { wallTime, wibDate, type Time } from '../kernel/time.ts';
import { ensureChart, openAccounts, type AccountDraft } from './account.ts';
import { readChart, type Chart } from './chart.ts';
import type { AuthorisationDraft, Leg, LedgerPort, PostRequest } from './port.ts';
import { openLedger, type LedgerOptions } from './post.ts';

/** Where the clock of a test stands until the test moves it. */
export const NOON_WIB_MS = Date.parse('2026-08-01T05:00:00Z');

export interface TestLedger {
  readonly db: Db;
  readonly url: string;
  readonly clock: { nowMs: number };
  readonly time: Time;
  readonly ledger: LedgerPort & { stop(): Promise<void> };
  /** One more ledger with a pool of its own, as another process would have. */
  another(options?: Partial<LedgerOptions>): LedgerPort & { stop(): Promise<void> };
}

/** Customers `1001`…`1004` with Rp1.000 each unless told otherwise. */
export const CUSTOMERS: readonly AccountDraft[] = ['1001', '1002', '1003', '1004'].map(
  (number) => ({
    number,
    name: `NASABAH ${number}`,
    openingSen: rupiah(1_000),
  }),
);

/** Of the chart only what the code posts to. */
function smallChart(): Chart {
  const chart = readChart();
  const wanted: readonly string[] = Object.values(CHART);
  return { ...chart, accounts: chart.accounts.filter((one) => wanted.includes(one.number)) };
}

/** Gives `work` a ledger of its own and cleans up, also when it throws. */
export async function withLedger(
  work: (bank: TestLedger) => Promise<void>,
  options: {
    readonly accounts?: readonly AccountDraft[];
    readonly ledger?: Partial<LedgerOptions>;
    /** @default only the accounts that the code posts to */
    readonly chart?: Chart;
    readonly wrapDb?: (db: Db) => Db;
    /** Where the clock begins; that month and the two after it have partitions then. @default noon of NOON_WIB_MS */
    readonly startMs?: number;
    /** Longest wait for a lock. @default as long as it takes */
    readonly lockMsMax?: number;
  } = {},
): Promise<void> {
  const made = await makeTestDb();
  const clock = { nowMs: options.startMs ?? NOON_WIB_MS };
  const time: Time = { ...wallTime(), now: () => clock.nowMs };
  const dbs: Db[] = [];
  const ledgers: { stop(): Promise<void> }[] = [];
  const open = (): Db => {
    const db = openDb({
      url: made.url,
      size: 4,
      time,
      name: 'test',
      ...(options.lockMsMax && { lockMsMax: options.lockMsMax }),
    });
    dbs.push(db);
    return db;
  };
  const another = (more: Partial<LedgerOptions> = {}): TestLedger['ledger'] => {
    const db = open();
    const ledger = openLedger({
      db: options.wrapDb?.(db) ?? db,
      time,
      random: seededRandom(dbs.length),
      log: silentLog,
      ...options.ledger,
      ...more,
    });
    ledgers.push(ledger);
    return ledger;
  };
  try {
    const db = open();
    if (options.startMs !== undefined) await ensurePartitions(db, wibDate(options.startMs));
    await db.tx(async (tx) => {
      await ensureChart(tx, { nowMs: clock.nowMs, chart: options.chart ?? smallChart() });
      await openAccounts(tx, { nowMs: clock.nowMs, accounts: options.accounts ?? CUSTOMERS });
    });
    await work({ db, url: made.url, clock, time, ledger: another(), another });
  } finally {
    for (const ledger of ledgers) await ledger.stop();
    for (const db of dbs) await db.close();
    await made.drop();
  }
}

/** A request whose hash follows from its legs. */
export function request(
  key: string,
  legs: readonly Leg[],
  more: Partial<PostRequest> = {},
): PostRequest {
  const text = JSON.stringify(legs, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return {
    key,
    requestHash: createHash('sha256').update(text).digest(),
    paymentId: `pay_${key}`,
    legs,
    valueDate: '2026-08-01',
    businessDate: '2026-08-01',
    ...more,
  };
}

/** One movement at once. */
export function single(debit: string, credit: string, amount: Sen): Leg {
  return { kind: 'single', line: 'principal', debit, credit, amount };
}

/** One reservation. */
export function hold(debit: string, credit: string, amount: Sen): Leg {
  return { kind: 'hold', line: 'principal', debit, credit, amount };
}

/** The post of a hold, of its whole amount unless told otherwise. */
export function postHold(holdId: bigint, amount?: Sen): Leg {
  return { kind: 'post', line: 'principal', holdId, ...(amount !== undefined && { amount }) };
}

/** The release of a hold. */
export function voidHold(holdId: bigint): Leg {
  return { kind: 'void', line: 'principal', holdId };
}

/** The return of a transfer, of all that is left of it unless told otherwise. */
export function reverse(transferId: bigint, amount?: Sen): Leg {
  return {
    kind: 'reverse',
    line: 'correction',
    transferId,
    ...(amount !== undefined && { amount }),
  };
}

/** A BI-FAST transfer out: a hold with an authorisation. */
export function bifastOut(
  key: string,
  input: { readonly debit: string; readonly amount: Sen; readonly attempt?: number },
): PostRequest {
  const paymentId = `pay_${key}`;
  const authorisation: AuthorisationDraft = {
    jti: `jti_${key}`,
    audience: 'gateway-1',
    series: { bic: 'PULHIDJA', trxType: '010', channelCode: '02' },
    instruction: {
      version: 1,
      env: 'drill',
      rail: 'bifast',
      direction: 'out',
      kind: 'credit_transfer',
      paymentId,
      attempt: input.attempt ?? 1,
      amountSen: input.amount.toString(),
      currency: 'IDR',
      debtor: {
        bank: 'PULHIDJA',
        account: input.debit,
        accountType: 'SVGS',
        name: 'NASABAH SINTETIS A',
      },
      creditor: {
        bank: 'BNINIDJA',
        account: '9008007006',
        accountType: 'SVGS',
        name: 'NASABAH SINTETIS B',
      },
      channelCode: '02',
      channel: 'mobile',
      categoryPurpose: '01099',
      remittance: 'uji',
      businessDate: '2026-08-01',
      cohortBucket: 17,
      isStaff: false,
    },
  };
  return request(key, [hold(input.debit, CHART.bifastOut, input.amount)], { authorisation });
}
