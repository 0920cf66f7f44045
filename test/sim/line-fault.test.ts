/** What each fault of a wire makes of a payment: the real gateway against the simulators, in virtual time. A fault of the line is never
 * an answer about the money (T1, T2), moves nothing twice (T6), and a word that is not signed right is no word (I12). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BillerRule } from '../../sim/biller/faults.ts';
import type { FaultRule } from '../../sim/hub/faults.ts';
import type { FaultRule as SwitchRule } from '../../sim/switch/faults.ts';
import { networkIds } from '../../src/authorisation/instruction.ts';
import { withRig } from '../gateway/rig.ts';
import { takeOver } from './bifast-world.ts';
import { billInstruction, withBiller } from './biller-world.ts';
import { withSwitch } from './switch-world.ts';

/** What the send says, and whether the network has the money in the end. */
interface Expected {
  readonly said: 'accepted' | 'rejected' | 'unknown';
  readonly isSettled: boolean;
}

const DONE: Expected = { said: 'accepted', isSettled: true };
const DOUBT: Expected = { said: 'unknown', isSettled: true };
const LOST: Expected = { said: 'unknown', isSettled: false };

const HUB: readonly (readonly [FaultRule['does'], Expected])[] = [
  [{ kind: 'delay', afterMs: 1_000 }, DONE],
  [{ kind: 'delay', afterMs: 20_000 }, DOUBT],
  [{ kind: 'drop_request' }, LOST],
  [{ kind: 'drop_answer' }, DOUBT],
  [{ kind: 'late_answer', afterMs: 20_000 }, DOUBT],
  [{ kind: 'duplicate', count: 2 }, DOUBT],
  [{ kind: 'reorder', holdMs: 2_000 }, DONE],
  [{ kind: 'wrong_signature' }, DOUBT],
  [{ kind: 'wrong_amount', deltaSen: 100 }, DOUBT],
  [{ kind: 'disconnect', when: 'before' }, LOST],
  [{ kind: 'disconnect', when: 'after' }, DOUBT],
  [{ kind: 'http_storm', statuses: [500, 502, 503, 429] }, LOST],
  [
    { kind: 'code_storm', codes: ['U101', 'U102'] },
    { said: 'rejected', isSettled: false },
  ],
  [{ kind: 'code_storm', codes: ['Z123', 'Z124'] }, LOST],
  [{ kind: 'half_open' }, LOST],
  [{ kind: 'slow_reader', bytesPerSecond: 50 }, DOUBT],
  [{ kind: 'clock_skew', skewMs: 45_000 }, DONE],
];

const BILLER: readonly (readonly [BillerRule['does'], Expected])[] = [
  [{ kind: 'delay', afterMs: 1_000 }, DONE],
  [{ kind: 'drop_request' }, LOST],
  [{ kind: 'drop_answer' }, DOUBT],
  [{ kind: 'late_answer', afterMs: 30_000 }, DOUBT],
  [{ kind: 'duplicate', count: 3 }, DONE],
  [{ kind: 'reorder', holdMs: 2_000 }, DONE],
  [{ kind: 'wrong_signature' }, DOUBT],
  [{ kind: 'wrong_amount' }, DOUBT],
  [{ kind: 'disconnect', when: 'before' }, LOST],
  [{ kind: 'disconnect', when: 'after' }, DOUBT],
  [{ kind: 'http_storm', statuses: [500, 503] }, LOST],
  [{ kind: 'code_storm', codes: ['77', '99'] }, LOST],
  [{ kind: 'half_open' }, LOST],
  [{ kind: 'slow_reader', bytesPerSecond: 20 }, DOUBT],
  [{ kind: 'clock_skew', skewMs: 45_000 }, DONE],
];

const SWITCH: readonly (readonly [SwitchRule['does'], Expected])[] = [
  [{ kind: 'answer' }, DONE],
  [{ kind: 'delay', afterMs: 1_000 }, DONE],
  [{ kind: 'delay', afterMs: 20_000 }, DOUBT],
  [{ kind: 'drop_request' }, LOST],
  [{ kind: 'drop_answer' }, DOUBT],
  [{ kind: 'late_answer', afterMs: 20_000 }, DOUBT],
  [{ kind: 'late_answer', afterMs: 50_000 }, DOUBT],
  [{ kind: 'duplicate', count: 3 }, DONE],
  [{ kind: 'reorder', holdMs: 2_000 }, DONE],
  [{ kind: 'wrong_mac' }, DOUBT],
  [{ kind: 'forged_code', rc: '51' }, LOST],
  [{ kind: 'wrong_amount', deltaSen: 100 }, DOUBT],
  [
    { kind: 'code', rc: '76', isBooked: false },
    { said: 'rejected', isSettled: false },
  ],
  // A processor fails after the bank behind it said yes.
  [{ kind: 'code', rc: '96', isBooked: true }, DOUBT],
  [
    { kind: 'code_storm', codes: ['76', '78'] },
    { said: 'rejected', isSettled: false },
  ],
  [{ kind: 'code_storm', codes: ['68', '96'] }, LOST],
  [{ kind: 'disconnect', when: 'before' }, DOUBT],
  [{ kind: 'disconnect', when: 'after' }, DONE],
  [{ kind: 'half_open' }, LOST],
  [{ kind: 'slow_reader', bytesPerSecond: 20 }, DOUBT],
  [{ kind: 'clock_skew', skewMs: 45_000 }, DONE],
];

