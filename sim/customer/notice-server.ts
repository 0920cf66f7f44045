/** A partner's server that takes the bank's notices: it checks their signature by its own reading of the specification (domain.md 3.3) and
 * knows a repeat by its X-EXTERNAL-ID. Listens on loopback only. */
import { createHash, verify, type KeyObject } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../src/kernel/log.ts';
import type { Time } from '../../src/kernel/time.ts';
import { minify } from './snap-signature.ts';

/** What it makes of the next notices: takes them, takes them and never answers, or says that it is broken. */
export type NoticeFault = 'none' | 'silent' | 'broken';

/** What came so far. */
export interface NoticeCounts {
  readonly taken: number;
  readonly repeated: number;
  readonly refused: number;
}

export interface NoticeServer {
  readonly port: number;
  counts(): NoticeCounts;
  setFault(fault: NoticeFault): void;
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
}): Promise<NoticeServer> {
  const seen = new Set<string>();
  const counts = { taken: 0, repeated: 0, refused: 0 };
  let fault: NoticeFault = 'none';

  const judge = (path: string, headers: IncomingHttpHeaders, body: string): string => {
    const service = SERVICE_OF[path];
    if (service === undefined) return '4040000';
    if (!isSigned(input, { path, headers, body })) {
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

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > BODY_BYTES_MAX) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const code = fault === 'broken' ? '5000001' : judge(request.url ?? '', request.headers, body);
      if (fault === 'silent') return;
      response.writeHead(Number(code.slice(0, 3)), { 'content-type': 'application/json' });
      response.end(JSON.stringify({ responseCode: code, responseMessage: 'sim' }));
    });
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
    setFault: (next) => (fault = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function isSigned(
  input: { readonly time: Time; readonly bankKey: KeyObject; readonly clientId: string },
  asked: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string },
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
