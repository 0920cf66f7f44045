/** Whether this gateway may send (DESIGN.md 1.1): a new or older journal waits for two people, a restarted one for the guard's
 * word that the journal is not an older copy. Receiving and inquiring do not ask the door; what proves that nothing left does. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StaffRoster } from '../gate/port.ts';
import type { Log } from '../kernel/log.ts';
import type { Time } from '../kernel/time.ts';
import type { Journal } from './journal.ts';
import { isOpeningValid, OPENING_FILE } from './opening.ts';

export type DoorState = 'open' | 'awaiting_opening' | 'awaiting_witness';

export interface Door {
  state(): DoorState;
  /** Why nothing may leave; undefined when it may. */
  closedReason(): string | undefined;
  /** False while the journal may lack what happened before: then "never seen" proves nothing. */
  isComplete(): boolean;
  /** True once the guard was heard or two people opened. */
  isHeard(): boolean;
  /** The guard asked for what follows `after`: proof that the journal reaches at least that far, or that it is an older copy. */
  witness(after: number): Promise<void>;
  /** Looks for the opening file while one is needed. */
  tryOpen(): Promise<void>;
}

/** Stands in the folder from the moment an older journal is found until two people open: a restart does not forget it. */
const OLDER_FILE = 'older-journal';

/** Makes the door; journals `opened` at a restart. */
export async function openDoor(input: {
  readonly journal: Journal;
  readonly folder: string;
  readonly roster: StaffRoster;
  readonly time: Time;
  readonly log: Log;
}): Promise<Door> {
  const { journal, folder, roster, time, log } = input;
  const olderFile = join(folder, OLDER_FILE);
  const isKnownOlder = (await readText(time, olderFile)) !== undefined;
  const isNew = journal.index.facts().openedNewAtMs === undefined;
  let state: DoorState = isNew || isKnownOlder ? 'awaiting_opening' : 'awaiting_witness';
  let isWitnessed = false;
  let usedAtMs = 0;
  if (!isNew) await journal.append({ kind: 'opened', epoch: journal.epoch, isNew: false });

  return {
    state: () => state,
    closedReason() {
      if (journal.isBroken()) return 'the journal is broken';
      return {
        open: undefined,
        awaiting_opening: 'awaiting two people',
        awaiting_witness: 'awaiting witness',
      }[state];
    },
    isComplete: () => state === 'open',
    isHeard: () => isWitnessed || state === 'open',
    async witness(after) {
      const isOlder = after > journal.head();
      isWitnessed = true;
      if (!isOlder) {
        if (state === 'awaiting_witness') state = 'open';
        return;
      }
      state = 'awaiting_opening';
      log.error(
        { partition: journal.partition, after, head: journal.head() },
        'gateway.journal_older',
      );
      await time.track(writeFile(olderFile, String(after), { mode: 0o600, flush: true }));
      // What comes in meanwhile must stand where the guard will read it.
      journal.skipTo(after);
      await journal.append({ kind: 'opened', epoch: journal.epoch, isNew: true });
    },
    async tryOpen() {
      if (state !== 'awaiting_opening' || journal.isBroken()) return;
      const path = join(folder, OPENING_FILE);
      const text = await readText(time, path);
      const now = time.now();
      const { partition, epoch } = journal;
      if (
        text === undefined ||
        !isOpeningValid({ text, partition, epoch, roster, nowMs: now, notBeforeMs: usedAtMs })
      )
        return;
      await time.track(rm(path, { force: true }));
      usedAtMs = now + 1;
      await journal.append({ kind: 'opened', epoch, isNew: true });
      await time.track(rm(olderFile, { force: true }));
      state = 'open';
      log.info({ partition, epoch, isWitnessed }, 'gateway.opened');
    },
  };
}

async function readText(time: Time, path: string): Promise<string | undefined> {
  return time.track(readFile(path, 'utf8').catch(() => undefined));
}
