/** The style of pages that are text without scripts: the tokens of all faces, and the page's own rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './place.ts';

const FONT =
  'node_modules/@fontsource-variable/plus-jakarta-sans/files/plus-jakarta-sans-latin-wght-normal.woff2';

/** Reads the style of a face in `web/` and its font, whose address is the page's own. */
export function readPageStyle(face: 'status' | 'partner'): {
  readonly css: string;
  readonly font: Buffer;
} {
  const css = readTokens() + readFileSync(join(ROOT, 'web', face, `${face}.css`), 'utf8');
  return { css, font: readFileSync(join(ROOT, FONT)) };
}

/** The tokens alone, without a font: for a page that is one file. */
export function readTokens(): string {
  return readFileSync(join(ROOT, 'web/ui/tokens.css'), 'utf8').replace(
    /@font-face\s*\{[^}]*\}/g,
    '',
  );
}
