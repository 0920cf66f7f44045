import assert from 'node:assert/strict';
import test from 'node:test';
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { DbFault, type Db } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { withTestDb } from '../../db/test-database.ts';
import { EMPTY_SET, type Restriction, type RestrictionSet } from '../../gate/restriction.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { openAccounts, ensureChart, readBalance, statement } from '../../ledger/account.ts';
import { rupiah } from '../../kernel/money.ts';
import { openAccess } from '../session/access.ts';
import { createCustomerCredential, createCustomers } from '../session/enrol.ts';
import { openSecrets } from '../session/secret.ts';
import { explainRestriction } from './explain.ts';
import { fakeEngine, type FakeEngine } from './fake-engine.ts';
import { registerMobile } from './register.ts';

const BANK = { name: 'Bank Pulih Daerah', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
const KEY = 'key-0123456789abcdef';
const RESTRICTION: Restriction = {
  id: 'rst_1', scope: { rail: 'bifast', direction: 'out' }, action: { kind: 'stop' }, level: 3, reasonClass: 'containment', cause: 'D2', evidence: [],
  placedBy: 'guard', isAutomatic: true, madeAtMs: 1_000, reviewAtMs: 2_000, nextUpdateAtMs: 3_000, posture: { kind: 'closed' },
};

interface World {
  readonly app: FastifyInstance;
  readonly db: Db;
  readonly engine: FakeEngine;
  readonly clock: { shiftMs: number };
  set: RestrictionSet;
}

interface Caller {
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: any }>;
  readonly csrf: string;
  readonly cookie: string;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  await withTestDb(async (db) => {
    const clock = { shiftMs: 0 };
    const wall = wallTime();
    const time = { ...wall, now: () => wall.now() + clock.shiftMs };
    const random = seededRandom('mobile');
    const secrets = openSecrets({ time, random, cost: { n: 2, r: 1, p: 1 } });
    await seed({ db, time, secrets });
    const engine = fakeEngine({ time, ourBic: BANK.bic });
    const world: World = { app: fastify(), db, engine, clock, set: EMPTY_SET };
    await registerMobile(world.app, {
      engine, db, time, random, log: silentLog, bank: BANK, explainRestriction, isSecure: true,
      access: openAccess({ db, time, random, secrets, log: silentLog }),
      holder: { current: () => world.set, decide: () => ({ kind: 'allow' }), accept: async () => ({ ok: false, reason: 'malformed' }), onChange: () => {} },
      balance: (number) => readBalance(db, number),
      statement: (account, page) => statement(db, account, page),
    });
    try {
      await work(world);
    } finally {
      await world.app.close();
    }
  });
}

async function seed(context: { db: Db; time: ReturnType<typeof wallTime>; secrets: ReturnType<typeof openSecrets> }): Promise<void> {
  const { db, time } = context;
  await createCustomers(context, [{ id: 'cus_budi', name: 'Budi Santoso' }, { id: 'cus_ayu', name: 'Ayu Lestari' }]);
  for (const username of ['budi', 'ayu']) {
    await createCustomerCredential(context, { customerId: `cus_${username}`, username, password: 'kata sandi', pin: '246810' });
  }
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs: time.now() });
    await openAccounts(tx, {
      nowMs: time.now(),
      accounts: [
        { number: '1990000001', name: 'Budi Santoso', customerId: 'cus_budi', openingSen: rupiah(5_000_000) },
        { number: '1990000002', name: 'Ayu Lestari', customerId: 'cus_ayu', openingSen: rupiah(1_000_000) },
      ],
    });
  });
  await db.query(sql`insert into participant (bic, name, short_name, bank_code, state, changed_at) values
    ('BNINIDJA', 'Bank Negara Indonesia', 'BNI', '009', 'open', ${new Date(0)}), ('CENAIDJA', 'Bank Central Asia', 'BCA', '014', 'closed', ${new Date(0)})`);
}

async function signIn(world: World, username = 'budi'): Promise<Caller> {
  const response = await world.app.inject({ method: 'POST', url: '/app/api/sign-in', payload: { username, password: 'kata sandi' } });
  assert.equal(response.statusCode, 200, response.body);
  const cookie = String(response.headers['set-cookie']);
  assert.match(cookie, /HttpOnly; Secure; SameSite=Strict/);
  const csrf = (response.json() as any).customer.csrfToken as string;
  return {
    csrf,
    cookie: cookie.split(';')[0]!,
    async call(method, path, body, headers = {}) {
      const options: InjectOptions = { method, url: `/app/api${path}`, headers: { cookie: cookie.split(';')[0]!, 'x-csrf-token': csrf, ...headers } };
      if (body !== undefined) options.payload = body as object;
      const answer = await world.app.inject(options);
      return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
    },
  };
}

