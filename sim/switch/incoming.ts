/** What the bank asks of the switch: decided by the bank behind it, booked, and answered as the fault script says. */
import { wibDate } from '../../src/kernel/time.ts';
import { entryId, type Entry } from './book.ts';
import type { Fields, Message } from './codec.ts';
import type { SwitchContext } from './context.ts';
import { answerType } from './dialect.ts';
import { wrongAmount } from './deliver.ts';
import { choosePlan, type Plan } from './faults.ts';
import { flowOf, isMoney, missingField, subjectOf, type Flow, type MoneyFlow } from './flow.ts';
import { decidePeerAnswer, type PeerAnswer, type PeerFacts } from './issuer.ts';
import type { Link } from './link.ts';
import {
  checkedOriginal,
  decideQrisRefund,
  decideQrisShown,
  qrisMerchantOf,
  refundTags,
  shownDataOf,
} from './qris.ts';
import { findPeer, PEER_BALANCE_SEN, pinOf, type Peer } from './peers.ts';
import { amountText, readOriginal, readReplacement } from './private-data.ts';
import { decideReversal } from './reversal.ts';

interface Request {
  readonly message: Message;
  readonly link: Link;
  readonly flow: Flow;
  readonly plan: Plan;
}

/** Fields that an answer repeats. */
const ECHOED = [2, 3, 4, 7, 11, 12, 13, 18, 32, 33, 37, 41, 42, 43, 48, 49, 90, 100, 102, 103, 127];
const RUPIAH = '360';

/** Takes one financial request of the bank. */
export function takeRequest(context: SwitchContext, message: Message, link: Link): void {
  const { time, settings } = context;
  if (settings.isSilent) return context.tally('not taken: silent');
  const flow = flowOf(message);
  if (!flow) return link.reply(answerOf(context, message, no('24')));
  if (missingField(flow, message.fields) !== undefined)
    return link.reply(answerOf(context, message, no('30')));
  if ((message.fields[49] ?? RUPIAH) !== RUPIAH)
    return link.reply(answerOf(context, message, no('12')));
  const plan = choosePlan(context.chooser, {
    direction: 'from_bank',
    flow,
    bank: findPeer(context.peers, message.fields)?.code ?? '',
    account: subjectOf(message.fields),
  });
  if (!plan.isTaken) return context.tally('not taken: fault');
  const request: Request = { message, link, flow, plan };
  if (plan.takeAfterMs === 0) return answer(context, request);
  context.spawn(async () => {
    await time.sleep(plan.takeAfterMs, context.stopping);
    if (!context.stopping.aborted) answer(context, request);
  });
}

function answer(context: SwitchContext, request: Request): void {
  const { message, flow, plan, link } = request;
  const decided =
    flow === 'reversal'
      ? answerReversal(context, message)
      : isMoney(flow)
        ? answerMoney(context, request, flow)
        : answerQuestion(context, request, flow);
  const told = plan.rc === undefined ? decided : no(plan.rc);
  const full = answerOf(context, message, told);
  const amount = full.fields[4];
  const shown =
    plan.deltaSen === 0n || amount === undefined
      ? full
      : { ...full, fields: { ...full.fields, 4: wrongAmount(amount, plan.deltaSen) } };
  const leave = (): void => {
    if (plan.copies === 0) return context.tally('not answered: fault');
    link.reply(shown, plan);
  };
  if (plan.answerAfterMs === 0) return leave();
  context.spawn(async () => {
    await context.time.sleep(plan.answerAfterMs, context.stopping);
    if (!context.stopping.aborted) leave();
  });
}

