/** Another bank's card at our machine, on a real journal: the HSM, the link and core are what the test says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { demoMember, demoNetwork } from '../../app/switch-profile.ts';
import { demoTerminals } from '../../app/terminal-profile.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { virtualTime } from '../../kernel/virtual-time.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import type { GateDecision } from '../../gate/port.ts';
import type { GatewayContext } from '../context.ts';
import { openJournal } from '../journal.ts';
import { acquire, acquireBalance, type Acquiring } from './acquire.ts';
import type { Served } from './ask.ts';
import { answerCard, cardNotice } from './card.ts';
import type { SwitchContext } from './line.ts';
import { makeQuestionIds } from './question.ts';

const START_MS = Date.UTC(2026, 7, 1, 3);
const BANK = { name: 'Bank Uji', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
const LINKS = [{ name: 'l', side: 'client', address: 'a', admitted: [] }] as const;
const PENDING_MAX = 3;

interface World {
  readonly context: SwitchContext;
  /** What left for the switch. */
  readonly sent: IsoMessage[];
  word: GateDecision;
  pendingCount: number;
  isLatched: boolean;
  ask(): Promise<IsoMessage | undefined>;
  askBalance(): Promise<IsoMessage | undefined>;
}

async function withMachine(work: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-acquire-'));
  const time = virtualTime(START_MS);
  const working = async (): Promise<void> => {
    const journal = await openJournal({ folder, partition: 'gateway-1', time });
    const shared = { time, random: seededRandom('acquire'), log: silentLog, journal };
    const world: Omit<World, 'context' | 'ask' | 'askBalance'> = {
      sent: [],
      isLatched: false,
      word: { kind: 'allow' },
      pendingCount: 0,
    };
    const context = {
      ...shared,
      bank: BANK,
      setting: demoNetwork({ links: LINKS }),
      member: demoMember(BANK),
      questions: makeQuestionIds(shared as unknown as GatewayContext),
      holder: { decide: () => world.word },
      latches: { isLatched: () => world.isLatched },
      door: { closedReason: () => undefined },
      limits: { pendingCountMax: PENDING_MAX },
      forwarder: { pendingCount: () => world.pendingCount },
      cardsAtWork: new Set<string>(),
      hsm: {
        translatePin: async () => {
          await time.sleep(20);
          return { ok: true, block: '0123456789ABCDEF' };
        },
      },
    } as unknown as SwitchContext; // all that is used of it
    const acquiring = {
      config: demoTerminals({ links: LINKS }),
      ask: async (_kind: string, message: IsoMessage) => {
        world.sent.push(message);
        await time.sleep(500);
        const answer = { mti: '0210', fields: { 39: '51' } };
        return { outcome: 'answered', message: answer, link: 'l' };
      },
    } as unknown as Acquiring; // nothing is taken back here
    const ask = (): Promise<IsoMessage | undefined> =>
      acquire(context, acquiring, served(time.now()));
    const askBalance = (): Promise<IsoMessage | undefined> =>
      acquireBalance(context, acquiring, balanceOf(served(time.now())));
    try {
      await work(Object.assign(world, { context, ask, askBalance }));
    } finally {
      await journal.close();
    }
  };
  await time
    .run(working(), START_MS + 60_000)
    .finally(() => rmSync(folder, { recursive: true, force: true }));
}

function served(nowMs: number): Served {
  const fields = {
    2: '6390140000000010',
    3: '011000',
    4: '000020000000',
    14: '3112',
    37: '621310000001',
    41: 'ATM19901',
    49: '360',
    52: '0123456789ABCDEF',
  };
  return {
    request: { mti: '0200', fields },
    mti: '0210',
    requestId: '2026080103000000000000199000001',
    fromBank: BANK.bic,
    deadlineMs: nowMs + 40_000,
  };
}

/** The same card asks what is on its account. */
function balanceOf(asked: Served): Served {
  const { 4: _amount, 49: _currency, ...fields } = asked.request.fields;
  return { ...asked, request: { mti: '0200', fields: { ...fields, 3: '301000' } } };
}

test('a question about a balance: a copy hears nothing and costs no try at the PIN, and what is stopped is not asked; nothing of it is kept', () =>
  withMachine(async (world) => {
    const { askBalance, sent, context } = world;
    const codes = (await Promise.all([askBalance(), askBalance()])).map((one) => one?.fields[39]);
    assert.deepEqual(codes, ['51', undefined]);
    assert.equal(sent.length, 1, 'asked once');
    assert.deepEqual([sent[0]!.fields[3], sent[0]!.fields[4]], ['301000', undefined]);
    world.isLatched = true;
    assert.equal((await askBalance())?.fields[39], '57');
    world.isLatched = false;
    world.word = { kind: 'stop', restriction: { id: 'rst_1' } as never };
    assert.equal((await askBalance())?.fields[39], '57');
    assert.deepEqual([sent.length, context.journal.head()], [1, 0]);
  }));

test('T6 a copy of a request that is on its way hears nothing, whenever it comes: a no would be a no to cash that is being approved', () =>
  withMachine(async ({ ask, sent, context }) => {
    const codes = (await Promise.all([ask(), ask()])).map((answer) => answer?.fields[39]);
    assert.deepEqual(codes, ['51', undefined]);
    assert.equal(sent.length, 1, 'asked once');
    assert.equal((await ask())?.fields[39], '51', 'its repeat');
    await context.journal.untilDurable();
  }));

test('what restrictions hold back, and what core is too far behind for, is refused before anybody is asked', () =>
  withMachine(async (world) => {
    const { context } = world;
    const restriction = { id: 'rst_1' } as never;
    for (const word of [
      { kind: 'stop', restriction },
      { kind: 'hold', restriction },
      { kind: 'step_up', restriction },
      { kind: 'cap', restriction, capSen: 19_999_999n },
    ] as const) {
      world.word = word;
      assert.equal((await world.ask())?.fields[39], '57', word.kind);
    }
    world.word = { kind: 'allow' };
    world.pendingCount = PENDING_MAX;
    assert.equal((await world.ask())?.fields[39], '91');
    const asked = served(context.time.now());
    const place = { pinKey: 'tpk.atm19901', coreDeadlineMs: asked.deadlineMs } as const;
    const notice = cardNotice(context, asked, { ...place, what: 'withdrawal' });
    assert.equal((await answerCard(context, asked, notice!))?.fields[39], '91');
    assert.deepEqual([world.sent.length, context.journal.head()], [0, 0], 'and nothing is kept');
  }));
