/** A browser without a screen: signs in to the app or the console of a core and calls its API with cookie and CSRF token. */
import { randomBytes } from 'node:crypto';

/** One answer; `body` is empty when there was none. */
export interface FaceAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Face {
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<FaceAnswer>;
  /** Session cookie and CSRF token so far. */
  secrets(): readonly string[];
}

/** Opens a face without a session; the first call that signs in gives it one. */
export function openFace(base: string): Face {
  let cookie: string | undefined;
  let device: string | undefined;
  let csrf: string | undefined;
  return {
    secrets: () => [cookie?.split('=')[1], csrf].filter((one) => one !== undefined),
    async call(method, path, body) {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(cookie === undefined ? {} : { cookie: [cookie, device].join('; ') }),
          ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
          'idempotency-key': randomBytes(12).toString('hex'),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const [opened, signed] = answer.headers.getSetCookie().map((one) => one.split(';')[0]);
      cookie = opened ?? cookie;
      device = signed ?? device;
      const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
      const session = (said['customer'] ?? said) as { csrfToken?: string };
      csrf = session.csrfToken ?? csrf;
      return { status: answer.status, body: said };
    },
  };
}
