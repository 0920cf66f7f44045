/** The mobile API under `/app/api`: routes by hand, one error handler, problem+json in the reader's language. Owns the wire form
 * and nothing else: what may be paid is decided behind the payment engine, who somebody is by the session slice. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import { DbFault } from '../../db/pool.ts';
import { LedgerBusy } from '../../ledger/port.ts';
import type { Language } from '../../notify/template.ts';
import { readerLanguage, requireSession, sessionOf } from '../session/require.ts';
import { SecretBusy } from '../session/secret.ts';
import { registerCards } from './card.ts';
import { registerBulks } from './bulk.ts';
import { registerBills } from './bill.ts';
import { registerHistory } from './history.ts';
import { registerHome } from './home.ts';
import { registerMessages } from './message.ts';
import type { MobileDeps } from './port.ts';
import { answerProblem, Refused, type ProblemCode } from './problem.ts';
import { registerPresented } from './presented.ts';
import { registerProxies } from './proxies.ts';
import { registerQrisPay } from './qris-pay.ts';
import { registerQrisReceive } from './qris-person.ts';
import { registerQris } from './qris.ts';
import { registerAccess } from './sign-in.ts';
import { registerShop } from './shop.ts';
import { registerStanding } from './standing.ts';
import { registerTerms } from './terms.ts';
import { registerThirdParty } from './third-party.ts';
import { registerTransfer } from './transfer.ts';

/** A Fastify scope with TypeBox types. */
export type Scope = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Bytes of a request body: the largest is a consent text. */
const BODY_BYTES_MAX = 8_192;

/** Registers the whole mobile API on a server that `app` owns. */
export async function registerMobile(app: FastifyInstance, deps: MobileDeps): Promise<void> {
  await app.register(
    async (plain) => {
      const scope = plain.withTypeProvider<TypeBoxTypeProvider>();
      scope.setValidatorCompiler(TypeBoxValidatorCompiler);
      await scope.register(rateLimit, { global: false, keyGenerator: callerKey });
      scope.addHook('onRoute', (route) => {
        route.bodyLimit ??= BODY_BYTES_MAX;
      });
      scope.addHook('onSend', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      scope.setErrorHandler((error: FastifyError | Refused, request, reply) =>
        answerError(deps, { error, request, reply }),
      );
      scope.setNotFoundHandler((request, reply) =>
        answerProblem(reply, { code: 'not_found', language: readerLanguage(request) }),
      );
      registerAccess(scope, deps);
      await scope.register(async (inner) => {
        inner.addHook('onRequest', requireSession(deps.access, 'customer'));
        const signedIn = inner.withTypeProvider<TypeBoxTypeProvider>();
        registerHome(signedIn, deps);
        registerMessages(signedIn, deps);
        registerTerms(signedIn, deps);
        registerTransfer(signedIn, deps);
        registerProxies(signedIn, deps);
        registerBills(signedIn, deps);
        registerStanding(signedIn, deps);
        registerBulks(signedIn, deps);
        registerQris(signedIn, deps);
        registerCards(signedIn, deps);
        registerShop(signedIn, deps);
        registerQrisPay(signedIn, deps);
        registerQrisReceive(signedIn, deps);
        registerPresented(signedIn, deps);
        registerHistory(signedIn, deps);
        registerThirdParty(signedIn, deps);
      });
    },
    { prefix: '/app/api' },
  );
}

/** The language of whoever asks: the customer's own once signed in. */
export function languageOf(request: FastifyRequest): Language {
  try {
    return sessionOf(request).language;
  } catch {
    return readerLanguage(request);
  }
}

/** Rate limits go by the session's owner where there is one, else by address. */
function callerKey(request: FastifyRequest): string {
  try {
    return `customer:${sessionOf(request).subject}`;
  } catch {
    return `address:${request.ip}`;
  }
}

function answerError(
  deps: MobileDeps,
  input: {
    readonly error: FastifyError | Refused;
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
  },
): FastifyReply {
  const { error, request, reply } = input;
  const language = languageOf(request);
  if (error instanceof Refused)
    return answerProblem(reply, { code: error.code, language, extra: error.extra });
  if ('validation' in error && error.validation)
    return answerProblem(reply, { code: 'invalid_field', language, extra: fieldOf(error) });
  const code = faultCode(error);
  if (code === 'internal')
    deps.log.error({ route: request.routeOptions.url, error: error.message }, 'mobile.failed');
  else if (code === 'unavailable')
    deps.log.warn({ route: request.routeOptions.url, error: error.name }, 'mobile.unavailable');
  return answerProblem(reply, { code, language });
}

function faultCode(error: Error): ProblemCode {
  if (error instanceof LedgerBusy) return 'busy';
  if (error instanceof DbFault || error instanceof SecretBusy) return 'unavailable';
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 429) return 'rate_limited';
  return status >= 400 && status < 500 ? 'invalid_field' : 'internal';
}

/** The first field that broke its rule, as the client names it. */
function fieldOf(error: FastifyError): { readonly field?: string } {
  const first = error.validation?.[0];
  const path = (first?.instancePath ?? '').split('/').filter(Boolean);
  const extra = first?.params as
    | {
        additionalProperty?: string;
        additionalProperties?: string[];
        requiredProperties?: string[];
        missingProperty?: string;
      }
    | undefined;
  const field =
    path[0] ??
    extra?.additionalProperties?.[0] ??
    extra?.requiredProperties?.[0] ??
    extra?.additionalProperty ??
    extra?.missingProperty;
  return field === undefined ? {} : { field };
}
