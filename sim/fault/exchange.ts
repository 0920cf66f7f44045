/** What may go wrong with an exchange over HTTP, whatever it is about: the hub's wire, the aggregator's and a partner's server. */
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { WireHandler, WireRequest, WireResponse } from '../../src/kernel/wire.ts';
import type { Facts } from './chooser.ts';
import { DELAY_MS_MAX, delay, list, oneOf, whole, type Verb } from './rule.ts';

export type ExchangeFault =
  | { readonly kind: 'delay'; readonly afterMs: number }
  | { readonly kind: 'drop_request' }
  | { readonly kind: 'drop_answer' }
  | { readonly kind: 'late_answer'; readonly afterMs: number }
  | { readonly kind: 'duplicate'; readonly count: number }
  | { readonly kind: 'reorder'; readonly holdMs: number }
  | { readonly kind: 'wrong_signature' }
  | { readonly kind: 'disconnect'; readonly when: 'before' | 'after' }
  | { readonly kind: 'http_storm'; readonly statuses: readonly number[] };

/** What may hold for a whole wire. */
export type StandingFault =
  | { readonly kind: 'half_open' }
  | { readonly kind: 'slow_reader'; readonly bytesPerSecond: number }
  | { readonly kind: 'clock_skew'; readonly skewMs: number };

/** The words of `ExchangeFault`. */
export const EXCHANGE_VERBS: Readonly<Record<ExchangeFault['kind'], Verb>> = {
  delay: { words: 'arrives this much later', fields: { afterMs: delay } },
  drop_request: { words: 'never arrives', fields: {} },
  drop_answer: { words: 'carried out, the answer is lost', fields: {} },
  late_answer: {
    words: 'carried out at once, answered this much later',
    fields: { afterMs: delay },
  },
  duplicate: {
    words: 'arrives so often; the last answer is heard',
    fields: { count: whole(2, 20) },
  },
  reorder: {
    words: 'the answer waits until another exchange has passed it, at most this long',
    fields: { holdMs: whole(1, DELAY_MS_MAX) },
  },
  wrong_signature: { words: 'carried out; the answer is signed wrong', fields: {} },
  disconnect: {
    words: 'cut before it is carried out, or after, instead of an answer',
    fields: { when: oneOf(['before', 'after']) },
  },
  http_storm: {
    words: 'not carried out; one of these HTTP statuses without a word',
    fields: { statuses: list(whole(400, 599)) },
  },
};

/** The words of `StandingFault`. */
export const STANDING_VERBS: Readonly<Record<StandingFault['kind'], Verb>> = {
  half_open: { words: 'takes connections and bytes, says nothing', fields: {} },
  slow_reader: {
    words: 'reads no faster than this',
    fields: { bytesPerSecond: whole(1, 1_000_000_000) },
  },
  clock_skew: {
    words: 'its clock is wrong by so much',
    fields: { skewMs: whole(-DELAY_MS_MAX, DELAY_MS_MAX) },
  },
};

const KINDS = Object.keys(EXCHANGE_VERBS) as ExchangeFault['kind'][];
/** Longer than any caller waits. */
const SILENCE_MS = 600_000;

/** What a line asks of its wire's chooser, whose rules know more words. */
export interface LineChooser {
  choose<K extends ExchangeFault['kind']>(
    facts: Facts | (() => Facts),
    kinds: readonly K[],
  ): Extract<ExchangeFault, { readonly kind: K }> | undefined;
  standing<K extends StandingFault['kind']>(
    kind: K,
  ): Extract<StandingFault, { readonly kind: K }> | undefined;
  readonly random: Random;
}

interface Parts {
  readonly time: Time;
  readonly stopping: AbortSignal;
  readonly chooser: LineChooser;
  readonly handler: WireHandler;
}

/** The same handler behind a bad line. A cut is a throw, as a live listener and memory have it. */
export function onBadLine(input: Parts & { factsOf(request: WireRequest): Facts }): WireHandler {
  const held: (() => void)[] = [];
  const pass = (response: WireResponse): WireResponse => {
    for (const release of held.splice(0)) release();
    return response;
  };
  return async (request) => {
    const { time, stopping, chooser } = input;
    if (chooser.standing('half_open')) return silence(input);
    const slow = chooser.standing('slow_reader');
    if (slow) await time.sleep((request.body.length * 1_000) / slow.bytesPerSecond, stopping);
    const fault = chooser.choose(() => input.factsOf(request), KINDS);
    if (!fault) return pass(await input.handler(request));
    if (fault.kind !== 'reorder') return pass(await play(input, request, fault));
    const response = await input.handler(request);
    const passed = new AbortController();
    held.push(() => passed.abort());
    stopping.addEventListener('abort', () => passed.abort(), { once: true });
    await time.sleep(fault.holdMs, passed.signal);
    return response;
  };
}

