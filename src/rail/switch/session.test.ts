import assert from 'node:assert/strict';
import test from 'node:test';
import { DIALECTS } from '../iso8583/dialects.ts';
import type { Dialect } from '../iso8583/spec.ts';
import { openNetwork } from './network.ts';
import {
  approve,
  APPROVES,
  bounds,
  LISTENING,
  macUnder,
  management,
  MANAGES,
  portsOf,
  settingOf,
  signedOn,
  transfer,
  until,
  withWorld,
} from './test-network.ts';

test('a planned stop waits for answers, takes nothing new, and signs off', async () => {
  const seen: string[] = [];
  await withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const player = world.players[0]!;
    const paid = world.network.request({ kind: 'financial', message: transfer(71) });
    await world.time.sleep(20);
    const stopped = world.network.stop();
    await world.time.sleep(20);
    const refused = await world.network.request({ kind: 'financial', message: transfer(72) });
    assert.deepEqual(refused, { outcome: 'not_sent', reason: 'no_link_signed_on' });
    assert.ok(!player.got.some((message) => message.fields[70] === '002'));
    player.send(approve(transfer(71)));
    assert.equal((await paid).outcome, 'answered');
    await stopped;
    await world.time.sleep(20);
    seen.push(...player.got.map(({ fields }) => fields[70] ?? 'money'));
    assert.ok(player.isClosed());
  });
  assert.deepEqual(seen, ['001', 'money', '002']);
});

test('a network that signs us off gets nothing more until we are signed on again', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const player = world.players[0]!;
    const waiting = world.network.request({ kind: 'financial', message: transfer(81) });
    await world.time.sleep(20);
    player.send(management('002'));
    await until(world, () => player.got.at(-1)!.mti === '0810');
    assert.equal(world.network.links()[0]!.phase, 'connected');
    const refused = await world.network.request({ kind: 'financial', message: transfer(82) });
    assert.equal(refused.outcome, 'not_sent');
    // What was on its way may still be answered.
    player.send(approve(transfer(81)));
    assert.equal((await waiting).outcome, 'answered');
    await signedOn(world);
    assert.equal(world.players.length, 1);
  }));

test('an echo that is answered with "sign on" signs on again', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    let echoes = 0;
    world.script = (message, player) => {
      const isFirstEcho = message.fields[70] === '301' && ++echoes === 1;
      player.send(approve(message, isFirstEcho ? { 39: '01' } : {}));
    };
    await until(world, () => world.network.links()[0]!.phase !== 'signed_on');
    await signedOn(world);
    assert.equal(world.players[0]!.got.filter(({ fields }) => fields[70] === '001').length, 2);
  }));

test('an answer to something else does not sign us on', () =>
  withWorld(
    settingOf(),
    async (world) => {
      await world.time.sleep(10_000);
      assert.equal(world.network.links()[0]!.phase, 'signing_on');
      assert.deepEqual(
        world.alarms.map(({ detail }) => detail),
        ['0810 DE70'],
      );
    },
    { script: (message, player) => player.send(approve(message, { 70: '301' })) },
  ));

test('our request for a key hands what comes with the answer to the key port', () =>
  withWorld(settingOf(), async (world) => {
    assert.equal(await world.network.requestKey(), 'no_link_signed_on');
    await signedOn(world);
    const wrapped = `${'0123456789ABCDEF'.repeat(2)}A1B2C3`;
    world.script = (message, player) =>
      player.send(approve(message, message.fields[70] === '161' ? { 120: wrapped } : {}));
    assert.equal(await world.network.requestKey(), 'accepted');
    assert.deepEqual(world.keys, [{ key: '0123456789ABCDEF'.repeat(2), checkValue: 'A1B2C3' }]);
    world.script = (message, player) => player.send(approve(message, { 39: '96' }));
    assert.equal(await world.network.requestKey(), 'refused');
    world.script = () => {};
    assert.equal(await world.network.requestKey(), 'unknown');
  }));

test('messages that cannot be read are counted, and after some in a row the connection is given up', () =>
  withWorld(settingOf({ bounds: bounds({ malformedMax: 3 }) }), async (world) => {
    await signedOn(world);
    const [player] = world.players;
    player!.sendBytes(Buffer.from('0210 nonsense'));
    player!.sendBytes(Buffer.from('0210 nonsense'));
    player!.send(management('301'));
    player!.sendBytes(Buffer.from('0210 nonsense'));
    await world.time.sleep(100);
    assert.equal(world.network.counts().malformed, 3);
    assert.equal(world.network.links()[0]!.phase, 'signed_on');
    for (let left = 2; left > 0; left--) player!.sendBytes(Buffer.from('0210 nonsense'));
    await until(world, () => player!.isClosed());
    await signedOn(world);
  }));

