/** The mobile API on a real database with real sessions and a fake engine, for this channel's tests. */
import { generateKeyPairSync } from 'node:crypto';
import { openProxies } from '../../payment/proxy/proxies.ts';
import { testDirectory, type TestDirectory } from './test-directory.ts';
import assert from 'node:assert/strict';
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import type { Static } from 'typebox';
import { openBulks } from '../../bulk/start.ts';
import type { Bulks } from '../../bulk/port.ts';
import { openCards, type CardInput } from '../../card/open.ts';
import type { Db } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { compileSet, decide } from '../../gate/decide.ts';
import type { FlowFacts, RestrictionHolder } from '../../gate/port.ts';
import { EMPTY_SET, type Restriction, type RestrictionSet } from '../../gate/restriction.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom, type Random } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import { openAccounts, ensureChart, readBalance } from '../../ledger/account.ts';
import { statementPage } from '../../ledger/statement.ts';
import { rupiah } from '../../kernel/money.ts';
import { openMerchants } from '../../merchant/open.ts';
import type { PresentedCodes } from '../../presented/port.ts';
import type { StandingOrders } from '../../standing/port.ts';
import { openStanding } from '../../standing/start.ts';
import type * as grantSchema from '../grant/schema.ts';
import { openAccess } from '../session/access.ts';
import { createCustomerCredential, createCustomers } from '../session/enrol.ts';
import { openSecrets } from '../session/secret.ts';
import { explainRestriction } from './explain.ts';
import { fakeEngine, type FakeEngine } from './fake-engine.ts';
import { NO_BILLS, NO_PRESENTED, NO_SALES } from './test-none.ts';
import type { MobileDeps } from './port.ts';
import { registerMobile } from './register.ts';
import type { ShopList } from './schema-shop.ts';
import type { CardList, CardShown } from './schema-card.ts';
import type * as billSchema from './schema-bill.ts';
import type * as bulkSchema from './schema-bulk.ts';
import type * as proxySchema from './schema-proxy.ts';
import type { QrisReadAnswer } from './schema-qris.ts';
import type * as standingSchema from './schema-standing.ts';
import type * as schema from './schema.ts';

/** Our bank in the tests. */
export const BANK = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};
/** An Idempotency-Key. */
export const KEY = 'key-0123456789abcdef';
/** BI-FAST outgoing, stopped by a detector. */
export const RESTRICTION: Restriction = {
  id: 'rst_1',
  scope: { rail: 'bifast', direction: 'out' },
  action: { kind: 'stop' },
  level: 3,
  reasonClass: 'containment',
  cause: 'D2',
  evidence: [],
  placedBy: 'guard',
  isAutomatic: true,
  madeAtMs: 1_000,
  reviewAtMs: 2_000,
  nextUpdateAtMs: 3_000,
  posture: { kind: 'closed' },
};

/** What an answer may hold; a test reads the part that its route has. */
export type Body = Whole<
  Answers['problem'] &
    Answers['session'] &
    Answers['home'] &
    Answers['banks'] &
    Answers['check'] &
    Answers['proxyCheck'] &
    Answers['proxies'] &
    Answers['quote'] &
    Answers['consent'] &
    Answers['detail'] &
    Answers['history'] &
    Answers['messages'] &
    Answers['standingQuote'] &
    Answers['standingList'] &
    Answers['standingDetail'] &
    Answers['statement'] &
    Answers['cards'] &
    Answers['card'] &
    Answers['shops'] &
    Answers['access'] &
    Answers['bills'] &
    Answers['billInquiry'] &
    Answers['qris'] &
    Answers['bulks'] &
    Answers['bulk']
>;
type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Whole<T[Key]> }
    : T;
