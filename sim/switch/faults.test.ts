import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codeOf,
  OWN_CARD,
  PEER,
  PEER_CARD,
  withSwitch,
  type TestWorld,
  type WorldInput,
} from '../testing/member-bank.ts';
import type { Message } from './codec.ts';
import { parseRules } from '../fault/rule.ts';
import { MAGIC_ACCOUNTS, SWITCH_WORDS, type FaultMatch, type FaultRule } from './faults.ts';
import { NETWORK_CODE } from './network-management.ts';
import { peerCard } from './peers.ts';
import { amountText } from './private-data.ts';
import { readScript } from './script.ts';

const DRAW = { bank: PEER.code, card: OWN_CARD, amountSen: 50_000_000n };

/** A world in which the switch does this to what matches. */
function withFault(
  does: FaultRule['does'],
  match: FaultMatch,
  work: (world: TestWorld) => Promise<void>,
): Promise<void> {
  return withSwitch({ change: { rules: [{ name: 'fault', match, does }] } }, work);
}

/** Counts answers by their STAN as they come in. */
function moved(world: TestWorld): bigint {
  return world.network.book.moved(PEER.code, PEER_CARD.pan);
}

function messages(world: TestWorld): Readonly<Record<string, number>> {
  return world.bank.link.count().messages;
}

test('fault drop_request: neither booked nor answered', () =>
  withFault({ kind: 'drop_request' }, { direction: 'from_bank' }, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), 'no_answer');
    assert.equal(moved(world), 0n);
  }));

test('fault drop_answer: booked, not answered; the reversal finds it', () =>
  withFault({ kind: 'drop_answer' }, { flow: 'withdrawal' }, async (world) => {
    const request = world.bank.withdrawal();
    assert.equal(await world.bank.code(request), 'no_answer');
    assert.equal(moved(world), -50_000_000n);
    assert.equal(await world.bank.code(world.bank.reversal(request)), '00');
    assert.equal(moved(world), 0n);
  }));

test('fault delay: a reversal overtakes the request, which is then refused', () =>
  withFault({ kind: 'delay', afterMs: 30_000 }, { flow: 'withdrawal' }, async (world) => {
    const request = world.bank.withdrawal();
    assert.equal(await world.bank.code(request), 'no_answer');
    assert.equal(await world.bank.code(world.bank.reversal(request)), '00');
    await world.time.sleep(30_000);
    assert.equal(moved(world), 0n);
    assert.equal(world.network.book.summary()['from_bank|withdrawal']?.declined, 1);
    assert.equal(messages(world)['late answer'], 1);
  }));

test('fault late_answer: booked at once, answered after the bank has given up', () =>
  withFault({ kind: 'late_answer', afterMs: 90_000 }, {}, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), 'no_answer');
    assert.equal(moved(world), -50_000_000n);
    await world.time.sleep(90_000);
    assert.equal(messages(world)['late answer'], 1);
  }));

test('fault duplicate: the answer comes three times', () =>
  withFault({ kind: 'duplicate', count: 3 }, {}, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), '00');
    await world.time.sleep(100);
    assert.deepEqual([messages(world)['in 0210'], messages(world)['late answer']], [3, 2]);
    assert.equal(moved(world), -50_000_000n);
  }));

test('fault reorder: the second answer comes first, and a lonely one after its time', () =>
  withFault({ kind: 'reorder', holdMs: 5_000 }, { countMax: 1 }, async ({ bank, time }) => {
    const order: string[] = [];
    const startMs = time.now();
    const ask = async (name: string, message: Message): Promise<void> => {
      order.push(`${await bank.code(message)} ${name}`);
    };
    await Promise.all([ask('first', bank.withdrawal()), ask('second', bank.withdrawal())]);
    assert.deepEqual(order, ['00 second', '00 first']);
    assert.ok(time.now() - startMs < 1_000);
  }));

test('fault reorder: an answer that nothing passes leaves after its time', () =>
  withFault({ kind: 'reorder', holdMs: 5_000 }, {}, async ({ bank, time }) => {
    const startMs = time.now();
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.equal(time.now() - startMs, 5_010);
  }));

test('fault wrong_mac: the answer is right in all but its MAC, so that nobody may believe it', () =>
  withFault({ kind: 'wrong_mac' }, {}, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), 'no_answer');
    assert.equal(messages(world)['refused mac of answer'], 1);
    assert.equal(moved(world), -50_000_000n);
  }));

