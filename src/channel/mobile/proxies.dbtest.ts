import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { OTHER_PROXY } from './test-directory.ts';
import { proveContacts, signIn, withWorld, type Caller, type World } from './test-world.ts';

const TYPED = '0855-1111 2222';
const OWN = { type: '01', value: '6281234567890', account: '1990000001', pin: '246810' } as const;

async function check(caller: Caller, proxy: string) {
  return caller.call('POST', '/proxy-check', { proxy });
}

const change = (caller: Caller, operation: string, over: Record<string, unknown> = {}) =>
  caller.call('POST', '/proxies', { ...OWN, operation, ...over });

const stateOf = (body: {
  proxies: readonly { value: string; state: string; can: readonly string[] }[];
}) => body.proxies.find(({ value }) => value === OWN.value)!;

async function agreedTerms(world: World, caller: Caller) {
  const found = (await check(caller, TYPED)).body;
  const terms = {
    fromAccount: '1990000001',
    nameCheckId: found.nameCheckId,
    amount: { value: '50000.00', currency: 'IDR' },
    remark: '',
  };
  const quote = (await caller.call('POST', '/quote', terms)).body;
  const consent = await caller.call('POST', '/consent', { ...terms, text: quote.text });
  return { found, terms, quote, consent: consent.body };
}

test('a proxy is shown as bank and masked name before the PIN, and never as the whole name or account', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const response = await check(caller, TYPED);
    const found = response.body;
    assert.deepEqual(
      [found.found, found.name, found.bankName, found.account, found.proxy],
      ['yes', 'SI** RA****', 'Bank Negara Indonesia', '****6005', '01:6285511112222'],
    );
    const { quote } = await agreedTerms(world, caller);
    for (const shown of [JSON.stringify(response.body), JSON.stringify(quote)])
      assert.doesNotMatch(shown, /SITI|RAHAYU|1107006005/);
    assert.match(quote.text, /6285511112222/);
  }));

test('what is submitted binds the proxy, the resolved account and the name of the directory to the consent', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consent } = await agreedTerms(world, caller);
    const body = {
      consentId: consent.consentId,
      pin: '246810',
      bank: 'BNINIDJA',
      amount: { value: '50000.00', currency: 'IDR' },
    };
    const send = (over: object) =>
      caller.call(
        'POST',
        '/transfers',
        { ...body, ...over },
        { 'idempotency-key': 'key-of-the-proxy-1' },
      );
    assert.equal((await send({ proxy: '01:6285511112223' })).body.code, 'consent_mismatch');
    assert.equal((await send({ account: '1107006005' })).body.code, 'consent_mismatch');
    assert.equal((await send({ proxy: '01:6285511112222' })).status, 200);
    const [command] = world.engine.commands;
    assert.deepEqual(command?.creditorProxy, { ...OTHER_PROXY, registeredName: 'SITI RAHAYU' });
    assert.deepEqual(
      [command?.creditorAccount, command?.creditorName],
      ['1107006005', 'SI** RA****'],
    );
  }));

test('T18 names behind numbers are bounded per customer, found or not, however they are asked for', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, i) => check(caller, `0855 1111 22${i}${i}`)),
    );
    const refused = answers.filter((response) => response.body.code === 'proxy_limited');
    const asked = world.directory.lookups.length;
    assert.ok(asked <= 6, 'six in ten minutes, also when they come at once');
    assert.equal(refused.length, 9 - asked);
    const ayu = await signIn(world, 'ayu');
    assert.equal((await check(ayu, TYPED)).body.found, 'yes', 'one customer stops nobody else');
    world.clock.shiftMs = 11 * 60_000;
    for (let i = 0; i < 6; i += 1)
      assert.equal((await check(caller, TYPED)).body.found, 'yes', `${i + 1} of six`);
    assert.equal((await check(caller, TYPED)).body.code, 'proxy_limited');
    for (const typed of ['hello', '123', 'a@b'])
      assert.equal((await check(caller, typed)).body.code, 'proxy_malformed', typed);
  }));

test('only a proved contact is registered, with the PIN, and then paused, activated and removed', () =>
  withWorld(async (world) => {
    await proveContacts(world);
    const caller = await signIn(world);
    const listed = (await caller.call('GET', '/proxies')).body;
    assert.deepEqual(stateOf(listed).can, ['NEWR']);
    assert.equal((await change(caller, 'NEWR', { pin: '000000' })).body.code, 'pin_wrong');
    assert.equal((await change(caller, 'NEWR', { value: '6281999999999' })).body.code, 'not_found');
    assert.equal(
      (await change(caller, 'NEWR', { account: '1990000002' })).body.code,
      'account_not_yours',
    );
    assert.equal(world.directory.entries.size, 1, 'nothing was asked of the directory');
    for (const [operation, state] of [
      ['NEWR', 'active'],
      ['SUSP', 'suspended'],
      ['ACTV', 'active'],
      ['DEAC', 'ended'],
    ] as const)
      assert.equal(stateOf((await change(caller, operation)).body).state, state, operation);
    assert.equal((await change(caller, 'SUSP')).body.code, 'proxy_not_now');
  }));

test('T1 a registration without an answer stays open until the directory tells, and is not asked again meanwhile', () =>
  withWorld(async (world) => {
    await proveContacts(world);
    const caller = await signIn(world);
    world.directory.silence = 'after';
    const asked = stateOf((await change(caller, 'NEWR')).body);
    assert.deepEqual([asked.state, asked.can], ['asked', []]);
    await change(caller, 'NEWR');
    assert.equal(world.directory.entries.size, 2, 'asked once');
    world.clock.shiftMs = 20_000;
    assert.equal(stateOf((await caller.call('GET', '/proxies')).body).state, 'asked');
    world.directory.silence = 'none';
    assert.equal(stateOf((await caller.call('GET', '/proxies')).body).state, 'active');
    const events = await world.db.query<{ kind: string; data: string }>(
      sql`select kind, data from event where subject = 'cus_budi' and kind like 'proxy.%' order by id`,
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['proxy.asked', 'proxy.active'],
    );
    assert.doesNotMatch(events.map(({ data }) => data).join(), /62812/);
  }));

test('a number that another bank has is taken over, not registered, and the customer reads why', () =>
  withWorld(async (world) => {
    await proveContacts(world);
    const caller = await signIn(world);
    world.directory.refusal = 'U807';
    const refused = stateOf((await change(caller, 'NEWR')).body);
    assert.deepEqual([refused.state, refused.can], ['none', ['PORT']]);
    world.directory.refusal = undefined;
    assert.equal(stateOf((await change(caller, 'PORT')).body).state, 'active');
  }));

test('a customer looks at own proxies so often a minute and no more: each look may ask the directory', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) statuses.push((await caller.call('GET', '/proxies')).status);
    assert.deepEqual([statuses[19], statuses[20]], [200, 429]);
  }));
