/** What the banks behind the switch ask of the bank: our cards at their ATMs, their customers' transfers and QRIS payments. What
 * stays without an answer is brought to an end: by a reversal, for transfers by "take it, it is done", for QRIS by asking. */
import { entryId, type Entry } from './book.ts';
import type { Fields, Message } from './codec.ts';
import type { SwitchContext } from './context.ts';
import { deliver } from './deliver.ts';
import { choosePlan, planOf, type Behaviour } from './faults.ts';
import { isMoney, PROCESSING, subjectOf, type Flow, type MoneyFlow } from './flow.ts';
import { forward, GIVEN_UP } from './forward.ts';
import type { Asked } from './link.ts';
import type { Peer } from './peers.ts';
import { checkFields } from './qris.ts';
import {
  amountText,
  localTime,
  transmissionTime,
  writeOriginal,
  writeReplacement,
} from './private-data.ts';

/** A question or a movement that a peer wants of the bank. */
export interface Outgoing {
  readonly flow: Exclude<Flow, 'reversal' | 'deposit'>;
  readonly peer: Peer;
  readonly amountSen?: bigint;
  readonly terminal: string;
  /** What the flow needs besides; without DE52. */
  readonly fields: Fields;
  readonly card?: { readonly pan: string; readonly pin: string };
  /** What goes wrong with just this one; the rules decide when absent. */
  readonly fault?: Behaviour;
}

export type OutgoingResult =
  | {
      readonly outcome: 'approved';
      readonly id: string;
      readonly rrn: string;
      readonly approvalCode: string;
      readonly fields: Fields;
    }
  | { readonly outcome: 'declined'; readonly rc: string; readonly fields: Fields }
  /** No answer in time: an advice is on its way. */
  | { readonly outcome: 'unknown'; readonly id: string; readonly rrn: string }
  | { readonly outcome: 'not_sent' };

/** Asks the bank. Resolves when the answer is here or the time is over; advices go on by themselves. */
export async function askBank(context: SwitchContext, input: Outgoing): Promise<OutgoingResult> {
  const link = context.openLink();
  if (!link) return { outcome: 'not_sent' };
  const message = requestOf(context, input);
  const { fields } = message;
  const sealed: Message = input.card
    ? { ...message, fields: { ...fields, 52: link.sealPin(input.card) } }
    : message;
  const id = idOf(message);
  const plan = input.fault
    ? planOf(input.fault)
    : choosePlan(context.chooser, {
        direction: 'to_bank',
        flow: input.flow,
        bank: input.peer.code,
        account: subjectOf(fields),
      });
  if (plan.rc !== undefined && !plan.isBooked)
    return { outcome: 'declined', rc: plan.rc, fields: {} };
  if (isMoney(input.flow)) recordTaken(context, { input, flow: input.flow, message, id });
  const asked = await deliver({
    ...context,
    answerMs: context.timers.answerMs,
    plan,
    message: sealed,
    link,
  });
  const result = readAnswer(context, { asked, message, id });
  if (!isMoney(input.flow)) return result;
  record(context, { id, result });
  const entry = context.book.find(id);
  if (result.outcome === 'unknown' && entry) context.spawn(() => finish(context, entry));
  // A shop may have handed over its goods: nothing of QRIS is taken back by a reversal.
  const isReversible = !input.flow.startsWith('qris');
  if (result.outcome === 'approved' && plan.rc !== undefined && entry && isReversible) {
    // The answer did not get back to the ATM: the cardholder is told something else.
    giveBack(context, entry, 0n);
    return { outcome: 'declined', rc: plan.rc, fields: {} };
  }
  return result;
}

