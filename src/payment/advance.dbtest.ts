import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../db/sql.ts';
import { BugError } from '../kernel/assert.ts';
import { rupiah } from '../kernel/money.ts';
import { bifast, FEE, NOON_WIB_MS, OPENING, withBank, type TestBank } from './test-bank.ts';
import type { Behaviour } from './test-rail.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SENT = OPENING - rupiah(10_000) - FEE;

async function submitted(bank: TestBank, behaviour: Behaviour): Promise<string> {
  bank.rail.onSend = () => behaviour;
  const result = await bank.engine.submit(bifast());
  assert.ok(result.ok);
  await bank.time.sleep(1_000);
  return result.payment.id;
}

test('advance() refunds a rejected payment with its fee and tells the payer (T3)', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'reject');
    assert.equal(await bank.state(id), 'refunded');
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await bank.messages('C1'), ['payment.refunded']);
    assert.equal((await bank.engine.find(id))!.outcomeCode, 'U101');
    await bank.checkMoney();
  }));

test('T3 the payer is told of every end, and of doubt, whatever the payee has', () =>
  withBank(async (bank) => {
    const told: Record<string, readonly string[]> = {};
    for (const behaviour of ['settle', 'reject', 'lose_request'] as const) {
      const before = (await bank.messages('C1')).length;
      await submitted(bank, behaviour);
      told[behaviour] = (await bank.messages('C1')).slice(before);
    }
    assert.deepEqual(told, {
      settle: ['payment.settled'],
      reject: ['payment.refunded'],
      lose_request: ['payment.pending'],
    });
  }));

test('T5 a timeout releases no hold and rejects nothing: it is unknown', () =>
  withBank(async (bank) => {
    for (const behaviour of ['lose_request', 'lose_answer', 'lose_rejection', 'throw'] as const) {
      const before = await bank.available('1001');
      const id = await submitted(bank, behaviour);
      assert.equal(await bank.state(id), 'unknown');
      assert.equal(await bank.available('1001'), before - rupiah(10_000) - FEE);
    }
    await bank.checkMoney();
  }));

