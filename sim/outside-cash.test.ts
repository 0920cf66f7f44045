import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../src/kernel/log.ts';
import { seededRandom } from '../src/kernel/random.ts';
import { virtualTime, type VirtualTime } from '../src/kernel/virtual-time.ts';
import { startCash, type Cash } from './outside-cash.ts';
import { keepConnected } from './switch/connect.ts';
import { memoryStreams } from '../src/kernel/stream-memory.ts';
import {
  BANK,
  linkKeys,
  openMember,
  OWN_CARD,
  START_MS,
  type TestMember,
} from './testing/member-bank.ts';

const LOAD = {
  withdrawalsPerSecond: 5,
  qrisPerSecond: 5,
  seconds: 2,
  faultPerTenThousand: 2_000,
  drainMsMax: 120_000,
  cards: [{ pan: OWN_CARD.pan, pin: OWN_CARD.pin, expiry: OWN_CARD.expiry }],
  merchants: [{ pan: '9360019900000000013', id: 'TOKO1', name: 'Toko Satu' }],
};

interface World {
  readonly time: VirtualTime;
  readonly cash: Cash;
  readonly bank: TestMember;
  call(method: string, path: string, body?: unknown): Promise<readonly [number, string]>;
}

async function withCash(work: (world: World) => Promise<void>): Promise<void> {
  const time = virtualTime(START_MS);
  const run = async (): Promise<void> => {
    const net = memoryStreams(time, 5).net('test');
    const stopping = new AbortController();
    const bank = openMember({ time, name: 'one', stopping: stopping.signal });
    const cash = await startCash({
      time,
      random: seededRandom('cash'),
      log: silentLog,
      interbank: {
        net,
        seed: 'test',
        bank: BANK,
        links: [{ name: 'one', role: 'server', at: 'switch', keys: linkKeys('one') }],
      },
      ownMachines: {
        net,
        at: 'bank',
        keys: linkKeys('own'),
        bankCode: BANK.code,
        ids: ['ATM19901'],
      },
    });
    const { link } = bank;
    const connected = keepConnected({ time, net, at: 'switch', link, stopping: stopping.signal });
    await time.sleep(1_000);
    await bank.signOn();
    const call: World['call'] = async (method, path, body) => {
      for (const part of cash.control) {
        const answer = await part({ method, path, body: JSON.stringify(body) ?? '' });
        if (answer) return [answer.status, JSON.stringify(answer.value)];
      }
      return [0, ''];
    };
    await work({ time, cash, bank, call });
    stopping.abort();
    await cash.stop();
    await connected;
  };
  await time.run(run(), START_MS + 86_400_000);
}

const { pan, pin, expiry } = OWN_CARD;

test('startCash() without a wish starts nothing', async () => {
  const cash = await startCash({
    time: virtualTime(START_MS),
    random: seededRandom('x'),
    log: silentLog,
  });
  assert.deepEqual([cash.interbank, cash.terminals, cash.control], [undefined, [], []]);
});

