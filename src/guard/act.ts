/** One step of the guard: see, fold, decide, write everything in one fenced transaction, then send. A step that fails moves
 * nothing, so the next one sees the same again; a step that succeeded is never repeated (its position is in the commit). */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import type { ReasonClass, Restriction } from '../gate/restriction.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { applyRun } from '../reconcile/run.ts';
import { decideContainment, decideResume, manualRestriction, readScope, restrictionText, settleWishes, type HubWish } from './contain.ts';
import { idMaker, type Memory, type Reign } from './context.ts';
import { foldDetectors } from './detector/fold.ts';
import type { Signal } from './detector/observation.ts';
import type { Lead } from './leader.ts';
import { foldMeasures } from './measure.ts';
import { publishSet, readInForce, type Published } from './publish.ts';
import { noteContained, noteProof, publishFirstNotice } from './report.ts';
import { observations, see, type Seen } from './see.ts';
import { insertRestriction, liftRestriction, markStopDone, upsertState } from './store.ts';

/** A wish that the hub has not confirmed by then is an alarm. */
const WISH_ALARM_MS = 10_000;
/** Revocations are remembered for ever, within reason: each costs the attacker a certificate of the network's CA. */
const WISH_MAX = 500;
const CLASSES: readonly string[] = ['containment', 'technical', 'partner', 'maintenance', 'exercise'];

/** Runs one step. The set to push, when one was made; `hasMore` when the next step should follow at once. */
export async function step(reign: Reign, lead: Lead, isHeld: (version: number) => boolean): Promise<{ readonly published: Published | undefined; readonly hasMore: boolean }> {
  const { input } = reign;
  const seen = await see(reign, input.db);
  const hubAnswers = [...reign.hubAnswers];
  const refusals = [...reign.refusals];
  const wishes = noteHub(seen, reign.memory.wishes, hubAnswers);
  const uncontained = reign.memory.uncontained;
  const isContained = uncontained !== undefined && wishes.every(({ doneAtMs }) => doneAtMs !== undefined) && isHeld(uncontained.version);
  const quiet = foldDetectors(reign.memory.detectors, observations({ seen, opened: [], older: [...reign.older], isTried: reign.isTried }), reign.numbers.detector);
  const isSuspended = wishes.some(({ action }) => action === 'suspend_out' || action === 'resume_out');
  const resumes = isSuspended ? await wantsChange(reign, wishes, seen.nowMs) : false;
  const isNews =
    resumes || seen.entries.length + seen.events.length + seen.breaks.length + seen.lines.length + seen.requests.length + refusals.length > 0 ||
    quiet.signals.length > 0 || isContained || hubAnswers.length > 0 || hasLateWish(wishes, seen.nowMs) ||
    canonicalText(seen.moved.settledCursors) !== canonicalText(reign.memory.settledCursors) ||
    canonicalText(quiet.states) !== canonicalText(reign.memory.detectors);
  if (!isNews) {
    reign.memory = { ...reign.memory, feedAliveAtMs: seen.moved.feedAliveAtMs, matchedAtMs: seen.moved.matchedAtMs };
    return { published: undefined, hasMore: false };
  }
  const done = await lead.tx((tx) => write({ reign, lead, tx, seen, wishes, refusals, isContained }));
  // Only now: the commit is known. A lost answer to the commit repeats the step, and every write in it is idempotent.
  reign.memory = done.memory;
  reign.measures = foldMeasures(reign.measures, seen.events, input.isBusinessDecline);
  reign.hubAnswers.splice(0, hubAnswers.length);
  reign.refusals.splice(0, refusals.length);
  reign.older.clear();
  for (const text of done.placed) input.log.error({ restriction: text }, 'restriction.placed');
  for (const { detector, code, severity, evidence } of done.signals) input.log.error({ detector, code, severity, evidence: evidence.slice(0, 5) }, 'alarm.raised');
  return { published: done.published, hasMore: seen.hasMore };
}

/** True when a standing suspension should end, or a resumption has been overtaken. */
async function wantsChange(reign: Reign, wishes: readonly HubWish[], nowMs: number): Promise<boolean> {
  const active = await readInForce(reign.input.db);
  const settled = settleWishes({ wishes, active });
  return settled.length !== wishes.length || decideResume({ wishes: settled, active, nowMs, bic: reign.input.bank.bic }) !== undefined;
}

function canonicalText(value: unknown): string {
  return JSON.stringify(value);
}

interface Writing {
  readonly reign: Reign;
  readonly lead: Lead;
  readonly tx: Tx;
  readonly seen: Seen;
  readonly wishes: readonly HubWish[];
  readonly refusals: readonly { readonly process: string; readonly version: number; readonly reason: string }[];
  readonly isContained: boolean;
}

