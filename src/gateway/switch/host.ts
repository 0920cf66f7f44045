/** The ATM and interbank switch inside a gateway: links, transfers out, inquiries, settlement, and what the network asks of us
 * (`serve.ts`). Nothing here repeats a request: what got no answer is asked about, and the settlement has the last word. */
import { assert } from '../../kernel/assert.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { StreamNet } from '../../kernel/stream.ts';
import type { RailAnswer } from '../../rail/contract.ts';
import type { EnquiryAnswer } from '../../rail/gateway-wire.ts';
import type { Hsm } from '../../rail/hsm/port.ts';
import type { RailNotice } from '../../rail/notice.ts';
import { switchIdOfRrn } from '../../rail/switch/id.ts';
import { codeOfBank } from '../../rail/switch/institution.ts';
import { openNetwork, type SwitchNetwork } from '../../rail/switch/network.ts';
import { hsmMac } from '../../rail/switch/hsm-keys.ts';
import type { LinkAlarm, LinkAnswer, MacPort } from '../../rail/switch/port.ts';
import type { NetworkSetting } from '../../rail/switch/setting.ts';
import {
  answerOfCheck,
  answerOfInquiry,
  answerOfTransfer,
  PROCESSING,
  renderCheck,
  renderInquiry,
  renderTransfer,
  type SwitchMember,
} from '../../rail/switch/transfer.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import { readAmount } from '../../rail/iso8583/amount.ts';
import type { GatewayContext } from '../context.ts';
import type { Forwarder } from '../forward.ts';
import type { RailGround, RailHost, RailOpener } from '../host.ts';
import { inboundKey } from '../journal-index.ts';
import { makeQuestionIds, type QuestionIds } from './question.ts';
import { linkKeys, type KeyWindow, type LinkKeys } from './key.ts';
import { switchRules } from './rules.ts';
import { makeServe } from './serve.ts';
import { makeSettlementSource } from './settle.ts';
import { makeTakeBacks } from './take-back.ts';
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

/** What the parts of the host share. */
export interface SwitchContext extends GatewayContext, SwitchConfig {
  readonly forwarder: Forwarder;
  readonly keys: LinkKeys;
  readonly questions: QuestionIds;
  /** MACs of the link of our machines. */
  readonly terminalMac: MacPort;
}

/** Below core's patience (12 s for a payment, 7 s for a question): the link may wait longer, and tells what comes then. */
const ANSWER_MS = 9_000;
const QUESTION_MS = 5_500;

/** Makes the host of the switch. */
export function switchHost(config: SwitchConfig): RailOpener {
  return (ground) => {
    const context = makeContext(config, ground);
    let network: SwitchNetwork | undefined;
    const takeBacks = makeTakeBacks(context, (kind, message) => ask(kind, message));
    const ask = async (
      kind: 'financial' | 'inquiry',
      message: IsoMessage | undefined,
    ): Promise<LinkAnswer> => {
      if (!network) return { outcome: 'not_sent', reason: 'no_link_signed_on' };
      if (!message) return { outcome: 'not_sent', reason: 'refused_by_codec' };
      return network.request({ kind, message });
    };
    return {
      rail: 'switch',
      rules: switchRules(config.bank),
      ...makeQuestions(context, ask),
      settlement: makeSettlementSource(context, (line) =>
        tell(context, {
          kind: 'credit_settled',
          rail: 'switch',
          fromBank: line.counterpartyBank,
          bizMsgIdr: line.bizMsgIdr,
        }),
      ),
      async listen() {
        await takeBacks.resume();
        network = await open(context);
        const own = context.terminals && [
          await openTerminals(context, {
            acquiring: { config: context.terminals, takeBacks, ask },
            alarm: (alarm) => void raise(context, alarm).catch(failed(context)),
          }),
        ];
        return [...(own ?? []), network].map(({ stop, abandon }) => ({ close: stop, abandon }));
      },
      loops: [
        context.keys.loop(async () => (await network?.requestKey()) ?? 'no network'),
        takeBacks.loop,
      ],
    };
  };
}

function makeContext(config: SwitchConfig, { context, forwarder }: RailGround): SwitchContext {
  const { time, log } = context;
  const { hsm, keyWindow: window, setting } = config;
  const keys = linkKeys({ hsm, name: setting.name, window, time, log });
  const questions = makeQuestionIds(context);
  const terminalMac = hsmMac(hsm, `zak.${config.terminals?.setting.name ?? setting.name}`);
  return { ...context, ...config, forwarder, keys, questions, terminalMac };
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
    late: (answer) => {
      if (isCashAnswer(answer))
        log.warn({ rrn: answer.fields[37], code: answer.fields[39] }, 'switch.late_cash_answer');
      if (isTransferAnswer(answer)) void tellOutcome(context, answer).catch(failed(context));
    },
    // The date of a payment is of the moment at which it left; the network's own date stands in its file.
    cutOver: async ({ settlementDate }) => log.info({ settlementDate }, 'switch.cut_over'),
    alarm: (alarm) => void raise(context, alarm).catch(failed(context)),
  });
}

