/** Makes BI-FAST messages of ours. The credit transfer is rendered from the canonical instruction and from nothing else
 * (DESIGN.md 1.1). Pure. */
import type { BifastInstruction } from '../../authorisation/form-bifast.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type {
  AdminFunction,
  AdminRequest,
  BulkCredit,
  BulkReport,
  CreditReport,
  CreditTransfer,
  Header,
  MessageReject,
  StatusReport,
  StatusRequest,
} from './message.ts';
import type { EventAck, SystemEvent } from './event.ts';
import type { Proxy } from './proxy.ts';
import type { ParseError } from './parse.ts';

const WIB_OFFSET_MS = 7 * 3_600_000;

interface Ids {
  readonly bizMsgIdr: string;
  readonly msgId: string;
}

/** pacs.008 of an instruction. */
export function renderTransfer(input: {
  readonly instruction: BifastInstruction;
  readonly bank: BankProfile;
  readonly nowMs: number;
}): CreditTransfer {
  const { instruction, bank, nowMs } = input;
  const { bizMsgIdr, msgId, debtor, creditor } = instruction;
  return {
    kind: 'credit_transfer',
    header: ourHeader({ bank, bizMsgIdr, nowMs }),
    msgId,
    madeAt: localTime(nowMs),
    endToEndId: bizMsgIdr,
    txId: msgId,
    trxType: trxTypeOf(instruction),
    channelCode: instruction.channelCode,
    categoryPurpose: instruction.categoryPurpose,
    amountSen: BigInt(instruction.amountSen),
    settlementDate: instruction.businessDate,
    debtorName: debtor.name,
    debtorAccount: { number: debtor.account, type: debtor.accountType },
    debtorBank: debtor.bank,
    creditorBank: creditor.bank,
    creditorName: creditor.name,
    creditorAccount: { number: creditor.account, type: creditor.accountType },
    ...(instruction.creditorProxy && { creditorProxy: instruction.creditorProxy as Proxy }),
    remittance: instruction.remittance,
    ...(instruction.relatedEndToEndId && { relatedEndToEndId: instruction.relatedEndToEndId }),
  };
}

/** What kind of pacs.008 an instruction becomes. */
export function trxTypeOf({
  kind,
  creditorProxy,
}: Pick<BifastInstruction, 'kind' | 'creditorProxy'>): '010' | '110' | '011' {
  if (kind === 'return') return '011';
  return creditorProxy ? '110' : '010';
}

/** pacs.008 `510`: who owns this account? No money. */
export function renderEnquiry(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly toBank: string;
  readonly account: string;
  readonly amountSen: bigint;
  readonly nowMs: number;
}): CreditTransfer {
  const { bank, ids, nowMs } = input;
  return {
    kind: 'credit_transfer',
    header: ourHeader({ bank, bizMsgIdr: ids.bizMsgIdr, nowMs }),
    msgId: ids.msgId,
    madeAt: localTime(nowMs),
    endToEndId: ids.bizMsgIdr,
    txId: ids.msgId,
    trxType: '510',
    channelCode: '99',
    categoryPurpose: '51099',
    amountSen: input.amountSen,
    debtorName: bank.name,
    debtorBank: bank.bic,
    creditorBank: input.toBank,
    creditorAccount: { number: input.account },
    remittance: '',
  };
}

/** pacs.028 about a payment of ours. */
export function renderStatusRequest(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly payment: Ids;
  readonly nowMs: number;
}): StatusRequest {
  return {
    kind: 'status_request',
    header: ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs: input.nowMs }),
    msgId: input.ids.msgId,
    madeAt: localTime(input.nowMs),
    originalEndToEndId: input.payment.bizMsgIdr,
    originalTxId: input.payment.msgId,
  };
}

/** admn.001. */
export function renderAdmin(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly fn: AdminFunction;
  readonly nowMs: number;
}): AdminRequest {
  return {
    kind: 'admin_request',
    header: ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs: input.nowMs }),
    msgId: input.ids.msgId,
    madeAt: localTime(input.nowMs),
    fn: input.fn,
  };
}

/** pacs.002: our answer to a credit or an enquiry that came in. */
export function renderReport(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly about: CreditTransfer;
  readonly word: CreditWord;
  readonly nowMs: number;
}): StatusReport {
  const { about, nowMs } = input;
  return {
    kind: 'status_report',
    header: {
      ...ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs }),
      service: 'CLEAR',
    },
    msgId: input.ids.msgId,
    madeAt: localTime(nowMs),
    originalMsgId: about.msgId,
    originalMsgDef: 'pacs.008.001.08',
    ...reportOf(about, input.word),
  };
}

/** pacs.002 about a bulk: a word for each of its credits, in its order. */
export function renderBulkReport(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly about: BulkCredit;
  readonly words: readonly CreditWord[];
  readonly nowMs: number;
}): BulkReport {
  const { about, nowMs } = input;
  return {
    kind: 'bulk_report',
    header: {
      ...ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs }),
      service: 'CLEAR',
    },
    msgId: input.ids.msgId,
    madeAt: localTime(nowMs),
    originalMsgId: about.msgId,
    reports: about.credits.map((credit, i) => reportOf(credit, input.words[i]!)), // one each
  };
}

/** What we say of one credit. */
export interface CreditWord {
  readonly status: 'ACTC' | 'RJCT';
  readonly code: string;
  readonly owner?: { readonly name: string; readonly accountType: string };
}

function reportOf(about: CreditTransfer, { status, code, owner }: CreditWord): CreditReport {
  return {
    originalEndToEndId: about.endToEndId,
    originalTxId: about.txId,
    status,
    code,
    amountSen: about.amountSen,
    ...(owner && {
      creditorName: owner.name,
      creditorAccount: { number: about.creditorAccount.number, type: owner.accountType },
    }),
  };
}

/** admi.011: we heard a system event. */
export function renderAck(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly about: SystemEvent;
  readonly nowMs: number;
}): EventAck {
  return {
    kind: 'event_ack',
    header: ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs: input.nowMs }),
    msgId: input.ids.msgId,
    reference: input.about.header.bizMsgIdr,
    code: input.about.code,
  };
}

/** admi.002: we could not read what came in. */
export function renderReject(input: {
  readonly bank: BankProfile;
  readonly ids: Ids;
  readonly error: ParseError;
  readonly nowMs: number;
}): MessageReject {
  const { error, nowMs } = input;
  return {
    kind: 'message_reject',
    header: ourHeader({ bank: input.bank, bizMsgIdr: input.ids.bizMsgIdr, nowMs }),
    reference: error.bizMsgIdr ?? '',
    code: 'U215',
    madeAt: localTime(nowMs),
    ...(error.path && { location: error.path.slice(0, 350) }),
    description: error.problem,
  };
}

/** The header of a message of ours to the hub. */
export function ourHeader(input: {
  readonly bank: BankProfile;
  readonly bizMsgIdr: string;
  readonly nowMs: number;
}): Header {
  return {
    from: input.bank.bic,
    to: input.bank.hubBic,
    bizMsgIdr: input.bizMsgIdr,
    createdAt: `${new Date(input.nowMs).toISOString().slice(0, 19)}Z`,
    isCopy: false,
    isPossibleDuplicate: false,
  };
}

/** WIB without a zone, milliseconds. */
export function localTime(nowMs: number): string {
  return new Date(nowMs + WIB_OFFSET_MS).toISOString().slice(0, 23);
}