async function write(work: Writing): Promise<{ memory: Memory; published: Published | undefined; placed: readonly string[]; signals: readonly Signal[] }> {
  const { reign, lead, tx, seen } = work;
  const { input, numbers } = reign;
  const makeId = idMaker(input);
  const { nowMs } = seen;
  const run = await applyRun(tx, { breaks: seen.breaks, lines: seen.lines, nowMs, newId: makeId });
  const folded = foldDetectors(
    reign.memory.detectors,
    observations({ seen, opened: run.opened, older: [...reign.older], isTried: reign.isTried }),
    numbers.detector,
  );
  const signals = [...folded.signals, ...work.refusals.map((refusal) => refusalSignal(refusal, nowMs)), ...lateWishSignals(work.wishes, nowMs)];
  const active = await readInForce(tx);
  const standing = settleWishes({ wishes: work.wishes, active });
  const contained = decideContainment({ signals, active, wishes: standing, nowMs, numbers, bic: input.bank.bic, newId: makeId });
  const asked = await takeRequests(work);
  const latched = latchRestrictions(seen, work);
  const placed: Restriction[] = [];
  for (const one of [...contained.place, ...asked, ...latched]) if (await place(tx, one)) placed.push(one);
  const isLifted = await liftLatches(tx, seen);
  const resume = decideResume({ wishes: [...standing, ...contained.wish], active: [...active, ...placed], nowMs, bic: input.bank.bic });
  const wanted = [...contained.wish, ...(resume ? [resume] : [])];
  const events: EventDraft[] = [
    ...run.opened.map((found): EventDraft => ({
      atMs: nowMs, kind: 'reconcile.break_opened', subject: found.bizMsgIdr,
      data: { break: found.kind, reason: found.reason, amountSen: found.amountSen, direction: found.direction, bank: found.bank, line: found.lineId, connector: found.connector },
    })),
    ...run.closed.map((id): EventDraft => ({ atMs: nowMs, kind: 'reconcile.break_closed', subject: id, data: { break: 'missing' } })),
    ...signals.map((signal) => alarmEvent(signal)),
    ...placed.map((one): EventDraft => ({
      atMs: nowMs, kind: 'restriction.placed', subject: one.id,
      data: { scope: one.scope, action: one.action.kind, level: one.level, cause: one.cause, reasonClass: one.reasonClass, by: one.placedBy, evidence: one.evidence },
    })),
    ...wanted.map((wish): EventDraft => ({ atMs: nowMs, kind: 'hub_control.wanted', subject: wish.target, data: { action: wish.action, reason: wish.reason } })),
    ...isLifted.map((id): EventDraft => ({ atMs: nowMs, kind: 'restriction.lifted', subject: id, data: { cause: 'latch_lifted' } })),
  ];
  await recordEvents(tx, events);
  const published = placed.length > 0 || isLifted.length > 0 ? await publishSet(tx, { epoch: lead.epoch, nowMs, key: input.setKey }) : undefined;
  const opened = await noteProof({ input, tx, nowMs, proof: contained.proof, placed, numbers });
  for (const one of placed) await publishFirstNotice({ input, tx, nowMs, restriction: one, ...(opened ? { incidentId: opened } : {}) });
  const before = reign.memory.uncontained;
  if (work.isContained && before) await noteContained({ tx, nowMs, incidentId: before.incidentId, wishes: work.wishes });
  const uncontained = nextUncontained({ before, isContained: work.isContained, opened, version: published?.version });
  const { uncontained: _, ...moved } = seen.moved;
  const memory: Memory = {
    ...moved,
    detectors: folded.states,
    wishes: [...standing.map((wish) => markLate(wish, nowMs)), ...wanted].slice(-WISH_MAX),
    ...(uncontained ? { uncontained } : {}),
  };
  await upsertState(tx, { name: 'memory', body: JSON.stringify(memory), nowMs });
  return { memory, published, placed: placed.map(restrictionText), signals };
}

function nextUncontained(input: {
  readonly before: Memory['uncontained'];
  readonly isContained: boolean;
  readonly opened: string | undefined;
  readonly version: number | undefined;
}): Memory['uncontained'] {
  if (input.opened) return { incidentId: input.opened, version: input.version ?? input.before?.version ?? 0 };
  return input.isContained ? undefined : input.before;
}

async function place(tx: Tx, one: Restriction): Promise<boolean> {
  return insertRestriction(tx, {
    id: one.id,
    body: canonicalJson(one),
    level: one.level,
    by: one.placedBy,
    isAutomatic: one.isAutomatic,
    nowMs: one.madeAtMs,
    reviewAtMs: one.reviewAtMs,
  });
}

