/** One step of the guard: see, fold, decide, write everything in one fenced transaction, then send. A step that fails moves
 * nothing, so the next one sees the same again; a step that succeeded is never repeated (its position is in the commit). */
import { runbookOf } from './alarm.ts';
import type { HubWish } from './contain.ts';
import type { Reign } from './context.ts';
import { foldDetectors } from './detector/fold.ts';
import { meterHarm } from './harm-watch.ts';
import type { Signal } from './detector/observation.ts';
import { foldBatch } from './flow/batch.ts';
import { note } from './flow/latency.ts';
import type { Lead } from './leader.ts';
import { foldMeasures } from './measure.ts';
import type { Published } from './publish.ts';
import { foldRecent } from './recent.ts';
import { observations, see, type Seen } from './see.ts';
import { hasLateWish, noteHub, wantsChange } from './wish.ts';
import { write, type Written } from './write.ts';

/** Runs one step. The set to push, when one was made; `hasMore` when the next step should follow at once. */
export async function step(
  reign: Reign,
  lead: Lead,
  isHeld: (version: number) => boolean,
): Promise<{ readonly published: Published | undefined; readonly hasMore: boolean }> {
  const { input, memory } = reign;
  const seen = await see(reign, input.db);
  const hubAnswers = [...reign.hubAnswers];
  const refusals = [...reign.refusals];
  const wishes = noteHub(seen, memory.wishes, hubAnswers);
  const isContained =
    memory.uncontained !== undefined &&
    wishes.every(({ doneAtMs }) => doneAtMs !== undefined) &&
    isHeld(memory.uncontained.version);
  const flowSignals = foldFlow(reign, seen);
  const isNews =
    isContained ||
    flowSignals.length > 0 ||
    refusals.length + hubAnswers.length > 0 ||
    hasNews({ reign, seen, wishes }) ||
    (await wantsChange(input.db, { wishes, nowMs: seen.nowMs, bic: input.bank.bic }));
  if (!isNews) {
    const { feedAliveAtMs, matchedAtMs, rails = {} } = seen.moved;
    reign.memory = { ...memory, feedAliveAtMs, matchedAtMs, rails };
    reign.isFlowDoubtful = false;
    return { published: undefined, hasMore: false };
  }
  const done = await lead.tx((tx) =>
    write({ reign, lead, tx, seen, wishes, refusals, isContained, flowSignals }),
  );
  // Only now: the commit is known. After a lost answer to a commit the reign is read again from the database.
  reign.memory = done.memory;
  reign.isFlowDoubtful = false;
  reign.measures = foldMeasures(reign.measures, seen.events, input.isBusinessDecline);
  reign.recent = foldRecent(reign.recent, seen.events, seen.nowMs);
  meterHarm(reign, seen);
  reign.hubAnswers.splice(0, hubAnswers.length);
  reign.refusals.splice(0, refusals.length);
  reign.older.clear();
  reign.reportFailures = 0;
  tell(reign, done);
  return { published: done.published, hasMore: seen.hasMore };
}

/** Folds the step into the flow, once: its state is changed in place, so that a step that fails after this is followed by a reading of
 * the flow anew (`reload`), never by a second fold of the same. */
function foldFlow(reign: Reign, seen: Seen): readonly Signal[] {
  const { input, flow } = reign;
  reign.isFlowDoubtful = true;
  const signals = [...flow.rewind(seen.nowMs), ...foldBatch(flow, seen)];
  const nowMs = input.time.now();
  for (const { atMs } of seen.events) note(reign.latency, Math.max(0, nowMs - atMs));
  return signals;
}

/** False when a step would only write what is known: then nothing is written at all. */
function hasNews(input: {
  readonly reign: Reign;
  readonly seen: Seen;
  readonly wishes: readonly HubWish[];
}): boolean {
  const { reign, seen } = input;
  const { memory } = reign;
  const { entries, events, breaks, lines, requests } = seen;
  if (entries.length + events.length + breaks.length + lines.length + requests.length > 0)
    return true;
  if (hasLateWish(input.wishes, seen.nowMs)) return true;
  if (!isSame(seen.moved.settledCursors, memory.settledCursors)) return true;
  const quiet = foldDetectors(
    memory.detectors,
    observations({ seen, opened: [], older: [...reign.older], isTried: reign.isTried }),
    reign.numbers.detector,
  );
  return quiet.signals.length > 0 || !isSame(quiet.states, memory.detectors);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function tell({ input }: Reign, done: Written): void {
  for (const text of done.placed) input.log.error({ restriction: text }, 'restriction.placed');
  for (const { detector, code, severity, evidence } of done.signals) {
    input.log.error(
      { detector, code, severity, evidence: evidence.slice(0, 5), runbook: runbookOf(code) },
      'alarm.raised',
    );
  }
}
