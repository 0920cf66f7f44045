/** Carries one item of normal traffic out: a partner's request to the bank's API, or another bank's customer through the hub. */
import { otherAccount } from '../hub/people.ts';
import type { Hub } from '../hub/hub.ts';
import type { SwitchKind, TrafficResult } from './measure.ts';
import type { SnapAnswer, SnapClient } from './snap-client.ts';
import type { TrafficItem } from './traffic.ts';

/** SNAP answers that tell a partner to ask later, not that it failed (domain.md 3.4). */
const UNKNOWN_CODE = /^(500\d\d0[012]|504\d\d00)$/;

/** Makes `runTraffic`'s offer. `prefix` keeps partner references apart between runs (≤ 40 characters). */
export function makeOffer(input: {
  readonly snap: SnapClient;
  readonly hub: Pick<Hub, 'sendCredit'>;
  readonly ownBank: string;
  readonly prefix: string;
  /** What goes over the switch, where there is one. */
  readonly bySwitch?: (item: TrafficItem, kind: SwitchKind) => Promise<TrafficResult>;
}): (item: TrafficItem) => Promise<TrafficResult> {
  return async (item) => {
    const reference = `${input.prefix}${item.number}`;
    switch (item.kind) {
      case 'onus':
        return resultOf(
          await input.snap.transferIntrabank({
            reference,
            from: item.account,
            to: item.otherAccount,
            amountSen: item.amountSen,
          }),
        );
      case 'bifast_out': {
        const { name } = otherAccount(item.otherAccount);
        return resultOf(
          await input.snap.transferInterbank({
            reference,
            from: item.account,
            toBank: item.otherBank!,
            to: item.otherAccount,
            toName: name,
            amountSen: item.amountSen,
          }),
        );
      }
      case 'bifast_in': {
        const credit = await input.hub.sendCredit({
          fromBank: item.otherBank!,
          toBank: input.ownBank,
          debtorAccount: item.otherAccount,
          creditorAccount: item.account,
          amountSen: item.amountSen,
          remittance: 'kiriman',
        });
        if (credit.outcome === 'settled') return { outcome: 'accepted' };
        return credit.outcome === 'rejected'
          ? { outcome: 'refused', code: credit.code }
          : { outcome: 'no_answer' };
      }
      default:
        if (!input.bySwitch) throw new Error(`Cannot offer ${item.kind}: there is no switch`);
        return input.bySwitch(item, item.kind);
    }
  };
}

/** 2xx = done or on its way; 5xx that mean "ask later" = no answer; all else = refused with its code. */
export function resultOf(answer: SnapAnswer): TrafficResult {
  if (answer.status >= 200 && answer.status < 300) return { outcome: 'accepted' };
  if (UNKNOWN_CODE.test(answer.code) || answer.code === '') return { outcome: 'no_answer' };
  return { outcome: 'refused', code: answer.code };
}
