/** The SNAP channel over a real ledger, engine and database for tests; only the network beyond the rail is played. */
import fastify, { type FastifyInstance } from 'fastify';
import type { Db } from '../../db/pool.ts';
import { DbFault } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import type { GateDecision } from '../../gate/port.ts';
import { EMPTY_SET } from '../../gate/restriction.ts';
import { silentLog } from '../../kernel/log.ts';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import { ensureChart, openAccounts, setAccountState } from '../../ledger/account.ts';
import type { LedgerPort } from '../../ledger/port.ts';
import { openLedger } from '../../ledger/post.ts';
import { openEngine, type EngineInput } from '../../payment/engine.ts';
import type { PaymentEngine } from '../../payment/port.ts';
import type { Instruction } from '../../authorisation/instruction.ts';
import type { RailPort } from '../../rail/contract.ts';
import { openPresented, type PresentedInput } from '../../presented/open.ts';
import type { PresentedCodes } from '../../presented/port.ts';
import { bindAccount, registerRedirect } from '../grant/bind.ts';
import { createCustomers } from '../session/enrol.ts';
import { createPartner } from './partner/partner.ts';
import { registerSnap, type SnapChannel, type SnapInput } from './register.ts';
import { openRequestLog, type RequestLog } from './request-log.ts';
import { openSealer } from './partner/seal.ts';
import { PARTNER_KEY_PEM, testPartner, type TestPartner } from './test-partner.ts';

/** The bank of these tests. */
export const BANK = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};
/** 2026-08-01 12:00 WIB. */
export const NOON_MS = Date.parse('2026-08-01T05:00:00Z');
/** How much faster the clock of these tests goes, so that a wait of 10 s takes 1 s; faster, and a busy machine misses it. */
const SPEED = 10;

/** Where the partners' pages take a customer's browser back. */
export const REDIRECT = 'https://mitra.example/kembali';

/** Accounts: payer with Rp1.000.000, payee, and one of each bad kind. */
export const ACCOUNT = {
  payer: '1990000001',
  payee: '1990000002',
  poor: '1990000003',
  closed: '1990000004',
  frozen: '1990000005',
  foreign: '1880000001',
} as const;

/** What seals the keys of these tests. */
export const sealer = openSealer({ key: Buffer.alloc(32, 5), random: systemRandom() });

export interface World {
  readonly app: FastifyInstance;
  readonly db: Db;
  readonly engine: PaymentEngine;
  readonly ledger: LedgerPort;
  /** Codes that the bank's own customers show. */
  readonly presented: PresentedCodes;
  readonly requestLog: RequestLog;
  readonly channel: SnapChannel;
  /** Base64 signatures, 404xx18 on a reused reference. */
  readonly partner: TestPartner;
  /** Hex signatures, 409xx01, a small ceiling and budget. */
  readonly other: TestPartner;
  readonly clock: { now(): number; set(ms: number): void };
  /** For what an app or onboarding does, on the same clock. */
  readonly time: Time;
  /** What the network answers next. */
  readonly rail: {
    answer: Awaited<ReturnType<RailPort['send']>>;
    enquiry: Awaited<ReturnType<RailPort['enquireAccount']>>;
    sent: number;
    /** What was handed over last. */
    last?: Instruction;
  };
  readonly gate: { word: GateDecision };
  /** While true every statement fails as when the database is gone. */
  readonly fault: { isDown: boolean };
  /** Every account's balances, and how many transfers there are. */
  money(): Promise<string>;
  countPayments(): Promise<number>;
}

/** What a test chooses of the channel. */
export type SnapChoice = Pick<SnapInput, 'proxies' | 'processCount'>;

/** Gives `work` a bank with two partners. */
export async function withSnap(
  work: (world: World) => Promise<void>,
  options: { readonly queueMax?: number; readonly snap?: SnapChoice } = {},
): Promise<void> {
  const { time, clock } = fastClock();
  await withTestDb(
    async (db) => {
      await seed(db, time);
      const { world, stop } = openWorld({
        db,
        time,
        clock,
        queueMax: options.queueMax ?? 10_000,
        snap: options.snap ?? {},
      });
      try {
        await work(world);
      } finally {
        await stop();
      }
    },
    { time, poolSize: 6 },
  );
}

