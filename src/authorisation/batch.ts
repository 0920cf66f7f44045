/** Tokens under one signature: a Merkle tree of RFC 6962 over what is each token's own, and a signed root with what all have in common
 * (DESIGN.md 1.1, ADR 0032). Owns the text form and the path; keys, dates and revocation are `token.ts`'s.
 *
 * Text: `m1.<root>.<signature>.<leaf>.<path>`, each base64url. Root and leaf are canonical JSON, the path is its hashes one after the other,
 * nearest first. The leaf is hashed behind a word of its own and 0x00, nodes behind 0x01, so none passes as another, nor as a leaf of the
 * audit's tree; the root says how many leaves there are, so each path has one length and one shape. */
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../kernel/canonical.ts';
import { HASH_BYTES, leafHash, nodeHash, verifyInclusion } from '../kernel/merkle.ts';

/** Parts of the text of such a token. */
export const BATCH_PARTS = 5;
/** Tokens under one signature: what the signer signs at once. A path is eight hashes then. */
export const BATCH_COUNT_MAX = 256;
const PATH_COUNT_MAX = Math.log2(BATCH_COUNT_MAX);
const FORM = 'm1';
const LEAF_WORD = 'pulih.token.leaf.1\n';

/** What a batch has in common. */
interface Common {
  readonly env: string;
  readonly kid: string;
  readonly aud: string;
  readonly iatMs: number;
  readonly expMs: number;
}

/** What is a token's own. */
interface Own {
  readonly jti: string;
  readonly paymentId: string;
  readonly attempt: number;
  readonly instructionHash: string;
}

/** A token read by its form: its path leads to the root, whose signature is not looked at here. */
export interface BatchToken {
  readonly claims: Common & Own;
  /** The bytes that were signed. */
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** Those bytes and their signature as text: what a memory of verified roots knows it by. */
  readonly root: string;
}

/** Verified roots, a bounded number of them: the oldest is verified again when it is met again. */
export interface RootMemory {
  /** True when this very root and signature were verified with this very key. */
  has(root: string, key: KeyObject): boolean;
  keep(root: string, key: KeyObject): void;
}

/** Opens the memory. */
export function rootMemory(countMax = 1_024): RootMemory {
  const known = new Map<string, KeyObject>();
  return {
    has: (root, key) => known.get(root) === key,
    keep(root, key) {
      known.set(root, key);
      if (known.size > countMax) known.delete(known.keys().next().value!); // there is one
    },
  };
}

/** Writes a token for each, in their order; `sign` signs the root. Throws RangeError when they have not the same env, kid, audience and life, or
 * are too many. */
export function writeBatchTokens(input: {
  readonly claims: readonly (Common & Own)[];
  readonly sign: (root: Buffer) => Buffer;
}): readonly string[] {
  const { claims } = input;
  const [first] = claims;
  if (!first || claims.length > BATCH_COUNT_MAX)
    throw new RangeError(`Cannot sign ${claims.length} tokens together`);
  const common = canonicalJson(commonOf(first));
  if (claims.some((one) => canonicalJson(commonOf(one)) !== common))
    throw new RangeError('Cannot sign tokens together: they differ in what they have in common');
  const bodies = claims.map((one, index) => canonicalJson({ ...ownOf(one), index }));
  const leaves = bodies.map(leafOf);
  const paths = leaves.map((): Buffer[] => []);
  const root = addPaths({ leaves, paths, from: 0, to: leaves.length });
  const payload = Buffer.from(
    canonicalJson({ ...commonOf(first), count: claims.length, root: root.toString('hex') }),
  );
  const head = `${FORM}.${payload.toString('base64url')}.${input.sign(payload).toString('base64url')}`;
  return bodies.map((body, index) => {
    const leaf = Buffer.from(body).toString('base64url');
    return `${head}.${leaf}.${Buffer.concat(paths[index]!).toString('base64url')}`;
  });
}

/** The root of a range of leaves; each leaf's path grows by what stands beside it, nearest first. */
function addPaths(tree: {
  readonly leaves: readonly Buffer[];
  readonly paths: readonly Buffer[][];
  readonly from: number;
  readonly to: number;
}): Buffer {
  const { leaves, paths, from, to } = tree;
  const size = to - from;
  if (size === 1) return leaves[from]!;
  const middle = from + 2 ** Math.floor(Math.log2(size - 1));
  const left = addPaths({ ...tree, to: middle });
  const right = addPaths({ ...tree, from: middle });
  for (let index = from; index < to; index++) paths[index]!.push(index < middle ? right : left);
  return nodeHash({ left, right });
}

/** Reads the parts of a token; undefined unless every byte is as we write it and the path leads to the root. */
export function readBatchToken(parts: readonly string[]): BatchToken | undefined {
  const [form, rootText = '', signatureText = '', leafText = '', pathText = ''] = parts;
  if (form !== FORM || parts.length !== BATCH_PARTS) return undefined;
  const payload = bytesOf(rootText);
  const signature = bytesOf(signatureText);
  const body = bytesOf(leafText);
  const path = bytesOf(pathText);
  if (!payload || !signature || !body || !path) return undefined;
  const common = readRecord(payload, ROOT_NAMES);
  const own = readRecord(body, LEAF_NAMES);
  if (!common || !own) return undefined;
  const { count, root, ...shared } = common;
  const { index, ...mine } = own;
  if (!isCount(count) || !isIndex(index, count) || !isHash(root)) return undefined;
  if (path.length % HASH_BYTES !== 0 || path.length > PATH_COUNT_MAX * HASH_BYTES) return undefined;
  const proof = Array.from({ length: path.length / HASH_BYTES }, (_, step) =>
    path.subarray(step * HASH_BYTES, (step + 1) * HASH_BYTES),
  );
  const isIn = verifyInclusion({
    leaf: leafOf(body.toString()),
    index: BigInt(index),
    size: BigInt(count),
    root: Buffer.from(root, 'hex'),
    proof,
  });
  if (!isIn) return undefined;
  // The types of both are checked where a token's own claims are.
  const claims = { ...shared, ...mine } as unknown as Common & Own;
  return { claims, payload, signature, root: `${rootText}.${signatureText}` };
}

function leafOf(body: string): Buffer {
  return leafHash(`${LEAF_WORD}${body}`);
}

const LEAF_NAMES = ['attempt', 'index', 'instructionHash', 'jti', 'paymentId'].join();
const ROOT_NAMES = ['aud', 'count', 'env', 'expMs', 'iatMs', 'kid', 'root'].join();

function commonOf({ env, kid, aud, iatMs, expMs }: Common): Common {
  return { env, kid, aud, iatMs, expMs };
}

function ownOf({ jti, paymentId, attempt, instructionHash }: Own): Own {
  return { jti, paymentId, attempt, instructionHash };
}

/** Canonical base64url only: one text for the same bytes. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : undefined;
}

/** Exactly these fields in exactly their canonical bytes. */
function readRecord(bytes: Buffer, names: string): Readonly<Record<string, unknown>> | undefined {
  const text = bytes.toString('utf8');
  try {
    const record = recordOf(JSON.parse(text));
    const isExact = Object.keys(record).sort().join() === names && canonicalJson(record) === text;
    return isExact ? record : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 2 && Number(value) <= BATCH_COUNT_MAX;
}

function isIndex(value: unknown, count: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < count;
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