function answerMoney(context: SwitchContext, request: Request, flow: MoneyFlow): PeerAnswer {
  const { message, plan } = request;
  const { fields } = message;
  const id = idOf(message);
  const known = context.book.find(id);
  if (known) return answerAgain(context, message, known);
  const peer = findPeer(context.peers, fields);
  const atMs = context.time.now();
  const amountSen = BigInt(fields[4]!);
  context.record({
    kind: 'taken',
    id,
    direction: 'from_bank',
    flow,
    bank: peer?.code ?? '',
    mti: message.mti,
    stan: fields[11]!,
    transmittedAt: fields[7]!,
    acquirer: fields[32]!,
    forwarder: fields[33] ?? '',
    rrn: fields[37]!,
    processing: fields[3]!,
    amountSen: amountSen.toString(),
    account: accountOf(flow, fields),
    ...(flow.startsWith('qris') && { request: fields }),
    terminal: fields[41]!,
    businessDate: context.book.date(),
    atMs,
  });
  const isRefused =
    context.book.reversalOf(id, atMs) !== undefined || (plan.rc !== undefined && !plan.isBooked);
  const decided = isRefused
    ? no(plan.rc ?? '12')
    : peer
      ? flow === 'qris_refund'
        ? answerRefund(context, fields)
        : flow === 'qris_presented'
          ? answerShown(context, fields, peer)
          : askPeer(context, request, peer)
      : no('92');
  if (decided.rc !== '00') {
    context.record({ kind: 'declined', id, rc: decided.rc, answer: decided.fields, atMs });
    return decided;
  }
  const approvalCode = String(context.random.below(1_000_000)).padStart(6, '0');
  const answer = { ...decided.fields, 38: approvalCode };
  context.record({ kind: 'approved', id, approvalCode, answer, atMs });
  return { rc: '00', fields: answer };
}

/** A shop of the bank scanned the code of a peer's customer: once paid it pays no more. */
function answerShown(context: SwitchContext, fields: Fields, peer: Peer): PeerAnswer {
  const code = context.shown.get(shownDataOf(fields));
  const rc = decideQrisShown(fields, {
    code,
    bankNns: context.bank.nns,
    balanceSen: PEER_BALANCE_SEN + context.book.moved(peer.code, fields[2]!),
    nowMs: context.time.now(),
  });
  if (rc !== '00') return no(rc);
  code!.isUsed = true; // 00: it is there
  return { rc, fields: {} };
}

/** A shop of the bank gives a customer of a peer's money back. */
function answerRefund(context: SwitchContext, fields: Fields): PeerAnswer {
  const { original } = refundTags(fields);
  const entries = [...context.book.entries()];
  const paid = entries.find(
    (entry) =>
      (entry.direction === 'to_bank' ? entry.flow === 'qris' : entry.flow === 'qris_presented') &&
      entry.rrn === original &&
      entry.state === 'approved',
  );
  const given = entries.flatMap((entry) => {
    const isRefund = entry.direction === 'from_bank' && entry.flow === 'qris_refund';
    const tags = isRefund && entry.state === 'approved' ? refundTags(entry.request!) : undefined;
    return tags?.original === original && tags
      ? [{ number: tags.number, amountSen: entry.amountSen }]
      : [];
  });
  const rc = decideQrisRefund(fields, { paid: paid?.request, given });
  return rc === '00' ? { rc, fields: {} } : no(rc);
}

/** A request that came before: the first answer, or 94 as the script says. The same number with other money is always 94. */
function answerAgain(context: SwitchContext, message: Message, known: Entry): PeerAnswer {
  const { fields } = message;
  const isSame =
    BigInt(fields[4]!) === known.amountSen &&
    fields[3] === known.processing &&
    accountOf(known.flow, fields) === known.account;
  if (!isSame) {
    context.tally('other request under a used number');
    return no('94');
  }
  context.tally('duplicate request');
  const isRepeat = message.mti !== '0200';
  if (!isRepeat && context.settings.duplicates === 'code_94') return no('94');
  return { rc: known.keptSen === 0n ? '12' : known.rc!, fields: known.answer ?? {} };
}

function answerQuestion(
  context: SwitchContext,
  request: Request,
  flow: Exclude<Flow, MoneyFlow | 'reversal'>,
): PeerAnswer {
  const { fields } = request.message;
  if (flow === 'qris_check')
    return checkedOriginal(fields)
      ? answerQrisCheck(context, fields)
      : answerCheck(context, fields);
  const peer = findPeer(context.peers, fields);
  return peer ? askPeer(context, request, peer) : no('92');
}