const amount = (value: string) => ({ value, currency: 'IDR' });

async function agree(caller: Caller, input: { value?: string; bank?: string } = {}): Promise<{ consentId: string; text: string }> {
  const check = await caller.call('POST', '/name-check', { bank: input.bank ?? 'BNINIDJA', account: '0098765432' });
  const terms = { fromAccount: '1990000001', nameCheckId: check.body.nameCheckId, amount: amount(input.value ?? '150000.00'), remark: 'Arisan' };
  const quote = await caller.call('POST', '/quote', terms);
  assert.equal(quote.body.isOpen, true, JSON.stringify(quote.body));
  const consent = await caller.call('POST', '/consent', { ...terms, text: quote.body.text });
  assert.equal(consent.status, 200, JSON.stringify(consent.body));
  return { consentId: consent.body.consentId, text: quote.body.text };
}

function pay(caller: Caller, consentId: string, change: Record<string, unknown> = {}, key: string | undefined = KEY) {
  const body = { consentId, pin: '246810', bank: 'BNINIDJA', account: '0098765432', amount: amount('150000.00'), ...change };
  return caller.call('POST', '/transfers', body, key === undefined ? {} : { 'idempotency-key': key });
}

test('registerMobile() pays what was checked, quoted and agreed, and records the consent with the very words', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId, text } = await agree(caller);
    assert.match(text, /Rp150\.000 dari rekening 1990000001 ke SITI RAHAYU, Bank Negara Indonesia, rekening 0098765432\. Biaya Rp2\.500, total didebit Rp152\.500/);
    const paid = await pay(caller, consentId);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    assert.equal(paid.body.payment.status.label, 'Berhasil');
    assert.deepEqual(paid.body.steps.map((step: any) => step.state), ['done', 'done', 'done', 'done', 'done']);
    const command = world.engine.commands[0]!;
    assert.deepEqual(
      [command.debitAccount, command.creditorBank, command.creditorAccount, command.creditorName, command.amount, command.customerId, command.consentId],
      ['1990000001', 'BNINIDJA', '0098765432', 'SITI RAHAYU', rupiah(150_000), 'cus_budi', consentId],
    );
    const [row] = await world.db.query<any>(sql`select text_shown, language, device, session_hash, used_key from consent where id = ${consentId}`);
    assert.equal(row.text_shown, text);
    assert.deepEqual([row.language, row.device, row.session_hash.length, row.used_key], ['id', 'lightMyRequest', 32, KEY]);
  }));

test('registerMobile() refuses another amount, payee or bank than consented, and submits nothing', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    for (const change of [{ amount: amount('150000.01') }, { account: '0098765433' }, { bank: 'CENAIDJA' }]) {
      const answer = await pay(caller, consentId, change);
      assert.deepEqual([answer.status, answer.body.code], [409, 'consent_mismatch']);
    }
    assert.equal(world.engine.commands.length, 0);
  }));

test('registerMobile() one consent pays once: the same key gets the same payment, another key is refused', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    const first = await pay(caller, consentId);
    const again = await pay(caller, consentId);
    assert.deepEqual([again.status, again.body.isRepeat, again.body.payment.id], [200, true, first.body.payment.id]);
    const other = await pay(caller, consentId, {}, 'key-another-0123456789');
    assert.deepEqual([other.status, other.body.code], [409, 'consent_used']);
    assert.equal(world.engine.payments.size, 1);
  }));

test('registerMobile() two keys racing for one consent: one pays', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => pay(caller, consentId, {}, `key-${name}-0123456789ab`)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
    assert.equal(world.engine.payments.size, 1);
  }));

test('registerMobile() a lost commit is unknown, never failed, and the same key finds the payment', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    world.engine.say.fault = new DbFault('gone', { cause: new Error('gone'), commitUnknown: true });
    const lost = await pay(caller, consentId);
    assert.deepEqual([lost.status, lost.body.code], [503, 'outcome_unknown']);
    assert.doesNotMatch(lost.body.title + lost.body.wayOut, /gagal/i);
    delete world.engine.say.fault;
    const again = await pay(caller, consentId);
    assert.deepEqual([again.status, again.body.isRepeat], [200, true]);
    assert.equal(world.engine.payments.size, 1);
  }));