test('T5 when the gateway fell silent its journal is asked: never seen is sent again, once; seen is unknown', () =>
  withBank(async (bank) => {
    const send = bank.rail.send.bind(bank.rail);
    let silent = 0;
    bank.rail.send = async (input) => {
      if (silent++ > 0) return send(input);
      return { outcome: 'unknown', reason: 'gateway gave no answer' };
    };
    bank.rail.recallMode = 'not_reached';
    const id = await submitted(bank, 'settle');
    await bank.workUntil(NOON_WIB_MS + MINUTE / 2, 1_000);
    assert.notEqual(await bank.state(id), 'unknown', 'nobody has asked the journal yet');
    bank.rail.recallMode = 'truth';
    await bank.workUntil(NOON_WIB_MS + 2 * MINUTE, 1_000);
    assert.equal(await bank.state(id), 'settled');
    assert.deepEqual([...bank.rail.sends.values()], [1]);
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('T2 no number of unanswered inquiries turns an unknown into a failure', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'lose_answer');
    bank.rail.inquiryMode = 'silent';
    await bank.workUntil(NOON_WIB_MS + 11 * HOUR, 30_000);
    assert.equal(await bank.state(id), 'unknown');
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('T18 inquiries begin after 60 s, grow apart and stop at the budget', () =>
  withBank(async (bank) => {
    await submitted(bank, 'lose_answer');
    bank.rail.inquiryMode = 'silent';
    await bank.workUntil(NOON_WIB_MS + HOUR, 5_000);
    const times = bank.rail.inquiries.map((one) => one.atMs - NOON_WIB_MS);
    assert.equal(times.length, 5);
    assert.ok(times[0]! >= 48_000 && times[0]! <= 75_000, `first after ${times[0]} ms`);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    gaps.slice(1).forEach((gap, i) => assert.ok(gap > gaps[i]!, `gaps ${gaps.join()}`));
  }));

test('T18 many unknowns share the rate of the process', () =>
  withBank(
    async (bank) => {
      bank.rail.onSend = () => 'lose_answer';
      bank.rail.inquiryMode = 'silent';
      for (let i = 0; i < 20; i++) {
        assert.ok((await bank.engine.submit(bifast({ amount: rupiah(1_000) }))).ok);
      }
      await bank.workUntil(NOON_WIB_MS + 60_000, 500);
      const times = bank.rail.inquiries.map((one) => one.atMs);
      assert.equal(times.length, 20);
      for (let i = 4; i < times.length; i++) {
        assert.ok(times[i]! - times[i - 4]! >= 1_000, 'a full bucket and one second at most');
      }
    },
    { settings: { inquiryPerSecond: 2n, inquiryFirstMs: 1_000n, inquiryMax: 1n } },
  ));

test('an inquiry settles, or refunds, what was unknown', () =>
  withBank(async (bank) => {
    const settled = await submitted(bank, 'lose_answer');
    const refunded = await submitted(bank, 'lose_rejection');
    await bank.workUntil(NOON_WIB_MS + 2 * MINUTE, 5_000);
    assert.equal(await bank.state(settled), 'settled');
    assert.equal(await bank.state(refunded), 'refunded');
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('I3 a promise is renewed with a message before it passes, and counted', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'lose_answer');
    bank.rail.inquiryMode = 'silent';
    for (let step = 0; step < 200; step++) {
      await bank.engine.work();
      const view = (await bank.engine.find(id))!;
      assert.ok(view.promiseAtMs! > bank.time.now(), 'no promise passes in silence');
      await bank.time.sleep(5_000 + step * 1_000);
    }
    const view = (await bank.engine.find(id))!;
    assert.ok(view.promiseRenewals >= 2);
    const renewals = (await bank.messages('C1')).filter(
      (template) => template === 'payment.promise_renewed',
    );
    assert.equal(renewals.length, view.promiseRenewals);
  }));

test('T1 no payment ends in the middle: without a statement people get it in time, with one it is definite', () =>
  withBank(async (bank) => {
    const lost = await submitted(bank, 'lose_request');
    const accepted = await submitted(bank, 'accept');
    bank.rail.inquiryMode = 'silent';
    const view = (await bank.engine.find(lost))!;
    assert.ok(view.resolveByMs! > NOON_WIB_MS + 12 * HOUR);
    await bank.workUntil(view.resolveByMs! - MINUTE, 10 * MINUTE);
    assert.equal(await bank.state(lost), 'review');
    assert.equal(await bank.state(accepted), 'review');
    assert.ok((await bank.messages('C1')).includes('payment.review'));
    bank.rail.book.forEach((entry) => (entry.state = 'settled'));
    await bank.engine.take(bank.statement('2026-08-01'));
    await bank.engine.work();
    assert.equal(await bank.state(lost), 'refunded');
    assert.equal(await bank.state(accepted), 'settled');
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('advance() keeps what the gateway cannot be reached for, renews its promise and gives it back when too old', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'not_reached');
    bank.rail.recallMode = 'not_reached';
    await bank.workUntil(NOON_WIB_MS + 30 * MINUTE, 5_000);
    assert.equal(await bank.state(id), 'sending');
    assert.equal(
      (await bank.messages('C1')).filter((one) => one === 'payment.promise_renewed').length,
      1,
    );
    bank.rail.recallMode = 'truth';
    bank.rail.onSend = () => 'settle';
    await bank.workUntil(NOON_WIB_MS + 32 * MINUTE, 5_000);
    assert.equal(await bank.state(id), 'refunded');
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal(bank.rail.sends.size, 0);
    await bank.checkMoney();
  }));

test('advance() sends again with back-off when the gateway comes back in time', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'not_reached');
    bank.rail.onSend = () => 'settle';
    await bank.workUntil(NOON_WIB_MS + MINUTE, 1_000);
    assert.equal(await bank.state(id), 'settled');
    assert.deepEqual([...bank.rail.sends.values()], [1]);
  }));

test('advance() waits for a signer that is away and sends nothing unsigned', () =>
  withBank(async (bank) => {
    const sign = bank.signer.sign;
    bank.signer.sign = async () => {
      throw new Error('connection refused');
    };
    const id = await submitted(bank, 'settle');
    await bank.workUntil(NOON_WIB_MS + MINUTE, 1_000);
    assert.equal(await bank.state(id), 'held');
    bank.signer.sign = async (jtis) => ({
      tokens: {},
      refused: Object.fromEntries(jtis.map((jti) => [jti, 'not_committed'])),
    });
    await bank.workUntil(NOON_WIB_MS + 2 * MINUTE, 1_000);
    assert.equal(await bank.state(id), 'held');
    bank.signer.sign = sign;
    await bank.workUntil(NOON_WIB_MS + 3 * MINUTE, 1_000);
    assert.equal(await bank.state(id), 'settled');
  }));

test('advance() gets a new token for the same jti when the gateway calls it expired', () =>
  withBank(async (bank) => {
    let asked = 0;
    bank.rail.onSend = () => (++asked === 1 ? { notSent: 'expired' } : 'settle');
    const result = await bank.engine.submit(bifast());
    assert.ok(result.ok);
    assert.equal((await bank.engine.awaitOutcome(result.payment.id, 5_000)).state, 'settled');
    assert.equal(asked, 2);
  }));

test('advance() gives back what the gateway restricts, and only after the jti is burned', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, { notSent: 'restricted' });
    assert.equal(await bank.state(id), 'refunded');
    assert.deepEqual([...bank.rail.journal.values()], [{ known: 'voided' }]);
    assert.equal(await bank.available('1001'), OPENING);
    await bank.checkMoney();
  }));

