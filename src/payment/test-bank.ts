/** A small bank for engine tests: the real ledger on a real database in virtual time, with a rail, a gate and a
 * signer that are given as arguments and do what the test tells them. */
import assert from 'node:assert/strict';
import { openDb, type Db } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import { sql } from '../db/sql.ts';
import { makeTestDb } from '../db/test-database.ts';
import type { FlowFacts, GateDecision, RestrictionHolder } from '../gate/port.ts';
import { EMPTY_SET } from '../gate/restriction.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import { businessDate } from '../kernel/time.ts';
import { virtualTime, type VirtualTime } from '../kernel/virtual-time.ts';
import { ensureChart, openAccounts } from '../ledger/account.ts';
import type { LedgerPort } from '../ledger/port.ts';
import { openParties } from './party.ts';
import { openLedger } from '../ledger/post.ts';
import { verifyLedger } from '../ledger/verify.ts';
import type { CreditNotice, SettlementLine, StatementNotice } from '../rail/notice.ts';
import { openEngine, type OpenedEngine } from './engine.ts';
import { verifyPayments } from './verify.ts';
import type { TransferCommand } from './port.ts';
import type { PaymentSettings } from './settings.ts';
import type { SignerPort } from './signer-port.ts';
import { FakeRail } from './test-rail.ts';

/** When a test begins unless it says otherwise. */
export const NOON_WIB_MS = Date.parse('2026-08-01T05:00:00Z');
/** Ourselves. */
export const BANK: BankProfile = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};
/** Customers `C1`, `C2`, `C3` own accounts `1001`, `1002`, `1003` with this each; `1004` is closed. */
export const OPENING = rupiah(1_000_000);
/** What parties are hashed under. */
export const PARTY_KEY = sha256('parties of a test');
/** What a BI-FAST transfer costs by default. */
export const FEE = rupiah(2_500);

export interface TestBank {
  readonly db: Db;
  readonly time: VirtualTime;
  readonly ledger: LedgerPort;
  readonly rail: FakeRail;
  readonly gate: { decide: (flow: FlowFacts) => GateDecision };
  readonly signer: { sign: SignerPort };
  readonly engine: OpenedEngine;
  /** Every line that was logged, as JSON. */
  readonly logged: string[];
  /** One more engine on the same database, as another process would have. */
  another(more?: {
    readonly ledger?: LedgerPort;
    readonly settings?: Partial<PaymentSettings>;
  }): OpenedEngine;
  available(account: string): Promise<bigint>;
  state(paymentId: string): Promise<string>;
  events(kind: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  messages(customerId: string): Promise<readonly string[]>;
  /** What the hub's statement of a date says. */
  statement(date: string, incoming?: readonly CreditNotice[]): StatementNotice;
  /** Works until `untilMs`, looking every `everyMs`. */
  workUntil(untilMs: number, everyMs?: number): Promise<void>;
  /** The whole ledger recomputed: balanced, and not a sen missing. */
  checkMoney(): Promise<void>;
}

/** Runs `work` in virtual time and cleans up, also when it throws. */
export async function withBank(
  work: (bank: TestBank) => Promise<void>,
  options: {
    readonly startMs?: number;
    readonly settings?: Partial<PaymentSettings>;
    readonly seed?: number;
    readonly days?: number;
    /** A script that runs before the bank opens. */
    readonly before?: string;
    /** The test breaks the work on purpose: a failed turn is not a bug of ours. */
    readonly mayFail?: boolean;
  } = {},
): Promise<void> {
  const made = await makeTestDb();
  const startMs = options.startMs ?? NOON_WIB_MS;
  const time = virtualTime(startMs);
  const db = openDb({ url: made.url, size: 6, time, name: 'test' });
  try {
    await seed(db, startMs);
    if (options.before !== undefined) await db.script(options.before);
    const { bank, stop } = openBank(db, time, options);
    const working = async (): Promise<void> => {
      try {
        await work(bank);
      } finally {
        await stop();
      }
    };
    await time.run(working(), startMs + (options.days ?? 10) * 86_400_000);
    const failed = bank.logged.filter((line) => line.includes('payment.advance_failed'));
    if (!options.mayFail) assert.deepEqual(failed, []);
  } finally {
    await db.close();
    await made.drop();
  }
}

async function seed(db: Db, nowMs: number): Promise<void> {
  const at = new Date(nowMs).toISOString();
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs });
    await openAccounts(tx, {
      nowMs,
      accounts: [1, 2, 3, 4].map((n) => ({
        number: `100${n}`,
        name: `NASABAH SINTETIS ${n}`,
        customerId: `C${n}`,
        openingSen: n === 4 ? rupiah(0) : OPENING,
      })),
    });
  });
  await db.script(`
    insert into customer (id, name, cohort_bucket, made_at) select 'C' || n, 'NASABAH SINTETIS ' || n, n * 100, '${at}' from generate_series(1, 4) n;
    update account set state = 'closed' where number = '1004';
    insert into participant (bic, name, short_name, bank_code, state, changed_at) values
      ('PULHIDJA', 'Bank Pulih Daerah', 'Pulih', '199', 'open', '${at}'), ('BNINIDJA', 'BNI', 'BNI', '009', 'open', '${at}'),
      ('CENAIDJA', 'BCA', 'BCA', '014', 'closed', '${at}');`);
}

