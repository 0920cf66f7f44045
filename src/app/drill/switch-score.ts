/** What the switch's own book says of us after a drill. */
import type { InterbankSwitch } from '../../../sim/switch/switch.ts';
import { switchIdOfRrn, switchRequestId } from '../../rail/switch/id.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import type { ServiceChange } from './service-log.ts';
import type { WayShown } from './switch-offer.ts';

/** Money that left the bank, under the id that our ledger knows it by. */
export interface LeftLine {
  readonly bizMsgIdr: string;
  readonly amountSen: bigint;
}

/** What the switch owes to others on our account: our transfers and QRIS payments, cash of our cards, shops that were shown a code. What
 * was taken back does not count. */
export function leftBySwitch({ book }: Pick<InterbankSwitch, 'book'>): readonly LeftLine[] {
  return [...book.entries()].flatMap((entry) => {
    const isOut =
      entry.direction === 'from_bank'
        ? entry.flow === 'transfer' || entry.flow === 'qris'
        : entry.flow === 'withdrawal' || entry.flow === 'qris_presented';
    const amountSen = entry.keptSen ?? entry.amountSen;
    if (!isOut || entry.state !== 'approved' || amountSen === 0n) return [];
    const nearMs = entry.takenAtMs;
    const id =
      entry.direction === 'from_bank'
        ? switchIdOfRrn(entry.rrn, { institution: DEMO_BANK.bankCode, nearMs })
        : switchRequestId(entry, nearMs);
    return [{ bizMsgIdr: id ?? '', amountSen }];
  });
}

/** Requests of ours that the switch saw twice. */
export function sentTwice(outside: Pick<InterbankSwitch, 'counters'>): number {
  return outside.counters().other['duplicate request'] ?? 0;
}

/** What the app said of the ways to another bank to those who wanted an online transfer while the page called it disturbed. */
export interface WayCount {
  readonly asked: number;
  readonly told: number;
  readonly withOther: number;
}

/** Counts them. */
export function countWays(
  shown: readonly WayShown[],
  services: readonly ServiceChange[],
): WayCount {
  const changes = services.filter(({ service }) => service === 'switch_out');
  const stateAt = (atMs: number): string =>
    changes.findLast((change) => change.atMs <= atMs)?.state ?? 'normal';
  // Who is let in while it comes back in stages is served: there is nothing to warn of.
  const asked = shown.filter(({ atMs }) => !['normal', 'recovering'].includes(stateAt(atMs)));
  return {
    asked: asked.length,
    told: asked.filter(({ isTold }) => isTold).length,
    withOther: asked.filter(({ hasOther }) => hasOther).length,
  };
}
