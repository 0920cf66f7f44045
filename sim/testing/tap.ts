/** A network that shows every byte as it is written. */
import type { ByteStream, StreamNet } from '../../src/kernel/stream.ts';

/** `side` = the one that wrote: who connected, or who listens. */
export type StreamTap = (seen: {
  readonly side: 'caller' | 'listener';
  readonly bytes: Buffer;
}) => void;

/** The same network with `tap` on its connections. */
export function tapped(net: StreamNet, tap: StreamTap): StreamNet {
  const onto = (side: 'caller' | 'listener', stream: ByteStream): ByteStream => ({
    ...stream,
    write(bytes) {
      tap({ side, bytes });
      stream.write(bytes);
    },
  });
  return {
    listen: ({ name, accept }) =>
      net.listen({ name, accept: (stream) => accept(onto('listener', stream)) }),
    connect: async (input) => onto('caller', await net.connect(input)),
  };
}
