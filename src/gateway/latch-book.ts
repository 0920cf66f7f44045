/** Keeps the latches: in memory first, then in the journal and in a signed file (own folder and status folder), so that a stop
 * works whatever else is broken and survives a restart. Lifting is decided by `latch.ts`. */
import { sign, type KeyObject, createPublicKey } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowFacts, RestrictionHolder, StaffRoster } from '../gate/port.ts';
import type { RestrictionSet } from '../gate/restriction.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { latchFileName, readLatchFile, type LatchFile } from '../rail/latch-file.ts';
import type { StopRequest } from './control.ts';
import type { Journal } from './journal.ts';
import type { Latch } from './journal-index.ts';
import { isLatched, isReleased } from './latch.ts';

export interface LatchBook {
  isLatched(flow: FlowFacts): boolean;
  latches(): readonly Latch[];
  /** Latches at once; durable when it resolves. `isJournalled` is false when only the signed file could be written. */
  stop(request: StopRequest): Promise<{ readonly latchId: string; readonly isJournalled: boolean }>;
  /** After each accepted set: lifts the latches and quarantines that a completed release names. */
  applySet(set: RestrictionSet): Promise<void>;
  /** Renews the signed file. */
  writeFile(): Promise<void>;
}

interface LatchBookInput {
  readonly journal: Journal;
  readonly holder: RestrictionHolder;
  readonly roster: StaffRoster;
  readonly folder: string;
  readonly statusFolder: string;
  readonly statusKey: KeyObject;
  readonly isOpen: () => boolean;
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
}

/** Opens the book: latches of the journal and of the signed file, whichever knows more. */
export async function openLatchBook(input: LatchBookInput): Promise<LatchBook> {
  const { journal, holder, roster, time, log } = input;
  const active = new Map(journal.index.latches().map((latch) => [latch.latchId, latch]));
  const factsOf = (set: RestrictionSet) => ({ set, roster, nowMs: time.now() });
  for (const latch of await time.track(loadFile(input))) {
    // A journal that was lost or restored forgets the latch; the file does not. A lifted one stays lifted.
    const target = { id: latch.latchId, atMs: latch.atMs };
    if (active.has(latch.latchId) || isReleased(target, factsOf(holder.current()))) continue;
    active.set(latch.latchId, latch);
    await journal.append(latchEntry(latch));
  }
  const write = makeFileWriter(input, () => [...active.values()]);
  return {
    isLatched(flow) {
      const facts = factsOf(holder.current());
      return [...active.values()].some((latch) => isLatched(latch, flow, facts));
    },
    latches: () => [...active.values()],
    writeFile: write,
    async stop({ rail, direction, reason, staffId }) {
      const atMs = time.now();
      const latchId = newId('latch', atMs, input.random);
      const latch: Latch = { latchId, rail, direction, reason, staffId, atMs };
      active.set(latchId, latch);
      log.warn({ latchId, rail, direction, staffId }, 'latch.pressed');
      const tries = [succeeds(write()), succeeds(journal.append(latchEntry(latch)))] as const;
      const [isFiled, isJournalled] = await Promise.all(tries);
      if (!isFiled && !isJournalled) log.error({ latchId }, 'latch.not_durable');
      return { latchId, isJournalled };
    },
    async applySet(set) {
      for (const { latchId, atMs } of active.values()) {
        if (!isReleased({ id: latchId, atMs }, factsOf(set))) continue;
        await journal.append({ kind: 'latch_lifted', latchId });
        active.delete(latchId);
        await write();
        log.info({ latchId }, 'latch.lifted');
      }
      for (const { id, atMs } of journal.index.quarantines()) {
        const isLifted = isReleased({ id, atMs }, factsOf(set));
        if (isLifted) await journal.append({ kind: 'quarantine_lifted', id });
      }
    },
  };
}

/** One write after the other, each with what is latched when its turn comes: an older state never replaces a newer one. */
function makeFileWriter(
  input: LatchBookInput,
  latches: () => readonly Latch[],
): () => Promise<void> {
  const { journal, time } = input;
  let last: Promise<void> = Promise.resolve();
  const writeNow = (): Promise<void> =>
    time.track(
      saveFile(input, {
        partition: journal.partition,
        atMs: time.now(),
        isOpen: input.isOpen(),
        latches: latches(),
      }),
    );
  return () => {
    last = last.then(writeNow, writeNow);
    return last;
  };
}

function latchEntry({
  latchId,
  rail,
  direction,
  reason,
  staffId,
}: Latch): { kind: 'latched' } & Omit<Latch, 'atMs'> {
  return { kind: 'latched', latchId, rail, direction, reason, staffId };
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

type Place = {
  readonly journal: Journal;
  readonly folder: string;
  readonly statusFolder: string;
  readonly statusKey: KeyObject;
  readonly log: Log;
};

async function loadFile({ journal, folder, statusKey, log }: Place): Promise<readonly Latch[]> {
  const text = await readFile(join(folder, latchFileName(journal.partition)), 'utf8').catch(
    () => undefined,
  );
  if (text === undefined) return [];
  const file = readLatchFile(text, createPublicKey(statusKey));
  if (!file) log.error({ partition: journal.partition }, 'latch_file.unreadable');
  return file?.latches ?? [];
}

async function saveFile(
  { folder, statusFolder, statusKey }: Place,
  file: LatchFile,
): Promise<void> {
  const body = canonicalJson(file);
  const text = JSON.stringify({
    body,
    signature: sign(null, Buffer.from(body), statusKey).toString('base64'),
  });
  for (const place of new Set([folder, statusFolder])) {
    await mkdir(place, { recursive: true });
    const path = join(place, latchFileName(file.partition));
    // The status process may run as another user: the file is public, its signature is what counts.
    await writeFile(`${path}.next`, text, { mode: 0o644, flush: place === folder });
    await rename(`${path}.next`, path);
  }
}