test('fault wrong_amount: the answer echoes another amount under a right MAC', () =>
  withFault({ kind: 'wrong_amount', deltaSen: -100 }, {}, async ({ bank }) => {
    const asked = await bank.ask(bank.withdrawal());
    assert.ok(asked.kind === 'answer');
    assert.equal(asked.message.fields[4], amountText(49_999_900n));
  }));

test('fault code: refused, or refused in words only', () =>
  withFault({ kind: 'code', rc: '91', isBooked: false }, { countMax: 1 }, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), '91');
    assert.equal(moved(world), 0n);
    world.network.chooser.replace([
      { name: 'says 96', match: { countMax: 1 }, does: { kind: 'code', rc: '96', isBooked: true } },
    ]);
    assert.equal(await world.bank.code(world.bank.withdrawal()), '96');
    assert.equal(moved(world), -50_000_000n);
  }));

test('fault code with a share and a time is a storm: some of the requests, for a while, the same by seed', async () => {
  const storm = async (seed: string): Promise<string> => {
    let codes = '';
    await withSwitch({ seed }, async ({ bank, network, time }) => {
      network.chooser.replace([
        {
          name: 'storm',
          match: { perTenThousand: 4_000, untilMs: time.now() + 60_000 },
          does: { kind: 'code', rc: '91', isBooked: false },
        },
      ]);
      for (let i = 0; i < 20; i++) codes += `${await bank.code(bank.qris())} `;
      await time.sleep(60_000);
      for (let i = 0; i < 5; i++) assert.equal(await bank.code(bank.qris()), '00');
      assert.equal(network.counters().rules['storm'], codes.split('91').length - 1);
    });
    return codes;
  };
  const [one, again, other] = [await storm('a'), await storm('a'), await storm('b')];
  assert.equal(one, again);
  assert.notEqual(one, other);
  assert.match(one, /91/);
  assert.match(one, /00/);
});

test('fault disconnect before: cut instead of an answer, which was booked', () =>
  withFault({ kind: 'disconnect', when: 'before' }, { countMax: 1 }, async (world) => {
    assert.equal(await world.bank.code(world.bank.withdrawal()), 'no_answer');
    assert.equal(moved(world), -50_000_000n);
    assert.equal(await world.bank.signOn(), '00', 'connected again');
    assert.equal(await world.bank.code(world.bank.qris()), '00');
  }));

test('fault disconnect after: answered, then cut and signed off', () =>
  withFault(
    { kind: 'disconnect', when: 'after' },
    { countMax: 1 },
    async ({ bank, network, time }) => {
      assert.equal(await bank.code(bank.withdrawal()), '00');
      await time.sleep(100);
      assert.equal(network.links()['one'], false);
      assert.equal(bank.link.isConnected(), false);
    },
  ));

test('setting isSilent: 0800 is answered, nothing financial is', () =>
  withSwitch({ change: { settings: { isSilent: true } } }, async (world) => {
    assert.equal(codeOf(await world.bank.link.manage(NETWORK_CODE.echo)), '00');
    assert.equal(await world.bank.code(world.bank.withdrawal()), 'no_answer');
    assert.equal(moved(world), 0n);
  }));

test('fault half_open: a half-open connection takes bytes and says nothing, not even to an echo, and books nothing', () =>
  withSwitch({}, async (world) => {
    const { bank, network } = world;
    network.chooser.replace([{ name: 'deaf', match: {}, does: { kind: 'half_open' } }]);
    assert.equal(codeOf(await bank.link.manage(NETWORK_CODE.echo)), 'no_answer');
    assert.equal(await bank.code(bank.withdrawal()), 'no_answer');
    assert.equal(bank.link.isConnected(), true);
    assert.ok(network.counters().links['one']!.bytesIn > 200);
    assert.equal(moved(world), 0n);
    assert.equal((await network.withdraw(DRAW)).outcome, 'not_sent');
    assert.deepEqual(bank.inbox, []);
  }));

test('fault slow_reader: a slow reader answers in its own time', () =>
  withSwitch({}, async ({ bank, network, time }) => {
    network.chooser.replace([
      { name: 'slow', match: {}, does: { kind: 'slow_reader', bytesPerSecond: 100 } },
    ]);
    const startMs = time.now();
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.ok(time.now() - startMs > 1_500, String(time.now() - startMs));
  }));

