/** Who is here: session information, sign-in, language, sign-out. */
import { Type } from 'typebox';
import type { Session } from '../session/access.ts';
import {
  clearSessionCookie,
  originOf,
  readerLanguage,
  requireSession,
  sessionOf,
  sessionToken,
  setSessionCookie,
} from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { Language, SessionBody, SignInBody } from './schema.ts';

/** Tries of one address per minute, above what a household needs. The lock per customer is the session slice's. */
const SIGN_IN_MAX = 20;
const MINUTE_MS = 60_000;

/** Registers the routes that work without a session, and the two that end or change one. */
export function registerAccess(scope: Scope, deps: MobileDeps): void {
  const { access, time, isSecure } = deps;
  const own = { onRequest: requireSession(access, 'customer') };

  scope.get('/session', { schema: { response: { 200: SessionBody } } }, async (request) => {
    const token = sessionToken(request);
    const session = token === undefined ? undefined : await access.find(token, originOf(request));
    return sessionBody(
      deps,
      session?.kind === 'customer' ? session : undefined,
      readerLanguage(request),
    );
  });

  scope.post(
    '/sign-in',
    {
      schema: { body: SignInBody, response: { 200: SessionBody } },
      config: { rateLimit: { max: SIGN_IN_MAX, timeWindow: MINUTE_MS } },
    },
    async (request, reply) => {
      const device = request.headers['user-agent'] ?? 'unknown';
      const from = originOf(request);
      const result = await access.signIn({ kind: 'customer', ...request.body, device, ...from });
      if (!result.ok) throw new Refused('wrong_sign_in');
      setSessionCookie(reply, {
        ...result,
        secure: isSecure,
        nowMs: time.now(),
      });
      return sessionBody(deps, result.session, result.session.language);
    },
  );

  scope.put(
    '/language',
    {
      ...own,
      schema: {
        body: Type.Object({ language: Language }, { additionalProperties: false }),
        response: { 200: SessionBody },
      },
    },
    async (request) => {
      const { language } = request.body;
      await access.setLanguage(sessionOf(request), language);
      return sessionBody(deps, { ...sessionOf(request), language }, language);
    },
  );

  scope.post('/sign-out', own, async (request, reply) => {
    await access.signOut(sessionOf(request));
    clearSessionCookie(reply, { kind: 'customer', secure: isSecure });
    return reply.code(204).send();
  });
}

function sessionBody(deps: MobileDeps, session: Session | undefined, language: 'id' | 'en') {
  return {
    bankName: deps.bank.name,
    bankBic: deps.bank.bic,
    nowMs: deps.time.now(),
    language: session?.language ?? language,
    ...(session
      ? {
          customer: {
            name: session.name,
            csrfToken: session.csrfToken,
            expiresAtMs: session.expiresAtMs,
          },
        }
      : {}),
  };
}
