/** Makes the next restriction set from what is in force, in the transaction that changed it. */
import type { KeyObject } from 'node:crypto';
import { recordEvents } from '../audit/record.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import type { Restriction, SignedSet } from '../gate/restriction.ts';
import { signSet } from '../gate/set.ts';
import { releasesForSet } from '../recovery/run.ts';
import { insertSet, selectInForce, selectNewestSet } from './store.ts';

export interface Published {
  readonly version: number;
  readonly signed: SignedSet;
}

/** Restrictions in force, oldest first. */
export async function readInForce(tx: Queryable): Promise<readonly Restriction[]> {
  return (await selectInForce(tx)).map((body) => JSON.parse(body) as Restriction);
}

/** Signs and stores the next version. Push it only after the commit. */
export async function publishSet(
  tx: Tx,
  input: { readonly epoch: number; readonly nowMs: number; readonly key: KeyObject },
): Promise<Published> {
  const newest = await selectNewestSet(tx);
  const version = Number(newest?.version ?? 0n) + 1;
  const restrictions = await readInForce(tx);
  const signed = signSet(input.key, {
    version,
    epoch: input.epoch,
    madeAtMs: input.nowMs,
    restrictions,
    releases: await releasesForSet(tx, input.nowMs),
  });
  await insertSet(tx, {
    version,
    body: signed.body,
    signature: signed.signature,
    nowMs: input.nowMs,
  });
  await recordEvents(tx, [
    {
      atMs: input.nowMs,
      kind: 'restriction_set.published',
      subject: String(version),
      data: { epoch: input.epoch, restrictions: restrictions.map(({ id }) => id) },
    },
  ]);
  return { version, signed };
}