test('the control shows and changes faults, acts, tells book, counters and settlement, and says what is wrong', () =>
  withCash(async ({ call, bank }) => {
    const [, faults] = await call('POST', '/sim/switch/faults', {
      duplicates: 'first_answer',
      rules: [
        { name: 'down', match: { bank: '014' }, does: { kind: 'code', rc: '91', isBooked: false } },
      ],
    });
    assert.match(faults, /"duplicates":"first_answer".*"name":"down"/);
    assert.equal(await bank.code(bank.withdrawal()), '91');
    assert.match((await call('GET', '/sim/switch/faults'))[1], /"down"/);
    await call('POST', '/sim/switch/faults', { reset: true });
    assert.equal(await bank.code(bank.withdrawal()), '00');
    assert.match(
      (await call('GET', '/sim/switch/book'))[1],
      /"from_bank\|withdrawal":\{"asked":0,"approved":1/,
    );
    assert.match((await call('GET', '/sim/switch/counters'))[1], /"signedOn":\{"one":true\}/);
    assert.match((await call('GET', '/sim/switch/settlement?date=2026-08-01'))[1], /OPEN/);
    assert.deepEqual(await call('POST', '/sim/switch/act', { action: 'key_exchange' }), [
      200,
      '{"ok":true}',
    ]);
    assert.deepEqual(bank.network.at(-1)?.kind, 'take_key');
    for (const [path, body, reason] of [
      ['faults', { isSilent: 'yes' }, 'isSilent'],
      ['act', { action: 'explode' }, 'action'],
      ['send', { kind: 'withdrawal', bank: '014' }, 'amountRupiah'],
      ['send', { kind: 'transfer', bank: '014', pan }, 'pan: unknown'],
    ] as const) {
      const [status, text] = await call('POST', `/sim/switch/${path}`, body);
      assert.equal(status, 400);
      assert.ok(text.includes(reason), text);
    }
    assert.equal((await call('GET', '/sim/switch/settlement?date=../x'))[0], 400);
    assert.equal((await call('GET', '/sim/switch/nothing'))[0], 404);
    assert.equal((await call('GET', '/sim/faults'))[0], 0, 'not the switch’s');
  }));

test('the control lets other banks’ customers send, and machines pay out, jam and be refilled; no answer shows a card', () =>
  withCash(async ({ call, bank, time }) => {
    const said: string[] = [];
    const ask = async (path: string, body?: unknown): Promise<string> => {
      const [, text] = await call(body === undefined ? 'GET' : 'POST', path, body);
      said.push(text);
      return text;
    };
    const transfer = {
      bank: '014',
      amountRupiah: 125_000,
      fromAccount: '9008007006',
      toAccount: '1990000001',
    };
    assert.match(await ask('/sim/switch/send', { kind: 'transfer', ...transfer }), /"approved"/);
    assert.match(
      await ask('/sim/switch/send', { kind: 'transfer_inquiry', ...transfer }),
      /"approved"/,
    );
    const card = { pan, pin, expiry };
    assert.match(
      await ask('/sim/switch/send', {
        kind: 'withdrawal',
        bank: '009',
        amountRupiah: '100000',
        ...card,
      }),
      /"approved"/,
    );
    const draw = { terminal: 'ATM01401', amountRupiah: 300_000, ...card };
    assert.match(await ask('/sim/terminals/withdraw', draw), /"dispensed".*300000/);
    assert.match(await ask('/sim/terminals/fail', { terminal: 'ATM01401', kind: 'jam' }), /true/);
    assert.match(await ask('/sim/terminals/withdraw', draw), /"jam"/);
    await time.sleep(1_000);
    assert.equal(bank.inbox.at(-1)?.mti, '0420');
    assert.match(await ask('/sim/terminals/withdraw', draw), /"out_of_order"/);
    assert.match(
      await ask('/sim/terminals/refill', { terminal: 'ATM01401' }),
      /"noteRupiah":100000,"count":200/,
    );
    assert.match(await ask('/sim/terminals/withdraw', { ...draw, terminal: 'ATM19901' }), /"91"/);
    assert.match(
      await ask('/sim/terminals/withdraw', { ...draw, pin: '1' }),
      /^\{"ok":false,"reason":"pin/,
    );
    assert.match(await ask('/sim/terminals/fail', { terminal: 'ATM01401', kind: 'melt' }), /kind/);
    assert.match(
      await ask('/sim/terminals/withdraw', { ...draw, terminal: 'NOWHERE1' }),
      /one of ATM19901/,
    );
    await ask('/sim/terminals');
    await ask('/sim/switch/book');
    await ask('/sim/switch/counters');
    assert.ok(!said.join('').includes(pan) && !said.join('').includes(pin));
  }));

test('the control runs a load, one at a time, and says what is wrong with one', () =>
  withCash(async ({ call }) => {
    const [first, second] = await Promise.all([
      call('POST', '/sim/switch/load', LOAD),
      call('POST', '/sim/switch/load', LOAD),
    ]);
    assert.equal(first[0], 200);
    const report = JSON.parse(first[1]) as {
      differenceSen: string;
      byKind: { qris: { offered: number } };
    };
    assert.deepEqual([report.differenceSen, report.byKind.qris.offered], ['0', 10]);
    assert.deepEqual(second, [400, '{"ok":false,"reason":"load: one is running"}']);
    for (const [change, reason] of [
      [{ seconds: 0 }, 'seconds'],
      [{ cards: [] }, 'cards'],
      [{ cards: [{ pan: '1' }] }, 'cards'],
      [{ merchants: [{ ...LOAD.merchants[0], more: 1 }] }, 'merchants'],
      [{ hurry: true }, 'hurry: unknown'],
    ] as const) {
      const [status, text] = await call('POST', '/sim/switch/load', { ...LOAD, ...change });
      assert.equal(status, 400);
      assert.ok(text.includes(reason), text);
    }
  }));
