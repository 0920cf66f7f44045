import type { GateDecision } from '../gate/port.ts';
import { screenNetwork } from '../payment/screening/network.ts';
import type { Screened } from '../risk/screen.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import type { PresentedContext } from './context.ts';

/** What restrictions say of a payment with a code. To them it is a payment out from the app, though the network asks: what stops the one
 * stops the other. */
export function gateOf(
  context: PresentedContext,
  flow: {
    readonly account: AccountFacts;
    readonly amountSen: bigint;
    /** @default the network's: a shop of another bank, or none yet */
    readonly rail?: 'qris' | 'onus';
    /** Absent while no till has asked. */
    readonly payee?: { readonly bank: string; readonly account: string; readonly nmid?: string };
  },
): GateDecision {
  const { account, payee } = flow;
  return context.gate.decide({
    rail: flow.rail ?? 'qris',
    direction: 'out',
    channel: 'mobile',
    product: 'qris',
    account: account.number,
    payer: context.parties.keyOf({ bank: context.bank.bic, account: account.number }),
    ...(payee && {
      ...(flow.rail !== 'onus' && { bank: payee.bank }),
      payeeAccount: payee.account,
      payee: context.parties.keyOf({ bank: payee.bank, account: payee.account }),
      ...(payee.nmid !== undefined && { merchant: payee.nmid }),
    }),
    amountSen: flow.amountSen,
    cohortBucket: account.cohortBucket,
    isStaff: account.isStaff,
  });
}

/** What the rules of risk say: the payer, the shop's account and the shop, and how the payer's account is used. Throws DbFault. */
export function screenOf(
  context: PresentedContext,
  flow: {
    readonly account: AccountFacts;
    readonly amountSen: bigint;
    readonly payee: { readonly bank: string; readonly account: string; readonly nmid?: string };
  },
): Promise<Screened> {
  const { account, amountSen, payee } = flow;
  return screenNetwork(context, {
    channel: 'mobile',
    kind: 'presented',
    amountSen,
    payer: { bank: context.bank.bic, account: account.number },
    payee,
    merchant: payee.nmid,
    account: account.number,
  });
}
