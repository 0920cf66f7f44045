/** The byte stream over real TCP. Loopback in a demo; a real switch stands behind a leased line or a VPN with its own addresses. */
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import type { ByteStream, StreamHandlers, StreamNet } from './stream.ts';

/** The network as this process sees it. `portOf` says where a name is; 0 = any free port. How long a connection may take is the
 * system's to say: on loopback it is refused or taken at once. */
export function tcpNet(input: {
  readonly host: string;
  readonly portOf: (name: string) => number;
}): StreamNet {
  const { host, portOf } = input;
  return {
    async listen({ name, accept }) {
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
        accept(streamOf(socket)),
      );
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port: portOf(name) }, resolve);
      });
      const address = server.address();
      return {
        port: typeof address === 'object' && address ? address.port : 0,
        close: async () => void server.close(),
      };
    },
    connect: ({ target }) =>
      new Promise((resolve, reject) => {
        const socket = connectSocket({ host, port: portOf(target), noDelay: true });
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          socket.pause();
          resolve(streamOf(socket));
        });
      }),
  };
}

function streamOf(socket: Socket): ByteStream {
  let handlers: StreamHandlers | undefined;
  let reason = 'closed';
  let isTold = false;
  // A reset shows as 'close' as well; without a listener it would end the process.
  socket.on('error', (error) => (reason = error.message));
  const tell = (): void => {
    if (!handlers || isTold) return;
    isTold = true;
    handlers.closed(reason);
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
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    waitingBytes: () => socket.writableLength,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
