/** Where keys, certificates and secrets stand in the state folder. One folder per process, 0700; what everyone may know is in
 * `public/`. Reading only: `keys.ts` makes them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRing } from '../authorisation/token.ts';
import type { StaffRoster } from '../gate/port.ts';
import type { TlsIdentity } from '../kernel/wire-tls.ts';

/** Two certificate authorities: our own processes, and the world of the BI-FAST hub. */
export type World = 'internal' | 'network';

/** The folder of one process. */
export function processFolder(state: string, name: string): string {
  return join(state, 'process', name);
}

/** What everyone may read. */
export function publicFolder(state: string): string {
  return join(state, 'public');
}

/** What the gateway and the guard write and the status process serves. */
export function statusFolder(state: string): string {
  return join(state, 'status');
}

/** The stop credentials and other things of people; only who started Pulih may read them. */
export function peopleFolder(state: string): string {
  return join(state, 'people');
}

/** The TLS identity of a process in one of the worlds. */
export function readIdentity(state: string, name: string, world: World): TlsIdentity {
  const folder = processFolder(state, name);
  return {
    key: readFileSync(join(folder, `${world}.key`), 'utf8'),
    cert: readFileSync(join(folder, `${world}.crt`), 'utf8'),
    ca: readFileSync(join(publicFolder(state), `${world}-ca.crt`), 'utf8'),
  };
}

/** The fingerprint of a process's certificate, as its peers see it. */
export function readFingerprint(state: string, name: string, world: World): string {
  return readFileSync(join(publicFolder(state), `${name}-${world}.fingerprint`), 'utf8').trim();
}

/** A private key of a process: `signing`, `set`, `audit`, `status`, `message`, `biller`, `receipt`, `partner`. */
export function readPrivateKey(state: string, name: string, key: string): KeyObject {
  return createPrivateKey(readFileSync(join(processFolder(state, name), `${key}.key`), 'utf8'));
}

/** Secrets that all cores share: what seals partners' keys in the database, what a terminating proxy shows to be ours, what card
 * numbers are hashed under, and what the parties of payments are in the event stream. */
export const CORE_SECRETS = ['partner-seal', 'proxy', 'card-token', 'party'] as const;

export type CoreSecret = (typeof CORE_SECRETS)[number];

/** Where who started Pulih keeps such a secret. */
export function coreSecretFile(state: string, name: CoreSecret): string {
  return join(state, 'authority', `${name}.key`);
}

/** A secret as a core holds it, hex. */
export function readCoreSecret(
  state: string,
  input: { process: string; name: CoreSecret },
): string {
  return readFileSync(
    join(processFolder(state, input.process), `${input.name}.key`),
    'utf8',
  ).trim();
}

/** The public half: `set`, `audit`, `status`, `bank-message`, `hub-message`, `bank-biller`, `aggregator`, `receipt`, `bank-partner`. */
export function readPublicKey(state: string, key: string): KeyObject {
  return createPublicKey(readFileSync(join(publicFolder(state), `${key}.pub`), 'utf8'));
}

/** What `token-keys.json` holds. */
export interface TokenKeyFile {
  readonly keys: Readonly<
    Record<
      string,
      { readonly pem: string; readonly notBeforeMs: number; readonly notAfterMs: number }
    >
  >;
  readonly revokedKids: readonly string[];
  readonly revokedJtis: readonly string[];
}

/** The file of the keys that a gateway accepts tokens of. */
export function tokenKeyFile(state: string): string {
  return join(publicFolder(state), 'token-keys.json');
}

/** Gives the ring of the file, read again when it changed: a rotation or a revocation needs no restart. */
export function watchKeyRing(state: string): () => KeyRing {
  const path = tokenKeyFile(state);
  let ring: KeyRing | undefined;
  let seenMs = 0;
  return () => {
    const changedMs = statSync(path).mtimeMs;
    if (ring && changedMs === seenMs) return ring;
    const { keys, ...revoked } = JSON.parse(readFileSync(path, 'utf8')) as TokenKeyFile;
    const read = Object.entries(keys).map(
      ([kid, { pem, ...dates }]) => [kid, { key: createPublicKey(pem), ...dates }] as const,
    );
    ring = { keys: Object.fromEntries(read), ...revoked };
    seenMs = changedMs;
    return ring;
  };
}

/** The public keys of staff that a process believes; `release` for two-person acts, `stop` for the stop button. */
export function readRoster(state: string, kind: 'release' | 'stop'): StaffRoster {
  return JSON.parse(
    readFileSync(join(publicFolder(state), `roster-${kind}.json`), 'utf8'),
  ) as StaffRoster;
}

/** The database address of a process. */
export function readDatabaseUrl(state: string, name: string): string {
  const path = join(processFolder(state, name), 'database-url');
  if (!existsSync(path))
    throw new Error(
      `Cannot start ${name}: it has no database address (${path}); start with pulih up first`,
    );
  return readFileSync(path, 'utf8');
}

/** The file that holds a person's stop credential. */
export function stopCredentialFile(state: string, username: string): string {
  return join(peopleFolder(state), `${username}.stop.json`);
}
