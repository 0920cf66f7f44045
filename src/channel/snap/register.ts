/** Registers the SNAP BI partner API under `/v1.0`: raw bodies in, one order of checks for all services, one place where outcomes
 * become answers. Owns HTTP; the services own meaning. Source: domain.md section 3. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DbFault, type Db } from '../../db/pool.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import { wibDate, wibIso, type Ticker, type Time } from '../../kernel/time.ts';
import { LedgerBusy, type Balance } from '../../ledger/port.ts';
import { openMerchants } from '../../merchant/open.ts';
import { settingsReader } from '../../payment/settings.ts';
import { answer, type SnapAnswer } from './answer.ts';
import type { SnapRequest } from './authenticate.ts';
import { openBanks } from './bank.ts';
import { BatcherFull } from './batcher.ts';
import { SERVICES, type ServiceCode, type ServicePath } from './code.ts';
import { SnapRefusal } from './fault.ts';
import { balanceInquiry } from './service/account.ts';
import { fraudAlarm } from './service/alarm.ts';
import { cardBind, cardUnbind } from './service/card-bind.ts';
import { debitCancel, debitPayment, debitRefund, debitStatus } from './service/debit.ts';
import { bankStatement, historyDetail, historyList } from './service/history.ts';
import { inquiryExternal, inquiryInternal } from './service/inquiry.ts';
import { originOf, type Proxies } from './partner/origin.ts';
import { StrangersFull } from './partner/partner.ts';
import { qrDecode, qrGenerate } from './service/qr.ts';
import { qrPayment } from './service/qr-pay.ts';
import { qrCancel, qrQuery, qrRefund, scanQuery } from './service/qr-sale.ts';
import { scanPayment } from './service/qr-scan.ts';
import type { RequestLog } from './request-log.ts';
import type { Sealer } from './partner/seal.ts';
import type { Service, ServiceContext } from './serve.ts';
import { transferStatus } from './service/status.ts';
import { deleteExternalIdsBefore } from './store.ts';
import { createVa, vaInquiry, vaPayment, vaStatus } from './service/va.ts';
import { entryOf, openTaking, type Trace } from './take.ts';
import { transferInterbank, transferIntrabank } from './service/transfer.ts';
import { openWatch } from './watch.ts';

/** Far above any SNAP transfer, small enough that many at once fit in memory. */
const BODY_BYTES_MAX = 32_768;
const SWEEP_MS = 3_600_000;
const SWEEP_PAGE = 20_000;
const SWEEP_PAGES_MAX = 500;
const DAY_MS = 86_400_000;

const HANDLERS: Readonly<Record<Exclude<ServiceCode, '73' | '74'>, Service>> = {
  '11': balanceInquiry,
  '12': historyList,
  '13': historyDetail,
  '14': bankStatement,
  '15': inquiryInternal,
  '16': inquiryExternal,
  '17': transferIntrabank,
  '18': transferInterbank,
  '24': vaInquiry,
  '25': vaPayment,
  '26': vaStatus,
  '27': createVa,
  '36': transferStatus,
  '01': cardBind,
  '05': cardUnbind,
  '54': debitPayment,
  '55': debitStatus,
  '57': debitCancel,
  '58': debitRefund,
  '47': qrGenerate,
  '48': qrDecode,
  '50': qrPayment,
  '51': qrQuery,
  '60': scanPayment,
  '61': scanQuery,
  '62': qrCancel('62'),
  '80': qrRefund('80'),
  '77': qrCancel('77'),
  '78': qrRefund('78'),
  '99': fraudAlarm,
};

export interface SnapInput {
  readonly presented: ServiceContext['presented'];
  readonly engine: ServiceContext['engine'] & Pick<ServiceContext, 'sales'>;
  readonly ledger: ServiceContext['ledger'];
  readonly balance: (account: string) => Promise<Balance | undefined>;
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly bank: BankProfile;
  /** Opens the keys of partners. */
  readonly sealer: Sealer;
  /** Terminating proxies whose headers are believed; none unless told. */
  readonly proxies?: Proxies | undefined;
  /** How many processes share what a partner may ask. @default 1 */
  readonly processCount?: number;
  /** Where requests are kept; a drill, whose database is thrown away, has none. */
  readonly requestLog?: RequestLog;
}

/** The running channel. */
export interface SnapChannel extends Ticker {
  /** Requests refused for where they came from. */
  strangeCount(): number;
}

/** Adds the routes. Nothing else of the app is touched: parser, error and not-found handlers live inside `/v1.0`.
 * What it returns forgets external ids of past days; stop it before the database closes. */
