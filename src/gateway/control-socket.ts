/** The local control's socket: a unix socket in the gateway's folder, one JSON line in, one JSON line out. Only who may enter
 * the folder reaches it; what a request may do is checked by its signature. */
import { createServer } from 'node:net';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Time } from '../kernel/time.ts';
import { parseJson } from '../kernel/wire.ts';

/** The socket's name in the gateway's folder. */
export const CONTROL_SOCKET = 'control.sock';

const LINE_BYTES_MAX = 8_192;
/** A person's tool asks at once; whoever holds the line longer is cut off. */
const LIFE_MS_MAX = 5_000;

/** Listens until closed. A stale socket of a killed process is replaced: the fence proves that its owner is gone. */
export async function listenControl(input: {
  readonly folder: string;
  readonly time: Time;
  readonly handle: (value: unknown) => Promise<unknown>;
}): Promise<{ close(): Promise<void> }> {
  const path = join(input.folder, CONTROL_SOCKET);
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
