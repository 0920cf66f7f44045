/** The connection to the switch that its rails share: one network, one set of keys and ids of questions. Transfers (`host.ts`) and QRIS
 * (`qris.ts`) are rails of their own over it. Nothing here repeats a request. */
import type { RailName } from '../../authorisation/instruction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { StreamNet } from '../../kernel/stream.ts';
import type { RailAnswer } from '../../rail/contract.ts';
import type { Hsm } from '../../rail/hsm/port.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import type { RailNotice } from '../../rail/notice.ts';
import { switchIdOfRrn } from '../../rail/switch/id.ts';
import { openNetwork, type SwitchNetwork } from '../../rail/switch/network.ts';
import { hsmMac } from '../../rail/switch/hsm-keys.ts';
import type { LinkAlarm, LinkAnswer, MacPort } from '../../rail/switch/port.ts';
import { QRIS_PROCESSING } from '../../rail/switch/qris.ts';
import { answerOfQris } from '../../rail/switch/qris-answer.ts';
import type { NetworkSetting } from '../../rail/switch/setting.ts';
import { answerOfTransfer, PROCESSING, type SwitchMember } from '../../rail/switch/transfer.ts';
import type { GatewayContext } from '../context.ts';
import type { Forwarder } from '../forward.ts';
import type { Closing, RailGround, RailLoop } from '../host.ts';
import { inboundKey } from '../journal-index.ts';
import { linkKeys, type KeyWindow, type LinkKeys } from './key.ts';
import { makeQuestionIds, type QuestionIds } from './question.ts';
import { makeServe, mayBeTaken } from './serve.ts';
import { makeTakeBacks, type TakeBacks } from './take-back.ts';
import { openTerminals } from './terminal.ts';
import type { TerminalConfig } from './terminal-config.ts';

/** What a gateway needs to carry the switch. */
export interface SwitchConfig {
  readonly bank: BankProfile;
  readonly setting: NetworkSetting;
  readonly member: SwitchMember;
  readonly streams: StreamNet;
  readonly hsm: Hsm;
  readonly keyWindow: KeyWindow;
  /** Machines of ours; absent where a bank has none. */
  readonly terminals?: TerminalConfig;
  /** The network's settlement file of a business date, as it lies where the network puts it; undefined = there is none yet. */
  readonly settlementFile: (businessDate: string) => Promise<string | undefined>;
}

/** What the parts of the switch share. */
export interface SwitchContext extends GatewayContext, SwitchConfig {
  readonly forwarder: Forwarder;
  readonly keys: LinkKeys;
  readonly questions: QuestionIds;
  /** Requests of cards that core is being asked about; no more than the links serve at once. */
  readonly cardsAtWork: Set<string>;
  /** MACs of the link of our machines. */
  readonly terminalMac: MacPort;
}

/** Hands a request to whichever link takes it; undefined is a message that the link cannot say. */
export type Ask = (
  kind: 'financial' | 'inquiry',
  message: IsoMessage | undefined,
) => Promise<LinkAnswer>;

/** The shared connection. */
export interface SwitchLine {
  readonly context: SwitchContext;
  readonly ask: Ask;
  /** Opens the links: once, by the rail that the network is named after. */
  listen(): Promise<readonly Closing[]>;
  readonly loops: readonly RailLoop[];
}

/** Makes it; nothing is connected yet. */
export function makeLine(
  config: SwitchConfig,
  { context: common, forwarder }: RailGround,
): SwitchLine {
  const { time, log } = common;
  const { hsm, keyWindow: window, setting } = config;
  const keys = linkKeys({ hsm, name: setting.name, window, time, log });
  const questions = makeQuestionIds(common);
  const context: SwitchContext = {
    ...common,
    ...config,
    forwarder,
    keys,
    questions,
    cardsAtWork: new Set(),
    terminalMac: hsmMac(hsm, `zak.${config.terminals?.setting.name ?? setting.name}`),
  };
  let network: SwitchNetwork | undefined;
  const ask: Ask = async (kind, message) => {
    if (!network) return { outcome: 'not_sent', reason: 'no_link_signed_on' };
    if (!message) return { outcome: 'not_sent', reason: 'refused_by_codec' };
    return network.request({ kind, message });
  };
  const takeBacks = makeTakeBacks(context, ask);
  return {
    context,
    ask,
    async listen() {
      await takeBacks.resume();
      network = await open(context);
      const own = await openOwn(context, { takeBacks, ask });
      return [...own, network].map(({ stop, abandon }) => ({ close: stop, abandon }));
    },
    loops: [
      keys.loop(async () => (await network?.requestKey()) ?? 'no_link_signed_on'),
      takeBacks.loop,
    ],
  };
}

/** The link of our own machines, where there are any. */
async function openOwn(
  context: SwitchContext,
  { takeBacks, ask }: { readonly takeBacks: TakeBacks; readonly ask: Ask },
): Promise<readonly SwitchNetwork[]> {
  const { terminals: config } = context;
  if (!config) return [];
  const alarm = (told: LinkAlarm): void => void raise(context, told).catch(failed(context));
  return [await openTerminals(context, { acquiring: { config, takeBacks, ask }, alarm })];
}