const wordsOf = (does: FaultRule['does'] | BillerRule['does'] | SwitchRule['does']): string =>
  Object.values(does).join(' ');

test('T1 T2 T6 a fault of the hub’s wire leaves a payment accepted, refused by a signed word, or unknown, and settled at most once', async (t) => {
  for (const [does, expected] of HUB)
    await t.test(`hub: ${wordsOf(does)}`, () =>
      withRig(async (rig) => {
        const hub = await takeOver(rig);
        await rig.sleep(6_000);
        hub.chooser.replace([{ name: 'fault', match: {}, does }]);
        const { instruction, token } = rig.authorise();
        const answer = await rig.rail.send({ instruction, token });
        assert.equal(answer.outcome, expected.said);
        await rig.sleep(30_000);
        hub.chooser.replace([]);
        await rig.sleep(10_000);
        const lines = hub.feed('PULHIDJA').map(({ bizMsgIdr }) => bizMsgIdr);
        assert.deepEqual(lines, expected.isSettled ? [instruction.bizMsgIdr] : []);
        const told = (await rig.bodies('feed')).map(({ line }) => line.bizMsgIdr);
        assert.deepEqual(told, lines, 'what settled is known, once');
        await hub.stop();
      }),
    );
});

test('T1 T6 a fault of the aggregator’s wire leaves a bill accepted or unknown, paid at most once, and advice tells', async (t) => {
  for (const [does, expected] of BILLER)
    await t.test(`biller: ${wordsOf(does)}`, () =>
      withBiller(async (rig, aggregator) => {
        const bill = await rig.rail.enquireBill({
          rail: 'biller',
          product: 'EWALLET',
          customerKey: '081234567890',
        });
        assert.ok(bill.found === true);
        aggregator.chooser.replace([{ name: 'fault', match: {}, does }]);
        const { inquiryReference } = bill;
        const instruction = billInstruction(rig, { number: '00000001', inquiryReference });
        const answer = await rig.rail.send({ instruction, token: rig.tokenOf(instruction) });
        assert.equal(answer.outcome, expected.said);
        await rig.sleep(60_000);
        aggregator.chooser.replace([]);
        assert.equal(aggregator.settledSen(), expected.isSettled ? 1_000_000n : 0n);
        const { paymentId } = instruction;
        const asked = {
          rail: 'biller',
          paymentId,
          ...networkIds(instruction),
          instruction,
        } as const;
        const advice = await rig.rail.inquire(asked);
        assert.equal(advice.outcome, expected.isSettled ? 'accepted' : 'unknown');
      }),
    );
});

test('T1 T2 T6 a fault of the switch’s wire leaves a transfer accepted, refused by a code with a right MAC, or unknown, and booked at most once; the check and the late word tell', async (t) => {
  for (const [does, expected] of SWITCH)
    await t.test(`switch: ${wordsOf(does)}`, () =>
      withSwitch(async ({ rig, outside, instruction }) => {
        const rule = { name: 'fault', match: { direction: 'from_bank' }, does } as const;
        outside.chooser.replace([rule]);
        const made = instruction();
        const { jti } = rig.authorise();
        const answer = await rig.rail.send({
          instruction: made,
          token: rig.tokenOf(made, { jti }),
        });
        assert.equal(answer.outcome, expected.said);
        await rig.sleep(30_000);
        outside.chooser.replace([]);
        await rig.sleep(60_000);
        const booked = [...outside.book.entries()].filter(({ state }) => state === 'approved');
        assert.deepEqual(
          booked.map(({ amountSen }) => String(amountSen)),
          expected.isSettled ? [made.amountSen] : [],
        );
        const { paymentId } = made;
        const asked = {
          rail: 'switch',
          paymentId,
          ...networkIds(made),
          instruction: made,
        } as const;
        const check = await rig.rail.inquire(asked);
        if (expected.isSettled) assert.equal(check.outcome, 'accepted');
        else assert.notEqual(check.outcome, 'accepted');
        const told = rig.notices.flatMap((one) =>
          one.kind === 'outcome' ? one.answer.outcome : [],
        );
        assert.ok(told.every((outcome) => outcome === 'accepted') || !expected.isSettled);
      }),
    );
});
