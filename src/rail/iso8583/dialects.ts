/** The dialects we speak, as data: a base and what differs. A bank copies the nearest and changes what its network's own
 * specification says. Source: docs/rail/switch.md section 2; domain.md 4.1 [seen: ALTO, ISOFAST] [mem]. */
import { BASE } from './base.ts';
import { deriveDialect, type Dialect } from './spec.ts';

/** The network of the demo and the drills. */
const demo = deriveDialect(BASE, {
  name: 'demo',
  fields: {
    41: { content: 'an' },
    // Upper bound of LLLVAR in hex characters: 999 / 2, whole bytes.
    55: { length: 499 },
    120: { name: 'key exchange', content: 'an', length: 38, lengthMin: 38 },
  },
});

/** A biller switch in the manner of ALTO: the terminal has 16 characters. */
const alto = deriveDialect(BASE, {
  name: 'alto',
  fields: { 41: { content: 'an', length: 16 } },
});

/** A host behind a network access controller: TPDU, everything packed. */
const packed = deriveDialect(BASE, {
  name: 'packed',
  header: { kind: 'tpdu', value: '6000010000' },
  mti: 'bcd',
  bitmap: 'binary',
  amountDecimals: 0,
  wire: { digits: 'bcd', binary: 'binary', prefix: 'bcd' },
  fields: {
    // Account numbers of a fixed width on the hosts behind such controllers.
    102: { content: 'n', prefix: 'fixed', length: 16, padding: 'zero_left', encoding: 'bcd' },
  },
});

/** A host with a text header and a length in digits; track data keeps its own odd half byte. */
const headed = deriveDialect(BASE, {
  name: 'headed',
  frame: { length: 'ascii_4', bytesMax: 4_096 },
  header: { kind: 'text', value: 'ISO016000055' },
  fields: {
    35: { encoding: 'bcd', counts: 'units' },
    48: { prefixEncoding: 'binary' },
    52: { encoding: 'binary' },
    55: { encoding: 'binary', counts: 'bytes' },
  },
});

/** Our own machines: as the demo's network, with the new PIN of a change and what a machine counts in private fields. */
const terminal = deriveDialect(demo, {
  name: 'terminal',
  fields: {
    62: { name: 'new PIN block', content: 'an', length: 16, lengthMin: 16 },
    63: { name: 'machine report or text', length: 250 },
  },
});

/** By name, as a link's configuration gives it. */
export const DIALECTS = { demo, terminal, alto, packed, headed } as const satisfies Readonly<
  Record<string, Dialect>
>;