const AT_DRILL = { audience: 'gateway-1', partyKey: Buffer.alloc(32, 7) };

function openWorld(input: {
  readonly db: Db;
  readonly time: Time;
  readonly clock: World['clock'];
  readonly queueMax: number;
  readonly snap: SnapChoice;
}): { readonly world: World; stop(): Promise<void> } {
  const { time, clock } = input;
  const fault = { isDown: false };
  const gate: World['gate'] = { word: { kind: 'allow' } };
  const rail: World['rail'] = {
    answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
    enquiry: { found: true, name: 'BUDI', accountType: 'SVGS' },
    sent: 0,
  };
  const db = breakable(input.db, fault);
  const shared = { db, time, random: systemRandom(), log: silentLog, bank: BANK };
  const ledger = openLedger({ ...shared, queueMax: input.queueMax });
  const engine = openEngine({
    ...shared,
    ...playedPorts({ rail, gate }),
    ledger,
    env: 'drill',
    ...AT_DRILL,
    settings: {},
  });
  const presented = shownCodes({ ...shared, ledger, ...playedPorts({ rail, gate }) });
  const app = fastify();
  const requestLog = openRequestLog(shared);
  const channel = registerSnap(app, {
    ...shared,
    ...input.snap,
    requestLog,
    sealer,
    engine,
    ledger,
    presented,
    balance: ledger.balance,
  });
  const { now } = clock;
  const parts = { app, engine, ledger, presented, requestLog, channel };
  const world: World = {
    ...parts,
    db: input.db,
    clock,
    time,
    rail,
    gate,
    fault,
    partner: testPartner(app, {
      id: 'partner-a',
      secret: 'contoh-client-secret',
      encoding: 'base64',
      now,
    }),
    other: testPartner(app, { id: 'partner-b', secret: 'rahasia-b', encoding: 'hex', now }),
    money: () => moneyOf(input.db),
    countPayments: async () => (await input.db.query(sql`select id from payment`)).length,
  };
  const stop = async (): Promise<void> => {
    fault.isDown = false;
    await app.close();
    await requestLog.stop();
    await engine.stop();
    await ledger.stop();
    void channel.stop();
  };
  return { world, stop };
}

/** Codes of the bank's own customers, on the engine's parts. */
function shownCodes(parts: Omit<PresentedInput, 'partyKey' | 'settings'>): PresentedCodes {
  return openPresented({ ...parts, partyKey: AT_DRILL.partyKey, settings: {} });
}

/** The signer, the gate and the rail, as the script of the test has them. */
function playedPorts(
  script: Pick<World, 'rail' | 'gate'>,
): Pick<EngineInput, 'sign' | 'gate' | 'rail'> {
  return {
    rail: railOf(script.rail),
    sign: async (jtis) => ({
      tokens: Object.fromEntries(jtis.map((jti) => [jti, 'token'])),
      refused: {},
    }),
    gate: {
      current: () => EMPTY_SET,
      decide: () => script.gate.word,
      accept: async () => ({ ok: true, version: 1 }),
      onChange: () => {},
    },
  };
}

