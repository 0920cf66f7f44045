import assert from 'node:assert/strict';
import test from 'node:test';
import type { IsoMessage } from '../iso8583/spec.ts';
import {
  approve,
  APPROVES,
  bounds,
  inquiry,
  macUnder,
  management,
  retailMac,
  settingOf,
  signedOn,
  transfer,
  until,
  withWorld,
} from './test-network.ts';
import { USUAL_TIMERS } from './setting.ts';

const TWO_LINKS = settingOf({
  links: [
    { name: 'demo-1', side: 'client', address: 'switch-1', admitted: [] },
    { name: 'demo-2', side: 'client', address: 'switch-2', admitted: [] },
  ],
});

function money(messages: readonly IsoMessage[]): readonly string[] {
  return messages
    .filter(({ mti }) => mti.charAt(1) !== '8')
    .map(({ mti, fields }) => `${mti} ${fields[11]}`);
}

test('nothing financial leaves before the sign-on is approved, and a refused sign-on is tried again later', () =>
  withWorld(settingOf(), async (world) => {
    let refusals = 0;
    world.script = (message, player) => {
      const isRefused = message.fields[70] === '001' && refusals < 2;
      if (isRefused) refusals++;
      if (message.mti === '0800') player.send(approve(message, isRefused ? { 39: '91' } : {}));
      else player.send(approve(message));
    };
    const early = await world.network.request({ kind: 'financial', message: transfer(1) });
    assert.deepEqual(early, { outcome: 'not_sent', reason: 'no_link_signed_on' });
    await signedOn(world);
    assert.deepEqual(money(world.players[0]!.got), []);
    assert.equal(refusals, 2);
    const answer = await world.network.request({ kind: 'financial', message: transfer(2) });
    assert.equal(answer.outcome === 'answered' && answer.message.fields[39], '00');
    assert.deepEqual(money(world.players[0]!.got), ['0200 000002']);
  }));

test('requests on their way together each get their own answer, in whatever order the answers come', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const held: IsoMessage[] = [];
    world.script = (message, player) => {
      if (message.mti === '0800') return player.send(approve(message));
      held.push(message);
      if (held.length === 3)
        for (const one of held.toReversed())
          player.send(approve(one, { 38: `A${one.fields[11]!.slice(-2)}` }));
    };
    const answers = await Promise.all(
      [transfer(11), transfer(12), transfer(13)].map((message) =>
        world.network.request({ kind: 'financial', message }),
      ),
    );
    assert.deepEqual(
      answers.map((one) => one.outcome === 'answered' && one.message.fields[38]),
      ['A11', 'A12', 'A13'],
    );
  }));

test('T2 a request without an answer in time is unknown, and its late answer goes to the late handler, never to a newer request', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const [player] = world.players;
    const beganMs = world.time.now();
    const first = await world.network.request({ kind: 'financial', message: transfer(21) });
    assert.deepEqual(first, { outcome: 'unknown', reason: 'timeout', link: 'demo-1' });
    assert.equal(world.time.now() - beganMs, USUAL_TIMERS.requestMs);
    const again = await world.network.request({ kind: 'financial', message: transfer(21) });
    assert.deepEqual(again, { outcome: 'not_sent', reason: 'key_in_use' });
    const newer = world.network.request({ kind: 'financial', message: transfer(22) });
    await world.time.sleep(100);
    player!.send(approve(transfer(21)));
    await until(world, () => world.late.length === 1);
    assert.equal(world.late[0]!.fields[11], '000021');
    player!.send(approve(transfer(21)));
    player!.send(approve(transfer(22), { 38: 'NEWER' }));
    const second = await newer;
    assert.equal(second.outcome === 'answered' && second.message.fields[38], 'NEWER');
    player!.send(approve(transfer(22)));
    player!.send(approve(transfer(999)));
    await world.time.sleep(100);
    const { late, duplicate, stray, timedOut, answered } = world.network.counts();
    assert.deepEqual(
      { late, duplicate, stray, timedOut },
      { late: 1, duplicate: 2, stray: 1, timedOut: 1 },
    );
    assert.equal(answered, 2);
    assert.equal(world.late.length, 1);
  }));

test('the repeat of a reversal gets the answer that the first one did not get', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const reversal = (mti: string): IsoMessage => ({ ...transfer(31), mti });
    const first = await world.network.request({ kind: 'financial', message: reversal('0420') });
    assert.equal(first.outcome, 'unknown');
    world.script = APPROVES;
    const repeat = await world.network.request({ kind: 'financial', message: reversal('0421') });
    assert.equal(repeat.outcome === 'answered' && repeat.message.mti, '0430');
  }));

