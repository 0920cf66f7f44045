/** One order of checks for all services: who asks, how much it may ask, what it says, whether it said it before; then the service. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Db } from '../../db/pool.ts';
import type { Random } from '../../kernel/random.ts';
import { wibDate, type Time } from '../../kernel/time.ts';
import { answer, type SnapAnswer } from './answer.ts';
import {
  authenticate,
  authenticateClient,
  type AuthenticateContext,
  type Caller,
  type SnapRequest,
} from './authenticate.ts';
import { groupOf, openBudget, type Budget } from './budget.ts';
import { responseCode, type ServiceCode } from './code.ts';
import { customerToken } from './customer-token.ts';
import { openExternalIds } from './external-id.ts';
import { SnapRefusal } from './fault.ts';
import { FIELDS } from './field.ts';
import { readBody, type ReadBody } from './read-body.ts';
import { openGuessBound } from './guess.ts';
import { openPartners, type Partner } from './partner/partner.ts';
import type { RequestEntry } from './request-log.ts';
import type { Sealer } from './partner/seal.ts';
import { openTokens, TOKEN_SECONDS } from './token.ts';
import type { Watch } from './watch.ts';

/** Services that need a signed transaction request. */
type TransactionCode = Exclude<ServiceCode, '73' | '74'>;

/** Who asked, as far as it is known, for the log of requests. */
export interface Trace {
  partnerId?: string;
  externalId?: string;
  keyId?: string;
}

/** Takes a request. Throws SnapRefusal, BatcherFull, StrangersFull, DbFault, and what the service throws. */
export type Taking = (
  service: ServiceCode,
  request: SnapRequest,
  trace: Trace,
) => Promise<SnapAnswer>;

/** Opens what the checks remember. */
export function openTaking(input: {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly sealer: Sealer;
  readonly processCount?: number;
  readonly watch: Watch;
  readonly serve: (
    service: TransactionCode,
    asked: {
      readonly caller: Caller;
      readonly body: ReadBody;
      readonly headers: IncomingHttpHeaders;
    },
  ) => Promise<SnapAnswer>;
}): Taking {
  const { db, time, watch } = input;
  const budget = openBudget(time, input.processCount);
  const tokens = openTokens(input);
  const takeExternalId = openExternalIds(db);
  const guards: AuthenticateContext = {
    time,
    tokens,
    budget,
    partners: openPartners({ ...input, onUnreadable: watch.unreadableKeys }),
    guesses: openGuessBound(time),
    onStrangeOrigin: watch.strangeOrigin,
  };

  async function issueToken(
    service: '73' | '74',
    request: SnapRequest,
    trace: Trace,
  ): Promise<SnapAnswer> {
    const { partner, keyId } = await authenticateClient(guards, request);
    trace.partnerId = partner.id;
    trace.keyId = keyId;
    return within(budget, { partner, service }, async () => {
      const body = readBody(FIELDS[service], request.body);
      if (service === '74') return customerToken(input, { partner, body });
      const accessToken = await tokens.issue(partner.id);
      return answer({
        service,
        caseName: 'successful',
        fields: { accessToken, tokenType: 'Bearer', expiresIn: String(TOKEN_SECONDS) },
      });
    });
  }

  async function transact(
    service: TransactionCode,
    request: SnapRequest,
    trace: Trace,
  ): Promise<SnapAnswer> {
    const caller = await authenticate(guards, request);
    const { partner, externalId, signedAtMs } = caller;
    trace.partnerId = partner.id;
    trace.externalId = externalId;
    trace.keyId = caller.keyId;
    return within(budget, { partner, service }, async () => {
      const body = readBody(FIELDS[service], request.body);
      const day = wibDate(signedAtMs);
      const isNew = await takeExternalId({ partnerId: partner.id, day, externalId });
      if (!isNew) throw new SnapRefusal('conflict', 'X-EXTERNAL-ID');
      return input.serve(service, { caller, body, headers: request.headers });
    });
  }

  return (service, request, trace) =>
    service === '73' || service === '74'
      ? issueToken(service, request, trace)
      : transact(service, request, trace);
}

async function within(
  budget: Budget,
  asked: { readonly partner: Partner; readonly service: ServiceCode },
  work: () => Promise<SnapAnswer>,
): Promise<SnapAnswer> {
  const leave = budget.enter(asked.partner, groupOf(asked.service));
  if (!leave) throw new SnapRefusal('tooManyRequests');
  try {
    return await work();
  } finally {
    leave();
  }
}

/** What a stranger wrote is kept only where it has the form of an id. */
const NAMED = /^[A-Za-z0-9._-]{1,36}$/;

/** A request and its answer for the log. */
export function entryOf(input: {
  readonly service: ServiceCode;
  readonly asked: SnapRequest;
  readonly trace: Trace;
  readonly told: SnapAnswer;
  readonly startedMs: number;
  readonly ms: number;
}): RequestEntry {
  const { service, asked, trace, told } = input;
  const named =
    asked.headers[service === '73' || service === '74' ? 'x-client-key' : 'x-partner-id'];
  const stranger = typeof named === 'string' && NAMED.test(named) ? named : '';
  return {
    atMs: input.startedMs,
    service,
    partnerId: trace.partnerId ?? stranger,
    isAuthenticated: trace.partnerId !== undefined,
    externalId: trace.externalId,
    keyId: trace.keyId,
    address: asked.origin.address,
    code: responseCode(service, told.caseName),
    ms: input.ms,
    request: trace.partnerId === undefined ? NOTHING : asked.body,
    answer: told.json,
  };
}

const NOTHING = Buffer.alloc(0);
