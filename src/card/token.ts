/** What stands for a card number: its keyed hash, so that who reads the database learns no number and can try none without the key.
 * The number itself passes through core's memory for one call (the HSM binds a PIN block to it) and is kept nowhere. */
import { createHmac } from 'node:crypto';
import { assert } from '../kernel/assert.ts';

const KEY_BYTES = 32;

/** The token of a number under the bank's key. Length-separated from any other use of the key by its label. */
export type TokenOf = (pan: string) => Buffer;

/** Asserts a key of 32 bytes. */
export function openTokens(key: Buffer): TokenOf {
  assert(key.length === KEY_BYTES, 'the key of card tokens has 32 bytes');
  return (pan) => createHmac('sha256', key).update(`pulih.card.v1:${pan}`).digest();
}
