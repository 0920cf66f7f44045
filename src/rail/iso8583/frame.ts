/** The length before each message of a byte stream: adding it, and cutting a stream into messages again, bounded. */
import type { FrameForm, IsoProblem } from './spec.ts';

/** Cuts a stream into messages. After an error nothing more is read: a stream that lost its place cannot be trusted again. */
export interface FrameReader {
  /** The messages that are whole now, without their lengths; views of what came in. */
  push(chunk: Buffer): { readonly messages: readonly Buffer[]; readonly problem?: IsoProblem };
  /** Bytes of a message that is not whole yet. */
  waitingBytes(): number;
}

/** Bytes of the length itself. */
export function lengthBytes(form: FrameForm): number {
  return form.length === 'binary_2' ? 2 : 4;
}

/** A message with its length before it. Throws RangeError for one that the form cannot say: the codec refuses those before. */
export function frame(form: FrameForm, message: Buffer): Buffer {
  const { length } = message;
  if (length < 1 || length > form.bytesMax)
    throw new RangeError('Cannot frame message: its length is out of bounds');
  const size = lengthBytes(form);
  const bytes = Buffer.allocUnsafe(size + length);
  if (form.length === 'binary_2') bytes.writeUInt16BE(length, 0);
  else bytes.write(String(length).padStart(4, '0'), 0, 'latin1');
  message.copy(bytes, size);
  return bytes;
}

/** A reader for one stream. It holds at most one message. */
export function frameReader(form: FrameForm): FrameReader {
  let waiting = Buffer.alloc(0);
  let problem: IsoProblem | undefined;
  const size = lengthBytes(form);
  return {
    waitingBytes: () => waiting.length,
    push(chunk) {
      if (problem) return { messages: [], problem };
      const bytes = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      const messages: Buffer[] = [];
      let at = 0;
      while (bytes.length - at >= size) {
        const length = readLength(form, bytes.subarray(at, at + size));
        if (length === undefined) problem = 'wrong_characters';
        else if (length === 0) problem = 'wrong_length';
        else if (length > form.bytesMax) problem = 'too_long';
        if (problem) break;
        const end = at + size + length!;
        if (end > bytes.length) break;
        messages.push(bytes.subarray(at + size, end));
        at = end;
      }
      // A copy, so that a few bytes do not keep a whole chunk alive.
      waiting = problem ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
      return problem ? { messages, problem } : { messages };
    },
  };
}

function readLength(form: FrameForm, bytes: Buffer): number | undefined {
  if (form.length === 'binary_2') return bytes.readUInt16BE(0);
  const digits = bytes.toString('latin1', 0, 4);
  return /^\d{4}$/.test(digits) ? Number(digits) : undefined;
}
