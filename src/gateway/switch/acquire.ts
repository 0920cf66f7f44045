/** Another bank's card at a machine of ours, for cash or for its balance: its PIN goes from the machine's key to the network's inside the HSM, the request goes over
 * the switch once, and cash may come out only after the bank's 00 and core's commit, both on disk here. Everything else gives out
 * nothing, and where nobody knows, the network is told so until it answers (`take-back.ts`). Card data passes through and is kept nowhere.
 * Source: domain.md 4.8; ADR 0024. */
import { isRefusedBy } from '../../gate/action.ts';
import type { FlowFacts } from '../../gate/port.ts';
import { faultPoint } from '../../kernel/fault-point.ts';
import { WireFault } from '../../kernel/wire.ts';
import type { AcquiredRequest } from '../../rail/notice-switch.ts';
import type { HsmRefusal } from '../../rail/hsm/port.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import type { IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import { localMoment, switchRequestId } from '../../rail/switch/id.ts';
import { bankOfCode } from '../../rail/switch/institution.ts';
import { refusal, transmittedAt } from '../../rail/switch/manage.ts';
import type { LinkAnswer } from '../../rail/switch/port.ts';
import { responseMeaning } from '../../rail/switch/response-code.ts';
import { plain } from '../../rail/switch/transfer.ts';
import type { Acquired } from '../acquired-book.ts';
import { approval, askCore, isBehind, SAID, type Served } from './ask.ts';
import type { SwitchContext } from './line.ts';
import type { TakeBacks } from './take-back.ts';
import { pinKeyOf, type TerminalConfig } from './terminal-config.ts';

/** Core's commit, after the bank's 00. */
export const HOLD_MS = 5_000;
const APPROVED = '00';
/** No answer came in time: nothing is given out. */
const NO_ANSWER = '68';
const ABOVE_CAP = '61';
const NO_SUCH_ISSUER = '15';
const MALFUNCTION = '96';
const DUPLICATE = '94';

export interface Acquiring {
  readonly config: TerminalConfig;
  readonly takeBacks: TakeBacks;
  ask(kind: 'financial' | 'inquiry', message: IsoMessage): Promise<LinkAnswer>;
}

/** Whose card it is, and where. */
interface Presented {
  readonly pan: string;
  readonly pinBlock: string;
  readonly terminal: string;
  readonly institution: string;
  readonly bank: string;
}

interface Asked extends Presented {
  readonly amountSen: bigint;
}

/** Answers a machine's request for cash with a card that is not ours. */
export async function acquire(
  context: SwitchContext,
  acquiring: Acquiring,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti, requestId } = served;
  const no = (code: string): IsoMessage => refusal(request, { mti, code });
  const book = context.journal.index.acquired;
  const known = book.ofRequest(requestId);
  if (known) return answerAgain(context, served, known);
  if (book.isNever(requestId)) return no(SAID.notSupported);
  const asked = readAsked(context, acquiring.config, served);
  if (typeof asked === 'string') return no(asked);
  if (asked.amountSen > acquiring.config.acquiredSenMax) return no(ABOVE_CAP);
  if (isHeldBack(context, asked)) return no(SAID.notPermitted);
  // A journal that the guard does not know yet, or knows better, sends nothing.
  if (context.door.closedReason() !== undefined || isBehind(context)) return no(SAID.notNow);
  const pin = await translated(context, asked);
  if (typeof pin === 'string') return no(pin);
  // Meanwhile the machine may have asked again, or taken it back. A no to a copy would be a no to cash that is on its way.
  const copy = book.ofRequest(requestId);
  if (copy) return answerAgain(context, served, copy);
  if (book.isNever(requestId)) return no(SAID.notSupported);
  const { intent, message } = render(context, { served, asked, block: pin.block });
  await context.journal.append({ kind: 'acquired', ...intent });
  faultPoint('gateway.afterAcquired');
  const answer = await acquiring.ask('financial', message);
  faultPoint('gateway.afterAcquiredAnswer');
  return conclude(context, acquiring, { served, intent, answer });
}

