/** Sessions over HTTP: the cookie, the CSRF header and the hook that lets only signed-in people of one kind pass. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Session } from './access.ts';
import { DEVICE_COOKIE, type Origin } from './device.ts';
import { sendProblem } from './problem.ts';
import type { PersonKind } from './store.ts';

/** The cookie of both faces; its path keeps the two apart in one browser. */
export const SESSION_COOKIE = 'pulih_session';
/** Header of every call that changes something. */
export const CSRF_HEADER = 'x-csrf-token';

const COOKIE_PATH = { customer: '/app', staff: '/console' } as const satisfies Record<
  PersonKind,
  string
>;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

const sessions = new WeakMap<FastifyRequest, Session>();

/** The session that `requireSession` found for this request. Throws where the hook did not run. */
export function sessionOf(request: FastifyRequest): Session {
  const session = sessions.get(request);
  if (!session) throw new Error('Cannot read session: the route does not require one');
  return session;
}

/** A Fastify `onRequest` hook: 401 `signed_out` without a live session of this kind; 403 `csrf` when a call that may change
 * something does not carry the session's token. Answers problem+json in the reader's language. */
export function requireSession(access: Access, kind: PersonKind) {
  return async function check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const token = sessionToken(request);
    const session = token === undefined ? undefined : await access.find(token, originOf(request));
    if (!session || session.kind !== kind) {
      await sendProblem(reply, { status: 401, code: 'signed_out', ...words(request).signedOut });
      return;
    }
    const header = request.headers[CSRF_HEADER];
    if (
      !SAFE_METHODS.has(request.method) &&
      !access.isCsrfRight(session, typeof header === 'string' ? header : undefined)
    ) {
      await sendProblem(reply, { status: 403, code: 'csrf', ...words(request).csrf });
      return;
    }
    sessions.set(request, session);
  };
}

/** The session token that the browser sent. */
export function sessionToken(request: FastifyRequest): string | undefined {
  return cookieOf(request, SESSION_COOKIE);
}

/** The device cookie and the address. */
export function originOf(request: FastifyRequest): Origin {
  return { deviceToken: cookieOf(request, DEVICE_COOKIE), source: request.ip };
}

function cookieOf(request: FastifyRequest, wanted: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted) return value;
  }
  return undefined;
}

/** A browser keeps a cookie at most so long. */
const DEVICE_SECONDS = 400 * 86_400;

/** Sets the cookies of session and device: HttpOnly, SameSite=Strict, `Secure` unless the site is served over plain HTTP on this machine. */
export function setSessionCookie(
  reply: FastifyReply,
  input: {
    readonly token: string;
    readonly deviceToken: string;
    readonly session: Session;
    readonly secure: boolean;
    readonly nowMs: number;
  },
): void {
  const maxAge = Math.floor((input.session.expiresAtMs - input.nowMs) / 1000);
  reply.header(
    'set-cookie',
    cookie({ value: input.token, kind: input.session.kind, secure: input.secure, maxAge }),
  );
  const secure = input.secure ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${DEVICE_COOKIE}=${input.deviceToken}; Max-Age=${DEVICE_SECONDS}; Path=/; HttpOnly${secure}; SameSite=Strict`,
  );
}

/** Takes the cookie back. */
export function clearSessionCookie(
  reply: FastifyReply,
  input: { readonly kind: PersonKind; readonly secure: boolean },
): void {
  reply.header(
    'set-cookie',
    cookie({ value: '', kind: input.kind, secure: input.secure, maxAge: 0 }),
  );
}

function cookie(input: {
  readonly value: string;
  readonly kind: PersonKind;
  readonly secure: boolean;
  readonly maxAge: number;
}): string {
  // The value is base64url, so nothing needs escaping.
  const secure = input.secure ? '; Secure' : '';
  return `${SESSION_COOKIE}=${input.value}; Max-Age=${input.maxAge}; Path=${COOKIE_PATH[input.kind]}; HttpOnly${secure}; SameSite=Strict`;
}

/** The language a reader without a session asks for; Indonesian unless the browser prefers English. */
export function readerLanguage(request: FastifyRequest): 'id' | 'en' {
  return (request.headers['accept-language'] ?? '').trim().toLowerCase().startsWith('en')
    ? 'en'
    : 'id';
}

const WORDS = {
  id: {
    signedOut: {
      title: 'Sesi berakhir',
      detail: 'Anda belum masuk, atau sesi sudah berakhir.',
      wayOut: 'Silakan masuk kembali.',
    },
    csrf: {
      title: 'Permintaan ditolak',
      detail: 'Permintaan ini tidak berasal dari halaman Anda.',
      wayOut: 'Muat ulang halaman lalu coba lagi.',
    },
  },
  en: {
    signedOut: {
      title: 'Session ended',
      detail: 'You are not signed in, or the session has ended.',
      wayOut: 'Please sign in again.',
    },
    csrf: {
      title: 'Request refused',
      detail: 'This request did not come from your page.',
      wayOut: 'Reload the page and try again.',
    },
  },
} as const;

function words(request: FastifyRequest): (typeof WORDS)['id' | 'en'] {
  return WORDS[readerLanguage(request)];
}
