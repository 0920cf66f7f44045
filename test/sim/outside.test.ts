/** The real gateway against the simulator's hub and attackers, in virtual time: two sides that were written apart meet here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackGateway } from '../../sim/attacker/gateway-attack.ts';
import { attackHub } from '../../sim/attacker/hub-attack.ts';
import { forgedFeedLine } from '../../sim/attacker/network-forge.ts';
import { openMeddler, openTap } from '../../sim/attacker/tap.ts';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import {
  attackSteps,
  GATEWAY_ATTACKS,
  NETWORK_ATTACKS,
  type AttackStep,
} from '../../sim/drills/scenario.ts';
import { signToken, type TokenClaims } from '../../src/authorisation/token.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { memoryFingerprint } from '../../src/kernel/wire-memory.ts';
import { GATEWAY_PATH } from '../../src/rail/journal-entry.ts';
import { remoteRail } from '../../src/rail/remote.ts';
import { KEYS, withRig } from '../gateway/rig.ts';
import { takeOver } from './bifast-world.ts';

const [dki2025, dki2025Bypass] = [SCENARIOS['dki-2025']!, SCENARIOS['dki-2025-bypass']!];
const BANKS = ['BNINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BRINIDJA'];
test('a payment is taken, settled and told to core; its line is in the gateway’s journal; the date’s statement arrives whole', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    const { instruction, token } = rig.authorise();
    assert.deepEqual(await rig.rail.send({ instruction, token }), {
      outcome: 'accepted',
      isFinal: false,
      code: 'U000',
    });
    await rig.sleep(5_000);
    const told = rig.notices.find((notice) => notice.kind === 'outcome');
    assert.ok(
      told?.kind === 'outcome' &&
        told.bizMsgIdr === instruction.bizMsgIdr &&
        told.answer.outcome === 'accepted' &&
        told.answer.isFinal,
    );
    const lines = (await rig.bodies('feed')).map(({ line }) => line);
    assert.deepEqual(
      lines.map((line) => [line.bizMsgIdr, line.connector, line.amountSen]),
      [[instruction.bizMsgIdr, memoryFingerprint('connector:PULHIDJA'), '12500000']],
    );
    await rig.sleep(12 * 60_000);
    const statement = await rig.post('guard', GATEWAY_PATH.statement, {
      businessDate: '2026-08-01',
    });
    assert.match(statement.body.toString(), /"fetched":true/);
    await rig.sleep(5_000);
    const notices = rig.notices.filter((one) => one.kind === 'statement');
    const notice = notices.find(({ businessDate }) => businessDate === '2026-08-01');
    assert.equal(notice?.lines.length, 1);
    await hub.stop();
  }));

test('what the hub pushes besides its feed is the same line: known at once, and once', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    hub.setFaults({ areLinesPushed: true, feedLagMs: 60_000 });
    const { instruction, token } = rig.authorise();
    await rig.rail.send({ instruction, token });
    await rig.sleep(5_000);
    const pushed = (await rig.bodies('feed')).map(({ line }) => line);
    assert.equal(pushed.length, 1);
    assert.equal(pushed[0]?.connector, memoryFingerprint('connector:PULHIDJA'));
    await rig.sleep(120_000);
    assert.deepEqual(
      (await rig.bodies('feed')).map(({ line }) => line),
      pushed,
    );
    const statement = await rig.post('guard', GATEWAY_PATH.statement, {
      businessDate: '2026-08-01',
    });
    assert.equal(statement.status, 200);
    assert.equal((await rig.bodies('feed')).length, 1);
    await hub.stop();
  }));

test('a credit, its enquiry, its settlement and a return of ours pass from the hub to core', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    rig.coreAnswer = (notice) =>
      notice.kind === 'account_enquiry'
        ? { taken: true, accountName: 'NASABAH A', accountType: 'SVGS' }
        : { taken: true };
    assert.deepEqual(
      await hub.enquire({
        fromBank: 'CENAIDJA',
        toBank: 'PULHIDJA',
        account: '1001002003',
        amountSen: 5_000_000n,
      }),
      { found: true, name: 'NASABAH A', accountType: 'SVGS' },
    );
    const credit = {
      fromBank: 'CENAIDJA',
      toBank: 'PULHIDJA',
      debtorAccount: '7006005004',
      creditorAccount: '1001002003',
      amountSen: 5_000_000n,
    };
    const taken = await hub.sendCredit(credit);
    assert.equal(taken.outcome, 'settled');
    await rig.sleep(5_000);
    assert.deepEqual(flowsOf(rig.notices), ['account_enquiry', 'credit', 'credit_settled']);
    rig.coreAnswer = (notice) =>
      notice.kind === 'credit' ? { taken: false, code: 'U101' } : { taken: true };
    assert.deepEqual((({ outcome }) => outcome)(await hub.sendCredit(credit)), 'rejected');
    await hub.stop();
  }));

test('a list of credits comes in one message: a word for each, none twice however often the answer is lost, each settled by itself (T6)', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    rig.coreAnswer = (notice) =>
      notice.kind === 'credit' && notice.creditorAccount === '1001002009'
        ? { taken: false, code: 'U101' }
        : { taken: true };
    hub.chooser.replace([
      {
        name: 'the answer is lost once',
        match: { direction: 'to_bank', countMax: 1 },
        does: { kind: 'drop_answer' },
      },
    ]);
    const credits = ['1001002003', '1001002009', '1001002004'].map((creditorAccount, n) => ({
      fromBank: 'CENAIDJA',
      toBank: 'PULHIDJA',
      debtorAccount: '7006005004',
      creditorAccount,
      amountSen: BigInt(n + 1) * 100_000n,
    }));
    const results = await hub.sendBulk(credits);
    assert.deepEqual(
      results.map((one) => ('code' in one ? `${one.outcome} ${one.code}` : one.outcome)),
      ['settled', 'rejected U101', 'settled'],
    );
    await rig.sleep(5_000);
    const journalled = (await rig.bodies('inbound')).filter(({ what }) => what === 'credit');
    assert.deepEqual(
      journalled.map(({ bizMsgIdr }) => bizMsgIdr),
      results.map(({ bizMsgIdr }) => bizMsgIdr),
    );
    const settled = rig.notices.filter(({ kind }) => kind === 'credit_settled');
    assert.equal(settled.length, 2);
    // The hub's own book says the same of each.
    const lines = hub.feed('PULHIDJA').map(({ bizMsgIdr, amountSen }) => [bizMsgIdr, amountSen]);
    assert.deepEqual(lines, [
      [results[0]!.bizMsgIdr, '100000'],
      [results[2]!.bizMsgIdr, '300000'],
    ]);
    await hub.stop();
  }));

/** What was told of payments, without what the network says of itself, which comes when it comes. */
function flowsOf(notices: readonly { readonly kind: string }[]): string[] {
  return notices
    .map(({ kind }) => kind)
    .filter((kind) => kind !== 'participants' && kind !== 'position');
}