/** Answers a machine's question about the balance of a card that is not ours: what its bank says, and nothing where nobody says it. No
 * money moves, so nothing is written down and nothing is taken back; asked again it is asked again. */
export async function acquireBalance(
  context: SwitchContext,
  acquiring: Acquiring,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { cardsAtWork } = context;
  const key = `question:${served.requestId}`;
  // A copy would cost the customer another try at a wrong PIN; the first's answer is the answer to both.
  if (cardsAtWork.has(key)) return undefined;
  cardsAtWork.add(key);
  try {
    return await askBalance(context, acquiring, served);
  } finally {
    cardsAtWork.delete(key);
  }
}

async function askBalance(
  context: SwitchContext,
  acquiring: Acquiring,
  served: Served,
): Promise<IsoMessage> {
  const { request, mti } = served;
  const no = (code: string): IsoMessage => refusal(request, { mti, code });
  const presented = readPresented(acquiring.config, request.fields);
  if (typeof presented === 'string') return no(presented);
  if (isHeldBack(context, { ...presented, amountSen: 0n })) return no(SAID.notPermitted);
  if (context.door.closedReason() !== undefined) return no(SAID.notNow);
  const pin = await translated(context, presented);
  if (typeof pin === 'string') return no(pin);
  const ids = context.questions.next();
  const message = renderRequest(context, { served, presented, ids, block: pin.block });
  const answer = await acquiring.ask('inquiry', message);
  if (answer.outcome === 'not_sent') return no(SAID.notNow);
  if (answer.outcome !== 'answered') return no(NO_ANSWER);
  const { 39: code = NO_ANSWER, 54: balances } = answer.message.fields;
  if (code !== APPROVED)
    return no(isFinalNo(context, { processing: request.fields[3]!, code }) ? code : NO_ANSWER);
  return balances === undefined ? no(MALFUNCTION) : yes(served, '', balances);
}

/** True for a no that the network's table knows. */
function isFinalNo(
  { setting }: SwitchContext,
  said: { readonly processing: string; readonly code: string },
): boolean {
  const meant = responseMeaning({ network: setting.name, mti: '0210', ...said });
  return meant.class === 'fail' || meant.class === 'system';
}

/** What the network said, and what of it the machine hears. */
async function conclude(
  context: SwitchContext,
  { takeBacks }: Acquiring,
  input: {
    readonly served: Served;
    readonly intent: Omit<Acquired, 'atMs'>;
    readonly answer: LinkAnswer;
  },
): Promise<IsoMessage | undefined> {
  const { served, intent, answer } = input;
  const { request, mti } = served;
  const no = (code: string): IsoMessage => refusal(request, { mti, code });
  const { bizMsgIdr } = intent;
  const acquired = context.journal.index.acquired.find(bizMsgIdr)!; // written before it was asked
  const say = (word: 'approved' | 'declined' | 'not_sent', code: string) =>
    context.journal.append({ kind: 'acquired_word', bizMsgIdr, word, code });
  // The machine did not wait: whatever the network says is taken back already.
  if (acquired.takeBack) return no(NO_ANSWER);
  if (answer.outcome === 'not_sent') {
    await say('not_sent', SAID.notNow);
    return no(SAID.notNow);
  }
  const code = answer.outcome === 'answered' ? answer.message.fields[39] : undefined;
  if (code === undefined || answer.outcome !== 'answered') {
    await takeBacks.add(acquired, { keptSen: 0n, why: 'no_answer' });
    return no(NO_ANSWER);
  }
  if (code !== APPROVED) {
    const isFinal = isFinalNo(context, { processing: intent.processing, code });
    if (isFinal) await say('declined', code);
    else await takeBacks.add(acquired, { keptSen: 0n, why: 'odd_answer' });
    return no(isFinal ? code : NO_ANSWER);
  }
  const held = await holdAtCore(context, served, intent);
  const isTakenBack = context.journal.index.acquired.find(bizMsgIdr)?.takeBack !== undefined;
  if (held !== APPROVED || isTakenBack || context.time.now() >= served.deadlineMs) {
    await takeBacks.add(acquired, { keptSen: 0n, why: 'core_refused' });
    return no(held === APPROVED ? NO_ANSWER : held);
  }
  const approvalCode = answer.message.fields[38] ?? '';
  await say('approved', approvalCode);
  faultPoint('gateway.afterAcquiredWord');
  return yes(served, approvalCode, answer.message.fields[54]);
}

