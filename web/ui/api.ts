/** The fetch client of all faces: same origin, CSRF header, problem+json. Never throws for an expected answer; a lost network is
 * an answer of its own, because "I do not know" is not "it failed" (I2). */
import { language } from './language.ts';

/** RFC 9457, as our channels send it: what happened, which field, which rule, the way out. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly field?: string;
  readonly rule?: string;
  readonly wayOut?: string;
  readonly [extra: string]: unknown;
}

export type ApiResult<T> =
  | { readonly ok: true; readonly value: T }
  /** The server answered no. */
  | { readonly ok: false; readonly kind: 'problem'; readonly problem: Problem }
  /** No answer came: for a payment this means "ask again with the same key", never "failed". */
  | { readonly ok: false; readonly kind: 'offline' };

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** How long a face waits before it says that no answer came. */
const TIMEOUT_MS = 20_000;

/** Makes a caller for one API. `csrf` gives the current token; `onSignedOut` hears every 401 that ends a session. */
export function apiClient(input: {
  readonly base: string;
  readonly csrf: () => string | undefined;
  readonly onSignedOut?: () => void;
}) {
  return async function call<T>(path: string, options: ApiCall = {}): Promise<ApiResult<T>> {
    const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-language': language.value,
      ...options.headers,
    };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const csrf = input.csrf();
    if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
    let response: Response;
    let text: string;
    try {
      response = await fetch(input.base + path, {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      text = await response.text();
    } catch {
      return { ok: false, kind: 'offline' };
    }
    const body = parse(text);
    if (response.ok) return { ok: true, value: body as T };
    const problem = asProblem(response.status, body);
    // A proxy in between answers 502–504 without our problem form: nobody knows what happened behind it.
    if (!problem) return { ok: false, kind: 'offline' };
    if (problem.status === 401 && problem.code === 'signed_out') input.onSignedOut?.();
    return { ok: false, kind: 'problem', problem };
  };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asProblem(status: number, body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const problem = body as Partial<Problem>;
  if (typeof problem.code !== 'string' || typeof problem.title !== 'string') return undefined;
  return { ...problem, status, code: problem.code, title: problem.title };
}
