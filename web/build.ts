/** Builds every face that exists: `node web/build.ts`. Prints the gzipped size of each, because phones pay for it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '..');

/** Builds the faces named, or all; a face whose folder is absent is said and passed over. Returns the gzipped bytes of each. */
export async function buildFaces(
  faces: readonly string[] = ['app', 'console'],
): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  for (const face of faces) {
    if (!existsSync(join(ROOT, 'web', face, 'index.html'))) continue;
    await build({ configFile: join(ROOT, 'vite.config.ts'), mode: face, logLevel: 'warn' });
    sizes[face] = gzippedBytes(join(ROOT, 'dist', 'web', face));
  }
  return sizes;
}

/** Text is sent gzipped; fonts and pictures are compressed already. */
function gzippedBytes(folder: string): number {
  let total = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    total += /\.(js|css|html|svg|webmanifest)$/.test(entry.name)
      ? gzipSync(bytes).length
      : bytes.length;
  }
  return total;
}

if (import.meta.main) {
  for (const [face, bytes] of Object.entries(await buildFaces())) {
    process.stdout.write(`dist/web/${face}: ${(bytes / 1024).toFixed(1)} kB gzipped\n`);
  }
}
