/** Core's public port: one Fastify instance for the partner API, the app, the console and their pages, with the headers that keep a
 * browser safe. Owns HTTP in general; what the routes mean is the channels'. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import staticFiles from '@fastify/static';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { Counter, Histogram } from 'prom-client';
import type { Log } from '../kernel/log.ts';
import type { Ops } from './ops.ts';
import { WEB_FOLDER } from './web-build.ts';

/** Requests in flight that one process holds; more wait in the kernel. */
const CONNECTION_MAX = 4_000;
const REQUEST_MS_MAX = 60_000;
const YEAR_SECONDS = 31_536_000;

/** No inline script, nothing from elsewhere, never in a frame. Styles may be inline because components set sizes. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Makes the instance with everything but the channels' routes. */
export async function openCoreHttp(input: { readonly log: Log }): Promise<FastifyInstance> {
  const app = fastify({
    // Our own log says what matters, without addresses and query strings.
    logger: false,
    bodyLimit: 65_536,
    requestTimeout: REQUEST_MS_MAX,
    // Health checks and idle browsers must not keep a stopping process.
    forceCloseConnections: 'idle',
    trustProxy: false,
  });
  app.server.maxConnections = CONNECTION_MAX;
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode && error.statusCode < 500 ? error.statusCode : 500;
    if (status === 500)
      input.log.error({ route: request.routeOptions.url, error: error.message }, 'http.failed');
    return reply
      .code(status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: 'about:blank',
          status,
          title: status === 500 ? 'Internal error' : error.message,
        }),
      );
  });
  app.addHook('onSend', async (_request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY');
  });
  await app.register(cookie);
  // Before the routes, so that it sees them all.
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Pulih',
        description:
          'APIs of the app and the console; that of partners is at /partner-api/openapi.json',
        version: '0.1.0',
      },
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return app;
}

/** Serves the built faces: the app at `/app/` and the console at `/console/`; `/` leads to the app. Any other path of a face is its own
 * page, because the faces route by address. */
export async function servePages(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(compress, { global: true, threshold: 1_024, encodings: ['br', 'gzip'] });
    scope.addHook('onSend', async (_request, reply) => {
      reply
        .header('content-security-policy', PAGE_POLICY)
        .header('permissions-policy', 'camera=(self), geolocation=(), microphone=()');
    });
    for (const face of ['app', 'console'] as const) {
      const root = join(WEB_FOLDER, face);
      if (!existsSync(join(root, 'index.html'))) continue;
      await scope.register(async (inner) => {
        await inner.register(staticFiles, {
          root,
          prefix: `/${face}/`,
          wildcard: false,
          cacheControl: false,
          index: false,
          setHeaders: (reply, path) => {
            // Names of built assets carry a hash of their content; everything else is asked for again.
            reply.header(
              'cache-control',
              path.includes('/assets/') ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
            );
          },
        });
        inner.get(`/${face}`, (_request, reply) => reply.redirect(`/${face}/`));
        inner.get(`/${face}/`, (_request, reply) => reply.sendFile('index.html', root));
        inner.get(`/${face}/*`, (request, reply) => {
          const path = request.url.split('?', 1)[0]!;
          const isPage = !/\.[a-z0-9]{1,12}$/i.test(path) && !path.startsWith(`/${face}/api/`);
          return isPage
            ? reply.sendFile('index.html', root)
            : reply.code(404).type('text/plain').send('not found\n');
        });
      });
    }
    // The pages name their own icon; browsers ask for this one all the same.
    scope.get('/favicon.ico', (_request, reply) => reply.code(204).send());
    scope.get('/', (_request, reply) => reply.redirect('/app/'));
  });
}

/** Adds health, readiness and metrics, with durations per route. */
export function serveOps(app: FastifyInstance, ops: Ops): void {
  const duration = new Histogram({
    name: 'pulih_http_request_duration_seconds',
    help: 'time from request to answer',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [ops.registry],
  });
  const refused = new Counter({
    name: 'pulih_http_errors_total',
    help: 'answers of 500 and above',
    labelNames: ['route'],
    registers: [ops.registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern of the route, never the address: labels are bounded and hold no id.
    const route = request.routeOptions.url ?? 'none';
    duration.observe(
      { route, status: `${Math.floor(reply.statusCode / 100)}xx` },
      reply.elapsedTime / 1000,
    );
    if (reply.statusCode >= 500) refused.inc({ route });
  });
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    app.get(path, async (_request, reply) => {
      const answer = (await ops.answer(path))!;
      return reply
        .code(answer.status)
        .type(answer.type)
        .header('cache-control', 'no-store')
        .send(answer.body);
    });
  }
}
