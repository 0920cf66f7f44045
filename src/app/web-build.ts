/** Builds the web pages when their sources are newer than what was built. */
import { spawn } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './place.ts';

/** Where the built faces stand: `dist/web/<face>`. */
export const WEB_FOLDER = join(ROOT, 'dist', 'web');

const SOURCES = [
  'web/**/*.{ts,tsx,css,html,svg,json,webmanifest}',
  'vite.config.ts',
  'package-lock.json',
  'src/payment/state.ts',
  'src/kernel/money.ts',
];

/** Builds when needed; what it did, in words. The build runs in a process of its own, whose memory is given back. */
export async function buildWeb(): Promise<string> {
  if (!existsSync(join(ROOT, 'vite.config.ts'))) return 'there are none yet';
  if (isBuilt()) return 'up to date';
  const child = spawn(process.execPath, [join(ROOT, 'web/build.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the web pages do not build (${String(code)})\n${said}`);
  return 'built';
}

function isBuilt(): boolean {
  const built = globSync('*/index.html', { cwd: WEB_FOLDER }).map(
    (path) => statSync(join(WEB_FOLDER, path)).mtimeMs,
  );
  const faces = globSync('web/*/index.html', { cwd: ROOT }).length;
  if (built.length < faces || built.length === 0) return false;
  const newest = Math.max(
    ...globSync([...SOURCES], { cwd: ROOT }).map((path) => statSync(join(ROOT, path)).mtimeMs),
  );
  return Math.min(...built) > newest;
}
