/** The byte stream over real TCP. Loopback in a demo; a real switch stands behind a leased line or a VPN with its own addresses. */
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import type { ByteStream, StreamNet } from './stream.ts';

/** A peer that reads nothing may make us hold this much; then it is cut off. */
const WRITE_BYTES_MAX = 4_194_304;

/** The network as this process sees it. `portOf` says where a name is; 0 = any free port. */
export function tcpNet(input: {
  readonly host: string;
  readonly portOf: (name: string) => number;
}): StreamNet {
  const { host, portOf } = input;
  return {
    async listen(name, accept) {
      const sockets = new Set<Socket>();
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        accept(streamOf(socket));
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port: portOf(name) }, resolve);
      });
      const address = server.address();
      return {
        port: typeof address === 'object' && address ? address.port : 0,
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            for (const socket of sockets) socket.destroy();
          }),
      };
    },
    connect: (name) =>
      new Promise((resolve, reject) => {
        const socket = connectSocket({ host, port: portOf(name), noDelay: true });
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
  // A reset shows as 'close' as well; without a listener it would end the process.
  socket.on('error', () => {});
  return {
    onBytes(listener) {
      socket.on('data', listener);
      socket.resume();
    },
    onClose: (listener) => {
      if (socket.destroyed) listener();
      else socket.once('close', () => listener());
    },
    write(bytes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      if (socket.writableLength > WRITE_BYTES_MAX) socket.destroy();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
}
