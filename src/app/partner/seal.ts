/** What seals partners' keys in the database, as who started Pulih holds it; each core has a copy. */
import { readFileSync } from 'node:fs';
import { sealLegacyKeys } from '../../channel/snap/partner/legacy-key.ts';
import { openSealer, type Sealer } from '../../channel/snap/partner/seal.ts';
import { systemRandom } from '../../kernel/random.ts';
import { openDb } from '../../db/pool.ts';
import type { Time } from '../../kernel/time.ts';
import type { Config } from '../config.ts';
import { coreSecretFile } from '../key-file.ts';

/** Opens the sealer of a state folder. Throws when there is no key: `pulih up` makes one. */
export function readSealer(state: string): Sealer {
  const key = Buffer.from(
    readFileSync(coreSecretFile(state, 'partner-seal'), 'utf8').trim(),
    'hex',
  );
  return openSealer({ key, random: systemRandom() });
}

/** Seals the keys that a former version left in partners' rows, before a core starts. */
export async function sealPartners(input: {
  readonly config: Config;
  readonly server: { readonly adminUrl: string };
  readonly time: Time;
}): Promise<void> {
  const { config, server, time } = input;
  const db = openDb({ url: server.adminUrl, size: 1, time, name: 'partner-seal' });
  try {
    await sealLegacyKeys({ db, time, random: systemRandom(), sealer: readSealer(config.folder) });
  } finally {
    await db.close();
  }
}
