/** What happens to a transfer after the hub took it: settlement or rejection by its plan, notices, returns, the close of a
 * business date; and the credits that other banks send. Owns the order of the book's events; knows no request. */
import { formatIdr } from '../../src/kernel/money.ts';
import { readBusMsg } from './bifast-schema.ts';
import type { Transfer, TransferFacts } from './book.ts';
import { hubDate, isDateOver, type HubContext } from './context.ts';
import { CREDIT_TRY_COUNT_MAX, deliver, NOTICE_TRY_COUNT_MAX } from './deliver.ts';
import { planOf, type FaultType, type Plan } from './faults.ts';
import { HUB_BIC } from './participant.ts';
import { otherAccount } from './people.ts';
import { pushLine } from './push.ts';
import { makeIds, renderBulk, renderCredit, renderEnquiry, renderStatusReport } from './render.ts';

/** Carries an open transfer of a connected bank to its end. `restMs` = what is left until then. */
export async function finish(hub: HubContext, transfer: Transfer, restMs: number): Promise<void> {
  if (transfer.plan.end === 'open') return;
  await hub.time.sleep(restMs, hub.stopping);
  if (hub.stopping.aborted || transfer.state !== 'open') return;
  const key = { fromBank: transfer.fromBank, bizMsgIdr: transfer.bizMsgIdr, atMs: hub.time.now() };
  if (transfer.plan.end === 'settled') hub.record({ kind: 'settled', ...key });
  else hub.record({ kind: 'rejected', ...key, code: transfer.plan.code });
  if (transfer.plan.end === 'settled') pushLine(hub, transfer);
  await giveNotices(hub, transfer);
  await giveBack(hub, transfer);
}

/** Goes on with everything that a stopped hub left unfinished. */
export function resume(hub: HubContext): void {
  for (const transfer of hub.book.unfinished()) {
    if (transfer.state !== 'open') {
      hub.spawn(async () => {
        await giveNotices(hub, transfer);
        await giveBack(hub, transfer);
      });
    } else if (transfer.connector === '') {
      hub.spawn(async () => void (await carryCredit(hub, transfer)));
    } else {
      const endsAtMs = transfer.takenAtMs + transfer.plan.answerAfterMs + transfer.plan.endAfterMs;
      hub.spawn(() => finish(hub, transfer, Math.max(0, endsAtMs - hub.time.now())));
    }
  }
}

/** Rejects what stayed open for good on dates that are over, so that a statement can be the last word. */
export function closeDates(hub: HubContext): void {
  for (const transfer of hub.book.unfinished()) {
    const isStuck =
      transfer.state === 'open' && transfer.plan.end === 'open' && transfer.connector !== '';
    if (!isStuck || !isDateOver(hub, transfer.businessDate)) continue;
    hub.record({
      kind: 'rejected',
      fromBank: transfer.fromBank,
      bizMsgIdr: transfer.bizMsgIdr,
      code: 'U110',
      atMs: hub.time.now(),
    });
  }
}

/** Gives the final notices that are owed, one after the other. A settled transfer tells its payer or its payee, whichever bank is connected. */
async function giveNotices(hub: HubContext, transfer: Transfer): Promise<void> {
  const bank = hub.clients.has(transfer.fromBank) ? transfer.fromBank : transfer.toBank;
  // The same notice each time, ids too: a repeat must look like a repeat.
  const ids = makeIds({
    nowMs: hub.time.now(),
    bic: HUB_BIC,
    trxType: '000',
    originator: 'H',
    channel: '99',
    sequence: hub.nextSequence(),
  });
  const body = renderStatusReport({
    to: bank,
    nowMs: hub.time.now(),
    ids,
    service: 'STTL',
    answered: { msgId: transfer.msgId, definition: 'pacs.008.001.08' },
    payment: { endToEndId: transfer.bizMsgIdr, txId: transfer.msgId },
    status: transfer.state === 'settled' ? 'ACSC' : 'RJCT',
    code: transfer.code,
    amountSen: BigInt(transfer.amountSen),
    settlementDate: transfer.businessDate,
  });
  while (transfer.noticesOwed > 0 && !hub.stopping.aborted) {
    const answer = await deliver(hub, {
      bank,
      body,
      tryCountMax: NOTICE_TRY_COUNT_MAX,
      trxType: 'notice',
    });
    if (hub.stopping.aborted) return;
    if (!answer) hub.counters.undelivered();
    hub.record({ kind: 'noticed', fromBank: transfer.fromBank, bizMsgIdr: transfer.bizMsgIdr });
  }
}

