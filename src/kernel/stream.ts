/** Byte streams to the networks, as a port: TCP in production (`stream-tcp.ts`), pairs in one process with faults in virtual time
 * (`stream-memory.ts`). A stream knows no message; who reads it cuts it. */

/** What one end of a stream is told. Nothing comes after `closed`, which comes once. */
export interface StreamHandlers {
  data(bytes: Buffer): void;
  closed(reason: string): void;
}

/** One end of a connection. */
export interface ByteStream {
  /** Where the other end is, for admission and logs: an address, in memory a name. */
  readonly peer: string;
  /** Begins delivery; once. What came before is kept until then. */
  open(handlers: StreamHandlers): void;
  /** Hands bytes over; whether they arrive nobody knows. Nothing happens once the stream is closed. */
  write(bytes: Buffer): void;
  /** Bytes handed over that the other end has not taken: a slow reader makes them grow. */
  waitingBytes(): number;
  /** Takes no more bytes in until `resume`: the sender has to wait. */
  pause(): void;
  resume(): void;
  /** Closes when everything that was written has left. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** No connection came to be: no byte has left. */
export class StreamFault extends Error {
  override name = 'StreamFault';
}

/** A listening side. */
export interface StreamServer {
  readonly port: number;
  /** Takes no new connection; those that stand go on. */
  close(): Promise<void>;
}

/** One process's view of the networks' streams. */
export interface StreamNet {
  listen(input: {
    readonly name: string;
    readonly accept: (stream: ByteStream) => void;
  }): Promise<StreamServer>;
  /** Throws StreamFault. */
  connect(input: { readonly target: string; readonly timeoutMs: number }): Promise<ByteStream>;
}
