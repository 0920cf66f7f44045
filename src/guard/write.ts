/** What one step makes true, in one fenced transaction: breaks, alarms, restrictions, the next set, the incident, the notice
 * and the guard's own position. All or nothing. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import type { Restriction, Scope } from '../gate/restriction.ts';
import { weigh } from '../gate/room.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { applyRun } from '../reconcile/run.ts';
import {
  decideContainment,
  decideResume,
  restrictionText,
  settleWishes,
  type Containment,
  type HubWish,
} from './contain.ts';
import { idMaker, type Memory, type Reign } from './context.ts';
import { foldDetectors } from './detector/fold.ts';
import type { Signal } from './detector/observation.ts';
import {
  alarmEvent,
  aloneLiftedSignals,
  refusalSignal,
  reportFailedSignal,
  setFullSignal,
  stepEvents,
} from './event.ts';
import type { Lead } from './leader.ts';
import { nextSetOf, publishSet, readInForce, readRoom, type Published } from './publish.ts';
import { noteContained, noteProof, publishFirstNotice } from './report.ts';
import { latchRestrictions, takeRequests } from './request.ts';
import { foldRecent, localise, previewRecent } from './recent.ts';
import { observations, type Seen } from './see.ts';
import { backToSavePoint, insertRestriction, savePoint, upsertState } from './store.ts';
import { lateWishSignals, markLate } from './wish.ts';

/** Revocations are remembered for ever, within reason: each costs the attacker a certificate of the network's CA. */
const WISH_MAX = 500;
/** At a step each quarter of a second a passing fault of the database has gone by then. */
const REPORT_TRIES = 3;

/** One step's facts, and the transaction that only the leader can commit. */
export interface Writing {
  readonly reign: Reign;
  readonly lead: Lead;
  readonly tx: Tx;
  readonly seen: Seen;
  readonly wishes: readonly HubWish[];
  readonly refusals: Reign['refusals'];
  readonly isContained: boolean;
  /** What the flow detectors found in this step. */
  readonly flowSignals: readonly Signal[];
}

/** What became true. `memory` holds from the commit on. */
export interface Written {
  readonly memory: Memory;
  readonly published: Published | undefined;
  readonly placed: readonly string[];
  readonly signals: readonly Signal[];
}

/** Writes a step. */
export async function write(work: Writing): Promise<Written> {
  const { reign, lead, tx, seen } = work;
  const { input, numbers } = reign;
  const { nowMs } = seen;
  const { bic } = input.bank;
  const newId = idMaker(input);
  const run = await applyRun(tx, { breaks: seen.breaks, lines: seen.lines, nowMs, newId });
  const active = await readInForce(tx);
  const latches = latchRestrictions(work);
  const { states, signals } = foldAll(work, run.opened, [...active, ...latches]);
  const wishes = settleWishes({ wishes: work.wishes, active, nowMs, bic });
  // What this very step saw may be what stands out.
  const recent = foldRecent(reign.recent, seen.events, nowMs);
  const contained = decideContainment({
    signals,
    active,
    wishes,
    ladder: reign.memory.ladder,
    localise: (path) => localise(recent, path, nowMs),
    nowMs,
    numbers,
    bic,
    newId,
  });
  const room = await readRoom(tx);
  const takes = (one: Restriction): boolean => room.take(one, weigh(one));
  const fits = contained.place.filter(takes);
  const asked = await takeRequests(work, { takes, active: [...active, ...fits] });
  const placed = await placeAll(tx, [...fits, ...asked.made, ...latches.filter(takes)]);
  const unplaced = contained.place.length - fits.length + asked.refused;
  if (unplaced > 0) signals.push(setFullSignal(unplaced, nowMs));
  const resume = decideResume({
    wishes: [...wishes, ...contained.wish],
    active: [...active, ...placed],
    nowMs,
    bic,
  });
  const wanted = [...contained.wish, ...(resume ? [resume] : [])];
  const preview = (scope: Scope) => previewRecent(recent, scope, nowMs);
  await recordEvents(tx, stepEvents({ nowMs, ...run, signals, placed, wanted, preview }));
  const published =
    placed.length > 0 ? await publishSet(tx, nextSetOf(reign, lead, nowMs)) : undefined;
  const told = await reportOrTell(work, { contained, placed });
  const memory = remember(work, {
    opened: told.incidentId,
    published,
    states,
    wishes: [...wishes, ...wanted],
    ladder: contained.ladder,
  });
  await upsertState(tx, { name: 'memory', body: JSON.stringify(memory), nowMs });
  return {
    memory,
    published,
    placed: placed.map(restrictionText),
    signals: [...signals, ...told.signals],
  };
}

