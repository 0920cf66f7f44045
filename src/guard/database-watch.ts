/** Looks at the database from outside the application: rows that are deleted or changed in a mass (ransomware, a hand with the owner's rights),
 * and triggers, rights, functions and roles that are other than a minute ago. What it finds is an event; D32 tells people. */
import { recordEvents } from '../audit/record.ts';
import type { EventDraft } from '../audit/event.ts';
import { parseJson } from '../kernel/wire.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { selectFingerprints, selectRowCounts } from './store-database.ts';
import { selectState, upsertState } from './store.ts';

const STATE_NAME = 'database';

/** The application never deletes a row of these. */
const NEVER_DELETED = [
  'account',
  'authorisation',
  'blocked_party',
  'card',
  'customer',
  'hold',
  'id_registry',
  'ledger_request',
  'match_break',
  'merchant',
  'partner',
  'partner_key',
  'payment',
  'release_request',
  'restriction',
  'restriction_set',
  'setting',
  'staff',
  'treasury_entry',
] as const;

/** The application changes these one by one, as people act. */
const CHANGED_SINGLY = ['card', 'customer', 'merchant', 'partner', 'staff'] as const;
/** So many of them in a look, and so large a part of the table, nobody does by acting. */
const MASS_MIN = 1_000n;
const MASS_PERCENT = 20n;

/** What one look sees. Counts are decimal text. */
export interface DatabaseLook {
  readonly counts: Readonly<
    Record<string, { readonly rows: string; readonly updated: string; readonly deleted: string }>
  >;
  readonly parts: Readonly<Record<string, string>>;
  readonly migrations: string;
}

/** What changed between two looks, as data of events. Statistics that began anew say nothing. Pure. */
export function databaseChanges(
  before: DatabaseLook,
  now: DatabaseLook,
): readonly Readonly<Record<string, string>>[] {
  const parts = Object.entries(now.parts)
    .filter(([name, print]) => before.parts[name] !== undefined && before.parts[name] !== print)
    .map(([part]) => ({
      what: 'part',
      part,
      migrations: String(BigInt(now.migrations) - BigInt(before.migrations)),
    }));
  const rows = Object.entries(now.counts).flatMap(([table, count]) => {
    const known = before.counts[table];
    if (!known) return [];
    const deleted = BigInt(count.deleted) - BigInt(known.deleted);
    const updated = BigInt(count.updated) - BigInt(known.updated);
    const isMass =
      (CHANGED_SINGLY as readonly string[]).includes(table) &&
      updated >= MASS_MIN &&
      updated * 100n >= BigInt(known.rows) * MASS_PERCENT;
    return [
      ...(deleted > 0n ? [{ what: 'rows', table, deleted: String(deleted) }] : []),
      ...(isMass ? [{ what: 'rows', table, updated: String(updated) }] : []),
    ];
  });
  return [...parts, ...rows];
}

/** One look; the first one only remembers. */
export async function watchDatabase(
  { time, db }: Pick<GuardInput, 'time' | 'db'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  const counts = await selectRowCounts(db, NEVER_DELETED);
  const { migrations, ...parts } = await selectFingerprints(db);
  const now: DatabaseLook = {
    counts: Object.fromEntries(
      counts.map(({ name, rows, updated, deleted }) => [
        name,
        { rows: String(rows), updated: String(updated), deleted: String(deleted) },
      ]),
    ),
    parts,
    migrations: String(migrations),
  };
  await lead.tx(async (tx) => {
    const text = await selectState(tx, STATE_NAME);
    // Only a guard writes it.
    const before = text === undefined ? undefined : (parseJson(text) as DatabaseLook | undefined);
    const nowMs = time.now();
    await upsertState(tx, { name: STATE_NAME, body: JSON.stringify(now), nowMs });
    const changes = before ? databaseChanges(before, now) : [];
    const events = changes.map((data): EventDraft => ({
      atMs: nowMs,
      kind: 'database.changed',
      subject: data['table'] ?? data['part'] ?? '',
      data,
    }));
    await recordEvents(tx, events);
  });
}
