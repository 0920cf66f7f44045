/** Networks as CIDR texts, IPv4 and IPv6. Pure. An IPv4 address in IPv6 form (`::ffff:10.0.0.1`) is the IPv4 address. */
import { BlockList, isIP } from 'node:net';

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** A set of networks. */
export interface Networks {
  has(address: string): boolean;
}

/** The address in its plain form; undefined for anything else. A zone (`fe80::1%eth0`) is not part of an address. */
export function plainAddress(text: string): string | undefined {
  const address = MAPPED.exec(text)?.[1] ?? text.split('%', 1)[0]!;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/** Reads CIDR texts or single addresses. Throws RangeError with the text that is none. A prefix of 0 would be everybody and is none. */
export function readNetworks(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    const [written = '', prefixText, ...rest] = text.split('/');
    const address = plainAddress(written);
    const family = address === undefined ? 0 : isIP(address);
    const bits = family === 4 ? 32 : 128;
    const prefix = prefixText === undefined ? bits : Number(prefixText);
    const isPrefix = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
    if (!address || rest.length > 0 || !isPrefix || prefix < 1 || prefix > bits)
      throw new RangeError(`Cannot read network: ${text.slice(0, 60)} is no address or CIDR`);
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(text) {
      const address = plainAddress(text);
      if (address === undefined) return false;
      return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