/** The first steps of every kind, packed into minutes. */
function shortSteps(startMs: number): readonly AttackStep[] {
  const seen = new Map<string, number>();
  const all = attackSteps(dki2025, { seed: 1, banks: BANKS }).filter((step) => {
    seen.set(step.kind, (seen.get(step.kind) ?? 0) + 1);
    return seen.get(step.kind)! <= 4;
  });
  return all.map((step, i) => ({ ...step, atMs: startMs + i * 500 }));
}

test('dki-2025: no byte of the attack reaches the hub, nothing is told to core, honest payments go on', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    const tap = openTap();
    const honest = remoteRail({ gateway: tap.client(rig.network.connect('core-1', 'gateway-1')) });
    const sent: string[] = [];
    const pay = async (): Promise<void> => {
      const { instruction, token } = rig.authorise();
      assert.equal((await honest.send({ instruction, token })).outcome, 'accepted');
      sent.push(instruction.bizMsgIdr);
    };
    for (let i = 0; i < 5; i++) await pay();
    await rig.sleep(2_000);
    // What the hub says of itself comes by the clock and is about no payment.
    const ofPayments = (): number => flowsOf(rig.notices).length;
    const noticesBefore = ofPayments();
    const attack = attackGateway({
      time: rig.time,
      random: seededRandom('attack'),
      steps: shortSteps(rig.time.now()),
      connect: (identity) => rig.network.connect('core-9', 'gateway-1', identity),
      connectNetwork: (identity) =>
        rig.network.connect(
          identity.endsWith('credit') ? 'connector:CENAIDJA' : 'hub',
          'gateway-1-network',
          identity,
        ),
      tap,
      bank: { bic: 'PULHIDJA', partition: 'gateway-1', env: 'prod' },
      signAsOurs: (claims) => signToken(KEYS.signer.privateKey, claims as TokenClaims),
    });
    const log = await attack;
    await pay();
    await rig.sleep(3_000);

    assert.deepEqual(
      new Set(Object.keys(log.byKind)),
      new Set([...GATEWAY_ATTACKS, ...NETWORK_ATTACKS]),
    );
    assert.deepEqual(log.taken, { count: 0, valueSen: 0n });
    const firstReason = (kind: string): string =>
      log.entries.find((entry) => entry.kind === kind)!.reason;
    const expected = {
      no_token: 'no_token',
      forged_signature: 'bad_signature',
      unknown_key: 'unknown_key',
      replayed: 'already_used',
      expired: 'expired',
      wrong_partition: 'wrong_partition',
      drill_env: 'wrong_env',
      changed_amount: 'instruction_changed',
      changed_bank: 'instruction_changed',
      changed_name: 'instruction_changed',
      changed_beneficiary: 'instruction_changed',
      unissued_id: 'instruction_changed',
    };
    for (const [kind, reason] of Object.entries(expected))
      assert.equal(firstReason(kind), reason, kind);
    const honestIds = new Set(sent);
    for (const entry of log.entries) {
      const { count } = hub.arrivals(entry.bizMsgIdr!);
      assert.equal(
        count,
        honestIds.has(entry.bizMsgIdr!) ? 1 : 0,
        `${entry.kind} ${entry.bizMsgIdr}`,
      );
    }
    assert.deepEqual(Object.keys(hub.counters().peers), [memoryFingerprint('connector:PULHIDJA')]);
    assert.equal(
      hub.counters().peers[memoryFingerprint('connector:PULHIDJA')]!.instructions,
      sent.length,
    );
    assert.equal(ofPayments(), noticesBefore + 1, 'core heard of the last honest payment only');
    assert.ok((await rig.bodies('forged')).length >= NETWORK_ATTACKS.length);
    await hub.stop();
  }));

