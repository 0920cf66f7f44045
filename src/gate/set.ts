/** Signed, versioned restriction sets and who may loosen them (I5, I6). A process takes a set only from the guard's key, only
 * forward, and a looser one only when two distinct people of its own roster have signed the plan that it follows. Pure. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import type { SetRefusal, StaffRoster } from './port.ts';
import type {
  Admission,
  ReleasePlan,
  Restriction,
  RestrictionSet,
  SignedRelease,
  SignedSet,
} from './restriction.ts';
import { isActionAtLeast } from './action.ts';
import { readSet } from './read.ts';
import { covers } from './scope.ts';

/** How far a process clock may be off when dwell times are checked. */
const CLOCK_SKEW_MS = 2_000;

/** Signs a set with the guard's Ed25519 key. */
export function signSet(key: KeyObject, set: RestrictionSet): SignedSet {
  const body = canonicalJson(set);
  return { body, signature: sign(null, Buffer.from(body), key).toString('base64') };
}

/** The set inside, when the signature is the guard's and every part of it can be read; else undefined. */
export function openSet(key: KeyObject, signed: SignedSet): RestrictionSet | undefined {
  if (typeof signed?.body !== 'string' || typeof signed.signature !== 'string') return undefined;
  if (!verify(null, Buffer.from(signed.body), key, Buffer.from(signed.signature, 'base64')))
    return undefined;
  return readSet(parseJson(signed.body));
}

/** What a restriction or latch is released by: the id that the plan names. */
export function planTarget(plan: ReleasePlan): string | undefined {
  return plan.latchId ?? plan.restrictionId;
}

/** The bytes that staff sign. */
export function releaseSignatureText(plan: ReleasePlan): string {
  return canonicalJson({ purpose: 'pulih.release.v1', plan });
}

/** Signs a plan as one person; base64. */
export function signRelease(privateKey: KeyObject, plan: ReleasePlan): string {
  return sign(null, Buffer.from(releaseSignatureText(plan)), privateKey).toString('base64');
}

/** True when this person of the roster signed exactly this plan. */
export function isSignedBy(input: {
  readonly plan: ReleasePlan;
  readonly staffId: string;
  readonly signature: string;
  readonly roster: StaffRoster;
}): boolean {
  const pem = Object.hasOwn(input.roster, input.staffId) ? input.roster[input.staffId] : undefined;
  if (pem === undefined) return false;
  return verify(
    null,
    Buffer.from(releaseSignatureText(input.plan)),
    createPublicKey(pem),
    Buffer.from(input.signature, 'base64'),
  );
}

/** True when at least two distinct people, with two distinct keys of the roster, signed exactly this plan. */
export function isSignedByTwo(
  release: Pick<SignedRelease, 'plan' | 'signatures'>,
  roster: StaffRoster,
): boolean {
  const people = new Set<string>();
  const keys = new Set<string>();
  for (const { staffId, signature } of release.signatures) {
    const pem = Object.hasOwn(roster, staffId) ? roster[staffId] : undefined;
    if (pem === undefined || people.has(staffId) || keys.has(pem)) continue;
    if (!isSignedBy({ plan: release.plan, staffId, signature, roster })) continue;
    people.add(staffId);
    keys.add(pem);
  }
  return people.size >= 2;
}

/** May `next` replace `current` at this process, now? Undefined = yes. */
export function refuseSet(input: {
  readonly current: RestrictionSet;
  readonly next: RestrictionSet;
  readonly roster: StaffRoster;
  readonly nowMs: number;
}): SetRefusal | undefined {
  const { current, next } = input;
  if (
    !Number.isSafeInteger(next.version) ||
    !Array.isArray(next.restrictions) ||
    !Array.isArray(next.releases)
  )
    return 'malformed';
  if (next.epoch < current.epoch) return 'older_epoch';
  if (next.version <= current.version) return 'older_version';
  if (reopensClosedRelease(input)) return 'looser_without_two_people';
  return findLoosened(input).length > 0 ? 'looser_without_two_people' : undefined;
}

/** Restrictions of `current` that `next` lacks or holds in a weaker form, without a plan of two people that says so. */
export function findLoosened(input: {
  readonly current: RestrictionSet;
  readonly next: RestrictionSet;
  readonly roster: StaffRoster;
  readonly nowMs: number;
}): readonly Restriction[] {
  const nextById = new Map(input.next.restrictions.map((one) => [one.id, one]));
  return input.current.restrictions.filter((before) => !isKept(before, { ...input, nextById }));
}

/** What a process holds after it refused `next` as looser: everything that it held, and what is stricter in `next`. A process that
 * slept through a release can be stopped like any other; loosening still needs the two people (I5, T12). Version and releases
 * stay those of `current`. */
