import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { restrictionOf } from '../../gate/test-flow.ts';
import { rupiah } from '../../kernel/money.ts';
import { onFaultPoint } from '../../kernel/fault-point.ts';
import { bifast, FEE, OPENING, transfer, withBank, type TestBank } from '../test-bank.ts';
import type { PaymentView } from '../port.ts';

const HOUR = 3_600_000;
const AMOUNT = rupiah(10_000);

/** A bank with two people, in which every transfer waits for them. */
function withHolding(work: (bank: TestBank) => Promise<void>): Promise<void> {
  return withBank(
    async (bank) => {
      const restriction = restrictionOf({}, { kind: 'hold' }, { id: 'rst_hold' });
      bank.gate.decide = () => ({ kind: 'hold', restriction });
      await work(bank);
      await bank.checkMoney();
    },
    {
      before: `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
        select 'stf_' || n, 'S', 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 2) n;`,
    },
  );
}

async function waiting(bank: TestBank, command = bifast({ mayWait: true })): Promise<PaymentView> {
  const result = await bank.engine.submit(command);
  assert.ok(result.ok);
  assert.equal(result.payment.state, 'withheld');
  return result.payment;
}

const act = (paymentId: string, who: 1 | 2) => ({
  paymentId,
  staffId: `stf_${who}`,
  reason: 'nasabah dihubungi',
});

test('T8 a payment that waits holds its money, and nothing that a signer could sign exists of it', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank);
    assert.equal(await bank.available('1001'), OPENING - AMOUNT - FEE);
    await bank.workUntil(bank.time.now() + HOUR, 60_000);
    assert.equal(await bank.state(payment.id), 'withheld');
    assert.equal(bank.rail.book.size, 0);
    const [count] = await bank.db.query<{ n: bigint }>(
      sql`select count(*) as n from authorisation`,
    );
    assert.equal(count!.n, 0n);
    assert.deepEqual(await bank.messages('C1'), ['payment.withheld']);
    const [row] = await bank.engine.withheld.list({});
    assert.deepEqual(row!.reasons, ['restriction']);
    assert.equal(row!.restriction_id, 'rst_hold');
    assert.deepEqual(await bank.engine.withheld.list({ kind: 'onus' }), []);
  }));

test('I5 release() takes two distinct people, sends once however often it is asked, long after the payment was made', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank);
    await bank.workUntil(bank.time.now() + HOUR, 60_000);
    const { release } = bank.engine.withheld;
    assert.deepEqual(await release(act(payment.id, 1)), { ok: true, state: 'asked' });
    assert.deepEqual(await release(act(payment.id, 1)), { ok: false, reason: 'same_person' });
    const answers = await Promise.all([
      release(act(payment.id, 2)),
      bank.another().withheld.release(act(payment.id, 2)),
    ]);
    assert.ok(answers.some((one) => one.ok && one.state === 'released'));
    const done = await bank.engine.awaitOutcome(payment.id, 5_000);
    assert.equal(done.state, 'settled');
    assert.equal(bank.rail.book.size, 1);
    assert.equal(await bank.available('1001'), OPENING - AMOUNT - FEE);
    assert.deepEqual(await bank.messages('C1'), [
      'payment.withheld',
      'payment.released',
      'payment.settled',
    ]);
    const [decided] = await bank.events('payment.review_decided');
    assert.deepEqual(
      [decided!['decision'], decided!['askedBy'], decided!['by']],
      ['released', 'stf_1', 'stf_2'],
    );
  }));

test('release() within the bank posts the hold: payer and payee hear of it', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank, transfer({ mayWait: true }));
    assert.equal(await bank.available('1002'), OPENING);
    await bank.engine.withheld.release(act(payment.id, 2));
    await bank.engine.withheld.release(act(payment.id, 1));
    assert.equal(await bank.state(payment.id), 'settled');
    assert.equal(await bank.available('1002'), OPENING + AMOUNT);
    assert.deepEqual(await bank.messages('C1'), ['payment.withheld', 'payment.settled']);
    assert.deepEqual(await bank.messages('C2'), ['payment.received']);
  }));

