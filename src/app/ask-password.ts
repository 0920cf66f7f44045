/** Asks a person for a password, without showing it; for acts of two people at a terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { wallTime } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { openGateway } from './first-opening.ts';

/** The password of `username`: from `PULIH_PASSWORD_<USERNAME>`, else typed at the terminal. */
export async function askPassword(username: string): Promise<string> {
  return askHidden({
    what: `Password of ${username}`,
    given: process.env[`PULIH_PASSWORD_${username.toUpperCase()}`],
  });
}

/** What a person types and nobody shall see; `given` is taken instead where there is one. */
export async function askHidden(input: {
  readonly what: string;
  readonly given: string | undefined;
}): Promise<string> {
  if (input.given) return input.given;
  if (!process.stdin.isTTY) throw new Error(`Cannot ask: there is no terminal (${input.what})`);
  process.stderr.write(`${input.what}: `);
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: hidden, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

/** `pulih open`: two different people type their passwords. */
export async function openByHand(
  config: Config,
  names: readonly (string | undefined)[],
): Promise<number> {
  const [first, second] = names;
  if (!first || !second || first === second) {
    process.stderr.write('Usage: pulih open --first <username> --second <another username>\n');
    return 2;
  }
  const openers = [];
  for (const username of [first, second])
    openers.push({ username, password: await askPassword(username) });
  process.stdout.write(`gateway-1 ${await openGateway({ config, time: wallTime(), openers })}\n`);
  return 0;
}
