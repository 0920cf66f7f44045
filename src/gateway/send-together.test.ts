/** Sends that travel together are judged, burned and answered one by one (ADR 0032); the network between core and gateway may lose any of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instructionHash, type Instruction } from '../authorisation/instruction.ts';
import { signTokens, type TokenClaims } from '../authorisation/token.ts';
import { memoryFingerprint } from '../kernel/wire-memory.ts';
import { jsonResponse, parseJson } from '../kernel/wire.ts';
import { railChecks } from '../rail/conformance.ts';
import type { RailPort } from '../rail/contract.ts';
import { GATEWAY_PATH } from '../rail/journal-entry.ts';
import { remoteRail } from '../rail/remote.ts';
import { SEND_COUNT_MAX } from '../rail/send-together.ts';
import { KEYS, withRig, type BifastPayment, type Rig } from '../../test/gateway/rig.ts';

let channels = 0;

function railOf(rig: Rig, { peer = 'core-1', lone = 0 } = {}): RailPort {
  const gateway = rig.network.connect(peer, 'gateway-1');
  return remoteRail({
    gateway,
    together: { time: rig.time, channel: `chn_${++channels}`, lone },
  });
}

function authoriseMany(rig: Rig, count: number): readonly BifastPayment[] {
  return Array.from({ length: count }, () => rig.authorise());
}

/** Counts the requests to the gateway by path, and may have one lost. */
function watch(rig: Rig, lose?: (path: string, count: number) => 'lose_answer' | undefined) {
  const counts: Record<string, number> = {};
  rig.network.onCall = (_, target, path) => {
    if (target !== 'gateway-1') return undefined;
    counts[path] = (counts[path] ?? 0) + 1;
    return lose?.(path, counts[path]);
  };
  return counts;
}

for (const check of railChecks)
  test(`BI-FAST rail, sends together: ${check.name}`, () =>
    withRig((rig) => check.run({ ...rig, rail: railOf(rig) })));

test('150 payments travel in a few requests, and each is taken and answered once', () =>
  withRig(async (rig) => {
    const counts = watch(rig);
    const payments = authoriseMany(rig, 150);
    const rail = railOf(rig);
    const answers = await Promise.all(payments.map((payment) => rail.send(payment)));
    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    for (const { instruction } of payments)
      assert.equal(rig.takenCount(instruction.bizMsgIdr), 1, instruction.bizMsgIdr);
    assert.ok(counts[GATEWAY_PATH.sendTogether]! <= 8, JSON.stringify(counts));
  }));

test('the first few go by themselves: a lone payment waits for nobody', () =>
  withRig(async (rig) => {
    const counts = watch(rig);
    const rail = railOf(rig, { lone: 2 });
    for (const payment of authoriseMany(rig, 3)) await rail.send(payment);
    assert.deepEqual({ ...counts }, { [GATEWAY_PATH.send]: 3 });
    await Promise.all(authoriseMany(rig, 3).map((payment) => rail.send(payment)));
    assert.equal(counts[GATEWAY_PATH.send], 5);
    assert.ok(counts[GATEWAY_PATH.sendTogether]! >= 1);
  }));

test('a payment that the network answers late holds up no other', () =>
  withRig(async (rig) => {
    const rail = railOf(rig);
    rig.setMood('late');
    const late = rail.send(rig.authorise());
    await rig.sleep(20);
    rig.setMood('accept');
    const startMs = rig.time.now();
    const answers = await Promise.all(authoriseMany(rig, 20).map((payment) => rail.send(payment)));
    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    assert.ok(rig.time.now() - startMs < 500, `${rig.time.now() - startMs} ms`);
    assert.equal((await late).outcome, 'unknown');
  }));

test('I2 a lost answer makes every payment of it unknown, and the journal knows each outcome', () =>
  withRig(async (rig) => {
    watch(rig, (path) => (path === GATEWAY_PATH.sendTogether ? 'lose_answer' : undefined));
    const payments = authoriseMany(rig, 20);
    const rail = railOf(rig);
    const answers = await Promise.all(payments.map((payment) => rail.send(payment)));
    assert.ok(
      answers.every(({ outcome }) => outcome === 'unknown'),
      'nothing but unknown',
    );
    for (const { jti, instruction } of payments) {
      const known = await rail.recall({ jti });
      assert.ok(known.known === 'outcome' && known.answer.outcome === 'accepted');
      assert.equal(rig.takenCount(instruction.bizMsgIdr), 1);
    }
  }));

test('a gateway that is not there takes nothing: not reached, and nothing is guessed', () =>
  withRig(async (rig) => {
    rig.network.onCall = (_, target) => (target === 'gateway-1' ? 'refuse' : undefined);
    const rail = railOf(rig);
    const answers = await Promise.all(authoriseMany(rig, 5).map((payment) => rail.send(payment)));
    assert.ok(answers.every(({ outcome }) => outcome === 'not_reached'));
  }));

test('I1 a forged payment among honest ones costs its sender, and nothing of it or after it leaves', () =>
  withRig(async (rig) => {
    const peer = 'core-66';
    const rail = railOf(rig, { peer });
    const [first, second] = [rig.authorise(), rig.authorise()];
    const forged = rig.authorise();
    const instruction = { ...forged.instruction, amountSen: '24900000000' };
    const answers = await Promise.all(
      [first, { ...forged, instruction }, second].map((payment) => rail.send(payment)),
    );
    assert.deepEqual(answers.slice(1), [
      { outcome: 'not_reached', reason: 'refused: instruction_changed' },
      { outcome: 'not_reached', reason: 'refused: quarantined' },
    ]);
    assert.equal(rig.takenCount(forged.instruction.bizMsgIdr), 0);
    assert.equal(rig.takenCount(second.instruction.bizMsgIdr), 0);
    assert.equal((await railOf(rig).send(rig.authorise())).outcome, 'accepted');
  }));