function readAnswer(
  context: SwitchContext,
  { asked, message, id }: { readonly asked: Asked; readonly message: Message; readonly id: string },
): OutgoingResult {
  const rrn = message.fields[37]!;
  if (asked.kind === 'not_sent') return { outcome: 'not_sent' };
  if (asked.kind === 'no_answer') return { outcome: 'unknown', id, rrn };
  const { fields } = asked.message;
  const isAbout = [3, 4, 37].every((field) => fields[field] === message.fields[field]);
  const rc = fields[39];
  if (!isAbout || rc === undefined) {
    context.tally('answer of the bank about something else');
    return { outcome: 'unknown', id, rrn };
  }
  return rc === '00'
    ? { outcome: 'approved', id, rrn, approvalCode: fields[38] ?? '', fields }
    : { outcome: 'declined', rc, fields };
}

function record(
  context: SwitchContext,
  { id, result }: { readonly id: string; readonly result: OutgoingResult },
): void {
  const atMs = context.time.now();
  switch (result.outcome) {
    case 'approved':
      return context.record({
        kind: 'approved',
        id,
        approvalCode: result.approvalCode,
        answer: {},
        atMs,
      });
    case 'declined':
      return context.record({ kind: 'declined', id, rc: result.rc, answer: {}, atMs });
    case 'not_sent':
      return context.record({ kind: 'declined', id, rc: '91', answer: {}, atMs });
    case 'unknown':
      return context.record({ kind: 'unknown', id, atMs });
  }
}

/** Brings to its end what is open: transfers without an answer go forward, all else goes back. */
export async function finish(context: SwitchContext, entry: Entry): Promise<void> {
  if (entry.state === 'unknown' && entry.flow === 'transfer')
    await completeTransfer(context, entry);
  else if (entry.flow.startsWith('qris')) await askUntilKnown(context, entry);
  else await reverse(context, entry, entry.owedKeptSen ?? 0n);
}

/** Only `keptSen` of an approval reached the customer: written down first, then sent until the bank has it. Once per request. */
export function giveBack(context: SwitchContext, entry: Entry, keptSen: bigint): void {
  if (entry.state !== 'approved' || entry.owedKeptSen !== undefined) return;
  context.record({
    kind: 'owed_back',
    id: entry.id,
    keptSen: keptSen.toString(),
    atMs: context.time.now(),
  });
  context.spawn(() => reverse(context, entry, keptSen));
}

/** Tells the bank that all but `keptSen` did not happen: 0420, then 0421 until it answers. */
async function reverse(context: SwitchContext, entry: Entry, keptSen: bigint): Promise<void> {
  const answer = await forward(context, {
    mti: '0420',
    fields: {
      ...commonOf(context, entry),
      3: entry.processing,
      4: amountText(entry.amountSen),
      90: writeOriginal(entry),
      ...(keptSen > 0n && { 95: writeReplacement(keptSen) }),
    },
  });
  if (answer === undefined) return;
  const atMs = context.time.now();
  // 25: it never saw the original, and will refuse it when it comes.
  const isDone = answer === '00' || (answer === '25' && keptSen === 0n);
  if (isDone) context.record({ kind: 'reversed', id: entry.id, keptSen: keptSen.toString(), atMs });
  else context.record({ kind: 'disputed', id: entry.id, rc: answer, atMs });
}

/** The beneficiary was told the money comes: 0220 with the same data, then 0221 until the bank says what it did. */
async function completeTransfer(context: SwitchContext, entry: Entry): Promise<void> {
  const rc = await forward(context, { mti: '0220', fields: entry.request! });
  if (rc === undefined) return;
  const atMs = context.time.now();
  const { id } = entry;
  if (rc === '00') context.record({ kind: 'approved', id, approvalCode: '', answer: {}, atMs });
  else if (rc === GIVEN_UP) context.record({ kind: 'disputed', id, rc, atMs });
  else context.record({ kind: 'declined', id, rc, answer: {}, atMs });
}

