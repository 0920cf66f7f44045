/** A connection of bytes as a port: TCP in production and demos (`tcp.ts`), memory in virtual time (`stream-memory.ts`). Also the
 * frames on it: two bytes, big-endian, that do not count themselves. */

export interface ByteStream {
  /** One listener each; bytes that came before it are kept for it. */
  onBytes(listener: (bytes: Buffer) => void): void;
  onClose(listener: () => void): void;
  write(bytes: Uint8Array): void;
  /** Stops reading; the sender feels it. */
  pause(): void;
  resume(): void;
  /** Cuts at once; what was not sent is lost. */
  destroy(): void;
}

export interface StreamServer {
  readonly port: number;
  /** Stops listening and cuts what is connected. */
  close(): Promise<void>;
}

/** Who can be reached by name; names become ports where the process is composed. */
export interface StreamNet {
  listen(name: string, accept: (stream: ByteStream) => void): Promise<StreamServer>;
  /** Throws when nobody listens. */
  connect(name: string): Promise<ByteStream>;
}

/** No message of the dialect is longer; a sender of more has lost its place in the stream. */
export const FRAME_BYTES_MAX = 8_192;
const LENGTH_BYTES = 2;

/** The message with its length in front. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, LENGTH_BYTES);
  return framed;
}

/** Cuts a stream into frames; holds at most one unfinished frame. */
export interface Splitter {
  /** The frames that are complete now. `isLost`: the next one is too long to be one; the stream is of no use any more. */
  push(bytes: Buffer): { readonly frames: readonly Buffer[]; readonly isLost: boolean };
}

/** A splitter at the beginning of a stream. */
export function openSplitter(): Splitter {
  let rest = Buffer.alloc(0);
  return {
    push(bytes) {
      let data = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const frames: Buffer[] = [];
      while (data.length >= LENGTH_BYTES) {
        const length = data.readUInt16BE(0);
        if (length > FRAME_BYTES_MAX) return { frames, isLost: true };
        if (data.length < LENGTH_BYTES + length) break;
        frames.push(data.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
        data = data.subarray(LENGTH_BYTES + length);
      }
      rest = Buffer.from(data);
      return { frames, isLost: false };
    },
  };
}
