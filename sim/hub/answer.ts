/** What the hub answers to a BusMsg of a bank: signature first, then form, then the business of the message. Owns no
 * state of its own. */
import type { WireRequest, WireResponse } from '../../src/kernel/wire.ts';
import type { BusMessage, CreditMessage, Header, ReadResult } from './bifast-schema.ts';
import type { Transfer, TransferFacts } from './book.ts';
import { closeDates, finish } from './clearing.ts';
import { hubDate, hubIds, isDateOpen, type HubContext } from './context.ts';
import { choosePlan, planOf } from './faults.ts';
import { judge } from './judge.ts';
import { isSigned, SIGNATURE_HEADER, signBody } from './message-signature.ts';
import { HUB_BIC } from './participant.ts';
import { otherAccount } from './people.ts';
import { answerProxy, resolveProxy } from './proxy.ts';
import {
  renderAdminAnswer,
  renderReject,
  renderStatusReport,
  type StatusReport,
} from './render.ts';

/** Longer than any caller waits. */
const SILENCE_MS = 600_000;

/** One message in, one answer out; or silence, when a fault says so. `bank` is the certificate's; `read` is what the body says. */
export async function answerMessage(
  hub: HubContext,
  input: { readonly bank: string; readonly request: WireRequest; readonly read: ReadResult },
): Promise<WireResponse> {
  const { bank, request, read } = input;
  const key = hub.bankKeys[bank];
  if (
    !key ||
    !isSigned({ key, body: request.body, signature: request.headers[SIGNATURE_HEADER] })
  ) {
    hub.counters.refuse('signature');
    // Only a payment instruction gets a word: a refusal of a status request would read like a refusal of the payment.
    return read.ok && read.message.kind === 'credit'
      ? signed(
          hub,
          200,
          creditAnswer(hub, { bank, message: read.message, status: 'RJCT', code: 'U999' }),
        )
      : empty(403);
  }
  if (!read.ok) return reject(hub, { bank, ref: read.ref, where: read.where });
  const { header, message } = read;
  if (header.to !== HUB_BIC)
    return reject(hub, { bank, ref: header.bizMsgIdr, where: 'AppHdr.To: not the hub' });
  if (header.from !== bank) {
    hub.counters.refuse('sender');
    return message.kind === 'credit'
      ? signed(hub, 200, creditAnswer(hub, { bank, message, status: 'RJCT', code: 'U999' }))
      : empty(403);
  }
  return answerAuthentic(hub, { bank, header, message, request });
}

interface Authentic {
  readonly bank: string;
  readonly header: Header;
  readonly message: BusMessage;
  readonly request: WireRequest;
}

async function answerAuthentic(hub: HubContext, input: Authentic): Promise<WireResponse> {
  const { bank, header, message, request } = input;
  switch (message.kind) {
    case 'credit':
      if (message.trxType === '510') return answerEnquiry(hub, { bank, message });
      hub.counters.instruction(request.fingerprint, header.bizMsgIdr, request.body.length);
      return answerCredit(hub, { bank, message, connector: request.fingerprint });
    case 'status_request':
      return signed(hub, 200, stateAnswer(hub, { bank, message }));
    case 'admin': {
      if (message.operation !== 'ECHO')
        hub.record({ kind: message.operation === 'SIGNON' ? 'signed_on' : 'signed_off', bank });
      const ids = answerIds(hub, { trxType: '000', channel: '99' });
      return signed(
        hub,
        200,
        renderAdminAnswer({
          to: bank,
          nowMs: hub.time.now(),
          ids,
          answeredMsgId: message.msgId,
          operation: message.operation,
          status: 'ACPT',
          code: 'U000',
        }),
      );
    }
    case 'proxy_registration':
    case 'proxy_lookup':
    case 'proxy_enquiry': {
      const channel = header.bizMsgIdr.slice(20, 22);
      const answer = await answerProxy(hub, { bank, channel, message });
      return answer ? signed(hub, 200, answer) : silence(hub);
    }
    case 'answer':
    case 'bulk_answer':
    case 'reject':
    case 'event_ack':
      return reject(hub, { bank, ref: header.bizMsgIdr, where: 'AppHdr.MsgDefIdr: not a request' });
  }
}

