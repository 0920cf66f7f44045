/** Transport between processes and to the networks, as a port: mTLS over TCP in production (`wire-tls.ts`), function
 * calls with faults in virtual time (`wire-memory.ts`). A peer is named by its certificate, never by its address. */

export interface WireRequest {
  /** Who asks: the certificate's common name; in memory the caller's given name. */
  readonly peer: string;
  /** SHA-256 fingerprint of the peer's certificate, lower-case hex; in memory a name-derived stand-in. */
  readonly fingerprint: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type WireHandler = (request: WireRequest) => Promise<WireResponse>;

/** `not_sent`: no byte of the request can have arrived (connection refused, handshake failed).
 * `no_answer`: bytes may have arrived; the outcome is unknown (I2). */
export class WireFault extends Error {
  override name = 'WireFault';
  readonly kind: 'not_sent' | 'no_answer';
  constructor(kind: 'not_sent' | 'no_answer', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface WireCall {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly timeoutMs: number;
}

/** One remote party. Throws WireFault. */
export interface WireClient {
  call(input: WireCall): Promise<WireResponse>;
  close(): Promise<void>;
}

/** Where a process that only answers others says to the guard that it lives: GET, answered by what it did and refused since its start. */
export const ALIVE_PATH = '/alive';

/** A listening side; `bytesIn` counts application bytes per peer fingerprint since start. */
export interface WireServer {
  readonly port: number;
  bytesIn(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** One process's view of the network: it listens under its own names and reaches the others by name. Live, names resolve
 * to ports by configuration and peers are certificates; in virtual time both are names in one memory network. */
export interface Net {
  /** `admit` may refuse a peer before any handler runs. */
  listen(input: {
    readonly name: string;
    readonly handler: WireHandler;
    readonly admit?: (peer: string, fingerprint: string) => boolean;
  }): Promise<WireServer>;
  connect(target: string): WireClient;
}

/** A JSON answer. bigint must already be text. */
export function jsonResponse(status: number, value: unknown): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** Parses a body as JSON; undefined when it is not. */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(
      typeof body === 'string'
        ? body
        : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'),
    );
  } catch {
    return undefined;
  }
}

/** The largest body a wire endpoint reads, 1 MiB: far above any single message, small enough to bound memory. */
export const WIRE_BODY_BYTES_MAX = 1_048_576;
/** Bytes of an answer, however long its sender goes on: a settlement statement of a whole day is far below. */
export const WIRE_ANSWER_BYTES_MAX = 67_108_864;