type Ask = (kind: 'financial' | 'inquiry', message: IsoMessage | undefined) => Promise<LinkAnswer>;

function makeQuestions(
  context: SwitchContext,
  ask: Ask,
): Pick<RailHost, 'send' | 'inquire' | 'enquire'> {
  const { member, time, questions } = context;
  return {
    async send(instruction) {
      assert(instruction.rail === 'switch', 'the host of the switch sends its own instructions');
      const asked = ask('financial', renderTransfer(member, instruction));
      const answer = await within(context, asked, ANSWER_MS);
      if (answer) return outcomeOf(member, answer);
      void asked
        .then((late) =>
          late.outcome === 'answered' ? tellOutcome(context, late.message) : undefined,
        )
        .catch(failed(context));
      return { outcome: 'unknown', reason: 'no answer yet' };
    },
    async inquire({ bizMsgIdr, msgId }) {
      assert(msgId !== undefined, 'a transfer over the switch has two ids');
      const message = renderCheck(member, { stan: questions.stan(), atMs: time.now(), rrn: msgId });
      const answer = await within(context, ask('inquiry', message), QUESTION_MS);
      if (answer?.outcome === 'not_sent') return { outcome: 'not_reached', reason: answer.reason };
      if (answer?.outcome !== 'answered') return { outcome: 'unknown', reason: 'no answer' };
      const { sent } = context.journal.index.burnOfId(bizMsgIdr) ?? {};
      return answerOfCheck(member, {
        answer: answer.message,
        rrn: msgId,
        amountSen: sent?.amountSen,
      });
    },
    enquire: (body) => enquire(context, { ask, question: questions.next(), body }),
  };
}

function outcomeOf(member: SwitchMember, answer: LinkAnswer): RailAnswer {
  if (answer.outcome !== 'answered') return { outcome: answer.outcome, reason: answer.reason };
  return answerOfTransfer(member, answer.message);
}

async function enquire(
  context: SwitchContext,
  input: {
    readonly ask: Ask;
    readonly question: { readonly stan: string; readonly rrn: string; readonly atMs: number };
    readonly body: Readonly<Record<string, unknown>>;
  },
): Promise<EnquiryAnswer> {
  const { bank, account, amountSen } = input.body;
  const institution = typeof bank === 'string' ? codeOfBank(bank) : undefined;
  const isGood =
    typeof account === 'string' &&
    /^[\x21-\x7e]{1,28}$/.test(account) &&
    typeof amountSen === 'string' &&
    /^[1-9]\d{0,11}$/.test(amountSen);
  if (!isGood || institution === undefined) return { found: 'unknown', reason: 'malformed' };
  const message = renderInquiry(context.member, {
    ...input.question,
    institution,
    account,
    amountSen: BigInt(amountSen),
  });
  const answer = await within(context, input.ask('inquiry', message), QUESTION_MS);
  return answer?.outcome === 'answered'
    ? answerOfInquiry(context.member, answer.message)
    : { found: 'unknown', reason: answer?.reason ?? 'no answer' };
}

function isTransferAnswer({ mti, fields }: IsoMessage): boolean {
  return mti === '0210' && fields[3] === PROCESSING.transfer;
}

/** For a machine of ours: it has given out nothing, and the reversal covers what the answer says. */
function isCashAnswer({ mti, fields }: IsoMessage): boolean {
  return mti === '0210' && (fields[3]?.startsWith('01') ?? false);
}

/** An answer that came after we had stopped waiting. The payment was never reversed, so it is the network's word on it. */
async function tellOutcome(context: SwitchContext, answer: IsoMessage): Promise<void> {
  const { member, bank, time, journal, log } = context;
  const bizMsgIdr = switchIdOfRrn(answer.fields[37] ?? '', {
    institution: bank.bankCode,
    nearMs: time.now(),
  });
  const burn = bizMsgIdr === undefined ? undefined : journal.index.burnOfId(bizMsgIdr);
  const amount = readAmount(member.dialect, answer.fields[4]);
  const isOfIt = burn?.sent?.rail === 'switch' && burn.sent.amountSen === String(amount);
  if (bizMsgIdr === undefined || !isOfIt)
    return log.warn({ bizMsgIdr }, 'switch.late_answer_of_nothing');
  const word = answerOfTransfer(member, answer);
  if (word.outcome !== 'accepted' && word.outcome !== 'rejected') return;
  await tell(context, {
    kind: 'outcome',
    rail: 'switch',
    bizMsgIdr,
    answer: word,
    source: 'rail_notice',
  });
}

/** Journals once what the network said, and passes it on until core has it. */
async function tell(
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

function failed({ log }: SwitchContext): (error: unknown) => void {
  return (error) => log.error({ cause: String(error) }, 'switch.work_failed');
}

async function within<T>(
  { time }: SwitchContext,
  answer: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  const given = new AbortController();
  const timeout = time.sleep(ms, given.signal).then(() => undefined);
  return Promise.race([answer, timeout]).finally(() => given.abort());
}
