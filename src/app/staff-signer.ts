/** A person at a command line: the signing key that their password opens. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets } from '../channel/session/secret.ts';
import { unsealStaffKey } from '../channel/session/staff-key.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { askPassword } from './ask-password.ts';
import type { Config } from './config.ts';
import { peopleFolder } from './key-file.ts';

const USERNAME = /^[a-z0-9_.-]{1,64}$/;

/** The person's signing key, unsealed with the password typed now and kept only as long as the command runs. Throws with what is wrong. */
export async function staffSigner(
  config: Config,
  input: { readonly person: string; readonly time: Time },
): Promise<{ readonly staffId: string; readonly key: KeyObject }> {
  const file = join(peopleFolder(config.folder), `${input.person}.sealed.json`);
  if (!USERNAME.test(input.person) || !existsSync(file))
    throw new Error(`Cannot sign: nobody is called ${input.person}`);
  const { staffId, sealed } = JSON.parse(readFileSync(file, 'utf8')) as {
    staffId: string;
    sealed: string;
  };
  const secrets = openSecrets({ time: input.time, random: systemRandom() });
  const pem = await unsealStaffKey(secrets, { sealed, password: await askPassword(input.person) });
  if (!pem) throw new Error(`Cannot sign: the password of ${input.person} is wrong`);
  return { staffId, key: createPrivateKey(pem) };
}
