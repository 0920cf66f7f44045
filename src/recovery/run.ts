/** Moves approved releases through their stages. Called by the guard's leader inside its own fenced transaction; it writes the
 * admission into the restriction, and the guard pushes the set. Fail rolls back by itself; nobody is needed for that. */
import { recordEvents } from '../audit/record.ts';
import type { EventDraft } from '../audit/event.ts';
import type { Tx } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import type {
  Admission,
  ReleasePlan,
  Restriction,
  Scope,
  SignedRelease,
} from '../gate/restriction.ts';
import { isRelease } from '../gate/read.ts';
import { covers } from '../gate/scope.ts';
import { isSignedByTwo, planTarget } from '../gate/set.ts';
import { alarmKind, runbookOf } from '../guard/alarm.ts';
import { assert } from '../kernel/assert.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { RECOVERY_DEFAULTS, startObstacles, type RecoveryNumbers } from './plan.ts';
import {
  countOpenBreaks,
  countPayments,
  currentStage,
  explainBreaks,
  insertStage,
  listOpenReleases,
  listReleasesSince,
  moveRelease,
  noteRelease,
  readNumbers,
  readRestriction,
  writeEvidence,
  writeRestriction,
  type ReleaseRow,
  type StageRow,
} from './store.ts';
import { judgeStage, type StageEvidence } from './verdict.ts';

/** Releases older than this need not travel in the set any more. */
const RELEASE_KEPT_MS = 30 * 86_400_000;

/** What one step needs from its caller. `isBusinessDecline` knows the rail's codes. */
export interface RecoveryStep {
  readonly tx: Tx;
  readonly nowMs: number;
  readonly roster: StaffRoster;
  /** Age of the last successful three-way match; undefined = never. */
  readonly matchAgeMs: number | undefined;
  readonly isBusinessDecline: (code: string) => boolean;
}

/** One step over all open releases; true when a restriction or release changed and a new set must go out. */
export async function stepRecovery(step: RecoveryStep): Promise<boolean> {
  const numbers = await recoveryNumbers(step.tx, step.nowMs);
  let isChanged = false;
  for (const row of await listOpenReleases(step.tx)) {
    const plan = readPlan(row);
    // Only a person's hand in the table makes such a row: it must keep no other release, and no stop, from its work.
    if (!plan) continue;
    const changed =
      row.state === 'approved'
        ? await start({ step, numbers, row, plan })
        : await judge({ step, numbers, row, plan });
    isChanged ||= changed;
  }
  return isChanged;
}

/** The versioned numbers in force, or the defaults. */
export async function recoveryNumbers(tx: Tx, nowMs: number): Promise<RecoveryNumbers> {
  const text = await readNumbers(tx, nowMs);
  return text === undefined
    ? RECOVERY_DEFAULTS
    : { ...RECOVERY_DEFAULTS, ...(JSON.parse(text) as Partial<RecoveryNumbers>) };
}

/** The releases that belong in a restriction set, with their signatures, which are not checked here. A row that is no release is left
 * out: in a set it would make every process refuse the whole. */
export async function releasesForSet(tx: Tx, nowMs: number): Promise<readonly SignedRelease[]> {
  const rows = await listReleasesSince(tx, nowMs - RELEASE_KEPT_MS);
  return rows.flatMap((row) => {
    const plan = readPlan(row);
    return plan ? [{ plan, signatures: signaturesOf(row), state: setState(row.state) }] : [];
  });
}

function readPlan(row: ReleaseRow): ReleasePlan | undefined {
  const release = { plan: parseJson(row.plan), signatures: signaturesOf(row), state: 'closed' };
  return isRelease(release) ? release.plan : undefined;
}

function setState(state: ReleaseRow['state']): SignedRelease['state'] {
  if (state === 'completed') return 'completed';
  return state === 'approved' || state === 'running' ? 'active' : 'closed';
}

function signaturesOf(row: ReleaseRow): SignedRelease['signatures'] {
  const signatures = [{ staffId: row.proposed_by, signature: row.proposed_signature }];
  if (row.approved_by && row.approved_signature)
    signatures.push({ staffId: row.approved_by, signature: row.approved_signature });
  return signatures;
}

interface Case {
  readonly step: RecoveryStep;
  readonly numbers: RecoveryNumbers;
  readonly row: ReleaseRow;
  readonly plan: ReleasePlan;
}

