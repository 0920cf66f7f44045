/** The link of our own machines: a server that they sign on to. Each has a PIN key of its own in the HSM. What they ask with our cards goes
 * to core, with other banks' cards over the switch; what did not come out of them goes back the same way. */
import type { MachineReport, SwitchReversalNotice } from '../../rail/notice-switch.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import { readComposite } from '../../rail/iso8583/composite.ts';
import type { Dialect, IsoMessage } from '../../rail/iso8583/spec.ts';
import { answerMti } from '../../rail/switch/correlate.ts';
import { requestIdOf, switchRequestId } from '../../rail/switch/id.ts';
import { refusal } from '../../rail/switch/manage.ts';
import { openNetwork, type SwitchNetwork } from '../../rail/switch/network.ts';
import type { LinkAlarm } from '../../rail/switch/port.ts';
import { acquire, acquireBalance, HOLD_MS, type Acquiring } from './acquire.ts';
import { approval, askCore, SAID, type Served } from './ask.ts';
import { answerCard, cardNotice, pinChangeNotice } from './card.ts';
import type { SwitchContext } from './line.ts';
import { mayBeTaken } from './serve.ts';
import { answerState } from './service-state.ts';
import { pinKeyOf, terminalProblems } from './terminal-config.ts';

/** By the first two digits of DE3. */
const WITHDRAWAL = '01';
const DEPOSIT = '21';
const PIN_CHANGE = '94';
const BALANCES: ReadonlySet<string> = new Set(['30', '31']);
const NOT_AT_THIS_MACHINE = '58';
const OTHER_AMOUNT = '13';
const DUPLICATE = '94';

/** A machine that asks again so soon gets the same key: its answer was lost, or its line flaps. */
const NEW_KEY_MS = 60_000;

/** Opens the link. Throws Error with everything that is wrong with the configuration. */
export async function openTerminals(
  context: SwitchContext,
  input: { readonly acquiring: Acquiring; readonly alarm: (alarm: LinkAlarm) => void },
): Promise<SwitchNetwork> {
  const { acquiring } = input;
  const { config } = acquiring;
  const { time, random, log, streams, hsm } = context;
  const problems = terminalProblems({
    terminals: config,
    network: context.setting,
    holdMs: HOLD_MS,
  });
  if (problems.length > 0) throw new Error(`Cannot serve machines: ${problems.join('; ')}`);
  const { name } = config.setting;
  const givenAtMs = new Map<string, number>();
  return openNetwork(config.setting, {
    time,
    random,
    log,
    streams,
    mac: context.terminalMac,
    keys: { accept: async () => 'unplanned' },
    giveKey: async (terminal) => {
      if (!config.machines.includes(terminal)) return undefined;
      const key = pinKeyOf(terminal);
      const nowMs = time.now();
      const isSoon = nowMs - (givenAtMs.get(terminal) ?? Number.NEGATIVE_INFINITY) < NEW_KEY_MS;
      const made = isSoon
        ? await hsm.exportZoneKey({ name: key })
        : await hsm.makeZoneKey({ name: key, algorithm: 'T' });
      if (made.ok && !isSoon) givenAtMs.set(terminal, nowMs);
      if (made.ok) log.info({ terminal, version: made.version }, 'terminal.key_given');
      else log.error({ terminal, reason: made.reason }, 'terminal.key_not_given');
      return made.ok ? `${made.cryptogram}${made.checkValue}` : undefined;
    },
    stan: context.questions.stan,
    serve: (request, { deadlineMs }) => serve(context, acquiring, { request, deadlineMs }),
    mayBeTaken: (request) => mayBeTaken(context, request),
    late: () => log.warn({ network: name }, 'terminal.late_answer'),
    cutOver: async () => {},
    alarm: input.alarm,
  });
}

