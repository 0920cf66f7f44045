/** `pulih hsm`: the keys of the HSM by name and check value, and the ceremony of two people that forms one. What is typed goes to the
 * HSM over the socket in its folder; nothing of it is written anywhere. */
import { join } from 'node:path';
import { signAct, type CeremonyAct, type CeremonyAnswer } from '../hsm/ceremony.ts';
import { kindOf } from '../hsm/key-store.ts';
import { CEREMONY_SOCKET } from '../hsm/start.ts';
import { systemRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import type { KeyName, ListedKey } from '../rail/hsm/port.ts';
import { askHidden } from './ask-password.ts';
import type { Config } from './config.ts';
import { askLocal } from './control-client.ts';
import { processFolder } from './key-file.ts';
import { openStaffKey } from './staff-key.ts';

const ALGORITHMS: Readonly<Record<string, { readonly letter: 'T' | 'A'; readonly bytes: number }>> =
  { tdes: { letter: 'T', bytes: 16 }, aes: { letter: 'A', bytes: 32 } };

interface Asked {
  readonly config: Config;
  readonly words: readonly string[];
  readonly person: string | undefined;
  readonly algorithm: string;
  readonly component: string | undefined;
  readonly checkValue: string | undefined;
  readonly allowsFormat0: boolean;
  readonly asJson: boolean;
}

/** The exit code: 0 done, 1 refused, 2 wrong usage. */
export async function hsm(asked: Asked): Promise<number> {
  const [verb = 'keys', name] = asked.words;
  if (verb === 'keys' && !name) return list(asked);
  if (verb !== 'form' || !name || !isWhole(asked, name)) return usage();
  const answer = await form(asked, name as KeyName);
  if (asked.asJson) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else process.stdout.write(`${describe(answer, name)}\n`);
  return answer.ok ? 0 : 1;
}

function isWhole(asked: Asked, name: string): boolean {
  const { person, algorithm, component, checkValue } = asked;
  return (
    kindOf(name) !== undefined &&
    person !== undefined &&
    Object.hasOwn(ALGORITHMS, algorithm) &&
    [undefined, 'typed', 'new'].includes(component) &&
    (checkValue === undefined || /^[0-9A-F]{6}$/.test(checkValue))
  );
}

function usage(): number {
  process.stderr.write(
    'Usage: pulih hsm keys | form <kind>.<link> --as <username> [--algorithm tdes|aes] [--component typed|new] [--check <six hex digits>] [--format0]\n' +
      'Kinds: zmk zpk tpk zak pvk cvk imk. A second person gives the same command with their own name.\n',
  );
  return 2;
}

async function list(asked: Asked): Promise<number> {
  const answer = await ask(asked.config, { action: 'keys' });
  const keys = answer['keys'] as readonly ListedKey[];
  if (asked.asJson) process.stdout.write(`${JSON.stringify(keys)}\n`);
  else if (keys.length === 0) process.stdout.write('The HSM holds no key yet\n');
  else
    for (const key of keys)
      process.stdout.write(
        `${key.name.padEnd(24)} ${String(key.version).padStart(4)}  ${key.algorithm === 'T' ? 'TDES' : 'AES '}  ${key.checkValue}${key.isCurrent ? '' : '  former'}\n`,
      );
  return 0;
}

async function form(asked: Asked, name: KeyName): Promise<CeremonyAnswer> {
  const { config, checkValue, allowsFormat0 } = asked;
  const { letter, bytes } = ALGORITHMS[asked.algorithm]!;
  const component = await componentOf(asked.component, bytes);
  return actOnKey({
    config,
    person: asked.person!,
    what: {
      name,
      algorithm: letter,
      allowsFormat0,
      ...(checkValue === undefined ? {} : { checkValue }),
      ...(component === undefined ? {} : { component }),
    },
  });
}

/** One person's part of a ceremony, signed with their own key; the second person's completes it. Throws when the HSM cannot be
 * reached or the password is wrong. */
export async function actOnKey(input: {
  readonly config: Config;
  readonly person: string;
  /** @default asked for at the terminal */
  readonly password?: string;
  readonly what: Omit<CeremonyAct, 'staffId' | 'atMs' | 'nonce'>;
}): Promise<CeremonyAnswer> {
  const { config, what, ...who } = input;
  const time = wallTime();
  const { staffId, key } = await openStaffKey({ state: config.folder, time, ...who });
  const nonce = systemRandom().bytes(12).toString('hex');
  const signed = signAct(key, { ...what, staffId, atMs: time.now(), nonce });
  // The HSM's answer is one of these, or the call throws.
  return (await ask(config, signed)) as unknown as CeremonyAnswer;
}

/** A new component is shown once, on the terminal's error stream, so that a redirected answer does not keep it. */
async function componentOf(how: string | undefined, bytes: number): Promise<string | undefined> {
  if (how === undefined) return undefined;
  if (how === 'new') {
    const made = systemRandom().bytes(bytes);
    const hex = made.toString('hex').toUpperCase();
    made.fill(0);
    process.stderr.write(
      `Component (write it down now; it is not kept): ${hex.replace(/.{4}(?=.)/g, '$& ')}\n`,
    );
    return hex;
  }
  const typed = await askHidden({
    what: `Component, ${bytes * 2} hex digits`,
    given: process.env['PULIH_COMPONENT'],
  });
  const hex = typed.replaceAll(' ', '').toUpperCase();
  if (!new RegExp(`^[0-9A-F]{${bytes * 2}}$`).test(hex))
    throw new Error(`Cannot take the component: it is not ${bytes * 2} hex digits`);
  return hex;
}

function describe(answer: CeremonyAnswer, name: string): string {
  if (!answer.ok) return `${name}: refused, ${answer.reason}`;
  if (answer.state === 'formed')
    return `${name}: formed, version ${answer.version}, check value ${answer.checkValue}`;
  const shown = answer.checkValue ? `, check value of the component ${answer.checkValue}` : '';
  return `${name}: waits one day for the second person${shown}`;
}

function ask(config: Config, request: unknown): Promise<Record<string, unknown>> {
  const path = join(processFolder(config.folder, 'hsm'), CEREMONY_SOCKET);
  return askLocal({ name: 'hsm', path, request });
}
