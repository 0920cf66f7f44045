/** T12 and I9: the stop button is sticky, needs nobody else, and is lifted only by two people's release that names it. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Admission, Restriction } from '../gate/restriction.ts';
import { onFaultPoint } from '../kernel/fault-point.ts';
import { readLatchFile } from '../rail/latch-file.ts';
import { GATEWAY_PATH } from '../rail/journal-entry.ts';
import { makeStop } from './control.ts';
import { KEYS, withRig, type Rig } from '../../test/gateway/rig.ts';

const STOPPED = { outcome: 'not_sent', reason: 'restricted' };

function restriction(id: string, admission?: Admission): Restriction {
  return {
    id,
    scope: { rail: 'bifast', direction: 'out' },
    action: { kind: 'stop' },
    level: 3,
    reasonClass: 'containment',
    cause: 'manual',
    evidence: [],
    placedBy: 'ani',
    isAutomatic: false,
    madeAtMs: 0,
    reviewAtMs: 0,
    nextUpdateAtMs: 0,
    posture: { kind: 'closed' },
    ...(admission && { admission }),
  };
}

async function sendOne(rig: Rig, over: Parameters<Rig['instruction']>[0] = {}): Promise<unknown> {
  const instruction = rig.instruction(over);
  return rig.rail.send({ instruction, token: rig.tokenOf(instruction) });
}

test('T12 a pressed stop holds with everything else dead, over a restart and over pushes', async () => {
  await withRig(async (rig) => {
    const { ok, latchId } = await rig.press();
    assert.ok(ok && latchId);
    assert.deepEqual(await sendOne(rig), STOPPED);
    await rig.pushSet();
    assert.deepEqual(await sendOne(rig), STOPPED);
    await rig.restart();
    assert.deepEqual(
      rig.gateway.state().latches.map((latch) => latch.latchId),
      [latchId],
    );
    assert.deepEqual(await sendOne(rig), STOPPED);
    assert.equal(rig.hub.taken.length, 0);
    // Incoming money and questions go on.
    assert.equal(
      (
        await rig.rail.enquireAccount({
          rail: 'bifast',
          bank: 'BNINIDJA',
          account: '9008007006',
          amountSen: 100n,
        })
      ).found,
      true,
    );
    assert.equal((await rig.bodies('latched')).length, 1);
  });
});

test('T12 the latch outlives a lost journal, and the status file shows it, signed', async () => {
  await withRig(async (rig) => {
    const { latchId } = await rig.press();
    const copy = rig.copyFolder();
    for (const name of readdirSync(copy)) if (name.startsWith('journal-')) rmSync(join(copy, name));
    await rig.restart({ folder: copy });
    assert.deepEqual(
      rig.gateway.state().latches.map((latch) => latch.latchId),
      [latchId],
    );
    const text = readFileSync(join(rig.folder, '..', 'status', 'latch-gateway-1.json'), 'utf8');
    const file = readLatchFile(text, KEYS.status.publicKey);
    assert.equal(file?.latches[0]?.latchId, latchId);
    assert.ok(rig.time.now() - file!.atMs < 10_000);
    assert.equal(readLatchFile(text.replace('bifast', 'bifest'), KEYS.status.publicKey), undefined);
  });
});

test('T12 only a completed release by two people that names the latch lifts it', async () => {
  await withRig(async (rig) => {
    const latchId = (await rig.press()).latchId!;
    const withdrawn = rig.release({ latchId }, 'closed');
    const before = rig.release({ latchId, madeAtMs: rig.time.now() - 60_000 }, 'completed');
    const good = rig.release({ latchId }, 'completed');
    const attempts = {
      'nobody signed': { ...good, signatures: [] },
      'one person': rig.release({ latchId }, 'completed', ['ani']),
      'one person twice': rig.release({ latchId }, 'completed', ['ani', 'ani']),
      'another latch': rig.release({ latchId: 'latch_other' }, 'completed'),
      'changed after signing': {
        ...good,
        plan: { ...good.plan, startBeforeMs: good.plan.startBeforeMs + 1 },
      },
      'not completed': { ...good, state: 'active' as const },
      withdrawn,
      'made before the latch': before,
      'stages that had no time': rig.release(
        {
          latchId,
          stages: [{ name: 'staff', staffOnly: true, bucketsBelow: 0, dwellMsMin: 1_800_000 }],
        },
        'completed',
      ),
    };
    for (const [name, release] of Object.entries(attempts)) {
      assert.equal(
        (
          (await rig.pushSet({
            releases: [release, ...(release === withdrawn ? [] : [withdrawn])],
          })) as { ok: boolean }
        ).ok,
        true,
        name,
      );
      assert.deepEqual(await sendOne(rig), STOPPED, name);
    }
    await rig.pushSet({
      releases: [{ ...good, plan: { ...good.plan, releaseId: 'rel_final' } }, withdrawn],
    });
    assert.deepEqual(await sendOne(rig), STOPPED, 'plan renamed after signing');
    await rig.pushSet({
      releases: [rig.release({ latchId }, 'completed', ['budi', 'citra']), withdrawn],
    });
    assert.equal(((await sendOne(rig)) as { outcome: string }).outcome, 'accepted');
    await rig.restart();
    assert.deepEqual(rig.gateway.state().latches, []);
    assert.equal((await rig.bodies('latch_lifted')).length, 1);
  });
});

test('T12 while its release is active, only the agreed stage passes the latch', async () => {
  await withRig(async (rig) => {
    const { latchId } = await rig.press();
    const stages = [
      { name: 'staff', staffOnly: true, bucketsBelow: 0, capSen: '100000000', dwellMsMin: 600_000 },
      {
        name: '1 %',
        staffOnly: false,
        bucketsBelow: 100,
        capSen: '100000000',
        dwellMsMin: 600_000,
      },
    ];
    const release = rig.release({ latchId: latchId!, stages }, 'active');
    const { releaseId } = release.plan;
    const staff: Admission = {
      releaseId,
      stage: 0,
      bucketsBelow: 0,
      staffOnly: true,
      capSen: '100000000',
      sinceMs: rig.time.now(),
    };
    const customers: Admission = {
      releaseId,
      stage: 1,
      bucketsBelow: 100,
      staffOnly: false,
      capSen: '100000000',
      sinceMs: rig.time.now(),
    };

    await rig.pushSet({ restrictions: [restriction(latchId!, staff)], releases: [] });
    assert.deepEqual(
      await sendOne(rig, { isStaff: true }),
      STOPPED,
      'an admission without a release',
    );
    await rig.pushSet({ restrictions: [restriction(latchId!)], releases: [release] });
    await rig.pushSet({ restrictions: [restriction(latchId!, staff)], releases: [release] });
    assert.equal(
      ((await sendOne(rig, { isStaff: true })) as { outcome: string }).outcome,
      'accepted',
    );
    assert.deepEqual(
      await sendOne(rig, { isStaff: true, amountSen: '100000001' }),
      STOPPED,
      'above the cap of the stage',
    );
    assert.deepEqual(
      await sendOne(rig, { cohortBucket: 5 }),
      STOPPED,
      'a customer in the staff stage',
    );
    // The guard alone cannot hurry a stage.
    await rig.pushSet({ restrictions: [restriction(latchId!, customers)], releases: [release] });
    assert.deepEqual(
      await sendOne(rig, { cohortBucket: 5 }),
      STOPPED,
      'the second stage before its time',
    );
    await rig.sleep(601_000);
    await rig.pushSet({ restrictions: [restriction(latchId!, customers)], releases: [release] });
    assert.equal(
      ((await sendOne(rig, { cohortBucket: 5 })) as { outcome: string }).outcome,
      'accepted',
    );
    assert.deepEqual(
      await sendOne(rig, { cohortBucket: 100 }),
      STOPPED,
      'a customer outside the cohort',
    );
    // Rolled back: the latch holds again.
    await rig.pushSet({
      restrictions: [restriction(latchId!)],
      releases: [{ ...release, state: 'closed' }],
    });
    assert.deepEqual(await sendOne(rig, { isStaff: true }), STOPPED);
  });
});

test('a quarantine survives a restart and is lifted only by a release that names it', async () => {
  await withRig(async (rig) => {
    await rig.post('core-66', GATEWAY_PATH.send, {});
    const [caught] = rig.gateway.state().quarantines;
    await rig.restart();
    assert.equal(rig.gateway.state().quarantines[0]?.id, caught?.id);
    await rig.pushSet({ releases: [rig.release({ latchId: caught!.id }, 'completed', ['ani'])] });
    assert.equal(rig.gateway.state().quarantines.length, 1);
    await rig.pushSet({ releases: [rig.release({ latchId: caught!.id }, 'completed')] });
    assert.equal(rig.gateway.state().quarantines.length, 0);
    assert.equal((await rig.railOf('core-66').send(rig.authorise())).outcome, 'accepted');
    await rig.restart();
    assert.equal(rig.gateway.state().quarantines.length, 0);
  });
});

test('T12 the accepted set survives a restart with guard and database gone', async () => {
  await withRig(async (rig) => {
    await rig.pushSet({ restrictions: [restriction('rst_1')] });
    assert.deepEqual(await sendOne(rig), STOPPED);
    await rig.restart();
    assert.deepEqual(await sendOne(rig), STOPPED);
    assert.deepEqual(await rig.pushSet(), { ok: false, reason: 'looser_without_two_people' });
    assert.equal(rig.hub.taken.length, 0);
    assert.equal((await rig.bodies('set_refused')).length, 1);
  });
});

test('a stop needs a known person, a fresh time and its own nonce; nothing else is learnt', async () => {
  await withRig(async (rig) => {
    const request = {
      partition: 'gateway-1',
      rail: 'bifast' as const,
      direction: 'out' as const,
      reason: 'uji',
      staffId: 'ani',
      atMs: rig.time.now(),
      nonce: 'n1',
    };
    const answer = async (
      key: (typeof KEYS)['ani'],
      over: Partial<typeof request> = {},
      after: object = {},
    ): Promise<unknown> =>
      (
        (await rig.gateway.control({
          ...makeStop(key.privateKey, { ...request, ...over }),
          ...after,
        })) as { reason?: string }
      ).reason;
    assert.equal(await answer(KEYS.stranger), 'bad_signature');
    assert.equal(await answer(KEYS.ani, { staffId: 'nobody' }), 'bad_signature');
    assert.equal(await answer(KEYS.budi), 'bad_signature');
    assert.equal(await answer(KEYS.ani, {}, { direction: 'in' }), 'bad_signature');
    assert.equal(await answer(KEYS.ani, { atMs: rig.time.now() - 121_000 }), 'too_old');
    assert.equal(await answer(KEYS.ani, { partition: 'gateway-2' }), 'malformed');
    assert.equal(((await rig.gateway.control('x')) as { reason?: string }).reason, 'malformed');
    assert.deepEqual(rig.gateway.state().latches, []);
    assert.equal(await answer(KEYS.ani), undefined);
    assert.equal(await answer(KEYS.ani), 'repeated');
    assert.equal(rig.gateway.state().latches.length, 1);
  });
});

test('a stop pressed while the disk writes the intent is in time: not sent, and proven', async () => {
  await withRig(async (rig) => {
    const payment = rig.authorise();
    const undo = onFaultPoint((name) => {
      if (name === 'gateway.afterIntent') void rig.press();
    });
    const answer = await rig.rail.send(payment);
    undo();
    assert.deepEqual(answer, { outcome: 'not_sent', reason: 'stopped' });
    assert.equal(rig.hub.taken.length, 0);
    assert.deepEqual(await rig.rail.recall({ jti: payment.jti }), { known: 'outcome', answer });
  });
});

test('T12 the guard alone cannot begin a release at a later stage', async () => {
  await withRig(async (rig) => {
    const latchId = (await rig.press()).latchId!;
    const stages = [
      { name: 'staff', staffOnly: true, bucketsBelow: 0, dwellMsMin: 600_000 },
      { name: 'all', staffOnly: false, bucketsBelow: 10_000, dwellMsMin: 600_000 },
    ];
    const release = rig.release({ latchId, stages }, 'active');
    const all: Admission = {
      releaseId: release.plan.releaseId,
      stage: 1,
      bucketsBelow: 10_000,
      staffOnly: false,
      sinceMs: 0,
    };
    assert.deepEqual(
      await rig.pushSet({ restrictions: [restriction(latchId, all)], releases: [release] }),
      { ok: true, version: 2 },
    );
    assert.deepEqual(await sendOne(rig), STOPPED);
    const narrow = {
      ...restriction(latchId, { ...all, stage: 0, bucketsBelow: 0, staffOnly: true }),
      scope: { rail: 'bifast', direction: 'out', bank: 'CENAIDJA' },
    } as const;
    await rig.pushSet({ restrictions: [restriction(latchId)], releases: [release] });
    await rig.pushSet({ restrictions: [narrow], releases: [release] });
    assert.deepEqual(
      await sendOne(rig, { isStaff: true }),
      STOPPED,
      'a restriction narrower than the latch',
    );
  });
});

test('the guard closes our outbound at the hub alone, and opens it only after a release by two people', async () => {
  await withRig(async (rig) => {
    const ask = async (body: object): Promise<unknown> =>
      JSON.parse(
        (
          await rig.post('guard', GATEWAY_PATH.hubControl, { reason: 'uji', ...body })
        ).body.toString(),
      );
    assert.deepEqual(await ask({ action: 'revoke', fingerprint: 'ab'.repeat(32) }), { ok: true });
    assert.deepEqual(await ask({ action: 'suspend_out' }), { ok: true });
    assert.deepEqual(await ask({ action: 'resume_out' }), {
      ok: false,
      reason: 'looser_without_two_people',
    });
    await rig.sleep(1_000);
    await rig.pushSet({ releases: [rig.release({ restrictionId: 'rst_1' }, 'active', ['ani'])] });
    assert.deepEqual(await ask({ action: 'resume_out' }), {
      ok: false,
      reason: 'looser_without_two_people',
    });
    await rig.pushSet({ releases: [rig.release({ restrictionId: 'rst_1' }, 'active')] });
    assert.deepEqual(await ask({ action: 'resume_out' }), { ok: true });
    assert.deepEqual(
      rig.hub.portal.map(({ path }) => path),
      ['/portal/revoke', '/portal/suspend', '/portal/resume'],
    );
    assert.deepEqual(rig.hub.portal[0]?.body['fingerprint'], 'ab'.repeat(32));
  });
});