async function serve(
  context: SwitchContext,
  acquiring: Acquiring,
  { request, deadlineMs }: Pick<Served, 'request' | 'deadlineMs'>,
): Promise<IsoMessage | undefined> {
  const mti = answerMti(request.mti);
  if (mti === undefined) return undefined;
  const { 32: acquirer, 41: terminal } = request.fields;
  const requestId = requestIdOf(request.fields, context.time.now());
  if (requestId === undefined || acquirer !== context.bank.bankCode)
    return refusal(request, { mti, code: SAID.format });
  if (terminal === undefined || !acquiring.config.machines.includes(terminal))
    return refusal(request, { mti, code: NOT_AT_THIS_MACHINE });
  const served = { request, mti, requestId, fromBank: context.bank.bic, deadlineMs };
  switch (request.mti.charAt(1)) {
    case '4':
      return takeBack(context, acquiring, served);
    case '5':
      return takeReport(context, served);
    case '6':
      return answerState(context, acquiring.config, served);
    default:
      return takeRequest(context, acquiring, served);
  }
}

async function takeRequest(
  context: SwitchContext,
  acquiring: Acquiring,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const no = (code: string): IsoMessage => refusal(request, { mti, code });
  const flow = request.fields[3]?.slice(0, 2) ?? '';
  const isOurs = acquiring.config.ownBins.includes(request.fields[2]?.slice(0, 6) ?? '');
  if (!isOurs) {
    if (BALANCES.has(flow)) return acquireBalance(context, acquiring, served);
    return flow === WITHDRAWAL ? acquire(context, acquiring, served) : no(SAID.notSupported);
  }
  const isKnown = [WITHDRAWAL, DEPOSIT, PIN_CHANGE].includes(flow) || BALANCES.has(flow);
  if (!isKnown) return no(SAID.notSupported);
  const { timers } = acquiring.config.setting;
  const place = {
    pinKey: pinKeyOf(request.fields[41]!), // one of ours
    coreDeadlineMs: served.deadlineMs - (timers.serveMs - timers.coreMs),
  };
  if (flow === DEPOSIT && !isCounted(context.member.dialect, request)) return no(OTHER_AMOUNT);
  const notice =
    flow === PIN_CHANGE
      ? pinChangeNotice(context, served, place)
      : cardNotice(context, served, { ...place, what: whatOf(flow) });
  return notice ? answerCard(context, served, notice) : no(SAID.format);
}

function whatOf(flow: string): 'withdrawal' | 'deposit' | 'balance' {
  if (flow === WITHDRAWAL) return 'withdrawal';
  return flow === DEPOSIT ? 'deposit' : 'balance';
}

/** Whether DE63 of a deposit counts what DE4 asks for: its notes, `50000x3,100000x2`. What the machine counted must be what it asks for. */
export function isCounted(dialect: Dialect, { fields }: IsoMessage): boolean {
  const notes = fields[63] ?? '';
  if (!/^[1-9]\d{2,5}x[1-9]\d{0,2}(,[1-9]\d{2,5}x[1-9]\d{0,2}){0,6}$/.test(notes)) return false;
  const countedSen = notes
    .split(',')
    .map((one) => one.split('x').map(BigInt) as [bigint, bigint])
    .reduce((sum, [worth, count]) => sum + worth * count * 100n, 0n);
  return readAmount(dialect, fields[4]) === countedSen;
}

