/** The slower duties of the leader: staged recovery, reviews, promised updates, regulators' clocks. Each in its own fenced
 * transaction. Nothing here lifts a restriction by time (T10); only a completed release of two people does, in recovery. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import type { Restriction } from '../gate/restriction.ts';
import { planTarget } from '../gate/set.ts';
import { SERVICES, touches } from '../incident/service.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { releasesForSet, stepRecovery } from '../recovery/run.ts';
import type { GuardInput, Reign } from './context.ts';
import type { Lead } from './leader.ts';
import { findTampered, nextSetOf, publishSet, readInForce, type Published } from './publish.ts';
import { publishReturn, publishUpdate, remindDeadlines } from './report.ts';
import { takeReviewDue, updateRestrictionBody } from './store.ts';

/** Updates in the first two hours are frequent (domain.md 9, item 32). */
const FREQUENT_MS = 2 * 3_600_000;

/** One step of every release under way. The set to push when a stage moved. */
export async function recover(reign: Reign, lead: Lead): Promise<Published | undefined> {
  const { input, memory } = reign;
  const nowMs = input.time.now();
  return lead.tx(async (tx) => {
    const before = await readInForce(tx);
    const isChanged = await stepRecovery({
      tx,
      nowMs,
      roster: input.roster,
      matchAgeMs: Math.max(0, nowMs - memory.matchedAtMs),
      isBusinessDecline: input.isBusinessDecline,
    });
    const next = nextSetOf(reign, lead, nowMs);
    // What somebody wrote into the table past everybody is undone in this round, not when the next set happens to be due.
    if (!isChanged && (await findTampered(tx, next)).length === 0) return undefined;
    await tellReturn({ input, tx, nowMs, before });
    return publishSet(tx, next);
  });
}

/** Each stage that began and each service that is back is told, from the state alone. A roll-back is told as an update. */
async function tellReturn(work: {
  readonly input: GuardInput;
  readonly tx: Tx;
  readonly nowMs: number;
  readonly before: readonly Restriction[];
}): Promise<void> {
  const { input, tx, nowMs } = work;
  const after = await readInForce(tx);
  const releases = await releasesForSet(tx, nowMs);
  for (const one of work.before) {
    if (one.reasonClass === 'maintenance' || one.reasonClass === 'exercise') continue;
    const now = after.find(({ id }) => id === one.id);
    const stages =
      releases.find(({ plan }) => planTarget(plan) === one.id)?.plan.stages.length ?? 0;
    if (!now)
      await publishReturn({ input, tx, nowMs, restriction: one, template: 'recovered', stages });
    else if (now.admission && now.admission.stage !== one.admission?.stage) {
      await publishReturn({
        input,
        tx,
        nowMs,
        restriction: now,
        template: 'recovery_stage',
        stages,
      });
    } else if (!now.admission && one.admission)
      await publishUpdate({ input, tx, nowMs, restriction: now });
  }
}

/** Automatic restrictions whose time is over go to people for review and stay in force; manual ones have no timer at all. */
export async function review(reign: Reign, lead: Lead): Promise<void> {
  const nowMs = reign.input.time.now();
  await lead.tx(async (tx) => {
    const due = await takeReviewDue(tx, nowMs);
    await recordEvents(
      tx,
      due.map((id) => ({
        atMs: nowMs,
        kind: 'restriction.review_due',
        subject: id,
        data: { staysInForce: true },
      })),
    );
    await remindDeadlines(tx, nowMs);
  });
}

/** Renews the promised time of the next update of each restriction, with a notice, even without news. A new set is a sign of
 * life, so a guard that cannot do its work makes none (T16): the public is told, and processes learn it later. */
export async function renewUpdates(
  reign: Reign,
  lead: Lead,
  { isAlive }: { readonly isAlive: boolean },
): Promise<Published | undefined> {
  const { input, numbers } = reign;
  const nowMs = input.time.now();
  const published = await lead.tx(async (tx) => {
    const due = (await readInForce(tx)).filter(({ nextUpdateAtMs }) => nextUpdateAtMs <= nowMs);
    for (const one of due) {
      const everyMs =
        nowMs - one.madeAtMs < FREQUENT_MS
          ? numbers.contain.nextUpdateMs
          : numbers.contain.laterUpdateMs;
      const renewed = { ...one, nextUpdateAtMs: nowMs + everyMs };
      await updateRestrictionBody(tx, { id: one.id, body: canonicalJson(renewed), nowMs });
      if (SERVICES.some((service) => touches(service, one.scope) !== 'none'))
        await publishUpdate({ input, tx, nowMs, restriction: renewed });
    }
    reign.isSetBehind ||= due.length > 0;
    return reign.isSetBehind && isAlive ? publishSet(tx, nextSetOf(reign, lead, nowMs)) : undefined;
  });
  if (published) reign.isSetBehind = false;
  return published;
}