/** A QRIS payment, with whosever code, or refund without an answer: asked about by checks, never sent again and never taken back. */
async function askUntilKnown(context: SwitchContext, entry: Entry): Promise<void> {
  const { time, timers, stopping } = context;
  const untilMs = time.now() + timers.giveUpMs;
  const { id } = entry;
  for (let waitMs = timers.repeatMs; time.now() < untilMs;) {
    await time.sleep(waitMs, stopping);
    if (stopping.aborted) return;
    waitMs = Math.min(waitMs * 2, timers.repeatMsMax);
    const asked = await context
      .openLink()
      ?.ask(checkOf(context, entry), { timeoutMs: timers.answerMs });
    const said = asked?.kind === 'answer' ? asked.message.fields : {};
    const isOfIt = said[37] === entry.rrn && said[4] === amountText(entry.amountSen);
    const rc = isOfIt ? said[39] : undefined;
    const atMs = time.now();
    if (rc === '00')
      return context.record({ kind: 'approved', id, approvalCode: '', answer: {}, atMs });
    if (rc === '25') return context.record({ kind: 'declined', id, rc, answer: {}, atMs });
  }
  context.record({ kind: 'disputed', id, rc: GIVEN_UP, atMs: time.now() });
}

function checkOf(context: SwitchContext, entry: Entry): Message {
  const atMs = context.clock();
  const local = localTime(atMs);
  return {
    mti: '0200',
    fields: {
      3: '361000',
      7: transmissionTime(atMs),
      11: context.nextStan(),
      12: local.time,
      13: local.date,
      32: entry.acquirer,
      ...checkFields(entry.request!), // kept when it was sent
    },
  };
}

/** The request without its PIN. */
function requestOf(context: SwitchContext, input: Outgoing): Message {
  const atMs = context.clock();
  const local = localTime(atMs);
  const stan = context.nextStan();
  const isQris = input.flow.startsWith('qris');
  return {
    mti: '0200',
    fields: {
      3: PROCESSING[input.flow],
      ...(input.amountSen !== undefined && { 4: amountText(input.amountSen), 49: '360' }),
      7: transmissionTime(atMs),
      11: stan,
      12: local.time,
      13: local.date,
      15: context.book.date().replaceAll('-', '').slice(4),
      32: isQris ? input.peer.nns : input.peer.code,
      33: context.switchId,
      37: `${String(atMs).slice(-6)}${stan}`,
      41: input.terminal,
      ...input.fields,
    },
  };
}

function recordTaken(
  context: SwitchContext,
  taken: {
    readonly input: Outgoing;
    readonly flow: MoneyFlow;
    readonly message: Message;
    readonly id: string;
  },
): void {
  const { input, flow, message, id } = taken;
  const { fields } = message;
  context.record({
    kind: 'taken',
    id,
    direction: 'to_bank',
    flow,
    bank: input.peer.code,
    mti: message.mti,
    stan: fields[11]!,
    transmittedAt: fields[7]!,
    acquirer: fields[32]!,
    forwarder: fields[33]!,
    rrn: fields[37]!,
    processing: fields[3]!,
    amountSen: BigInt(fields[4]!).toString(),
    account: fields[103] ?? fields[2]!,
    terminal: fields[41]!,
    businessDate: context.book.date(),
    ...((flow === 'transfer' || flow.startsWith('qris')) && { request: fields }),
    atMs: context.time.now(),
  });
}

function commonOf(context: SwitchContext, entry: Entry): Fields {
  const atMs = context.clock();
  const local = localTime(atMs);
  return {
    ...(entry.flow !== 'transfer' && { 2: entry.account }),
    7: transmissionTime(atMs),
    11: context.nextStan(),
    12: local.time,
    13: local.date,
    15: context.book.date().replaceAll('-', '').slice(4),
    32: entry.acquirer,
    33: entry.forwarder,
    37: entry.rrn,
    41: entry.terminal,
    49: '360',
  };
}

function idOf({ fields }: Message): string {
  return entryId('to_bank', {
    stan: fields[11]!,
    transmittedAt: fields[7]!,
    acquirer: fields[32]!,
  });
}
