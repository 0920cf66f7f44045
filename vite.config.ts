/** Builds the faces: `vite build --mode app` → dist/web/app, `--mode console` → dist/web/console; without a mode of its own the
 * app. Hashed assets, no inline script or style, so that `default-src 'self'` holds. */
import { join } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const FACES = ['app', 'console'] as const;

/** Paths under which core serves the faces. */
const BASE = { app: '/app/', console: '/console/' } as const;

export default defineConfig(({ mode }) => {
  const face = FACES.find((name) => name === mode) ?? 'app';
  return {
    root: join(import.meta.dirname, 'web', face),
    base: BASE[face],
    publicDir: 'static',
    plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
    build: {
      outDir: join(import.meta.dirname, 'dist', 'web', face),
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: true,
    },
  };
});
