import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkIds } from '../authorisation/instruction.ts';
import { rupiah } from '../kernel/money.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { RailAnswer } from '../rail/contract.ts';
import type { PaymentView } from './port.ts';
import { bifast, credit, FEE, NOON_WIB_MS, OPENING, withBank, type TestBank } from './test-bank.ts';
import type { Behaviour } from './test-rail.ts';

const HOUR = 3_600_000;
const SENT = OPENING - rupiah(10_000) - FEE;
const SETTLED: RailAnswer = { outcome: 'accepted', isFinal: true, code: 'U000' };
const REJECTED: RailAnswer = { outcome: 'rejected', code: 'U101' };

async function submitted(bank: TestBank, behaviour: Behaviour): Promise<PaymentView> {
  bank.rail.onSend = () => behaviour;
  const result = await bank.engine.submit(bifast());
  assert.ok(result.ok);
  await bank.time.sleep(1_000);
  return (await bank.engine.find(result.payment.id))!;
}

function tell(bank: TestBank, payment: PaymentView, answer: RailAnswer) {
  return bank.engine.take({
    kind: 'outcome',
    rail: 'bifast',
    bizMsgIdr: payment.bizMsgIdr!,
    answer,
    source: 'rail_notice',
  });
}

test('a provisional acceptance is not final: settlement or rejection follows', () =>
  withBank(async (bank) => {
    const one = await submitted(bank, 'accept');
    const two = await submitted(bank, 'accept');
    assert.deepEqual([one.state, two.state], ['accepted', 'accepted']);
    await tell(bank, one, SETTLED);
    await tell(bank, two, REJECTED);
    assert.deepEqual([await bank.state(one.id), await bank.state(two.id)], ['settled', 'refunded']);
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('an outcome that comes again does nothing again', () =>
  withBank(async (bank) => {
    const payment = await submitted(bank, 'accept');
    const other = bank.another();
    const notice = {
      kind: 'outcome',
      rail: 'bifast',
      bizMsgIdr: payment.bizMsgIdr!,
      answer: SETTLED,
      source: 'rail_notice',
    } as const;
    await Promise.all([bank.engine.take(notice), other.take(notice), bank.engine.take(notice)]);
    await bank.engine.take(notice);
    assert.equal((await bank.events('payment.settled')).length, 1);
    assert.deepEqual(await bank.messages('C1'), ['payment.settled']);
    await bank.checkMoney();
  }));

test('a rejection after settlement posts nothing and is told', () =>
  withBank(async (bank) => {
    const payment = await submitted(bank, 'settle');
    assert.deepEqual(await tell(bank, payment, REJECTED), { taken: true });
    assert.equal(await bank.state(payment.id), 'settled');
    assert.equal(await bank.available('1001'), SENT);
    assert.equal((await bank.events('payment.outcome_contradicted')).length, 1);
    await bank.checkMoney();
  }));

test('a settlement after a refund posts nothing and is told as such', () =>
  withBank(async (bank) => {
    const payment = await submitted(bank, 'reject');
    await tell(bank, payment, SETTLED);
    assert.equal(await bank.state(payment.id), 'refunded');
    assert.equal(await bank.available('1001'), OPENING);
    const [event] = await bank.events('payment.settled_after_refund');
    assert.equal(event!['bizMsgIdr'], payment.bizMsgIdr);
    await bank.checkMoney();
  }));

test('two contradicting final words at once: one wins, money moves once, the other is told', () =>
  withBank(async (bank) => {
    for (let round = 0; round < 5; round++) {
      const payment = await submitted(bank, 'accept');
      const notice = (answer: RailAnswer) =>
        ({
          kind: 'outcome',
          rail: 'bifast',
          bizMsgIdr: payment.bizMsgIdr!,
          answer,
          source: 'rail_notice',
        }) as const;
      await Promise.all([bank.engine.take(notice(SETTLED)), bank.another().take(notice(REJECTED))]);
      assert.match(await bank.state(payment.id), /^(settled|refunded)$/);
    }
    const told =
      (await bank.events('payment.outcome_contradicted')).length +
      (await bank.events('payment.settled_after_refund')).length;
    assert.equal(told, 5);
    await bank.checkMoney();
  }));

test('an outcome of an id that we never sent posts nothing and is told', () =>
  withBank(async (bank) => {
    for (const answer of [SETTLED, REJECTED]) {
      const taken = await bank.engine.take({
        kind: 'outcome',
        rail: 'bifast',
        bizMsgIdr: '20260801PULHIDJA010O0299999999',
        answer,
        source: 'rail_notice',
      });
      assert.deepEqual(taken, { taken: false, code: 'U106' });
    }
    assert.equal((await bank.events('payment.outcome_contradicted')).length, 2);
    await bank.checkMoney();
  }));

test('I12 the word of one rail about what another carried posts nothing and is told, its statement too', () =>
  withBank(async (bank) => {
    const payment = await submitted(bank, 'accept');
    const { bizMsgIdr } = payment;
    const taken = await bank.engine.take({
      kind: 'outcome',
      rail: 'biller',
      bizMsgIdr: bizMsgIdr!,
      answer: REJECTED,
      source: 'rail_notice',
    });
    assert.deepEqual(taken, { taken: false, code: 'U106' });
    bank.rail.book.set(bizMsgIdr!, { ...bank.rail.book.get(bizMsgIdr!)!, state: 'settled' });
    await bank.engine.take({ ...bank.statement('2026-08-01'), rail: 'biller' });
    assert.equal(await bank.state(payment.id), 'accepted');
    assert.equal((await bank.events('payment.outcome_contradicted')).length, 2);
    await bank.checkMoney();
  }));

test('a settlement told before the answer to our own call is not undone by it', () =>
  withBank(async (bank) => {
    const send = bank.rail.send.bind(bank.rail);
    bank.rail.send = async (input) => {
      await send(input);
      await bank.engine.take({
        kind: 'outcome',
        rail: 'bifast',
        bizMsgIdr: networkIds(input.instruction).bizMsgIdr,
        answer: SETTLED,
        source: 'rail_notice',
      });
      return { outcome: 'unknown', reason: 'no_answer' };
    };
    const result = await bank.engine.submit(bifast());
    assert.ok(result.ok);
    await bank.time.sleep(1_000);
    assert.equal(await bank.state(result.payment.id), 'settled');
    assert.deepEqual(await bank.messages('C1'), ['payment.settled']);
  }));

test('the statement is the last word: in it settles, not in it refunds, and once', () =>
  withBank(async (bank) => {
    bank.rail.inquiryMode = 'silent';
    const settled = await submitted(bank, 'lose_answer');
    const lost = await submitted(bank, 'lose_request');
    await bank.time.sleep(13 * HOUR);
    const statement = bank.statement('2026-08-01');
    for (let again = 0; again < 2; again++) {
      assert.deepEqual(await bank.engine.take(statement), { taken: true });
      await bank.engine.work();
    }
    assert.equal(await bank.state(settled.id), 'settled');
    assert.equal(await bank.state(lost.id), 'refunded');
    assert.deepEqual([(await bank.engine.find(lost.id))!.outcomeCode], ['NOT_IN_STATEMENT']);
    assert.deepEqual(
      (await bank.engine.find(settled.id))!.settledAtMs,
      statement.lines[0]!.settledAtMs,
    );
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('a payment sent at the cut-over is not refunded by the statement of its own date: the next one may hold it', () =>
  withBank(
    async (bank) => {
      bank.rail.inquiryMode = 'silent';
      const settled = await submitted(bank, 'lose_answer');
      const lost = await submitted(bank, 'lose_request');
      assert.equal(settled.businessDate, '2026-08-01');
      // The hub booked it a moment later, on the next date.
      bank.rail.book.set(settled.bizMsgIdr!, {
        state: 'settled',
        amountSen: String(settled.amountSen),
        bank: 'BNINIDJA',
        atMs: Date.parse('2026-08-02T00:00:02+07:00'),
      });
      await bank.time.sleep(2 * HOUR);
      await bank.engine.take(bank.statement('2026-08-01'));
      await bank.engine.work();
      assert.deepEqual(
        [await bank.state(settled.id), await bank.state(lost.id)],
        ['unknown', 'unknown'],
      );
      await bank.time.sleep(24 * HOUR);
      await bank.engine.take(bank.statement('2026-08-02'));
      await bank.engine.work();
      assert.deepEqual(
        [await bank.state(settled.id), await bank.state(lost.id)],
        ['settled', 'refunded'],
      );
      await bank.checkMoney();
    },
    { startMs: Date.parse('2026-08-01T23:59:58+07:00') },
  ));

test('a later statement alone refunds nothing while an earlier one is missing', () =>
  withBank(
    async (bank) => {
      bank.rail.inquiryMode = 'silent';
      const payment = await submitted(bank, 'lose_answer');
      await bank.time.sleep(26 * HOUR);
      await bank.engine.take({ ...bank.statement('2026-08-02'), lines: [] });
      await bank.engine.work();
      assert.match(await bank.state(payment.id), /^(unknown|review)$/);
    },
    { startMs: Date.parse('2026-08-01T23:59:58+07:00') },
  ));

/** The bank's clock is half an hour behind: it reads the evening before, whose statement is applied. */
function withLateClock(work: (bank: TestBank, mend: () => void) => Promise<void>): Promise<void> {
  return withBank(
    async (bank) => {
      await bank.engine.take(bank.statement('2026-08-01'));
      const now = bank.time.now.bind(bank.time);
      bank.time.now = () => now() - HOUR / 2;
      await work(bank, () => (bank.time.now = now));
    },
    { startMs: Date.parse('2026-08-02T00:10:00+07:00') },
  );
}

test('I2 a clock that is behind gives nothing back by a statement that was applied before the payment left', () =>
  withLateClock(async (bank, mend) => {
    bank.rail.inquiryMode = 'silent';
    const settled = await submitted(bank, 'lose_answer');
    const lost = await submitted(bank, 'lose_request');
    await bank.engine.work();
    mend();
    await bank.workUntil(bank.time.now() + 3 * 60_000);
    assert.deepEqual(
      [await bank.state(settled.id), await bank.state(lost.id)],
      ['unknown', 'unknown'],
    );
    await bank.time.sleep(24 * HOUR);
    bank.rail.book.set(settled.bizMsgIdr!, {
      state: 'settled',
      amountSen: String(settled.amountSen),
      bank: 'BNINIDJA',
      atMs: Date.parse('2026-08-02T00:10:00+07:00'),
    });
    await bank.engine.take(bank.statement('2026-08-02'));
    await bank.engine.work();
    assert.deepEqual(
      [await bank.state(settled.id), await bank.state(lost.id)],
      ['settled', 'refunded'],
    );
    await bank.checkMoney();
  }));

test('I2 a clock that is behind turns no credit away by a statement that was applied before it came', () =>
  withLateClock(async (bank, mend) => {
    const notice = credit();
    assert.ok((await bank.engine.take(notice)).taken);
    mend();
    await bank.workUntil(bank.time.now() + 70 * 60_000, 60_000);
    const { bizMsgIdr, fromBank } = notice;
    await bank.engine.take({ kind: 'credit_settled', rail: 'bifast', fromBank, bizMsgIdr });
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    await bank.checkMoney();
  }));

test('a part of a statement settles what it names and gives nothing back: the last part does', () =>
  withBank(async (bank) => {
    bank.rail.inquiryMode = 'silent';
    const settled = await submitted(bank, 'lose_answer');
    const lost = await submitted(bank, 'lose_request');
    const whole = bank.statement('2026-08-01');
    await bank.time.sleep(13 * HOUR);
    await bank.engine.take({ ...whole, hasMore: true });
    await bank.engine.work();
    assert.deepEqual(
      [await bank.state(settled.id), await bank.state(lost.id)],
      ['settled', 'unknown'],
    );
    await bank.engine.take({ ...whole, lines: [] });
    await bank.engine.work();
    assert.equal(await bank.state(lost.id), 'refunded');
    await bank.checkMoney();
  }));

test('I2 a crash in the middle of a statement gives nothing back that the rest of it names', () =>
  withBank(
    async (bank) => {
      bank.rail.inquiryMode = 'silent';
      const settled = await submitted(bank, 'lose_answer');
      const lost = await submitted(bank, 'lose_request');
      await bank.time.sleep(13 * HOUR);
      const statement = bank.statement('2026-08-01');
      const ledger: LedgerPort = {
        balance: (account) => bank.ledger.balance(account),
        counted: (keys) => bank.ledger.counted(keys),
        post: () => Promise.reject(new Error('killed')),
      };
      await assert.rejects(bank.another({ ledger }).take(statement), /killed/);
      await bank.workUntil(bank.time.now() + 3 * 60_000);
      assert.deepEqual(
        [await bank.state(settled.id), await bank.state(lost.id)],
        ['unknown', 'unknown'],
      );
      await bank.engine.take(statement);
      await bank.engine.work();
      assert.deepEqual(
        [await bank.state(settled.id), await bank.state(lost.id)],
        ['settled', 'refunded'],
      );
      await bank.checkMoney();
    },
    { mayFail: true },
  ));

test('a payment that is found unknown after its statement was applied is resolved by it at once', () =>
  withBank(async (bank) => {
    bank.rail.inquiryMode = 'silent';
    const payment = await submitted(bank, 'not_reached');
    bank.rail.recallMode = 'not_reached';
    await bank.time.sleep(13 * HOUR);
    await bank.engine.take(bank.statement('2026-08-01'));
    await bank.engine.work();
    assert.equal(await bank.state(payment.id), 'sending');
    bank.rail.recallMode = 'truth';
    bank.rail.journal.set((await jtiOf(bank, payment.id))!, { known: 'intent' });
    await bank.workUntil(bank.time.now() + 3 * 60_000);
    assert.equal(await bank.state(payment.id), 'refunded');
    await bank.checkMoney();
  }));

test('a statement that names another amount settles our instruction and tells of the difference', () =>
  withBank(async (bank) => {
    bank.rail.inquiryMode = 'silent';
    const payment = await submitted(bank, 'lose_answer');
    bank.rail.book.set(payment.bizMsgIdr!, {
      state: 'settled',
      amountSen: '1',
      bank: 'BNINIDJA',
      atMs: NOON_WIB_MS,
    });
    await bank.engine.take(bank.statement('2026-08-01'));
    assert.equal(await bank.state(payment.id), 'settled');
    assert.equal((await bank.events('payment.outcome_contradicted'))[0]!['saidAmountSen'], '1');
    await bank.checkMoney();
  }));

async function jtiOf(bank: TestBank, id: string): Promise<string | undefined> {
  const { sql } = await import('../db/sql.ts');
  return (await bank.db.query<{ jti: string }>(sql`select jti from payment where id = ${id}`))[0]
    ?.jti;
}