test('an answer about another amount is an alarm and answers nothing', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    world.script = (message, player) =>
      player.send(approve(message, message.mti === '0200' ? { 4: '000000000100' } : {}));
    const answer = await world.network.request({ kind: 'financial', message: transfer(41) });
    assert.equal(answer.outcome, 'unknown');
    assert.deepEqual(world.alarms, [
      { kind: 'answer_mismatched', network: 'demo', link: 'demo-1', detail: '0210 DE4' },
    ]);
    // What was logged of it shows no card and no account.
    assert.ok(!world.logged.join('\n').includes('6220990000000011'));
    assert.ok(world.logged.join('\n').includes('622099******0011'));
  }));

test('an answer with a wrong MAC or none answers nothing and is an alarm; one with the right MAC counts', async () => {
  const key = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
  const other = Buffer.from('1123456789ABCDEFFEDCBA9876543210', 'hex');
  const setting = settingOf({ macOn: 'financial' });
  const ask = (peerMacKey: Buffer | undefined, wanted: string, alarms: readonly string[]) =>
    withWorld(
      setting,
      async (world) => {
        await signedOn(world);
        const answer = await world.network.request({ kind: 'financial', message: transfer(51) });
        assert.equal(answer.outcome, wanted);
        assert.deepEqual(
          world.alarms.map((alarm) => alarm.kind),
          alarms,
        );
        const sent = world.players[0]!.got.find(({ mti }) => mti === '0200')!;
        assert.match(sent.fields[128]!, /^[0-9A-F]{16}$/);
        assert.notEqual(sent.fields[128], '0000000000000000');
      },
      { mac: macUnder(key), script: APPROVES, ...(peerMacKey && { peerMacKey }) },
    );
  await ask(key, 'answered', []);
  await ask(other, 'unknown', ['mac_wrong']);
  await ask(undefined, 'unknown', ['mac_missing']);
});

test('a request whose MAC is still being made when the network signs off is kept back, and one whose link breaks takes the other', async () => {
  const mac = macUnder(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'));
  let wait: () => Promise<void> = async () => {};
  const slow = {
    ...mac,
    make: (input: Parameters<typeof mac.make>[0]) => wait().then(() => mac.make(input)),
  };
  await withWorld(
    { ...TWO_LINKS, macOn: 'financial' },
    async (world) => {
      wait = () => world.time.sleep(100);
      await until(world, () => world.network.links().every((link) => link.phase === 'signed_on'));
      const signedOff = world.network.request({ kind: 'financial', message: transfer(52) });
      await world.time.sleep(20);
      for (const player of world.players) player.send(management('002'));
      assert.deepEqual(await signedOff, { outcome: 'not_sent', reason: 'not_signed_on' });
      await until(world, () => world.network.links().every((link) => link.phase === 'signed_on'));
      const moved = world.network.request({ kind: 'financial', message: transfer(53) });
      await world.time.sleep(20);
      world.streams
        .connections()
        .find((one) => one.target === 'switch-1')!
        .cut();
      await world.time.sleep(200);
      assert.deepEqual(
        world.players.flatMap((player) => money(player.got)),
        ['0200 000053'],
      );
      world.players[1]!.send(approve(transfer(53)));
      // Without its MAC this answer counts for nothing, and the request ends as unknown.
      assert.equal((await moved).outcome, 'unknown');
    },
    { mac: slow },
  );
});

test('the retail MAC of the tests is that of ISO 9797-1 algorithm 3', () => {
  // ISO/IEC 9797-1 Annex B: MAC algorithm 3, padding method 1.
  const key = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
  assert.equal(retailMac(key, Buffer.from('Now is the time for all ')), 'A1C72E74EA3FA9B6');
});

test('a link that breaks leaves its requests unknown, sends none of them again, and the next goes over the other link', () =>
  withWorld(TWO_LINKS, async (world) => {
    await until(world, () => world.network.links().every((link) => link.phase === 'signed_on'));
    const lost = world.network.request({ kind: 'financial', message: transfer(61) });
    await world.time.sleep(50);
    world.streams
      .connections()
      .find((one) => one.target === 'switch-1')!
      .cut();
    assert.deepEqual(await lost, { outcome: 'unknown', reason: 'link_broken', link: 'demo-1' });
    world.script = APPROVES;
    const next = await world.network.request({ kind: 'financial', message: transfer(62) });
    assert.equal(next.outcome === 'answered' && next.link, 'demo-2');
    // The first link comes back, and takes the next one.
    await until(world, () => world.network.links().every((link) => link.phase === 'signed_on'));
    const back = await world.network.request({ kind: 'financial', message: transfer(63) });
    assert.equal(back.outcome === 'answered' && back.link, 'demo-1');
    assert.deepEqual(world.players.flatMap((player) => money(player.got)).sort(), [
      '0200 000061',
      '0200 000062',
      '0200 000063',
    ]);
  }));

test('a half-open connection is found by its echoes, and a new one is made', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    world.streams.connections()[0]!.blackhole();
    const beganMs = world.time.now();
    await until(world, () => world.network.links()[0]!.phase !== 'signed_on');
    const { echoEveryMs, echoMs } = USUAL_TIMERS;
    assert.ok(world.time.now() - beganMs <= 2 * (echoEveryMs + echoMs) + 100);
    await signedOn(world);
    assert.equal(world.players.length, 2);
    assert.equal(world.network.counts().echoMissed, 2);
    assert.ok(world.logged.some((line) => line.includes('half_open')));
  }));

