/** Real sockets on loopback for tests of one switch: the port is known once it listens. */
import type { StreamNet } from '../switch/stream.ts';
import { tcpNet } from '../switch/tcp.ts';

/** TCP between a switch and its bank, at any free port. */
export function realNet(): StreamNet {
  let port = 0;
  const net = tcpNet({ host: '127.0.0.1', portOf: () => port });
  return {
    ...net,
    async listen(input) {
      const server = await net.listen(input);
      port = server.port;
      return server;
    },
  };
}
