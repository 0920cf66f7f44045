/** QRIS inside a real gateway, in virtual time with the real HSM: the port's checks, what leaves, and what the network asks of us. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QrisInstruction } from '../../src/authorisation/form-qris.ts';
import type { NoticeAnswer, RailNotice } from '../../src/rail/notice.ts';
import { makeInstructions, qrisUnderTest, SHOP_PAN } from './qris-world.ts';
import { portConformance } from './rail-conformance.ts';
import { withSwitch, type SwitchRig } from './switch-world.ts';

portConformance(qrisUnderTest);

const QRIS = { direction: 'from_bank', flow: 'qris' } as const;

async function send({ rig }: SwitchRig, over: Partial<QrisInstruction> = {}) {
  const made = makeInstructions(rig)(over);
  const { jti } = rig.authorise();
  const token = rig.tokenOf(made, { jti });
  return { made, answer: await rig.rail.send({ instruction: made, token }) };
}

const inquire = ({ rig }: SwitchRig, made: QrisInstruction) =>
  rig.rail.inquire({
    rail: 'qris',
    paymentId: made.paymentId,
    bizMsgIdr: made.qrisId,
    msgId: made.rrn,
    instruction: made,
  });

test('a check ends what was never heard of for good: 25, and the network refuses it should it still come (T1, T5)', () =>
  withSwitch(async (world) => {
    const { outside, rig } = world;
    // It is on its way while it is asked about.
    outside.chooser.replace([
      { name: 'slow', match: QRIS, does: { kind: 'delay', afterMs: 12_000 } },
    ]);
    const startMs = rig.time.now();
    const { made, answer } = await send(world);
    assert.equal(answer.outcome, 'unknown');
    assert.ok(rig.time.now() - startMs <= 5_100, 'the till hears in time');
    assert.deepEqual(await inquire(world, made), { outcome: 'rejected', code: 'RC25' });
    await rig.sleep(60_000);
    const [entry] = [...outside.book.entries()];
    assert.deepEqual([entry?.state, entry?.rc], ['declined', '12']);
    const told = rig.notices.filter((notice) => notice.kind === 'outcome');
    assert.deepEqual(
      told.map(({ answer: word }) => word.outcome),
      ['rejected'],
    );
  }));

test('the gateway lets no payment out above Rp10,000,000, to our own merchants, or to another acquirer than the merchant’s', () =>
  withSwitch(async (world) => {
    const outcomeOf = async (over: Partial<QrisInstruction>) =>
      (await send(world, over)).answer.outcome;
    assert.equal(await outcomeOf({ amountSen: '1000000100' }), 'not_sent');
    const elsewhere = { acquirer: '93600014' };
    assert.notEqual(await outcomeOf(elsewhere), 'accepted');
    assert.equal(world.outside.book.entries().next().done, true, 'no byte of it left');
  }));

test('a refund is journalled without the payer’s number, asked of core once per message, and answered with its word; a check is asked each time', () =>
  withSwitch(async (world) => {
    const { rig, outside } = world;
    const heard: RailNotice[] = [];
    const say = (answer: NoticeAnswer) =>
      void (rig.coreAnswer = (notice) => {
        heard.push(notice);
        return answer;
      });
    say({ taken: true, approved: true, approvalCode: 'AB12CD' });
    const { made } = await send(world);
    const refund = { rrn: made.rrn, amountSen: 500_000n, refundNumber: 'RFD-1' };
    const given = await outside.refund(refund);
    assert.equal(given.outcome, 'approved');
    const [notice] = heard;
    assert.ok(notice?.kind === 'request' && notice.what === 'qris_refund');
    assert.deepEqual(
      [notice.fromBank, notice.amountSen, notice.originalRrn, notice.refundNumber],
      ['BNINIDJA', '500000', made.rrn, 'RFD-1'],
    );
    assert.deepEqual(
      [notice.customerPan, notice.merchantPan, notice.originalDate],
      [made.customerPan, SHOP_PAN, made.qrisId.slice(4, 8)],
    );
    const journal = JSON.stringify((await rig.page()).entries);
    assert.ok(!journal.includes(made.customerPan), 'I11');
    say({ taken: true, approved: false, code: '61' });
    const refused = await outside.refund({ ...refund, refundNumber: 'RFD-2' });
    assert.deepEqual(refused.outcome === 'declined' && refused.rc, '61');
    // Core is away: nothing is said, the shop's bank asks until it hears.
    rig.coreAnswer = () => undefined;
    const silent = await outside.refund({ ...refund, refundNumber: 'RFD-3' });
    assert.equal(silent.outcome, 'unknown');
    heard.length = 0;
    say({ taken: true, approved: false, code: '25' });
    await rig.sleep(120_000);
    assert.ok(heard.some((one) => one.kind === 'request' && one.what === 'qris_check'));
    const last = [...outside.book.entries()].at(-1);
    assert.deepEqual([last?.flow, last?.state, last?.rc], ['qris_refund', 'declined', '25']);
  }));