test('while the network is away connections are tried at growing, scattered and bounded intervals', async () => {
  const triesOf = async (seed: number): Promise<readonly number[]> => {
    const tries: number[] = [];
    await withWorld(
      settingOf(),
      async (world) => {
        world.streams.isOpen = () => {
          tries.push(world.time.now());
          return false;
        };
        await world.time.sleep(600_000);
      },
      { seed },
    );
    return tries.slice(1).map((at, index) => at - tries[index]!);
  };
  const waits = await triesOf(1);
  assert.ok(waits.length > 10 && waits.length < 30, `${waits.length} tries`);
  assert.ok(waits[0]! >= 500 && waits[0]! <= 1_100);
  assert.ok(waits.slice(8).every((ms) => ms >= 30_000 && ms <= 60_100));
  assert.notDeepEqual(waits, await triesOf(2));
});

test('T18 inquiries have a bounded share, so that asking never takes the place of paying nor of an echo', () =>
  withWorld(
    settingOf({ bounds: bounds({ inFlightMax: 6, inquiryInFlightMax: 2, inquiryPerSecond: 4 }) }),
    async (world) => {
      await signedOn(world);
      const asked = Array.from({ length: 10 }, (_, at) =>
        world.network.request({ kind: 'inquiry', message: inquiry(100 + at) }),
      );
      const paid = Array.from({ length: 5 }, (_, at) =>
        world.network.request({ kind: 'financial', message: transfer(200 + at) }),
      );
      await world.time.sleep(100);
      assert.equal(world.network.links()[0]!.inFlight, 6);
      const reasons = (await Promise.all(asked)).map((one) =>
        one.outcome === 'not_sent' ? one.reason : one.outcome,
      );
      assert.deepEqual(reasons.toSorted(), [
        ...Array<string>(6).fill('inquiry_budget'),
        'too_many_inquiries',
        'too_many_inquiries',
        'unknown',
        'unknown',
      ]);
      const outcomes = (await Promise.all(paid)).map((one) =>
        one.outcome === 'not_sent' ? one.reason : one.outcome,
      );
      assert.deepEqual(outcomes, [
        'unknown',
        'unknown',
        'unknown',
        'unknown',
        'too_many_in_flight',
      ]);
      assert.equal(world.network.counts().echoMissed, 0);
      // A second later there is a budget again.
      const later = world.network.request({ kind: 'inquiry', message: inquiry(120) });
      assert.equal((await later).outcome, 'unknown');
    },
  ));

test('echoes go through a link that is full of requests', () =>
  withWorld(
    settingOf({
      bounds: bounds({ inFlightMax: 2, inquiryInFlightMax: 1 }),
      timers: { ...USUAL_TIMERS, terminalMs: 300_001, requestMs: 300_000, drainMs: 300_001 },
    }),
    async (world) => {
      await signedOn(world);
      const paid = [1, 2].map((stan) =>
        world.network.request({ kind: 'financial', message: transfer(stan) }),
      );
      await world.time.sleep(200_000);
      assert.equal(world.network.links()[0]!.phase, 'signed_on');
      assert.equal(world.network.counts().echoMissed, 0);
      await Promise.all(paid);
    },
  ));

test('a reader that takes nothing stops what is sent to it at a bound, and is hung up on', () =>
  withWorld(settingOf({ bounds: bounds({ backlogBytesMax: 1_000 }) }), async (world) => {
    await signedOn(world);
    world.streams.connections()[0]!.stall();
    const asked = Array.from({ length: 20 }, (_, at) =>
      world.network.request({ kind: 'financial', message: transfer(300 + at) }),
    );
    const answers = await Promise.all(asked);
    const unknown = answers.filter((one) => one.outcome === 'unknown').length;
    // Some 120 bytes each.
    assert.ok(unknown > 5 && unknown < 10, `${unknown}`);
    assert.equal(
      answers.filter((one) => one.outcome === 'not_sent' && one.reason === 'backlog').length,
      20 - unknown,
    );
    await until(world, () => world.players.length === 2);
  }));
