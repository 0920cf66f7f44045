import assert from 'node:assert/strict';
import test from 'node:test';
import { EMPTY_SET } from '../../gate/restriction.ts';
import { rupiah } from '../../kernel/money.ts';
import { wallTime } from '../../kernel/time.ts';
import { readBalance } from '../../ledger/account.ts';
import type { FakeRail } from '../../payment/test-rail.ts';
import { amount, BANK, KEY, RESTRICTION, signIn, withWorld, type Caller } from './test-world.ts';
import { openReal } from './test-engine.ts';

async function payOnUs(caller: Caller, value: string, key = KEY) {
  const check = await caller.call('POST', '/name-check', { bank: BANK.bic, account: '1990000002' });
  assert.equal(check.body.name, 'Ayu Lestari');
  const terms = {
    fromAccount: '1990000001',
    nameCheckId: check.body.nameCheckId,
    amount: amount(value),
    remark: 'Arisan',
  };
  const quote = await caller.call('POST', '/quote', terms);
  const { consentId } = (await caller.call('POST', '/consent', { ...terms, text: quote.body.text }))
    .body;
  const body = {
    consentId,
    pin: '246810',
    bank: BANK.bic,
    account: '1990000002',
    amount: amount(value),
  };
  return (answers?: readonly string[]) =>
    caller.call(
      'POST',
      '/transfers',
      { ...body, ...(answers && { answers }) },
      { 'idempotency-key': key },
    );
}

test('registerMobile() with the real engine: an on-us transfer moves the money once, however often it is sent', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const caller = await signIn(world);
    const send = await payOnUs(caller, '125000.00');
    const answers = await Promise.all([send(), send(), send()]);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.payment.status.label]),
      [
        [200, 'Berhasil'],
        [200, 'Berhasil'],
        [200, 'Berhasil'],
      ],
    );
    assert.equal(new Set(answers.map(({ body }) => body.payment.id)).size, 1);
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(4_875_000));
    assert.equal((await readBalance(world.db, '1990000002'))?.availableSen, rupiah(1_125_000));
    const found = await caller.call('GET', `/transfers/${KEY}`);
    assert.equal(found.body.payment.id, answers[0]!.body.payment.id);
    assert.deepEqual(
      found.body.steps.map(({ key, state }) => `${key} ${state}`),
      ['received done', 'debited done', 'finished done'],
    );
    assert.equal((await caller.call('GET', '/payments')).body.payments.length, 1);
  }, openReal(rail));
});

test('D26 registerMobile() asks about a repeat in true words, believes only answers to what it asked, in the same session and time', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const caller = await signIn(world);
    assert.equal((await (await payOnUs(caller, '125000.00'))()).status, 200);
    world.clock.shiftMs += 40_000;
    const again = await payOnUs(caller, '125000.00', 'key-again-0123456789');
    for (const answers of [['repeated'], undefined] as const) {
      const { status, body } = await again(answers);
      assert.deepEqual([status, body.code], [409, 'asked_first'], 'nothing was asked before');
      const [question] = (body as unknown as { questions: { code: string; text: string }[] })
        .questions;
      assert.equal(question!.code, 'repeated');
      assert.match(question!.text, /4[01] detik yang lalu/);
      // Asked now: an answer counts from here on, so the second round leaves it out.
      if (answers) assert.equal((await again([])).status, 409);
    }
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(4_875_000));
    const elsewhere = await payOnUs(caller, '125000.00', 'key-late-01234567890');
    assert.equal((await elsewhere()).body.code, 'asked_first');
    const paid = await again(['repeated', 'first_payee']);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    assert.equal((await again(['repeated'])).body.payment.id, paid.body.payment.id);
    assert.equal((await again()).body.payment.id, paid.body.payment.id, 'a lost answer');
    world.clock.shiftMs += 11 * 60_000;
    const late = await elsewhere(['repeated']);
    assert.deepEqual([late.status, late.body.code], [409, 'consent_missing']);
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(4_750_000));
  }, openReal(rail));
});

