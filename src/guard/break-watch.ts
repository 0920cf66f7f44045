/** Reads the signatures by which breaks ended. The database believes names; whoever holds core's role can invent two. What two people of the
 * guard's own roster did not sign opens again, and is told; until it is proven, a break counts as open for a release (I5). */
import { recordEvents } from '../audit/record.ts';
import { isEndSigned } from '../reconcile/proposal.ts';
import { markProven, reopenBreaks, selectUnproven } from '../reconcile/store-break.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';

/** Who forged an end has no release by it in these seconds: it waits for the proof. */
export const BREAK_WATCH_MS = 5_000;
/** A look; the rest is for the next one. */
const BREAKS_MAX = 200;
const CODE = 'break_end_forged';

/** One look at what ended since the last one. */
export async function watchBreakEnds(
  { time, roster }: Pick<GuardInput, 'time' | 'roster'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  await lead.tx(async (tx) => {
    const ended = await selectUnproven(tx, BREAKS_MAX);
    if (ended.length === 0) return;
    const isProven = ended.map((one) => isEndSigned(one, roster));
    const forged = ended.filter((_, at) => !isProven[at]);
    await markProven(
      tx,
      ended.filter((_, at) => isProven[at]).map(({ breakId }) => breakId),
    );
    await reopenBreaks(
      tx,
      forged.map(({ breakId }) => breakId),
    );
    const nowMs = time.now();
    await recordEvents(
      tx,
      forged.map(({ breakId, explainedBy, amountSen, end }) => ({
        atMs: nowMs,
        kind: alarmKind(CODE),
        subject: breakId,
        data: {
          detector: 'guard',
          severity: 'P1',
          runbook: runbookOf(CODE),
          amountSen: String(amountSen),
          evidence: [explainedBy, ...(end ? [end.proposedBy, end.approvedBy] : [])],
        },
      })),
    );
  });
}
