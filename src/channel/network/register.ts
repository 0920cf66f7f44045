/** Core's inner side over mTLS: what gateways pass in from the networks, and restriction sets from the guard. A peer is its
 * certificate's name; nobody else is heard, and whoever knocks is written down. */
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import type { RestrictionHolder } from '../../gate/port.ts';
import type { SignedSet } from '../../gate/restriction.ts';
import { BugError } from '../../kernel/assert.ts';
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import {
  jsonResponse,
  parseJson,
  type WireHandler,
  type WireRequest,
  type WireResponse,
} from '../../kernel/wire.ts';
import type { PaymentEngine } from '../../payment/port.ts';
import { recordOf } from '../../rail/gateway-wire.ts';
import { NOTICE_BATCH_MAX, NOTICE_BATCH_PATH, NOTICE_PATH } from '../../rail/notice.ts';
import { readNotice } from './read-notice.ts';

/** Where the guard pushes a set. */
export const SET_PATH = '/set';

const GATEWAY = /^gateway-\d{1,4}$/;
const GUARD = 'guard';
/** One event a minute for each stranger and path: a flood of knocks is one story, not a million rows. */
const KNOCK_EVENT_MS = 60_000;
const KNOCKS_MAX = 1_000;

export interface NetworkInput {
  readonly engine: Pick<PaymentEngine, 'take'>;
  readonly holder: Pick<RestrictionHolder, 'accept'>;
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
}

/** The handler of core's own listener: `net.listen({ name: 'core-1', handler: registerNetwork(...) })`. Give the listener no
 * `admit`: a stranger is refused here, where it also becomes an event.
 * Shape: 200 with the answer; 400 for a malformed body, 403 for another peer, 404 for another path, all without effect. A fault of
 * the engine is thrown, so that the transport gives no answer and the gateway asks again. */
export function registerNetwork(input: NetworkInput): WireHandler {
  const knock = openKnocks(input);
  return async (request) => {
    const { path, peer } = request;
    const isBatch = path === NOTICE_BATCH_PATH;
    const isNotice = path === NOTICE_PATH || isBatch;
    const isSet = path === SET_PATH;
    const isAdmitted = isNotice ? GATEWAY.test(peer) : isSet && peer === GUARD;
    if (!isAdmitted) {
      await knock(request);
      // Only peers that belong here learn which paths there are.
      const isKnown = GATEWAY.test(peer) || peer === GUARD;
      return isKnown && !isNotice && !isSet
        ? jsonResponse(404, { reason: 'no_such_path' })
        : jsonResponse(403, { reason: 'peer_not_admitted' });
    }
    if (request.method !== 'POST') return jsonResponse(405, { reason: 'post_only' });
    if (isBatch) return takeBatch(input, request);
    return isNotice ? takeNotice(input, request) : acceptSet(input, request);
  };
}

async function takeNotice(input: NetworkInput, request: WireRequest): Promise<WireResponse> {
  const notice = readNotice(parseJson(request.body));
  if (!notice) {
    input.log.error({ peer: request.peer, bytes: request.body.length }, 'network.notice_malformed');
    return jsonResponse(400, { reason: 'malformed' });
  }
  return jsonResponse(200, await input.engine.take(notice));
}

/** Each by itself: one that is malformed, or whose work fails, costs no other its answer. */
async function takeBatch(input: NetworkInput, request: WireRequest): Promise<WireResponse> {
  const { engine, log } = input;
  const list = parseJson(request.body);
  if (!Array.isArray(list) || list.length === 0 || list.length > NOTICE_BATCH_MAX) {
    log.error({ peer: request.peer, bytes: request.body.length }, 'network.notice_malformed');
    return jsonResponse(400, { reason: 'malformed' });
  }
  const answers = await Promise.allSettled(
    list.map(async (one: unknown) => {
      const notice = readNotice(one);
      if (!notice) log.error({ peer: request.peer }, 'network.notice_malformed');
      return notice ? engine.take(notice) : null;
    }),
  );
  return jsonResponse(
    200,
    answers.map((answer) => {
      if (answer.status === 'fulfilled') return answer.value;
      const reason = answer.reason as Error;
      // What a bug of ours says of itself has no data of customers in it; what others throw may.
      const must = reason instanceof BugError ? reason.message : undefined;
      log.error({ fault: reason.name, must }, 'network.notice_failed');
      return null;
    }),
  );
}

async function acceptSet(input: NetworkInput, request: WireRequest): Promise<WireResponse> {
  const { body, signature } = recordOf(parseJson(request.body));
  if (typeof body !== 'string' || typeof signature !== 'string')
    return jsonResponse(400, { reason: 'malformed' });
  const signed: SignedSet = { body, signature };
  return jsonResponse(200, await input.holder.accept(signed));
}

function openKnocks(input: NetworkInput): (request: WireRequest) => Promise<void> {
  const { db, time, log } = input;
  const lastMs = new Map<string, number>();
  return async ({ peer, fingerprint, path }) => {
    // A certificate of our own CA with a name of its owner's choice: text of a stranger, cut and plain.
    const name = peer.replace(/[^A-Za-z0-9:._-]/g, '?').slice(0, 64);
    const where =
      path === NOTICE_PATH || path === NOTICE_BATCH_PATH || path === SET_PATH ? path : 'other';
    const key = `${fingerprint} ${where}`;
    const now = time.now();
    if (now - (lastMs.get(key) ?? -Infinity) < KNOCK_EVENT_MS) return;
    if (lastMs.size >= KNOCKS_MAX) lastMs.clear();
    lastMs.set(key, now);
    log.error({ peer: name, fingerprint, path: where }, 'network.peer_refused');
    try {
      await db.tx((tx) =>
        recordEvents(tx, [
          {
            atMs: now,
            kind: 'network.peer_refused',
            subject: fingerprint,
            data: { peer: name, path: where },
          },
        ]),
      );
    } catch (error) {
      // The refusal stands whether or not it can be written down; the log line is the second witness.
      log.error({ fault: (error as Error).name }, 'network.event_unwritten');
    }
  };
}
