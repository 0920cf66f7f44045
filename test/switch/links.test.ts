/** The bank's links and the simulated switch on one network in virtual time: every fault of the switch as the bank's link sees it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Behaviour, FaultRule } from '../../sim/switch/faults.ts';
import { startSwitch, type InterbankSwitch } from '../../sim/switch/switch.ts';
import {
  amountText,
  writeNames,
  writeOriginal,
  writeReplacement,
} from '../../sim/switch/private-data.ts';
import { sealPin } from '../../sim/switch/crypto.ts';
import {
  BANK,
  linkKeys,
  OWN_CARD,
  PEER,
  PEER_CARD,
  START_MS,
} from '../../sim/testing/member-bank.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { memoryStreams } from '../../src/kernel/stream-memory.ts';
import { virtualTime, type VirtualTime } from '../../src/kernel/virtual-time.ts';
import { DIALECTS } from '../../src/rail/iso8583/dialects.ts';
import type { IsoFields, IsoMessage } from '../../src/rail/iso8583/spec.ts';
import { transmittedAt } from '../../src/rail/switch/manage.ts';
import { openNetwork, type SwitchNetwork } from '../../src/rail/switch/network.ts';
import type { LinkAlarm, LinkAnswer } from '../../src/rail/switch/port.ts';
import { USUAL_BOUNDS, USUAL_TIMERS, type NetworkSetting } from '../../src/rail/switch/setting.ts';
import { approve, macUnder } from '../../src/rail/switch/test-network.ts';

interface World {
  readonly time: VirtualTime;
  readonly outside: InterbankSwitch;
  readonly bank: SwitchNetwork;
  readonly alarms: LinkAlarm[];
  readonly late: IsoMessage[];
  readonly served: IsoMessage[];
  readonly cutOvers: string[];
  readonly keys: string[];
  /** Fields that every request of the bank has, with ids of its own. */
  request(fields: IsoFields): IsoMessage;
  withdrawal(): IsoMessage;
  ask(message: IsoMessage): Promise<LinkAnswer>;
}

const SETTING: NetworkSetting = {
  name: 'demo',
  dialect: DIALECTS.demo,
  signOn: 'ours',
  macOn: 'financial',
  links: [{ name: 'one', side: 'client', address: 'switch', admitted: [] }],
  timers: USUAL_TIMERS,
  bounds: USUAL_BOUNDS,
  echoFields: [3, 4, 37, 49],
  codes: { notSignedOn: '91', overloaded: '91', notSupported: '40', keyRefused: '96' },
};

async function withBoth(
  does: Behaviour | undefined,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const time = virtualTime(START_MS);
  const run = async (): Promise<void> => {
    const streams = memoryStreams(time, 5);
    const keys = linkKeys('one');
    const rules: readonly FaultRule[] = does
      ? [{ name: 'fault', match: { direction: 'from_bank', countMax: 1 }, does }]
      : [];
    const outside = await startSwitch({
      time,
      net: streams.net('switch'),
      random: seededRandom('switch'),
      log: silentLog,
      seed: 'test',
      bank: BANK,
      rules,
      links: [{ name: 'one', role: 'server', at: 'switch', keys }],
    });
    const seen = {
      alarms: [] as LinkAlarm[],
      late: [] as IsoMessage[],
      served: [] as IsoMessage[],
      cutOvers: [] as string[],
      keys: [] as string[],
    };
    let stan = 0;
    const nextStan = (): string => String(++stan).padStart(6, '0');
    const bank = await openNetwork(SETTING, {
      time,
      random: seededRandom('bank'),
      log: silentLog,
      streams: streams.net('bank'),
      mac: macUnder(keys.mac),
      keys: {
        accept: async ({ wrapped }) => {
          seen.keys.push(wrapped.key);
          return 'accepted';
        },
      },
      stan: nextStan,
      serve: async (request) => {
        seen.served.push(request);
        return approve(request);
      },
      mayBeTaken: () => false,
      late: (answer) => void seen.late.push(answer),
      cutOver: async ({ settlementDate }) => void seen.cutOvers.push(settlementDate),
      alarm: (alarm) => void seen.alarms.push(alarm),
    });
    await time.sleep(2_000);
    assert.deepEqual(outside.links(), { one: true });
    const request = (fields: IsoFields): IsoMessage => {
      const number = nextStan();
      const ids = { 7: transmittedAt(time.now()), 11: number, 37: `RRN000${number}` };
      return {
        mti: '0200',
        fields: { ...ids, 32: BANK.code, 33: '360001', 41: 'ATM19901', 49: '360', ...fields },
      };
    };
    await work({
      time,
      outside,
      bank,
      ...seen,
      request,
      withdrawal: () =>
        request({
          2: PEER_CARD.pan,
          3: '011000',
          4: amountText(50_000_000n),
          35: PEER_CARD.track2,
          52: sealPin(keys.zpk, PEER_CARD),
        }),
      ask: (message) => bank.request({ kind: 'financial', message }),
    });
    await Promise.all([bank.stop(), outside.stop()]);
  };
  await time.run(run(), START_MS + 86_400_000);
}

function said(answer: LinkAnswer): string {
  return answer.outcome === 'answered'
    ? answer.message.fields[39]!
    : `${answer.outcome} ${answer.reason}`;
}

