import assert from 'node:assert/strict';
import test from 'node:test';
import type { IsoMessage } from '../iso8583/spec.ts';
import { openNetwork } from './network.ts';
import {
  approve,
  bounds,
  inquiry,
  LISTENING,
  macUnder,
  management,
  settingOf,
  transfer,
  until,
  withWorld,
  type Player,
  type World,
} from './test-network.ts';
import { networkProblems, USUAL_TIMERS, type LinkTimers } from './setting.ts';

const SETTING = settingOf(LISTENING);

async function answerTo(world: World, player: Player, message: IsoMessage): Promise<IsoMessage> {
  const before = player.got.length;
  player.send(message);
  await until(world, () => player.got.length > before);
  return player.got.at(-1)!;
}

async function signedIn(world: World): Promise<Player> {
  const player = await world.dial('switch');
  const answer = await answerTo(world, player, management('001'));
  assert.equal(answer.fields[39], '00');
  return player;
}

test('nothing financial of theirs is served before they sign on, nor after they sign off', () =>
  withWorld(SETTING, async (world) => {
    const player = await world.dial('switch');
    const early = await answerTo(world, player, transfer(1, { 35: '6220990000000011=2912' }));
    assert.equal(early.mti, '0210');
    assert.equal(early.fields[39], '91');
    // Ids and amount come back; card, track and account do not.
    assert.deepEqual(Object.keys(early.fields), ['3', '4', '7', '11', '37', '39', '41', '49']);
    assert.equal((await answerTo(world, player, management('001'))).fields[39], '00');
    assert.equal((await answerTo(world, player, transfer(2))).fields[39], '00');
    assert.equal((await answerTo(world, player, management('002'))).fields[39], '00');
    assert.equal((await answerTo(world, player, transfer(3))).fields[39], '91');
    assert.deepEqual(
      world.served.map(({ fields }) => fields[11]),
      ['000002'],
    );
    const ours = await world.network.request({ kind: 'inquiry', message: inquiry(4) });
    assert.equal(ours.outcome, 'not_sent');
  }));

test('requests go both ways over one connection', () =>
  withWorld(SETTING, async (world) => {
    const player = await signedIn(world);
    world.script = (message, player) => {
      if (message.mti === '0200') player.send(approve(message, { 38: 'THEIRS' }));
    };
    const ours = world.network.request({ kind: 'financial', message: transfer(11) });
    const theirs = await answerTo(world, player, transfer(12));
    assert.ok(theirs.mti === '0200' || theirs.mti === '0210');
    const answer = await ours;
    assert.equal(answer.outcome === 'answered' && answer.message.fields[38], 'THEIRS');
    await until(world, () =>
      player.got.some(({ mti, fields }) => mti === '0210' && fields[11] === '000012'),
    );
  }));

test('an answer of ours that is late, or to something else, is not sent', () =>
  withWorld(SETTING, async (world) => {
    const player = await signedIn(world);
    const before = player.got.length;
    world.serve = async (request) => {
      await world.time.sleep(USUAL_TIMERS.serveMs + 1);
      return approve(request);
    };
    player.send(transfer(21));
    await world.time.sleep(2 * USUAL_TIMERS.serveMs);
    world.serve = async (request) =>
      approve({ ...request, fields: { ...request.fields, 11: '000099' } });
    player.send(transfer(22));
    await world.time.sleep(100);
    assert.ok(world.logged.some((line) => line.includes('link.answer_wrong')));
    world.serve = async () => {
      throw new Error('the bank is down');
    };
    await world.time.sleep(100);
    player.send(transfer(23));
    await world.time.sleep(100);
    assert.deepEqual(
      player.got.slice(before).filter(({ mti }) => mti !== '0800'),
      [],
    );
    assert.equal(world.network.counts().serveLate, 1);
    // The connection has borne all of it.
    world.serve = async (request) => approve(request);
    assert.equal((await answerTo(world, player, transfer(24))).fields[39], '00');
  }));

