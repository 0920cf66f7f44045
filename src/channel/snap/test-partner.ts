/** A partner's server for tests: signs as domain.md 3.2 and 3.3 say, with code of its own, so that a bug of ours cannot hide in it. */
import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The demo key pair of all test partners. */
export const PARTNER_KEY_PEM = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

export interface Reply {
  readonly http: number;
  readonly code: string;
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  /** The token to send; one is fetched otherwise. `null` sends none. */
  readonly token?: string | null;
  /** The text to send as body instead of `JSON.stringify(body)`; the signature covers `signedText` or this. */
  readonly text?: string;
  readonly signedText?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly externalId?: string;
  readonly atMs?: number;
  readonly method?: 'POST' | 'GET' | 'PUT';
  /** Whence; loopback otherwise. */
  readonly address?: string;
}

export interface TestPartner {
  readonly id: string;
  token(options?: {
    readonly key?: KeyObject;
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly atMs?: number;
    readonly body?: unknown;
    /** Another token service, signed the same way. */
    readonly path?: string;
    readonly address?: string;
  }): Promise<Reply>;
  /** Forgets its token, for a clock that was moved on. */
  renew(): Promise<void>;
  call(path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
}

/** Two clients of one partner do not give out the same X-EXTERNAL-ID. */
let count = 0;

/** Opens a client of `app` for a partner. */
export function testPartner(
  app: FastifyInstance,
  input: {
    readonly id: string;
    /** null = signs with its private key and sends no token unless told to. */
    readonly secret: string | null;
    readonly encoding: 'base64' | 'hex';
    readonly privateKey?: KeyObject;
    readonly now: () => number;
  },
): TestPartner {
  let known: Promise<string> | undefined;
  const privateKey = input.privateKey ?? keys.privateKey;
  const partner: TestPartner = {
    id: input.id,
    async renew() {
      known = undefined;
    },
    token({ key, headers, atMs, body, path, address } = {}) {
      const timestamp = isoWib(atMs ?? input.now());
      const signature = sign(
        'RSA-SHA256',
        Buffer.from(`${input.id}|${timestamp}`),
        key ?? privateKey,
      ).toString('base64');
      const all = {
        'content-type': 'application/json',
        'x-timestamp': timestamp,
        'x-client-key': input.id,
        'x-signature': signature,
        ...headers,
      };
      const payload = JSON.stringify(body ?? { grantType: 'client_credentials' });
      return send(app, path ?? '/v1.0/access-token/b2b', {
        method: 'POST',
        headers: present(all),
        payload,
        ...(address !== undefined && { remoteAddress: address }),
      });
    },
    async call(path, body, options = {}) {
      const isOwn = options.token === undefined && input.secret !== null;
      const token = isOwn ? await (known ??= tokenOf(partner)) : (options.token ?? undefined);
      const timestamp = isoWib(options.atMs ?? input.now());
      const text = options.text ?? JSON.stringify(body);
      const tight =
        options.signedText ??
        (options.text === undefined ? text : JSON.stringify(JSON.parse(text)));
      const hash = createHash('sha256').update(tight).digest('hex');
      const method = options.method ?? 'POST';
      const signature = signed({ ...input, privateKey }, { method, path, token, hash, timestamp });
      const headers = {
        'content-type': 'application/json',
        authorization: token === undefined ? undefined : `Bearer ${token}`,
        'x-timestamp': timestamp,
        'x-signature': signature,
        'x-partner-id': input.id,
        'x-external-id': options.externalId ?? String(++count).padStart(12, '0'),
        'channel-id': '95221',
        ...options.headers,
      };
      return send(app, path, {
        method,
        headers: present(headers),
        payload: text,
        ...(options.address !== undefined && { remoteAddress: options.address }),
      });
    },
  };
  return partner;
}

function tokenOf(partner: Pick<TestPartner, 'token'>): Promise<string> {
  return partner.token().then(({ body }) => String(body['accessToken']));
}

function signed(
  input: { secret: string | null; privateKey: KeyObject; encoding: 'base64' | 'hex' },
  parts: {
    method: string;
    path: string;
    token: string | undefined;
    hash: string;
    timestamp: string;
  },
): string {
  const { method, path, token, hash, timestamp } = parts;
  if (input.secret === null)
    return sign(
      'RSA-SHA256',
      Buffer.from([method, path, hash, timestamp].join(':')),
      input.privateKey,
    ).toString(input.encoding);
  return createHmac('sha512', input.secret)
    .update([method, path, token, hash, timestamp].join(':'))
    .digest(input.encoding);
}

async function send(
  app: FastifyInstance,
  path: string,
  request: {
    method: 'POST' | 'GET' | 'PUT';
    headers: Record<string, string>;
    payload: string;
    remoteAddress?: string;
  },
): Promise<Reply> {
  const response: LightMyRequestResponse = await app.inject({ url: path, ...request });
  const body = response.json<Record<string, unknown>>();
  return {
    http: response.statusCode,
    code: String(body['responseCode']),
    message: String(body['responseMessage']),
    body,
  };
}

function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name] = value;
  return all;
}

function isoWib(atMs: number): string {
  return `${new Date(atMs + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`;
}
