/** A connection of bytes as a port: TCP (`tcp.ts`), and pairs in one process in virtual time (`stream-memory.ts`). A stream knows no
 * message; who reads it cuts it. */

/** What one end of a stream is told. Nothing comes after `closed`, which comes once. */
export interface StreamHandlers {
  data(bytes: Buffer): void;
  closed(reason: string): void;
}

/** One end of a connection. */
export interface ByteStream {
  /** Where the other end is: an address, in memory a name. */
  readonly peer: string;
  /** Begins delivery; once. What came before is kept until then. */
  open(handlers: StreamHandlers): void;
  /** Hands bytes over; whether they arrive nobody knows. Nothing happens once the stream is closed. */
  write(bytes: Buffer): void;
  /** Bytes handed over that the other end has not taken: a slow reader makes them grow. */
  waitingBytes(): number;
  /** Takes no more bytes in until `resume`: the sender feels it. */
  pause(): void;
  resume(): void;
  /** Closes when everything that was written has left. */
  end(): void;
  /** Closes at once; what was not sent is lost. */
  destroy(): void;
}

export interface StreamServer {
  readonly port: number;
  /** Takes no new connection; those that stand go on. */
  close(): Promise<void>;
}

/** Who can be reached by name; names become ports where the process is composed. */
export interface StreamNet {
  listen(input: {
    readonly name: string;
    readonly accept: (stream: ByteStream) => void;
  }): Promise<StreamServer>;
  /** Throws when nobody listens. */
  connect(input: { readonly target: string; readonly timeoutMs: number }): Promise<ByteStream>;
}
