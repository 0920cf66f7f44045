/** What every rail must show before it carries money: `railConformance(rail)` runs the port's own checks (rail/conformance.ts) and,
 * with the real engine, ledger and signer around it, what each case does to the money: duplicate, late, lost, rejected, unknown,
 * crash between commit and send. A rail brings a small world of its own; nothing here knows its messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onFaultPoint } from '../../src/kernel/fault-point.ts';
import { rupiah } from '../../src/kernel/money.ts';
import type { PaymentView } from '../../src/payment/port.ts';
import { CRASH_POINTS, railChecks } from '../../src/rail/conformance.ts';
import type { RailNotice } from '../../src/rail/notice.ts';
import {
  OPENING,
  withEffect,
  type Effect,
  type RailWorld,
  type RailUnderTest,
} from './rail-effect.ts';

const AMOUNT = rupiah(10_000);
/** Longer than the network, the gateway and core wait for an answer. */
const TIMEOUT_MS = 13_000;
const MINUTE_MS = 60_000;

/** Registers the checks for a rail: the port's own, and what each case does to the money. */
export function railConformance(rail: RailUnderTest): void {
  portConformance(rail);
  effectConformance(rail);
}

/** The port's own checks: no database. */
export function portConformance(rail: RailUnderTest): void {
  for (const check of railChecks)
    test(`${rail.name}: ${check.name}`, () => rail.withWorld((world) => check.run(world)));
}

/** What each case does to the money, with the real engine, ledger and signer. */
export function effectConformance(rail: RailUnderTest): void {
  for (const [name, run] of [...EFFECTS, ...CRASHES])
    test(`${rail.name}, effect: ${name}`, () => withEffect(rail, run));
}

type EffectCheck = readonly [name: string, run: (effect: Effect) => Promise<void>];

const held = ({ feeSen }: RailWorld) => [OPENING, AMOUNT + feeSen] as const;
const paid = ({ feeSen }: RailWorld) => [OPENING - AMOUNT - feeSen, 0n] as const;
const BACK = [OPENING, 0n] as const;

const EFFECTS: readonly EffectCheck[] = [
  [
    'settled: principal and fee leave once, and the network has the principal',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('settle');
      const payment = await submit();
      await pass(2_000);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
    },
  ],
  [
    'duplicate: asked twice, worked on twice and told twice, it is paid once (T6)',
    async ({ world, engine, other, submit, state, pass, payer }) => {
      world.setMood('accept');
      const payment = await submit('twice');
      assert.equal((await submit('twice')).id, payment.id);
      await Promise.all([engine.work(), other.work()]);
      const { bizMsgIdr } = payment;
      const notice: RailNotice = {
        kind: 'outcome',
        rail: world.name,
        bizMsgIdr: bizMsgIdr!,
        answer: { outcome: 'accepted', isFinal: true, code: 'U000' },
        source: 'rail_notice',
      };
      await pass(2_000);
      await Promise.all([engine.take(notice), other.take(notice)]);
      await pass(2 * MINUTE_MS);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
      assert.equal(world.takenCount(bizMsgIdr!), 1);
    },
  ],
  [
    'late: unknown and held until the answer is found, then paid once (T5)',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('late');
      const payment = await submit();
      await pass(TIMEOUT_MS);
      assert.equal(await state(payment), 'unknown');
      assert.deepEqual(await payer(), held(world));
      world.setMood('settle');
      await pass(3 * MINUTE_MS);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
    },
  ],
  [
    'lost answer: unknown and held, then paid by the inquiry (T5)',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('lost_answer');
      const payment = await submit();
      await pass(TIMEOUT_MS);
      assert.equal(await state(payment), 'unknown');
      assert.deepEqual(await payer(), held(world));
      world.setMood('settle');
      await pass(3 * MINUTE_MS);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
    },
  ],
  [
    'lost request: "not found" gives nothing back, the statement does, fee too (T1, T5)',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('lost_request');
      const payment = await submit();
      await pass(TIMEOUT_MS);
      world.setMood('accept');
      await pass(4 * MINUTE_MS);
      assert.equal(await state(payment), 'unknown');
      assert.deepEqual(await payer(), held(world));
      await world.endDate();
      await pass(MINUTE_MS);
      assert.equal(await state(payment), 'refunded');
      assert.deepEqual(await payer(), BACK);
      assert.equal(world.takenCount(payment.bizMsgIdr!), 0);
    },
  ],
  [
    'rejected: principal and fee come back once (T3)',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('reject');
      const payment = await submit();
      await pass(2_000);
      assert.equal(await state(payment), 'refunded');
      assert.deepEqual(await payer(), BACK);
      await pass(3 * MINUTE_MS);
      assert.deepEqual(await payer(), BACK);
    },
  ],
  [
    'unknown: an odd code and a forged refusal give nothing back; the statement is the last word (T1, T2)',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('odd_code');
      const odd = await submit();
      await pass(2_000);
      world.setMood('forged_reject');
      const forged = await submit();
      // Where an answer that nobody may believe is none, it is waited for to the end.
      await pass(TIMEOUT_MS);
      assert.deepEqual([await state(odd), await state(forged)], ['unknown', 'unknown']);
      assert.deepEqual(await payer(), [OPENING, 2n * (AMOUNT + world.feeSen)]);
      await world.endDate();
      world.setMood('accept');
      await pass(3 * MINUTE_MS);
      assert.deepEqual([await state(odd), await state(forged)], ['refunded', 'refunded']);
      assert.deepEqual(await payer(), BACK);
    },
  ],
  [
    'core falls silent to the gateway: what it never saw is sent again, once, and not left unknown',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('settle');
      world.setLink('lose_request');
      const payment = await submit();
      await pass(TIMEOUT_MS);
      world.setLink(undefined);
      await pass(2 * MINUTE_MS);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
      assert.equal(world.takenCount(payment.bizMsgIdr!), 1);
    },
  ],
  [
    'the gateway falls silent to core: what it sent is not sent again',
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('settle');
      world.setLink('lose_answer');
      const payment = await submit();
      await pass(TIMEOUT_MS);
      world.setLink(undefined);
      await pass(2 * MINUTE_MS);
      assert.equal(await state(payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
      assert.equal(world.takenCount(payment.bizMsgIdr!), 1);
    },
  ],
];