async function play(
  parts: Parts,
  request: WireRequest,
  fault: Exclude<ExchangeFault, { readonly kind: 'reorder' }>,
): Promise<WireResponse> {
  const { time, stopping, handler, chooser } = parts;
  switch (fault.kind) {
    case 'delay':
      await time.sleep(fault.afterMs, stopping);
      return handler(request);
    case 'drop_request':
      return silence(parts);
    case 'drop_answer':
      await handler(request);
      return silence(parts);
    case 'late_answer': {
      const response = await handler(request);
      await time.sleep(fault.afterMs, stopping);
      return response;
    }
    case 'duplicate': {
      let response = await handler(request);
      for (let copy = 1; copy < fault.count; copy++) response = await handler(request);
      return response;
    }
    case 'wrong_signature':
      return signedWrong(await handler(request));
    case 'disconnect':
      if (fault.when === 'after') await handler(request);
      throw new Error('cut by a fault rule');
    case 'http_storm':
      return {
        status: fault.statuses[chooser.random.below(fault.statuses.length)]!,
        body: Buffer.alloc(0),
      };
  }
}

async function silence({ time, stopping }: Parts): Promise<WireResponse> {
  await time.sleep(SILENCE_MS, stopping);
  return { status: 504, body: Buffer.alloc(0) };
}

function signedWrong(response: WireResponse): WireResponse {
  const signature = wrongSignature(response.headers?.['x-signature'] ?? '');
  return { ...response, headers: { ...response.headers, 'x-signature': signature } };
}

/** The same base64 but for one bit. */
export function wrongSignature(signature: string): string {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.length > 0) bytes[0]! ^= 1;
  return bytes.toString('base64');
}

/** Faults that a caller's line can have: a status is the listener's to give. */
const CALL_KINDS = KINDS.filter((kind) => kind !== 'http_storm');

type Caller = Pick<Parts, 'time' | 'stopping'> & { readonly chooser: Pick<LineChooser, 'choose'> };

/** Makes calls over a bad line: `send` does the call, with a wrong signature when told so, and throws when there is no answer. */
export function openBadCaller<T>(
  parts: Caller,
): (facts: Facts, send: (isSignedWrong: boolean) => Promise<T>) => Promise<T> {
  const held: (() => void)[] = [];
  return async (facts, send) => {
    const { time, stopping, chooser } = parts;
    const fault = chooser.choose(facts, CALL_KINDS);
    if (fault?.kind === 'reorder') {
      const passed = new AbortController();
      held.push(() => passed.abort());
      stopping.addEventListener('abort', () => passed.abort(), { once: true });
      await time.sleep(fault.holdMs, passed.signal);
      return send(false);
    }
    try {
      return await sendBadly(parts, send, fault);
    } finally {
      for (const release of held.splice(0)) release();
    }
  };
}

async function sendBadly<T>(
  { time, stopping }: Caller,
  send: (isSignedWrong: boolean) => Promise<T>,
  fault: ExchangeFault | undefined,
): Promise<T> {
  switch (fault?.kind) {
    case 'delay':
      await time.sleep(fault.afterMs, stopping);
      return send(false);
    case 'late_answer': {
      const answer = await send(false);
      await time.sleep(fault.afterMs, stopping);
      return answer;
    }
    case 'duplicate':
      return (await Promise.all(Array.from({ length: fault.count }, () => send(false)))).at(-1)!;
    case 'wrong_signature':
      return send(true);
    case 'drop_request':
      throw new Error('never sent, by a fault rule');
    case 'disconnect':
      if (fault.when === 'after') await send(false);
      throw new Error('cut by a fault rule');
    case 'drop_answer':
      await send(false);
      throw new Error('answer lost by a fault rule');
    default:
      return send(false);
  }
}

/** A clock that is wrong by what the rules say now. */
export function skewed(time: Time, skewMs: () => number): Time {
  return {
    now: () => time.now() + skewMs(),
    sleep: (ms, signal) => time.sleep(ms, signal),
    every: (ms, task, onError) => time.every(ms, task, onError),
    track: (work) => time.track(work),
  };
}