interface Answers {
  readonly problem: {
    code: string;
    title: string;
    wayOut: string;
    field: string;
    triesLeft: number;
    untilMs: number;
  };
  readonly session: Static<typeof schema.SessionBody>;
  readonly home: Static<typeof schema.HomeBody>;
  readonly banks: Static<typeof schema.BanksBody>;
  readonly check: Static<typeof schema.NameCheckAnswer>;
  readonly proxyCheck: Static<typeof proxySchema.ProxyCheckAnswer>;
  readonly proxies: Static<typeof proxySchema.ProxiesAnswer>;
  readonly quote: Static<typeof schema.QuoteAnswer>;
  readonly consent: Static<typeof schema.ConsentAnswer>;
  readonly detail: Static<typeof schema.PaymentDetail>;
  readonly history: Static<typeof schema.HistoryBody>;
  readonly messages: Static<typeof schema.MessagesBody>;
  readonly access: Omit<Static<typeof grantSchema.AskAnswer>, 'accounts'> &
    Static<typeof grantSchema.TermsAnswer> &
    Static<typeof grantSchema.AgreeAnswer> &
    Static<typeof grantSchema.GrantList>;
  readonly statement: Static<typeof schema.StatementBody>;
  readonly standingQuote: Static<typeof standingSchema.StandingQuoteAnswer>;
  readonly standingList: Static<typeof standingSchema.StandingList>;
  readonly standingDetail: Static<typeof standingSchema.StandingDetail>;
  readonly bills: Static<typeof billSchema.BillsBody>;
  readonly billInquiry: Static<typeof billSchema.BillInquiryAnswer>;
  readonly qris: Static<typeof QrisReadAnswer>;
  readonly shops: Static<typeof ShopList>;
  readonly cards: Static<typeof CardList>;
  readonly bulks: Static<typeof bulkSchema.BulkList>;
  readonly bulk: Static<typeof bulkSchema.BulkDetail>;
  readonly card: Pick<Static<typeof CardShown>, 'canBlock'>;
}

/** The API with everything that a test steers. */
export interface World {
  readonly app: FastifyInstance;
  readonly db: Db;
  readonly engine: FakeEngine;
  readonly directory: TestDirectory;
  readonly clock: { shiftMs: number };
  readonly standing: StandingOrders;
  readonly bulks: Bulks;
  set: RestrictionSet;
}

/** A signed-in customer's browser. */
export interface Caller {
  call(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: Body }>;
  readonly csrf: string;
  readonly cookie: string;
}

/** What a real engine needs from the world around it. */
export interface EngineParts {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly holder: RestrictionHolder;
}

/** An engine that replaces the fake one. */
export interface RealEngine {
  readonly engine: MobileDeps['engine'] & Pick<MobileDeps, 'bills' | 'sales'>;
  readonly presented?: PresentedCodes;
  stop(): Promise<void>;
}

/** Runs `work` against a fresh API on a fresh database, with a fake engine that the test steers, or a real one. */
export async function withWorld(
  work: (world: World) => Promise<void>,
  openReal?: (parts: EngineParts) => RealEngine,
): Promise<void> {
  await withTestDb(async (db) => {
    const clock = { shiftMs: 0 };
    const wall = wallTime();
    const time = { ...wall, now: () => wall.now() + clock.shiftMs };
    const random = seededRandom('mobile');
    const secrets = openSecrets({ time, random, cost: { n: 2, r: 1, p: 1 } });
    await seed({ db, time, secrets });
    const engine = fakeEngine({ time, ourBic: BANK.bic });
    const world: Omit<World, 'standing' | 'bulks'> & { standing?: StandingOrders; bulks?: Bulks } =
      {
        app: fastify(),
        db,
        engine,
        clock,
        directory: testDirectory(),
        set: EMPTY_SET,
      };
    const holder = {
      current: () => world.set,
      decide: (facts: FlowFacts) => decide(compileSet(world.set), facts),
      accept: async () => ({ ok: false, reason: 'malformed' }) as const,
      onChange: () => {},
    };
    const real = openReal?.({ db, time, random, holder });
    const shared = { db, time, log: silentLog, settings: {} };
    const standing = openStanding({ ...shared, engine: real?.engine ?? engine, random });
    world.standing = standing;
    const bulks = openBulks({
      ...shared,
      engine: real?.engine ?? engine,
      random,
      bank: BANK,
    });
    world.bulks = bulks;
    await registerMobile(world.app, {
      proxies: openProxies({ ...shared, rail: world.directory, bank: BANK }),
      bills: real?.engine.bills ?? NO_BILLS,
      sales: real?.engine.sales ?? NO_SALES,
      presented: real?.presented ?? NO_PRESENTED,
      receiptKey: RECEIPT.privateKey,
      engine: real?.engine ?? engine,
      standing,
      bulks,
      cards: openTestCards({ db, time, random, gate: holder }),
      merchants: openMerchants({ db, time, random, bank: BANK }),
      holder,
      db,
      time,
      random,
      log: silentLog,
      bank: BANK,
      explainRestriction,
      isSecure: true,
      access: openAccess({ db, time, random, secrets, log: silentLog }),
      balance: (number) => readBalance(db, number),
      statement: (account, page) => statementPage(db, account, page),
    });
    try {
      await work(world as World);
    } finally {
      await world.app.close();
      await real?.stop();
    }
  });
}