async function seed(db: Db, time: Time): Promise<void> {
  const nowMs = time.now();
  await createCustomers({ db, time }, [
    { id: 'cus_1', name: 'SITI' },
    { id: 'cus_2', name: 'BUDI' },
  ]);
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs });
    await openAccounts(tx, {
      nowMs,
      accounts: Object.values(ACCOUNT).map((number) => ({
        number,
        name: `NASABAH ${number.slice(-1)}`,
        customerId: 'cus_1',
        openingSen:
          number === ACCOUNT.payer || number === ACCOUNT.foreign ? rupiah(1_000_000) : rupiah(0),
      })),
    });
    await setAccountState(tx, {
      nowMs,
      number: ACCOUNT.closed,
      to: 'closed',
      by: 'test',
      reason: 'test',
    });
    await setAccountState(tx, {
      nowMs,
      number: ACCOUNT.frozen,
      to: 'frozen',
      by: 'test',
      reason: 'test',
    });
  });
  await db.query(sql`
    insert into participant (bic, name, short_name, bank_code, state, changed_at) values
      ('BNINIDJA', 'Bank BNI', 'BNI', '009', 'open', ${new Date(nowMs)}), ('BRINIDJA', 'Bank BRI', 'BRI', '002', 'closed', ${new Date(nowMs)}),
      ('PULHIDJA', 'Bank Pulih Daerah', 'Pulih', '199', 'open', ${new Date(nowMs)})`);
  const writer = { db, time, random: systemRandom(), sealer };
  const shared = { publicKeyPem: PARTNER_KEY_PEM, sourceAccounts: ['199*'] };
  await createPartner(writer, {
    ...shared,
    id: 'partner-a',
    name: 'A',
    secret: 'contoh-client-secret',
    hmacEncoding: 'base64',
    amountMaxSen: rupiah(300_000_000),
  });
  await createPartner(writer, {
    ...shared,
    id: 'partner-b',
    name: 'B',
    secret: 'rahasia-b',
    hmacEncoding: 'hex',
    amountMaxSen: rupiah(50_000),
    duplicateConflict: true,
    channelIds: ['95221'],
    requestsPerSecondMax: 20,
  });
  await entitle(db, time);
}

/** Two people of the bank bind the first partner's own accounts, and register where both may send a browser. */
async function entitle(db: Db, time: Time): Promise<void> {
  const context = { db, time, random: systemRandom() };
  const people = { proposedBy: 'stf_1', approvedBy: 'stf_2' };
  await db.query(sql`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, id, id, 'admin', '', '', '', ${new Date(time.now())} from unnest(array['stf_1', 'stf_2']) as id`);
  for (const account of [ACCOUNT.payer, ACCOUNT.payee, ACCOUNT.frozen])
    await bindAccount(context, { ...people, partnerId: 'partner-a', account });
  for (const partnerId of ['partner-a', 'partner-b'])
    await registerRedirect(context, { ...people, partnerId, url: REDIRECT });
}

function railOf(script: World['rail']): RailPort {
  return {
    send: async ({ instruction }) => {
      script.last = instruction;
      script.sent++;
      return script.answer;
    },
    inquire: async () => ({ outcome: 'unknown', reason: 'no_answer' }),
    void: async () => ({ outcome: 'not_sent', reason: 'voided' }),
    recall: async () => ({ known: 'intent' }),
    enquireAccount: async () => script.enquiry,
    enquireBill: async () => ({ found: 'unknown', reason: 'no_answer' }),
  };
}

async function moneyOf(db: Db): Promise<string> {
  const rows = await db.query<{ line: string }>(sql`
    select concat_ws(' ', number, posted_debit_sen, posted_credit_sen, pending_debit_sen, pending_credit_sen) as line from account
    union all select concat('transfers ', count(*)) from transfer order by 1`);
  return rows.map(({ line }) => line).join('\n');
}

function fastClock(): { readonly time: Time; readonly clock: World['clock'] } {
  const wall = wallTime();
  let startMs = NOON_MS;
  let sinceMs = wall.now();
  const now = (): number => startMs + (wall.now() - sinceMs) * SPEED;
  const sleep: Time['sleep'] = (ms, signal) => wall.sleep(ms / SPEED, signal);
  const time: Time = { ...wall, now, sleep };
  return {
    time,
    clock: {
      now,
      set(ms) {
        startMs = ms;
        sinceMs = wall.now();
      },
    },
  };
}

function breakable(db: Db, fault: { readonly isDown: boolean }): Db {
  const check = (): void => {
    if (fault.isDown)
      throw new DbFault('Cannot reach database: connect ECONNREFUSED 10.0.0.7:5432', {
        cause: undefined,
      });
  };
  return {
    ...db,
    query: async (statement) => (check(), db.query(statement)),
    tx: async (work) => (check(), db.tx(work)),
  };
}
