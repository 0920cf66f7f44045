/** The ATM and interbank switch inside a gateway: transfers out, inquiries, settlement, and the opening of the links that QRIS shares
 * (`line.ts`). What the network asks of us is in `serve.ts`. What got no answer is asked about, and the settlement has the last word. */
import { assert } from '../../kernel/assert.ts';
import type { RailAnswer } from '../../rail/contract.ts';
import type { EnquiryAnswer } from '../../rail/gateway-wire.ts';
import { codeOfBank } from '../../rail/switch/institution.ts';
import type { LinkAnswer } from '../../rail/switch/port.ts';
import {
  answerOfCheck,
  answerOfInquiry,
  answerOfTransfer,
  renderCheck,
  renderInquiry,
  renderTransfer,
  type SwitchMember,
} from '../../rail/switch/transfer.ts';
import type { RailGround, RailHost, RailOpener } from '../host.ts';
import {
  makeLine,
  sendOnce,
  tell,
  within,
  type Ask,
  type SwitchConfig,
  type SwitchContext,
  type SwitchLine,
} from './line.ts';
import { qrisHost } from './qris.ts';
import { switchRules } from './rules.ts';
import { makeSettlementSource } from './settle.ts';

/** Below core's patience (12 s for a payment, 7 s for a question): the link may wait longer, and tells what comes then. */
const ANSWER_MS = 9_000;
const QUESTION_MS = 5_500;

/** The rails that a connection to the switch carries: transfers, which open the links, and QRIS over the same ones. */
export function switchHosts(config: SwitchConfig): readonly RailOpener[] {
  const lines = new WeakMap<RailGround, SwitchLine>();
  const lineOn = (ground: RailGround): SwitchLine => {
    const line = lines.get(ground) ?? makeLine(config, ground);
    lines.set(ground, line);
    return line;
  };
  return [(ground) => transferHost(lineOn(ground)), (ground) => qrisHost(lineOn(ground))];
}

function transferHost(line: SwitchLine): RailHost {
  const { context } = line;
  return {
    rail: 'switch',
    rules: switchRules(context.bank),
    ...makeQuestions(line),
    settlement: makeSettlementSource(context, 'switch', (settled) =>
      tell(context, {
        kind: 'credit_settled',
        rail: 'switch',
        fromBank: settled.counterpartyBank,
        bizMsgIdr: settled.bizMsgIdr,
        amountSen: settled.amountSen,
      }),
    ),
    listen: line.listen,
    loops: line.loops,
  };
}

function makeQuestions(line: SwitchLine): Pick<RailHost, 'send' | 'inquire' | 'enquire'> {
  const { context, ask } = line;
  const { member, time, questions } = context;
  return {
    async send(instruction) {
      assert(instruction.rail === 'switch', 'the host of the switch sends its own instructions');
      const message = renderTransfer(member, instruction);
      const answer = await sendOnce(line, { message, ms: ANSWER_MS });
      return answer ? outcomeOf(member, answer) : { outcome: 'unknown', reason: 'no answer yet' };
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