async function start(input: Case): Promise<boolean> {
  const { step, numbers, row, plan } = input;
  const { tx, nowMs } = step;
  const target = planTarget(plan)!;
  if (!isSignedByTwo({ plan, signatures: signaturesOf(row) }, step.roster)) {
    await moveRelease(tx, {
      id: row.id,
      from: 'approved',
      to: 'refused',
      note: `${row.note} | refused: signatures do not verify`,
    });
    await event(input, 'release.refused', { reason: 'signatures' });
    await event(input, alarmKind('release_forged'), {
      detector: 'recovery',
      severity: 'P1',
      runbook: runbookOf('release_forged'),
      evidence: [target, row.proposed_by, row.approved_by ?? ''],
    });
    return true;
  }
  if (target.startsWith('qua_')) return completeQuarantine(input);
  const stored = await readRestriction(tx, target);
  const rail = stored
    ? ((JSON.parse(stored.body) as Restriction).scope.rail ?? 'bifast')
    : 'bifast';
  await explainBreaks(tx, {
    rail,
    // What both signed says when; the row's own time is core's word.
    before: new Date(Math.min(row.proposed_at.getTime(), plan.madeAtMs)),
    nowMs,
    releaseId: row.id,
    explanation: `${row.id} by ${row.proposed_by} and ${row.approved_by}`,
  });
  const obstacles = startObstacles({
    plan,
    nowMs,
    matchAgeMs: step.matchAgeMs,
    matchAgeMsMax: numbers.matchAgeMsMax,
    unexplainedBreaks: await countOpenBreaks(tx, rail),
    restrictionExists: stored !== undefined,
  });
  if (obstacles.includes('restriction_gone') || obstacles.includes('too_late')) {
    await moveRelease(tx, {
      id: row.id,
      from: 'approved',
      to: 'refused',
      note: `${baseNote(row)} | refused: ${obstacles.join(', ')}`,
    });
    await event(input, 'release.refused', { reason: obstacles.join(',') });
    return true;
  }
  if (obstacles.length > 0) {
    await noteRelease(tx, {
      id: row.id,
      note: `${baseNote(row)} | waiting: ${obstacles.join(', ')}`,
    });
    return false;
  }
  if (plan.narrowTo) return narrow(input, JSON.parse(stored!.body) as Restriction, plan.narrowTo);
  await moveRelease(tx, { id: row.id, from: 'approved', to: 'running', note: baseNote(row) });
  await enterStage(input, { restriction: JSON.parse(stored!.body) as Restriction, stage: 0 });
  return true;
}

/** Two people narrow a restriction at once: what stays restricted is a part of what was, so there is nothing to come back in stages
 * under it that the restriction itself does not still hold. */
async function narrow(input: Case, restriction: Restriction, scope: Scope): Promise<true> {
  const { step, row } = input;
  const { tx, nowMs } = step;
  const isPart = covers({ outer: restriction.scope, inner: scope });
  await moveRelease(tx, { id: row.id, from: 'approved', to: isPart ? 'running' : 'refused' });
  if (!isPart) {
    await event(input, 'release.refused', { reason: 'not_narrower' });
    return true;
  }
  await moveRelease(tx, { id: row.id, from: 'running', to: 'completed' });
  const body = canonicalJson({ ...restriction, scope });
  await writeRestriction(tx, { id: restriction.id, body, state: 'active', nowMs });
  await event(input, 'release.completed', { target: restriction.id });
  await event(input, 'restriction.narrowed', { restrictionId: restriction.id, scope });
  return true;
}

/** The note without what an earlier step appended about waiting. */
function baseNote(row: ReleaseRow): string {
  return row.note.split(' | waiting: ')[0]!;
}

/** A quarantined sender has no stages: two people let it back in, the gateway checks their signatures. */
async function completeQuarantine(input: Case): Promise<boolean> {
  const { tx } = input.step;
  await moveRelease(tx, { id: input.row.id, from: 'approved', to: 'running' });
  await moveRelease(tx, { id: input.row.id, from: 'running', to: 'completed' });
  await event(input, 'release.completed', { target: planTarget(input.plan)! });
  return true;
}

async function judge(input: Case): Promise<boolean> {
  const { step, numbers, row, plan } = input;
  const { tx, nowMs } = step;
  const stored = await readRestriction(tx, planTarget(plan)!);
  const running = await currentStage(tx, row.id);
  assert(stored && running, 'a running release has its restriction and a stage');
  const restriction = JSON.parse(stored.body) as Restriction;
  const evidence = await gather({ input, restriction, running });
  const agreed = plan.stages[running.stage]!;
  const verdict = judgeStage(evidence, { numbers, dwellMsMin: agreed.dwellMsMin });
  const isEnd = verdict.verdict !== 'not_enough_evidence';
  const isThin = !isEnd && evidence.elapsedMs > numbers.thinAlarmMs;
  if (isThin && !wasThin(running)) await alarmThin(input, agreed.name, verdict.reason);
  await writeEvidence(tx, {
    releaseId: row.id,
    stage: running.stage,
    evidence: canonicalJson({ ...evidence, ...verdict, isThin }),
    verdict: verdict.verdict,
    endedAtMs: isEnd ? nowMs : null,
  });
  if (!isEnd) return false;
  await event(input, 'recovery.stage_ended', {
    stage: running.stage,
    name: agreed.name,
    verdict: verdict.verdict,
    reason: verdict.reason,
  });
  if (verdict.verdict === 'fail') return rollBack(input, restriction);
  if (running.stage + 1 < plan.stages.length)
    return enterStage(input, { restriction, stage: running.stage + 1 });
  await moveRelease(tx, { id: row.id, from: 'running', to: 'completed' });
  await writeRestriction(tx, { id: restriction.id, body: stored.body, state: 'lifted', nowMs });
  await event(input, 'release.completed', { target: restriction.id });
  await event(input, 'restriction.lifted', { restrictionId: restriction.id });
  return true;
}

