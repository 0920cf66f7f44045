import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '../kernel/log.ts';
import { virtualTime } from '../kernel/virtual-time.ts';
import { openHolder } from './holder.ts';
import {
  EMPTY_SET,
  type ReleasePlan,
  type Restriction,
  type RestrictionSet,
  type SignedRelease,
} from './restriction.ts';
import { openSet, refuseSet, signRelease, signSet, tighten } from './set.ts';
import type { FlowFacts } from './port.ts';

const NOW = Date.parse('2025-03-29T04:30:00Z');
const MINUTE = 60_000;
const guard = generateKeyPairSync('ed25519');
const staff = Object.fromEntries(
  ['ani', 'budi', 'cici'].map((id) => [id, generateKeyPairSync('ed25519')]),
);
const roster = Object.fromEntries(
  Object.entries(staff).map(([id, { publicKey }]) => [
    id,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);

const stop: Restriction = {
  id: 'rst_1',
  scope: { rail: 'bifast', direction: 'out' },
  action: { kind: 'stop' },
  level: 3,
  reasonClass: 'containment',
  cause: 'D2',
  evidence: ['x'],
  placedBy: 'guard',
  isAutomatic: true,
  madeAtMs: NOW,
  reviewAtMs: NOW + 60 * MINUTE,
  nextUpdateAtMs: NOW + 30 * MINUTE,
  posture: { kind: 'closed' },
};
const plan: ReleasePlan = {
  releaseId: 'rel_1',
  restrictionId: 'rst_1',
  stages: [
    {
      name: 'staff',
      staffOnly: true,
      bucketsBelow: 0,
      capSen: '100000000',
      dwellMsMin: 30 * MINUTE,
    },
    {
      name: '1 %',
      staffOnly: false,
      bucketsBelow: 100,
      capSen: '100000000',
      dwellMsMin: 30 * MINUTE,
    },
    { name: '100 %', staffOnly: false, bucketsBelow: 10_000, dwellMsMin: 30 * MINUTE },
  ],
  madeAtMs: NOW,
  startBeforeMs: NOW + 24 * 60 * MINUTE,
};

function release(
  by: readonly string[],
  state: SignedRelease['state'] = 'active',
  of = plan,
): SignedRelease {
  return {
    plan: of,
    state,
    signatures: by.map((staffId) => ({
      staffId,
      signature: signRelease(staff[staffId]!.privateKey, of),
    })),
  };
}

function setOf(
  version: number,
  restrictions: readonly Restriction[],
  releases: readonly SignedRelease[] = [],
): RestrictionSet {
  return { version, epoch: 1, madeAtMs: NOW, restrictions, releases };
}

function atStage(stage: number, sinceMs = NOW): Restriction {
  const { staffOnly, bucketsBelow, capSen } = plan.stages[stage]!;
  return {
    ...stop,
    admission: {
      releaseId: 'rel_1',
      stage,
      staffOnly,
      bucketsBelow,
      sinceMs,
      ...(capSen ? { capSen } : {}),
    },
  };
}

const refuse = (current: RestrictionSet, next: RestrictionSet, nowMs = NOW): string | undefined =>
  refuseSet({ current, next, roster, nowMs });

test('openSet() refuses any other key and any changed byte', () => {
  const signed = signSet(guard.privateKey, setOf(1, [stop]));
  assert.equal(openSet(guard.publicKey, signed)?.version, 1);
  assert.equal(
    openSet(guard.publicKey, { ...signed, body: signed.body.replace('"D2"', '"D1"') }),
    undefined,
  );
  assert.equal(openSet(generateKeyPairSync('ed25519').publicKey, signed), undefined);
});

test('refuseSet() lets anybody tighten: new, wider, lower admission', () => {
  assert.equal(refuse(EMPTY_SET, setOf(1, [stop])), undefined);
  assert.equal(
    refuse(setOf(1, [stop]), setOf(2, [{ ...stop, scope: { rail: 'bifast' } }])),
    undefined,
  );
  assert.equal(
    refuse(
      setOf(1, [atStage(1)], [release(['ani', 'budi'])]),
      setOf(2, [stop], [release(['ani', 'budi'], 'closed')]),
    ),
    undefined,
  );
});

test('refuseSet() T10: removing or narrowing without two people is refused, whoever signed the set', () => {
  const before = setOf(1, [stop]);
  for (const next of [
    setOf(2, []),
    setOf(2, [{ ...stop, scope: { rail: 'bifast', direction: 'out', bank: 'BNINIDJA' } }]),
    setOf(2, [{ ...stop, action: { kind: 'cap', amountSen: '100' } }]),
    setOf(2, [atStage(0)]),
    setOf(2, [atStage(0)], [release(['ani'])]),
    setOf(2, [atStage(0)], [release(['ani', 'ani'])]),
    setOf(2, [], [release(['ani', 'budi'], 'active')]),
  ]) {
    assert.equal(
      refuse(before, next),
      'looser_without_two_people',
      JSON.stringify(next.restrictions),
    );
  }
});

test('refuseSet() checks the two signatures against exactly this plan', () => {
  const other = { ...plan, stages: [plan.stages[2]!] };
  const stolen: SignedRelease = { ...release(['ani', 'budi']), plan: other };
  assert.equal(
    refuse(setOf(1, [stop]), setOf(2, [atStage(0)], [stolen])),
    'looser_without_two_people',
  );
  const widened = {
    ...atStage(0),
    admission: { ...atStage(0).admission!, staffOnly: false, bucketsBelow: 10_000 },
  };
  assert.equal(
    refuse(setOf(1, [stop]), setOf(2, [widened], [release(['ani', 'budi'])])),
    'looser_without_two_people',
  );
});

test('refuseSet() T10: two people narrow a restriction to exactly the part that they signed, in time, and lift nothing by it', () => {
  const part = { rail: 'bifast', direction: 'out', bank: 'BNINIDJA' } as const;
  const narrowing: ReleasePlan = { ...plan, stages: [], narrowTo: part };
  const signed = (by: readonly string[], of = narrowing) => [release(by, 'completed', of)];
  const before = setOf(1, [stop]);
  const narrowed = { ...stop, scope: part };
  const two = signed(['ani', 'budi']);
  assert.equal(refuse(before, setOf(2, [narrowed], two)), undefined);
  const looser = 'looser_without_two_people';
  const other = { ...stop, scope: { ...part, bank: 'CENAIDJA' } };
  const outside = { rail: 'switch' } as const;
  for (const [what, next, nowMs] of [
    ['one person', setOf(2, [narrowed], signed(['ani'])), NOW],
    ['the same twice', setOf(2, [narrowed], signed(['ani', 'ani'])), NOW],
    ['not yet done', setOf(2, [narrowed], [release(['ani', 'budi'], 'active', narrowing)]), NOW],
    ['another part', setOf(2, [other], two), NOW],
    ['lifted by it', setOf(2, [], two), NOW],
    ['milder', setOf(2, [{ ...narrowed, action: { kind: 'step_up' } }], two), NOW],
    ['admits', setOf(2, [{ ...atStage(2), scope: part }], two), NOW],
    ['too late', setOf(2, [narrowed], two), plan.startBeforeMs + 1],
    [
      'no part of it',
      setOf(
        2,
        [{ ...stop, scope: outside }],
        signed(['ani', 'budi'], { ...narrowing, narrowTo: outside }),
      ),
      NOW,
    ],
    [
      'another restriction',
      setOf(2, [narrowed], signed(['ani', 'budi'], { ...narrowing, restrictionId: 'rst_2' })),
      NOW,
    ],
  ] as const)
    assert.equal(refuse(before, next, nowMs), looser, what);
  assert.equal(refuse(setOf(2, [narrowed], two), setOf(3, [narrowed])), undefined, 'it stays so');
});

test('refuseSet() reaches stages in order, each after its dwell', () => {
  const two = [release(['ani', 'budi'])];
  assert.equal(refuse(setOf(1, [stop]), setOf(2, [atStage(0)], two)), undefined);
  assert.equal(
    refuse(setOf(2, [atStage(0)], two), setOf(3, [atStage(1)], two), NOW + 10 * MINUTE),
    'looser_without_two_people',
  );
  assert.equal(
    refuse(setOf(2, [atStage(0)], two), setOf(3, [atStage(1)], two), NOW + 30 * MINUTE),
    undefined,
  );
  assert.equal(
    refuse(setOf(2, [atStage(0)], two), setOf(3, [atStage(2)], two), NOW + 30 * MINUTE),
    'looser_without_two_people',
  );
  const done = [release(['ani', 'budi'], 'completed')];
  assert.equal(
    refuse(setOf(4, [atStage(2)], two), setOf(5, [], done), NOW + 10 * MINUTE),
    'looser_without_two_people',
  );
  assert.equal(
    refuse(setOf(4, [atStage(2)], two), setOf(5, [], done), NOW + 30 * MINUTE),
    undefined,
  );
});

test('refuseSet() a process that missed the stages may join when all dwell times have passed', () => {
  const done = [release(['ani', 'budi'], 'completed')];
  assert.equal(
    refuse(setOf(1, [stop]), setOf(9, [], done), NOW + 89 * MINUTE),
    'looser_without_two_people',
  );
  assert.equal(refuse(setOf(1, [stop]), setOf(9, [], done), NOW + 90 * MINUTE), undefined);
  assert.equal(
    refuse(setOf(1, [stop]), setOf(9, [], done), plan.startBeforeMs + 1),
    'looser_without_two_people',
  );
});

test('refuseSet() T10: a closed release is never usable again, nor is an older set', () => {
  const closed = [release(['ani', 'budi'], 'closed')];
  const again = [release(['ani', 'budi'], 'active')];
  assert.equal(
    refuse(setOf(1, [stop], closed), setOf(2, [atStage(0)], again)),
    'looser_without_two_people',
  );
  assert.equal(refuse(setOf(1, [stop], closed), setOf(2, [stop], [])), 'looser_without_two_people');
  assert.equal(
    refuse(setOf(5, [stop]), setOf(5, [stop, { ...stop, id: 'rst_2' }])),
    'older_version',
  );
  assert.equal(
    refuse({ ...setOf(5, [stop]), epoch: 3 }, { ...setOf(6, [stop]), epoch: 2 }),
    'older_epoch',
  );
});

const out: FlowFacts = {
  rail: 'bifast',
  direction: 'out',
  channel: 'mobile',
  bank: 'BNINIDJA',
  account: '1',
  amountSen: 50_000_000n,
  cohortBucket: 50,
  isStaff: false,
};

function holderAt(file: string, time = virtualTime(NOW)): ReturnType<typeof openHolder> {
  return openHolder({ file, key: guard.publicKey, roster, time, log: silentLog });
}

test('openHolder() T12: the set survives a restart, and a forged file does not count', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gate-')), 'set.json');
  const first = holderAt(file);
  assert.deepEqual(await first.accept(signSet(guard.privateKey, setOf(3, [stop]))), {
    ok: true,
    version: 3,
  });
  assert.equal(first.decide(out).kind, 'stop');
  const second = holderAt(file);
  assert.equal(second.current().version, 3);
  assert.equal(second.decide(out).kind, 'stop');
  writeFileSync(
    file,
    JSON.stringify({
      signed: { body: '{"version":9,"restrictions":[]}', signature: 'AA==' },
      heardAtMs: NOW,
    }),
  );
  const third = holderAt(file);
  assert.equal(third.current().version, 0);
  assert.equal(third.decide(out).kind, 'stop', 'no set: nothing leaves');
});

test('openHolder() T10 T12: of a set that loosens without two people, what is stricter counts at once and after a restart', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gate-')), 'set.json');
  const first = holderAt(file);
  const other: Restriction = { ...stop, id: 'rst_2', scope: { rail: 'onus' } };
  await first.accept(signSet(guard.privateKey, setOf(3, [stop])));
  // It slept through the release of rst_1, which nobody can join any more; rst_2 is news.
  const refused = { ok: false, reason: 'looser_without_two_people' };
  assert.deepEqual(await first.accept(signSet(guard.privateKey, setOf(5, [other]))), refused);
  const onus = { ...out, rail: 'onus' } as const;
  for (const holder of [first, holderAt(file)]) {
    assert.equal(holder.decide(out).kind, 'stop', 'what stood still stands');
    assert.equal(holder.decide(onus).kind, 'stop', 'what is stricter counts');
    assert.equal(holder.current().version, 3);
  }
  // Taken once, it is as hard to loosen as everything else; with both back the set is taken whole.
  const second = holderAt(file);
  assert.deepEqual(await second.accept(signSet(guard.privateKey, setOf(6, [stop]))), refused);
  assert.equal(second.decide(onus).kind, 'stop');
  assert.equal((await second.accept(signSet(guard.privateKey, setOf(7, [stop, other])))).ok, true);
  assert.equal(second.current().version, 7);
  assert.equal(second.current().restrictions.length, 2);
});

