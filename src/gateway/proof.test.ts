/** What the gateway's word is worth: "voided" and "never seen" give a customer's money back, so they are said only of what the
 * disk holds and of what this journal can still remember. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SettlementLine } from '../rail/notice.ts';
import { openJournal } from './journal.ts';
import { withRig, type Rig } from '../../test/gateway/rig.ts';

const DAY_MS = 86_400_000;

function segmentOf(folder: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('journal-'))!,
  );
}

/** Sends one whose answer is lost. */
async function sendLost(rig: Rig): Promise<{ readonly jti: string; readonly paymentId: string }> {
  rig.setMood('lost_answer');
  const { instruction, token, jti } = rig.authorise();
  assert.equal((await rig.rail.send({ instruction, token })).outcome, 'unknown');
  assert.equal(rig.takenCount(instruction.bizMsgIdr), 1);
  return { jti, paymentId: instruction.paymentId };
}

test('I1 void says nothing about what left while nobody has witnessed that the journal is not an older copy', async () => {
  await withRig(async (rig) => {
    const older = rig.copyFolder();
    const lost = await sendLost(rig);
    const { head } = await rig.page();
    await rig.restart({ folder: older, witness: false });
    assert.notEqual((await rig.rail.void(lost)).outcome, 'not_sent');
    assert.notEqual((await rig.rail.void(lost)).outcome, 'not_sent', 'nor the second time');
    await rig.page(head);
    assert.notEqual((await rig.rail.void(lost)).outcome, 'not_sent', 'nor when it is known older');
  });
});

test('I1 void of a jti that no journal has seen proves it, once the guard was heard', async () => {
  await withRig(async (rig) => {
    const { instruction, jti } = rig.authorise();
    await rig.restart({ witness: false });
    const of = { jti, paymentId: instruction.paymentId };
    assert.equal((await rig.rail.void(of)).outcome, 'not_reached');
    await rig.page(0);
    assert.equal((await rig.rail.void(of)).outcome, 'not_sent');
  });
});

test('I1 what was sent and then forgotten, because the clock once leapt ahead, is not called never seen', async () => {
  await withRig(async (rig) => {
    const lost = await sendLost(rig);
    const now = rig.time.now.bind(rig.time);
    rig.time.now = () => now() + 11 * DAY_MS;
    const other = rig.authorise();
    await rig.rail.void({ jti: other.jti, paymentId: other.instruction.paymentId });
    rig.time.now = now;
    for (const when of ['before', 'after'] as const) {
      if (when === 'after') await rig.restart();
      assert.deepEqual(await rig.rail.recall({ jti: lost.jti }), { known: 'intent' }, when);
    }
    assert.notEqual((await rig.rail.void(lost)).outcome, 'not_sent');
  });
});

test('I1 a void that never came to the disk is no proof, however often one asks', async () => {
  await withRig(async (rig) => {
    const { instruction, jti, token } = rig.authorise();
    const { epoch } = rig.gateway.state();
    writeFileSync(join(rig.folder, `epoch-${String(epoch + 1).padStart(8, '0')}`), '{}');
    for (let again = 0; again < 2; again++) {
      const answer = await rig.rail.void({ jti, paymentId: instruction.paymentId });
      assert.equal(answer.outcome, 'not_reached');
      assert.equal((await rig.rail.recall({ jti })).known, 'not_reached');
    }
    assert.notEqual((await rig.rail.send({ instruction, token })).outcome, 'not_sent');
    assert.equal(rig.hub.taken.length, 0);
  });
});

test('I3 an intent that never came to the disk is no intent: a broken journal remembers nothing, and the next process sends it', async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    const copy = rig.copyFolder();
    const { epoch } = rig.gateway.state();
    writeFileSync(join(rig.folder, `epoch-${String(epoch + 1).padStart(8, '0')}`), '{}');
    assert.equal((await rig.rail.send(payment)).outcome, 'unknown');
    assert.equal((await rig.rail.recall({ jti: payment.jti })).known, 'not_reached');
    await rig.restart({ folder: copy });
    assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), { known: 'never_seen' });
    assert.equal((await rig.rail.send(payment)).outcome, 'accepted');
    assert.equal(rig.takenCount(payment.instruction.bizMsgIdr), 1);
  });
});

test('a refusal whose void cannot be written is no answer at all, and the gateway stays up', async () => {
  await withRig(async (rig) => {
    const instruction = rig.instruction({ amountSen: '25000000001' });
    const { epoch } = rig.gateway.state();
    writeFileSync(join(rig.folder, `epoch-${String(epoch + 1).padStart(8, '0')}`), '{}');
    const answer = await rig.rail.send({ instruction, token: rig.tokenOf(instruction) });
    assert.equal(answer.outcome, 'unknown');
    assert.equal(rig.gateway.state().isBroken, true);
  });
});

