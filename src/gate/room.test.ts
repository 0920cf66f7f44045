import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { WIRE_BODY_BYTES_MAX } from '../kernel/wire.ts';
import type { Restriction, Scope } from './restriction.ts';
import { EMPTY_SET } from './restriction.ts';
import { openRoom, weigh } from './room.ts';
import { openSet, signSet } from './set.ts';
import { restrictionOf } from './test-flow.ts';

const KEYS = generateKeyPairSync('ed25519');
const WIDE: Scope = { rail: 'bifast', direction: 'out' };
const payees = (count: number, from: number): string[] =>
  Array.from({ length: count }, (_, at) => String(from + at).padStart(16, 'k'));

test('T12 openRoom() ends before a set does that processes take: lists, small ones, prefixes; a whole rail still fits', () => {
  for (const scopeOf of [
    (at: number): Scope => ({ ...WIDE, payees: payees(1_000, at * 1_000) }),
    (at: number): Scope => ({ ...WIDE, account: String(at) }),
    (at: number): Scope => ({
      ...WIDE,
      cohort: { name: 'c', payers: payees(100, at) },
      payees: payees(100, at),
    }),
    (at: number): Scope => ({
      ...WIDE,
      payeeCategory: {
        name: 'c',
        payees: payees(1_000, at).map((one) => ({
          bank: 'BNINIDJA',
          accountPrefix: one.toUpperCase(),
        })),
      },
    }),
  ]) {
    const room = openRoom([]);
    const taken: Restriction[] = [];
    const take = (one: Restriction): boolean => {
      const fits = room.take(one, weigh(one));
      if (fits) taken.push(one);
      return fits;
    };
    for (const isAutomatic of [false, true])
      for (let at = 0; at < 6_000; at++)
        if (
          !take({
            ...restrictionOf(scopeOf(at), { kind: 'hold' }),
            id: `rst_${isAutomatic}_${at}`,
            isAutomatic,
          })
        )
          break;
    assert.ok(
      taken.some(({ isAutomatic }) => isAutomatic),
      'one person leaves room for evidence',
    );
    assert.ok(
      take({ ...restrictionOf(WIDE, { kind: 'stop' }), id: 'rst_wide' }),
      'a whole rail finds room',
    );
    const signed = signSet(KEYS.privateKey, { ...EMPTY_SET, version: 1, restrictions: taken });
    assert.ok(Buffer.byteLength(JSON.stringify(signed)) < WIRE_BODY_BYTES_MAX);
    assert.equal(openSet(KEYS.publicKey, signed)?.restrictions.length, taken.length);
  }
});