test('openHolder() T12: what cannot be written was not heard, and the old set goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  const time = virtualTime(NOW);
  const holder = holderAt(join(folder, 'kept', 'set.json'), time);
  await holder.accept(signSet(guard.privateKey, setOf(1, [])));
  await time.run(time.sleep(20 * MINUTE), NOW + 60 * MINUTE);
  rmSync(join(folder, 'kept'), { recursive: true });
  writeFileSync(join(folder, 'kept'), 'a file where the folder was');
  await assert.rejects(holder.accept(signSet(guard.privateKey, setOf(2, [stop]))));
  assert.equal(holder.current().version, 1);
  assert.equal(holder.state().heardAtMs, NOW);
  rmSync(join(folder, 'kept'));
  assert.equal((await holder.accept(signSet(guard.privateKey, setOf(2, [stop])))).ok, true);
  assert.equal(holder.decide(out).kind, 'stop');
});

test('tighten() keeps what is stricter of both and no release that the next set brings', () => {
  const next = setOf(2, [{ ...stop, action: { kind: 'cap', amountSen: '1' } }], [release(['ani'])]);
  const joined = tighten({ current: setOf(1, [stop]), next, roster, nowMs: NOW });
  assert.deepEqual(joined, setOf(1, [stop]));
  const narrow: Restriction = { ...stop, scope: { rail: 'bifast', channel: 'mobile' } };
  const both = tighten({
    current: setOf(1, [{ ...stop, action: { kind: 'cap', amountSen: '1' } }]),
    next: setOf(2, [narrow]),
    roster,
    nowMs: NOW,
  });
  assert.equal(both.restrictions.length, 2, 'neither is stricter than the other everywhere');
  const closed = setOf(1, [atStage(1)], [release(['ani', 'budi'], 'closed')]);
  const reopened = setOf(2, [atStage(2)], [release(['ani', 'budi'])]);
  const kept = tighten({ current: closed, next: reopened, roster, nowMs: NOW + 90 * MINUTE });
  assert.deepEqual(kept.restrictions[0], atStage(1), 'a closed release admits nobody new');
  assert.deepEqual(kept.releases, closed.releases);
});

