/** The device that a person signs in with: a random cookie of ours that stays when the session ends. What a browser says of itself
 * (user agent) is no proof; who has the cookie has the browser's store. Pure. */
import { createHmac } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { sha256 } from '../../kernel/canonical.ts';

/** The cookie of both faces: whoever works at the console and signs in as a customer on the same browser is the same operator. */
export const DEVICE_COOKIE = 'pulih_device';
/** 96 bits of its hash, as the tables have them. */
const KEY_BYTES = 12;

/** Where a request comes from. */
export interface Origin {
  /** The device cookie, whatever was sent. */
  readonly deviceToken?: string | undefined;
  /** The address. */
  readonly source?: string;
}

/** The name of a device in the database; undefined for what is no cookie of ours. */
export function deviceOf(token: string | undefined): string | undefined {
  if (token === undefined || !/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  return sha256(`pulih.device.v1:${token}`).subarray(0, KEY_BYTES).toString('base64url');
}

/** The network of an address (IPv4 /24, IPv6 /48) under a session's token: to be compared, never read. */
export function networkHash(token: string, source: string | undefined): Buffer | undefined {
  const network = source === undefined ? undefined : networkOf(source);
  return network === undefined
    ? undefined
    : createHmac('sha256', token).update(`pulih.network.v1:${network}`).digest();
}

/** The part of an address that a household or an operator's gateway keeps. */
export function networkOf(source: string): string | undefined {
  const plain = source.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return plain.split('.').slice(0, 3).join('.');
  if (!/^[0-9a-f:]+(?:%.+)?$/i.test(plain)) return undefined;
  const [head = ''] = plain.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return [...groups, '0', '0', '0']
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
