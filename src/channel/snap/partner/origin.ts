/** Where a request came from: the address of the client and the fingerprint of its certificate. What a header says of either is believed
 * only from a terminating proxy of our own, known by its address and by its key; from anybody else the peer is the client.
 * Source: docs/adr/0017; RFC 9440 (Client-Cert). */
import type { IncomingHttpHeaders } from 'node:http';
import { equalSecret, sha256 } from '../../../kernel/canonical.ts';
import { plainAddress, type Networks } from './network.ts';

/** What a proxy shows to be ours. */
export const PROXY_KEY_HEADER = 'x-proxy-key';
/** A certificate of RSA 4096 with extensions is 3 KB. */
const CERTIFICATE = /^:([A-Za-z0-9+/]{64,8192}={0,2}):$/;
const HOPS_MAX = 16;

/** The proxies that are believed. */
export interface Proxies {
  readonly networks: Networks;
  readonly key: string;
}

export interface Origin {
  /** Plain form; empty when the socket has none. */
  readonly address: string;
  /** SHA-256 of the client's certificate, lower-case hex. */
  readonly certificate: string | undefined;
}

/** Reads the origin of a request. Without proxies every header about it is ignored. */
export function originOf(
  proxies: Proxies | undefined,
  input: { readonly peer: string; readonly headers: IncomingHttpHeaders },
): Origin {
  const peer = plainAddress(input.peer) ?? '';
  if (!proxies || !proxies.networks.has(peer)) return { address: peer, certificate: undefined };
  const key = input.headers[PROXY_KEY_HEADER];
  if (typeof key !== 'string' || !equalSecret(key, proxies.key))
    return { address: peer, certificate: undefined };
  return {
    address: forwardedAddress(input.headers['x-forwarded-for'], proxies.networks) ?? peer,
    certificate: fingerprintOf(input.headers['client-cert']),
  };
}

/** The last address that is not a proxy of ours: what stands before it was written by whoever asked. */
function forwardedAddress(
  value: string | readonly string[] | undefined,
  own: Networks,
): string | undefined {
  const text = typeof value === 'string' ? value : value?.join(',');
  if (text === undefined) return undefined;
  for (const hop of text.split(',').slice(-HOPS_MAX).toReversed()) {
    const address = plainAddress(hop.trim());
    // A hop that cannot be read hides who stands behind it.
    if (address === undefined) return '';
    if (!own.has(address)) return address;
  }
  return undefined;
}

function fingerprintOf(value: string | readonly string[] | undefined): string | undefined {
  const match = typeof value === 'string' ? CERTIFICATE.exec(value) : null;
  return match ? sha256(Buffer.from(match[1]!, 'base64')).toString('hex') : undefined;
}

/** Why an origin is not one of the partner's; undefined when it is. Both rules hold where both are set. */
export function refuseOrigin(
  rules: {
    readonly networks: Networks | undefined;
    readonly certificates: readonly string[];
  },
  origin: Origin,
): 'address' | 'certificate' | undefined {
  if (rules.networks && !rules.networks.has(origin.address)) return 'address';
  if (rules.certificates.length === 0) return undefined;
  const { certificate } = origin;
  return certificate !== undefined && rules.certificates.includes(certificate)
    ? undefined
    : 'certificate';
}
