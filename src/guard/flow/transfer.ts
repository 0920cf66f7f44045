/** Transfers to somebody: what detectors of payees look at. A bill's payee is the aggregator, a return goes back where it came from. Pure. */
import type { Scope } from '../../gate/restriction.ts';
import type { FlowSeen, PaymentSeen } from './seen.ts';

/** A leaving payment whose payer and payee are known. */
export interface TransferSeen extends PaymentSeen {
  readonly rail: Exclude<NonNullable<Scope['rail']>, 'onus' | 'biller'>;
  readonly payer: string;
  readonly payee: string;
}

/** True for a transfer of one party to another over a network. Money that a network asks us for (canaries of ours) is none. */
export function isTransfer(seen: FlowSeen): seen is TransferSeen {
  return (
    seen.kind === 'payment' &&
    seen.isLeaving &&
    !seen.isSynthetic &&
    seen.rail !== 'biller' &&
    seen.payer !== undefined &&
    seen.payee !== undefined
  );
}
