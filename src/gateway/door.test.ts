/** The journal as proof: new, restarted, older, damaged, owned twice; and the clock that jumps back. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GATEWAY_PATH, type JournalPage } from '../rail/journal-entry.ts';
import { parseJson } from '../kernel/wire.ts';
import { openJournal } from './journal.ts';
import { makeOpening, OPENING_FILE } from './opening.ts';
import { KEYS, withRig, type Rig } from '../../test/gateway/rig.ts';

function putOpening(
  rig: Rig,
  names: readonly ('ani' | 'budi' | 'citra')[],
  over: Partial<Parameters<typeof makeOpening>[0]> = {},
): void {
  const signers = names.map((staffId) => ({ staffId, key: KEYS[staffId].privateKey }));
  const { epoch } = rig.gateway.state();
  writeFileSync(
    join(rig.folder, OPENING_FILE),
    makeOpening({ partition: 'gateway-1', epoch, madeAtMs: rig.time.now(), signers, ...over }),
  );
}

function segmentOf(folder: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('journal-'))!,
  );
}

test('a new journal needs two people, and refuses what was signed before it was opened', async () => {
  await withRig(
    async (rig) => {
      const early = rig.authorise();
      assert.deepEqual(await rig.rail.send(early), {
        outcome: 'not_reached',
        reason: 'awaiting two people',
      });
      for (const spoil of [
        () => putOpening(rig, ['ani']),
        () => putOpening(rig, ['ani', 'ani']),
        () => putOpening(rig, ['ani', 'budi'], { partition: 'gateway-2' }),
        () => putOpening(rig, ['ani', 'budi'], { epoch: 2 }),
        () => putOpening(rig, ['ani', 'budi'], { madeAtMs: rig.time.now() - 2 * 3_600_000 }),
      ]) {
        spoil();
        await rig.sleep(2_500);
        assert.equal(rig.gateway.state().door, 'awaiting_opening');
      }
      putOpening(rig, ['ani', 'citra']);
      await rig.sleep(2_500);
      assert.equal(rig.gateway.state().door, 'open');
      assert.deepEqual(await rig.rail.send(early), {
        outcome: 'not_reached',
        reason: 'signed before this journal was opened',
      });
      assert.equal((await rig.rail.send(rig.signAgain(early))).outcome, 'accepted');
      assert.deepEqual(
        rig.gateway.state().quarantines,
        [],
        'honest senders are not blamed for our opening',
      );
      assert.ok(!readdirSync(rig.folder).includes(OPENING_FILE), 'an opening is used once');
    },
    { isOpened: false },
  );
});

test('a restarted gateway sends nothing until the guard has witnessed its journal; all else is open', async () => {
  await withRig(async (rig) => {
    const sent = rig.authorise();
    await rig.rail.send(sent);
    const { head } = await rig.page();
    await rig.restart({ witness: false });
    const { jti, instruction } = rig.authorise();
    assert.deepEqual(await rig.rail.send(rig.authorise()), {
      outcome: 'not_reached',
      reason: 'awaiting witness',
    });
    assert.equal((await rig.rail.recall({ jti: sent.jti })).known, 'outcome');
    assert.equal((await rig.rail.recall({ jti })).known, 'not_reached');
    const { paymentId, bizMsgIdr, msgId } = sent.instruction;
    assert.equal(
      (await rig.rail.inquire({ rail: 'bifast', paymentId, bizMsgIdr, msgId })).outcome,
      'accepted',
    );
    // It would prove that nothing left: that is said once the journal is known to be whole.
    const of = { jti, paymentId: instruction.paymentId };
    assert.equal((await rig.rail.void(of)).outcome, 'not_reached');
    assert.equal(
      (await rig.post('guard', `${GATEWAY_PATH.journal}?after=${head}&limit=10`, undefined)).status,
      200,
    );
    assert.equal((await rig.rail.void(of)).outcome, 'not_sent');
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
  });
});

test('an older copy of the journal is found by the guard and closes the gateway until two people open, also across restarts', async () => {
  await withRig(async (rig) => {
    await rig.rail.send(rig.authorise());
    const older = rig.copyFolder();
    const forgotten = rig.authorise();
    await rig.rail.send(forgotten);
    const { head } = await rig.page();
    await rig.restart({ folder: older, witness: false });
    await rig.page(head);
    assert.equal(rig.gateway.state().door, 'awaiting_opening');
    assert.deepEqual(await rig.rail.send(rig.authorise()), {
      outcome: 'not_reached',
      reason: 'awaiting two people',
    });
    await rig.restart({ witness: false });
    await rig.page(head);
    assert.equal(
      rig.gateway.state().door,
      'awaiting_opening',
      'a restart forgot that the journal is older',
    );
    putOpening(rig, ['budi', 'citra']);
    await rig.sleep(2_500);
    assert.equal(rig.gateway.state().door, 'open');
    // What this journal forgot it does not call "never seen", and the old token is worthless.
    assert.equal((await rig.rail.recall({ jti: forgotten.jti })).known, 'intent');
    assert.equal(
      (await rig.rail.void({ jti: forgotten.jti, paymentId: forgotten.instruction.paymentId }))
        .outcome,
      'unknown',
    );
    assert.notEqual((await rig.rail.send(forgotten)).outcome, 'accepted');
    assert.equal(rig.takenCount(forgotten.instruction.bizMsgIdr), 1);
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
    const after = parseJson(
      (await rig.post('guard', `${GATEWAY_PATH.journal}?after=${head}`, undefined)).body,
    ) as JournalPage;
    assert.ok(
      after.entries.length > 0 && after.entries[0]!.position > head,
      'the guard would miss what follows',
    );
    await rig.restart();
    assert.equal(rig.gateway.state().door, 'open');
  });
});

test('intent without outcome after a kill is unknown and never resent', async () => {
  await withRig(async (rig) => {
    rig.setMood('lost_answer');
    const payment = rig.authorise();
    const lost = rig.rail.send(payment);
    await rig.sleep(100);
    await rig.restart();
    assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), { known: 'intent' });
    rig.setMood('accept');
    assert.equal((await rig.rail.send(rig.signAgain(payment))).outcome, 'unknown');
    assert.equal(rig.takenCount(payment.instruction.bizMsgIdr), 1);
    await lost;
  });
});

test('openJournal() cuts a torn tail and keeps every entry before it', async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    await rig.rail.send(payment);
    const { head } = await rig.page();
    const copy = rig.copyFolder();
    appendFileSync(segmentOf(copy), '{"crc":"00000000","entry":{"partition":"gateway-1","posi');
    await rig.restart({ folder: copy });
    assert.equal((await rig.rail.recall({ jti: payment.jti })).known, 'outcome');
    assert.ok((await rig.page()).head > head);
    const second = rig.authorise();
    await rig.rail.send(second);
    await rig.restart();
    assert.equal((await rig.rail.recall({ jti: second.jti })).known, 'outcome');
    const torn = rig.copyFolder();
    truncateSync(segmentOf(torn), readFileSync(segmentOf(torn)).length - 7);
    await rig.restart({ folder: torn });
    await rig.restart();
    assert.equal((await rig.rail.recall({ jti: payment.jti })).known, 'outcome');
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
  });
});

test('openJournal() refuses a journal damaged in the middle', async () => {
  await withRig(async (rig) => {
    await rig.rail.send(rig.authorise());
    await rig.page();
    const copy = rig.copyFolder();
    const bytes = readFileSync(segmentOf(copy));
    bytes[60] = bytes[60]! ^ 1;
    writeFileSync(segmentOf(copy), bytes);
    await assert.rejects(
      openJournal({ folder: copy, partition: 'gateway-1', time: rig.time }),
      /damaged/,
    );
  });
});

test('openJournal() refuses a second owner of the partition, and another partition', async () => {
  await withRig(async (rig) => {
    await assert.rejects(
      openJournal({ folder: rig.folder, partition: 'gateway-1', time: rig.time }),
      /owns partition/,
    );
    await assert.rejects(
      openJournal({ folder: rig.folder, partition: 'gateway-2', time: rig.time }),
      /belongs to partition/,
    );
    const { epoch } = rig.gateway.state();
    await rig.restart();
    assert.equal(rig.gateway.state().epoch, epoch + 1);
  });
});

test('a gateway whose epoch was taken over writes nothing more', async () => {
  await withRig(async (rig) => {
    const { epoch } = rig.gateway.state();
    writeFileSync(join(rig.folder, `epoch-${String(epoch + 1).padStart(8, '0')}`), '{}');
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'unknown');
    assert.equal(rig.gateway.state().isBroken, true);
    assert.equal((await rig.rail.send(rig.authorise())).outcome, 'not_reached');
    assert.equal(rig.hub.taken.length, 0);
  });
});

test('the journal page shows only what is on disk, in order and without gaps', async () => {
  await withRig(async (rig) => {
    await Promise.all(Array.from({ length: 50 }, () => rig.rail.send(rig.authorise())));
    const { head, entries } = await rig.page();
    assert.deepEqual(
      entries.map(({ position }) => position),
      Array.from({ length: head }, (_, i) => i + 1),
    );
    const kinds = entries.map(({ body }) => body.kind);
    assert.equal(kinds.filter((kind) => kind === 'intent').length, 50);
    assert.equal(kinds.filter((kind) => kind === 'outcome').length, 50);
  });
});

test('a clock that jumps back refuses and never re-accepts', async () => {
  await withRig(async (rig) => {
    const old = rig.authorise();
    await rig.sleep(200_000);
    await rig.pushSet();
    await rig.rail.send(rig.authorise());
    const later = rig.time.now();
    const now = rig.time.now.bind(rig.time);
    rig.time.now = () => now() - 150_000;
    try {
      assert.deepEqual(await rig.rail.send(old), {
        outcome: 'not_reached',
        reason: 'the clock is behind the journal',
      });
      assert.equal(rig.takenCount(old.instruction.bizMsgIdr), 0);
    } finally {
      rig.time.now = now;
    }
    assert.ok(rig.time.now() >= later);
  });
});