test('while MACs are checked slowly no more is read than the bound, and in the end all is answered', async () => {
  const key = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
  const right = macUnder(key);
  let checking = 0;
  let most = 0;
  let wait: () => Promise<void> = async () => {};
  await withWorld(
    settingOf({ ...LISTENING, macOn: 'financial', bounds: bounds({ receivingMax: 4 }) }),
    async (world) => {
      wait = () => world.time.sleep(50);
      const player = await signedIn(world);
      for (let stan = 1; stan <= 20; stan++) player.send(transfer(stan));
      await until(world, () => player.got.filter(({ mti }) => mti === '0210').length === 20);
      assert.equal(most, 4);
    },
    {
      peerMacKey: key,
      mac: {
        make: right.make,
        async isRight(input) {
          most = Math.max(most, ++checking);
          await wait();
          checking--;
          return right.isRight(input);
        },
      },
    },
  );
});

test('more requests of theirs than the bound are refused at once', () =>
  withWorld(settingOf({ ...LISTENING, bounds: bounds({ servingMax: 2 }) }), async (world) => {
    const player = await signedIn(world);
    world.serve = async (request) => {
      await world.time.sleep(1_000);
      return approve(request);
    };
    for (const stan of [31, 32, 33, 34]) player.send(transfer(stan));
    await until(world, () => player.got.filter(({ mti }) => mti === '0210').length === 4);
    const codes = player.got
      .filter(({ mti }) => mti === '0210')
      .map(({ fields }) => `${fields[11]} ${fields[39]}`);
    assert.deepEqual(codes.toSorted(), ['000031 00', '000032 00', '000033 91', '000034 91']);
  }));

test('T6 a copy of what is at work, or was taken before, hears no `no` when there is no room for more', () =>
  withWorld(settingOf({ ...LISTENING, bounds: bounds({ servingMax: 2 }) }), async (world) => {
    const player = await signedIn(world);
    world.serve = async (request) => {
      await world.time.sleep(1_000);
      return approve(request);
    };
    world.takenBefore.add('000030');
    for (const stan of [31, 32, 31, 30, 33]) player.send(transfer(stan));
    player.send({ ...transfer(34), mti: '0420' });
    await world.time.sleep(3_000);
    const codes = player.got
      .filter(({ mti }) => mti === '0210')
      .map(({ fields }) => `${fields[11]} ${fields[39]}`);
    assert.deepEqual(codes.toSorted(), ['000031 00', '000032 00', '000033 91']);
    assert.equal(world.network.counts().unanswered, 2);
    // With room again it is served, and its answer is the one that was lost; what was refused stays refused.
    player.send(transfer(30));
    player.send(transfer(33));
    player.send({ ...transfer(34), mti: '0421' });
    await until(
      world,
      () => player.got.filter(({ fields }) => fields[11] === '000033').length === 2,
    );
    assert.equal(player.got.at(-1)!.fields[39], '91');
    // Only an advice comes until it is taken.
    await until(world, () => player.got.some(({ mti }) => mti === '0430'));
    await until(world, () =>
      player.got.some(({ mti, fields }) => mti === '0430' && fields[39] === '00'),
    );
    await until(world, () => player.got.some(({ fields }) => fields[11] === '000030'));
  }));

test('echo is answered in any phase; a cut-over and a key only count where they should', () =>
  withWorld(SETTING, async (world) => {
    const player = await world.dial('switch');
    const codeOf = async (message: IsoMessage): Promise<string | undefined> =>
      (await answerTo(world, player, message)).fields[39];
    const key = `${'0123456789ABCDEF'.repeat(2)}A1B2C3`;
    assert.equal(await codeOf(management('301')), '00');
    assert.equal(await codeOf(management('201', { 15: '0802' })), '91');
    assert.equal(await codeOf(management('001')), '00');
    assert.equal(await codeOf(management('201', { 15: '0802' })), '00');
    assert.equal(await codeOf(management('201', { 15: '1332' })), '40');
    assert.equal(await codeOf(management('201')), '40');
    assert.deepEqual(world.cutOvers, ['0802']);
    assert.equal(await codeOf(management('162', { 120: key })), '00');
    assert.equal(await codeOf(management('162')), '40');
    assert.equal(await codeOf(management('162', { 120: `${'x'.repeat(32)}A1B2C3` })), '40');
    assert.equal(await codeOf(management('999')), '40');
    world.keyAnswer = 'unplanned';
    assert.equal(await codeOf(management('162', { 120: key })), '96');
    assert.deepEqual(
      world.alarms.map(({ kind, detail }) => `${kind} ${detail}`),
      ['key_unplanned 162'],
    );
    assert.deepEqual(
      world.keys.map(({ checkValue }) => checkValue),
      ['A1B2C3', 'A1B2C3'],
    );
    assert.ok(!world.logged.join('\n').includes('0123456789ABCDEF'));
  }));