/** Staff ask, the guard acts: tightening needs one person and no second look (I5). A request that names no scope is refused. */
async function takeRequests({ reign, tx, seen }: Writing): Promise<readonly Restriction[]> {
  const made: Restriction[] = [];
  for (const request of seen.requests) {
    const scope = readScope(parseJson(request.scope));
    const id = scope ? idMaker(reign.input)('rst') : null;
    if (!(await markStopDone(tx, { id: request.id, restrictionId: id, nowMs: seen.nowMs }))) continue;
    if (!scope || !id) {
      await recordEvents(tx, [{ atMs: seen.nowMs, kind: 'stop.refused', subject: request.id, data: { by: request.asked_by, why: 'malformed_scope' } }]);
      continue;
    }
    made.push(
      manualRestriction({
        id, scope, reasonClass: reasonClassOf(request.reason), by: request.asked_by, evidence: [request.id], nowMs: seen.nowMs, numbers: reign.numbers,
      }),
    );
  }
  return made;
}

/** `technical: hub is slow` names its class; anything else is a containment, the word that can hide nothing. */
function reasonClassOf(reason: string): ReasonClass {
  const word = reason.split(':', 1)[0]!.trim().toLowerCase();
  return reason.includes(':') && CLASSES.includes(word) ? (word as ReasonClass) : 'containment';
}

/** A stop button pressed at a gateway becomes a restriction with the latch's id, so that every process and face knows it. */
function latchRestrictions(seen: Seen, { reign }: Writing): readonly Restriction[] {
  return seen.entries.flatMap(({ body, partition, position }) =>
    body.kind !== 'latched'
      ? []
      : [
          manualRestriction({
            id: body.latchId,
            scope: { rail: body.rail, direction: body.direction },
            reasonClass: reasonClassOf(body.reason),
            by: body.staffId,
            evidence: [`${partition}#${position}`],
            nowMs: seen.nowMs,
            numbers: reign.numbers,
          }),
        ],
  );
}

async function liftLatches(tx: Tx, seen: Seen): Promise<readonly string[]> {
  const lifted: string[] = [];
  for (const { body } of seen.entries) {
    if (body.kind === 'latch_lifted' && (await liftRestriction(tx, { id: body.latchId, nowMs: seen.nowMs }))) lifted.push(body.latchId);
  }
  return lifted;
}

/** Marks wishes that the hub confirmed: by its answer to us, or by the gateway's journal when the answer was lost. */
function noteHub(
  seen: Seen,
  wishes: readonly HubWish[],
  answers: readonly { readonly action: string; readonly target: string; readonly atMs: number }[],
): readonly HubWish[] {
  const journalled = seen.entries.flatMap(({ body, atMs }) =>
    body.kind === 'hub_control' && body.ok ? [{ action: body.action as string, target: body.target, atMs }] : [],
  );
  return wishes.map((wish) => {
    const done = [...answers, ...journalled].find(({ action, target }) => action === wish.action && target === wish.target);
    return wish.doneAtMs === undefined && done ? { ...wish, doneAtMs: done.atMs } : wish;
  });
}

function isLate(wish: HubWish, nowMs: number): boolean {
  return wish.doneAtMs === undefined && !wish.isAlarmed && nowMs - wish.wantedAtMs >= WISH_ALARM_MS;
}

function hasLateWish(wishes: readonly HubWish[], nowMs: number): boolean {
  return wishes.some((wish) => isLate(wish, nowMs) || (wish.action === 'revoke' && wish.doneAtMs === undefined));
}

function markLate(wish: HubWish, nowMs: number): HubWish {
  return isLate(wish, nowMs) ? { ...wish, isAlarmed: true } : wish;
}

function lateWishSignals(wishes: readonly HubWish[], nowMs: number): readonly Signal[] {
  return wishes
    .filter((wish) => isLate(wish, nowMs))
    .map(({ action, target }) => ({
      detector: 'guard', code: 'hub_control_unconfirmed', severity: 'P1', atMs: nowMs, evidence: [action, target], act: { kind: 'alert' },
    }));
}

function refusalSignal(refusal: { readonly process: string; readonly version: number; readonly reason: string }, nowMs: number): Signal {
  return {
    detector: 'guard', code: 'set_refused', severity: 'P1', atMs: nowMs, evidence: [refusal.process, String(refusal.version), refusal.reason], act: { kind: 'alert' },
  };
}

function alarmEvent(signal: Signal): EventDraft {
  return {
    atMs: signal.atMs,
    kind: `alarm.${signal.code}`,
    subject: signal.evidence[0] ?? signal.detector,
    data: {
      detector: signal.detector, severity: signal.severity, act: signal.act.kind, evidence: signal.evidence,
      ...(signal.found ? { amountSen: signal.found.amountSen, bank: signal.found.bank } : {}),
    },
  };
}