/** 00 once core has committed what the network owes us and what leaves the machine. */
async function holdAtCore(
  context: SwitchContext,
  served: Served,
  intent: Omit<Acquired, 'atMs'>,
): Promise<string> {
  const deadlineMs = Math.min(context.time.now() + HOLD_MS, served.deadlineMs);
  const notice: AcquiredRequest = {
    kind: 'request',
    rail: 'switch',
    what: 'acquired',
    bizMsgIdr: intent.bizMsgIdr,
    rrn: intent.rrn,
    fromBank: intent.bank,
    amountSen: intent.amountSen,
    deadlineMs,
    terminal: intent.terminal,
    place: plain(served.request.fields[43] ?? '', 40),
  };
  const answer = await askCore(context, notice);
  if (!answer) return SAID.notNow;
  if (!answer.taken) return answer.code;
  if (answer.approved === true) return APPROVED;
  return answer.approved === false ? answer.code : MALFUNCTION;
}

/** The machine's repeat: the same answer as far as it still holds. While the first is under way nothing is said. */
async function answerAgain(
  { time, journal, member }: SwitchContext,
  served: Served,
  known: Acquired,
): Promise<IsoMessage | undefined> {
  const isSame = readAmount(member.dialect, served.request.fields[4]) === BigInt(known.amountSen);
  // What is about to be said again is on disk.
  await journal.untilDurable();
  const no = (code: string): IsoMessage => refusal(served.request, { mti: served.mti, code });
  if (!isSame) return no(DUPLICATE);
  if (known.takeBack) return no(SAID.notSupported);
  switch (known.word) {
    case undefined:
      return undefined;
    case 'approved':
      return time.now() < served.deadlineMs ? yes(served, known.code ?? '') : undefined;
    case 'declined':
    case 'not_sent':
      return no(known.code ?? SAID.notNow);
  }
}

function yes({ request, mti }: Served, approvalCode: string, balances?: string): IsoMessage {
  return approval({
    request,
    mti,
    change: {
      ...(approvalCode !== '' && { 38: approvalCode }),
      ...(balances !== undefined && { 54: balances }),
    },
  });
}

/** What the request says; a code where it cannot be asked. */
function readAsked(
  { member }: SwitchContext,
  config: TerminalConfig,
  { request: { fields } }: Served,
): Asked | string {
  const amountSen = readAmount(member.dialect, fields[4]);
  if (fields[49] !== '360' || amountSen === undefined || amountSen === 0n) return SAID.format;
  const presented = readPresented(config, fields);
  return typeof presented === 'string' ? presented : { ...presented, amountSen };
}

function readPresented(config: TerminalConfig, fields: IsoFields): Presented | string {
  const { 2: pan, 41: terminal, 52: pinBlock } = fields;
  const isWhole = pan !== undefined && terminal !== undefined && pinBlock !== undefined;
  if (!isWhole || !/^\d{13,19}$/.test(pan)) return SAID.format;
  const institution = config.issuers[pan.slice(0, 6)];
  const bank = institution === undefined ? undefined : bankOfCode(institution);
  if (institution === undefined || bank === undefined) return NO_SUCH_ISSUER;
  return { pan, pinBlock, terminal, institution, bank };
}

