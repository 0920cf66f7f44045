/** Two people open a gateway whose journal is new (DESIGN.md 1.1). In the demo, the two operators whose credentials the first start
 * has just made do so, once; whatever happens to the journal later needs `pulih open` and two passwords. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets } from '../channel/session/secret.ts';
import { unsealStaffKey } from '../channel/session/staff-key.ts';
import { makeOpening, OPENING_FILE } from '../gateway/opening.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { askGateway } from './control-client.ts';
import { readCredentials } from './credentials.ts';
import { peopleFolder, processFolder } from './key-file.ts';
import { writeSecret } from './keys.ts';
import { processOwner } from './place.ts';

const PARTITION = 'gateway-1';
const OPEN_MS_MAX = 10_000;

/** A person and the password that unseals their key. */
export interface Opener {
  readonly username: string;
  readonly password: string;
}

/** Opens the demo's gateway at the very first start; what it did, in words. */
export async function openFirstTime(input: {
  readonly config: Config;
  readonly time: Time;
}): Promise<string> {
  const state = input.config.folder;
  const marker = join(peopleFolder(state), 'opened-once');
  const status = await askGateway({ state, partition: PARTITION, request: { action: 'status' } });
  if (status['door'] !== 'awaiting_opening')
    return String(status['door']) === 'open'
      ? 'open'
      : 'waits for the guard to confirm its journal';
  if (existsSync(marker))
    return 'closed: its journal is not the one it had. Two people must open it: pulih open --as <one> --as <other>';
  const people = (readCredentials(state)?.staff ?? [])
    .filter(({ role }) => role === 'operator')
    .slice(0, 2);
  const result = await openGateway({ ...input, openers: people });
  writeSecret(marker, String(input.time.now()), undefined);
  return result;
}

/** Signs an opening with the keys of two people and waits until the gateway took it. Throws when a password is wrong. */
export async function openGateway(input: {
  readonly config: Config;
  readonly time: Time;
  readonly openers: readonly Opener[];
}): Promise<string> {
  const { config, time, openers } = input;
  const secrets = openSecrets({ time, random: systemRandom() });
  const signers = await Promise.all(
    openers.map(async ({ username, password }) => {
      const file = join(peopleFolder(config.folder), `${username}.sealed.json`);
      if (!existsSync(file))
        throw new Error(`Cannot open the gateway: nobody is called ${username}`);
      const { staffId, sealed } = JSON.parse(readFileSync(file, 'utf8')) as {
        staffId: string;
        sealed: string;
      };
      const pem = await unsealStaffKey(secrets, { sealed, password });
      if (!pem) throw new Error(`Cannot open the gateway: the password of ${username} is wrong`);
      return { staffId, key: createPrivateKey(pem) };
    }),
  );
  const status = await askGateway({
    state: config.folder,
    partition: PARTITION,
    request: { action: 'status' },
  });
  const text = makeOpening({
    partition: PARTITION,
    epoch: Number(status['epoch']),
    madeAtMs: time.now(),
    signers,
  });
  writeSecret(
    join(processFolder(config.folder, PARTITION), OPENING_FILE),
    text,
    processOwner(PARTITION),
  );
  const until = time.now() + OPEN_MS_MAX;
  for (;;) {
    const now = await askGateway({
      state: config.folder,
      partition: PARTITION,
      request: { action: 'status' },
    });
    if (now['door'] !== 'awaiting_opening')
      return `opened by ${openers.map(({ username }) => username).join(' and ')}`;
    if (time.now() > until) throw new Error('Cannot open the gateway: it did not take the opening');
    await time.sleep(100);
  }
}