test('openJournal() refuses a last entry that stands whole with a wrong sum: it was on disk once, and a payment may have left on it', async () => {
  await withRig(async (rig) => {
    await sendLost(rig);
    await rig.page();
    const copy = rig.copyFolder();
    const bytes = readFileSync(segmentOf(copy));
    const at = bytes.lastIndexOf(10, bytes.length - 2) + 60;
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(segmentOf(copy), bytes);
    await assert.rejects(
      openJournal({ folder: copy, partition: 'gateway-1', time: rig.time }),
      /damaged/,
    );
  });
});

test('openJournal() cuts pages that a power cut left unwritten', async () => {
  await withRig(async (rig) => {
    const { jti } = await sendLost(rig);
    await rig.page();
    const copy = rig.copyFolder();
    const bytes = readFileSync(segmentOf(copy));
    writeFileSync(segmentOf(copy), Buffer.concat([bytes, Buffer.alloc(700), Buffer.from('"}}\n')]));
    await rig.restart({ folder: copy });
    assert.equal((await rig.rail.recall({ jti })).known, 'outcome');
  });
});

test('a settlement told after a provisional word of the same code is passed on, not taken for its repeat', async () => {
  await withRig(async (rig) => {
    const { instruction, token } = rig.authorise();
    await rig.rail.send({ instruction, token });
    const tell = (status: 'ACTC' | 'ACSC') =>
      rig.network.connect('hub', 'gateway-1-network').call({
        path: '/bifast',
        timeoutMs: 4_000,
        ...rig.hub.sign(rig.hub.report(instruction, { status })),
      });
    await tell('ACTC');
    await tell('ACSC');
    await rig.sleep(1_000);
    assert.deepEqual(
      rig.notices.map((notice) => notice.kind === 'outcome' && notice.answer),
      [
        { outcome: 'accepted', isFinal: false, code: 'U000' },
        { outcome: 'accepted', isFinal: true, code: 'U000' },
      ],
    );
  });
});

const LINE_COUNT = 10_000;

function line(n: number): SettlementLine {
  return {
    lineId: `line-of-the-settlement-of-a-busy-day-${String(n).padStart(8, '0')}`,
    direction: 'out',
    bizMsgIdr: `20260801PULHIDJA010O02${String(n).padStart(8, '0')}`,
    amountSen: '12500000',
    counterpartyBank: 'BNINIDJA',
    connector: 'f'.repeat(64),
    settledAtMs: 1_785_553_200_000,
    businessDate: '2026-08-01',
  };
}

test("I2 a busy day's statement reaches core whole, in parts that it can read, and again whole after a restart between them", async () => {
  await withRig(
    async (rig) => {
      for (let n = 1; n <= LINE_COUNT; n++) rig.hub.lines.push(line(n));
      rig.hub.completeDates.add('2026-08-01');
      let takenMax = 3;
      rig.coreAnswer = (notice) =>
        notice.kind !== 'statement' || takenMax-- > 0 ? { taken: true } : undefined;
      await rig.post('guard', '/statement', { businessDate: '2026-08-01' });
      await rig.sleep(3_000);
      const first = rig.notices.filter((notice) => notice.kind === 'statement');
      assert.equal(first.length, 3);
      assert.ok(
        first.every((notice) => notice.hasMore),
        'no part but the last says that the date is complete',
      );
      await rig.restart();
      rig.notices.length = 0;
      takenMax = Number.POSITIVE_INFINITY;
      await rig.sleep(3_000);
      const parts = rig.notices.filter((notice) => notice.kind === 'statement');
      assert.ok(!parts.at(-1)!.hasMore && parts.slice(0, -1).every((part) => part.hasMore));
      assert.deepEqual(
        parts.flatMap((part) => part.lines.map(({ lineId }) => lineId)),
        Array.from({ length: LINE_COUNT }, (_, i) => line(i + 1).lineId),
      );
    },
    { limits: { feedPollMs: 600_000, feedAliveMs: 600_000 } },
  );
});

test('I2 a journal that was lost does not lose the statements of the days before', async () => {
  await withRig(
    async (rig) => {
      rig.hub.lines.push({ ...line(1), businessDate: '2026-07-31' });
      rig.hub.completeDates.add('2026-07-31');
      await rig.sleep(70_000);
      assert.deepEqual(
        rig.notices.flatMap((notice) => (notice.kind === 'statement' ? notice.businessDate : [])),
        ['2026-07-31'],
      );
    },
    { limits: { feedPollMs: 600_000, feedAliveMs: 600_000 } },
  );
});
