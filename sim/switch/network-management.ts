/** 0800: sign-on, sign-off, echo, key exchange, cut-over. Decides; the link carries out. Source: domain.md 4.6. */
import type { Message } from './codec.ts';
import { unwrapKey } from './crypto.ts';

/** DE70. */
export const NETWORK_CODE = {
  signOn: '001',
  signOff: '002',
  keyRequest: '161',
  newKey: '162',
  cutOver: '201',
  echo: '301',
} as const;

export type NetworkEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'sign_on' }
  | { readonly kind: 'sign_off' }
  /** The other side wants a new PIN key: answer first, then send 162. */
  | { readonly kind: 'make_key' }
  | { readonly kind: 'take_key'; readonly key: Buffer }
  /** `date` is DE15 of the message: the new business date, MMDD. */
  | { readonly kind: 'cut_over'; readonly date: string };

export interface NetworkDecision {
  readonly rc: string;
  readonly effect: NetworkEffect;
}

const NONE: NetworkEffect = { kind: 'none' };

/** What an 0800 asks of a side of the link. Keys and cut-overs come from the switch, requests for keys from a member. */
export function decideNetwork(
  message: Message,
  link: { readonly side: 'switch' | 'member'; readonly isSignedOn: boolean; readonly zmk: Buffer },
): NetworkDecision {
  const code = message.fields[70];
  if (code === NETWORK_CODE.signOn) return { rc: '00', effect: { kind: 'sign_on' } };
  if (code === NETWORK_CODE.echo) return { rc: '00', effect: NONE };
  if (!link.isSignedOn) return { rc: '01', effect: NONE };
  if (code === NETWORK_CODE.signOff) return { rc: '00', effect: { kind: 'sign_off' } };
  if (link.side === 'switch')
    return code === NETWORK_CODE.keyRequest
      ? { rc: '00', effect: { kind: 'make_key' } }
      : { rc: '12', effect: NONE };
  if (code === NETWORK_CODE.newKey) {
    const key = unwrapKey(link.zmk, message.fields[120] ?? '');
    return key ? { rc: '00', effect: { kind: 'take_key', key } } : { rc: '12', effect: NONE };
  }
  const date = message.fields[15];
  return code === NETWORK_CODE.cutOver && date !== undefined
    ? { rc: '00', effect: { kind: 'cut_over', date } }
    : { rc: '12', effect: NONE };
}