export function registerSnap(app: FastifyInstance, input: SnapInput): SnapChannel {
  const { db, time, log, proxies } = input;
  const watch = openWatch(input);
  const context: ServiceContext = {
    ...input,
    sales: input.engine.sales,
    banks: openBanks(db, time),
    settings: settingsReader({ db, time, log, over: {} }),
    merchants: openMerchants(input),
  };
  const taking = openTaking({
    ...input,
    watch,
    serve: (service, asked) => HANDLERS[service](context, asked),
  });

  async function handle(
    service: ServiceCode,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const startedMs = time.now();
    const asked = askedOf(request, proxies);
    const trace: Trace = {};
    let told: SnapAnswer;
    try {
      told = await taking(service, asked, trace);
    } catch (error) {
      told = faultAnswer({ service, error, log });
    }
    const ms = time.now() - startedMs;
    input.requestLog?.tell(entryOf({ service, asked, trace, told, startedMs, ms }));
    return send(reply, told, time);
  }

  app.register(async (scope) => openRoutes(scope, { handle, time, log }), { prefix: '/v1.0' });
  const sweeper = time.every(
    SWEEP_MS,
    () => sweep({ db, time }),
    (error) => log.warn(faultFields(error), 'snap.sweep_failed'),
  );
  return {
    strangeCount: watch.strangeCount,
    stop: async () => void (await Promise.all([sweeper.stop(), watch.stop()])),
  };
}

function askedOf(request: FastifyRequest, proxies: Proxies | undefined): SnapRequest {
  const { headers } = request;
  return {
    method: request.method,
    url: request.raw.url ?? request.url,
    headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    origin: originOf(proxies, { peer: request.raw.socket.remoteAddress ?? '', headers }),
  };
}

/** Parser, error and not-found handlers stay inside this scope. */
function openRoutes(
  scope: FastifyInstance,
  input: {
    readonly handle: (
      service: ServiceCode,
      request: FastifyRequest,
      reply: FastifyReply,
    ) => Promise<FastifyReply>;
    readonly time: Time;
    readonly log: Log;
  },
): void {
  const { handle, time, log } = input;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );
  scope.setErrorHandler((error, request, reply) =>
    send(reply, transportAnswer({ error, service: serviceOf(request.url), log }), time),
  );
  scope.setNotFoundHandler((request, reply) => {
    const service = serviceOf(request.url);
    return send(
      reply,
      answer({ service, caseName: service === '00' ? 'notFound' : 'notAllowed' }),
      time,
    );
  });
  for (const [path, service] of Object.entries(SERVICES)) {
    scope.post(path, { bodyLimit: BODY_BYTES_MAX, schema: { hide: true } }, (request, reply) =>
      handle(service, request, reply),
    );
  }
}

/** An id of a past day is kept one day longer than any timestamp that could still bring it. */
async function sweep({ db, time }: { readonly db: Db; readonly time: Time }): Promise<void> {
  const day = wibDate(time.now() - DAY_MS);
  for (let page = 0; page < SWEEP_PAGES_MAX; page++) {
    if ((await deleteExternalIdsBefore(db, { day, limit: SWEEP_PAGE })) < SWEEP_PAGE) return;
  }
}

function serviceOf(url: string): ServiceCode | '00' {
  const path = url.split('?', 1)[0]!.replace('/v1.0', '');
  return Object.hasOwn(SERVICES, path) ? SERVICES[path as ServicePath] : '00';
}

/** 500xx00 and 500xx01 both say "unknown, enquire" to a partner (domain.md 3.4): a fault after a submit may have moved money. */
function faultAnswer(input: {
  readonly service: ServiceCode;
  readonly error: unknown;
  readonly log: Log;
}): SnapAnswer {
  const { service, error, log } = input;
  if (error instanceof SnapRefusal)
    return answer({ service, caseName: error.caseName, detail: error.detail });
  if (error instanceof LedgerBusy || error instanceof BatcherFull || error instanceof StrangersFull)
    return answer({ service, caseName: 'tooManyRequests' });
  const isDatabase = error instanceof DbFault;
  log.error(
    { service, ...faultFields(error) },
    isDatabase ? 'snap.database_failed' : 'snap.failed',
  );
  return answer({ service, caseName: isDatabase ? 'generalError' : 'internalError' });
}

/** What Fastify refuses before a handler runs: too large, wrong content type, broken request. Nothing has happened then. */
function transportAnswer(input: {
  readonly error: unknown;
  readonly service: ServiceCode | '00';
  readonly log: Log;
}): SnapAnswer {
  const { error, service, log } = input;
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const detail =
      statusCode === 413
        ? 'body is too large'
        : statusCode === 415
          ? 'Content-Type must be application/json'
          : undefined;
    return answer({ service, caseName: 'badRequest', detail });
  }
  log.error({ service, ...faultFields(error) }, 'snap.failed');
  return answer({ service, caseName: 'internalError' });
}

/** The kind of a fault, never its text, which may quote values. */
function faultFields(error: unknown): Readonly<Record<string, unknown>> {
  const { name, code } = error as { name?: string; code?: string };
  return { fault: name, code };
}

function send(reply: FastifyReply, told: SnapAnswer, time: Time): FastifyReply {
  return reply
    .code(told.http)
    .header('content-type', 'application/json')
    .header('cache-control', 'no-store')
    .header('x-timestamp', wibIso(time.now()))
    .send(told.json);
}