test('dki-2025: a feed line from the middle is not believed, and hidden lines come later', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    // The gateway's client was made before: stand in the middle by taking the hub's place on the network.
    const meddler = openMeddler(rig.network.connect('connector:PULHIDJA', 'hub-behind'));
    rig.network.listen('hub-behind', (request) => rig.hub.handle(request));
    rig.network.listen('hub', (request) =>
      meddler.client.call({
        method: request.method as 'GET',
        path: request.path,
        headers: request.headers,
        body: request.body,
        timeoutMs: 5_000,
      }),
    );
    const [step] = shortSteps(rig.time.now());
    const before = (await rig.bodies('feed')).length;
    meddler.meddle({
      line: forgedFeedLine({
        step: step!,
        nowMs: rig.time.now(),
        bizMsgIdr: '20260801CENAIDJA010O0290000001',
      }),
    });
    await rig.sleep(10_000);
    assert.ok(meddler.changedCount() > 0);
    assert.equal((await rig.bodies('feed')).length, before);
    await hub.stop();
  }));

test('dki-2025-bypass: the hub takes it, the feed shows the other certificate within seconds, and revoking that one ends it', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    const startMs = rig.time.now();
    const steps = attackSteps(dki2025Bypass, { seed: 1, banks: BANKS })
      .slice(0, 12)
      .map((step, i) => ({ ...step, atMs: startMs + i * 3_000 }));
    const imitated = memoryFingerprint('connector:PULHIDJA', 'imitated');
    const attack = attackHub({
      time: rig.time,
      steps,
      client: rig.network.connect('connector:PULHIDJA', 'hub', 'imitated'),
      messageKey: KEYS.bank.privateKey,
      bic: 'PULHIDJA',
    });
    await rig.sleep(4_500);
    const lines = (await rig.bodies('feed')).map(({ line }) => line);
    assert.ok(lines.length >= 1 && lines.every((line) => line.connector === imitated));
    const control = await rig.post('guard', GATEWAY_PATH.hubControl, {
      action: 'revoke',
      fingerprint: imitated,
      reason: 'orphan',
    });
    assert.match(control.body.toString(), /"ok":true/);
    const log = await attack;
    assert.deepEqual([log.injected.count, log.taken.count], [12, 2]);
    assert.ok(log.entries.slice(2).every((entry) => entry.answer === 403));
    const { instruction, token } = rig.authorise();
    assert.equal(
      (await rig.rail.send({ instruction, token })).outcome,
      'accepted',
      'our own connector goes on',
    );
    await hub.stop();
  }));
