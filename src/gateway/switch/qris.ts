/** QRIS inside a gateway: payments to merchants of other banks, refunds to their customers, and requests for the money of codes that these showed to merchants of ours, over the links of the switch. A payment leaves once; what got no answer
 * within the till's patience is asked about (361000), and the settlement file has the last word. Never a reversal, never a repeat. */
import { assert } from '../../kernel/assert.ts';
import type { RailAnswer } from '../../rail/contract.ts';
import { checkOf, requestOf } from '../../rail/switch/qris-instruction.ts';
import { answerOfQris, answerOfQrisCheck } from '../../rail/switch/qris-answer.ts';
import type { RailHost } from '../host.ts';
import { sendOnce, tell, within, type SwitchLine } from './line.ts';
import { qrisRules } from './qris-rules.ts';
import { makeSettlementSource } from './settle.ts';

/** Somebody stands at a till: core says "being checked" rather than nothing, and asks. The link waits on, and tells what comes then. */
const ANSWER_MS = 5_000;
const QUESTION_MS = 4_000;

/** Makes the host of QRIS on a connection that the host of the switch opens. */
export function qrisHost(line: SwitchLine): RailHost {
  const { context, ask } = line;
  const { member, questions, time } = context;
  return {
    rail: 'qris',
    rules: qrisRules(context.bank),
    async send(instruction): Promise<RailAnswer> {
      assert(instruction.rail === 'qris', 'the host of QRIS sends its own instructions');
      const message = requestOf(member, instruction);
      const answer = await sendOnce(line, { message, ms: ANSWER_MS });
      if (!answer) return { outcome: 'unknown', reason: 'no answer yet' };
      if (answer.outcome !== 'answered') return { outcome: answer.outcome, reason: answer.reason };
      return answerOfQris(member, answer.message);
    },
    async inquire({ msgId }, instruction) {
      // The question names merchant and message: without the burned instruction nobody can be asked.
      if (instruction?.rail !== 'qris' || instruction.rrn !== msgId)
        return { outcome: 'unknown', reason: 'not burned by this gateway' };
      const question = { stan: questions.stan(), atMs: time.now() };
      const message = checkOf(member, instruction, question);
      const answer = await within(context, ask('inquiry', message), QUESTION_MS);
      if (answer?.outcome === 'not_sent') return { outcome: 'not_reached', reason: answer.reason };
      if (answer?.outcome !== 'answered') return { outcome: 'unknown', reason: 'no answer' };
      const asked = {
        rrn: msgId,
        amountSen: BigInt(instruction.amountSen),
        isIncoming: instruction.kind === 'shown_code',
      };
      return answerOfQrisCheck(member, asked, answer.message);
    },
    settlement: makeSettlementSource(context, 'qris', (settled) =>
      tell(context, {
        kind: 'credit_settled',
        rail: 'qris',
        fromBank: settled.counterpartyBank,
        bizMsgIdr: settled.bizMsgIdr,
        amountSen: settled.amountSen,
      }),
    ),
    listen: async () => [],
    loops: [],
  };
}
