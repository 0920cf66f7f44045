import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { virtualTime } from '../../src/kernel/virtual-time.ts';
import { memoryStreams } from '../../src/kernel/stream-memory.ts';
import { readOriginal, readReplacement } from '../switch/private-data.ts';
import {
  BANK,
  linkKeys,
  openMember,
  OWN_CARD,
  PEER,
  START_MS,
  withSwitch,
  type TestMember,
} from '../testing/member-bank.ts';
import { pickNotes, takeNotes, worthOf, type Cassette } from './cassette.ts';
import { openLinkHost, type LinkHost } from './link-host.ts';
import { openOwed } from './owed.ts';
import { peerHost } from './peer-host.ts';
import { openTerminal, type HostAnswer, type Terminal, type TerminalHost } from './terminal.ts';

const CASH: readonly Cassette[] = [
  { noteSen: 5_000_000n, count: 20 },
  { noteSen: 10_000_000n, count: 10 },
];
const ASKED = { card: OWN_CARD, amountSen: 35_000_000n };

function inMachine(terminal: Terminal): bigint {
  const cassettes = terminal.cassettes();
  return worthOf(
    cassettes,
    cassettes.map((one) => one.count),
  );
}

function stands(bank: TestMember): bigint {
  return [...bank.effects.values()].reduce((sum, sen) => sum + sen, 0n);
}

function machine(host: TerminalHost, more: { readonly retryCount?: number } = {}): Terminal {
  return openTerminal({
    id: 'ATM01401',
    host,
    cassettes: CASH,
    random: seededRandom('t'),
    ...more,
  });
}

test('pickNotes() makes the amount with as many large notes as there are, or says that it cannot', () => {
  assert.deepEqual(pickNotes(CASH, 35_000_000n), [1, 3]);
  assert.deepEqual(pickNotes(CASH, 120_000_000n), [4, 10]);
  assert.equal(pickNotes(CASH, 2_500_000n), undefined);
  assert.equal(pickNotes(CASH, 0n), undefined);
  assert.equal(pickNotes(CASH, 200_000_100n), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (notes) => {
      const amountSen = BigInt(notes) * 5_000_000n;
      const picked = pickNotes(CASH, amountSen);
      assert.equal(picked === undefined, amountSen > 200_000_000n);
      if (!picked) return;
      assert.equal(worthOf(CASH, picked), amountSen);
      assert.ok(takeNotes(CASH, picked).every((one) => one.count >= 0));
    }),
  );
});

test('a machine dispenses what the bank approved; what comes out is what stands at the bank', () =>
  withSwitch({}, async ({ bank, network }) => {
    const terminal = machine(peerHost(network, PEER.code));
    const [line] = await terminal.withdraw(ASKED);
    assert.deepEqual([line?.outcome, line?.dispensedSen], ['dispensed', 35_000_000n]);
    assert.equal(inMachine(terminal), 165_000_000n);
    assert.equal(stands(bank), 35_000_000n);
    assert.equal(bank.inbox[0]?.fields[41], 'ATM01401');
  }));

test('a partial dispense leads to 0420 with DE95, a jam to a whole reversal and a machine that is out of order', () =>
  withSwitch({}, async ({ bank, network, time }) => {
    const terminal = machine(peerHost(network, PEER.code));
    terminal.failNext({ kind: 'partial', notes: 2 });
    const [partial] = await terminal.withdraw(ASKED);
    assert.deepEqual([partial?.outcome, partial?.dispensedSen], ['partial', 20_000_000n]);
    await time.sleep(1_000);
    assert.equal(readReplacement(bank.inbox[1]!.fields[95]!), 20_000_000n);
    assert.equal(readOriginal(bank.inbox[1]!.fields[90]!)?.stan, bank.inbox[0]!.fields[11]);
    terminal.failNext({ kind: 'jam' });
    const [jam] = await terminal.withdraw(ASKED);
    assert.deepEqual([jam?.outcome, jam?.dispensedSen], ['jam', 0n]);
    await time.sleep(1_000);
    assert.equal(bank.inbox[3]!.fields[95], undefined);
    assert.equal(stands(bank), 20_000_000n);
    assert.equal(inMachine(terminal), 180_000_000n);
    assert.equal((await terminal.withdraw(ASKED))[0]?.outcome, 'out_of_order');
    terminal.refill(CASH);
    assert.equal((await terminal.withdraw(ASKED))[0]?.outcome, 'dispensed');
    const dispensed = terminal.journal().reduce((sum, line) => sum + line.dispensedSen, 0n);
    assert.equal(dispensed, stands(bank));
  }));

test('T5 without an answer a machine gives out nothing, and an approval that comes late gives out nothing either', () =>
  withSwitch({}, async ({ bank, network, time }) => {
    bank.respond = (request) => {
      if (request.mti !== '0200') return undefined;
      const fields = Object.fromEntries(
        [3, 4, 7, 11, 37, 41].map((at) => [at, request.fields[at]!]),
      );
      void time
        .sleep(30_000)
        .then(() => bank.link.reply({ mti: '0210', fields: { ...fields, 39: '00' } }));
      return 'none';
    };
    const terminal = machine(peerHost(network, PEER.code));
    assert.equal((await terminal.withdraw(ASKED))[0]?.outcome, 'no_answer');
    await time.sleep(60_000);
    assert.equal(inMachine(terminal), 200_000_000n);
    assert.deepEqual(
      bank.inbox.map((message) => message.mti),
      ['0200', '0420'],
    );
  }));