test('registerMobile() with the real engine: more than the balance is refused with the field and the way out, and nothing moves', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const send = await payOnUs(await signIn(world), '5000001.00');
    const { status, body } = await send();
    assert.deepEqual([status, body.code, body.field], [422, 'insufficient_funds', 'amount']);
    assert.match(body.wayOut, /Saldo Anda tidak terpotong/);
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(5_000_000));
  }, openReal(rail));
});

test('registerMobile() with the real engine: a restriction between consent and PIN stops the transfer with its explanation', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const send = await payOnUs(await signIn(world), '1000.00');
    world.set = {
      ...EMPTY_SET,
      version: 1,
      restrictions: [{ ...RESTRICTION, scope: { rail: 'onus' } }],
    };
    const { status, body } = await send();
    assert.deepEqual([status, body.code], [423, 'restricted']);
    assert.equal(
      (body as unknown as { explanation: { nextUpdateAtMs: number } }).explanation.nextUpdateAtMs,
      RESTRICTION.nextUpdateAtMs,
    );
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(5_000_000));
  }, openReal(rail));
});

test('registerMobile() with the real engine: a fee that changes between consent and PIN takes nothing and needs a new consent', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const caller = await signIn(world);
    const send = await payOnUs(caller, '125000.00');
    const nowMs = wallTime().now() + world.clock.shiftMs;
    await world.db.script(`
      insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select id, id, id, 'risk', '-', '-', '-', 'epoch' from unnest(array['s1', 's2']) id;
      insert into fee_tariff (rail, kind, version, fee_sen, valid_from, proposed_by, approved_by, approved_at, source)
        select 'onus', 'credit_transfer', 1, 50000, at + interval '1 minute', 's1', 's2', at, 'test' from to_timestamp(${nowMs} / 1000.0) at;`);
    world.clock.shiftMs += 62_000;
    const { status, body } = await send();
    assert.deepEqual([status, body.code], [409, 'fee_changed']);
    assert.match(body.wayOut, /Saldo Anda tidak terpotong/);
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(5_000_000));
    const again = await payOnUs(caller, '125000.00', '00000000-0000-4000-8000-000000000077');
    assert.equal((await again()).status, 200);
    assert.equal((await readBalance(world.db, '1990000001'))?.availableSen, rupiah(4_874_500));
  }, openReal(rail));
});

test('registerMobile() with the real engine: a lost answer of the hub shows as in progress with a promise, money held', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const caller = await signIn(world);
    rail.current!.enquireAccount = async () => ({
      found: true,
      name: 'SITI RAHAYU',
      accountType: 'SVGS',
    });
    rail.current!.onSend = () => 'lose_answer';
    const check = await caller.call('POST', '/name-check', {
      bank: 'BNINIDJA',
      account: '0098765432',
    });
    const terms = {
      fromAccount: '1990000001',
      nameCheckId: check.body.nameCheckId,
      amount: amount('100000.00'),
      remark: '',
    };
    const quote = await caller.call('POST', '/quote', terms);
    const { consentId } = (
      await caller.call('POST', '/consent', { ...terms, text: quote.body.text })
    ).body;
    const sent = await caller.call(
      'POST',
      '/transfers',
      {
        consentId,
        pin: '246810',
        bank: 'BNINIDJA',
        account: '0098765432',
        amount: amount('100000.00'),
      },
      { 'idempotency-key': KEY },
    );
    assert.deepEqual(
      [sent.status, sent.body.payment.isFinal, sent.body.payment.status.label],
      [200, false, 'Sedang diproses'],
    );
    assert.match(
      sent.body.promise,
      /^Jangan ulangi transaksi\. Kami kabari paling lambat \d\d:\d\d WIB\.|^Jangan ulangi/,
    );
    const home = await caller.call('GET', '/home');
    assert.deepEqual(
      [home.body.accounts[0]!.held.value, home.body.accounts[0]!.available.value],
      ['102500.00', '4897500.00'],
    );
  }, openReal(rail));
});
