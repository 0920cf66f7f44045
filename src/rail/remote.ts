/** The rail as core sees it: a client of the gateway over mTLS. Turns transport faults into the contract's words and nothing
 * more: not sent = `not_reached`, no answer = `unknown` (I2). */
import type { Time } from '../kernel/time.ts';
import { parseJson, WireFault, type WireClient } from '../kernel/wire.ts';
import type { RailPort } from './contract.ts';
import {
  readBillAnswer,
  readEnquiryAnswer,
  readGatewayAnswer,
  readRecallAnswer,
} from './gateway-wire.ts';
import { GATEWAY_PATH } from './journal-entry.ts';
import { sendTogether, type Sent } from './send-together.ts';

/** Longer than the gateway waits for the hub, so that its answer is heard. */
export interface RemoteTimeouts {
  readonly sendMs: number;
  readonly askMs: number;
}

/** The limits in force. */
export const REMOTE_TIMEOUTS: RemoteTimeouts = { sendMs: 12_000, askMs: 7_000 };

/** How sends travel together. */
export interface Together {
  readonly time: Time;
  /** A name that no other sender of this peer ever had. */
  readonly channel: string;
  /** So many go by themselves before others gather: a lone payment waits for nobody. */
  readonly lone: number;
}

type Reply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not_sent' | 'no_answer'; readonly reason: string };

/** Makes the port over a client of one gateway partition. */
export function remoteRail(input: {
  readonly gateway: WireClient;
  readonly timeouts?: RemoteTimeouts;
  /** Sends beyond `lone` on their way travel together; each by itself when absent. */
  readonly together?: Together;
}): RailPort {
  const timeouts = input.timeouts ?? REMOTE_TIMEOUTS;
  const ask = (path: string, body: unknown, timeoutMs: number): Promise<Reply> =>
    post({ gateway: input.gateway, path, body, timeoutMs });
  const send = sender({
    ...input,
    timeoutMs: timeouts.sendMs,
    alone: (body) => ask(GATEWAY_PATH.send, body, timeouts.sendMs),
  });
  const move = (path: string, body: unknown, timeoutMs: number): ReturnType<RailPort['send']> =>
    read(ask(path, body, timeoutMs));
  const read = async (asked: Promise<Reply>): ReturnType<RailPort['send']> => {
    const reply = await asked;
    if (reply.kind !== 'value')
      return {
        outcome: reply.kind === 'not_sent' ? 'not_reached' : 'unknown',
        reason: reply.reason,
      };
    const answer = readGatewayAnswer(reply.value);
    if (!answer) return { outcome: 'unknown', reason: 'gateway answer cannot be read' };
    return answer.outcome === 'refused'
      ? { outcome: 'not_reached', reason: `refused: ${answer.reason}` }
      : answer;
  };
  return {
    send: (instruction) => read(send(instruction)),
    inquire: (payment) => move(GATEWAY_PATH.inquire, payment, timeouts.askMs),
    async void(of) {
      const answer = await move(GATEWAY_PATH.void, of, timeouts.askMs);
      // A lost answer about a void says nothing about the payment: ask again, a void repeats safely.
      return answer.outcome === 'unknown' && answer.reason === NO_ANSWER
        ? { outcome: 'not_reached', reason: answer.reason }
        : answer;
    },
    async recall(of) {
      const reply = await ask(GATEWAY_PATH.recall, of, timeouts.askMs);
      if (reply.kind !== 'value') return { known: 'not_reached', reason: reply.reason };
      return (
        readRecallAnswer(reply.value) ?? {
          known: 'not_reached',
          reason: 'gateway answer cannot be read',
        }
      );
    },
    async enquireBill(asked) {
      const reply = await ask(GATEWAY_PATH.enquireBill, asked, timeouts.askMs);
      if (reply.kind !== 'value') return { found: 'unknown', reason: reply.reason };
      return (
        readBillAnswer(reply.value) ?? { found: 'unknown', reason: 'gateway answer cannot be read' }
      );
    },
    async enquireAccount({ rail, bank, account, amountSen }) {
      const reply = await ask(
        GATEWAY_PATH.enquireAccount,
        { rail, bank, account, amountSen: String(amountSen) },
        timeouts.askMs,
      );
      if (reply.kind !== 'value') return { found: 'unknown', reason: reply.reason };
      return (
        readEnquiryAnswer(reply.value) ?? {
          found: 'unknown',
          reason: 'gateway answer cannot be read',
        }
      );
    },
  };
}

const NO_ANSWER = 'gateway gave no answer';

function sender(input: {
  readonly gateway: WireClient;
  readonly together?: Together;
  readonly timeoutMs: number;
  readonly alone: (body: unknown) => Promise<Reply>;
}): (body: unknown) => Promise<Reply> {
  const { gateway, together, timeoutMs, alone } = input;
  if (!together) return alone;
  const { time, channel, lone } = together;
  const gathered = sendTogether({ gateway, time, channel, timeoutMs });
  let outstanding = 0;
  return async (body) => {
    const isLone = outstanding++ < lone;
    try {
      return isLone ? await alone(body) : replyOf(await gathered(body));
    } finally {
      outstanding--;
    }
  };
}

function replyOf(sent: Sent): Reply {
  return sent.kind === 'value' ? sent : { kind: sent.kind, reason: REASON[sent.kind] };
}

const REASON = { not_sent: 'gateway not reached', no_answer: NO_ANSWER } as const;

async function post(input: {
  readonly gateway: WireClient;
  readonly path: string;
  readonly body: unknown;
  readonly timeoutMs: number;
}): Promise<Reply> {
  try {
    const response = await input.gateway.call({
      path: input.path,
      body: JSON.stringify(input.body),
      timeoutMs: input.timeoutMs,
    });
    return { kind: 'value', value: parseJson(response.body) };
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return { kind: error.kind, reason: REASON[error.kind] };
  }
}
