import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { UI_WORDS } from '../ui/ui-words.ts';
import { BULK_WORDS } from './bulk-words.ts';
import { CARD_WORDS } from './card-words.ts';
import { PROXY_WORDS } from './proxy-words.ts';
import { BILL_WORDS } from './bill-words.ts';
import { QRIS_WORDS } from './qris-words.ts';
import { SHOP_WORDS } from './shop-words.ts';
import { STANDING_WORDS } from './standing-words.ts';
import { APP_WORDS } from './words.ts';

/** Every leaf with its path and kind. */
function leaves(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  return [`${path}:${typeof value}`];
}

test('words() every key of the app and of the shared components is there in both languages, and not empty', () => {
  for (const dictionary of [
    APP_WORDS,
    CARD_WORDS,
    BULK_WORDS,
    BILL_WORDS,
    QRIS_WORDS,
    STANDING_WORDS,
    PROXY_WORDS,
    SHOP_WORDS,
    UI_WORDS,
  ]) {
    assert.deepEqual(leaves(dictionary.id), leaves(dictionary.en));
    for (const text of JSON.stringify(dictionary).matchAll(/":"([^"]*)"/g))
      assert.ok(text[1]!.trim(), 'no empty text');
  }
});

test('words() the app itself never speaks of maintenance: that word comes only with a planned one, from the server', () => {
  for (const dictionary of [
    APP_WORDS,
    CARD_WORDS,
    BULK_WORDS,
    BILL_WORDS,
    QRIS_WORDS,
    STANDING_WORDS,
    PROXY_WORDS,
    SHOP_WORDS,
    UI_WORDS,
  ]) {
    assert.doesNotMatch(
      JSON.stringify(dictionary) + sourceOf('words.ts'),
      /pemeliharaan|maintenance(?!:)/i,
    );
  }
});

test('words() no screen holds text of its own: letters between tags come from a dictionary', () => {
  for (const name of readdirSync(import.meta.dirname).filter((file) => file.endsWith('.tsx'))) {
    const found = [...sourceOf(name).matchAll(/>\s*([A-Za-z][a-z]+(?: [A-Za-z]+)*)\s*</g)]
      .map((match) => match[1])
      .filter((text) => !['WIB', 'Rp'].includes(text!));
    assert.deepEqual(found, [], name);
  }
});

function sourceOf(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}
