/** Makes every key and certificate of a deployment at its first start, and renews certificates that run out. A private key
 * stands in one file of one process, 0600; the authorities' own keys stay with who started Pulih. Nothing is ever replaced
 * that still holds: a lost signing key would leave committed payments unsigned. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../kernel/random.ts';
import { wibDate } from '../kernel/time.ts';
import {
  fingerprintOf,
  isCurrent,
  makeAuthority,
  makeLeaf,
  type Certified,
} from './certificate.ts';
import {
  CORE_SECRETS,
  coreSecretFile,
  peopleFolder,
  processFolder,
  publicFolder,
  statusFolder,
  tokenKeyFile,
  type CoreSecret,
  type TokenKeyFile,
  type World,
} from './key-file.ts';
import { makeFolder, processOwner, sharedOwner, type Owner } from './place.ts';

const DAY_MS = 86_400_000;
const SECRET_BYTES = 32;
/** How long one signing key may sign; a new one is made by rotation, with overlap. */
const SIGNING_KEY_DAYS = 400;
const RSA_BITS = 2_048;

interface Identity {
  readonly process: string;
  readonly world: World;
  readonly commonName: string;
  readonly serverNames: readonly string[];
}

const IDENTITIES: readonly Identity[] = [
  ...['core-1', 'core-2', 'signer', 'gateway-1', 'guard', 'hsm'].map((name): Identity => ({
    process: name,
    world: 'internal',
    commonName: name,
    serverNames: [name],
  })),
  {
    process: 'gateway-1',
    world: 'network',
    commonName: 'connector:PULHIDJA',
    serverNames: ['gateway-1-network'],
  },
  { process: 'sim', world: 'network', commonName: 'hub', serverNames: ['hub', 'biller'] },
];

/** Which process holds which private key, and under which name its public half is known. */
const KEYS: readonly {
  readonly process: string;
  readonly key: string;
  readonly publicName: string;
}[] = [
  { process: 'guard', key: 'set', publicName: 'set' },
  { process: 'guard', key: 'audit', publicName: 'audit' },
  { process: 'guard', key: 'status', publicName: 'guard-status' },
  { process: 'gateway-1', key: 'status', publicName: 'status' },
  { process: 'gateway-1', key: 'message', publicName: 'bank-message' },
  { process: 'sim', key: 'message', publicName: 'hub-message' },
  { process: 'gateway-1', key: 'biller', publicName: 'bank-biller' },
  { process: 'sim', key: 'biller', publicName: 'aggregator' },
];

/** The processes that have a folder of their own. */
export const PROCESSES = [
  'core-1',
  'core-2',
  'signer',
  'gateway-1',
  'guard',
  'status',
  'sim',
  'hsm',
] as const;

/** Makes what is missing. Returns how many keys and certificates are new. */
export function prepareKeys(input: {
  readonly state: string;
  readonly nowMs: number;
  readonly random: Random;
}): number {
  const { state } = input;
  makeFolder(state, undefined, 0o755);
  makeFolder(join(state, 'process'), undefined, 0o755);
  makeFolder(publicFolder(state), undefined, 0o755);
  makeFolder(peopleFolder(state));
  makeFolder(statusFolder(state), sharedOwner(), sharedOwner() ? 0o775 : 0o755);
  for (const name of PROCESSES) makeFolder(processFolder(state, name), processOwner(name));
  let made = 0;
  for (const world of ['internal', 'network'] as const) made += prepareWorld({ ...input, world });
  for (const { process, key, publicName } of KEYS) {
    const pem = ensureKey({
      path: join(processFolder(state, process), `${key}.key`),
      owner: processOwner(process),
    });
    if (pem.isNew) made++;
    writePublic(join(publicFolder(state), `${publicName}.pub`), pem.publicPem);
  }
  for (const name of CORE_SECRETS) made += prepareCoreSecret({ ...input, name });
  return made + preparePartnerKey(state) + prepareSigningKey(input) + prepareReceiptKey(state);
}

/** The key that receipts are sealed to. Every core opens them, so every core has it. */
function prepareReceiptKey(state: string): number {
  const cores = PROCESSES.filter((name) => name.startsWith('core-'));
  const paths = cores.map((name) => ({
    path: join(processFolder(state, name), 'receipt.key'),
    owner: processOwner(name),
  }));
  const known = paths.find(({ path }) => existsSync(path));
  const pem = known
    ? readOwn(known.path, known.owner)
    : generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const { path, owner } of paths) if (!existsSync(path)) writeSecret(path, pem, owner);
  const publicPem = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
  writePublic(join(publicFolder(state), 'receipt.pub'), publicPem.toString());
  return known ? 0 : 1;
}

/** One random secret, kept with the authorities' keys and given to each core; made once. */
function prepareCoreSecret(input: {
  readonly state: string;
  readonly name: CoreSecret;
  readonly random: Random;
}): number {
  const { state, name, random } = input;
  makeFolder(join(state, 'authority'));
  const path = coreSecretFile(state, name);
  const isNew = !existsSync(path);
  if (isNew) writeSecret(path, random.bytes(SECRET_BYTES).toString('hex'), undefined);
  const text = readFileSync(path, 'utf8');
  for (const core of ['core-1', 'core-2'])
    writeSecret(join(processFolder(state, core), `${name}.key`), text, processOwner(core));
  return isNew ? 1 : 0;
}

