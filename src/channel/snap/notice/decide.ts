/** What becomes of a notice after an attempt. Pure. Delivery is at least once; order is not promised. */
import type { NoticeReply } from './port.ts';

/** First pause, longest pause, and what bounds the tries: whichever comes first. */
export const NOTICE_RETRY = {
  firstMs: 5_000,
  longestMs: 3_600_000,
  attemptsMax: 40,
  ageMsMax: 24 * 3_600_000,
} as const;

export type NoticeStep =
  | { readonly kind: 'delivered'; readonly answer: string }
  | { readonly kind: 'retry'; readonly dueAtMs: number; readonly answer: string }
  /** A person decides: the partner takes it by another way, or we try again. */
  | { readonly kind: 'stuck'; readonly answer: string };

/** Decides. `attempt` counts from 1, `chance` lies in [0, 1). A 409xx00 says that the partner knows this X-EXTERNAL-ID: it has it. */
export function decideNotice(input: {
  readonly reply: NoticeReply | { readonly kind: 'no_endpoint' | 'no_token' };
  readonly service: string;
  readonly attempt: number;
  readonly askedAtMs: number;
  readonly nowMs: number;
  readonly chance: number;
}): NoticeStep {
  const { reply, service, attempt, nowMs } = input;
  const answer = reply.kind === 'answer' ? `${reply.status} ${codeOf(reply.body)}` : reply.kind;
  if (reply.kind === 'answer') {
    const code = codeOf(reply.body);
    if (reply.status === 200 && code === `200${service}00`) return { kind: 'delivered', answer };
    if (reply.status === 409 && code === `409${service}00`) return { kind: 'delivered', answer };
  }
  const pauseMs = pauseOf(attempt, input.chance);
  const isOver =
    attempt >= NOTICE_RETRY.attemptsMax ||
    nowMs + pauseMs - input.askedAtMs > NOTICE_RETRY.ageMsMax;
  return isOver ? { kind: 'stuck', answer } : { kind: 'retry', dueAtMs: nowMs + pauseMs, answer };
}

/** 5 s, 10 s, 20 s … at most an hour, each a quarter more or less. */
function pauseOf(attempt: number, chance: number): number {
  const doubled = NOTICE_RETRY.firstMs * 2 ** Math.min(attempt - 1, 20);
  return Math.round(Math.min(doubled, NOTICE_RETRY.longestMs) * (0.75 + chance / 2));
}

/** The response code of an answer, for the row and the log: digits only, whatever the partner wrote. */
function codeOf(body: Buffer): string {
  try {
    const { responseCode } = JSON.parse(body.toString('utf8')) as { responseCode?: unknown };
    return typeof responseCode === 'string' && /^\d{7}$/.test(responseCode) ? responseCode : 'none';
  } catch {
    return 'none';
  }
}
