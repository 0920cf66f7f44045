/** The file by which a gateway tells the status process what its stop button holds back (I9). The status process reads files
 * only; it believes this one by its signature and says how old it is. */
import { verify, type KeyObject } from 'node:crypto';
import type { RailName } from '../authorisation/instruction.ts';
import { parseJson } from '../kernel/wire.ts';

/** Written into the status folder as `latch-<partition>.json`: `{body, signature}`, body = canonical JSON of LatchFile. */
export interface LatchFile {
  readonly partition: string;
  /** When the gateway wrote it: renewed every few seconds, so age means silence. */
  readonly atMs: number;
  readonly isOpen: boolean;
  readonly latches: readonly {
    readonly latchId: string;
    readonly rail: RailName;
    readonly direction: 'out' | 'in';
    readonly reason: string;
    readonly staffId: string;
    readonly atMs: number;
  }[];
}

/** The file name in the status folder and in the gateway's own. */
export function latchFileName(partition: string): string {
  return `latch-${partition}.json`;
}

/** Reads a latch file; undefined when the gateway's status key did not sign it. */
export function readLatchFile(text: string, key: KeyObject): LatchFile | undefined {
  const file = parseJson(text) as { body?: unknown; signature?: unknown } | undefined;
  if (typeof file?.body !== 'string' || typeof file.signature !== 'string') return undefined;
  if (!verify(null, Buffer.from(file.body), key, Buffer.from(file.signature, 'base64')))
    return undefined;
  return parseJson(file.body) as LatchFile | undefined;
}
