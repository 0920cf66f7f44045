/** The signer process (DESIGN.md 1.1): the only holder of the signing key. Signs what the ledger has committed and holds, for
 * core processes only; logs ids only. An HSM takes the place of `key` in production. */
import type { KeyObject } from 'node:crypto';
import { signTokens, TOKEN_LIFE_MS_MAX, type TokenClaims } from '../authorisation/token.ts';
import type { Db } from '../db/pool.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import {
  ALIVE_PATH,
  jsonResponse,
  parseJson,
  type Net,
  type WireRequest,
  type WireResponse,
} from '../kernel/wire.ts';
import { refuseToSign, type SignRefusal } from './decide.ts';
import { readAuthorisations } from './store.ts';

/** Where the signer listens; body `{jtis}`, answer `SignAnswer`. */
export const SIGN_PATH = '/sign';
/** One statement reads them all; more would hold the connection too long. */
export const SIGN_COUNT_MAX = 256;

export interface SignAnswer {
  readonly tokens: Readonly<Record<string, string>>;
  readonly refused: Readonly<Record<string, SignRefusal>>;
}

export interface SignerInput {
  /** Connects as role `pulih_signer`. */
  readonly db: Db;
  readonly time: Time;
  readonly net: Net;
  readonly log: Log;
  readonly key: KeyObject;
  readonly kid: string;
  readonly env: 'prod' | 'drill';
  readonly random: Random;
}

/** Listens as `signer` until stopped. */
export async function startSigner(input: SignerInput): Promise<{ stop(): Promise<void> }> {
  const told: Told = { signed: 0, refused: 0, peer_refused: 0 };
  const server = await input.net.listen({
    name: 'signer',
    admit: (peer) => isCore(peer) || peer === WATCHER,
    handler: (request) => answer(input, { request, told }),
  });
  input.log.info({ kid: input.kid, env: input.env }, 'signer.started');
  return { stop: () => server.close() };
}

/** Who may ask whether the signer lives, and nothing else. */
const WATCHER = 'guard';

/** Since the start. */
interface Told {
  signed: number;
  refused: number;
  peer_refused: number;
}

async function answer(
  input: SignerInput,
  { request, told }: { readonly request: WireRequest; readonly told: Told },
): Promise<WireResponse> {
  if (request.peer === WATCHER && request.path === ALIVE_PATH) return jsonResponse(200, told);
  if (!isCore(request.peer)) {
    told.peer_refused++;
    input.log.error({ peer: request.peer }, 'signer.peer_refused');
    return jsonResponse(403, {});
  }
  const jtis = request.path === SIGN_PATH ? readJtis(parseJson(request.body)) : undefined;
  if (!jtis) return jsonResponse(400, {});
  const said = await sign(input, jtis);
  told.signed += Object.keys(said.tokens).length;
  told.refused += Object.keys(said.refused).length;
  return jsonResponse(200, said);
}

async function sign(
  { db, time, log, key, kid, env }: SignerInput,
  jtis: readonly string[],
): Promise<SignAnswer> {
  const rows = new Map((await readAuthorisations(db, jtis)).map((row) => [row.jti, row]));
  const tokens: Record<string, string> = {};
  const refused: Record<string, SignRefusal> = {};
  const byAudience = new Map<string, TokenClaims[]>();
  const iatMs = time.now();
  faultPoint('signer.beforeSign');
  for (const jti of jtis) {
    const row = rows.get(jti);
    const reason = refuseToSign(row, env);
    if (reason || !row) {
      refused[jti] = reason ?? 'not_found';
      log.warn({ jti, reason: refused[jti] }, 'signer.refused');
      continue;
    }
    const together = byAudience.get(row.audience) ?? [];
    byAudience.set(row.audience, together);
    together.push({
      version: 1,
      env,
      kid,
      jti,
      aud: row.audience,
      paymentId: row.payment_id,
      attempt: row.attempt,
      iatMs,
      expMs: iatMs + TOKEN_LIFE_MS_MAX,
      instructionHash: row.instruction_hash.toString('hex'),
    });
  }
  for (const claims of byAudience.values()) {
    const signed = signTokens(key, claims);
    for (const [index, { jti }] of claims.entries()) tokens[jti] = signed[index]!; // one for each
  }
  log.info(
    { signed: Object.keys(tokens).length, refused: Object.keys(refused).length },
    'signer.signed',
  );
  return { tokens, refused };
}

function readJtis(value: unknown): readonly string[] | undefined {
  const jtis = (value as { jtis?: unknown } | undefined)?.jtis;
  if (!Array.isArray(jtis) || jtis.length === 0 || jtis.length > SIGN_COUNT_MAX) return undefined;
  // `__proto__` and its like can never be an id of ours, so the answer's keys are safe.
  return jtis.every(
    (jti) => typeof jti === 'string' && /^[a-z]{1,8}_[A-Za-z0-9_-]{1,56}$/.test(jti),
  )
    ? [...new Set(jtis as string[])]
    : undefined;
}

function isCore(peer: string): boolean {
  return /^core-\d{1,4}$/.test(peer);
}
