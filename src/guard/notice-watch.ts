/** Looks whether notices to partners were given up: a partner that is not told acts on what it does not know. */
import { recordEvents } from '../audit/record.ts';
import { wibDate } from '../kernel/time.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { selectStuckNotices } from './store-notice.ts';
import { hasEventSince } from './store-partition.ts';

/** A look costs one read by index. */
export const NOTICE_WATCH_MS = 60_000;
const CODE = 'partner_notice_stuck';

/** Raises `partner_notice_stuck` once a day while a notice lies with a person. */
export async function watchNotices(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const nowMs = time.now();
  const today = wibDate(nowMs);
  await lead.tx(async (tx) => {
    const { count, oldest } = await selectStuckNotices(tx);
    if (count === 0 || oldest === null) return;
    const [kind, subject] = [alarmKind(CODE), 'partner_notice'];
    if (await hasEventSince(tx, { kind, subject, since: today })) return;
    const data = {
      detector: 'guard',
      severity: 'P2',
      runbook: runbookOf(CODE),
      stuckCount: count,
      oldestMinutes: Math.floor((nowMs - oldest.getTime()) / 60_000),
    };
    await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
  });
}