/** What did not come out, or was not kept. Answered once it is on disk (another bank's card) or core has committed (ours). */
async function takeBack(
  context: SwitchContext,
  acquiring: Acquiring,
  served: Served,
): Promise<IsoMessage | undefined> {
  const { request, mti } = served;
  const no = (code: string): IsoMessage => refusal(request, { mti, code });
  const read = readTakeBack(context, request);
  if (!read) return no(SAID.format);
  const { originalId, amountSen, keptSen } = read;
  const isOurs = acquiring.config.ownBins.includes(request.fields[2]?.slice(0, 6) ?? '');
  if (!isOurs) {
    const known = context.journal.index.acquired.ofRequest(originalId);
    if (!known) {
      await context.journal.append({ kind: 'acquired_never', requestId: originalId });
      return approval({ request, mti, change: {} });
    }
    if (BigInt(known.amountSen) !== amountSen) return no(OTHER_AMOUNT);
    const isTaken = await takeBackKnown(acquiring, { known, keptSen });
    return isTaken ? approval({ request, mti, change: {} }) : no(DUPLICATE);
  }
  const notice: SwitchReversalNotice = {
    kind: 'reversal',
    rail: 'switch',
    what: request.fields[3]?.startsWith(DEPOSIT) ? 'deposit' : 'withdrawal',
    bizMsgIdr: originalId,
    fromBank: context.bank.bic,
    amountSen: String(amountSen),
    keptSen: String(keptSen),
  };
  const answer = await askCore(context, notice, served.deadlineMs);
  if (!answer) return undefined;
  return answer.taken ? approval({ request, mti, change: {} }) : no(answer.code);
}

/** What the bank refused, or never heard of, was not given out: there is nothing to tell the network. */
async function takeBackKnown(
  { takeBacks }: Acquiring,
  {
    known,
    keptSen,
  }: { readonly known: Parameters<typeof takeBacks.add>[0]; readonly keptSen: bigint },
): Promise<boolean> {
  if (known.word === 'declined' || known.word === 'not_sent') return keptSen === 0n;
  return takeBacks.add(known, { keptSen, why: 'machine' });
}

function readTakeBack(
  context: SwitchContext,
  { fields }: IsoMessage,
):
  | { readonly originalId: string; readonly amountSen: bigint; readonly keptSen: bigint }
  | undefined {
  const { dialect } = context.member;
  const original = readComposite(dialect, { field: 90, fields });
  const amountSen = readAmount(dialect, fields[4]);
  if (!original.ok || original.value.kind !== 'parts' || amountSen === undefined) return undefined;
  const { stan, transmittedAt, acquirer } = original.value.parts;
  const originalId = switchRequestId({ stan, transmittedAt, acquirer }, context.time.now());
  const partly =
    fields[95] === undefined ? undefined : readComposite(dialect, { field: 95, fields });
  if (partly && (!partly.ok || partly.value.kind !== 'parts')) return undefined;
  const keptSen =
    partly?.ok && partly.value.kind === 'parts'
      ? readAmount(dialect, partly.value.parts['amount'])
      : 0n;
  return originalId === undefined || keptSen === undefined || keptSen > amountSen
    ? undefined
    : { originalId, amountSen, keptSen };
}

/** 0520: DE3 90 the counters, 91 notes that people put in; DE63 `C<cash>,D<dispensed>,I<paid in>,O<owed>`, amounts in sen. */
const REPORT = /^C(0|[1-9]\d{0,14}),D(0|[1-9]\d{0,14}),I(0|[1-9]\d{0,14}),O(0|[1-9]\d{0,4})$/;

async function takeReport(context: SwitchContext, served: Served): Promise<IsoMessage | undefined> {
  const { request, mti, requestId } = served;
  const { 3: flow, 13: date, 41: terminal, 63: text } = request.fields;
  const counted = REPORT.exec(text ?? '');
  const what = flow?.startsWith('91') ? 'load' : flow?.startsWith('90') ? 'totals' : undefined;
  if (!counted || what === undefined || date === undefined || terminal === undefined)
    return refusal(request, { mti, code: SAID.format });
  const notice: MachineReport = {
    kind: 'machine',
    rail: 'switch',
    what,
    bizMsgIdr: requestId,
    terminal,
    businessDate: `${requestId.slice(0, 4)}-${date.slice(0, 2)}-${date.slice(2)}`,
    cashSen: counted[1]!,
    dispensedSen: counted[2]!,
    depositedSen: counted[3]!,
    owedCount: Number(counted[4]),
  };
  const answer = await askCore(context, notice, served.deadlineMs);
  if (!answer) return undefined;
  return answer.taken
    ? approval({ request, mti, change: {} })
    : refusal(request, { mti, code: answer.code });
}