function open(context: SwitchContext): Promise<SwitchNetwork> {
  const { time, random, log, streams, keys, setting } = context;
  return openNetwork(setting, {
    time,
    random,
    log,
    streams,
    mac: keys.mac,
    keys: keys.keys,
    stan: context.questions.stan,
    serve: makeServe(context),
    mayBeTaken: (request) => mayBeTaken(context, request),
    late: (answer) => void tellOutcome(context, answer).catch(failed(context)),
    // The date of a payment is of the moment at which it left; the network's own date stands in its file.
    cutOver: async ({ settlementDate }) => log.info({ settlementDate }, 'switch.cut_over'),
    alarm: (alarm) => void raise(context, alarm).catch(failed(context)),
  });
}

interface Sent {
  readonly rail: RailName;
  readonly wordOf: (member: SwitchMember, answer: IsoMessage) => RailAnswer;
}

/** What leaves over the links, by DE3: whose it is, and what an answer to it means. */
const SENT: Readonly<Record<string, Sent>> = {
  [PROCESSING.transfer]: { rail: 'switch', wordOf: answerOfTransfer },
  [QRIS_PROCESSING.payment]: { rail: 'qris', wordOf: answerOfQris },
  [QRIS_PROCESSING.refund]: { rail: 'qris', wordOf: answerOfQris },
  [QRIS_PROCESSING.transfer]: { rail: 'qris', wordOf: answerOfQris },
  [QRIS_PROCESSING.presented]: { rail: 'qris', wordOf: answerOfQris },
};

/** An answer that came after we had stopped waiting. What we send is never reversed, so it is the network's word on it. */
export async function tellOutcome(context: SwitchContext, answer: IsoMessage): Promise<void> {
  const { member, bank, time, journal, log } = context;
  // For a machine of ours: it has given out nothing, and the reversal covers what the answer says.
  if (answer.mti === '0210' && answer.fields[3]?.startsWith('01'))
    return log.warn({ rrn: answer.fields[37], code: answer.fields[39] }, 'switch.late_cash_answer');
  const sent = answer.mti === '0210' ? SENT[answer.fields[3] ?? ''] : undefined;
  if (!sent) return;
  const bizMsgIdr = switchIdOfRrn(answer.fields[37] ?? '', {
    institution: bank.bankCode,
    nearMs: time.now(),
  });
  const burn = bizMsgIdr === undefined ? undefined : journal.index.burnOfId(bizMsgIdr);
  const amount = readAmount(member.dialect, answer.fields[4]);
  const isOfIt = burn?.sent?.rail === sent.rail && burn.sent.amountSen === String(amount);
  if (bizMsgIdr === undefined || !isOfIt)
    return log.warn({ bizMsgIdr }, 'switch.late_answer_of_nothing');
  const word = sent.wordOf(member, answer);
  if (word.outcome !== 'accepted' && word.outcome !== 'rejected') return;
  const { rail } = sent;
  await tell(context, { kind: 'outcome', rail, bizMsgIdr, answer: word, source: 'rail_notice' });
}

/** Journals once what the network said, and passes it on until core has it. */
export async function tell(
  { journal, forwarder }: SwitchContext,
  notice: Extract<RailNotice, { kind: 'outcome' | 'credit_settled' }>,
): Promise<void> {
  if (journal.index.hasInbound(inboundKey(notice))) return;
  const { bizMsgIdr, kind } = notice;
  const [entry] = await journal.append({ kind: 'inbound', bizMsgIdr, what: kind, notice });
  void forwarder.offer(entry!.position, notice); // one body in, one entry out
}

async function raise({ knocks, log }: SwitchContext, alarm: LinkAlarm): Promise<void> {
  log.error({ ...alarm }, 'switch.alarm');
  await knocks.record({
    kind: 'forged',
    reason: 'bad_signature',
    // Its sender is a link of ours to the network: to close it would be the attacker's aim.
    weight: 'none',
    what: alarm.kind,
    peer: alarm.link,
    fingerprint: '',
  });
}

/** Logs a fault of work that nobody waits for. */
export function failed({ log }: SwitchContext): (error: unknown) => void {
  return (error) => log.error({ cause: String(error) }, 'switch.work_failed');
}

/** Sends a burned instruction and waits for `ms`. What comes later, while the link still waits, is told to core as a notice. */
export async function sendOnce(
  line: SwitchLine,
  input: { readonly message: IsoMessage | undefined; readonly ms: number },
): Promise<LinkAnswer | undefined> {
  const { context } = line;
  const asked = line.ask('financial', input.message);
  const answer = await within(context, asked, input.ms);
  if (answer) return answer;
  void asked
    .then((late) => (late.outcome === 'answered' ? tellOutcome(context, late.message) : undefined))
    .catch(failed(context));
  return undefined;
}

/** The answer, or undefined after `ms`. */
export async function within<T>(
  { time }: Pick<SwitchContext, 'time'>,
  answer: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  const given = new AbortController();
  const timeout = time.sleep(ms, given.signal).then(() => undefined);
  return Promise.race([answer, timeout]).finally(() => given.abort());
}
