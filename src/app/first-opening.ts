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
const FIRST_EPOCH = 1;

/** A person and the password that unseals their key. */
export interface Opener {
  readonly username: string;
  readonly password: string;
}

/** Leaves the opening of the very first start ready, so that the journal begins with it. */
export async function prepareFirstOpening(input: {
  readonly config: Config;
  readonly time: Time;
}): Promise<void> {
  const state = input.config.folder;
  if (existsSync(openedMarker(state))) return;
  await writeOpening({ ...input, openers: operatorsOf(state), epoch: FIRST_EPOCH });
}

/** Whether the gateway is open; opens it once for the demo, when a first start was cut short. */
export async function openFirstTime(input: {
  readonly config: Config;
  readonly time: Time;
}): Promise<string> {
  const state = input.config.folder;
  const { door } = await statusOf(state);
  const isFirst = !existsSync(openedMarker(state));
  if (door === 'awaiting_opening' && !isFirst) {
    return 'closed: its journal is not the one it had. Two people must open it: pulih open --first <username> --second <username>';
  }
  const people = operatorsOf(state);
  if (door === 'awaiting_opening') await openGateway({ ...input, openers: people });
  if (isFirst) {
    writeSecret(openedMarker(state), String(input.time.now()), undefined);
    return `opened by ${people.map(({ username }) => username).join(' and ')}`;
  }
  return door === 'open' ? 'open' : 'waits for the guard to confirm its journal';
}

/** Signs an opening with the keys of two people and waits until the gateway took it. Throws when a password is wrong. */
export async function openGateway(input: {
  readonly config: Config;
  readonly time: Time;
  readonly openers: readonly Opener[];
}): Promise<string> {
  const { config, time, openers } = input;
  const { epoch } = await statusOf(config.folder);
  await writeOpening({ ...input, epoch: Number(epoch) });
  const until = time.now() + OPEN_MS_MAX;
  for (;;) {
    const { door } = await statusOf(config.folder);
    if (door !== 'awaiting_opening') {
      return `opened by ${openers.map(({ username }) => username).join(' and ')}`;
    }
    if (time.now() > until) throw new Error('Cannot open the gateway: it did not take the opening');
    await time.sleep(100);
  }
}

async function writeOpening(input: {
  readonly config: Config;
  readonly time: Time;
  readonly openers: readonly Opener[];
  readonly epoch: number;
}): Promise<void> {
  const { config, time, openers, epoch } = input;
  const secrets = openSecrets({ time, random: systemRandom() });
  const signers = await Promise.all(
    openers.map(async ({ username, password }) => {
      const file = join(peopleFolder(config.folder), `${username}.sealed.json`);
      if (!existsSync(file)) {
        throw new Error(`Cannot open the gateway: nobody is called ${username}`);
      }
      const sealedFile = JSON.parse(readFileSync(file, 'utf8')) as {
        staffId: string;
        sealed: string;
      };
      const pem = await unsealStaffKey(secrets, { sealed: sealedFile.sealed, password });
      if (!pem) throw new Error(`Cannot open the gateway: the password of ${username} is wrong`);
      return { staffId: sealedFile.staffId, key: createPrivateKey(pem) };
    }),
  );
  const text = makeOpening({ partition: PARTITION, epoch, madeAtMs: time.now(), signers });
  const path = join(processFolder(config.folder, PARTITION), OPENING_FILE);
  writeSecret(path, text, processOwner(PARTITION));
}

function statusOf(state: string): Promise<Record<string, unknown>> {
  return askGateway({ state, partition: PARTITION, request: { action: 'status' } });
}

/** The two operators whose credentials the first start made. */
function operatorsOf(state: string): readonly Opener[] {
  return (readCredentials(state)?.staff ?? [])
    .filter(({ role }) => role === 'operator')
    .slice(0, 2);
}

function openedMarker(state: string): string {
  return join(peopleFolder(state), 'opened-once');
}
