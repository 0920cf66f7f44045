/** The demo's keys towards the switch: at the first start the two operators, whose credentials that start has just made, form the
 * link's ZMK and ZAK in the HSM from components that the simulator has too. PIN keys follow by exchange over the link. A bank's custodians
 * type what their network sent them on paper (docs/hsm.md); nobody holds two components of one key. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKey, testLinkKeys } from '../../sim/switch/crypto.ts';
import { CEREMONY_SOCKET } from '../hsm/start.ts';
import { systemRandom } from '../kernel/random.ts';
import type { KeyName, ListedKey } from '../rail/hsm/port.ts';
import type { Config } from './config.ts';
import { askLocal } from './control-client.ts';
import { readCredentials } from './credentials.ts';
import { actOnKey } from './hsm-ceremony.ts';
import { processFolder } from './key-file.ts';
import { SWITCH_LINK } from './switch-profile.ts';
import { OWN_MACHINES, TERMINAL_LINK } from './terminal-profile.ts';

/** Where the simulator keeps what its keys follow from. */
export const SWITCH_SEED_FILE = 'switch-seed';
const KEY_BYTES = 16;

/** Forms what the HSM does not hold yet; says what was done. Throws when the HSM refuses. */
export async function formSwitchKeys(config: Config): Promise<string> {
  const seedFile = join(processFolder(config.folder, 'sim'), SWITCH_SEED_FILE);
  const people = (readCredentials(config.folder)?.staff ?? [])
    .filter(({ role }) => role === 'operator')
    .slice(0, 2);
  const [first, second] = people;
  if (!existsSync(seedFile) || !first || !second) return 'no simulator to share keys with';
  const held = await heldKeys(config);
  const wanted = sharedKeys(readFileSync(seedFile, 'utf8'))
    .filter(({ name }) => !held.includes(name))
    .map(({ name, key }) => ({ name, halves: split(key) }));
  if (wanted.length === 0) return 'in place';
  for (const [turn, { username, password }] of [first, second].entries())
    await Promise.all(
      wanted.map(async ({ name, halves }) => {
        const component = halves[turn === 0 ? 0 : 1];
        const what = { name, algorithm: 'T', allowsFormat0: false, component } as const;
        const answer = await actOnKey({ config, person: username, password, what });
        if (!answer.ok) throw new Error(`Cannot form ${name}: the HSM says ${answer.reason}`);
      }),
    );
  return `${wanted.map(({ name }) => name).join(' and ')} formed by ${first.username} and ${second.username}`;
}

/** The link to the switch, the link of our machines, and what each machine's PIN key travels under. */
function sharedKeys(seed: string): readonly { readonly name: KeyName; readonly key: Buffer }[] {
  const { zmk, mac } = testLinkKeys(seed, SWITCH_LINK);
  return [
    { name: `zmk.${SWITCH_LINK}`, key: zmk },
    { name: `zak.${SWITCH_LINK}`, key: mac },
    { name: `zak.${TERMINAL_LINK}`, key: testLinkKeys(seed, TERMINAL_LINK).mac },
    ...OWN_MACHINES.map((machine) => ({
      name: `zmk.${machine.toLowerCase()}` as const,
      key: machineMasterKey(seed, machine),
    })),
  ];
}

/** The test key of a simulated machine of ours. */
export function machineMasterKey(seed: string, machine: string): Buffer {
  return testKey(seed, `master:${machine}`);
}

/** The names of the keys that the HSM holds. */
export async function heldKeys(config: Config): Promise<readonly string[]> {
  const path = join(processFolder(config.folder, 'hsm'), CEREMONY_SOCKET);
  const { keys } = await askLocal({ name: 'hsm', path, request: { action: 'keys' } });
  return (keys as readonly ListedKey[]).map(({ name }) => name);
}

/** Two components whose exclusive or is the key. */
function split(key: Buffer): readonly [string, string] {
  const one = systemRandom().bytes(KEY_BYTES);
  const other = Buffer.from(key.map((byte, at) => byte ^ one[at]!)); // as long as the key
  return [hex(one), hex(other)];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