async function answerCredit(
  hub: HubContext,
  input: { readonly bank: string; readonly message: CreditMessage; readonly connector: string },
): Promise<WireResponse> {
  const { bank, message } = input;
  const facts = factsOf(hub, input);
  const code = judge({
    isKnown: hub.book.find(facts) !== undefined,
    isSignedOff: hub.book.isSignedOff(bank),
    isSuspended: hub.book.isSuspended(bank),
    amountSen: message.amountSen,
    amountMaxSen: hub.faults.amountMaxSen,
    isDateOpen: isDateOpen(hub, facts.businessDate),
    isOtherBankKnown: hub.participants.has(message.creditorBank),
    isToItself: message.creditorBank === bank,
    isOtherBankClosed: hub.book.isClosed(message.creditorBank),
    isProxyFitting: message.creditorProxy && isProxyFitting(hub, message),
    balanceSen: hub.book.balance(bank),
    isReturnFounded: message.trxType === '011' ? isReturnFounded(hub, facts) : undefined,
  });
  if (code === 'U149') {
    hub.counters.refuse(code);
    return signed(hub, 200, creditAnswer(hub, { bank, message, status: 'RJCT', code }));
  }
  const plan =
    code === 'U000'
      ? choosePlan(hub.chooser, {
          bank: message.creditorBank,
          account: message.creditorAccount,
          trxType: facts.trxType === '110' ? '010' : facts.trxType,
        })
      : planOf({ kind: 'reject', code });
  if (plan.answer === 'RJCT') {
    hub.counters.refuse(plan.code);
    hub.record({ kind: 'refused', facts, plan, code: plan.code });
  } else {
    hub.record({ kind: 'taken', facts, plan });
    const transfer = hub.book.find(facts)!;
    // Settled first where the answer says so: with no time between, the book is ahead of the word.
    const restMs = plan.answer === 'ACSC' ? 0 : plan.answerAfterMs + plan.endAfterMs;
    hub.spawn(() => finish(hub, transfer, restMs));
  }
  if (plan.answer === 'none') return silence(hub);
  const answer = creditAnswer(hub, {
    bank,
    message,
    status: plan.answer,
    code: plan.answer === 'RJCT' ? plan.code : 'U000',
    deltaSen: plan.deltaSen,
  });
  await hub.time.sleep(plan.answerAfterMs, hub.stopping);
  return signed(hub, 200, answer);
}

function factsOf(
  hub: HubContext,
  input: { readonly bank: string; readonly message: CreditMessage; readonly connector: string },
): TransferFacts {
  const { message } = input;
  return {
    bizMsgIdr: message.endToEndId,
    msgId: message.msgId,
    trxType: message.trxType as TransferFacts['trxType'],
    fromBank: input.bank,
    toBank: message.creditorBank,
    amountSen: message.amountSen.toString(),
    debtorAccount: message.debtorAccount ?? '',
    debtorName: message.debtorName,
    creditorAccount: message.creditorAccount,
    creditorName: message.creditorName ?? '',
    ...(message.creditorProxy && {
      creditorProxy: `${message.creditorProxy.type}|${message.creditorProxy.value}`,
    }),
    remittance: message.remittance,
    ...(message.relatedEndToEndId === undefined
      ? {}
      : { relatedEndToEndId: message.relatedEndToEndId }),
    connector: input.connector,
    takenAtMs: hub.time.now(),
    businessDate: message.settlementDate ?? hubDate(hub),
  };
}

/** A proxy that was looked up and has moved since must not take money to where it was. */
function isProxyFitting(hub: HubContext, message: CreditMessage): boolean {
  const entry = message.creditorProxy && resolveProxy(hub, message.creditorProxy);
  return (
    entry?.state === 'active' &&
    entry.bank === message.creditorBank &&
    entry.account === message.creditorAccount
  );
}

function isReturnFounded(hub: HubContext, facts: TransferFacts): boolean {
  const related = { fromBank: facts.toBank, bizMsgIdr: facts.relatedEndToEndId ?? '' };
  const credit = hub.book.find(related);
  const isSame =
    credit?.state === 'settled' &&
    credit.toBank === facts.fromBank &&
    credit.amountSen === facts.amountSen;
  return (
    isSame &&
    hub.book.returnOf({ bank: related.fromBank, bizMsgIdr: related.bizMsgIdr }) === undefined
  );
}

