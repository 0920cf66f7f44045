/** Makes the next restriction set from what is in force, in the transaction that changed it. The table is believed where it is
 * stricter than the set before; where it is looser, only with a plan of two people. Else one row changed by an insider would
 * make every later set one that all processes refuse, and nothing more could be stopped (I5). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { recordEvents } from '../audit/record.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import type { Restriction, RestrictionSet, SignedSet } from '../gate/restriction.ts';
import { findLoosened, openSet, signSet } from '../gate/set.ts';
import { canonicalJson } from '../kernel/canonical.ts';
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
}

/** Restrictions in force, oldest first. */
export async function readInForce(tx: Queryable): Promise<readonly Restriction[]> {
  return (await selectInForce(tx)).map((body) => JSON.parse(body) as Restriction);
}

/** What the reign makes its next set with. */
export function nextSetOf(reign: Reign, lead: Lead, nowMs: number): PublishInput {
  const { input, lastSet: before } = reign;
  return { epoch: lead.epoch, nowMs, key: input.setKey, roster: input.roster, before };
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
    ...tampered.map(({ id }) => ({
      atMs: input.nowMs,
      kind: alarmKind('restriction_tampered'),
      subject: id,
      data: {
        detector: 'guard',
        severity: 'P1',
        act: 'restored',
        runbook: runbookOf('restriction_tampered'),
        evidence: [id],
      },
    })),
    {
      atMs: input.nowMs,
      kind: 'restriction_set.published',
      subject: String(version),
      data: { epoch: input.epoch, restrictions: restrictions.map(({ id }) => id) },
    },
  ]);
  return { version, signed, set };
}

async function draft(tx: Queryable, input: PublishInput): Promise<RestrictionSet> {
  const [newest] = await selectNewestSets(tx, 1);
  return {
    version: Number(newest?.version ?? 0n) + 1,
    epoch: input.epoch,
    madeAtMs: input.nowMs,
    restrictions: await readInForce(tx),
    releases: await releasesForSet(tx, input.nowMs),
  };
}
