/** Headers of a SNAP transaction: complete, of the right form, in time, from the partner that the token names, and signed over the
 * very bytes that came. Nothing of the body is believed before this has passed. Source: domain.md 3.3. */
import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '../../kernel/canonical.ts';
import type { Time } from '../../kernel/time.ts';
import { SnapRefusal } from './fault.ts';
import { minify } from './minify.ts';
import type { Partner, PartnerReader } from './partner.ts';
import { isSymmetricRight, isTokenRequestRight } from './signature.ts';
import { parseTimestamp, TIMESTAMP_SKEW_MS } from './timestamp.ts';
import type { Tokens } from './token.ts';

/** One HTTP request as the channel sees it. */
export interface SnapRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Who asks and what identifies the request. */
export interface Caller {
  readonly partner: Partner;
  readonly externalId: string;
  /** UTC ms of X-TIMESTAMP: its WIB day is the day of X-EXTERNAL-ID, so that a repeat after midnight is still a repeat. */
  readonly signedAtMs: number;
  /** SHA-256 of the minified body. */
  readonly bodySha: Buffer;
}

export interface AuthenticateContext {
  readonly time: Time;
  readonly partners: PartnerReader;
  readonly tokens: Tokens;
  /** Takes one request from a partner's budget; false when it is used up. */
  readonly admit: (partner: Partner) => boolean;
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
  const timestamp = header({ headers: request.headers, name: 'X-TIMESTAMP' });
  const signature = header({ headers: request.headers, name: 'X-SIGNATURE', form: SIGNATURE });
  const partnerId = header({ headers: request.headers, name: 'X-PARTNER-ID', form: PARTNER_ID });
  const externalId = header({ headers: request.headers, name: 'X-EXTERNAL-ID', form: EXTERNAL_ID });
  const channelId = header({ headers: request.headers, name: 'CHANNEL-ID', form: CHANNEL_ID });
  const signedAtMs = inTime(context.time, timestamp);

  const owner = await context.tokens.owner(token);
  if (owner === undefined) throw new SnapRefusal('invalidToken');
  if (owner !== partnerId) throw new SnapRefusal('unauthorized', 'X-PARTNER-ID');
  const partner = await context.partners(owner);
  if (!partner) throw new SnapRefusal('invalidToken');
  if (!context.admit(partner)) throw new SnapRefusal('tooManyRequests');

  const bodySha = sha256(minify(request.body));
  const isRight = isSymmetricRight({
    secret: partner.secret,
    encoding: partner.hmac_encoding,
    signature,
    method: request.method,
    endpointUrl: request.url,
    accessToken: token,
    bodyHash: bodySha.toString('hex'),
    timestamp,
  });
  if (!isRight) throw new SnapRefusal('unauthorized', 'Signature');
  if (partner.state !== 'active')
    throw new SnapRefusal('featureNotAllowed', 'partner is suspended');
  if (partner.channel_ids.length > 0 && !partner.channel_ids.includes(channelId))
    throw new SnapRefusal('unauthorized', 'CHANNEL-ID');
  return { partner, externalId, signedAtMs, bodySha };
}

/** Checks the headers of an access-token request. Throws SnapRefusal. */
export async function authenticateClient(
  context: AuthenticateContext,
  request: SnapRequest,
): Promise<Partner> {
  const timestamp = header({ headers: request.headers, name: 'X-TIMESTAMP' });
  const clientId = header({ headers: request.headers, name: 'X-CLIENT-KEY', form: PARTNER_ID });
  const signature = header({ headers: request.headers, name: 'X-SIGNATURE', form: SIGNATURE });
  inTime(context.time, timestamp);
  const partner = await context.partners(clientId);
  if (!partner) throw new SnapRefusal('unauthorized', 'Unknown client');
  if (!isTokenRequestRight({ key: partner.publicKey, clientId, timestamp, signature }))
    throw new SnapRefusal('unauthorized', 'Signature');
  if (partner.state !== 'active')
    throw new SnapRefusal('featureNotAllowed', 'partner is suspended');
  if (!context.admit(partner)) throw new SnapRefusal('tooManyRequests');
  return partner;
}

function bearer(headers: IncomingHttpHeaders): string {
  const value = headers.authorization;
  if (value === undefined || value === '') throw new SnapRefusal('tokenNotFound');
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