test('who is not admitted is hung up on, and a second connection does not throw out the first', () =>
  withWorld(SETTING, async (world) => {
    const stranger = await world.dial('stranger');
    await until(world, () => stranger.isClosed());
    assert.deepEqual(
      world.alarms.map(({ kind, detail }) => `${kind} ${detail}`),
      ['peer_not_admitted stranger'],
    );
    const first = await signedIn(world);
    const second = await world.dial('switch');
    await until(world, () => second.isClosed());
    assert.equal((await answerTo(world, first, transfer(41))).fields[39], '00');
    world.streams.connections()[0]!.cut();
    const third = await signedIn(world);
    assert.equal((await answerTo(world, third, transfer(42))).fields[39], '00');
  }));

test('a frame longer than the link takes ends the connection', () =>
  withWorld(SETTING, async (world) => {
    const player = await signedIn(world);
    player.sendRaw(Buffer.from([0xff, 0xff, 0x30]));
    await until(world, () => player.isClosed());
    assert.ok(world.logged.some((line) => line.includes('frame_too_long')));
  }));

test('timers out of order refuse the start, and the text says which', async () => {
  const problemsOf = (change: Partial<LinkTimers>): readonly string[] =>
    networkProblems(settingOf({ timers: { ...USUAL_TIMERS, ...change } }));
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ switchMs: 35_000 }), [
    'the time that the switch waits (35000 ms) must be shorter than the time that we wait for the switch (35000 ms)',
  ]);
  const wrong: readonly Partial<LinkTimers>[] = [
    { issuerMs: 25_000 },
    { requestMs: 45_000, drainMs: 50_000 },
    { coreMs: 15_000 },
    { serveMs: 25_000 },
    { echoMs: 60_000 },
    { signOnMs: 60_000 },
    { drainMs: 35_000 },
    { rememberMs: 35_000 },
    { reconnectFirstMs: 60_000 },
    { connectMs: 0 },
    { connectMs: 1.5 },
  ];
  assert.deepEqual(
    wrong.map((change) => problemsOf(change).length),
    wrong.map(() => 1),
  );
  const setting = settingOf({ timers: { ...USUAL_TIMERS, requestMs: 20_000 } });
  await assert.rejects(
    openNetwork(setting, {} as never),
    /^Error: Cannot start network demo: the time that the switch waits \(25000 ms\) must be shorter/,
  );
});

test('a network without links, admission, room for money or a MAC that it needs is refused', async () => {
  const of = (change: Parameters<typeof settingOf>[0]): string =>
    networkProblems(settingOf(change)).join();
  assert.match(of({ links: [] }), /needs a link/);
  const [link] = settingOf().links;
  assert.match(of({ links: [link!, link!] }), /two links have the same name/);
  assert.match(of({ links: [{ ...link!, side: 'server' }] }), /listens and admits nobody/);
  assert.match(of({ bounds: bounds({ inquiryInFlightMax: 500 }) }), /room for money/);
  assert.match(of({ bounds: bounds({ servingMax: 0 }) }), /servingMax \(0\) must be at least 1/);
  await assert.rejects(
    openNetwork(settingOf({ macOn: 'financial' }), {} as never),
    /it needs MACs and has nobody to make them/,
  );
});
