/** The frames on a stream of the demo link: two bytes, big-endian, that do not count themselves. */

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