/** A fault point of core, and which of its passes dies: the ledger commits the hold first, the outcome second. */
const CORE_POINTS = [
  ['ledger.beforeCommit', 1],
  ['payment.afterHold', 1],
  ['payment.beforeSend', 1],
  ['payment.afterSend', 1],
  ['payment.beforeOutcome', 1],
  ['ledger.beforeCommit', 2],
  ['payment.afterOutcome', 1],
] as const;

const CRASHES: readonly EffectCheck[] = [
  ...CORE_POINTS.map(([point, nth]): EffectCheck => [
    `crash of core at ${point} (${nth}): the other core finishes it, once`,
    async ({ world, other, engine, state, pass, payer }) => {
      world.setMood('settle');
      // No word from outside helps it: the dead core's work is found by the living one, or nobody finds it.
      world.hear(async () => undefined);
      const submit = await world.prepare(engine, 'crash');
      const undo = crashOnce(point, nth);
      await submit(engine).catch(() => undefined);
      await world.time.sleep(1_000);
      undo();
      const again = await submit(other);
      assert.ok(again.ok);
      await pass(2 * MINUTE_MS);
      assert.equal(await state(again.payment), 'settled');
      assert.deepEqual(await payer(), paid(world));
      assert.equal(world.takenCount(again.payment.bizMsgIdr!), 1);
    },
  ]),
  ...CRASH_POINTS.map(({ point, isTaken }): EffectCheck => [
    `crash of the gateway at ${point}: ${isTaken ? 'paid' : 'given back by the statement'}, once`,
    async ({ world, submit, state, pass, payer }) => {
      world.setMood('accept');
      let payment: PaymentView | undefined;
      await world.crashAt(point, async () => void (payment = await submit()));
      await pass(3 * MINUTE_MS);
      assert.deepEqual(await payer(), isTaken ? paid(world) : held(world));
      await world.endDate();
      await pass(MINUTE_MS);
      assert.equal(await state(payment!), isTaken ? 'settled' : 'refunded');
      assert.deepEqual(await payer(), isTaken ? paid(world) : BACK);
      assert.equal(world.takenCount(payment!.bizMsgIdr!), isTaken ? 1 : 0);
    },
  ]),
];

function crashOnce(point: string, nth: number): () => void {
  let passes = 0;
  return onFaultPoint((passed) => {
    if (passed !== point || ++passes !== nth) return;
    throw new Error(`crash at ${point}`);
  });
}
