/** The standing of what the hub was asked for: confirmed, late, overtaken. Pure but for one read. */
import type { Queryable } from '../db/pool.ts';
import { decideResume, settleWishes, type HubWish } from './contain.ts';
import type { HubAnswer } from './context.ts';
import type { Signal } from './detector/observation.ts';
import { readInForce } from './publish.ts';
import type { Seen } from './see.ts';

/** A wish that the hub has not confirmed by then is an alarm. */
const WISH_ALARM_MS = 10_000;
/** How far a gateway's clock may be behind ours. An older entry answers an older wish. */
const SKEW_MS = 2_000;

/** Marks wishes that the hub confirmed: by its answer to us, or by the gateway's journal when the answer was lost. */
export function noteHub(
  seen: Pick<Seen, 'entries'>,
  wishes: readonly HubWish[],
  answers: readonly HubAnswer[],
): readonly HubWish[] {
  const journalled = seen.entries.flatMap(({ body, atMs }) =>
    body.kind === 'hub_control' && body.ok
      ? [{ action: body.action, target: body.target, atMs }]
      : [],
  );
  return wishes.map((wish) => {
    if (wish.doneAtMs !== undefined) return wish;
    const done =
      answers.find((answer) => isSameWish(answer, wish)) ??
      journalled.find(
        ({ action, target, atMs }) =>
          action === wish.action && target === wish.target && atMs >= wish.wantedAtMs - SKEW_MS,
      );
    return done ? { ...wish, doneAtMs: done.atMs } : wish;
  });
}

/** The same wish, and not an earlier one of the same words. */
export function isSameWish(
  a: Pick<HubWish, 'action' | 'target' | 'wantedAtMs'>,
  b: Pick<HubWish, 'action' | 'target' | 'wantedAtMs'>,
): boolean {
  return a.action === b.action && a.target === b.target && a.wantedAtMs === b.wantedAtMs;
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
  const settled = settleWishes({ ...input, active });
  return settled !== wishes || decideResume({ ...input, wishes: settled, active }) !== undefined;
}