export function tighten(input: {
  readonly current: RestrictionSet;
  readonly next: RestrictionSet;
  readonly roster: StaffRoster;
  readonly nowMs: number;
}): RestrictionSet {
  const { current } = input;
  const closed = new Set(
    current.releases.flatMap(({ state, plan }) => (state === 'closed' ? [plan.releaseId] : [])),
  );
  const next = {
    ...input.next,
    releases: input.next.releases.filter(({ plan }) => !closed.has(plan.releaseId)),
  };
  const kept = findLoosened({ ...input, next });
  const news = next.restrictions.filter(
    (now) => !kept.some((before) => !before.admission && isAtLeast({ next: before, before: now })),
  );
  return { ...current, restrictions: [...kept, ...news] };
}

/** A release that was rolled back or withdrawn is never usable again; it may be forgotten once it could not start any more. */
function reopensClosedRelease({
  current,
  next,
  nowMs,
}: {
  current: RestrictionSet;
  next: RestrictionSet;
  nowMs: number;
}): boolean {
  return current.releases.some((release) => {
    if (release.state !== 'closed') return false;
    const now = next.releases.find(({ plan }) => plan.releaseId === release.plan.releaseId);
    return now ? now.state !== 'closed' : nowMs < release.plan.startBeforeMs;
  });
}

interface Facts {
  readonly next: RestrictionSet;
  readonly roster: StaffRoster;
  readonly nowMs: number;
}

function isKept(
  before: Restriction,
  facts: Facts & { readonly nextById: ReadonlyMap<string, Restriction> },
): boolean {
  const now = facts.nextById.get(before.id);
  if (!now) return mayReachStage({ before, facts, wantedState: 'completed' });
  if (!isAtLeast({ next: now, before }) && !mayNarrow({ before, now, facts })) return false;
  if (!isAdmissionWider({ now: now.admission, before: before.admission })) return true;
  return mayReachStage({ before, facts, wantedState: 'active', admission: now.admission! });
}

function isAtLeast({ next, before }: { next: Restriction; before: Restriction }): boolean {
  return (
    covers({ outer: next.scope, inner: before.scope }) &&
    isActionAtLeast({ next: next.action, before: before.action })
  );
}

/** Two people signed that this restriction goes on with exactly this part of its scope, and lately: an old plan narrows nothing anew. */
function mayNarrow(input: {
  readonly before: Restriction;
  readonly now: Restriction;
  readonly facts: Facts;
}): boolean {
  const { before, now, facts } = input;
  if (!isActionAtLeast({ next: now.action, before: before.action })) return false;
  if (!covers({ outer: before.scope, inner: now.scope })) return false;
  const scope = canonicalJson(now.scope);
  return facts.next.releases.some(
    (release) =>
      release.state === 'completed' &&
      release.plan.restrictionId === before.id &&
      release.plan.narrowTo !== undefined &&
      canonicalJson(release.plan.narrowTo) === scope &&
      facts.nowMs <= release.plan.startBeforeMs &&
      isSignedByTwo(release, facts.roster),
  );
}

/** A lower stage of the same release, or none, is a roll-back and needs nobody. */
function isAdmissionWider({
  now,
  before,
}: {
  now: Admission | undefined;
  before: Admission | undefined;
}): boolean {
  if (!now) return false;
  if (!before || before.releaseId !== now.releaseId) return true;
  return canonicalJson({ ...now, sinceMs: 0 }) !== canonicalJson({ ...before, sinceMs: 0 });
}

/** Stages are reached in order, each after the dwell times of those before it, by this process's own clock. */
function mayReachStage(input: {
  readonly before: Restriction;
  readonly facts: Facts;
  readonly wantedState: 'active' | 'completed';
  readonly admission?: Admission;
}): boolean {
  const { before, facts, wantedState, admission } = input;
  const release = facts.next.releases.find(
    ({ plan, state }) =>
      state === wantedState &&
      // A plan that narrows has no stages: it must not count as one whose stages are all passed.
      plan.narrowTo === undefined &&
      planTarget(plan) === before.id &&
      (admission === undefined || plan.releaseId === admission.releaseId),
  );
  if (!release || !isSignedByTwo(release, facts.roster)) return false;
  const { plan } = release;
  const known = before.admission?.releaseId === plan.releaseId ? before.admission : undefined;
  // A stash of signed plans is worthless later: a process that does not follow this release yet joins it in time or stays strict.
  if (!known && facts.nowMs > plan.startBeforeMs) return false;
  const stage = wantedState === 'completed' ? plan.stages.length : admission!.stage;
  if (admission) {
    const agreed = plan.stages[stage];
    if (!agreed) return false;
    const { staffOnly, bucketsBelow, capSen } = agreed;
    if (
      admission.staffOnly !== staffOnly ||
      admission.bucketsBelow !== bucketsBelow ||
      admission.capSen !== capSen
    )
      return false;
  }
  const from = known ? known.stage : 0;
  const sinceMs = known ? known.sinceMs : plan.madeAtMs;
  return facts.nowMs + CLOCK_SKEW_MS >= sinceMs + totalDwellMs(plan, from, stage);
}

function totalDwellMs(plan: ReleasePlan, from: number, to: number): number {
  return plan.stages.slice(from, to).reduce((sum, { dwellMsMin }) => sum + dwellMsMin, 0);
}
