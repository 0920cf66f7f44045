/** Asking for a release and approving it: two distinct people, each with a signature of their own over the same plan (I5).
 * Here and in SQL the ids must differ; the gateway checks the signatures again by its own roster. */
import { DbFault, type Db } from '../db/pool.ts';
import { recordEvents } from '../audit/record.ts';
import type { StaffRoster } from '../gate/port.ts';
import { readScope } from '../gate/read.ts';
import type { ReleasePlan, Restriction } from '../gate/restriction.ts';
import { covers } from '../gate/scope.ts';
import { isSignedBy, planTarget } from '../gate/set.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import {
  findRelease,
  hasOpenRelease,
  insertRelease,
  markApproved,
  moveRelease,
  readRestriction,
} from './store.ts';

export type AskRefusal =
  | 'bad_signature'
  | 'not_restricted'
  | 'not_narrower'
  | 'already_open'
  | 'not_found'
  | 'not_proposed'
  | 'same_person'
  | 'not_yours';
export type AskResult = { readonly ok: true } | { readonly ok: false; readonly reason: AskRefusal };

interface Asking {
  readonly db: Db;
  readonly roster: StaffRoster;
  readonly nowMs: number;
  readonly staffId: string;
}

/** The first person: proposes `plan` with a note (root cause, explanation of open breaks, consent reference). */
export async function proposeRelease(
  input: Asking & { readonly plan: ReleasePlan; readonly signature: string; readonly note: string },
): Promise<AskResult> {
  const { db, roster, nowMs, staffId, plan, signature, note } = input;
  if (!isSignedBy({ plan, staffId, signature, roster }))
    return { ok: false, reason: 'bad_signature' };
  return orAlreadyOpen(
    db.tx<AskResult>(async (tx) => {
      const target = planTarget(plan) ?? '';
      if (plan.restrictionId !== undefined || !target.startsWith('qua_')) {
        const stored = await readRestriction(tx, target);
        if (!stored) return { ok: false, reason: 'not_restricted' };
        if (plan.narrowTo && !isNarrower(stored.body, plan))
          return { ok: false, reason: 'not_narrower' };
      }
      if (await hasOpenRelease(tx, target)) return { ok: false, reason: 'already_open' };
      const text = canonicalJson(plan);
      await insertRelease(tx, {
        id: plan.releaseId,
        plan: text,
        planHash: sha256(text),
        restrictionId: plan.restrictionId ?? null,
        latchId: plan.latchId ?? null,
        staffId,
        signature,
        nowMs,
        note,
      });
      await recordEvents(tx, [
        {
          atMs: nowMs,
          kind: 'release.proposed',
          subject: plan.releaseId,
          data: { by: staffId, target },
        },
      ]);
      return { ok: true };
    }),
  );
}

/** A restriction is narrowed to a true part of its scope, as the table has it now; each process checks it again. */
function isNarrower(body: string, plan: ReleasePlan): boolean {
  const { scope } = JSON.parse(body) as Restriction;
  const inner = plan.restrictionId === undefined ? undefined : readScope(plan.narrowTo);
  return (
    inner !== undefined &&
    covers({ outer: scope, inner }) &&
    !covers({ outer: inner, inner: scope })
  );
}

/** Two people proposing at the same instant: the index lets one through. */
async function orAlreadyOpen(work: Promise<AskResult>): Promise<AskResult> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DbFault && error.constraint === 'release_one_open')
      return { ok: false, reason: 'already_open' };
    throw error;
  }
}

/** The second person. Never the first: the answer says so, SQL refuses it too. */
export async function approveRelease(
  input: Asking & { readonly releaseId: string; readonly signature: string },
): Promise<AskResult> {
  const { db, roster, nowMs, staffId, releaseId, signature } = input;
  return db.tx(async (tx) => {
    const row = await findRelease(tx, releaseId);
    if (!row) return { ok: false, reason: 'not_found' };
    if (row.state !== 'proposed') return { ok: false, reason: 'not_proposed' };
    if (row.proposed_by === staffId) return { ok: false, reason: 'same_person' };
    const plan = JSON.parse(row.plan) as ReleasePlan;
    if (!isSignedBy({ plan, staffId, signature, roster }))
      return { ok: false, reason: 'bad_signature' };
    if (!(await markApproved(tx, { id: releaseId, staffId, signature, nowMs })))
      return { ok: false, reason: 'not_proposed' };
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'release.approved', subject: releaseId, data: { by: staffId } },
    ]);
    return { ok: true };
  });
}

/** The proposer takes a request back before anybody approved it. */
export async function withdrawRelease(
  input: Asking & { readonly releaseId: string },
): Promise<AskResult> {
  const { db, nowMs, staffId, releaseId } = input;
  return db.tx(async (tx) => {
    const row = await findRelease(tx, releaseId);
    if (!row) return { ok: false, reason: 'not_found' };
    if (row.proposed_by !== staffId) return { ok: false, reason: 'not_yours' };
    if (!(await moveRelease(tx, { id: releaseId, from: 'proposed', to: 'withdrawn' })))
      return { ok: false, reason: 'not_proposed' };
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'release.withdrawn', subject: releaseId, data: { by: staffId } },
    ]);
    return { ok: true };
  });
}
