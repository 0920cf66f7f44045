import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage } from '../encode.ts';
import { parseMessage } from '../parse.ts';
import { message } from '../test-message.ts';
import { encodeXml } from './encode.ts';
import { parseXml } from './parse.ts';

/** Half of them in each encoding: a million in all. */
const RUNS = 500_000;
const DRAWN = 500;

test('a million bent messages give a message or a typed error, never a throw', () => {
  const drawn = fc.sample(message, { numRuns: DRAWN, seed: 20_261_127 });
  const encoded = [
    ...drawn.map((one) => ({ bytes: encodeXml(one), parse: parseXml })),
    ...drawn.map((one) => ({ bytes: encodeMessage(one), parse: parseMessage })),
  ];
  // A linear congruential generator: a million draws of fast-check would take an hour.
  let state = 20_261_127n;
  const below = (limit: number): number => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
    return Number((state >> 33n) % BigInt(limit));
  };
  for (let run = 0; run < RUNS * 2; run++) {
    const { bytes, parse } = encoded[run % encoded.length]!;
    const bent = Buffer.from(bytes);
    for (let change = below(4); change >= 0; change--) {
      const at = below(bent.length);
      if (below(3) === 0) bent.copyWithin(at, below(bent.length), below(bent.length));
      else bent[at] = below(256);
    }
    assert.equal(typeof parse(bent).ok, 'boolean');
  }
});
