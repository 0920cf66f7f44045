/** Delivers notices to partners: claims what is due under a lease, sends it outside of any transaction, writes what became of it. Several
 * processes may run it against one database; a crash after sending sends again with the same X-EXTERNAL-ID (at least once). */
import type { KeyObject } from 'node:crypto';
import { recordEvents } from '../../../audit/record.ts';
import { DbFault, type Db } from '../../../db/pool.ts';
import { faultPoint } from '../../../kernel/fault-point.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Random } from '../../../kernel/random.ts';
import type { Ticker, Time } from '../../../kernel/time.ts';
import { isQrisDebited } from '../../../direct-debit/pay-qris.ts';
import { selectDebitedPayments } from '../../../direct-debit/store.ts';
import { selectSale } from '../../../payment/sale/store.ts';
import { openSecret } from './endpoint.ts';
import { decideNotice, type NoticeStep } from './decide.ts';
import type { NoticePost, NoticeReply } from './port.ts';
import {
  addressOf,
  noticeHeaders,
  tokenHeaders,
  noticeMessage,
  type NoticeEndpoint,
  type NoticeMessage,
} from './wire.ts';
import type { Sealer } from '../partner/seal.ts';
import {
  claimNotices,
  endAttempt,
  requeueStuck,
  selectEndpoint,
  selectNoticeQueue,
  type NoticeRow,
} from './store.ts';

export interface NoticeInput {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly post: NoticePost;
  /** The bank's RSA key for its calls to partners. */
  readonly key: KeyObject;
  /** Opens the secrets of endpoints. */
  readonly sealer: Sealer;
}

/** What waits and what lies with a person. */
export interface NoticeQueue {
  readonly waitingCount: number;
  readonly oldestAgeMs: number;
  readonly stuckCount: number;
}

export interface Notices {
  /** Sends what is due, once; the count. */
  work(): Promise<number>;
  /** As of the last look. */
  queue(): NoticeQueue;
  start(): void;
  stop(): Promise<void>;
}

const WORK_EVERY_MS = 2_000;
/** A partner answers a notice within this or is asked again. */
const TIMEOUT_MS = 10_000;
/** Longer than a token and a notice together. */
const LEASE_MS = 60_000;
/** Of one partner at a time: one that is slow cannot take the places of the others. */
const PER_PARTNER_MAX = 8;
const TOGETHER_MAX = 64;
const ROUNDS_MAX = 50;
/** A token is renewed this long before its end. */
const TOKEN_MARGIN_MS = 30_000;
const TOKEN_SECONDS_MAX = 3_600;

interface Context extends NoticeInput {
  readonly tokens: Map<string, { readonly token: string; readonly untilMs: number }>;
}

/** Opens the worker. */
export function openNotices(input: NoticeInput): Notices {
  const context: Context = { ...input, tokens: new Map() };
  const { db, time, log } = input;
  let queue: NoticeQueue = { waitingCount: 0, oldestAgeMs: 0, stuckCount: 0 };
  let ticker: Ticker | undefined;
  const work = async (): Promise<number> => {
    let count = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const nowMs = time.now();
      const rows = await claimNotices(db, {
        now: new Date(nowMs),
        leasedUntil: new Date(nowMs + LEASE_MS),
        perPartner: PER_PARTNER_MAX,
        limit: TOGETHER_MAX,
      });
      if (rows.length === 0) break;
      count += rows.length;
      await Promise.all(rows.map((row) => deliver(context, row)));
    }
    const { waiting, stuck, oldest_asked_at: oldest } = await selectNoticeQueue(db);
    queue = {
      waitingCount: Number(waiting),
      stuckCount: Number(stuck),
      oldestAgeMs: oldest ? time.now() - oldest.getTime() : 0,
    };
    return count;
  };
  return {
    work,
    queue: () => queue,
    start() {
      ticker ??= time.every(
        WORK_EVERY_MS,
        async () => void (await work()),
        (error) => log.error(faultOf(error), 'notice.work_failed'),
      );
    },
    async stop() {
      await ticker?.stop();
      ticker = undefined;
    },
  };
}

/** The service that took a payment from a customer; undefined for a transfer of the partner's own. */
async function askedBy(db: Db, paymentId: string): Promise<'54' | '50' | '60' | undefined> {
  if ((await selectDebitedPayments(db, [paymentId])).length > 0) return '54';
  if (await isQrisDebited({ db }, paymentId)) return '50';
  return (await selectSale(db, paymentId)) ? '60' : undefined;
}

async function deliver(context: Context, row: NoticeRow): Promise<void> {
  const { db, time, random, log } = context;
  try {
    const message = noticeMessage({
      ...row,
      asked: await askedBy(db, row.subject),
      attempt: row.attempt_count,
    });
    const endpoint = await selectEndpoint(db, row.partner_id);
    const reply = endpoint
      ? await send(context, { endpoint, message, externalId: row.external_id })
      : ({ kind: 'no_endpoint' } as const);
    faultPoint('notice.afterSend');
    const nowMs = time.now();
    const step = decideNotice({
      reply,
      service: message.service,
      attempt: row.attempt_count,
      askedAtMs: row.asked_at.getTime(),
      nowMs,
      chance: random.below(1_000) / 1_000,
    });
    await write(context, { row, step, nowMs });
    if (step.kind === 'stuck')
      log.error(
        { noticeId: row.id, partnerId: row.partner_id, answer: step.answer },
        'notice.stuck',
      );
  } catch (error) {
    // The lease ends by itself and the attempt is counted: it is taken up again, by whom it may be.
    log.error({ noticeId: row.id, ...faultOf(error) }, 'notice.attempt_failed');
  }
}

