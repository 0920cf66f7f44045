/** Sends of one core to one gateway, many in a request and many answers in an answer. An answer travels with whichever request is open when
 * it is there, so a slow payment holds up no other. Owns no meaning: what comes back is read by `remote.ts`; what is lost is `no_answer`, and
 * the gateway's journal knows the rest. Source: ADR 0032. */
import { isFresh, type Time } from '../kernel/time.ts';
import { parseJson, WireFault, type WireClient } from '../kernel/wire.ts';
import { recordOf } from './gateway-wire.ts';
import { GATEWAY_PATH } from './journal-entry.ts';

/** Sends in one request: some 2 KB each, so an eighth of what a wire endpoint reads. */
export const SEND_COUNT_MAX = 64;
/** Answers in one answer: 200 bytes each. */
export const SEND_ANSWERS_MAX = 256;
/** How long a gateway keeps a request open that has no answer to carry. */
export const SEND_HOLD_MS = 4_000;

/** What follows at once goes along; a hundredth of what the network takes. */
const PACE_MS = 4;
/** Requests open at once: the gateway lets go of an older one when a newer one comes. */
const CALLS_MAX = 8;
/** Above what a gateway has on its way over all rails. */
const OUTSTANDING_MAX = 4_096;

/** What became of one send on its way; `value` is the gateway's word as it came. */
export type Sent =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not_sent' | 'no_answer' };

interface Outstanding {
  readonly body: unknown;
  readonly sinceMs: number;
  readonly resolve: (sent: Sent) => void;
}

/** Opens the way. `channel` names this sender's answers at the gateway and is never used twice; `timeoutMs` is how long an answer is waited
 * for, above what the gateway waits for its network. Shape: resolves per send, never throws for a WireFault. */
export function sendTogether(input: {
  readonly gateway: WireClient;
  readonly time: Time;
  readonly channel: string;
  readonly timeoutMs: number;
}): (body: unknown) => Promise<Sent> {
  const { time } = input;
  const outstanding = new Map<number, Outstanding>();
  const waiting: number[] = [];
  let last = 0;
  let calls = 0;
  let isPacing = false;

  const end = (number: number, sent: Sent): void => {
    const one = outstanding.get(number);
    outstanding.delete(number);
    one?.resolve(sent);
  };
  /** What nobody answered in time. What was asked in the future was asked before the clock jumped back: nobody knows how long ago. */
  const endLate = (): void => {
    const nowMs = time.now();
    for (const [number, { sinceMs }] of outstanding)
      if (!isFresh({ atMs: sinceMs, nowMs, maxMs: input.timeoutMs }))
        end(number, { kind: 'no_answer' });
  };
  const call = async (numbers: readonly number[]): Promise<void> => {
    calls++;
    const sends = numbers.flatMap((number) => {
      const one = outstanding.get(number);
      return one ? [{ ...recordOf(one.body), number }] : [];
    });
    const said = await ask(input, sends);
    calls--;
    if (said.kind === 'answers') {
      for (const [number, value] of said.answers) end(number, { kind: 'value', value });
      endLate();
    } else {
      for (const number of numbers) end(number, said);
      // Nobody is left to carry the other answers: the journal will be asked for them.
      if (calls === 0) endAllSent({ outstanding, waiting, end });
    }
    if (waiting.length > 0 || (calls === 0 && outstanding.size > 0)) void pace();
  };
  const pace = async (): Promise<void> => {
    if (isPacing) return;
    isPacing = true;
    await time.sleep(PACE_MS);
    isPacing = false;
    while (waiting.length > 0 && calls < CALLS_MAX) void call(waiting.splice(0, SEND_COUNT_MAX));
    if (calls === 0 && outstanding.size > 0) void call([]);
  };
  return (body) => {
    if (outstanding.size >= OUTSTANDING_MAX) return Promise.resolve({ kind: 'not_sent' });
    return new Promise((resolve) => {
      outstanding.set(++last, { body, sinceMs: time.now(), resolve });
      waiting.push(last);
      void pace();
    });
  };
}

function endAllSent(of: {
  readonly outstanding: ReadonlyMap<number, Outstanding>;
  readonly waiting: readonly number[];
  readonly end: (number: number, sent: Sent) => void;
}): void {
  const first = of.waiting[0] ?? Number.POSITIVE_INFINITY;
  for (const number of of.outstanding.keys())
    if (number < first) of.end(number, { kind: 'no_answer' });
}

type Said =
  | { readonly kind: 'answers'; readonly answers: readonly (readonly [number, unknown])[] }
  /** A gateway that refuses the sender as a whole says so once for all that came with it. */
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not_sent' | 'no_answer' };

async function ask(
  input: { readonly gateway: WireClient; readonly channel: string; readonly timeoutMs: number },
  sends: readonly Readonly<Record<string, unknown>>[],
): Promise<Said> {
  try {
    const response = await input.gateway.call({
      path: GATEWAY_PATH.sendTogether,
      body: JSON.stringify({ channel: input.channel, sends }),
      timeoutMs: input.timeoutMs,
    });
    const value = parseJson(response.body);
    const answers = readAnswers(value);
    return answers ? { kind: 'answers', answers } : { kind: 'value', value };
  } catch (error) {
    // Whatever else failed proves nothing about what left.
    return { kind: error instanceof WireFault ? error.kind : 'no_answer' };
  }
}

function readAnswers(value: unknown): readonly (readonly [number, unknown])[] | undefined {
  const { answers } = recordOf(value);
  if (!Array.isArray(answers) || answers.length > SEND_ANSWERS_MAX) return undefined;
  return answers.map((one: unknown) => {
    const { number, answer } = recordOf(one);
    return [Number(number), answer];
  });
}