test('a customer presses again after "try again", each time as a new request, and not after a refusal', async () => {
  const answers: HostAnswer[] = [];
  let count = 0;
  const host: TerminalHost = {
    withdraw: async () => {
      count++;
      return answers.shift()!;
    },
    dispensed: () => {},
    giveBack: () => assert.fail('nothing goes back'),
  };
  const terminal = machine(host, { retryCount: 2 });
  answers.push(
    { kind: 'no_answer' },
    { kind: 'declined', rc: '91' },
    { kind: 'declined', rc: '96' },
  );
  const lines = await terminal.withdraw(ASKED);
  assert.deepEqual(
    lines.map((line) => line.rc ?? line.outcome),
    ['no_answer', '91', '96'],
  );
  answers.push({ kind: 'declined', rc: '51' });
  assert.equal((await terminal.withdraw(ASKED)).length, 1);
  assert.equal(count, 4);
  assert.equal(inMachine(terminal), 200_000_000n);
});

test('two customers at once never get the same notes', async () => {
  const host: TerminalHost = {
    withdraw: async () => ({ kind: 'approved', reference: 'r' }),
    dispensed: () => {},
    giveBack: () => {},
  };
  const terminal = machine(host);
  const lines = await Promise.all(
    [120_000_000n, 120_000_000n].map((amountSen) =>
      terminal.withdraw({ card: OWN_CARD, amountSen }),
    ),
  );
  assert.deepEqual(
    lines.map(([line]) => line?.outcome),
    ['dispensed', 'no_cash'],
  );
  assert.equal(inMachine(terminal), 80_000_000n);
});

async function withOwnMachine(
  folder: string | undefined,
  work: (parts: {
    readonly bank: TestMember;
    readonly open: () => LinkHost;
    readonly sleep: (ms: number) => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const time = virtualTime(START_MS);
  const run = async (): Promise<void> => {
    const net = memoryStreams(time, 5).net('test');
    const stopping = new AbortController();
    const bank = openMember({ time, name: 'terminals', stopping: stopping.signal });
    const server = await net.listen({ name: 'bank', accept: (stream) => bank.link.attach(stream) });
    const open = (): LinkHost =>
      openLinkHost({
        time,
        net,
        random: seededRandom('host'),
        log: silentLog,
        at: 'bank',
        keys: linkKeys('terminals'),
        bankCode: BANK.code,
        ...(folder !== undefined && { folder }),
      });
    await work({ bank, open, sleep: (ms) => time.sleep(ms) });
    stopping.abort();
    await server.close();
  };
  await time.run(run(), START_MS + 3 * 86_400_000);
}

test('the bank’s own machines sign on, ask over their link, and repeat what goes back until the bank answers', () =>
  withOwnMachine(undefined, async ({ bank, open, sleep }) => {
    const host = open();
    await sleep(1_000);
    assert.equal(host.isSignedOn(), true);
    const terminal = machine(host);
    assert.equal((await terminal.withdraw(ASKED))[0]?.outcome, 'dispensed');
    assert.equal(host.owedCount(), 0);
    terminal.failNext({ kind: 'partial', notes: 1 });
    bank.respond = (request) => (request.mti === '0420' ? 'none' : undefined);
    await terminal.withdraw(ASKED);
    assert.equal(host.owedCount(), 1);
    await sleep(60_000);
    assert.equal(host.owedCount(), 0);
    assert.deepEqual(
      bank.inbox.map((message) => message.mti),
      ['0200', '0200', '0420', '0421'],
    );
    assert.equal(stands(bank), 45_000_000n);
    bank.respond = (request) => (request.mti === '0200' ? 'none' : undefined);
    assert.equal((await terminal.withdraw(ASKED))[0]?.outcome, 'no_answer');
    await sleep(1_000);
    assert.equal(host.owedCount(), 0);
    assert.equal(stands(bank), 45_000_000n);
    await host.stop();
  }));

test('what the bank’s own machines owe survives a kill, and a request that was out is taken back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-terminal-'));
  return withOwnMachine(folder, async ({ bank, open, sleep }) => {
    const first = open();
    await sleep(1_000);
    bank.respond = () => 'none';
    const asked = machine(first).withdraw(ASKED);
    await sleep(10);
    // As the file would stand after a kill, with half a line at its end.
    const killed = `${readFileSync(join(folder, 'owed.jsonl'), 'utf8')}{"reference":"half`;
    await first.stop();
    await asked;
    writeFileSync(join(folder, 'owed.jsonl'), killed);
    bank.respond = () => undefined;
    const second = open();
    assert.equal(second.owedCount(), 1);
    await sleep(5_000);
    assert.equal(second.owedCount(), 0);
    assert.equal(stands(bank), 0n);
    await second.stop();
    assert.deepEqual(openOwed(folder).open(), []);
  }).finally(() => rmSync(folder, { recursive: true }));
});
