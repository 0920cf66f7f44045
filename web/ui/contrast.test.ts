import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const CONTRAST_MIN = 4.5;
const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The custom properties of a theme: the light block, overlaid with the dark block where asked. */
function tokens(theme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const block = (selector: string): Record<string, string> => {
    const at = css.indexOf(`${selector} {`);
    const body = css.slice(at, css.indexOf('}', at));
    return Object.fromEntries(
      [...body.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1]!, found[2]!]),
    );
  };
  return theme === 'light'
    ? block(':root')
    : { ...block(':root'), ...block(":root[data-theme='dark']") };
}

function luminance(hex: string): number {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function contrast(pair: { readonly text: string; readonly ground: string }): number {
  const [a, b] = [luminance(pair.text), luminance(pair.ground)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const STATES = ['normal', 'watched', 'limited', 'stopped', 'recovering', 'unknown'];
const PAIRS: readonly (readonly [string, string])[] = [
  ...['ink', 'ink-soft', 'ink-quiet', 'brand'].flatMap((text) =>
    ['paper', 'surface', 'sunken'].map((ground) => [text, ground] as const),
  ),
  ['brand', 'brand-soft'],
  ['on-brand', 'brand'],
  ['on-brand', 'brand-hover'],
  ['on-deep', 'deep'],
  ['on-deep', 'deep-2'],
  ['on-deep-soft', 'deep'],
  ['on-deep-soft', 'deep-2'],
  ...STATES.flatMap(
    (state) =>
      [
        [state, 'surface'],
        [state, 'paper'],
        [state, `${state}-soft`],
        ['ink', `${state}-soft`],
        ['ink-soft', `${state}-soft`],
      ] as const,
  ),
];

for (const theme of ['light', 'dark'] as const) {
  test(`tokens() every text colour reaches ${CONTRAST_MIN} on its ground, ${theme}`, () => {
    const known = tokens(theme);
    for (const [text, ground] of PAIRS) {
      assert.ok(known[text] && known[ground], `${text} and ${ground} are tokens`);
      const reached = contrast({ text: known[text], ground: known[ground] });
      assert.ok(reached >= CONTRAST_MIN, `${text} on ${ground}: ${reached.toFixed(2)}`);
    }
  });
}

test('tokens() the dark theme of the device and the one chosen by hand are the same', () => {
  const inner = (selector: string): string[] => {
    const at = css.indexOf(`${selector} {`);
    return [...css.slice(at, css.indexOf('}', at)).matchAll(/--[a-z0-9-]+: [^;]+;/g)].map(
      (found) => found[0],
    );
  };
  assert.deepEqual(inner(":root:not([data-theme='light'])"), inner(":root[data-theme='dark']"));
});
