/** Standing orders over the mobile API: agreed word for word, made once, and only their owner's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { wibDate } from '../../kernel/time.ts';
import { addDays } from '../../standing/schedule.ts';
import {
  KEY,
  RESTRICTION,
  amount,
  pay,
  signIn,
  withWorld,
  type Caller,
  type World,
} from './test-world.ts';

const TOMORROW = addDays(wibDate(Date.now()), 1);
const WEEKLY = { repetition: 'weekly', firstDate: TOMORROW, end: { kind: 'times', count: 4 } };

async function termsOf(caller: Caller, schedule: unknown = WEEKLY, value = '150000.00') {
  const check = await caller.call('POST', '/name-check', {
    bank: 'BNINIDJA',
    account: '0098765432',
  });
  return {
    fromAccount: '1990000001',
    nameCheckId: check.body.nameCheckId,
    amount: amount(value),
    remark: 'Arisan',
    schedule,
  };
}

async function agreeLater(caller: Caller, schedule: unknown = WEEKLY): Promise<string> {
  const terms = await termsOf(caller, schedule);
  const quote = await caller.call('POST', '/standing-orders/quote', terms);
  assert.equal(quote.body.isOpen, true, JSON.stringify(quote.body));
  const consent = await caller.call('POST', '/standing-orders/consent', {
    ...terms,
    text: quote.body.text,
  });
  assert.equal(consent.status, 200, JSON.stringify(consent.body));
  return consent.body.consentId;
}

function make(
  caller: Caller,
  consentId: string,
  change: Record<string, unknown> = {},
  key: string = KEY,
) {
  const body = {
    consentId,
    pin: '246810',
    bank: 'BNINIDJA',
    account: '0098765432',
    amount: amount('150000.00'),
    schedule: WEEKLY,
    ...change,
  };
  return caller.call('POST', '/standing-orders', body, { 'idempotency-key': key });
}

const made = async (caller: Caller): Promise<string> =>
  (await make(caller, await agreeLater(caller))).body.order.id;

async function count(world: World): Promise<number> {
  const rows = await world.db.query(sql`select id from standing_order`);
  return rows.length;
}

test('the words that are agreed to name payee, dates, end and the highest fee; the order then shows the same', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const quote = await caller.call('POST', '/standing-orders/quote', await termsOf(caller));
    assert.match(
      quote.body.text,
      /^Saya setuju mengirim Rp150\.000 dari rekening 1990000001 ke .*, Bank Negara Indonesia, rekening 0098765432, setiap \S+ mulai .* \d{4}, 4 kali\. Biaya yang berlaku pada hari itu, paling tinggi Rp2\.500 \(biaya saat ini\); bila lebih tinggi, tidak dikirim dan saya dikabari\. Total paling tinggi Rp152\.500 setiap kali\. Berita: Arisan\.$/,
    );
    assert.equal(quote.body.dates.length, 3);
    assert.match(quote.body.how, /mulai pukul 06:00 WIB.*lagi pukul 12:00 dan 18:00 WIB/);
    const answer = await make(caller, await agreeLater(caller));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { order } = answer.body;
    assert.equal(order.state, 'active');
    assert.equal(order.when, quote.body.when);
    assert.deepEqual(order.can, { pause: true, resume: false, cancel: true });
    const list = await caller.call('GET', '/standing-orders');
    assert.deepEqual(
      list.body.orders.map(({ id }) => id),
      [order.id],
    );
    const messages = await caller.call('GET', '/messages');
    assert.equal(messages.body.messages[0]?.standingOrderId, order.id);
    assert.match(messages.body.messages[0]?.body ?? '', /kami jalankan mulai/);
  }));

test('one key and one consent make one order, however often it is asked', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const consentId = await agreeLater(caller);
    const answers = await Promise.all([make(caller, consentId), make(caller, consentId)]);
    const again = await make(caller, consentId);
    assert.equal(again.body.isRepeat, true);
    for (const one of answers) assert.equal(one.body.order.id, again.body.order.id);
    assert.equal(await count(world), 1);
    const other = await make(caller, consentId, {}, 'key-another-0123456789');
    assert.deepEqual([other.status, other.body.code], [409, 'consent_used']);
    const second = await make(caller, await agreeLater(caller));
    assert.deepEqual([second.status, second.body.code], [409, 'key_conflict']);
  }));

test('a consent for later never pays now, one for now makes no order, and another schedule is not what was agreed', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const consentId = await agreeLater(caller);
    const now = await pay(caller, consentId);
    assert.deepEqual([now.status, now.body.code], [409, 'consent_mismatch']);
    for (const change of [
      { schedule: { ...WEEKLY, end: { kind: 'never' } } },
      { schedule: { ...WEEKLY, repetition: 'monthly' } },
      { amount: amount('150001.00') },
      { account: '0098765433' },
    ]) {
      const answer = await make(caller, consentId, change);
      assert.deepEqual([answer.status, answer.body.code], [409, 'consent_mismatch']);
    }
    const terms = await termsOf(caller);
    const { schedule: _, ...plain } = terms;
    const quote = await caller.call('POST', '/quote', plain);
    const one = await caller.call('POST', '/consent', { ...plain, text: quote.body.text });
    const answer = await make(caller, one.body.consentId);
    assert.deepEqual([answer.status, answer.body.code], [409, 'consent_mismatch']);
    assert.equal(await count(world), 0);
    assert.equal(world.engine.commands.length, 0);
  }));

test('what cannot be agreed is refused with its field, in words', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const refuse = async (schedule: unknown) => {
      const answer = await caller.call(
        'POST',
        '/standing-orders/quote',
        await termsOf(caller, schedule),
      );
      return [answer.status, answer.body.code, answer.body.field];
    };
    const once = { repetition: 'once', end: { kind: 'never' } };
    const today = addDays(TOMORROW, -1);
    assert.deepEqual(await refuse({ ...once, firstDate: today }), [
      422,
      'date_not_ahead',
      'firstDate',
    ]);
    assert.deepEqual(await refuse({ ...once, firstDate: addDays(today, 366) }), [
      422,
      'date_too_far',
      'firstDate',
    ]);
    assert.deepEqual(await refuse({ ...once, firstDate: '2026-02-31' }), [
      422,
      'date_invalid',
      'firstDate',
    ]);
    assert.deepEqual(await refuse({ ...WEEKLY, end: { kind: 'until' } }), [
      422,
      'end_invalid',
      'end',
    ]);
    assert.deepEqual(await refuse({ ...WEEKLY, more: 1 }), [400, 'invalid_field', 'schedule']);
    const large = await caller.call('POST', '/standing-orders/quote', {
      ...(await termsOf(caller)),
      fromAccount: '1990000002',
    });
    assert.deepEqual([large.status, large.body.code], [404, 'account_not_yours']);
  }));

test('I7 a stopped service is told before the PIN and forbids no order for later', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    world.engine.say.restriction = RESTRICTION;
    const quote = await caller.call('POST', '/standing-orders/quote', await termsOf(caller));
    assert.equal(quote.body.isOpen, true);
    assert.match(quote.body.notice.wayOut, /tetap dapat dibuat/);
    assert.ok(quote.body.notice.explanation.title.length > 3);
    assert.equal((await make(caller, await agreeLater(caller))).status, 200);
    delete world.engine.say.restriction;
    world.engine.say.quoteRefusal = 'above_rail_cap';
    const closed = await caller.call('POST', '/standing-orders/quote', await termsOf(caller));
    assert.deepEqual([closed.body.isOpen, closed.body.refusal.code], [false, 'above_rail_cap']);
  }));

test('the PIN makes and resumes; pausing and cancelling need none; nobody else sees or touches the order', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const wrong = await make(caller, await agreeLater(caller), { pin: '000000' });
    assert.deepEqual([wrong.status, wrong.body.code], [403, 'pin_wrong']);
    const id = await made(caller);
    const ayu = await signIn(world, 'ayu');
    for (const [method, path, body] of [
      ['GET', `/standing-orders/${id}`],
      ['POST', `/standing-orders/${id}/pause`],
      ['POST', `/standing-orders/${id}/cancel`],
      ['POST', `/standing-orders/${id}/resume`, { pin: '246810' }],
    ] as const)
      assert.equal((await ayu.call(method, path, body)).status, 404);
    assert.deepEqual((await ayu.call('GET', '/standing-orders')).body.orders, []);
    const paused = await caller.call('POST', `/standing-orders/${id}/pause`);
    assert.deepEqual([paused.status, paused.body.order.state], [200, 'paused']);
    const guess = await caller.call('POST', `/standing-orders/${id}/resume`, { pin: '000000' });
    assert.equal(guess.body.code, 'pin_wrong');
    const resumed = await caller.call('POST', `/standing-orders/${id}/resume`, { pin: '246810' });
    assert.equal(resumed.body.order.state, 'active');
    for (let i = 0; i < 2; i++)
      assert.equal(
        (await caller.call('POST', `/standing-orders/${id}/cancel`)).body.order.state,
        'cancelled',
      );
    const over = await caller.call('POST', `/standing-orders/${id}/pause`);
    assert.deepEqual([over.status, over.body.code], [409, 'order_over']);
  }));

test('the runs of an order say what became of each date, and link to the payment', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    const id = await made(caller);
    world.clock.shiftMs = 31 * 3_600_000;
    await world.standing.work();
    const later = await signIn(world);
    const { runs } = (await later.call('GET', `/standing-orders/${id}`)).body;
    assert.equal(runs.length, 1);
    assert.match(runs[0]!.paymentId, /^pay_/);
  }));
