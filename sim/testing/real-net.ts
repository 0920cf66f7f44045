/** Real sockets on loopback for tests of one switch: the port is known once it listens. */
import { tcpStreams } from '../../src/kernel/stream-tcp.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';

/** TCP between a switch and its bank, at any free port. */
export function realNet(): StreamNet {
  let port = 0;
  const net = tcpStreams(() => ({ host: '127.0.0.1', port }));
  return {
    ...net,
    async listen(input) {
      const server = await net.listen(input);
      port = server.port;
      return server;
    },
  };
}