function moved(world: World): bigint {
  return world.outside.book.moved(PEER.code, PEER_CARD.pan);
}

test('the bank’s link and the switch sign on, pay, take back in part, transfer, exchange keys and cut over', () =>
  withBoth(undefined, async (world) => {
    const { ask, request, bank, outside, time } = world;
    const drawn = world.withdrawal();
    assert.equal(said(await ask(drawn)), '00');
    const back = request({
      3: '011000',
      4: amountText(50_000_000n),
      37: drawn.fields[37]!,
      90: writeOriginal({
        mti: '0200',
        stan: drawn.fields[11]!,
        transmittedAt: drawn.fields[7]!,
        acquirer: BANK.code,
        forwarder: '360001',
      }),
      95: writeReplacement(20_000_000n),
    });
    assert.equal(said(await ask({ ...back, mti: '0420' })), '00');
    assert.equal(moved(world), -20_000_000n);
    const transfer = request({
      3: '401000',
      4: amountText(100n),
      48: writeNames({ beneficiary: '', reference: 'R', sender: 'B' }),
      102: '1990000001',
      103: '9008007006',
      127: PEER.code,
    });
    assert.equal(said(await ask(transfer)), '00');
    assert.equal(await bank.requestKey(), 'accepted');
    await time.sleep(1_000);
    assert.equal(world.keys.length, 1);
    assert.equal(await outside.act('cut_over'), true);
    assert.deepEqual(world.cutOvers, ['0802']);
    assert.deepEqual(world.alarms, []);
  }));

test('what other banks ask reaches the bank’s handler, and its answers reach them', () =>
  withBoth(undefined, async ({ outside, served }) => {
    const drawn = await outside.withdraw({
      bank: PEER.code,
      card: OWN_CARD,
      amountSen: 5_000_000n,
      isChip: true,
    });
    assert.equal(drawn.outcome, 'approved');
    const paid = await outside.payMerchant({
      bank: PEER.code,
      fromAccount: '9008007006',
      merchantPan: '9360019900000000013',
      merchantId: 'TOKO1',
      merchantName: 'Toko Satu',
      amountSen: 100n,
    });
    assert.equal(paid.outcome, 'approved');
    assert.deepEqual(
      served.map(({ fields }) => [fields[3], fields[42]]),
      [
        ['011000', `ATM${PEER.code}`],
        ['261000', 'TOKO1'],
      ],
    );
  }));

test('T2 an answer that is lost, late, forged or about something else leaves the request unknown, whatever the switch has booked', async () => {
  const cases: readonly (readonly [
    Behaviour,
    { booked: boolean; alarm?: string; late?: number },
  ])[] = [
    [{ kind: 'drop_request' }, { booked: false }],
    [{ kind: 'drop_answer' }, { booked: true }],
    [
      { kind: 'late_answer', afterMs: 60_000 },
      { booked: true, late: 1 },
    ],
    [
      { kind: 'delay', afterMs: 60_000 },
      { booked: true, late: 1 },
    ],
    [{ kind: 'wrong_mac' }, { booked: true, alarm: 'mac_wrong' }],
    [
      { kind: 'wrong_amount', deltaSen: 100 },
      { booked: true, alarm: 'answer_mismatched' },
    ],
    [{ kind: 'disconnect', when: 'before' }, { booked: true }],
  ];
  for (const [does, seen] of cases)
    await withBoth(does, async (world) => {
      const reason = does.kind === 'disconnect' ? 'link_broken' : 'timeout';
      assert.equal(said(await world.ask(world.withdrawal())), `unknown ${reason}`, does.kind);
      await world.time.sleep(120_000);
      assert.equal(moved(world), seen.booked ? -50_000_000n : 0n, does.kind);
      assert.equal(world.late.length, seen.late ?? 0, does.kind);
      assert.deepEqual(
        world.alarms.map(({ kind }) => kind),
        seen.alarm === undefined ? [] : [seen.alarm],
        does.kind,
      );
      assert.equal(said(await world.ask(world.withdrawal())), '00', 'and the link goes on');
    });
});

test('an answer that comes twice answers once; one that another has passed finds its own request', () =>
  withBoth({ kind: 'duplicate', count: 3 }, async (world) => {
    assert.equal(said(await world.ask(world.withdrawal())), '00');
    await world.time.sleep(1_000);
    assert.equal(world.bank.counts().duplicate, 2);
    world.outside.chooser.replace([
      { name: 'disorder', match: { countMax: 1 }, does: { kind: 'reorder', holdMs: 5_000 } },
    ]);
    const both = await Promise.all([world.ask(world.withdrawal()), world.ask(world.withdrawal())]);
    assert.deepEqual(both.map(said), ['00', '00']);
  }));

test('a half-open switch is found by its echoes: the link is given up, and comes again when the switch does', () =>
  withBoth(undefined, async (world) => {
    world.outside.chooser.replace([{ name: 'deaf', match: {}, does: { kind: 'half_open' } }]);
    assert.match(said(await world.ask(world.withdrawal())), /^unknown/);
    await world.time.sleep(5 * 60_000);
    assert.ok(world.bank.counts().echoMissed >= 2);
    assert.match(said(await world.ask(world.withdrawal())), /^not_sent/);
    world.outside.chooser.replace([]);
    await world.time.sleep(5 * 60_000);
    assert.equal(said(await world.ask(world.withdrawal())), '00');
  }));
