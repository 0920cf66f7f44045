/** The status process: renders files and nothing else. It has no database, no private key and no wire, so it goes on when everything
 * else is dead (I9). Every page states the age of its data, which the files carry. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { renderFeed, renderPage } from '../channel/public/page.ts';
import { readTruth, type Truth } from '../channel/public/truth.ts';
import type { StatusFile } from '../incident/status-model.ts';
import { parseJson } from '../kernel/wire.ts';
import { readLatchFile } from '../rail/latch-file.ts';
import { readPublicKey, statusFolder } from './key-file.ts';
import type { Ops } from './ops.ts';
import { readPageStyle } from './page-style.ts';
import type { Frame, Running } from './process-frame.ts';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  // A page cached by somebody's proxy must not outlive the state it tells.
  'cache-control': 'public, max-age=5',
  vary: 'accept-language',
} as const;
const YEAR = 'public, max-age=31536000, immutable';
/** What the guard or a gateway writes is small; more is not theirs. */
const FILE_BYTES_MAX = 2_000_000;
const LATCH_FILE = /^latch-[a-z0-9-]{1,32}\.json$/;

/** Starts it. */
export async function runStatus({ name, config, ports, time, log }: Frame): Promise<Running> {
  const folder = statusFolder(config.folder);
  const latchKey = readPublicKey(config.folder, 'status');
  const pages = readPageStyle('status');
  let ops: Ops | undefined;
  const truth = (): Truth => {
    const text = readBounded(join(folder, 'status.json'));
    const latches = readdirSync(folder)
      .filter((file) => LATCH_FILE.test(file))
      .flatMap((file) => readLatchFile(readBounded(join(folder, file)) ?? '', latchKey) ?? []);
    return readTruth({
      file: text === undefined ? undefined : (parseJson(text) as StatusFile | undefined),
      latches,
      nowMs: time.now(),
    });
  };
  const server = createServer((req, res) => {
    void answer({ req, res, truth, pages, ops }).catch((error: unknown) => {
      log.error({ error: String(error) }, 'status.failed');
      res.destroy();
    });
  });
  server.maxConnections = 1_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(ports.of('status'), config.host, resolve);
  });
  log.info({ port: ports.of('status') }, 'status.started');
  return {
    vital: {
      isReady: () => true,
      gauges: () => {
        const { generatedAtMs, nowMs } = truth();
        return {
          status_data_age_seconds:
            generatedAtMs === undefined ? -1 : Math.round((nowMs - generatedAtMs) / 1000),
        };
      },
    },
    serveOps: async (made) => void (ops = made),
    stop: () =>
      new Promise((resolve) => {
        log.info({ process: name }, 'status.stopping');
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(input: {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly truth: () => Truth;
  readonly pages: { readonly css: string; readonly font: Buffer };
  readonly ops: Ops | undefined;
}): Promise<void> {
  const { req, res, truth, pages, ops } = input;
  const url = new URL(req.url ?? '/', 'http://status');
  const health = await ops?.answer(url.pathname);
  if (health)
    return void res.writeHead(health.status, { 'content-type': health.type }).end(health.body);
  if (req.method !== 'GET' && req.method !== 'HEAD')
    return void res.writeHead(405, { ...HEADERS, allow: 'GET, HEAD' }).end();
  const send = (
    type: string,
    body: string | Buffer,
    extra: Readonly<Record<string, string>> = {},
  ): void => {
    res.writeHead(200, {
      ...HEADERS,
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      ...extra,
    });
    res.end(req.method === 'HEAD' ? undefined : body);
  };
  const language = readLanguage(url.searchParams.get('lang'), req.headers['accept-language']);
  switch (url.pathname) {
    case '/':
      return send('text/html; charset=utf-8', renderPage(truth(), language));
    case '/status.json':
      return send('application/json; charset=utf-8', JSON.stringify(truth()), {
        'access-control-allow-origin': '*',
      });
    case '/feed.atom':
      return send(
        'application/atom+xml; charset=utf-8',
        renderFeed(truth(), { language, baseUrl: `http://${req.headers.host ?? 'localhost'}` }),
      );
    case '/status.css':
      return send('text/css; charset=utf-8', pages.css, {
        'cache-control': 'public, max-age=3600',
      });
    case '/font.woff2':
      return send('font/woff2', pages.font, { 'cache-control': YEAR });
    default:
      return void res
        .writeHead(404, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
        .end('Tidak ada. Not found.\n');
  }
}

function readLanguage(asked: string | null, accepted: string | undefined): 'id' | 'en' {
  if (asked === 'id' || asked === 'en') return asked;
  return (accepted ?? '').trim().toLowerCase().startsWith('en') ? 'en' : 'id';
}

function readBounded(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= FILE_BYTES_MAX ? readFileSync(path, 'utf8') : undefined;
}
