/** Byte streams over TCP. Owns sockets; knows no message. Which address a name has is configuration. */
import { connect, createServer, type Socket } from 'node:net';
import { StreamFault, type ByteStream, type StreamHandlers, type StreamNet } from './stream.ts';

/** A host and a port. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Below the peers' own echoes, so that the system finds a dead one too. */
const KEEP_ALIVE_MS = 30_000;
/** Connections at one listener; a network has a handful of links. */
const CONNECTIONS_MAX = 64;

/** The networks as this machine reaches them. */
export function tcpStreams(addressOf: (name: string) => TcpAddress): StreamNet {
  return {
    async listen({ name, accept }) {
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
        accept(streamOf(socket)),
      );
      server.maxConnections = CONNECTIONS_MAX;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...addressOf(name), backlog: CONNECTIONS_MAX }, resolve);
      });
      const address = server.address();
      return {
        port: typeof address === 'object' && address ? address.port : addressOf(name).port,
        // Sockets that were accepted belong to who accepted them.
        close: async () => void server.close(),
      };
    },
    connect({ target, timeoutMs }) {
      return new Promise((resolve, reject) => {
        const socket = connect({ ...addressOf(target), noDelay: true });
        const fail = (error: Error): void => {
          clearTimeout(timer);
          socket.destroy();
          reject(
            new StreamFault(`Cannot connect to ${target}: ${error.message}`, { cause: error }),
          );
        };
        const timer = setTimeout(() => fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
        socket.once('error', fail);
        socket.once('connect', () => {
          clearTimeout(timer);
          socket.off('error', fail);
          socket.pause();
          resolve(streamOf(socket));
        });
      });
    },
  };
}

function streamOf(socket: Socket): ByteStream {
  let handlers: StreamHandlers | undefined;
  let reason: string | undefined;
  let isTold = false;
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // An error without a listener would end the process; `close` follows every error.
  socket.on('error', (error) => (reason ??= error.message));
  socket.on('end', () => (reason ??= 'the other end closed'));
  const tell = (): void => {
    if (!handlers || isTold) return;
    isTold = true;
    handlers.closed(reason ?? 'closed');
  };
  socket.on('close', tell);
  return {
    peer: socket.remoteAddress ?? '',
    open(given) {
      handlers = given;
      if (socket.closed) return tell();
      socket.on('data', (bytes: Buffer) => given.data(bytes));
      socket.resume();
    },
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    waitingBytes: () => socket.writableLength,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy() {
      reason ??= 'we closed';
      socket.destroy();
    },
  };
}