/** Where a QRIS payment of the bank stands, by its own ids. One that is not known is refused from now on (docs/rail/qris.md). */
function answerQrisCheck(context: SwitchContext, fields: Fields): PeerAnswer {
  const id = entryId('from_bank', checkedOriginal(fields)!); // the caller saw that it is there
  const entry = context.book.find(id);
  const isOfIt = entry?.rrn === fields[37] && amountText(entry?.amountSen ?? 0n) === fields[4];
  if (!entry) {
    context.record({ kind: 'reversal_remembered', id, rc: '12', atMs: context.time.now() });
    return no('25');
  }
  if (!isOfIt) return no('12');
  if (entry.state === 'declined') return no('25');
  if (entry.state !== 'approved') return no('09');
  return { rc: '00', fields: { 38: entry.approvalCode! } };
}

/** Where a transfer with the same RRN stands. */
function answerCheck(context: SwitchContext, fields: Fields): PeerAnswer {
  const entry = context.book.findByReference(fields[37]!);
  if (!entry) return no('25');
  if (entry.state !== 'approved') return no(entry.rc ?? '68');
  if (entry.keptSen !== undefined) return no('12');
  return { rc: '00', fields: { 38: entry.approvalCode!, 4: amountText(entry.amountSen) } };
}

function askPeer(context: SwitchContext, request: Request, peer: Peer): PeerAnswer {
  const { message, link } = request;
  const { fields } = message;
  const flow = request.flow as PeerFacts['flow'];
  const pan = fields[2] ?? '';
  const tries = context.pinTries.get(pan) ?? 0;
  const pin = fields[52] === undefined ? undefined : link.openPin({ block: fields[52], pan });
  const isPinRight = pin === undefined ? undefined : pin === pinOf(context.seed, pan);
  const decided = decidePeerAnswer({
    peer,
    flow,
    fields,
    amountSen: BigInt(fields[4] ?? '0'),
    balanceSen: PEER_BALANCE_SEN + context.book.moved(peer.code, pan),
    isPinRight,
    pinTries: tries,
    month: wibDate(context.time.now()).replaceAll('-', '').slice(2, 6),
  });
  if (isPinRight === false && tries < 3) context.pinTries.set(pan, tries + 1);
  if (isPinRight === true && tries < 3) context.pinTries.delete(pan);
  return decided;
}

function answerReversal(context: SwitchContext, message: Message): PeerAnswer {
  const { fields } = message;
  const original = readOriginal(fields[90]!);
  const actualSen = fields[95] === undefined ? undefined : readReplacement(fields[95]);
  if (!original || (fields[95] !== undefined && actualSen === undefined)) return no('30');
  const id = entryId('from_bank', original);
  const atMs = context.time.now();
  const decided = decideReversal({
    original: context.book.find(id),
    seenRc: context.book.reversalOf(id, atMs),
    amountSen: BigInt(fields[4]!),
    actualSen,
    policy: context.settings,
  });
  if (decided.effect === 'reverse')
    context.record({ kind: 'reversed', id, keptSen: decided.keptSen.toString(), atMs });
  if (decided.effect !== 'none')
    context.record({ kind: 'reversal_remembered', id, rc: decided.rc, atMs });
  else context.tally('reversal without effect');
  return { rc: decided.rc, fields: {} };
}

function idOf({ fields }: Message): string {
  return entryId('from_bank', {
    stan: fields[11]!,
    transmittedAt: fields[7]!,
    acquirer: fields[32]!,
  });
}

/** The account of the other bank that moves: the beneficiary's of a transfer, the merchant's by QRIS, else what DE2 stands for. */
function accountOf(flow: MoneyFlow, fields: Fields): string {
  return (flow === 'transfer' ? fields[103] : (qrisMerchantOf(fields) ?? fields[2]))!;
}

function answerOf(context: SwitchContext, message: Message, decided: PeerAnswer): Message {
  const fields: Record<number, string> = {};
  for (const field of ECHOED)
    if (message.fields[field] !== undefined) fields[field] = message.fields[field];
  return {
    mti: answerType(message.mti),
    fields: {
      ...fields,
      ...decided.fields,
      15: context.book.date().replaceAll('-', '').slice(4),
      39: decided.rc,
    },
  };
}

function no(rc: string): PeerAnswer {
  return { rc, fields: {} };
}