test('I1 two copies of one authorisation in a request leave once', () =>
  withRig(async (rig) => {
    const rail = railOf(rig);
    const payment = rig.authorise();
    const answers = await Promise.all([rail.send(payment), rail.send(payment)]);
    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    assert.equal(rig.takenCount(payment.instruction.bizMsgIdr), 1);
  }));

test('a stranger gets no answer of a channel, and too much at once is refused whole', () =>
  withRig(async (rig) => {
    const { instruction, token } = rig.authorise();
    const sends = [{ number: 1, instruction, token }];
    const body = { channel: 'chn_x', sends };
    const stranger = await rig.post('attacker', GATEWAY_PATH.sendTogether, body);
    assert.equal(stranger.status, 403);
    const quarantined = rig.gateway.state().quarantines.map(({ fingerprint }) => fingerprint);
    assert.deepEqual(quarantined, [memoryFingerprint('attacker')]);
    const tooMany = Array.from({ length: SEND_COUNT_MAX + 1 }, (_, i) => ({
      number: i + 1,
      instruction,
      token,
    }));
    for (const wrong of [{ ...body, sends: tooMany }, { ...body, channel: '' }, { channel: 'x' }]) {
      const response = await rig.post('core-2', GATEWAY_PATH.sendTogether, wrong);
      assert.equal(response.status, 403);
    }
    assert.equal(rig.takenCount(instruction.bizMsgIdr), 0);
  }));

test('what one core sent is answered to that core alone', () =>
  withRig(async (rig) => {
    const { instruction, token } = rig.authorise();
    const body = { channel: 'chn_same', sends: [{ number: 1, instruction, token }] };
    const own = rig.post('core-1', GATEWAY_PATH.sendTogether, body);
    // Asked later, so that it is the newest request of that name when the answer is there.
    const other = rig.post('core-2', GATEWAY_PATH.sendTogether, { channel: 'chn_same', sends: [] });
    const { answers } = parseJson((await own).body) as { answers: readonly { number: number }[] };
    assert.deepEqual(
      answers.map(({ number }) => number),
      [1],
    );
    assert.deepEqual(parseJson((await other).body), { answers: [] });
  }));

test('I2 a send whose answer never comes is unknown in time, also when the clock jumps back', () =>
  withRig(async (rig) => {
    let jumpMs = 0;
    const rail = remoteRail({
      // A gateway that lost its answers at a restart: it has nothing to say of what it took.
      gateway: {
        async call() {
          await rig.time.sleep(4_000);
          return jsonResponse(200, { answers: [] });
        },
        close: () => Promise.resolve(),
      },
      together: {
        time: { ...rig.time, now: () => rig.time.now() + jumpMs },
        channel: 'chn_jump',
        lone: 0,
      },
    });
    const startMs = rig.time.now();
    const sent = rail.send(rig.authorise());
    await rig.sleep(20);
    jumpMs = -3_600_000;
    assert.equal((await sent).outcome, 'unknown');
    assert.ok(rig.time.now() - startMs < 20_000, `${rig.time.now() - startMs} ms`);
  }));

test('a core that opens channel after channel takes no answer from another', () =>
  withRig(async (rig) => {
    rig.setMood('late');
    const rail = railOf(rig);
    const open = rail.send(rig.authorise());
    await rig.sleep(20);
    const held = Array.from({ length: 80 }, (_, count) =>
      rig.post('core-66', GATEWAY_PATH.sendTogether, { channel: `chn_${count}`, sends: [] }),
    );
    await rig.sleep(20);
    const startMs = rig.time.now();
    rig.setMood('accept');
    const sent = await rail.send(rig.authorise());
    assert.equal(sent.outcome, 'accepted');
    assert.ok(rig.time.now() - startMs < 5_000);
    const answer = await open;
    assert.ok(answer.outcome === 'unknown');
    assert.notEqual(answer.reason, 'gateway gave no answer');
    assert.ok((await Promise.all(held)).every(({ status }) => status === 200));
  }));

test('I1 a batch of tokens leaves once each, and a jti of it in another batch leaves nothing more', () =>
  withRig(async (rig) => {
    const payments = authoriseMany(rig, 5);
    const signed = (iatMs: number): readonly BifastPayment[] => {
      const tokens = signTokens(
        KEYS.signer.privateKey,
        payments.map(({ instruction, jti }) => claimsOf(instruction, { jti, iatMs })),
      );
      return payments.map((payment, index) => ({ ...payment, token: tokens[index]! }));
    };
    const rail = railOf(rig);
    const startMs = rig.time.now();
    for (const batch of [signed(startMs), signed(startMs - 1)]) {
      const answers = await Promise.all(batch.map((payment) => rail.send(payment)));
      assert.ok(answers.every(({ outcome }) => outcome === 'accepted'));
    }
    for (const { instruction } of payments)
      assert.equal(rig.takenCount(instruction.bizMsgIdr), 1, instruction.bizMsgIdr);
    const [honest, other] = signed(startMs);
    const swapped = await rail.send({ ...honest!, token: other!.token });
    assert.deepEqual(swapped, { outcome: 'not_reached', reason: 'refused: instruction_changed' });
  }));

function claimsOf(instruction: Instruction, of: { jti: string; iatMs: number }): TokenClaims {
  const { paymentId, attempt, env } = instruction;
  return {
    version: 1,
    env,
    kid: 'k1',
    aud: 'gateway-1',
    paymentId,
    attempt,
    expMs: of.iatMs + 120_000,
    instructionHash: instructionHash(instruction),
    ...of,
  };
}