function foldAll(
  { reign, seen, refusals, wishes, flowSignals }: Writing,
  opened: Containment['proof'],
  active: readonly Restriction[],
): { readonly states: Memory['detectors']; readonly signals: Signal[] } {
  const folded = foldDetectors(
    reign.memory.detectors,
    observations({ seen, opened, older: [...reign.older], isTried: reign.isTried }),
    reign.numbers.detector,
  );
  return {
    states: folded.states,
    signals: [
      ...folded.signals,
      ...flowSignals,
      ...refusals.map((refusal) => refusalSignal(refusal, seen.nowMs)),
      ...lateWishSignals(wishes, seen.nowMs),
      ...aloneLiftedSignals(seen, active),
    ],
  };
}

async function placeAll(tx: Tx, wanted: readonly Restriction[]): Promise<readonly Restriction[]> {
  const placed: Restriction[] = [];
  for (const one of wanted) {
    const isNew = await insertRestriction(tx, {
      id: one.id,
      body: canonicalJson(one),
      level: one.level,
      by: one.placedBy,
      isAutomatic: one.isAutomatic,
      nowMs: one.madeAtMs,
      reviewAtMs: one.reviewAtMs,
    });
    if (isNew) placed.push(one);
  }
  return placed;
}

/** Money first: a report that cannot be written holds a step back for a few tries, then no longer. What it should have said
 * is an alarm, and people write it. */
async function reportOrTell(
  work: Writing,
  made: Parameters<typeof report>[1],
): Promise<{ readonly incidentId: string | undefined; readonly signals: readonly Signal[] }> {
  const { reign, tx, seen } = work;
  await savePoint(tx);
  try {
    return { incidentId: await report(work, made), signals: [] };
  } catch (error) {
    if (++reign.reportFailures < REPORT_TRIES) throw error;
    await backToSavePoint(tx);
    reign.input.log.error({ error: (error as Error).message }, 'guard.report_failed');
    const signal = reportFailedSignal(error as Error, seen.nowMs);
    await recordEvents(tx, [alarmEvent(signal)]);
    return { incidentId: undefined, signals: [signal] };
  }
}

/** The incident and the public word. The incident's id when there was new proof. */
async function report(
  { reign, tx, seen, wishes, isContained }: Writing,
  made: { readonly contained: Containment; readonly placed: readonly Restriction[] },
): Promise<string | undefined> {
  const { input, numbers, memory } = reign;
  const { nowMs } = seen;
  const { placed, contained } = made;
  const incidentId = await noteProof({ input, tx, nowMs, proof: contained.proof, placed, numbers });
  for (const restriction of placed) {
    await publishFirstNotice({
      input,
      tx,
      nowMs,
      restriction,
      ...(incidentId ? { incidentId } : {}),
    });
  }
  if (isContained && memory.uncontained) {
    await noteContained({ tx, nowMs, incidentId: memory.uncontained.incidentId, wishes });
  }
  return incidentId;
}

function remember(
  { reign, seen, isContained }: Writing,
  made: {
    readonly opened: string | undefined;
    readonly published: Published | undefined;
    readonly states: Memory['detectors'];
    readonly wishes: readonly HubWish[];
    readonly ladder: Memory['ladder'];
  },
): Memory {
  const uncontained = nextUncontained({
    before: reign.memory.uncontained,
    isContained,
    opened: made.opened,
    version: made.published?.version,
  });
  const { uncontained: _, ...moved } = seen.moved;
  return {
    ...moved,
    detectors: made.states,
    ladder: made.ladder,
    wishes: made.wishes.map((wish) => markLate(wish, seen.nowMs)).slice(-WISH_MAX),
    ...(uncontained ? { uncontained } : {}),
  };
}

function nextUncontained(input: {
  readonly before: Memory['uncontained'];
  readonly isContained: boolean;
  readonly opened: string | undefined;
  readonly version: number | undefined;
}): Memory['uncontained'] {
  if (input.opened)
    return { incidentId: input.opened, version: input.version ?? input.before?.version ?? 0 };
  return input.isContained ? undefined : input.before;
}
