/** Plain HTTP over keep-alive sockets, for load and demo traffic from outside the bank. */
import { Agent, request } from 'node:http';
import type { Http, HttpResponse } from './snap-client.ts';

/** Posts to `host:port`. Throws when no whole answer came within `timeoutMs`. */
export function httpTo(target: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly socketCountMax?: number;
}): { readonly http: Http; close(): void } {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: target.socketCountMax ?? 16,
    scheduling: 'lifo',
  });
  const http: Http = (call) =>
    new Promise<HttpResponse>((resolve, reject) => {
      const body = Buffer.from(call.body);
      const req = request(
        {
          agent,
          host: target.host,
          port: target.port,
          method: call.method,
          path: call.path,
          headers: { ...call.headers, 'content-length': body.length },
          signal: AbortSignal.timeout(target.timeoutMs),
        },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('error', reject);
          res.on('end', () =>
            resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      req.on('error', reject);
      req.end(body);
    });
  return { http, close: () => agent.destroy() };
}