test('T9 one person alone gives the money back, and a release after that finds nothing', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank);
    const { release, refuse } = bank.engine.withheld;
    await release(act(payment.id, 1));
    const [refused, released] = await Promise.all([
      refuse(act(payment.id, 1)),
      bank.another().withheld.release(act(payment.id, 2)),
    ]);
    assert.notEqual(refused.ok, released.ok, 'whoever ends the holds first wins');
    const state = await bank.state(payment.id);
    if (refused.ok) assert.equal(state, 'cancelled');
    const other = await waiting(bank);
    assert.deepEqual(await refuse(act(other.id, 2)), { ok: true, state: 'refused' });
    assert.deepEqual(await release(act(other.id, 1)), { ok: false, reason: 'not_waiting' });
    assert.deepEqual(await refuse(act(other.id, 1)), { ok: false, reason: 'not_waiting' });
  }));

test('T1 the clock frees the money and its day, tells the customer before the promise, and wins at its own instant', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank);
    await bank.engine.withheld.release(act(payment.id, 1));
    const endMs = payment.resolveByMs!;
    assert.equal(endMs, payment.madeAtMs + 2 * HOUR);
    assert.ok(payment.promiseAtMs! > endMs);
    await bank.workUntil(endMs - 1, 60_000);
    assert.equal(await bank.state(payment.id), 'withheld');
    await bank.time.sleep(1);
    assert.deepEqual(await bank.engine.withheld.release(act(payment.id, 2)), {
      ok: false,
      reason: 'not_waiting',
    });
    await bank.engine.work();
    assert.equal(await bank.state(payment.id), 'cancelled');
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await bank.messages('C1'), ['payment.withheld', 'payment.not_released']);
    const counted = await bank.ledger.counted(['day|C1|2026-08-01']);
    assert.equal(counted.get('day|C1|2026-08-01')!.amountSen, 0n);
  }));

test('T6 a release that dies before its commit leaves the payment waiting, after it the payment goes once', () =>
  withHolding(async (bank) => {
    const payment = await waiting(bank);
    await bank.engine.withheld.release(act(payment.id, 1));
    for (const point of ['payment.beforeRelease', 'payment.afterRelease'] as const) {
      const disarm = onFaultPoint((name) => {
        if (name === point) throw new Error('it dies here');
      });
      await assert.rejects(bank.engine.withheld.release(act(payment.id, 2)), /it dies here/);
      disarm();
      const isCommitted = point === 'payment.afterRelease';
      assert.equal(await bank.state(payment.id), isCommitted ? 'held' : 'withheld');
    }
    await bank.workUntil(bank.time.now() + 60_000);
    assert.equal(await bank.state(payment.id), 'settled');
    assert.equal(bank.rail.book.size, 1);
  }));

test('a payment that nobody may keep waiting is refused, and a release opens no way that is closed', () =>
  withHolding(async (bank) => {
    const asked = bifast();
    const told = await bank.engine.quote({ ...asked, mayWait: true });
    assert.equal(told.open && told.waitsMs, 2 * HOUR, 'told before the PIN (I7)');
    assert.equal((await bank.engine.quote(asked)).open, false);
    const refused = await bank.engine.submit(asked);
    assert.ok(!refused.ok && refused.reason === 'restricted');
    const payment = await waiting(bank);
    await bank.engine.withheld.release(act(payment.id, 1));
    const restriction = restrictionOf({}, { kind: 'stop' });
    bank.gate.decide = () => ({ kind: 'stop', restriction });
    assert.deepEqual(await bank.engine.withheld.release(act(payment.id, 2)), {
      ok: false,
      reason: 'way_closed',
    });
    assert.deepEqual(await bank.engine.cancel(payment.id), { ok: true });
    assert.equal(await bank.available('1001'), OPENING);
  }));
