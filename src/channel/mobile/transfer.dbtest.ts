import assert from 'node:assert/strict';
import test from 'node:test';
import { DbFault } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import { rupiah } from '../../kernel/money.ts';
import { claimConsent } from './store.ts';
import { agree, amount, KEY, pay, signIn, withWorld } from './test-world.ts';

interface ConsentFacts {
  readonly text_shown: string;
  readonly language: string;
  readonly device: string;
  readonly session_hash: Buffer;
  readonly used_key: string;
}

test('registerMobile() pays what was checked, quoted and agreed, and records the consent with the very words', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId, text } = await agree(caller);
    assert.match(
      text,
      /Rp150\.000 dari rekening 1990000001 ke SITI RAHAYU, Bank Negara Indonesia, rekening 0098765432, lewat BI-FAST\. Biaya Rp2\.500, total didebit Rp152\.500/,
    );
    const paid = await pay(caller, consentId);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    assert.equal(paid.body.payment.status.label, 'Berhasil');
    assert.deepEqual(
      paid.body.steps.map((step) => step.state),
      ['done', 'done', 'done', 'done', 'done'],
    );
    const command = world.engine.commands[0]!;
    assert.deepEqual(
      [
        command.debitAccount,
        command.creditorBank,
        command.creditorAccount,
        command.creditorName,
        command.amount,
        command.customerId,
        command.consentId,
      ],
      [
        '1990000001',
        'BNINIDJA',
        '0098765432',
        'SITI RAHAYU',
        rupiah(150_000),
        'cus_budi',
        consentId,
      ],
    );
    const [row] = await world.db.query<ConsentFacts>(
      sql`select text_shown, language, device, session_hash, used_key from consent where id = ${consentId}`,
    );
    assert.ok(row);
    assert.equal(row.text_shown, text);
    assert.deepEqual(
      [row.language, row.device, row.session_hash.length, row.used_key],
      ['id', 'lightMyRequest', 32, KEY],
    );
    const { proof } = command;
    assert.ok(proof?.kind === 'session' && proof.device === 'lightMyRequest', 'D15');
    assert.equal(proof.session, row.session_hash.toString('hex'));
  }));

test('registerMobile() refuses another amount, payee or bank than consented, and submits nothing', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    for (const change of [
      { amount: amount('150000.01') },
      { account: '0098765433' },
      { bank: 'CENAIDJA' },
    ]) {
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
    assert.deepEqual(
      [again.status, again.body.isRepeat, again.body.payment.id],
      [200, true, first.body.payment.id],
    );
    const other = await pay(caller, consentId, {}, 'key-another-0123456789');
    assert.deepEqual([other.status, other.body.code], [409, 'consent_used']);
    assert.equal(world.engine.payments.size, 1);
  }));

test('registerMobile() two keys racing for one consent: one pays', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId } = await agree(caller);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => pay(caller, consentId, {}, `key-${name}-0123456789ab`)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409, 409, 409],
    );
    assert.equal(world.engine.payments.size, 1);
  }));

test('claimConsent() lets the first key use a consent, that key again, no other, and none after it expired', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const { consentId: id } = await agree(caller);
    const { consentId: late } = await agree(caller);
    const nowMs = Date.now();
    const claim = (key: string) => claimConsent(world.db, { id, key, nowMs });
    const raced = await Promise.all(['a', 'b', 'c', 'd'].map(claim));
    assert.equal(raced.filter(Boolean).length, 1);
    const first = ['a', 'b', 'c', 'd'][raced.indexOf(true)]!;
    assert.deepEqual([await claim(first), await claim('e')], [true, false]);
    assert.equal(
      await claimConsent(world.db, { id: late, key: 'f', nowMs: nowMs + 11 * 60_000 }),
      false,
    );
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
    assert.deepEqual(
      [wrong.status, wrong.body.code, wrong.body.field, wrong.body.triesLeft],
      [403, 'pin_wrong', 'pin', 4],
    );
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
    for (let i = 0; i < 5; i++)
      codes.push((await pay(caller, consentId, { pin: '111111' })).body.code);
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
    for (let i = 0; i < 11; i++)
      tries.push((await pay(caller, consentId, { amount: amount('1.00') })).status);
    assert.deepEqual([tries[9], tries[10]], [409, 429]);
    const statuses = [];
    for (let i = 0; i < 20; i++) {
      statuses.push(
        (
          await world.app.inject({
            method: 'POST',
            url: '/app/api/sign-in',
            payload: { username: 'x' },
          })
        ).statusCode,
      );
    }
    const limited = await world.app.inject({
      method: 'POST',
      url: '/app/api/sign-in',
      payload: { username: 'budi', password: 'kata sandi' },
    });
    assert.deepEqual([limited.statusCode, limited.json().code], [429, 'rate_limited']);
  }));

test('registerMobile() a fee that changed since it was shown needs a new consent', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
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
    world.engine.say.feeSen = rupiah(6_500);
    const answer = await caller.call('POST', '/consent', { ...terms, text: quote.body.text });
    assert.deepEqual([answer.status, answer.body.code], [409, 'terms_changed']);
  }));

test('registerMobile() the chosen way is agreed to in words, bound by the consent and part of the command; nothing changes it afterwards', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const check = await caller.call('POST', '/name-check', {
      bank: 'BNINIDJA',
      account: '0098765432',
    });
    const terms = {
      fromAccount: '1990000001',
      nameCheckId: check.body.nameCheckId,
      amount: amount('150000.00'),
      remark: '',
      route: 'switch',
    };
    const quote = await caller.call('POST', '/quote', terms);
    assert.equal(quote.body.route, 'switch');
    assert.match(quote.body.text, /rekening 0098765432, lewat transfer online \(jaringan ATM\)\./);
    const other = { ...terms, route: 'bifast', text: quote.body.text };
    assert.equal((await caller.call('POST', '/consent', other)).body.code, 'terms_changed');
    const consent = await caller.call('POST', '/consent', { ...terms, text: quote.body.text });
    const { consentId } = consent.body;
    const swapped = await pay(caller, consentId, { route: 'bifast' });
    assert.equal(swapped.body.code, 'consent_mismatch');
    assert.equal(world.engine.commands.length, 0);
    const paid = await pay(caller, consentId);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    assert.equal(world.engine.commands[0]?.route, 'switch');
  }));
