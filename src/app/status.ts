/** The status process: serves files and nothing else. It has no database, no keys and no wire, so it goes on when everything
 * else is dead (I9). Every page states the age of its data, which the files carry. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { statusFolder } from './key-file.ts';
import type { Ops } from './ops.ts';
import type { Frame, Running } from './process-frame.ts';
import { WEB_FOLDER } from './web-build.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.atom': 'application/atom+xml; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  // A page cached by somebody's proxy must not outlive the state it tells.
  'cache-control': 'public, max-age=5',
  'access-control-allow-origin': '*',
} as const;
/** A file of the status page is small; more is not ours. */
const FILE_BYTES_MAX = 2_000_000;

/** Starts it: first the files that gateway and guard write, then the built page. */
export async function runStatus({ name, config, ports, log }: Frame): Promise<Running> {
  const folders = [statusFolder(config.folder), join(WEB_FOLDER, 'status')];
  let ops: Ops | undefined;
  const server = createServer((req, res) => {
    void answer({ req, res, folders, ops }).catch(() => res.destroy());
  });
  server.maxConnections = 1_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(ports.of('status'), config.host, resolve);
  });
  log.info({ port: ports.of('status') }, 'status.started');
  return {
    vital: { isReady: () => true, gauges: () => ({ status_data_age_seconds: ageSeconds(join(folders[0]!, 'status.json')) }) },
    serveOps: async (made) => void (ops = made),
    stop: () =>
      new Promise((resolve) => {
        log.info({ process: name }, 'status.stopping');
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(input: { readonly req: IncomingMessage; readonly res: ServerResponse; readonly folders: readonly string[]; readonly ops: Ops | undefined }): Promise<void> {
  const { req, res, folders, ops } = input;
  const path = decode((req.url ?? '/').split('?', 1)[0]!);
  const health = await ops?.answer(path ?? '/');
  if (health) return void res.writeHead(health.status, { 'content-type': health.type }).end(health.body);
  if (req.method !== 'GET' && req.method !== 'HEAD') return void res.writeHead(405, { allow: 'GET, HEAD' }).end();
  const file = path === undefined ? undefined : findFile(folders, path.endsWith('/') ? `${path}index.html` : path);
  if (!file) return void res.writeHead(404, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end('Tidak ada. Not found.\n');
  res.writeHead(200, { ...HEADERS, 'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream', 'content-length': file.size, 'last-modified': file.changed.toUTCString() });
  if (req.method === 'HEAD') return void res.end();
  createReadStream(file.path, { end: file.size - 1 })
    .on('error', () => res.destroy())
    .pipe(res);
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Looks in each folder in turn; a path that leaves the folder or names a hidden or unknown kind of file is not there. */
function findFile(folders: readonly string[], path: string): { readonly path: string; readonly size: number; readonly changed: Date } | undefined {
  const clean = normalize(path);
  if (clean.includes('\0') || clean.split('/').some((part) => part.startsWith('.')) || !(extname(clean) in TYPES)) return undefined;
  for (const folder of folders) {
    const stat = statSync(join(folder, clean), { throwIfNoEntry: false });
    if (stat?.isFile() && stat.size > 0 && stat.size <= FILE_BYTES_MAX) return { path: join(folder, clean), size: stat.size, changed: stat.mtime };
  }
  return undefined;
}

function ageSeconds(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? Math.round((Date.now() - stat.mtimeMs) / 1000) : -1;
}
