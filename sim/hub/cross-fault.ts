import type { BusMessage, Header } from './bifast-schema.ts';

const TYPE_OF: Readonly<Record<string, string>> = {
  proxy_registration: '710',
  proxy_lookup: '610',
  proxy_enquiry: '610',
};

/** The rules between fields: an identifier says who, what and through which channel, and must not lie. */
export function crossFault(head: Header, message: BusMessage): string | undefined {
  const id = head.bizMsgIdr;
  const [maker, trxType, originator, sequence] = [
    id.slice(8, 16),
    id.slice(16, 19),
    id.slice(19, 20),
    id.slice(22),
  ];
  if (
    message.kind === 'answer' ||
    message.kind === 'bulk_answer' ||
    message.kind === 'reject' ||
    message.kind === 'event_ack'
  )
    return originator === 'R' ? undefined : 'AppHdr.BizMsgIdr: not an answer';
  if (originator !== 'O') return 'AppHdr.BizMsgIdr: originator';
  if (maker !== head.from) return 'AppHdr.BizMsgIdr: not the sender';
  if (message.msgId.slice(0, 19) !== id.slice(0, 19)) return 'GrpHdr.MsgId: not of this message';
  if (message.msgId.slice(19) !== sequence) return 'GrpHdr.MsgId: another sequence';
  if (message.kind !== 'credit')
    return trxType === (TYPE_OF[message.kind] ?? '000') ? undefined : 'AppHdr.BizMsgIdr: trxType';
  if (!['010', '110', '011', '510'].includes(trxType)) return 'AppHdr.BizMsgIdr: trxType';
  if (message.endToEndId !== id) return 'PmtId.EndToEndId: not the BizMsgIdr';
  if ((message.trxType === '011') !== (message.relatedEndToEndId !== undefined))
    return 'SplmtryData: RltdEndToEndId';
  if ((message.trxType === '110') !== (message.creditorProxy !== undefined))
    return 'CdtrAcct: Prxy';
  if (message.debtorBank !== head.from) return 'DbtrAgt: not the sender';
  return undefined;
}
