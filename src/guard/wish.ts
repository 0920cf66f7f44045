/** The standing of what the hub was asked for: confirmed, late, overtaken. Pure but for one read. */
import type { Queryable } from '../db/pool.ts';
import { decideResume, settleWishes, type HubWish } from './contain.ts';
import type { Signal } from './detector/observation.ts';
import { readInForce } from './publish.ts';
import type { Seen } from './see.ts';

/** A wish that the hub has not confirmed by then is an alarm. */
const WISH_ALARM_MS = 10_000;

/** Marks wishes that the hub confirmed: by its answer to us, or by the gateway's journal when the answer was lost. */
export function noteHub(
  seen: Seen,
  wishes: readonly HubWish[],
  answers: readonly { readonly action: string; readonly target: string; readonly atMs: number }[],
): readonly HubWish[] {
  const journalled = seen.entries.flatMap(({ body, atMs }) =>
    body.kind === 'hub_control' && body.ok
      ? [{ action: body.action as string, target: body.target, atMs }]
      : [],
  );
  return wishes.map((wish) => {
    const done = [...answers, ...journalled].find(
      ({ action, target }) => action === wish.action && target === wish.target,
    );
    return wish.doneAtMs === undefined && done ? { ...wish, doneAtMs: done.atMs } : wish;
  });
}

/** True once, when a wish has waited too long. */
function isLate(wish: HubWish, nowMs: number): boolean {
  return wish.doneAtMs === undefined && !wish.isAlarmed && nowMs - wish.wantedAtMs >= WISH_ALARM_MS;
}

/** True when an unconfirmed wish needs a decision: an alarm, or a suspension beside a revocation. */
export function hasLateWish(wishes: readonly HubWish[], nowMs: number): boolean {
  return wishes.some(
    (wish) => isLate(wish, nowMs) || (wish.action === 'revoke' && wish.doneAtMs === undefined),
  );
}

/** Marks a late wish as told. */
export function markLate(wish: HubWish, nowMs: number): HubWish {
  return isLate(wish, nowMs) ? { ...wish, isAlarmed: true } : wish;
}

/** The alarms for late wishes. */
export function lateWishSignals(wishes: readonly HubWish[], nowMs: number): readonly Signal[] {
  return wishes
    .filter((wish) => isLate(wish, nowMs))
    .map(({ action, target }) => ({
      detector: 'guard',
      code: 'hub_control_unconfirmed',
      severity: 'P1',
      atMs: nowMs,
      evidence: [action, target],
      act: { kind: 'alert' },
    }));
}

/** True when a standing suspension should end, or a resumption has been overtaken. */
export async function wantsChange(
  db: Queryable,
  input: { readonly wishes: readonly HubWish[]; readonly nowMs: number; readonly bic: string },
): Promise<boolean> {
  const { wishes } = input;
  if (wishes.every(({ action }) => action === 'revoke')) return false;
  const active = await readInForce(db);
  const settled = settleWishes({ wishes, active });
  return (
    settled.length !== wishes.length ||
    decideResume({ ...input, wishes: settled, active }) !== undefined
  );
}
