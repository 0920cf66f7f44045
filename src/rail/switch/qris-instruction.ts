/** An instruction to pay a merchant of another bank as the message that says it. Pure. Source: docs/rail/qris.md. */
import type { QrisInstruction } from '../../authorisation/form-qris.ts';
import { nnsOfBank } from '../qris/nns.ts';
import { terminalOf, type QrisPayment } from './qris.ts';
import type { SwitchMember } from './transfer.ts';

/** The payment in an instruction: the same whenever it is asked. */
export function paymentOf(member: SwitchMember, instruction: QrisInstruction): QrisPayment {
  const { creditor, nmid, merchantId, referenceLabel, billNumber } = instruction;
  return {
    kind: 'payment',
    stan: instruction.qrisId.slice(-6),
    rrn: instruction.rrn,
    transmittedAt: instruction.transmittedAt,
    settlementDay: instruction.businessDate.slice(5).replace('-', ''),
    amountSen: BigInt(instruction.amountSen),
    tipSen: BigInt(instruction.tipSen),
    customerPan: instruction.customerPan,
    sender: nnsOfBank(member.institution),
    receiver: instruction.acquirer,
    channelCode: instruction.channelCode,
    terminal: terminalOf(member.dialect, instruction.terminalLabel, member.terminal),
    merchant: {
      pan: creditor.account,
      ...(nmid !== '' && { nmid }),
      criteria: instruction.criteria,
      // 26-02 may be missing; the number of the central repository has the same length.
      id: merchantId || nmid,
      name: creditor.name,
      city: instruction.city,
    },
    ...(referenceLabel !== '' && { reference: referenceLabel }),
    ...(billNumber !== '' && { billNumber }),
  };
}

/** About when an instruction was issued: noon WIB of the day in its id. */
export function issuedNearMs({ qrisId }: Pick<QrisInstruction, 'qrisId'>): number {
  return Date.parse(`${qrisId.slice(0, 4)}-${qrisId.slice(4, 6)}-${qrisId.slice(6, 8)}T05:00:00Z`);
}
