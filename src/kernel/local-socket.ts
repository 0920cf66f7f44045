/** A local control's socket: a unix socket in the folder of its process, one JSON line in, one JSON line out. Only who may enter
 * the folder reaches it; what a request may do is for its handler to check. */
import { createServer } from 'node:net';
import { chmod, rm } from 'node:fs/promises';
import type { Time } from './time.ts';
import { parseJson } from './wire.ts';

const LINE_BYTES_MAX = 8_192;
/** A person's tool asks at once; whoever holds the line longer is cut off. */
const LIFE_MS_MAX = 5_000;

/** Listens until closed. A stale socket is replaced: the caller knows that its owner is gone. */
export async function listenLocal(input: {
  readonly path: string;
  readonly time: Time;
  readonly handle: (value: unknown) => Promise<unknown>;
}): Promise<{ close(): Promise<void> }> {
  const { path } = input;
  await rm(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    let isAsked = false;
    const ended = new AbortController();
    void input.time.sleep(LIFE_MS_MAX, ended.signal).then(() => socket.destroy());
    socket.on('close', () => ended.abort()).setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (text.length > LINE_BYTES_MAX) return void socket.destroy();
      if (end < 0 || isAsked) return;
      isAsked = true;
      input.handle(parseJson(text.slice(0, end))).then(
        (answer) => void socket.end(`${JSON.stringify(answer)}\n`),
        () => void socket.destroy(),
      );
    });
  });
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return { close: () => new Promise((resolve) => void server.close(() => resolve())) };
}