async function write(
  { db }: Context,
  input: { readonly row: NoticeRow; readonly step: NoticeStep; readonly nowMs: number },
): Promise<void> {
  const { row, step, nowMs } = input;
  await db.tx(async (tx) => {
    const isEnded = await endAttempt(tx, {
      id: row.id,
      attempt: row.attempt_count,
      state: step.kind === 'retry' ? 'waiting' : step.kind,
      dueAt: step.kind === 'retry' ? new Date(step.dueAtMs) : null,
      answer: step.answer,
      now: new Date(nowMs),
    });
    if (!isEnded || step.kind === 'retry') return;
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: `partner_notice.${step.kind}`,
        subject: row.id,
        data: {
          partnerId: row.partner_id,
          about: row.subject,
          attempts: row.attempt_count,
          answer: step.answer,
        },
      },
    ]);
  });
}

async function send(
  context: Context,
  input: {
    readonly endpoint: NoticeEndpoint;
    readonly message: NoticeMessage;
    readonly externalId: string;
  },
): Promise<NoticeReply | { readonly kind: 'no_token' }> {
  const { message } = input;
  const endpoint = opened(context, input.endpoint);
  const { url, signedPath } = addressOf(endpoint, message.path);
  let accessToken: string | undefined;
  if (endpoint.signature === 'symmetric') {
    if (endpoint.secret === null) return { kind: 'no_token' };
    accessToken = await tokenAt(context, endpoint);
    if (accessToken === undefined) return { kind: 'no_token' };
  }
  const reply = await context.post({
    url,
    headers: noticeHeaders({
      ...input,
      endpoint,
      signedPath,
      accessToken,
      key: context.key,
      body: message.body,
      nowMs: context.time.now(),
    }),
    body: message.body,
    timeoutMs: TIMEOUT_MS,
  });
  // A token that the partner does not take is not offered twice.
  if (reply.kind === 'answer' && reply.status === 401) context.tokens.delete(endpoint.id);
  return reply;
}

/** The endpoint with its secret in the clear; null when what the database holds is not what was sealed for it. */
function opened({ sealer, log }: Context, endpoint: NoticeEndpoint): NoticeEndpoint {
  if (endpoint.secret === null) return endpoint;
  const secret = openSecret(sealer, endpoint) ?? null;
  if (secret === null) log.error({ endpointId: endpoint.id }, 'notice.secret_unreadable');
  return { ...endpoint, secret };
}

/** Our token at the partner's, kept until shortly before its end. */
async function tokenAt(context: Context, endpoint: NoticeEndpoint): Promise<string | undefined> {
  const known = context.tokens.get(endpoint.id);
  const nowMs = context.time.now();
  if (known && known.untilMs > nowMs) return known.token;
  const { url } = addressOf(endpoint, '/v1.0/access-token/b2b');
  const reply = await context.post({
    url,
    headers: tokenHeaders({ endpoint, key: context.key, nowMs }),
    body: Buffer.from('{"grantType":"client_credentials"}'),
    timeoutMs: TIMEOUT_MS,
  });
  if (reply.kind !== 'answer' || reply.status !== 200) return undefined;
  const told = readToken(reply.body);
  if (!told) return undefined;
  const lifeMs = Math.min(told.seconds, TOKEN_SECONDS_MAX) * 1_000 - TOKEN_MARGIN_MS;
  context.tokens.set(endpoint.id, { token: told.token, untilMs: nowMs + lifeMs });
  return told.token;
}

function readToken(body: Buffer): { readonly token: string; readonly seconds: number } | undefined {
  try {
    const { accessToken, expiresIn } = JSON.parse(body.toString('utf8')) as {
      readonly accessToken?: unknown;
      readonly expiresIn?: unknown;
    };
    const seconds = Number(expiresIn);
    if (typeof accessToken !== 'string' || !/^[\x21-\x7e]{1,2048}$/.test(accessToken))
      return undefined;
    return Number.isInteger(seconds) && seconds > 0 ? { token: accessToken, seconds } : undefined;
  } catch {
    return undefined;
  }
}

/** Lets a stuck notice be tried for another 24 hours; false when it is not stuck. */
export async function retryNotice(
  context: Pick<NoticeInput, 'db' | 'time'>,
  input: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const nowMs = context.time.now();
  return context.db.tx(async (tx) => {
    if (!(await requeueStuck(tx, { id: input.id, now: new Date(nowMs) }))) return false;
    const { by, reason } = input;
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'partner_notice.requeued', subject: input.id, data: { by, reason } },
    ]);
    return true;
  });
}

/** The kind of a fault, never its text, which may quote an address or a value. */
function faultOf(error: unknown): Readonly<Record<string, unknown>> {
  const { name } = error as Error;
  return error instanceof DbFault ? { fault: name, code: error.code } : { fault: name };
}