/** Plays the beneficiary's bank that returns a settled transfer. */
async function giveBack(hub: HubContext, transfer: Transfer): Promise<void> {
  const { returnAfterMs } = transfer.plan;
  if (returnAfterMs === undefined || transfer.state !== 'settled') return;
  await hub.time.sleep(returnAfterMs, hub.stopping);
  if (
    hub.stopping.aborted ||
    hub.book.returnOf({ bank: transfer.fromBank, bizMsgIdr: transfer.bizMsgIdr })
  )
    return;
  await sendCredit(hub, {
    trxType: '011',
    fromBank: transfer.toBank,
    toBank: transfer.fromBank,
    debtorAccount: transfer.creditorAccount,
    debtorName: transfer.creditorName,
    creditorAccount: transfer.debtorAccount,
    creditorName: transfer.debtorName,
    amountSen: BigInt(transfer.amountSen),
    remittance: 'Pengembalian dana',
    relatedEndToEndId: transfer.bizMsgIdr,
  });
}

export interface CreditInput {
  readonly trxType?: '010' | '110' | '011';
  readonly fromBank: string;
  readonly toBank: string;
  readonly debtorAccount: string;
  readonly debtorName?: string;
  readonly creditorAccount: string;
  readonly creditorName?: string;
  readonly amountSen: bigint;
  /** Type and value, joined by a bar: with trxType 110. */
  readonly creditorProxy?: string;
  readonly remittance?: string;
  readonly relatedEndToEndId?: string;
  /** How often the hub tells that it settled; 0 = only feed and statement tell. */
  readonly noticeCount?: number;
}

/** `no_answer`: the bank stayed silent in all tries; the money went back to the payer. */
export type CreditResult =
  | { readonly outcome: 'settled'; readonly bizMsgIdr: string }
  | {
      readonly outcome: 'rejected' | 'no_answer';
      readonly bizMsgIdr: string;
      readonly code: string;
    };

/** A customer of a bank that the hub plays pays into a connected bank. Resolves when it is settled or given up; the notice
 * follows on its own. */
export async function sendCredit(hub: HubContext, input: CreditInput): Promise<CreditResult> {
  return carryCredit(hub, takeCredit(hub, input));
}

/** Customers of one bank pay into a connected bank in one message: a word for each, and each goes its own way from there. A hub that stops
 * in between carries the open ones one by one. */
export async function sendBulk(
  hub: HubContext,
  inputs: readonly CreditInput[],
): Promise<readonly CreditResult[]> {
  const credits = inputs.map((input) => takeCredit(hub, input));
  const [first] = credits;
  if (!first) return [];
  const nowMs = hub.time.now();
  const ids = makeIds({
    nowMs,
    bic: first.fromBank,
    trxType: '020',
    originator: 'O',
    channel: '02',
    sequence: hub.nextSequence(),
  });
  const body = await deliver(hub, {
    bank: first.toBank,
    body: renderBulk({ ids, nowMs, credits: credits.map((credit) => shownTo(hub, credit)) }),
    tryCountMax: CREDIT_TRY_COUNT_MAX,
    trxType: typeOf(first),
  });
  return Promise.all(
    credits.map((credit, place) =>
      endCredit(hub, credit, body && bulkCode({ credit, place, msgId: ids.msgId, body })),
    ),
  );
}

/** U000 only where the bank's answer is well-formed and says so of this very credit, at its place. */
function bulkCode(of: {
  readonly credit: Transfer;
  readonly place: number;
  readonly msgId: string;
  readonly body: Buffer;
}): string {
  const { credit } = of;
  const read = readBusMsg(of.body);
  if (!read.ok || read.message.kind !== 'bulk_answer') return 'U215';
  const { header, message } = read;
  const word = message.words[of.place];
  if (message.answeredMsgId !== of.msgId || header.from !== credit.toBank) return 'U215';
  if (word?.endToEndId !== credit.bizMsgIdr || word.txId !== credit.msgId) return 'U215';
  if (word.status === 'ACTC' && word.code === 'U000') return 'U000';
  return word.status === 'RJCT' ? word.code : 'U215';
}

function takeCredit(hub: HubContext, input: CreditInput): Transfer {
  const nowMs = hub.time.now();
  const trxType = input.trxType ?? '010';
  const ids = makeIds({
    nowMs,
    bic: input.fromBank,
    trxType,
    originator: 'O',
    channel: trxType === '011' ? '99' : '02',
    sequence: hub.nextSequence(),
  });
  const facts: TransferFacts = {
    ...ids,
    trxType,
    fromBank: input.fromBank,
    toBank: input.toBank,
    amountSen: input.amountSen.toString(),
    debtorAccount: input.debtorAccount,
    debtorName: input.debtorName ?? otherAccount(input.debtorAccount).name,
    creditorAccount: input.creditorAccount,
    creditorName: input.creditorName ?? 'PENERIMA',
    ...(input.creditorProxy === undefined ? {} : { creditorProxy: input.creditorProxy }),
    remittance: input.remittance ?? '',
    ...(input.relatedEndToEndId === undefined
      ? {}
      : { relatedEndToEndId: input.relatedEndToEndId }),
    connector: '',
    takenAtMs: nowMs,
    businessDate: hubDate(hub),
  };
  const plan: Plan = { ...planOf({ kind: 'accept' }), noticeCount: input.noticeCount ?? 1 };
  hub.record({ kind: 'taken', facts, plan });
  return hub.book.find(facts)!; // just taken
}

