import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { wallTime } from '../kernel/time.ts';
import { CONTROL_SOCKET, listenControl } from './control-socket.ts';
import { openJournal } from './journal.ts';
import { withRig } from '../../test/gateway/rig.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-test-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('openJournal() reads any page over any number of segments as it was written', async () => {
  await withFolder(async (folder) => {
    const open = () =>
      openJournal({ folder, partition: 'gateway-1', time: wallTime(), segmentBytesMax: 50_000 });
    let journal = await open();
    const count = 10_000;
    for (let n = 0; n < count; n += 500) {
      await journal.append(
        ...Array.from({ length: 500 }, (_, i) => ({
          kind: 'feed_alive' as const,
          cursor: String(n + i + 1),
        })),
      );
    }
    await journal.close();
    journal = await open();
    assert.ok(readdirSync(folder).filter((name) => name.startsWith('journal-')).length > 5);
    assert.equal(journal.head(), count);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(count + 10),
        fc.integer({ min: 1, max: 1_000 }),
        async (after, limit) => {
          const page = await journal.page(after, limit);
          const expected = Array.from(
            { length: Math.max(0, Math.min(limit, count - after)) },
            (_, i) => after + i + 1,
          );
          assert.deepEqual(
            page.entries.map(({ position }) => position),
            expected,
          );
          assert.ok(
            page.entries.every(
              ({ position, body }) =>
                body.kind === 'feed_alive' && body.cursor === String(position),
            ),
          );
        },
      ),
      { numRuns: 60 },
    );
    await journal.close();
  });
});

test('append() of many callers shares flushes, and resolves only when its entry is on disk', async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal({ folder, partition: 'gateway-1', time: wallTime() });
    const positions = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => {
        const [entry] = await journal.append({ kind: 'feed_alive', cursor: String(n) });
        assert.ok(journal.head() >= entry!.position);
        return entry!.position;
      }),
    );
    assert.deepEqual(
      positions,
      Array.from({ length: 1_000 }, (_, i) => i + 1),
    );
    const pending = journal.append({ kind: 'feed_alive', cursor: 'x' });
    const page = await journal.page(999, 10);
    assert.equal(page.head, 1_000, 'readers see only what is on disk');
    assert.equal(page.entries.length, 1);
    await pending;
    await journal.close();
    await assert.rejects(journal.append({ kind: 'feed_alive', cursor: '0' }), /broken/);
  });
});

test('I1 append() resolves only after the disk has flushed: what it allows survives a power cut', async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal({ folder, partition: 'gateway-1', time: wallTime() });
    const probe = await open(join(folder, 'probe'), 'w');
    const handles = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    const datasync = handles.datasync;
    let flush!: () => void;
    const asked = new Promise<void>((resolve) => {
      handles.datasync = async function (this: FileHandle) {
        resolve();
        await new Promise<void>((go) => (flush = go));
        return datasync.call(this);
      };
    });
    try {
      let isDone = false;
      const appended = journal
        .append({ kind: 'feed_alive', cursor: '1' })
        .then(() => (isDone = true));
      await Promise.race([asked, appended]);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isDone, false);
      assert.equal(journal.head(), 0);
      flush();
      await appended;
      assert.equal(journal.head(), 1);
    } finally {
      handles.datasync = datasync;
    }
    await journal.close();
  });
});

test('listenControl() answers one JSON line with another and drops what is too long', async () => {
  await withFolder(async (folder) => {
    const ask = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let answer = '';
        const socket = connect(join(folder, CONTROL_SOCKET), () => socket.write(text));
        socket.on('data', (chunk) => (answer += chunk));
        socket.on('error', () => {});
        socket.on('close', () => resolve(answer));
      });
    const handle = async (value: unknown): Promise<unknown> => ({ heard: value ?? null });
    const first = await listenControl({ folder, time: wallTime(), handle });
    assert.equal(await ask('{"a":1}\n'), '{"heard":{"a":1}}\n');
    assert.equal(await ask('nonsense\n'), '{"heard":null}\n');
    assert.equal(await ask(`${'x'.repeat(9_000)}\n`), '');
    await first.close();
    const second = await listenControl({ folder, time: wallTime(), handle });
    assert.equal(await ask('{"b":2}\n'), '{"heard":{"b":2}}\n');
    await second.close();
  });
});

test("T18 how often to inquire is core's budget; the gateway bounds what is on its way and stays open for sending", async () => {
  await withRig(async (rig) => {
    const payments = Array.from({ length: 60 }, () => rig.authorise());
    await Promise.all(payments.map((payment) => rig.rail.send(payment)));
    rig.network.onCall = (_, target) => (target === 'hub' ? 'lose_answer' : undefined);
    const answers = await Promise.all(
      payments.map(({ instruction: { paymentId, bizMsgIdr, msgId } }) =>
        rig.rail.inquire({ rail: 'bifast', paymentId, bizMsgIdr, msgId }),
      ),
    );
    assert.equal(answers.filter(({ outcome }) => outcome === 'unknown').length, 50);
    assert.equal(
      answers.filter((answer) => answer.outcome === 'not_reached' && answer.reason === 'busy')
        .length,
      10,
    );
    rig.network.onCall = undefined;
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
    const stranger = rig.instruction();
    const { messageCount } = rig.hub;
    const { paymentId, msgId } = stranger;
    const bizMsgIdr = stranger.bizMsgIdr.replace('20260801', '20260802');
    assert.deepEqual(await rig.rail.inquire({ rail: 'bifast', paymentId, bizMsgIdr, msgId }), {
      outcome: 'unknown',
      reason: 'not sent by this gateway',
    });
    assert.equal(
      rig.hub.messageCount,
      messageCount,
      'the hub is not asked about what we never sent',
    );
  });
});