function isHeldBack(
  context: SwitchContext,
  asked: { readonly bank: string; readonly amountSen: bigint },
): boolean {
  const flow: FlowFacts = {
    rail: 'switch',
    direction: 'out',
    channel: 'atm',
    product: 'cash',
    bank: asked.bank,
    account: '',
    amountSen: asked.amountSen,
    cohortBucket: 9_999,
    isStaff: false,
  };
  const word = context.holder.decide(flow);
  return context.latches.isLatched(flow) || isRefusedBy(word, asked.amountSen);
}

async function translated(
  { hsm, setting, log }: SwitchContext,
  { pan, pinBlock, terminal }: Presented,
): Promise<{ readonly block: string } | string> {
  const said = (reason: HsmRefusal | 'no_answer'): string => {
    log.warn({ terminal, reason }, 'switch.pin_not_translated');
    if (reason === 'bad_pin_block') return '55';
    return reason === 'rate_limited' ? '75' : MALFUNCTION;
  };
  try {
    const answer = await hsm.translatePin({
      key: pinKeyOf(terminal),
      to: `zpk.${setting.name}`,
      pan,
      block: pinBlock,
    });
    return answer.ok ? { block: answer.block } : said(answer.reason);
  } catch (error) {
    if (error instanceof WireFault) return said('no_answer');
    throw error;
  }
}

/** The 0200 over the switch under ids of the gateway's own, which the journal has not seen. */
function render(
  context: SwitchContext,
  input: { readonly served: Served; readonly asked: Asked; readonly block: string },
): { readonly intent: Omit<Acquired, 'atMs'>; readonly message: IsoMessage } {
  const { member, questions, journal } = context;
  const { served, asked } = input;
  const { fields } = served.request;
  const named = () => {
    const { stan, rrn, atMs } = questions.next();
    const at = transmittedAt(atMs);
    const id = switchRequestId({ stan, transmittedAt: at, acquirer: member.institution }, atMs);
    return { stan, rrn, atMs, transmittedAt: at, bizMsgIdr: id! }; // of our own making
  };
  let ids = named();
  while (journal.index.acquired.find(ids.bizMsgIdr)) ids = named();
  const { stan, rrn, bizMsgIdr } = ids;
  const processing = fields[3]!; // its flow was chosen by it
  const request = renderRequest(context, { served, presented: asked, ids, block: input.block });
  const message: IsoMessage = {
    mti: request.mti,
    // Read as an amount of rupiah.
    fields: { ...request.fields, 4: fields[4]!, 49: '360' },
  };
  const intent = {
    requestId: served.requestId,
    bizMsgIdr,
    stan,
    transmittedAt: ids.transmittedAt,
    rrn,
    processing,
    amountSen: String(asked.amountSen),
    terminal: asked.terminal,
    bank: asked.bank,
    institution: asked.institution,
  };
  return { intent, message };
}

/** What any request of a card says over the switch. */
function renderRequest(
  { member }: SwitchContext,
  input: {
    readonly served: Served;
    readonly presented: Presented;
    readonly ids: { readonly stan: string; readonly rrn: string; readonly atMs: number };
    readonly block: string;
  },
): IsoMessage {
  const { presented, ids } = input;
  const { fields } = input.served.request;
  const local = localMoment(ids.atMs);
  return {
    mti: '0200',
    fields: {
      ...passedOn(fields),
      2: presented.pan,
      3: fields[3]!, // its flow was chosen by it
      7: transmittedAt(ids.atMs),
      11: ids.stan,
      12: local.time,
      13: local.date,
      18: '6011',
      32: member.institution,
      33: member.institution,
      37: ids.rrn,
      41: presented.terminal,
      52: input.block,
      100: presented.institution,
    },
  };
}

/** What the card and the machine say to the card's own bank. */
function passedOn(fields: IsoFields): IsoFields {
  const passed: { -readonly [N in keyof IsoFields]: IsoFields[N] } = {};
  for (const number of [14, 22, 25, 35, 42, 43, 55] as const)
    if (fields[number] !== undefined) passed[number] = fields[number];
  return passed;
}
