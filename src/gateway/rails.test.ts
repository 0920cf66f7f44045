/** Several rails in one gateway: each with bounds of its own, none speaks for another, one that is not configured is closed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BillerInstruction } from '../authorisation/form-biller.ts';
import { newId } from '../kernel/ids.ts';
import { seededRandom } from '../kernel/random.ts';
import type { RailAnswer } from '../rail/contract.ts';
import { GATEWAY_PATH, type JournalBody } from '../rail/journal-entry.ts';
import { START_MS, withRig, type Rig } from '../../test/gateway/rig.ts';
import type { RailOpener } from './host.ts';
import { makeIndex } from './journal-index.ts';

const SETTLED: RailAnswer = { outcome: 'accepted', isFinal: true, code: '00' };

/** A rail of few words: it answers what it is told to, when it is told to. */
function smallRail(send: () => Promise<RailAnswer>): RailOpener {
  return () => ({
    rail: 'biller',
    rules: {
      amountSenMin: 100n,
      amountSenMax: 1_000_000_000n,
      // Takes every id for its own: that another rail's stays another's is the common part's to keep.
      dayOf: ({ bizMsgIdr }) => bizMsgIdr.slice(0, 8),
      isOurs: () => true,
    },
    send,
    inquire: async () => SETTLED,
    enquire: async () => ({ found: false, code: '92' }),
    settlement: { feed: async () => undefined, statement: async () => undefined },
    listen: async () => [],
    loops: [],
  });
}

let sequence = 0;
const random = seededRandom('rails');

function bill(rig: Rig): { instruction: BillerInstruction; token: string; jti: string } {
  const { kind: _kind, bizMsgIdr: _id, msgId: _msg, creditor: _to, ...rest } = rig.instruction();
  const { channelCode: _code, categoryPurpose: _purpose, remittance: _text, ...common } = rest;
  const instruction: BillerInstruction = {
    ...common,
    rail: 'biller',
    kind: 'bill_payment',
    reference: `20260801PULHIDJA${String(++sequence).padStart(8, '0')}`,
    aggregator: 'TAGIHIDA',
    product: 'PLN_PREPAID',
    customerKey: '12345678901',
    inquiryReference: 'INQ000000001',
    periodCount: 0,
  };
  const jti = newId('jti', rig.time.now(), random);
  return { instruction, jti, token: rig.tokenOf(instruction, { jti }) };
}

test('an instruction of a rail that this gateway does not carry is put off, and nothing of it is burned', async () => {
  await withRig(async (rig) => {
    const { instruction, token, jti } = bill(rig);
    assert.deepEqual(await rig.rail.send({ instruction, token }), {
      outcome: 'not_reached',
      reason: 'no link to biller here',
    });
    assert.deepEqual(await rig.rail.recall({ jti }), { known: 'never_seen' });
    const { paymentId, reference } = instruction;
    const asked = { rail: 'biller', paymentId, bizMsgIdr: reference } as const;
    assert.equal((await rig.rail.inquire(asked)).outcome, 'not_reached');
    assert.equal(rig.hub.messageCount, 1, 'the sign-on alone');
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
  });
});

test('a second rail is burned, repeated and remembered like the first, under its own name', async () => {
  let count = 0;
  const rails = [smallRail(async () => (count++, SETTLED))];
  await withRig(
    async (rig) => {
      const payment = bill(rig);
      assert.deepEqual(await rig.rail.send(payment), SETTLED);
      assert.deepEqual(await rig.rail.send(payment), SETTLED);
      assert.equal(count, 1);
      const [intent] = await rig.bodies('intent');
      assert.equal(intent?.rail, 'biller');
      assert.equal(intent?.bizMsgIdr, payment.instruction.reference);
      assert.equal(intent?.bank, 'TAGIHIDA');
      await rig.restart();
      assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), {
        known: 'outcome',
        answer: SETTLED,
      });
      const other = bill(rig);
      const stolen = { ...other.instruction, reference: payment.instruction.reference };
      const answer = await rig.rail.send({ instruction: stolen, token: rig.tokenOf(stolen) });
      assert.deepEqual(answer, { outcome: 'not_reached', reason: 'refused: id_repeated' });
    },
    { rails: () => rails },
  );
});