test('fault clock_skew: DE7, DE12 and DE13 of the switch are wrong by so much', () =>
  withFault({ kind: 'clock_skew', skewMs: -600_000 }, {}, async ({ bank, network }) => {
    await network.withdraw(DRAW);
    const { fields } = bank.inbox[0]!;
    assert.deepEqual([fields[7], fields[12], fields[13]], ['0801025015', '095015', '0801']);
  }));

test('faults to the bank: a request that is lost, an answer that is not heard, one that is late: unknown, then reversed', async () => {
  for (const does of [
    { kind: 'drop_request' },
    { kind: 'drop_answer' },
    { kind: 'late_answer', afterMs: 60_000 },
    { kind: 'delay', afterMs: 60_000 },
    { kind: 'wrong_amount', deltaSen: 100 },
    { kind: 'wrong_mac' },
    { kind: 'disconnect', when: 'after' },
  ] as const satisfies readonly FaultRule['does'][])
    await withFault(
      does,
      { direction: 'to_bank', flow: 'withdrawal' },
      async ({ bank, network, time }) => {
        const result = await network.withdraw(DRAW);
        // RC 63 is the bank's definite no to a wrong MAC.
        const isRefused = does.kind === 'wrong_mac';
        assert.equal(result.outcome, isRefused ? 'declined' : 'unknown', does.kind);
        await time.sleep(3_000);
        if (!bank.link.isConnected() || !network.links()['one']) await bank.signOn();
        await time.sleep(60_000);
        const count = network.book.summary()['to_bank|withdrawal']!;
        assert.deepEqual([count.reversed, count.standsSen], [isRefused ? 0 : 1, 0n], does.kind);
        assert.equal(network.book.unfinished().length, 0);
        const left = [...bank.effects.values()].filter((sen) => sen !== 0n);
        assert.deepEqual(left, [], does.kind);
      },
    );
});

test('faults to the bank: duplicates, disorder and a code that the cardholder is told though the bank said yes', async () => {
  await withFault(
    { kind: 'duplicate', count: 2 },
    { direction: 'to_bank' },
    async ({ bank, network }) => {
      assert.equal((await network.withdraw(DRAW)).outcome, 'approved');
      assert.equal(bank.inbox.length, 2);
    },
  );
  await withFault(
    { kind: 'reorder', holdMs: 5_000 },
    { direction: 'to_bank', countMax: 1 },
    async ({ bank, network }) => {
      await Promise.all([network.withdraw(DRAW), network.withdraw({ ...DRAW, amountSen: 100n })]);
      assert.deepEqual(
        bank.inbox.map((message) => message.fields[4]),
        [amountText(100n), amountText(50_000_000n)],
      );
    },
  );
  for (const isBooked of [true, false])
    await withFault(
      { kind: 'code', rc: '91', isBooked },
      { direction: 'to_bank' },
      async ({ bank, network, time }) => {
        const result = await network.withdraw(DRAW);
        assert.deepEqual([result.outcome, 'rc' in result && result.rc], ['declined', '91']);
        await time.sleep(1_000);
        assert.deepEqual(
          bank.inbox.map((message) => message.mti),
          isBooked ? ['0200', '0420'] : [],
        );
      },
    );
  await withFault(
    { kind: 'disconnect', when: 'before' },
    { direction: 'to_bank' },
    async ({ bank, network }) => {
      assert.equal((await network.withdraw(DRAW)).outcome, 'not_sent');
      assert.deepEqual(bank.inbox, []);
      assert.equal(network.book.summary()['to_bank|withdrawal']?.declined, 1);
    },
  );
});

test('the accounts that always misbehave do so by their last digits', () =>
  withSwitch({}, async ({ bank }) => {
    const to = (suffix: string) => bank.transfer({ 103: `90080${suffix}` });
    for (const rc of ['05', '76', '91']) assert.equal(await bank.code(to(`991${rc}`)), rc);
    assert.equal(await bank.code(bank.inquiry({ 103: '9008099901' })), '00');
    assert.equal(await bank.code(to('99901')), 'no_answer');
    assert.equal(await bank.code(to('99908')), '96');
    const card = peerCard('test', PEER, 99_151);
    assert.match(card.pan, /99151\d$/);
    assert.equal(await bank.code(bank.withdrawal({ 2: card.pan })), '51');
  }));