/** The kid of the key that the signer signs with now. */
export function signingKid(state: string): string {
  const file = JSON.parse(readFileSync(tokenKeyFile(state), 'utf8')) as TokenKeyFile;
  const kids = Object.entries(file.keys).toSorted(([, a], [, b]) => b.notBeforeMs - a.notBeforeMs);
  return kids[0]![0];
}

/** One RSA key for the bank's calls to partners, which ask for that kind (domain.md 3.2): every core signs with the same. */
function preparePartnerKey(state: string): number {
  const paths = ['core-1', 'core-2'].map((name) => ({
    path: join(processFolder(state, name), 'partner.key'),
    owner: processOwner(name),
  }));
  const known = paths.find(({ path }) => existsSync(path));
  const pem = known
    ? readOwn(known.path, known.owner)
    : generateKeyPairSync('rsa', { modulusLength: RSA_BITS })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
  for (const { path, owner } of paths) if (!existsSync(path)) writeSecret(path, pem, owner);
  const publicPem = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
  writePublic(join(publicFolder(state), 'bank-partner.pub'), publicPem.toString());
  return known ? 0 : 1;
}

function prepareSigningKey(input: { readonly state: string; readonly nowMs: number }): number {
  const { state, nowMs } = input;
  const { publicPem, isNew } = ensureKey({
    path: join(processFolder(state, 'signer'), 'signing.key'),
    owner: processOwner('signer'),
  });
  if (existsSync(tokenKeyFile(state))) return 0;
  const file: TokenKeyFile = {
    keys: {
      [`signer-${wibDate(nowMs)}`]: {
        pem: publicPem,
        notBeforeMs: nowMs - DAY_MS,
        notAfterMs: nowMs + SIGNING_KEY_DAYS * DAY_MS,
      },
    },
    revokedKids: [],
    revokedJtis: [],
  };
  writePublic(tokenKeyFile(state), `${JSON.stringify(file, null, 2)}\n`);
  return isNew ? 1 : 0;
}

function prepareWorld(input: {
  readonly state: string;
  readonly world: World;
  readonly nowMs: number;
  readonly random: Random;
}): number {
  const { state, world, nowMs, random } = input;
  const folder = makeFolder(join(state, 'authority'));
  const paths = { key: join(folder, `${world}.key`), cert: join(folder, `${world}.crt`) };
  let made = 0;
  if (!existsSync(paths.cert)) {
    const authority = makeAuthority({ name: `Pulih ${world} CA`, nowMs, random });
    writeSecret(paths.key, authority.key, undefined);
    writeSecret(paths.cert, authority.cert, undefined);
    made++;
  }
  const authority: Certified = {
    key: readFileSync(paths.key, 'utf8'),
    cert: readFileSync(paths.cert, 'utf8'),
  };
  writePublic(join(publicFolder(state), `${world}-ca.crt`), authority.cert);
  for (const identity of IDENTITIES.filter((one) => one.world === world)) {
    const base = join(processFolder(state, identity.process), world);
    const known = existsSync(`${base}.crt`) ? readFileSync(`${base}.crt`, 'utf8') : undefined;
    if (!known || !isCurrent({ cert: known, authority, nowMs }) || !hasNames(known, identity)) {
      const leaf = makeLeaf({
        authority,
        commonName: identity.commonName,
        serverNames: identity.serverNames,
        nowMs,
        random,
      });
      writeSecret(`${base}.key`, leaf.key, processOwner(identity.process));
      writeSecret(`${base}.crt`, leaf.cert, processOwner(identity.process));
      made++;
    }
    const cert = readFileSync(`${base}.crt`, 'utf8');
    writePublic(
      join(publicFolder(state), `${identity.process}-${world}.fingerprint`),
      fingerprintOf(cert),
    );
  }
  return made;
}

/** A certificate from before its process had all its names is made anew. */
function hasNames(cert: string, { serverNames }: Identity): boolean {
  const known = new X509Certificate(cert);
  return serverNames.every((name) => known.checkHost(name) !== undefined);
}

/** An Ed25519 key in its own file; made once. */
export function ensureKey(input: { readonly path: string; readonly owner: Owner | undefined }): {
  readonly publicPem: string;
  readonly isNew: boolean;
} {
  const isNew = !existsSync(input.path);
  if (isNew) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeSecret(
      input.path,
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      input.owner,
    );
  }
  const publicKey = createPublicKey(createPrivateKey(readOwn(input.path, input.owner)));
  return { publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(), isNew };
}

/** Writes a file that only its owner may read: whole or not at all. The folder is the owner's, who may be in wrong hands, and we may be
 * root: no link of theirs is followed. */
export function writeSecret(path: string, text: string, owner: Owner | undefined): void {
  const next = `${path}.next`;
  rmSync(next, { force: true });
  const handle = openSync(next, 'wx', 0o600);
  try {
    writeFileSync(handle, text);
    if (owner) fchownSync(handle, owner.uid, owner.gid);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, path);
}

/** What stands in a process's own folder, read as who started Pulih. Throws for a link and for a file of another user: through one a
 * process would be given what only another may read. */
function readOwn(path: string, owner: Owner | undefined): string {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = fstatSync(handle);
    if (!found.isFile() || (owner && found.uid !== owner.uid))
      throw new Error(`Cannot use ${path}: it is not a file of its process`);
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

/** Writes a file that everyone may read. */
export function writePublic(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o644, flush: true });
  renameSync(`${path}.next`, path);
}
