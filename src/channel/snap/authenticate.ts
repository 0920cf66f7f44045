/** Headers of a SNAP transaction: complete, of the right form, in time, from the partner that the token names, and signed over the
 * very bytes that came. Nothing of the body is believed before this has passed. Source: domain.md 3.3. */
import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '../../kernel/canonical.ts';
import type { Time } from '../../kernel/time.ts';
import type { Budget } from './budget.ts';
import { liveAt } from './partner/credential.ts';
import { SnapRefusal } from './fault.ts';
import type { GuessBound } from './guess.ts';
import { minify } from './minify.ts';
import { refuseOrigin, type Origin } from './partner/origin.ts';
import type { Partner, PartnerReader } from './partner/partner.ts';
import {
  isAsymmetricRight,
  isSymmetricRight,
  isTokenRequestRight,
  type SignedParts,
} from './signature.ts';
import { parseTimestamp, TIMESTAMP_SKEW_MS } from './timestamp.ts';
import type { Tokens } from './token.ts';

/** One HTTP request as the channel sees it. */
export interface SnapRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly origin: Origin;
}

/** Who asks and what identifies the request. */
export interface Caller {
  readonly partner: Partner;
  readonly externalId: string;
  /** UTC ms of X-TIMESTAMP: its WIB day is the day of X-EXTERNAL-ID, so that a repeat after midnight is still a repeat. */
  readonly signedAtMs: number;
  /** SHA-256 of the minified body. */
  readonly bodySha: Buffer;
  /** Which of the partner's keys the signature is of. */
  readonly keyId: string;
}

/** A refusal that its partner's operator should know: somebody came from elsewhere. `isSigned`: with the right key, which is then in
 * wrong hands, or the partner's server has moved. */
export interface StrangeOrigin {
  readonly partnerId: string;
  readonly rule: 'address' | 'certificate';
  readonly address: string;
  readonly isSigned: boolean;
}

export interface AuthenticateContext {
  readonly time: Time;
  readonly partners: PartnerReader;
  readonly tokens: Tokens;
  readonly budget: Pick<Budget, 'admit'>;
  readonly guesses: GuessBound;
  readonly onStrangeOrigin: (input: StrangeOrigin) => void;
}

const PARTNER_ID = /^[A-Za-z0-9._-]{1,36}$/;
const EXTERNAL_ID = /^\d{1,36}$/;
const CHANNEL_ID = /^[A-Za-z0-9]{1,5}$/;
const SIGNATURE = /^[\x21-\x7e]{1,1400}$/;

/** Checks a transaction request. Throws SnapRefusal. */
export async function authenticate(
  context: AuthenticateContext,
  request: SnapRequest,
): Promise<Caller> {
  const token = bearer(request.headers);
  // A signature without token (domain.md 3.3) is for who agreed on it; the others are told that theirs is missing.
  if (token === undefined && !(await needsNoToken(context, request)))
    throw new SnapRefusal('tokenNotFound');
  const timestamp = header({ headers: request.headers, name: 'X-TIMESTAMP' });
  const signature = header({ headers: request.headers, name: 'X-SIGNATURE', form: SIGNATURE });
  const partnerId = header({ headers: request.headers, name: 'X-PARTNER-ID', form: PARTNER_ID });
  const externalId = header({ headers: request.headers, name: 'X-EXTERNAL-ID', form: EXTERNAL_ID });
  const channelId = header({ headers: request.headers, name: 'CHANNEL-ID', form: CHANNEL_ID });
  const signedAtMs = inTime(context.time, timestamp);

  const partner = await callerOf(context, { token, partnerId });
  const attempt = { address: request.origin.address, clientId: partnerId };
  // A name is no proof: who only writes it uses up nothing of the partner's. A token is, and stops a flood before its signatures.
  const isVouched = token !== undefined;
  if (isVouched) admit(context, partner);
  else if (!context.guesses.admits(attempt)) throw tooManyGuesses();
  const bodySha = sha256(minify(request.body));
  const keyId = signingKey(partner, {
    nowMs: context.time.now(),
    accessToken: token ?? '',
    signature,
    method: request.method,
    endpointUrl: request.url,
    bodyHash: bodySha.toString('hex'),
    timestamp,
  });
  if (!isVouched && keyId === undefined) context.guesses.failed(attempt);
  checkOrigin(context, { partner, origin: request.origin, isSigned: keyId !== undefined });
  if (keyId === undefined) throw new SnapRefusal('unauthorized', 'Signature');
  if (!isVouched) {
    context.guesses.succeeded(attempt);
    admit(context, partner);
  }
  if (partner.state !== 'active')
    throw new SnapRefusal('featureNotAllowed', 'partner is suspended');
  if (partner.channel_ids.length > 0 && !partner.channel_ids.includes(channelId))
    throw new SnapRefusal('unauthorized', 'CHANNEL-ID');
  return { partner, externalId, signedAtMs, bodySha, keyId };
}