test('registerMobile() wants an Idempotency-Key, the PIN, and an unexpired consent of this session', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    assert.equal((await pay(caller, consentId, {}, '')).body.code, 'key_missing');
    assert.equal((await pay(caller, consentId, {}, 'short')).body.code, 'key_missing');
    const wrong = await pay(caller, consentId, { pin: '000000' });
    assert.deepEqual([wrong.status, wrong.body.code, wrong.body.field, wrong.body.triesLeft], [403, 'pin_wrong', 'pin', 4]);
    assert.equal((await pay(await signIn(world), consentId)).body.code, 'consent_missing');
    assert.equal((await pay(await signIn(world, 'ayu'), consentId)).body.code, 'consent_missing');
    world.clock.shiftMs = 11 * 60_000;
    assert.equal((await pay(caller, consentId)).body.code, 'consent_missing');
    assert.equal(world.engine.commands.length, 0);
  }));

test('registerMobile() the fifth wrong PIN locks it, and the right one does not open it', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    const codes: string[] = [];
    for (let i = 0; i < 5; i++) codes.push((await pay(caller, consentId, { pin: '111111' })).body.code);
    assert.deepEqual(codes, ['pin_wrong', 'pin_wrong', 'pin_wrong', 'pin_wrong', 'pin_locked']);
    const right = await pay(caller, consentId);
    assert.deepEqual([right.status, right.body.code], [423, 'pin_locked']);
    assert.equal(typeof right.body.untilMs, 'number');
    assert.equal(world.engine.commands.length, 0);
  }));

test('registerMobile() bounds PIN tries and sign-ins per minute', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    const tries = [];
    for (let i = 0; i < 11; i++) tries.push((await pay(caller, consentId, { amount: amount('1.00') })).status);
    assert.deepEqual([tries[9], tries[10]], [409, 429]);
    const statuses = [];
    for (let i = 0; i < 20; i++) {
      statuses.push((await world.app.inject({ method: 'POST', url: '/app/api/sign-in', payload: { username: 'x' } })).statusCode);
    }
    const limited = await world.app.inject({ method: 'POST', url: '/app/api/sign-in', payload: { username: 'budi', password: 'kata sandi' } });
    assert.deepEqual([limited.statusCode, limited.json().code], [429, 'rate_limited']);
  }));

test('registerMobile() says restricted with reason, alternative and next update before any PIN, and keeps the service visible', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    world.set = { ...EMPTY_SET, version: 1, madeAtMs: 5_000, restrictions: [RESTRICTION] };
    world.engine.say.restriction = RESTRICTION;
    const home = await caller.call('GET', '/home');
    const service = home.body.services.find((each: any) => each.key === 'bifast_out');
    assert.deepEqual([service.state, service.word, service.isOpen, service.nextUpdateAtMs], ['stopped', 'Dibatasi sementara', false, 3_000]);
    assert.ok(service.reason && service.alternative);
    assert.equal(home.body.services.find((each: any) => each.key === 'onus').state, 'normal');
    const banks = await caller.call('GET', '/banks');
    assert.deepEqual(banks.body.banks.map((bank: any) => [bank.bic, bank.isOpen]), [['PULHIDJA', true], ['CENAIDJA', false], ['BNINIDJA', false]]);
    const check = await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432' });
    const terms = { fromAccount: '1990000001', nameCheckId: check.body.nameCheckId, amount: amount('150000.00'), remark: '' };
    const quote = await caller.call('POST', '/quote', terms);
    assert.deepEqual([quote.body.isOpen, quote.body.refusal.code, quote.body.refusal.explanation.nextUpdateAtMs], [false, 'restricted', 3_000]);
    assert.equal((await caller.call('POST', '/consent', { ...terms, text: 'x' })).body.code, 'restricted');
  }));

test('registerMobile() shows recovery to those whose turn it is not, with the percentage', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const admission = { releaseId: 'rel_1', stage: 1, bucketsBelow: 0, staffOnly: false, sinceMs: 1 };
    world.set = { ...EMPTY_SET, version: 1, restrictions: [{ ...RESTRICTION, admission }] };
    const find = async () => (await caller.call('GET', '/home')).body.services.find((each: any) => each.key === 'bifast_out');
    assert.deepEqual([(await find()).state, (await find()).percent, (await find()).isOpen], ['recovering', 0, false]);
    world.set = { ...EMPTY_SET, version: 2, restrictions: [{ ...RESTRICTION, admission: { ...admission, bucketsBelow: 10_000 } }] };
    assert.deepEqual([(await find()).percent, (await find()).isOpen], [100, true]);
  }));

test('registerMobile() an unanswered name check is unknown, and gives nothing to pay to', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    world.engine.say.name = { found: 'unknown', reason: 'timeout' };
    const unknown = await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432' });
    assert.deepEqual([unknown.body.found, unknown.body.nameCheckId], ['unknown', undefined]);
    world.engine.say.name = { found: false, code: 'U101' };
    assert.equal((await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432' })).body.found, 'no');
  }));

