/** Mutual TLS 1.3 over TCP: server and keep-alive client. Owns sockets; knows no message. */
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import {
  WIRE_ANSWER_BYTES_MAX,
  WIRE_BODY_BYTES_MAX,
  WireFault,
  type WireClient,
  type WireHandler,
  type WireResponse,
  type WireServer,
} from './wire.ts';

/** PEM texts of one process: its key, its certificate and the CA it trusts. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** Listens with mutual TLS on loopback or the given host. The peer's certificate must come from the same CA.
 * `admit` may refuse a peer before any handler runs (revoked fingerprint, unknown name). */
export async function listenTls(input: {
  readonly identity: TlsIdentity;
  readonly host: string;
  readonly port: number;
  readonly handler: WireHandler;
  readonly admit?: (peer: string, fingerprint: string) => boolean;
}): Promise<WireServer> {
  const bytes: Record<string, number> = {};
  const server = createServer(
    {
      ...input.identity,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      keepAliveTimeout: 65_000,
    },
    (req, res) => void answer(req, res),
  );
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const socket = req.socket as TLSSocket;
    const { peer, fingerprint } = peerOf(socket);
    if (!peer || (input.admit && !input.admit(peer, fingerprint))) {
      res.writeHead(403).end();
      socket.destroySoon();
      return;
    }
    try {
      const body = await readBody(req);
      bytes[fingerprint] = (bytes[fingerprint] ?? 0) + body.length;
      const response = await input.handler({
        peer,
        fingerprint,
        method: req.method ?? 'GET',
        path: req.url ?? '/',
        headers: headersOf(req),
        body,
      });
      res
        .writeHead(response.status, { ...response.headers, 'content-length': response.body.length })
        .end(response.body);
    } catch (error) {
      // A handler that throws has an unknown effect: cut the connection, so that the caller sees no answer, never a refusal.
      if (error instanceof RangeError)
        res.writeHead(413, { connection: 'close' }).end(() => req.destroy());
      else socket.destroy();
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(input.port, input.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : input.port,
    bytesIn: () => ({ ...bytes }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** TLS 1.3 knows no renegotiation: whoever opened the socket is its peer to the end. */
const peers = new WeakMap<TLSSocket, { readonly peer: string; readonly fingerprint: string }>();

function peerOf(socket: TLSSocket): { readonly peer: string; readonly fingerprint: string } {
  let known = peers.get(socket);
  if (!known) {
    const certificate = socket.getPeerCertificate();
    known = {
      peer: String(certificate.subject?.CN ?? ''),
      fingerprint: String(certificate.fingerprint256 ?? '')
        .replaceAll(':', '')
        .toLowerCase(),
    };
    peers.set(socket, known);
  }
  return known;
}

/** The whole body. Rejects with RangeError when it is too large, and when the peer went away before its end. */
function readBody(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= WIRE_BODY_BYTES_MAX) return void chunks.push(chunk);
      chunks.length = 0;
      reject(new RangeError('Body too large'));
    });
    req.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    req.on('error', reject);
    req.on('close', () => reject(new Error('The peer went away')));
  });
}

/** A client with a keep-alive pool. The server's certificate must come from the CA and name `serverName`. */
export function connectTls(input: {
  readonly identity: TlsIdentity;
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly socketCountMax?: number;
  /** @default WIRE_ANSWER_BYTES_MAX */
  readonly answerBytesMax?: number;
}): WireClient {
  const { answerBytesMax = WIRE_ANSWER_BYTES_MAX } = input;
  const agent = new OneParty({
    ...input.identity,
    keepAlive: true,
    maxSockets: input.socketCountMax ?? 16,
    minVersion: 'TLSv1.3',
    servername: input.serverName,
    scheduling: 'lifo',
  });
  return {
    close: async () => agent.destroy(),
    call: (call) =>
      new Promise((resolve, reject) => {
        let mayHaveArrived = false;
        const body = Buffer.from(call.body ?? '');
        const req = httpsRequest({
          agent,
          host: input.host,
          port: input.port,
          servername: input.serverName,
          method: call.method ?? 'POST',
          path: call.path,
          headers: { ...call.headers, 'content-length': body.length },
        });
        const timer = setTimeout(
          () => req.destroy(new Error(`no answer in ${call.timeoutMs} ms`)),
          call.timeoutMs,
        );
        const fail = (error: Error): void => {
          clearTimeout(timer);
          reject(
            new WireFault(
              mayHaveArrived ? 'no_answer' : 'not_sent',
              `Cannot call ${input.serverName}: ${error.message}`,
              { cause: error },
            ),
          );
        };
        req.on('socket', (socket) => {
          const tls = socket as TLSSocket;
          if (req.reusedSocket || (tls.authorized && !tls.connecting)) mayHaveArrived = true;
          else tls.once('secureConnect', () => (mayHaveArrived = true));
        });
        req.on('error', fail);
        req.on('response', (res) => {
          const done = (response: WireResponse): void => {
            clearTimeout(timer);
            resolve(response);
          };
          readAnswer(res, { bytesMax: answerBytesMax, done, fail });
        });
        req.end(body);
      }),
  };
}

/** Only `set-cookie` may come as a list, and nobody here sends one. */
function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  delete headers['set-cookie'];
  return headers as Record<string, string>;
}

/** Sockets of one identity to one party: Node would spell key and certificates again for each request to know them by. */
class OneParty extends Agent {
  override getName(): string {
    return 'one';
  }
}

/** Hands on the whole answer, or why there is none. */
function readAnswer(
  res: IncomingMessage,
  to: {
    readonly bytesMax: number;
    readonly done: (response: WireResponse) => void;
    readonly fail: (error: Error) => void;
  },
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  res.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > to.bytesMax) res.destroy(new Error('answer too large'));
    else chunks.push(chunk);
  });
  res.on('error', to.fail);
  res.on('aborted', () => to.fail(new Error('answer cut')));
  res.on('end', () => {
    if (!res.complete) return;
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    to.done({ status: res.statusCode ?? 0, headers: headersOf(res), body });
  });
}