function openBank(
  db: Db,
  time: VirtualTime,
  options: { readonly settings?: Partial<PaymentSettings>; readonly seed?: number },
): { bank: TestBank; stop: () => Promise<void> } {
  const random = seededRandom(options.seed ?? 1);
  const logged: string[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, event: string): void =>
    void logged.push(
      JSON.stringify({ ...fields, event }, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    );
  const log: Log = { info: write, warn: write, error: write };
  const ledger = openLedger({ db, time, random, log, bank: BANK });
  const rail = new FakeRail(time);
  const gate: TestBank['gate'] = { decide: () => ({ kind: 'allow' }) };
  const holder: RestrictionHolder = {
    current: () => EMPTY_SET,
    decide: (flow) => gate.decide(flow),
    accept: async () => ({ ok: true, version: 1 }),
    onChange: () => {},
  };
  const signer: TestBank['signer'] = {
    sign: async (jtis) => ({
      tokens: Object.fromEntries(jtis.map((jti) => [jti, `token:${jti}`])),
      refused: {},
    }),
  };
  const engines: OpenedEngine[] = [];
  const another: TestBank['another'] = (more = {}) => {
    const engine = openEngine({
      db,
      ledger: more.ledger ?? ledger,
      rail,
      sign: (jtis) => signer.sign(jtis),
      gate: holder,
      time,
      random,
      log,
      bank: BANK,
      env: 'drill',
      audience: 'gateway-1',
      partyKey: PARTY_KEY,
      settings: { ...options.settings, ...more.settings },
    });
    engines.push(engine);
    return engine;
  };
  const engine = another();
  const bank: TestBank = {
    db,
    time,
    ledger,
    rail,
    gate,
    signer,
    engine,
    logged,
    another,
    ...lookers({ db, time, ledger, rail, engine }),
  };
  return {
    bank,
    async stop() {
      for (const one of engines) await one.stop();
      await ledger.stop();
    },
  };
}

function lookers(bank: Pick<TestBank, 'db' | 'time' | 'ledger' | 'rail' | 'engine'>) {
  const { db, time, ledger, rail } = bank;
  return {
    available: async (account: string) => (await ledger.balance(account))!.availableSen as bigint,
    state: async (paymentId: string) =>
      (
        await db.query<{ state: string }>(sql`select state from payment where id = ${paymentId}`)
      )[0]!.state,
    events: async (kind: string) =>
      (
        await db.query<{ data: string }>(
          sql`select data from event where kind = ${kind} order by id`,
        )
      ).map((row) => JSON.parse(row.data) as Record<string, unknown>),
    messages: async (customerId: string) =>
      (
        await db.query<{ template: string }>(
          sql`select template from customer_message where customer_id = ${customerId} order by made_at, id`,
        )
      ).map((row) => row.template),
    statement(date: string, incoming: readonly CreditNotice[] = []): StatementNotice {
      const line = (
        bizMsgIdr: string,
        direction: 'out' | 'in',
        entry: { amountSen: string; bank: string; atMs: number },
      ): SettlementLine => ({
        lineId: `${direction}:${bizMsgIdr}`,
        direction,
        bizMsgIdr,
        amountSen: entry.amountSen,
        counterpartyBank: entry.bank,
        connector: 'c',
        settledAtMs: entry.atMs,
        businessDate: date,
      });
      const out = [...rail.book]
        .filter(
          ([, entry]) => entry.state === 'settled' && businessDate(entry.atMs, 1_440) === date,
        )
        .map(([id, entry]) => line(id, 'out', entry));
      const received = incoming.map((credit) =>
        line(credit.bizMsgIdr, 'in', {
          amountSen: credit.amountSen,
          bank: credit.fromBank,
          atMs: time.now(),
        }),
      );
      return {
        kind: 'statement',
        rail: 'bifast',
        businessDate: date,
        lines: [...out, ...received],
      };
    },
    async workUntil(untilMs: number, everyMs = 10_000) {
      while (time.now() < untilMs) {
        await bank.engine.work();
        await time.sleep(Math.min(everyMs, untilMs - time.now()));
      }
      await bank.engine.work();
    },
    async checkMoney() {
      const report = await verifyLedger(db);
      assert.deepEqual(report.problems, []);
      assert.ok(report.balanced);
      assert.deepEqual(await withSnapshot(db, (tx) => verifyPayments(tx)), []);
    },
  };
}

let commandCount = 0;

/** A transfer from `1001`; to `1002` on-us unless a bank is given. */
export function transfer(more: Partial<TransferCommand> = {}): TransferCommand {
  const key = more.key ?? `mobile:C1:${++commandCount}`;
  const bank = more.creditorBank ?? BANK.bic;
  const command = {
    channel: 'mobile' as const,
    key,
    debitAccount: '1001',
    creditorBank: bank,
    creditorAccount: bank === BANK.bic ? '1002' : '9008007006',
    creditorName: 'PENERIMA SINTETIS',
    amount: rupiah(10_000) as Sen,
    remark: 'uji',
    customerId: 'C1',
    confirmedFeeSen: bank === BANK.bic ? rupiah(0) : FEE,
    ...more,
  };
  const { requestHash, ...asked } = command;
  const text = JSON.stringify({ ...asked, key }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return { ...command, requestHash: requestHash ?? sha256(text) };
}

/** The same to another bank over BI-FAST. */
export function bifast(more: Partial<TransferCommand> = {}): TransferCommand {
  return transfer({ creditorBank: 'BNINIDJA', ...more });
}

/** A credit of Rp50.000 from BNI to `1001`. */
export function credit(more: Partial<CreditNotice> = {}): CreditNotice {
  return {
    kind: 'credit',
    rail: 'bifast',
    bizMsgIdr: '20260801BNINIDJA010O0200000001',
    msgId: '20260801BNINIDJA01000000001',
    fromBank: 'BNINIDJA',
    debtorName: 'PENGIRIM SINTETIS',
    debtorAccount: '9008007006',
    creditorAccount: '1001',
    creditorName: 'NASABAH SINTETIS 1',
    amountSen: String(rupiah(50_000)),
    remittance: 'uji',
    trxType: '010',
    ...more,
  };
}

let blockCount = 0;

/** A person of ours blocks an account (by its bank and number) or a merchant (by its id). */
export async function block(db: Db, of: { bank: string; account: string } | string): Promise<void> {
  const [kind, subject] =
    typeof of === 'string' ? ['merchant', of] : ['account', openParties(PARTY_KEY).keyOf(of)];
  await db.script(`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values ('stf_1', 'S', 's1', 'risk', '-', '-', '-', '2026-08-01') on conflict do nothing;
    insert into blocked_party (id, kind, subject, shown, reason, placed_by, made_at, review_at)
      values ('blk_${++blockCount}', '${kind}', '${subject}', '0000', 'uji blokir', 'stf_1', '2026-08-01', '2026-09-01');`);
}