/** This channel lists and blocks: no money and no PIN. */
function openTestCards(
  input: Pick<CardInput, 'db' | 'time' | 'random' | 'gate'>,
): ReturnType<typeof openCards> {
  return openCards({
    ...input,
    log: silentLog,
    bank: BANK,
    tokenKey: input.random.bytes(32),
    partyKey: input.random.bytes(32),
    settings: {},
    ledger: {} as never,
    hsm: {} as never,
  });
}
/** Core's key for receipts. */
export const RECEIPT = generateKeyPairSync('x25519');

async function seed(context: {
  db: Db;
  time: ReturnType<typeof wallTime>;
  secrets: ReturnType<typeof openSecrets>;
}): Promise<void> {
  const { db, time } = context;
  await createCustomers(context, [
    { id: 'cus_budi', name: 'Budi Santoso' },
    { id: 'cus_ayu', name: 'Ayu Lestari' },
  ]);
  for (const username of ['budi', 'ayu']) {
    await createCustomerCredential(context, {
      customerId: `cus_${username}`,
      username,
      password: 'kata sandi',
      pin: '246810',
    });
  }
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs: time.now() });
    await openAccounts(tx, {
      nowMs: time.now(),
      accounts: [
        {
          number: '1990000001',
          name: 'Budi Santoso',
          customerId: 'cus_budi',
          openingSen: rupiah(5_000_000),
        },
        {
          number: '1990000002',
          name: 'Ayu Lestari',
          customerId: 'cus_ayu',
          openingSen: rupiah(1_000_000),
        },
      ],
    });
  });
  await db.query(sql`insert into participant (bic, name, short_name, bank_code, state, changed_at) values
    ('BNINIDJA', 'Bank Negara Indonesia', 'BNI', '009', 'open', ${new Date(0)}), ('CENAIDJA', 'Bank Central Asia', 'BCA', '014', 'closed', ${new Date(0)})`);
}

/** Proves contacts of Budi's, as the bank's own register of customers does. */
export async function proveContacts(world: Pick<World, 'db'>): Promise<void> {
  await world.db.query(sql`insert into customer_contact (customer_id, kind, value, proved_at) values
    ('cus_budi', '01', '6281234567890', ${new Date(0)}), ('cus_budi', '02', 'budi@contoh.id', ${new Date(0)})`);
}

/** Signs a seeded customer in. */
export async function signIn(world: World, username = 'budi'): Promise<Caller> {
  const response = await world.app.inject({
    method: 'POST',
    url: '/app/api/sign-in',
    payload: { username, password: 'kata sandi' },
  });
  assert.equal(response.statusCode, 200, response.body);
  const set = String(response.headers['set-cookie']);
  assert.match(set, /HttpOnly; Secure; SameSite=Strict/);
  const cookie = [...set.matchAll(/pulih_\w+=[\w-]+/g)].join('; ');
  const csrf = response.json<Body>().customer.csrfToken;
  return {
    csrf,
    cookie,
    async call(method, path, body, headers = {}) {
      const options: InjectOptions = {
        method,
        url: `/app/api${path}`,
        headers: { cookie, 'x-csrf-token': csrf, ...headers },
      };
      if (body !== undefined) options.payload = body as object;
      const answer = await world.app.inject(options);
      return { status: answer.statusCode, body: (answer.body === '' ? {} : answer.json()) as Body };
    },
  };
}

/** A wire amount. */
export const amount = (value: string) => ({ value, currency: 'IDR' });

/** Goes as far as the consent. */
export async function agree(
  caller: Caller,
  input: { value?: string; bank?: string } = {},
): Promise<{ consentId: string; text: string }> {
  const check = await caller.call('POST', '/name-check', {
    bank: input.bank ?? 'BNINIDJA',
    account: '0098765432',
  });
  const terms = {
    fromAccount: '1990000001',
    nameCheckId: check.body.nameCheckId,
    amount: amount(input.value ?? '150000.00'),
    remark: 'Arisan',
  };
  const quote = await caller.call('POST', '/quote', terms);
  assert.equal(quote.body.isOpen, true, JSON.stringify(quote.body));
  const consent = await caller.call('POST', '/consent', { ...terms, text: quote.body.text });
  assert.equal(consent.status, 200, JSON.stringify(consent.body));
  return { consentId: consent.body.consentId, text: quote.body.text };
}

/** Sends the one request that moves money. */
export function pay(
  caller: Caller,
  consentId: string,
  change: Record<string, unknown> = {},
  key: string | undefined = KEY,
) {
  const body = {
    consentId,
    pin: '246810',
    bank: 'BNINIDJA',
    account: '0098765432',
    amount: amount('150000.00'),
    ...change,
  };
  return caller.call(
    'POST',
    '/transfers',
    body,
    key === undefined ? {} : { 'idempotency-key': key },
  );
}
