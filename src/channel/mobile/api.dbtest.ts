import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../db/sql.ts';
import { EMPTY_SET } from '../../gate/restriction.ts';
import { agree, amount, KEY, pay, RESTRICTION, signIn, withWorld } from './test-world.ts';

test('registerMobile() says restricted with reason, alternative and next update before any PIN, and keeps the service visible', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    world.set = { ...EMPTY_SET, version: 1, madeAtMs: 5_000, restrictions: [RESTRICTION] };
    world.engine.say.restriction = RESTRICTION;
    const home = await caller.call('GET', '/home');
    const service = home.body.services.find((each) => each.key === 'bifast_out')!;
    assert.deepEqual(
      [service.state, service.word, service.isOpen, service.nextUpdateAtMs],
      ['stopped', 'Dibatasi sementara', false, 3_000],
    );
    assert.ok(service.reason && service.alternative);
    assert.equal(home.body.services.find((each) => each.key === 'onus')!.state, 'normal');
    const banks = await caller.call('GET', '/banks');
    assert.deepEqual(
      banks.body.banks.map((bank) => [bank.bic, bank.isOpen, bank.explanation !== undefined]),
      [
        ['PULHIDJA', true, false],
        // BI-FAST is restricted and says so; the other way is open.
        ['CENAIDJA', true, true],
        ['BNINIDJA', true, true],
      ],
    );
    const check = await caller.call('POST', '/name-check', {
      bank: 'BNINIDJA',
      account: '0098765432',
    });
    const terms = {
      fromAccount: '1990000001',
      nameCheckId: check.body.nameCheckId,
      amount: amount('150000.00'),
      remark: '',
    };
    const quote = await caller.call('POST', '/quote', terms);
    assert.deepEqual(
      [quote.body.isOpen, quote.body.refusal.code, quote.body.refusal.explanation.nextUpdateAtMs],
      [false, 'restricted', 3_000],
    );
    assert.deepEqual(
      quote.body.routes.map(({ route, isOpen, refusal }) => [
        route,
        isOpen,
        refusal?.explanation?.nextUpdateAtMs,
      ]),
      [
        ['bifast', false, 3_000],
        ['switch', true, undefined],
      ],
    );
    assert.equal(
      (await caller.call('POST', '/consent', { ...terms, text: 'x' })).body.code,
      'restricted',
    );
  }));

test('registerMobile() shows recovery to those whose turn it is not, with the percentage', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const admission = {
      releaseId: 'rel_1',
      stage: 1,
      bucketsBelow: 0,
      staffOnly: false,
      sinceMs: 1,
    };
    world.set = { ...EMPTY_SET, version: 1, restrictions: [{ ...RESTRICTION, admission }] };
    const find = async () =>
      (await caller.call('GET', '/home')).body.services.find((each) => each.key === 'bifast_out')!;
    assert.deepEqual(
      [(await find()).state, (await find()).percent, (await find()).isOpen],
      ['recovering', 0, false],
    );
    world.set = {
      ...EMPTY_SET,
      version: 2,
      restrictions: [{ ...RESTRICTION, admission: { ...admission, bucketsBelow: 10_000 } }],
    };
    assert.deepEqual([(await find()).percent, (await find()).isOpen], [100, true]);
  }));

test('registerMobile() an unanswered name check is unknown, and gives nothing to pay to', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    world.engine.say.name = { found: 'unknown', reason: 'timeout' };
    const unknown = await caller.call('POST', '/name-check', {
      bank: 'BNINIDJA',
      account: '0098765432',
    });
    assert.deepEqual([unknown.body.found, unknown.body.nameCheckId], ['unknown', undefined]);
    world.engine.say.name = { found: false, code: 'U101' };
    assert.equal(
      (await caller.call('POST', '/name-check', { bank: 'BNINIDJA', account: '0098765432' })).body
        .found,
      'no',
    );
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
    assert.equal(
      (await ayu.call('POST', '/quote', { ...terms, fromAccount: '1990000001' })).body.code,
      'account_not_yours',
    );
    assert.equal(
      (await ayu.call('POST', '/quote', { ...terms, fromAccount: '1990000002' })).body.code,
      'name_check_expired',
    );
  }));

test('registerMobile() admits nobody without a session, and no change without the CSRF header', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    for (const url of ['/home', '/banks', '/payments', '/messages']) {
      const answer = await world.app.inject({ method: 'GET', url: `/app/api${url}` });
      assert.deepEqual([answer.statusCode, answer.json().code], [401, 'signed_out']);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    }
    const forged = await world.app.inject({
      method: 'POST',
      url: '/app/api/quote',
      headers: { cookie: caller.cookie },
      payload: {},
    });
    assert.deepEqual([forged.statusCode, forged.json().code], [403, 'csrf']);
    assert.equal((await caller.call('POST', '/sign-out')).status, 204);
    assert.equal((await caller.call('GET', '/home')).status, 401);
  }));

test('registerMobile() refuses fields that no schema names, and says which', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const extra = await caller.call('POST', '/name-check', {
      bank: 'BNINIDJA',
      account: '0098765432',
      limit: 'none',
    });
    assert.deepEqual(
      [extra.status, extra.body.code, extra.body.field],
      [400, 'invalid_field', 'limit'],
    );
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
    const params = JSON.stringify({
      amountSen: '15000000',
      feeSen: '250000',
      name: 'SITI RAHAYU',
      reference: 'R1',
      atMs: '1743231120000',
    });
    await world.db
      .query(sql`insert into customer_message (id, customer_id, template, params, made_at) values
      ('msg_1', 'cus_budi', 'payment.settled', ${params}, ${new Date(1)}), ('msg_2', 'cus_ayu', 'payment.settled', ${params}, ${new Date(2)})`);
    assert.equal((await caller.call('GET', '/home')).body.unread, 1);
    const found = (await caller.call('GET', '/messages')).body.messages;
    assert.deepEqual(
      found.map((each) => [each.id, each.title, each.isRead]),
      [['msg_1', 'Berhasil', false]],
    );
    assert.equal((await caller.call('POST', '/messages/read')).status, 204);
    assert.equal((await caller.call('GET', '/home')).body.unread, 0);
  }));

test('registerMobile() home shows own accounts only; the statement names each line', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const home = await caller.call('GET', '/home');
    assert.deepEqual(
      home.body.accounts.map((each) => [each.number, each.available.value]),
      [['1990000001', '5000000.00']],
    );
    const entries = (await caller.call('GET', '/accounts/1990000001/statement')).body.entries;
    assert.deepEqual(
      entries.map((each) => [each.label, each.amount.value, each.balance?.value]),
      [['Saldo awal', '5000000.00', '5000000.00']],
    );
  }));
