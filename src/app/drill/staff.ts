/** People who can sign a release in a drill; their keys live in memory only. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Db } from '../../db/pool.ts';
import { insertStaff } from '../../channel/session/store.ts';

export interface DrillStaff {
  readonly id: string;
  readonly key: KeyObject;
  readonly publicPem: string;
  insert(db: Db, nowMs: number): Promise<void>;
}

/** One person per id, with a fresh signing key. */
export function makeStaff(ids: readonly string[]): readonly DrillStaff[] {
  return ids.map((id) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return {
      id,
      key: privateKey,
      publicPem,
      insert: (db, nowMs) =>
        insertStaff(db, {
          id,
          name: id,
          role: 'risk',
          username: id,
          passwordHash: 'none',
          publicKey: publicPem,
          sealedKey: 'none',
          now: new Date(nowMs),
        }),
    };
  });
}