test('registerMobile() a fee that changed since it was shown needs a new consent', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const check = await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432' });
    const terms = { fromAccount: '1990000001', nameCheckId: check.body.nameCheckId, amount: amount('150000.00'), remark: '' };
    const quote = await caller.call('POST', '/quote', terms);
    world.engine.say.feeSen = rupiah(6_500);
    const answer = await caller.call('POST', '/consent', { ...terms, text: quote.body.text });
    assert.deepEqual([answer.status, answer.body.code], [409, 'terms_changed']);
  }));

test("registerMobile() another customer's payment, key, account and name check do not exist", () =>
  withWorld(async (world) => {
    const budi = await signIn(world);
    const ayu = await signIn(world, 'ayu');
    const { consentId } = await agree(budi);
    const { body } = await pay(budi, consentId);
    const [row] = await world.db.query<{ id: string }>(sql`select id from name_check limit 1`);
    assert.equal((await budi.call('GET', `/payments/${body.payment.id}`)).status, 200);
    assert.equal((await ayu.call('GET', `/payments/${body.payment.id}`)).status, 404);
    assert.equal((await ayu.call('GET', `/transfers/${KEY}`)).status, 404);
    assert.equal((await ayu.call('GET', '/accounts/1990000001/statement')).status, 404);
    assert.deepEqual((await ayu.call('GET', '/payments')).body.payments, []);
    const terms = { amount: amount('1000.00'), remark: '', nameCheckId: row!.id };
    assert.equal((await ayu.call('POST', '/quote', { ...terms, fromAccount: '1990000001' })).body.code, 'account_not_yours');
    assert.equal((await ayu.call('POST', '/quote', { ...terms, fromAccount: '1990000002' })).body.code, 'name_check_expired');
  }));

test('registerMobile() admits nobody without a session, and no change without the CSRF header', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    for (const url of ['/home', '/banks', '/payments', '/messages']) {
      const answer = await world.app.inject({ method: 'GET', url: `/app/api${url}` });
      assert.deepEqual([answer.statusCode, answer.json().code], [401, 'signed_out']);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    }
    const forged = await world.app.inject({ method: 'POST', url: '/app/api/quote', headers: { cookie: caller.cookie }, payload: {} });
    assert.deepEqual([forged.statusCode, forged.json().code], [403, 'csrf']);
    assert.equal((await caller.call('POST', '/sign-out')).status, 204);
    assert.equal((await caller.call('GET', '/home')).status, 401);
  }));

test('registerMobile() refuses fields that no schema names, and says which', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const extra = await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432', limit: 'none' });
    assert.deepEqual([extra.status, extra.body.code, extra.body.field], [400, 'invalid_field', 'limit']);
    const bad = await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '12' });
    assert.deepEqual([bad.status, bad.body.field], [400, 'account']);
    const missing = await caller.call('POST', '/name-check', { bank: 'BNINIDJA' });
    assert.deepEqual([missing.status, missing.body.field], [400, 'account']);
  }));

test('registerMobile() language is a property of the person: kept, and used for every answer', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    assert.equal((await caller.call('PUT', '/language', { language: 'en' })).body.language, 'en');
    assert.match((await caller.call('GET', '/payments/pay_none')).body.title, /was not found/);
    const again = await signIn(world);
    assert.equal((await again.call('GET', '/session')).body.language, 'en');
    assert.match((await agree(again)).text, /^I agree to send Rp150\.000/);
  }));

test('registerMobile() messages are rendered for their reader, counted and marked', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const params = JSON.stringify({ amountSen: '15000000', feeSen: '250000', name: 'SITI RAHAYU', reference: 'R1', atMs: '1743231120000' });
    await world.db.query(sql`insert into customer_message (id, customer_id, template, params, made_at) values
      ('msg_1', 'cus_budi', 'payment.settled', ${params}, ${new Date(1)}), ('msg_2', 'cus_ayu', 'payment.settled', ${params}, ${new Date(2)})`);
    assert.equal((await caller.call('GET', '/home')).body.unread, 1);
    const found = (await caller.call('GET', '/messages')).body.messages;
    assert.deepEqual(found.map((each: any) => [each.id, each.title, each.isRead]), [['msg_1', 'Berhasil', false]]);
    assert.equal((await caller.call('POST', '/messages/read')).status, 204);
    assert.equal((await caller.call('GET', '/home')).body.unread, 0);
  }));

test('registerMobile() home shows own accounts only; the statement names each line', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const home = await caller.call('GET', '/home');
    assert.deepEqual(home.body.accounts.map((each: any) => [each.number, each.available.value]), [['1990000001', '5000000.00']]);
    const entries = (await caller.call('GET', '/accounts/1990000001/statement')).body.entries;
    assert.deepEqual(entries.map((each: any) => [each.label, each.amount.value]), [['Saldo awal', '5000000.00']]);
  }));