test('advance() refunds nothing on a "used" token: the journal decides', () =>
  withBank(async (bank) => {
    const send = bank.rail.send.bind(bank.rail);
    // The first call arrives and its answer is lost on our side; the second finds the token used.
    bank.rail.send = async (input) => {
      await send(input);
      return send(input);
    };
    const result = await bank.engine.submit(bifast());
    assert.ok(result.ok);
    assert.equal((await bank.engine.awaitOutcome(result.payment.id, 5_000)).state, 'settled');
    assert.equal(await bank.available('1001'), SENT);
    assert.deepEqual([...bank.rail.sends.values()], [1]);
  }));

test('while many are on their way one that settles at once is written once, one that does not is accepted a moment later', () =>
  withBank(
    async (bank) => {
      bank.rail.onSend = () => 'accept';
      const made = await Promise.all(
        Array.from({ length: 40 }, (_, n) => bank.engine.submit(bifast({ key: `busy-${n}` }))),
      );
      const ids = made.map((result) => (assert.ok(result.ok), result.payment.id));
      await bank.time.sleep(150);
      const settled = ids.slice(0, 20);
      for (const id of settled) {
        const { bizMsgIdr } = (await bank.engine.find(id))!;
        const answer = { outcome: 'accepted', isFinal: true, code: 'U000' } as const;
        const notice = { kind: 'outcome', rail: 'bifast', source: 'rail_notice', answer } as const;
        await bank.engine.take({ ...notice, bizMsgIdr: bizMsgIdr! });
      }
      await bank.time.sleep(1_000);
      const states = await Promise.all(ids.map((id) => bank.state(id)));
      assert.deepEqual(new Set(states.slice(0, 20)), new Set(['settled']));
      assert.deepEqual(new Set(states.slice(20)), new Set(['accepted']));
      const accepted = await bank.db.query<{ subject: string }>(
        sql`select subject from event where kind = 'payment.accepted'`,
      );
      assert.ok(!accepted.some(({ subject }) => settled.includes(subject)));
      await bank.checkMoney();
    },
    { settings: { mobileVelocityCount: 1_000n } },
  ));

test('awaitOutcome() hears of another process within a poll and gives up in time', () =>
  withBank(async (bank) => {
    const id = await submitted(bank, 'accept');
    const other = bank.another();
    const waiting = bank.engine.awaitOutcome(id, 10_000);
    await bank.time.sleep(500);
    const bizMsgIdr = (await bank.engine.find(id))!.bizMsgIdr!;
    await other.take({
      kind: 'outcome',
      rail: 'bifast',
      bizMsgIdr,
      answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
      source: 'rail_notice',
    });
    const toldMs = bank.time.now();
    assert.equal((await waiting).state, 'settled');
    assert.ok(bank.time.now() - toldMs < 1_000);
    const lost = await submitted(bank, 'lose_request');
    const startMs = bank.time.now();
    assert.equal((await bank.engine.awaitOutcome(lost, 2_000)).state, 'unknown');
    assert.ok(bank.time.now() - startMs <= 2_100);
    const askedMs = bank.time.now();
    await assert.rejects(bank.engine.awaitOutcome('pay_none', 10_000), BugError);
    assert.ok(bank.time.now() - askedMs < 1_000);
  }));

test('I11 logs hold ids, never a name, an account number, a remark or a token', () =>
  withBank(async (bank) => {
    const texts = {
      debitAccount: '1001',
      creditorAccount: '9008007006',
      creditorName: 'NAMA RAHASIA',
      remark: 'CATATAN RAHASIA',
    };
    for (const behaviour of [
      'settle',
      'reject',
      'lose_answer',
      'throw',
      'not_reached',
      { notSent: 'restricted' },
      { notSent: 'malformed' },
    ] as const) {
      bank.rail.onSend = () => behaviour;
      await bank.engine.submit(bifast({ ...texts, amount: rupiah(1_000) }));
      await bank.time.sleep(1_000);
    }
    bank.signer.sign = async () => {
      throw new Error('connection refused');
    };
    await bank.engine.submit(bifast(texts));
    await bank.engine.take({
      kind: 'outcome',
      rail: 'bifast',
      bizMsgIdr: 'x',
      answer: { outcome: 'rejected', code: 'U101' },
      source: 'rail_notice',
    });
    await bank.workUntil(bank.time.now() + 20 * MINUTE, 10_000);
    assert.ok(bank.logged.length > 5);
    const events = (
      await bank.db.query<{ data: string }>(sql`select data from event where kind like 'payment.%'`)
    ).map((row) => row.data);
    for (const line of [...bank.logged, ...events]) {
      for (const secret of ['RAHASIA', '9008007006', '"1001"', 'SINTETIS', 'token:'])
        assert.ok(!line.includes(secret), line);
    }
  }));