test('openHolder() T13 T16: without the guard nothing leaves, on-us goes on up to a cap, and every skip is counted', async () => {
  const time = virtualTime(NOW);
  const holder = holderAt(join(mkdtempSync(join(tmpdir(), 'gate-')), 'set.json'), time);
  assert.equal(holder.decide(out).kind, 'stop');
  await holder.accept(signSet(guard.privateKey, setOf(1, [])));
  assert.equal(holder.decide(out).kind, 'allow');
  await time.run(time.sleep(31 * MINUTE), NOW + 60 * MINUTE);
  assert.equal(holder.decide(out).kind, 'stop');
  assert.equal(holder.decide({ ...out, direction: 'in' }).kind, 'allow');
  assert.equal(holder.decide({ ...out, rail: 'onus' }).kind, 'allow');
  assert.equal(holder.decide({ ...out, rail: 'onus', amountSen: 1_000_000_001n }).kind, 'cap');
  assert.equal(holder.state().blindCount, 5);
  await holder.accept(signSet(guard.privateKey, setOf(1, [])));
  assert.equal(holder.decide(out).kind, 'allow', 'the same set again is a sign of life');
});

test('decide() admits staff and the cohort of the stage, with its cap', async () => {
  const holder = holderAt(join(mkdtempSync(join(tmpdir(), 'gate-')), 'set.json'));
  await holder.accept(
    signSet(guard.privateKey, setOf(1, [atStage(1)], [release(['ani', 'budi'])])),
  );
  assert.deepEqual(holder.decide(out), { kind: 'allow', admittedBy: 'rel_1' });
  assert.equal(holder.decide({ ...out, cohortBucket: 100 }).kind, 'stop');
  assert.equal(holder.decide({ ...out, cohortBucket: 100, isStaff: true }).kind, 'allow');
  assert.equal(holder.decide({ ...out, amountSen: 100_000_001n }).kind, 'cap');
  assert.equal(holder.decide({ ...out, rail: 'onus' }).kind, 'allow');
});
