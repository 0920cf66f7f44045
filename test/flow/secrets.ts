/** Collects what must never be logged (I11), as traffic makes it, and looks for it in logs. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hear } from './rig.ts';

/** Shorter ones would be found by chance. */
const CHARS_MIN = 6;

export interface Secrets {
  /** `what` names it in a failure, so that the failure itself tells no secret. */
  add(what: string, values: readonly (string | undefined)[]): void;
  /** Takes tokens and signatures out of what goes over the partner's wire. */
  readonly hear: Hear;
  count(): number;
  /** Kinds of secret that this text holds. */
  findIn(text: string): readonly string[];
}

/** Starts with every private key, password and connection string in the state folder. */
export function openSecrets(state: string): Secrets {
  const known = new Map<string, string>();
  const add: Secrets['add'] = (what, values) => {
    for (const value of values)
      if (value !== undefined && value.length >= CHARS_MIN) known.set(value.toLowerCase(), what);
  };
  for (const path of globSync('{process,people,authority}/**/*.{key,pem}', { cwd: state }))
    add(`key ${path}`, base64Lines(readFileSync(join(state, path), 'utf8')));
  for (const path of globSync('process/*/database-url', { cwd: state }))
    add(`password in ${path}`, [new URL(readFileSync(join(state, path), 'utf8')).password]);
  for (const path of globSync('people/*.sealed.json', { cwd: state }))
    add(`sealed key ${path}`, [jsonIn(join(state, path))['sealed']]);
  add('database password', Object.values(jsonIn(join(state, 'postgres/passwords.json'))));
  return {
    add,
    hear(request, response) {
      add('bearer token', [request.headers['authorization']?.split(' ')[1]]);
      add('signature', [request.headers['x-signature']]);
      add('access token', [/"accessToken":"([^"]+)"/.exec(response.body)?.[1]]);
    },
    count: () => known.size,
    findIn(text) {
      const lower = text.toLowerCase();
      return [
        ...new Set([...known].filter(([value]) => holds(lower, value)).map(([, what]) => what)),
      ];
    },
  };
}

/** Digits count only as a number of their own: a clock may hold any six in a row. */
function holds(text: string, value: string): boolean {
  if (!/^\d+$/.test(value)) return text.includes(value);
  return new RegExp(`(?<!\\d)${value}(?!\\d)`).test(text);
}

function base64Lines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
}

function jsonIn(path: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}