function wasThin({ evidence }: StageRow): boolean {
  return (JSON.parse(evidence) as { readonly isThin?: boolean }).isThin === true;
}

/** A stage that learns nothing would wait for ever in silence (T11): people are told once. */
async function alarmThin(input: Case, name: string, reason: string): Promise<void> {
  await event(input, alarmKind('thin_stage'), {
    detector: 'recovery',
    severity: 'P2',
    runbook: runbookOf('thin_stage'),
    stage: name,
    reason,
  });
}

async function gather(of: {
  readonly input: Case;
  readonly restriction: Restriction;
  readonly running: StageRow;
}): Promise<StageEvidence> {
  const { step, numbers } = of.input;
  const sinceMs = of.running.started_at.getTime();
  const counts = await countPayments(step.tx, {
    scope: of.restriction.scope,
    sinceMs,
    graceBeforeMs: step.nowMs - numbers.outcomeGraceMs,
  });
  const tally = { settled: 0, technicalFailures: 0, businessDeclines: 0, unknown: 0, synthetic: 0 };
  for (const {
    state,
    outcome_code: code,
    is_synthetic: isSynthetic,
    is_overdue: isOverdue,
    n,
  } of counts) {
    const count = Number(n);
    if (state === 'settled') tally.settled += count;
    else if (
      state === 'unknown' ||
      state === 'review' ||
      ((state === 'accepted' || state === 'sending') && isOverdue)
    )
      tally.unknown += count;
    else if (state === 'refunded' && step.isBusinessDecline(code ?? ''))
      tally.businessDeclines += count;
    else if (state === 'refunded') tally.technicalFailures += count;
    else continue;
    if (isSynthetic) tally.synthetic += count;
  }
  return {
    ...tally,
    unexplainedBreaks: await countOpenBreaks(step.tx, of.restriction.scope.rail ?? 'bifast'),
    matchAgeMs: step.matchAgeMs,
    elapsedMs: step.nowMs - sinceMs,
  };
}

async function enterStage(
  input: Case,
  to: { readonly restriction: Restriction; readonly stage: number },
): Promise<true> {
  const { step, row, plan } = input;
  const { name, staffOnly, bucketsBelow, capSen } = plan.stages[to.stage]!;
  const admission: Admission = {
    releaseId: plan.releaseId,
    stage: to.stage,
    bucketsBelow,
    staffOnly,
    sinceMs: step.nowMs,
    ...(capSen === undefined ? {} : { capSen }),
  };
  await writeRestriction(step.tx, {
    id: to.restriction.id,
    body: canonicalJson({ ...to.restriction, admission }),
    state: 'recovering',
    nowMs: step.nowMs,
  });
  await insertStage(step.tx, {
    releaseId: row.id,
    stage: to.stage,
    name,
    percent: Math.round(bucketsBelow / 100),
    staffOnly,
    capSen: capSen === undefined ? null : BigInt(capSen),
    nowMs: step.nowMs,
  });
  await event(input, 'recovery.stage_started', { stage: to.stage, name });
  return true;
}

/** T14: the admission goes, the restriction stands as before, and this release can never be used again. */
async function rollBack(input: Case, restriction: Restriction): Promise<true> {
  const { step, row } = input;
  const { admission: _, ...closed } = restriction;
  await writeRestriction(step.tx, {
    id: restriction.id,
    body: canonicalJson(closed),
    state: 'active',
    nowMs: step.nowMs,
  });
  await moveRelease(step.tx, { id: row.id, from: 'running', to: 'rolled_back' });
  await event(input, 'release.rolled_back', { target: restriction.id });
  return true;
}

async function event(input: Case, kind: string, data: EventDraft['data']): Promise<void> {
  await recordEvents(input.step.tx, [
    { atMs: input.step.nowMs, kind, subject: input.row.id, data },
  ]);
}