test('T18 a rail that answers nobody takes no place from another', async () => {
  let release = (): void => {};
  const never = new Promise<RailAnswer>((resolve) => (release = () => resolve(SETTLED)));
  await withRig(
    async (rig) => {
      const waiting = [bill(rig), bill(rig)].map((payment) => rig.rail.send(payment));
      await rig.sleep(100);
      const third = bill(rig);
      assert.deepEqual(await rig.rail.send(third), { outcome: 'not_reached', reason: 'busy' });
      assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
      release();
      await Promise.all(waiting);
    },
    { rails: () => [smallRail(() => never)], limits: { inFlightCountMax: 2 } },
  );
});

test('a latch on one rail leaves the other open', async () => {
  await withRig(
    async (rig) => {
      const pressed = await rig.press({});
      assert.ok(pressed.ok);
      assert.equal((await rig.rail.send(rig.authorise())).outcome, 'not_sent');
      assert.deepEqual(await rig.rail.send(bill(rig)), SETTLED);
    },
    { rails: () => [smallRail(async () => SETTLED)] },
  );
});

test('a rail is asked about its own ids only, and controlled only where its network has a portal', async () => {
  await withRig(
    async (rig) => {
      const { instruction, token } = bill(rig);
      await rig.rail.send({ instruction, token });
      const { paymentId, reference } = instruction;
      const asked = { rail: 'bifast', paymentId, bizMsgIdr: reference, msgId: 'x' } as const;
      const answer = await rig.rail.inquire(asked);
      assert.deepEqual(answer, { outcome: 'not_reached', reason: 'refused: malformed' });
      const theirs = rig.authorise();
      rig.setMood('lost_answer');
      await rig.rail.send(theirs);
      const { bizMsgIdr } = theirs.instruction;
      const swapped = await rig.rail.inquire({ rail: 'biller', paymentId, bizMsgIdr });
      assert.deepEqual(swapped, { outcome: 'not_reached', reason: 'refused: malformed' });
      const control = { action: 'suspend_out', reason: 'uji', rail: 'biller' };
      const reply = await rig.post('guard', GATEWAY_PATH.hubControl, control);
      assert.match(reply.body.toString(), /no portal of biller here/);
      assert.equal(rig.hub.portal.length, 0);
    },
    { rails: () => [smallRail(async () => ({ outcome: 'unknown', reason: 'no answer' }))] },
  );
});

test("I12 a network's word about what another rail carried settles nothing", () => {
  const index = makeIndex();
  const intent = {
    kind: 'intent',
    rail: 'biller',
    jti: 'jti_1',
    paymentId: 'pay_1',
    bizMsgIdr: '20260801PULHIDJA00000001',
    amountSen: '100',
    bank: 'TAGIHIDA',
    peer: 'core-1',
    instructionHash: '',
  } as const;
  const word = (rail: 'bifast' | 'biller'): JournalBody => ({
    kind: 'inbound',
    bizMsgIdr: intent.bizMsgIdr,
    what: 'outcome',
    notice: {
      kind: 'outcome',
      rail,
      bizMsgIdr: intent.bizMsgIdr,
      answer: SETTLED,
      source: 'rail_notice',
    },
  });
  const entry = (position: number, body: JournalBody): void =>
    index.apply({ partition: 'gateway-1', position, atMs: START_MS + position, body });
  entry(1, intent);
  entry(2, word('bifast'));
  assert.equal(index.burn('jti_1')?.state, 'intent');
  entry(3, word('biller'));
  assert.equal(index.burn('jti_1')?.state, 'outcome');
});
