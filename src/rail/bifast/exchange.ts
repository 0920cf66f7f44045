/** One question to the hub and its signed answer: what every part of the connector shares. Believes only bodies that the hub signed
 * and that are from it to us (I2, I12). */
import type { KeyObject } from 'node:crypto';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Time } from '../../kernel/time.ts';
import { WireFault, type WireClient, type WireResponse } from '../../kernel/wire.ts';
import { encodeAs, parseAs } from './encoding.ts';
import type { BifastMessage } from './message.ts';
import type { IdSource } from './own-id.ts';
import { isSigned, signedHeaders, type Encoding } from '../signature.ts';

/** How long each call may take. Source: docs/rail/bifast.md section 7. */
export interface HubTimeouts {
  readonly sendMs: number;
  readonly inquireMs: number;
  readonly enquireMs: number;
  readonly feedMs: number;
}

/** The limits in force. */
export const HUB_TIMEOUTS: HubTimeouts = {
  sendMs: 10_000,
  inquireMs: 5_000,
  enquireMs: 5_000,
  feedMs: 5_000,
};

/** Something that claimed to be the hub's word and was not. */
export interface ForgedAnswer {
  readonly what: string;
  readonly bizMsgIdr?: string;
}

/** What a connector speaks with. */
export interface Link {
  readonly time: Time;
  readonly hub: WireClient;
  readonly bank: BankProfile;
  /** Our private message key. */
  readonly messageKey: KeyObject;
  /** The hub's public message key. */
  readonly hubKey: KeyObject;
  readonly nextId: IdSource;
  /** How messages are spelled on this link; JSON when absent. Pages are JSON on every link. */
  readonly encoding?: Encoding;
  readonly timeouts: HubTimeouts;
  readonly onForged: (forged: ForgedAnswer) => void;
}

/** What became of a question. */
export type Exchange =
  | { readonly kind: 'message'; readonly message: BifastMessage }
  | { readonly kind: 'not_sent' | 'unknown'; readonly reason: string };

/** Sends one message and reads the signed answer that came from the hub to us. */
export async function exchange(
  link: Link,
  input: { readonly message: BifastMessage; readonly timeoutMs: number },
): Promise<Exchange> {
  const { bizMsgIdr } = input.message.header;
  const encoding = link.encoding ?? 'json';
  const answer = await callSigned(link, {
    path: '/bifast',
    body: encodeAs(encoding, input.message),
    timeoutMs: input.timeoutMs,
    what: 'answer',
    bizMsgIdr,
  });
  if (answer.kind !== 'signed') return answer;
  const parsed = parseAs(encoding, answer.response.body);
  if (!parsed.ok)
    return { kind: 'unknown', reason: `answer cannot be read at ${parsed.error.path}` };
  const { header } = parsed.message;
  if (header.from !== link.bank.hubBic || header.to !== link.bank.bic) {
    link.onForged({ what: 'answer', bizMsgIdr });
    return { kind: 'unknown', reason: 'answer is not from the hub to us' };
  }
  return { kind: 'message', message: parsed.message };
}

/** What a call brought. */
export type Called =
  | { readonly kind: 'signed'; readonly response: WireResponse }
  | { readonly kind: 'not_sent' | 'unknown'; readonly reason: string };

/** One signed call; only an answer that the hub signed is one. */
export async function callSigned(
  link: Link,
  input: {
    readonly path: string;
    readonly body?: Buffer;
    readonly timeoutMs: number;
    readonly what: string;
    readonly bizMsgIdr?: string;
  },
): Promise<Called> {
  let response: WireResponse;
  try {
    response = await link.hub.call({
      method: input.body ? 'POST' : 'GET',
      path: input.path,
      timeoutMs: input.timeoutMs,
      ...(input.body && {
        body: input.body,
        headers: signedHeaders(link.messageKey, input.body, link.encoding),
      }),
    });
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return {
      kind: error.kind === 'not_sent' ? 'not_sent' : 'unknown',
      reason: error.kind === 'not_sent' ? 'hub not reached' : 'no answer',
    };
  }
  // A bare status without a body is what a proxy or a closed certificate gives: no proof of anything, and no forgery.
  if (response.body.length === 0)
    return { kind: 'unknown', reason: `status ${response.status} without a body` };
  if (!isSigned({ key: link.hubKey, body: response.body, headers: response.headers })) {
    link.onForged({ what: input.what, ...(input.bizMsgIdr && { bizMsgIdr: input.bizMsgIdr }) });
    return { kind: 'unknown', reason: 'answer is not signed by the hub' };
  }
  return { kind: 'signed', response };
}

/** A page of the hub: the bytes that it signed. */
export async function fetchSigned(
  link: Link,
  input: { readonly path: string; readonly what: string },
): Promise<Buffer | undefined> {
  const answer = await callSigned(link, { ...input, timeoutMs: link.timeouts.feedMs });
  return answer.kind === 'signed' && answer.response.status === 200
    ? answer.response.body
    : undefined;
}

/** Notes an answer that does not fit its question, as evidence. */
export function unbelievable(
  link: Link,
  forged: ForgedAnswer,
): { readonly outcome: 'unknown'; readonly reason: string } {
  link.onForged(forged);
  return { outcome: 'unknown', reason: 'answer does not fit the question' };
}