async function answerEnquiry(
  hub: HubContext,
  input: { readonly bank: string; readonly message: CreditMessage },
): Promise<WireResponse> {
  const { bank, message } = input;
  const isKnown = hub.participants.has(message.creditorBank) && message.creditorBank !== bank;
  const isClosed = hub.book.isClosed(message.creditorBank);
  const plan = isClosed
    ? planOf({ kind: 'reject', code: 'U129' })
    : isKnown
      ? choosePlan(hub.chooser, {
          bank: message.creditorBank,
          account: message.creditorAccount,
          trxType: '510',
        })
      : planOf({ kind: 'reject', code: 'U124' });
  if (plan.answer === 'none') return silence(hub);
  const status = plan.answer === 'RJCT' ? 'RJCT' : 'ACTC';
  const { name, accountType } = otherAccount(message.creditorAccount);
  const found =
    status === 'ACTC' ? { creditor: { name, account: message.creditorAccount, accountType } } : {};
  const answer = creditAnswer(hub, {
    bank,
    message,
    status,
    code: status === 'ACTC' ? 'U000' : plan.code,
    ...found,
  });
  await hub.time.sleep(plan.answerAfterMs, hub.stopping);
  return signed(hub, 200, answer);
}

/** The state of a payment as the hub's books have it. */
function stateAnswer(
  hub: HubContext,
  input: { readonly bank: string; readonly message: BusMessage & { kind: 'status_request' } },
): Buffer {
  closeDates(hub);
  const { bank, message } = input;
  const transfer = hub.book.find({ fromBank: bank, bizMsgIdr: message.endToEndId });
  const isKnown = transfer !== undefined && transfer.msgId === message.txId;
  const state = isKnown
    ? WORD_OF_STATE[transfer.state]
    : ({ status: 'RJCT', service: 'CLEAR' } as const);
  return renderStatusReport({
    to: bank,
    nowMs: hub.time.now(),
    ids: answerIds(hub, { trxType: '000', channel: '99' }),
    service: state.service,
    answered: { msgId: message.msgId, definition: 'pacs.028.001.04' },
    payment: { endToEndId: message.endToEndId, txId: message.txId },
    status: state.status,
    code: isKnown ? transfer.code : 'U106',
    ...(isKnown
      ? { amountSen: BigInt(transfer.amountSen), settlementDate: transfer.businessDate }
      : {}),
  });
}

const WORD_OF_STATE = {
  open: { status: 'ACTC', service: 'CLEAR' },
  settled: { status: 'ACSC', service: 'STTL' },
  rejected: { status: 'RJCT', service: 'CLEAR' },
} as const satisfies Record<Transfer['state'], Pick<StatusReport, 'status' | 'service'>>;

function creditAnswer(
  hub: HubContext,
  input: {
    readonly bank: string;
    readonly message: CreditMessage;
    readonly status: 'ACTC' | 'ACSC' | 'RJCT';
    readonly code: string;
    readonly deltaSen?: number;
    readonly creditor?: NonNullable<StatusReport['creditor']>;
  },
): Buffer {
  const { message } = input;
  return renderStatusReport({
    to: input.bank,
    nowMs: hub.time.now(),
    ids: answerIds(hub, { trxType: message.trxType, channel: message.endToEndId.slice(20, 22) }),
    service: input.status === 'ACSC' ? 'STTL' : 'CLEAR',
    answered: { msgId: message.msgId, definition: 'pacs.008.001.08' },
    payment: { endToEndId: message.endToEndId, txId: message.msgId },
    status: input.status,
    code: input.code,
    amountSen: message.amountSen + BigInt(input.deltaSen ?? 0),
    ...(input.creditor === undefined ? {} : { creditor: input.creditor }),
  });
}

function reject(
  hub: HubContext,
  input: { readonly bank: string; readonly ref: string; readonly where: string },
): WireResponse {
  hub.counters.refuse('U215');
  hub.log.warn({ bank: input.bank, ref: input.ref, where: input.where }, 'hub.message_rejected');
  const ids = answerIds(hub, { trxType: '000', channel: '99' });
  return signed(
    hub,
    400,
    renderReject({
      to: input.bank,
      nowMs: hub.time.now(),
      ids,
      ref: input.ref,
      where: input.where,
    }),
  );
}

function answerIds(
  hub: HubContext,
  input: { readonly trxType: string; readonly channel: string },
): { readonly bizMsgIdr: string; readonly msgId: string } {
  return hubIds(hub, { originator: 'R', ...input });
}

/** Holds the connection until the caller gives up. */
export async function silence(hub: HubContext): Promise<WireResponse> {
  await hub.time.sleep(SILENCE_MS, hub.stopping);
  return empty(504);
}

/** A body with the hub's signature. */
export function signed(hub: HubContext, status: number, body: Buffer): WireResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: signBody(hub.messageKey, body),
    },
    body,
  };
}

/** A status without a word. */
export function empty(status: number): WireResponse {
  return { status, headers: {}, body: Buffer.alloc(0) };
}
