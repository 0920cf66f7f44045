/** A person's own signing key at a command line: unsealed with the password typed now, kept only as long as the command runs. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets } from '../channel/session/secret.ts';
import { unsealStaffKey } from '../channel/session/staff-key.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { askPassword } from './ask-password.ts';
import { peopleFolder } from './key-file.ts';

/** It names a file. */
const USERNAME = /^[a-z0-9_.-]{1,64}$/;

/** The key of `person`. Throws when nobody is called so, or when the password is wrong. */
export async function openStaffKey(input: {
  readonly state: string;
  readonly person: string;
  /** @default asked for at the terminal */
  readonly password?: string;
  readonly time: Time;
}): Promise<{ readonly staffId: string; readonly key: KeyObject }> {
  const { state, person, time } = input;
  const file = join(peopleFolder(state), `${person}.sealed.json`);
  if (!USERNAME.test(person) || !existsSync(file))
    throw new Error(`Cannot sign: nobody is called ${person}`);
  const { staffId, sealed } = JSON.parse(readFileSync(file, 'utf8')) as {
    staffId: string;
    sealed: string;
  };
  const secrets = openSecrets({ time, random: systemRandom() });
  const password = input.password ?? (await askPassword(person));
  const pem = await unsealStaffKey(secrets, { sealed, password });
  if (!pem) throw new Error(`Cannot sign: the password of ${person} is wrong`);
  return { staffId, key: createPrivateKey(pem) };
}
