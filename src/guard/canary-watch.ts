/** Watches what nobody has a reason to touch: files, accounts of invented people, a table. A touch is an event within seconds; D32 tells
 * people. What was seen last is kept without names, so that whoever reads the guard's state learns of no canary. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { sha256 } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { armFile, plantFile, printOf, touchOf, type FilePrint } from './canary-file.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { selectCanaryAccounts, selectReads } from './store-canary.ts';
import { selectState, upsertState } from './store.ts';

/** A thief copies for minutes. */
export const CANARY_WATCH_MS = 3_000;
const STATE_NAME = 'canary';

/** What was seen last. */
interface Seen {
  readonly files: Readonly<Record<string, FilePrint>>;
  readonly accounts: Readonly<Record<string, { readonly print: string; readonly events: string }>>;
  readonly reads: Readonly<Record<string, string>>;
}

const NEVER: Seen = { files: {}, accounts: {}, reads: {} };

interface Touch {
  readonly what: 'file' | 'account' | 'table';
  readonly name: string;
  readonly how: string;
}

/** One look. What is seen for the first time is planted and remembered. */
export async function watchCanaries(
  { time, random, canaryFiles = [] }: Pick<GuardInput, 'time' | 'random' | 'canaryFiles'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const nowMs = time.now();
  const prints = await Promise.all(
    canaryFiles.map(async (path) => ({ path, print: await printOf(path) })),
  );
  const unarmed: string[] = [];
  await lead.tx(async (tx) => {
    const text = await selectState(tx, STATE_NAME);
    // Only a guard writes it.
    const before = text === undefined ? NEVER : ((parseJson(text) as Seen | undefined) ?? NEVER);
    const files = lookAtFiles(before, prints);
    unarmed.push(...files.unarmed);
    const rows = await lookAtRows(tx, before);
    const now: Seen = { ...rows.now, files: files.now };
    const body = JSON.stringify(now);
    if (body !== text) await upsertState(tx, { name: STATE_NAME, body, nowMs });
    await recordEvents(
      tx,
      [...files.touches, ...rows.touches].map(({ what, name, how }): EventDraft => ({
        atMs: nowMs,
        kind: 'canary.touched',
        subject: name,
        data: { what, how },
      })),
    );
  });
  // Only now that the touch is kept: a look that fails is made again on the file as it was found.
  if (unarmed.length > 0) await armFiles({ time, random }, lead, unarmed);
}

/** Plants what is missing for the first time, and keeps what the files are from now on. */
async function armFiles(
  { time, random }: Pick<GuardInput, 'time' | 'random'>,
  lead: Pick<Lead, 'tx'>,
  paths: readonly string[],
): Promise<void> {
  const armed: Record<string, FilePrint> = {};
  const faults: unknown[] = [];
  for (const path of paths) {
    try {
      await plantFile(path, random);
      const print = await armFile(path);
      if (print) armed[keyOf(path)] = print;
    } catch (error) {
      faults.push(error);
    }
  }
  await lead.tx(async (tx) => {
    const text = await selectState(tx, STATE_NAME);
    const seen = (text === undefined ? undefined : (parseJson(text) as Seen)) ?? NEVER;
    const body = JSON.stringify({ ...seen, files: { ...seen.files, ...armed } });
    await upsertState(tx, { name: STATE_NAME, body, nowMs: time.now() });
  });
  // One that cannot be planted takes no other one's watch away.
  if (faults.length > 0) throw new AggregateError(faults, 'Cannot plant every canary file');
}

function lookAtFiles(
  before: Seen,
  prints: readonly { readonly path: string; readonly print: FilePrint | undefined }[],
): {
  readonly now: Seen['files'];
  readonly touches: readonly Touch[];
  readonly unarmed: readonly string[];
} {
  const now: Record<string, FilePrint> = {};
  const touches: Touch[] = [];
  const unarmed: string[] = [];
  for (const { path, print } of prints) {
    const known = before.files[keyOf(path)];
    const how = known && touchOf(known, print);
    if (how) touches.push({ what: 'file', name: path, how });
    if (!known || how) unarmed.push(path);
    else now[keyOf(path)] = known;
  }
  return { now, touches, unarmed };
}

async function lookAtRows(
  tx: Tx,
  before: Seen,
): Promise<{ readonly now: Omit<Seen, 'files'>; readonly touches: readonly Touch[] }> {
  const accounts = await selectCanaryAccounts(tx);
  const tables = await selectReads(tx);
  const touches: Touch[] = [];
  for (const { id, print, events, newest } of accounts) {
    const known = before.accounts[id];
    if (known && known.print !== print) touches.push({ what: 'account', name: id, how: 'moved' });
    // Who signs in as an invented person, or pays to the account, has it from somewhere.
    if (known && BigInt(known.events) !== events)
      touches.push({ what: 'account', name: id, how: newest ?? 'events' });
  }
  for (const { name, reads } of tables) {
    const known = before.reads[name];
    // Fewer than before: PostgreSQL counts anew.
    if (known !== undefined && reads > BigInt(known))
      touches.push({ what: 'table', name, how: 'read' });
  }
  return {
    touches,
    now: {
      accounts: Object.fromEntries(
        accounts.map(({ id, print, events }) => [id, { print, events: String(events) }]),
      ),
      reads: Object.fromEntries(tables.map(({ name, reads }) => [name, String(reads)])),
    },
  };
}

function keyOf(path: string): string {
  return sha256(path).toString('hex').slice(0, 16);
}