test('a message that our codec refuses is proven not sent', () =>
  withWorld(settingOf(), async (world) => {
    await signedOn(world);
    const wrong = transfer(91, { 4: '5000000' });
    assert.deepEqual(await world.network.request({ kind: 'financial', message: wrong }), {
      outcome: 'not_sent',
      reason: 'refused_by_codec',
    });
    assert.deepEqual(
      await world.network.request({
        kind: 'financial',
        message: { mti: '0210', fields: transfer(91).fields },
      }),
      { outcome: 'not_sent', reason: 'not_a_request' },
    );
    world.script = APPROVES;
    // Its ids are free: nothing of it left.
    const right = await world.network.request({ kind: 'financial', message: transfer(91) });
    assert.equal(right.outcome, 'answered');
    world.script = MANAGES;
  }));

test('whoever makes MACs being away proves that nothing was sent; whoever checks them being away, that nothing is believed', async () => {
  const right = macUnder(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'));
  let isAway = true;
  const away = async (): Promise<never> => {
    throw new Error('HSM is away');
  };
  await withWorld(
    settingOf({ macOn: 'financial' }),
    async (world) => {
      await signedOn(world);
      const first = await world.network.request({ kind: 'financial', message: transfer(1) });
      assert.deepEqual(first, { outcome: 'not_sent', reason: 'mac_unavailable' });
      isAway = false;
      const second = await world.network.request({ kind: 'financial', message: transfer(1) });
      assert.equal(second.outcome, 'unknown');
      assert.equal(world.network.links()[0]!.phase, 'signed_on');
    },
    {
      script: APPROVES,
      peerMacKey: Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'),
      mac: { make: (input) => (isAway ? away() : right.make(input)), isRight: away },
    },
  );
});

test('a MAC that is too short, or lower case, is none', async () => {
  for (const mac of ['', 'AB', '0123456789abcdef', '0123456789ABCDEF0'])
    await withWorld(
      settingOf({ macOn: 'financial' }),
      async (world) => {
        await signedOn(world);
        const answer = await world.network.request({ kind: 'financial', message: transfer(1) });
        assert.deepEqual(answer, { outcome: 'not_sent', reason: 'mac_unavailable' });
      },
      { mac: { make: async () => mac, isRight: async () => true } },
    );
});

test('a registry that gives no STAN keeps the link signed off and alive', async () => {
  let isAway = true;
  let count = 0;
  const stan = (): string => {
    if (isAway) throw new Error('no STAN now');
    return String(++count).padStart(6, '0');
  };
  await withWorld(
    settingOf(),
    async (world) => {
      await world.time.sleep(5_000);
      assert.notEqual(world.network.links()[0]!.phase, 'signed_on');
      assert.equal(world.players[0]!.got.length, 0);
      isAway = false;
      await signedOn(world);
    },
    { ports: { stan } },
  );
});

test('answers go back with the TPDU turned round, or with the same text header', async () => {
  const headerOf = async (dialect: Dialect, header: string): Promise<string | undefined> => {
    let back: string | undefined;
    await withWorld(settingOf({ ...LISTENING, dialect }), async (world) => {
      const player = await world.dial('switch');
      player.send({ ...management('001'), header });
      await until(world, () => player.got.length === 1);
      back = player.got[0]!.header;
    });
    return back;
  };
  assert.equal(await headerOf(DIALECTS.packed, '6000010002'), '6000020001');
  assert.equal(await headerOf(DIALECTS.headed, 'ISO016000077'), 'ISO016000077');
});

test('a network whose listener cannot open is not opened at all', () =>
  withWorld(settingOf(), async (world) => {
    const setting = settingOf({
      links: [
        { name: 'a', side: 'client', address: 'switch-1', admitted: [] },
        { name: 'b', side: 'server', address: 'us-1', admitted: ['switch'] },
      ],
    });
    const net = world.streams.net('bank');
    const listen = async (): Promise<never> => {
      throw new Error('port in use');
    };
    const opening = openNetwork(setting, {
      ...portsOf(world),
      streams: { connect: net.connect, listen },
    });
    await assert.rejects(opening, /port in use/);
    const before = world.players.length;
    await world.time.sleep(120_000);
    assert.equal(world.players.length, before);
  }));
