/** The demo's credentials, as the first start made them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peopleFolder } from './key-file.ts';

/** Credentials of the demo, as printed at start. They stand in one file that only who started Pulih can read. */
export interface DemoCredentials {
  readonly customers: readonly {
    readonly username: string;
    readonly password: string;
    readonly pin: string;
    readonly account: string;
    readonly name: string;
  }[];
  readonly staff: readonly {
    readonly username: string;
    readonly password: string;
    readonly role: string;
    readonly name: string;
  }[];
  readonly partner: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly privateKeyFile: string;
    readonly account: string;
  };
}

/** The credentials of an earlier seed; undefined before the first. */
export function readCredentials(state: string): DemoCredentials | undefined {
  const path = credentialsFile(state);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DemoCredentials) : undefined;
}

/** Their file. */
export function credentialsFile(state: string): string {
  return join(peopleFolder(state), 'credentials.json');
}
