/** Closing an incident: one person writes the report, another one agrees, and only when nothing of it is open any more. Lifts nothing, pays
 * nothing; what comes later opens a new incident. */
import { recordEvents } from '../audit/record.ts';
import type { Db, Tx } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import type { IncidentFacts } from './record.ts';
import {
  closeIncident,
  countOpenBreaks,
  countStanding,
  lockIncident,
  upsertClosing,
  approveClosing,
} from './store-closing.ts';

/** What was found and done. No names and no account numbers. */
export interface ClosingReport {
  readonly cause: string;
  readonly remedy: string;
  /** Under which the final report went to the regulators. */
  readonly reference: string;
}

export type ClosingRefusal =
  | 'not_open'
  /** A restriction of it still stands. */
  | 'restricted'
  /** A break of it has no end. */
  | 'breaks_open'
  | 'same_person'
  /** There is no report of that moment to agree to. */
  | 'not_asked';

export type ClosingResult =
  | { readonly ok: true; readonly state: 'asked' | 'closed' }
  | { readonly ok: false; readonly reason: ClosingRefusal };

interface Context {
  readonly db: Db;
  readonly time: Time;
}

/** Writes the report, in place of one that nobody agreed to yet. */
export function askClosing(
  { db, time }: Context,
  asked: { readonly incidentId: string; readonly staffId: string; readonly report: ClosingReport },
): Promise<ClosingResult> {
  const { incidentId, staffId, report } = asked;
  const nowMs = time.now();
  return db.tx(async (tx): Promise<ClosingResult> => {
    const refusal = await refusalOf(tx, incidentId);
    if (refusal) return { ok: false, reason: refusal };
    await upsertClosing(tx, { incidentId, staffId, report, nowMs });
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'incident.closing_asked', subject: incidentId, data: { by: staffId } },
    ]);
    return { ok: true, state: 'asked' };
  });
}

/** Agrees to the report that was asked at `askedAtMs`: the very one that was read. */
export function agreeClosing(
  { db, time }: Context,
  act: { readonly incidentId: string; readonly staffId: string; readonly askedAtMs: number },
): Promise<ClosingResult> {
  const { incidentId, staffId } = act;
  const nowMs = time.now();
  return db.tx(async (tx): Promise<ClosingResult> => {
    const refusal = await refusalOf(tx, incidentId);
    if (refusal) return { ok: false, reason: refusal };
    const done = await approveClosing(tx, { ...act, nowMs });
    if (done.reason) return { ok: false, reason: done.reason };
    await closeIncident(tx, { id: incidentId, nowMs });
    const { askedBy, report } = done;
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: 'incident.closed',
        subject: incidentId,
        data: { by: staffId, askedBy, ...report },
      },
    ]);
    return { ok: true, state: 'closed' };
  });
}

/** What speaks against closing now. The incident is locked from here on. */
async function refusalOf(tx: Tx, incidentId: string): Promise<ClosingRefusal | undefined> {
  const incident = await lockIncident(tx, incidentId);
  if (!incident || incident.closed_at !== null) return 'not_open';
  const { restrictionIds, evidence } = JSON.parse(incident.facts) as IncidentFacts;
  const ids = [
    ...restrictionIds,
    ...(incident.restriction_id === null ? [] : [incident.restriction_id]),
  ];
  if ((await countStanding(tx, ids)) > 0) return 'restricted';
  return (await countOpenBreaks(tx, evidence)) > 0 ? 'breaks_open' : undefined;
}
