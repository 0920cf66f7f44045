/** A crash at every fault point of the engine, and a peer that finishes the work: one effect and a definite outcome. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DbFault } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { rupiah } from '../kernel/money.ts';
import type { LedgerPort } from '../ledger/port.ts';
import { bifast, FEE, NOON_WIB_MS, OPENING, withBank } from './test-bank.ts';

const MINUTE = 60_000;
const SENT = OPENING - rupiah(10_000) - FEE;

const CRASH_POINTS = [
  'payment.afterHold',
  'payment.beforeSend',
  'payment.afterSend',
  'payment.beforeOutcome',
  'payment.afterOutcome',
  'ledger.beforeCommit',
];

for (const point of CRASH_POINTS) {
  for (const behaviour of ['settle', 'reject', 'lose_answer', { notSent: 'restricted' }] as const) {
    const name = typeof behaviour === 'string' ? behaviour : behaviour.notSent;
    test(`a crash at ${point} of a payment that will ${name} leaves one effect and a definite outcome`, () =>
      withBank(
        async (bank) => {
          bank.rail.onSend = () => behaviour;
          const command = bifast();
          let isArmed = true;
          const undo = onFaultPoint((passed) => {
            if (passed !== point || !isArmed) return;
            isArmed = false;
            throw new Error(`crash at ${point}`);
          });
          try {
            const first = await bank.engine.submit(command).catch(() => undefined);
            await bank.time.sleep(1_000);
            undo();
            const second = await bank.another().submit(command);
            assert.ok(second.ok);
            if (first?.ok) assert.equal(second.payment.id, first.payment.id);
            await bank.workUntil(NOON_WIB_MS + 5 * MINUTE, 5_000);
            const view = (await bank.engine.find(second.payment.id))!;
            const isPaid = behaviour === 'settle' || behaviour === 'lose_answer';
            assert.equal(view.state, isPaid ? 'settled' : 'refunded');
            assert.equal(await bank.available('1001'), isPaid ? SENT : OPENING);
            assert.ok([...bank.rail.sends.values()].every((count) => count === 1));
            await bank.checkMoney();
          } finally {
            undo();
          }
        },
        { mayFail: true },
      ));
  }
}

test('a commit whose answer is lost is found again under its key: one payment, and it is not called a repeat', () =>
  withBank(async (bank) => {
    let isArmed = true;
    const ledger: LedgerPort = {
      balance: (account) => bank.ledger.balance(account),
      counted: (keys) => bank.ledger.counted(keys),
      async post(request) {
        const result = await bank.ledger.post(request);
        if (!isArmed) return result;
        isArmed = false;
        throw new DbFault('Commit outcome is unknown', {
          cause: new Error('reset'),
          commitUnknown: true,
        });
      },
    };
    const result = await bank.another({ ledger }).submit(bifast());
    assert.ok(result.ok && !result.repeated);
    assert.equal((await bank.engine.awaitOutcome(result.payment.id, 5_000)).state, 'settled');
    assert.equal(await bank.available('1001'), SENT);
    await bank.checkMoney();
  }));

test('two processes that work the same queue send each payment once', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'not_reached';
    for (let i = 0; i < 15; i++)
      assert.ok((await bank.engine.submit(bifast({ amount: rupiah(1_000) }))).ok);
    await bank.time.sleep(1_000);
    bank.rail.onSend = () => 'settle';
    const other = bank.another();
    for (let i = 0; i < 60; i++) {
      await Promise.all([bank.engine.work(), other.work()]);
      await bank.time.sleep(1_000);
    }
    assert.equal(bank.rail.sends.size, 15);
    assert.ok([...bank.rail.sends.values()].every((count) => count === 1));
    const open = await bank.db.query(sql`select id from payment where state <> 'settled'`);
    assert.deepEqual(open, []);
    await bank.checkMoney();
  }));
