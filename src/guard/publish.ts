/** Makes the next restriction set from what is in force, in the transaction that changed it. The table is believed where it is
 * stricter than the set before; where it is looser, only with a plan of two people. Else one row changed by an insider would
 * make every later set one that all processes refuse, and nothing more could be stopped (I5). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import { onlyRead, readRestriction } from '../gate/read.ts';
import { fitting, isTooHeavy, openRoom, weightOf, type Room, type Weight } from '../gate/room.ts';
import { DEAD_MAN_MS } from '../gate/holder.ts';
import { nextPartitions } from '../gate/throttle.ts';
import type { Restriction, RestrictionSet, SignedRelease, SignedSet } from '../gate/restriction.ts';
import { findLoosened, isSignedByTwo, openSet, signSet } from '../gate/set.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { releasesForSet } from '../recovery/run.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { Reign } from './context.ts';
import type { Lead } from './leader.ts';
import { insertSet, restoreRestriction, selectInForce, selectNewestSets } from './store.ts';

/** Rows looked through for one that bears our signature: more forged ones than this end the search. */
const SET_COUNT_MAX = 100;

export interface Published {
  readonly version: number;
  readonly signed: SignedSet;
  readonly set: RestrictionSet;
}

/** What a set is made with. `before` = the newest set of ours, whatever the database says of it now. */
export interface PublishInput {
  readonly epoch: number;
  readonly nowMs: number;
  readonly key: KeyObject;
  readonly roster: StaffRoster;
  readonly before: RestrictionSet | undefined;
  /** The gateways that share throttles. */
  readonly gateways: readonly string[];
}

/** Restrictions in force, oldest first. A row that cannot be read is none: in a set it would make every process refuse the whole, and with
 * it every later stop. One that the set before held comes back from there; any other is an alarm (`publishSet`). */
export async function readInForce(tx: Queryable): Promise<readonly Restriction[]> {
  return (await readRows(tx)).read.map(({ restriction }) => restriction);
}

/** The room that the next set has beside what is in force. */
export async function readRoom(tx: Queryable): Promise<Room> {
  return openRoom((await readRows(tx)).read.map(({ weight }) => weight));
}

interface ReadRow {
  readonly restriction: Restriction;
  readonly weight: Weight;
}

/** `unread` = ids of rows that are no restrictions, or that are heavier than any of ours. */
async function readRows(
  tx: Queryable,
): Promise<{ readonly read: readonly ReadRow[]; readonly unread: readonly string[] }> {
  const read: ReadRow[] = [];
  const unread: string[] = [];
  for (const { id, body } of await selectInForce(tx)) {
    const restriction = readRestriction(parseJson(body));
    const weight = restriction && weightOf(restriction, body);
    if (restriction?.id !== id || !weight || isTooHeavy(weight)) unread.push(id);
    // What nobody checked is not signed: a fraction among it has no canonical form, and with it the whole set would have none.
    else read.push({ restriction: onlyRead(restriction), weight });
  }
  return { read, unread };
}

/** What the reign makes its next set with. */
export function nextSetOf(reign: Reign, lead: Lead, nowMs: number): PublishInput {
  const { input, lastSet: before } = reign;
  const { roster, gateways } = input;
  return { epoch: lead.epoch, nowMs, key: input.setKey, roster, before, gateways };
}

/** The newest set that bears our signature. */
export async function readNewestSet(db: Queryable, key: KeyObject): Promise<Published | undefined> {
  const publicKey = createPublicKey(key);
  for (const { body, signature } of await selectNewestSets(db, SET_COUNT_MAX)) {
    const signed = { body, signature };
    const set = openSet(publicKey, signed);
    if (set) return { version: set.version, signed, set };
  }
  return undefined;
}

/** Restrictions of the set before that the table no longer holds as they were, though nobody released them. */
export async function findTampered(
  tx: Queryable,
  input: PublishInput,
): Promise<readonly Restriction[]> {
  if (!input.before || input.before.restrictions.length === 0) return [];
  const next = await draft(tx, input);
  return findLoosened({ ...input, current: input.before, next });
}

/** Signs and stores the next version. Push it only after the commit. */
export async function publishSet(tx: Tx, input: PublishInput): Promise<Published> {
  const tampered = await findTampered(tx, input);
  const rows = await readRows(tx);
  const left = fitting(rows.read, input.before).left.map(({ restriction }) => restriction.id);
  const ignored = [...rows.unread, ...left].filter((id) => tampered.every((one) => one.id !== id));
  for (const restriction of tampered)
    await restoreRestriction(tx, {
      restriction,
      body: canonicalJson(restriction),
      nowMs: input.nowMs,
    });
  const set = await draft(tx, input);
  const signed = signSet(input.key, set);
  const { version, restrictions } = set;
  await insertSet(tx, {
    version,
    body: signed.body,
    signature: signed.signature,
    nowMs: input.nowMs,
  });
  await recordEvents(tx, [
    ...tampered.map(({ id }) => tamperedEvent({ id, act: 'restored', nowMs: input.nowMs })),
    ...ignored.map((id) => tamperedEvent({ id, act: 'ignored', nowMs: input.nowMs })),
    {
      atMs: input.nowMs,
      kind: 'restriction_set.published',
      subject: String(version),
      data: { epoch: input.epoch, restrictions: restrictions.map(({ id }) => id) },
    },
  ]);
  return { version, signed, set };
}

function tamperedEvent(of: {
  readonly id: string;
  readonly act: 'restored' | 'ignored';
  readonly nowMs: number;
}): EventDraft {
  const { id, act, nowMs } = of;
  return {
    atMs: nowMs,
    kind: alarmKind('restriction_tampered'),
    subject: id,
    data: {
      detector: 'guard',
      severity: 'P1',
      act,
      runbook: runbookOf('restriction_tampered'),
      evidence: [id],
    },
  };
}

async function draft(tx: Queryable, input: PublishInput): Promise<RestrictionSet> {
  const [newest] = await selectNewestSets(tx, 1);
  return {
    version: Number(newest?.version ?? 0n) + 1,
    epoch: input.epoch,
    madeAtMs: input.nowMs,
    restrictions: fitting((await readRows(tx)).read, input.before).fits.map(
      ({ restriction }) => restriction,
    ),
    releases: await signedReleases(tx, input),
    partitions: nextPartitions({
      before: input.before?.partitions,
      names: input.gateways,
      nowMs: input.nowMs,
      silentAfterMs: DEAD_MAN_MS,
    }),
  };
}

/** Releases that two people signed, and those of the set before, which processes may follow. Whoever can only write to the table adds none:
 * one that cannot be read, or is too large, would make every process refuse the whole set. */
async function signedReleases(
  tx: Queryable,
  { before, roster, nowMs }: PublishInput,
): Promise<readonly SignedRelease[]> {
  const known = new Map(before?.releases.map(({ plan }) => [plan.releaseId, canonicalJson(plan)]));
  return (await releasesForSet(tx, nowMs)).filter(
    (release) =>
      isSignedByTwo(release, roster) ||
      (known.has(release.plan.releaseId) &&
        known.get(release.plan.releaseId) === canonicalJson(release.plan)),
  );
}
