/** What a participant may ask of the hub besides payments: its settlement feed and statement, and the portal's controls over
 * its own connectors and its own outbound traffic. */
import { parseJson, type WireRequest, type WireResponse } from '../../src/kernel/wire.ts';
import { empty, signed } from './answer.ts';
import type { FeedLine } from './book.ts';
import { closeDates } from './clearing.ts';
import { isDateOver, type HubContext } from './context.ts';
import { isSigned, SIGNATURE_HEADER } from './message-signature.ts';
import { object, oneOf, text, words, type Shape } from './schema.ts';

/** Lines in one page of the feed. */
const PAGE_LINE_COUNT_MAX = 500;
const CLOCK_DIFFERENCE_MS_MAX = 120_000;

/** A page of the feed: lines of this bank whose number is above `after`. */
export function answerFeed(
  hub: HubContext,
  input: { readonly bank: string; readonly after: string | null },
): WireResponse {
  if (input.after === null || !/^\d{1,15}$/.test(input.after)) return empty(400);
  const after = Number(input.after);
  const shownUntilMs = hub.time.now() - hub.faults.feedLagMs;
  const lines: FeedLine[] = [];
  const all = hub.book.feed(input.bank);
  for (let i = firstAfter(all, after); i < all.length && lines.length < PAGE_LINE_COUNT_MAX; i++) {
    const line = all[i]!;
    // In order, without a gap: a line that is held back holds back those behind it.
    if (line.settledAtMs > shownUntilMs) break;
    lines.push(line);
  }
  const last = lines.at(-1);
  const page = {
    bank: input.bank,
    after: input.after,
    cursor: last ? String(numberOf(last)) : input.after,
    madeAtMs: hub.time.now(),
    lines,
  };
  return signed(hub, 200, Buffer.from(JSON.stringify(page)));
}

function numberOf(line: FeedLine): number {
  return Number(line.lineId.slice(1));
}

function firstAfter(lines: readonly FeedLine[], after: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(lines[middle]!) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All lines of one business date; complete once the date is over and nothing of it is open. */
export function answerStatement(
  hub: HubContext,
  input: { readonly bank: string; readonly date: string | null },
): WireResponse {
  const { bank, date } = input;
  if (date === null || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return empty(400);
  closeDates(hub);
  const isOpen = hub.book
    .unfinished()
    .some(
      (transfer) =>
        transfer.state === 'open' &&
        transfer.businessDate <= date &&
        (transfer.fromBank === bank || transfer.toBank === bank),
    );
  const all = hub.book.feed(bank).filter((line) => line.businessDate === date);
  const lines = hub.faults.isStatementShort ? all.slice(0, -1) : all;
  const statement = {
    bank,
    businessDate: date,
    complete: isDateOver(hub, date) && !isOpen,
    madeAtMs: hub.time.now(),
    lines,
  };
  return signed(hub, 200, Buffer.from(JSON.stringify(statement)));
}

const whole: Shape = (value, path) =>
  Number.isSafeInteger(value) ? undefined : `${path}: not a whole number`;
const common = {
  bank: text(/^[A-Z0-9]{8}$/),
  reason: words(500),
  requestId: words(100),
  atMs: whole,
};
const REQUESTS: Readonly<Record<string, Shape>> = {
  revoke: object({ ...common, fingerprint: text(/^[0-9a-f]{64}$/) }),
  suspend: object({ ...common, direction: oneOf('out') }),
  resume: object({ ...common, direction: oneOf('out') }),
};

interface PortalRequest {
  readonly bank: string;
  readonly requestId: string;
  readonly atMs: number;
  readonly fingerprint: string;
}

/** Carries out `revoke`, `suspend` or `resume`, once, for the bank that signed it. */
export function answerPortal(
  hub: HubContext,
  input: { readonly bank: string; readonly action: string; readonly request: WireRequest },
): WireResponse {
  const { bank, action, request } = input;
  const key = hub.bankKeys[bank];
  if (
    !key ||
    !isSigned({ key, body: request.body, signature: request.headers[SIGNATURE_HEADER] })
  ) {
    hub.counters.refuse('signature');
    return empty(403);
  }
  const shape = Object.hasOwn(REQUESTS, action) ? REQUESTS[action] : undefined;
  if (!shape) return empty(404);
  const value = parseJson(request.body);
  const refuse = (reason: string): WireResponse => {
    hub.counters.refuse('portal');
    return signed(hub, 400, Buffer.from(JSON.stringify({ ok: false, reason })));
  };
  const fault = shape(value, '');
  if (fault) return refuse(fault);
  const asked = value as PortalRequest;
  if (asked.bank !== bank) return refuse('another bank');
  if (Math.abs(asked.atMs - hub.time.now()) > CLOCK_DIFFERENCE_MS_MAX) return refuse('stale');
  if (hub.book.isRequestKnown({ bank, requestId: asked.requestId }))
    return refuse('requestId known');
  const event = { bank, requestId: asked.requestId, atMs: hub.time.now() };
  if (action === 'revoke')
    hub.record({ kind: 'revoked', ...event, fingerprint: asked.fingerprint });
  else hub.record({ kind: action === 'suspend' ? 'suspended' : 'resumed', ...event });
  hub.log.info({ bank, action, requestId: asked.requestId }, 'hub.portal_request_done');
  return signed(hub, 200, Buffer.from(JSON.stringify({ ok: true, requestId: asked.requestId })));
}
