import type { GateDecision } from '../gate/port.ts';
import { selectBlocked } from '../payment/screening/store.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import type { PresentedContext } from './context.ts';

/** What restrictions say of a payment with a code. To them it is a payment out from the app, though the network asks: what stops the one
 * stops the other. */
export function gateOf(
  context: PresentedContext,
  flow: {
    readonly account: AccountFacts;
    readonly amountSen: bigint;
    /** Absent while no till has asked. */
    readonly payee?: { readonly bank: string; readonly account: string; readonly nmid?: string };
  },
): GateDecision {
  const { account, payee } = flow;
  return context.gate.decide({
    rail: 'qris',
    direction: 'out',
    channel: 'mobile',
    product: 'qris',
    account: account.number,
    payer: context.parties.keyOf({ bank: context.bank.bic, account: account.number }),
    ...(payee && {
      bank: payee.bank,
      payeeAccount: payee.account,
      payee: context.parties.keyOf(payee),
      ...(payee.nmid !== undefined && { merchant: payee.nmid }),
    }),
    amountSen: flow.amountSen,
    cohortBucket: account.cohortBucket,
    isStaff: account.isStaff,
  });
}

/** True when somebody of the bank blocked the payer, the shop's account or the shop. Throws DbFault. */
export async function isBlocked(
  context: PresentedContext,
  flow: {
    readonly account: AccountFacts;
    readonly payee: { readonly bank: string; readonly account: string; readonly nmid?: string };
  },
): Promise<boolean> {
  const { account, payee } = flow;
  const { keyOf } = context.parties;
  const names = new Set([
    `account:${keyOf({ bank: context.bank.bic, account: account.number })}`,
    `account:${keyOf(payee)}`,
    ...(payee.nmid === undefined ? [] : [`merchant:${payee.nmid}`]),
  ]);
  const blocked = await selectBlocked(context.db);
  return blocked.some(({ kind, subject }) => names.has(`${kind}:${subject}`));
}