/** Checks the headers of an access-token request. Throws SnapRefusal. */
export async function authenticateClient(
  context: AuthenticateContext,
  request: SnapRequest,
): Promise<{ readonly partner: Partner; readonly keyId: string }> {
  const timestamp = header({ headers: request.headers, name: 'X-TIMESTAMP' });
  const clientId = header({ headers: request.headers, name: 'X-CLIENT-KEY', form: PARTNER_ID });
  const signature = header({ headers: request.headers, name: 'X-SIGNATURE', form: SIGNATURE });
  inTime(context.time, timestamp);
  const attempt = { address: request.origin.address, clientId };
  if (!context.guesses.admits(attempt)) throw tooManyGuesses();
  const partner = await context.partners(clientId);
  if (!partner) {
    context.guesses.failed(attempt);
    throw new SnapRefusal('unauthorized', 'Unknown client');
  }
  const key = liveAt(partner.publicKeys, context.time.now()).find((one) =>
    isTokenRequestRight({ key: one.key, clientId, timestamp, signature }),
  );
  if (!key) context.guesses.failed(attempt);
  checkOrigin(context, { partner, origin: request.origin, isSigned: key !== undefined });
  if (!key) throw new SnapRefusal('unauthorized', 'Signature');
  context.guesses.succeeded(attempt);
  if (partner.state !== 'active')
    throw new SnapRefusal('featureNotAllowed', 'partner is suspended');
  admit(context, partner);
  return { partner, keyId: key.id };
}

function admit(context: Pick<AuthenticateContext, 'budget'>, partner: Partner): void {
  if (!context.budget.admit(partner)) throw new SnapRefusal('tooManyRequests');
}

function tooManyGuesses(): SnapRefusal {
  return new SnapRefusal('tooManyRequests', 'too many wrong signatures');
}

/** True when the partner that the request names signs with its private key. Its name alone proves nothing: the signature will. Names of
 * nobody are counted as guesses, for each costs a look-up that partners who are new to this process need too. */
async function needsNoToken(context: AuthenticateContext, request: SnapRequest): Promise<boolean> {
  const clientId = request.headers['x-partner-id'];
  if (typeof clientId !== 'string' || !PARTNER_ID.test(clientId)) return false;
  const attempt = { address: request.origin.address, clientId };
  if (!context.guesses.admits(attempt)) throw tooManyGuesses();
  const partner = await context.partners(clientId);
  if (!partner) context.guesses.failed(attempt);
  return partner?.signature_kind === 'asymmetric';
}

async function callerOf(
  context: AuthenticateContext,
  input: { readonly token: string | undefined; readonly partnerId: string },
): Promise<Partner> {
  const { token, partnerId } = input;
  // One who needs no token and sends one must send its own.
  const owner = token === undefined ? partnerId : await context.tokens.owner(token);
  if (owner === undefined) throw new SnapRefusal('invalidToken');
  if (owner !== partnerId) throw new SnapRefusal('unauthorized', 'X-PARTNER-ID');
  const partner = await context.partners(owner, token !== undefined);
  if (!partner) throw new SnapRefusal('invalidToken');
  return partner;
}

/** The key of the partner that made this signature, by the kind that it agreed on; undefined for none. */
function signingKey(
  partner: Partner,
  input: SignedParts & { readonly nowMs: number; readonly signature: string },
): string | undefined {
  const encoding = partner.hmac_encoding;
  if (partner.signature_kind === 'asymmetric')
    return liveAt(partner.publicKeys, input.nowMs).find(({ key }) =>
      isAsymmetricRight({ ...input, key, encoding }),
    )?.id;
  return liveAt(partner.secrets, input.nowMs).find(({ key: secret }) =>
    isSymmetricRight({ ...input, secret, encoding }),
  )?.id;
}

/** After the signature, so that the event can say whether the key is in wrong hands; before its answer, so that who comes from
 * elsewhere never learns whether it was right. */
function checkOrigin(
  context: Pick<AuthenticateContext, 'onStrangeOrigin'>,
  input: { readonly partner: Partner; readonly origin: Origin; readonly isSigned: boolean },
): void {
  const { partner, origin, isSigned } = input;
  const rule = refuseOrigin(partner, origin);
  if (!rule) return;
  const { address } = origin;
  context.onStrangeOrigin({ partnerId: partner.id, rule, address, isSigned });
  throw new SnapRefusal('unauthorized', 'connection not allowed');
}

function bearer(headers: IncomingHttpHeaders): string | undefined {
  const value = headers.authorization;
  if (value === undefined || value === '') return undefined;
  const match = /^Bearer ([\x21-\x7e]{1,2048})$/i.exec(value);
  if (!match) throw new SnapRefusal('invalidToken');
  return match[1]!;
}

function header(input: {
  readonly headers: IncomingHttpHeaders;
  readonly name: string;
  readonly form?: RegExp;
}): string {
  const value = input.headers[input.name.toLowerCase()];
  if (value === undefined || value === '') throw new SnapRefusal('missingField', input.name);
  // A header that came twice is joined or a list: neither is what was signed.
  if (typeof value !== 'string' || (input.form && !input.form.test(value)))
    throw new SnapRefusal('invalidFormat', input.name);
  return value;
}

function inTime(time: Time, timestamp: string): number {
  const atMs = parseTimestamp(timestamp);
  if (atMs === undefined) throw new SnapRefusal('invalidFormat', 'X-TIMESTAMP');
  if (Math.abs(time.now() - atMs) > TIMESTAMP_SKEW_MS)
    throw new SnapRefusal('unauthorized', 'X-TIMESTAMP');
  return atMs;
}
