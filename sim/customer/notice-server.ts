/** A partner's server that takes the bank's notices: it checks their signature by its own reading of the specification (domain.md 3.3) and
 * knows a repeat by its X-EXTERNAL-ID. Listens on loopback only. */
import { createHash, verify, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { WireHandler, WireRequest } from '../../src/kernel/wire.ts';
import { openChooser, type Chooser } from '../fault/chooser.ts';
import { onBadLine, skewed } from '../fault/exchange.ts';
import { factsOfPath, type PartnerRule } from './faults.ts';
import { minify } from './snap-signature.ts';

/** What came so far. */
export interface NoticeCounts {
  readonly taken: number;
  readonly repeated: number;
  readonly refused: number;
}

export interface NoticeServer {
  readonly port: number;
  counts(): NoticeCounts;
  /** The rules that it plays. */
  readonly chooser: Chooser<PartnerRule>;
  close(): Promise<void>;
}

/** Services by the path of their notice. */
const SERVICE_OF: Readonly<Record<string, string>> = {
  '/v1.0/transfer-intrabank/notify': '17',
  '/v1.0/transfer-interbank/notify': '18',
  '/v1.0/transfer-va/payment': '25',
  '/v1.0/debit/notify': '56',
};
const BODY_BYTES_MAX = 65_536;
/** X-EXTERNAL-IDs remembered; a demo has far fewer. */
const REMEMBERED_MAX = 100_000;
const SKEW_MS = 5 * 60_000;

/** Starts it. Port 0: any free one. */
export async function startNoticeServer(input: {
  readonly time: Time;
  readonly log: Log;
  readonly port: number;
  /** The bank's public key for its calls to partners. */
  readonly bankKey: KeyObject;
  /** The bank's client id at this partner. */
  readonly clientId: string;
  /** @default none */
  readonly rules?: readonly PartnerRule[];
  /** Draws the shares of the rules. */
  readonly faultRandom: Random;
}): Promise<NoticeServer> {
  const seen = new Set<string>();
  const counts = { taken: 0, repeated: 0, refused: 0 };
  const stopping = new AbortController();
  const chooser = openChooser<PartnerRule>({
    rules: input.rules ?? [],
    random: input.faultRandom,
    now: () => input.time.now(),
  });
  const time = skewed(input.time, () => chooser.standing('clock_skew')?.skewMs ?? 0);

  const judge = (path: string, headers: WireRequest['headers'], body: string): string => {
    const service = SERVICE_OF[path];
    if (service === undefined) return '4040000';
    if (!isSigned({ ...input, time }, { path, headers, body })) {
      counts.refused++;
      return `401${service}00`;
    }
    const id = String(headers['x-external-id']);
    if (seen.has(id)) {
      counts.repeated++;
      return `409${service}00`;
    }
    if (seen.size >= REMEMBERED_MAX) seen.clear();
    seen.add(id);
    counts.taken++;
    return `200${service}00`;
  };

  const take = onBadLine({
    time: input.time,
    stopping: stopping.signal,
    chooser,
    factsOf: ({ path }) => factsOfPath(path),
    handler: async ({ path, headers, body }) => {
      const code = judge(path, headers, body.toString('utf8'));
      return {
        status: Number(code.slice(0, 3)),
        body: Buffer.from(JSON.stringify({ responseCode: code, responseMessage: 'sim' })),
      };
    },
  });
  const server = createServer((request, response) => {
    void answer(take, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(input.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  input.log.info({ port }, 'sim.notice_server_started');
  return {
    port,
    counts: () => ({ ...counts }),
    chooser,
    close: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A cut is a fault that a rule asked for, or a body without end. */
async function answer(
  take: WireHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of request) {
      bytes += (part as Buffer).length;
      if (bytes > BODY_BYTES_MAX) throw new Error('body too large');
      parts.push(part as Buffer);
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const said = await take({
      peer: '',
      fingerprint: '',
      method: request.method ?? 'POST',
      path: request.url ?? '/',
      headers,
      body: Buffer.concat(parts),
    });
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body);
  } catch {
    request.socket.destroy();
  }
}

function isSigned(
  input: { readonly time: Time; readonly bankKey: KeyObject; readonly clientId: string },
  asked: { readonly path: string; readonly headers: WireRequest['headers']; readonly body: string },
): boolean {
  const { headers } = asked;
  const timestamp = String(headers['x-timestamp'] ?? '');
  if (headers['x-partner-id'] !== input.clientId) return false;
  if (!/^\d{1,36}$/.test(String(headers['x-external-id']))) return false;
  if (!(Math.abs(Date.parse(timestamp) - input.time.now()) <= SKEW_MS)) return false;
  const hash = createHash('sha256').update(minify(asked.body)).digest('hex');
  return verify(
    'RSA-SHA256',
    Buffer.from(`POST:${asked.path}:${hash}:${timestamp}`),
    input.bankKey,
    Buffer.from(String(headers['x-signature'] ?? ''), 'base64'),
  );
}
