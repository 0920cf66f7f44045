/** What answers to QRIS messages prove. Pure. Source: domain.md 4.5; docs/rail/qris.md, "Messages over the switch" [own, for the demo]. */
import type { RailAnswer } from '../contract.ts';
import { readAmount } from '../iso8583/amount.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import { QRIS_PROCESSING, type QrisNetwork } from './qris.ts';
import { responseMeaning } from './response-code.ts';
import { codeOf } from './transfer.ts';

const APPROVED = '00';
/** Not known, and refused should it still come. */
const NOT_KNOWN = '25';

/** What the answer to a payment, a refund or a scanned code means. Only a code that this network's table calls a refusal is one (T1, T2). Money
 * that comes to us is not here before the settlement names it (I12): such an approval is not final. */
export function answerOfQris({ network }: QrisNetwork, answer: IsoMessage): RailAnswer {
  const code = answer.fields[39] ?? '';
  const processing = answer.fields[3];
  const meaning = responseMeaning({ network, mti: answer.mti, processing, code });
  if (meaning.class === 'success')
    return {
      outcome: 'accepted',
      isFinal: processing !== QRIS_PROCESSING.presented,
      code: codeOf(code),
    };
  return meaning.class === 'fail' || meaning.class === 'system'
    ? { outcome: 'rejected', code: codeOf(code) }
    : { outcome: 'unknown', reason: `the network answered ${codeOf(code)}` };
}

/** What the answer to a check proves. 00 with the very RRN and amount: it happened. 25: it did not and never will, where the network
 * promises that (`isCheckFinal`). Everything else proves nothing (T1). */
export function answerOfQrisCheck(
  { dialect, isCheckFinal }: QrisNetwork,
  asked: {
    readonly rrn: string;
    readonly amountSen: bigint;
    /** It is about money that comes to us. */
    readonly isIncoming: boolean;
  },
  { fields }: IsoMessage,
): RailAnswer {
  const code = fields[39] ?? '';
  const isOfIt = fields[37] === asked.rrn && readAmount(dialect, fields[4]) === asked.amountSen;
  if (code === APPROVED && isOfIt)
    return { outcome: 'accepted', isFinal: !asked.isIncoming, code: codeOf(code) };
  if (code === NOT_KNOWN && isOfIt && isCheckFinal)
    return { outcome: 'rejected', code: codeOf(code) };
  return {
    outcome: 'unknown',
    reason: isOfIt
      ? `the check was answered ${codeOf(code)}`
      : 'the check was answered about another payment',
  };
}