test('same seed, same byte stream', async () => {
  const play = async (seed: string): Promise<string> => {
    const seen: string[] = [];
    const input: WorldInput = {
      seed,
      tap: ({ side, bytes }) => void seen.push(`${side} ${bytes.toString('latin1')}`),
      change: {
        rules: [
          { name: 'lost', match: { perTenThousand: 3_000 }, does: { kind: 'drop_answer' } },
          {
            name: 'twice',
            match: { perTenThousand: 3_000 },
            does: { kind: 'duplicate', count: 2 },
          },
          ...MAGIC_ACCOUNTS,
        ],
      },
    };
    await withSwitch(input, async ({ bank, network, time }) => {
      for (let i = 0; i < 5; i++) {
        await Promise.all([
          network.withdraw({ ...DRAW, isChip: true }),
          bank.ask(bank.withdrawal()),
        ]);
        await network.act('key_exchange');
      }
      await time.sleep(300_000);
    });
    return seen.join('\n');
  };
  const [one, again, other] = [await play('a'), await play('a'), await play('b')];
  assert.ok(one === again, 'a run differs from its repetition');
  assert.ok(one !== other);
  assert.ok(one.includes('0420'));
});

test('parseRules() and readScript() refuse unknown words and say which', () => {
  const rule = (change: object): unknown => [
    { name: 'x', match: {}, does: { kind: 'answer' }, ...change },
  ];
  assert.equal(parseRules(SWITCH_WORDS, MAGIC_ACCOUNTS), MAGIC_ACCOUNTS);
  const wrong: readonly (readonly [unknown, string])[] = [
    [{}, 'rules: not a list of at most 200'],
    [[1], 'rules[0]: not an object'],
    [rule({ name: 1 }), 'rules[0]: name is missing'],
    [rule({ more: 1 }), 'rules[0]: more is unknown'],
    [rule({ match: { flow: 'bills' } }), 'rules[0]: match.flow is wrong'],
    [rule({ match: { toString: 1 } }), 'rules[0]: match.toString is unknown'],
    [rule({ does: { kind: 'explode' } }), 'rules[0]: does.kind is unknown'],
    [rule({ does: { kind: 'delay' } }), 'rules[0]: does.afterMs is wrong'],
    [rule({ does: { kind: 'answer', afterMs: 1 } }), 'rules[0]: does.afterMs is unknown'],
    [rule({ does: { kind: 'code', rc: '00', isBooked: true } }), 'rules[0]: does.rc is wrong'],
    [rule({ does: { kind: 'wrong_amount', deltaSen: 0 } }), 'rules[0]: does.deltaSen is wrong'],
  ];
  for (const [value, reason] of wrong) assert.deepEqual(parseRules(SWITCH_WORDS, value), reason);
  assert.equal(readScript({ isSilent: 1 }), 'isSilent: true or false');
  assert.equal(readScript({ loud: true }), 'loud: unknown');
  assert.equal(readScript([]), 'body: not an object');
  assert.equal(readScript({ timeline: [{}] }), 'timeline[0]: afterMs: 0 to a week');
  assert.equal(
    readScript({ timeline: [{ afterMs: 1, reset: 1 }] }),
    'timeline[0]: reset: only true',
  );
  assert.deepEqual(readScript({ isSilent: true }), {
    settings: { isSilent: true },
    timeline: [],
  });
});

test('a script with a timeline: a storm that ends, an unplanned key exchange, a cut, each at its time', () => {
  const script = readScript({
    timeline: [
      { afterMs: 20_000, reset: true },
      { afterMs: 30_000, action: 'key_exchange' },
      { afterMs: 40_000, action: 'disconnect', link: 'one' },
    ],
    rules: [{ name: 'storm', match: {}, does: { kind: 'code', rc: '91', isBooked: false } }],
  });
  assert.ok(typeof script !== 'string');
  return withSwitch({ change: { script } }, async ({ bank, network, time }) => {
    assert.equal(await bank.code(bank.withdrawal()), '91');
    await time.sleep(20_000);
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.equal(bank.network.length, 0);
    await time.sleep(10_000);
    assert.equal(bank.network.at(-1)?.kind, 'take_key');
    assert.equal(network.links()['one'], true);
    await time.sleep(10_000);
    assert.equal(network.links()['one'], false);
  });
});
