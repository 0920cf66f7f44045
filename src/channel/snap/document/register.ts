/** Serves the partner API's document: `/partner-api/openapi.json` for machines, `/partner-api/` and `/partner-api/en/` for people. All of
 * it is made once, at the start. */
import type { FastifyInstance } from 'fastify';
import { renderDocument } from './page.ts';
import { openApiOf } from './document.ts';

/** A page without scripts. */
const POLICY =
  "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CACHE = 'public, max-age=300';

/** Adds the routes. */
export function registerDocument(
  app: FastifyInstance,
  input: { readonly bankName: string; readonly css: string; readonly font: Buffer },
): void {
  const { bankName, css, font } = input;
  const files: readonly (readonly [string, string, string | Buffer])[] = [
    ['/openapi.json', 'application/json', JSON.stringify(openApiOf(bankName))],
    ['/', 'text/html; charset=utf-8', renderDocument(bankName, 'id')],
    ['/en/', 'text/html; charset=utf-8', renderDocument(bankName, 'en')],
    ['/style.css', 'text/css; charset=utf-8', css],
    ['/font.woff2', 'font/woff2', font],
  ];
  for (const [path, type, body] of files)
    app.get(`/partner-api${path}`, { schema: { hide: true } }, (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', POLICY)
        .header('cache-control', CACHE)
        .send(body),
    );
  app.get('/partner-api', { schema: { hide: true } }, (_request, reply) =>
    reply.redirect('/partner-api/'),
  );
}
