/** What was done to keys, by whom: append-only lines, each chained to the one before by a keyed hash, so that a line that is changed or
 * taken out is seen at the next start. Holds names and check values only. */
import { createHmac } from 'node:crypto';
import { closeSync } from 'node:fs';
import { canonicalJson, equalSecret } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { appendLine, openLines } from './durable-file.ts';

/** One line: what happened to which key. */
export interface JournalLine {
  readonly atMs: number;
  readonly event:
    | 'key_made'
    | 'key_imported'
    | 'import_refused'
    | 'key_formed'
    | 'ceremony_opened'
    | 'ceremony_refused';
  readonly key: string;
  readonly checkValue?: string;
  /** The process or the people. */
  readonly by: readonly string[];
  readonly why?: string;
}

/** The journal of one HSM. */
export interface Journal {
  /** The chain's last link. */
  head(): string;
  /** On disk when it returns. Throws when it is not, and from then on always. */
  append(line: JournalLine): void;
  /** What a line told was not kept: nothing more is written until a new process has read what the disk holds. */
  fail(): void;
  isBroken(): boolean;
  close(): void;
}

/** Opens it. Throws when a line does not follow from the one before, when the key store is older than the journal, or when `mustHold`, the link that the key store knows, is
 * gone; `undefined` = there is no key store yet. */
export function openJournal(input: {
  readonly path: string;
  readonly key: Buffer;
  readonly mustHold: string | undefined;
}): Journal {
  const { handle, lines } = openLines(input.path);
  if (input.mustHold === undefined && lines.length > 0)
    throw new Error('Cannot start the HSM: there is a journal, and the key store is gone');
  let head = '';
  let holds = input.mustHold === undefined || input.mustHold === '';
  let changes = 0;
  let isBroken = false;
  for (const text of lines) {
    const { link, ...line } = (parseJson(text) ?? {}) as {
      readonly link?: string;
      readonly event?: unknown;
    };
    const expected = linkOf(input.key, { head, line });
    if (typeof link !== 'string' || !equalSecret(link, expected))
      throw new Error('Cannot start the HSM: its journal was changed');
    head = link;
    if (holds && isChange(line)) changes++;
    if (link === input.mustHold) holds = true;
  }
  if (!holds) throw new Error('Cannot start the HSM: the end of its journal is gone');
  if (changes > 1) throw new Error('Cannot start the HSM: its key store is older than its journal');
  return {
    head: () => head,
    append(line) {
      if (isBroken) throw new Error('Cannot write the journal: an earlier write failed');
      const link = linkOf(input.key, { head, line });
      // Half a line may be on the disk if this throws; the next start cuts it off.
      isBroken = true;
      appendLine(handle, canonicalJson({ ...line, link }));
      isBroken = false;
      head = link;
    },
    fail: () => void (isBroken = true),
    isBroken: () => isBroken,
    close: () => closeSync(handle),
  };
}

/** Lines after which the key store is written; a crash may come between one such line and the store. */
function isChange(line: { readonly event?: unknown }): boolean {
  return line.event !== 'import_refused' && line.event !== 'ceremony_refused';
}

function linkOf(key: Buffer, input: { readonly head: string; readonly line: unknown }): string {
  return createHmac('sha256', key)
    .update(`${input.head}\n${canonicalJson(input.line)}`)
    .digest('base64url');
}