async function carryCredit(hub: HubContext, transfer: Transfer): Promise<CreditResult> {
  const body = await deliver(hub, {
    bank: transfer.toBank,
    body: renderCredit(shownTo(hub, transfer)),
    tryCountMax: CREDIT_TRY_COUNT_MAX,
    trxType: typeOf(transfer),
    account: transfer.creditorAccount,
  });
  return endCredit(hub, transfer, body && codeOfAnswer(transfer, body));
}

/** What the bank's word means for a credit; undefined: it gave none. */
async function endCredit(
  hub: HubContext,
  transfer: Transfer,
  said: string | undefined,
): Promise<CreditResult> {
  const { bizMsgIdr } = transfer;
  const code = said ?? 'U121';
  const key = { fromBank: transfer.fromBank, bizMsgIdr };
  if (hub.stopping.aborted) return { outcome: 'no_answer', bizMsgIdr, code: 'U121' };
  if (code !== 'U000') {
    const isSaid = said !== undefined;
    if (!isSaid) hub.counters.undelivered();
    hub.record({ kind: 'rejected', ...key, code, atMs: hub.time.now() });
    return { outcome: isSaid ? 'rejected' : 'no_answer', bizMsgIdr, code };
  }
  await hub.time.sleep(transfer.plan.endAfterMs, hub.stopping);
  if (hub.stopping.aborted) return { outcome: 'no_answer', bizMsgIdr, code: 'U121' };
  hub.record({ kind: 'settled', ...key, atMs: hub.time.now() });
  pushLine(hub, transfer);
  hub.log.info({ bizMsgIdr, amount: formatIdr(BigInt(transfer.amountSen)) }, 'hub.credit_settled');
  hub.spawn(() => giveNotices(hub, transfer));
  return { outcome: 'settled', bizMsgIdr };
}

/** The credit as the bank sees it: another amount, when a rule wants it, under a right signature. */
function shownTo(hub: HubContext, transfer: Transfer): Transfer {
  const facts = {
    direction: 'to_bank',
    bank: transfer.toBank,
    trxType: typeOf(transfer),
    account: transfer.creditorAccount,
  };
  const wrong = hub.chooser.choose(facts, ['wrong_amount']);
  const sen = BigInt(transfer.amountSen) + BigInt(wrong?.deltaSen ?? 0);
  return { ...transfer, amountSen: String(sen > 0n ? sen : 1n) };
}

function typeOf({ trxType }: Transfer): FaultType {
  return trxType === '011' ? '011' : '010';
}

/** U000 only when the bank's answer is well-formed and speaks of this very credit. */
function codeOfAnswer(transfer: Transfer, body: Buffer): string {
  const read = readBusMsg(body);
  if (!read.ok) return 'U215';
  const { header, message } = read;
  if (message.kind === 'reject') return 'U215';
  const isAbout =
    message.kind === 'answer' &&
    message.endToEndId === transfer.bizMsgIdr &&
    message.answeredMsgId === transfer.msgId;
  if (!isAbout || header.from !== transfer.toBank || header.to !== HUB_BIC) return 'U215';
  if (message.status === 'ACTC' && message.code === 'U000') return 'U000';
  return message.status === 'RJCT' ? message.code : 'U215';
}

export type EnquiryResult =
  | { readonly found: true; readonly name: string; readonly accountType: string }
  | { readonly found: false; readonly code: string };

/** Another bank asks a connected bank who owns an account. */
export async function enquire(
  hub: HubContext,
  input: {
    readonly fromBank: string;
    readonly toBank: string;
    readonly account: string;
    readonly amountSen: bigint;
  },
): Promise<EnquiryResult> {
  const nowMs = hub.time.now();
  const ids = makeIds({
    nowMs,
    bic: input.fromBank,
    trxType: '510',
    originator: 'O',
    channel: '99',
    sequence: hub.nextSequence(),
  });
  const body = renderEnquiry({
    to: input.toBank,
    fromBank: input.fromBank,
    fromName: hub.participants.get(input.fromBank)?.name ?? input.fromBank,
    account: input.account,
    amountSen: input.amountSen,
    ids,
    nowMs,
  });
  const answer = await deliver(hub, {
    bank: input.toBank,
    body,
    tryCountMax: 1,
    trxType: '510',
    account: input.account,
  });
  if (!answer) return { found: false, code: 'U129' };
  const read = readBusMsg(answer);
  if (!read.ok || read.message.kind !== 'answer' || read.message.endToEndId !== ids.bizMsgIdr)
    return { found: false, code: 'U215' };
  const { message } = read;
  if (message.status !== 'ACTC' || message.accountName === undefined)
    return { found: false, code: message.code };
  return { found: true, name: message.accountName, accountType: message.accountType ?? 'OTHR' };
}
