import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { virtualTime, type VirtualTime } from '../../kernel/virtual-time.ts';
import { demoMember } from '../../app/switch-profile.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import type { RailNotice } from '../../rail/notice.ts';
import type { LinkAnswer } from '../../rail/switch/port.ts';
import type { Forwarder } from '../forward.ts';
import { openJournal, type Journal } from '../journal.ts';
import type { GatewayContext } from '../context.ts';
import type { SwitchContext } from './line.ts';
import { makeQuestionIds } from './question.ts';
import { makeTakeBacks, type TakeBacks } from './take-back.ts';

const START_MS = Date.UTC(2026, 7, 1, 3);
const ID = '2026080103000000000000199900001';
const BANK = { name: 'Bank Uji', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
const INTENT = {
  kind: 'acquired',
  requestId: '2026080103000000000000199000001',
  bizMsgIdr: ID,
  stan: '900001',
  transmittedAt: '0801030000',
  rrn: '621310900001',
  processing: '011000',
  amountSen: '20000000',
  terminal: 'ATM19901',
  bank: 'CENAIDJA',
  institution: '014',
} as const;

interface World {
  readonly time: VirtualTime;
  /** What left, with the second at which it did. */
  readonly sent: { readonly atS: number; readonly message: IsoMessage }[];
  readonly told: RailNotice[];
  answer: () => LinkAnswer;
  /** A process on the same disk, as after a kill. */
  open(): Promise<{
    readonly takeBacks: TakeBacks;
    readonly context: SwitchContext;
    kill(): Promise<void>;
  }>;
}

/** The store and forward on a real journal, in virtual time; the link and core are what the test says. */
async function withStore(work: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-take-back-'));
  const time = virtualTime(START_MS);
  let current: Journal | undefined;
  const world: World = {
    time,
    sent: [],
    told: [],
    answer: () => ({ outcome: 'unknown', reason: 'timeout', link: 'l' }),
    async open() {
      const journal = await openJournal({ folder, partition: 'gateway-1', time });
      current = journal;
      const random = seededRandom('store');
      const forwarder: Pick<Forwarder, 'offer'> = {
        offer: async (_position, notice) => {
          world.told.push(notice);
          return { taken: true };
        },
      };
      const shared = { time, random, log: silentLog, journal };
      const context = {
        ...shared,
        forwarder,
        member: demoMember(BANK),
        questions: makeQuestionIds(shared as unknown as GatewayContext),
      } as unknown as SwitchContext; // all that is used of it
      const takeBacks = makeTakeBacks(context, async (_kind, message) => {
        world.sent.push({ atS: (time.now() - START_MS) / 1_000, message: message! });
        return world.answer();
      });
      return { takeBacks, context, kill: () => journal.abandon() };
    },
  };
  const working = async (): Promise<void> => {
    try {
      await work(world);
    } finally {
      await current?.close();
    }
  };
  await time
    .run(working(), START_MS + 3 * 86_400_000)
    .finally(() => rmSync(folder, { recursive: true, force: true }));
}

test('T5 what nobody knows of after a kill is taken back: at once, then at 30, 60, 120 s and so on with the same words, until the network answers', () =>
  withStore(async (world) => {
    const first = await world.open();
    await first.context.journal.append(INTENT);
    await first.kill();
    const second = await world.open();
    await second.takeBacks.resume();
    const loop = async (takeBacks: TakeBacks, seconds: number): Promise<void> => {
      for (let at = 0; at < seconds; at++) {
        await world.time.sleep(1_000);
        await takeBacks.loop.run();
      }
    };
    await loop(second.takeBacks, 100);
    assert.deepEqual(
      world.sent.map(({ atS, message }) => [message.mti, Math.round(atS)]),
      [
        ['0420', 0],
        ['0421', 30],
        ['0421', 90],
      ],
    );
    await second.kill();
    const third = await world.open();
    await third.takeBacks.resume();
    world.answer = () => ({
      outcome: 'answered',
      message: { mti: '0430', fields: { 39: '00' } },
      link: 'l',
    });
    await loop(third.takeBacks, 5);
    assert.deepEqual(third.context.journal.index.acquired.owed(), []);
    const [one, ...repeats] = world.sent.map(({ message }) => message);
    for (const repeat of repeats) {
      assert.equal(repeat.mti, '0421');
      assert.deepEqual(repeat.fields, one!.fields);
    }
    assert.equal(one!.fields[90], '02009000010801030000' + '00000000199'.repeat(2));
    assert.equal(one!.fields[2], undefined, 'no card');
    assert.deepEqual(
      world.told.map(({ kind }) => kind),
      ['reversal'],
    );
  }));

test('T5 a reversal that the network does not answer for a day goes to people, once; a code that says nothing about money does not end it', () =>
  withStore(async (world) => {
    const { takeBacks, context } = await world.open();
    await context.journal.append(INTENT);
    world.answer = () => ({
      outcome: 'answered',
      message: { mti: '0430', fields: { 39: '96' } },
      link: 'l',
    });
    const acquired = context.journal.index.acquired.find(ID)!;
    assert.equal(await takeBacks.add(acquired, { keptSen: 5_000_000n, why: 'machine' }), true);
    assert.equal(await takeBacks.add(acquired, { keptSen: 5_000_000n, why: 'machine' }), true);
    assert.equal(await takeBacks.add(acquired, { keptSen: 0n, why: 'machine' }), false);
    for (let minutes = 0; minutes < 26 * 60; minutes += 10) {
      await world.time.sleep(600_000);
      await takeBacks.loop.run();
    }
    const last = world.sent.at(-1)!;
    assert.ok(world.sent.length > 20 && last.atS < 86_400, String(world.sent.length));
    assert.equal(last.message.fields[95]?.slice(0, 12), '000005000000');
    assert.deepEqual(
      world.told.map(({ kind }) => kind),
      ['reversal', 'reversal_given_up'],
    );
    assert.deepEqual(context.journal.index.acquired.owed(), []);
  }));
