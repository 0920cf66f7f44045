/** Byte streams of virtual time: pairs in one process, with latency and faults that a test turns on. */
import { StreamFault, type ByteStream, type StreamHandlers, type StreamNet } from './stream.ts';
import type { Time } from './time.ts';

/** One standing connection, for faults. */
export interface MemoryConnection {
  readonly from: string;
  readonly target: string;
  /** Both ends see it closed. */
  cut(): void;
  /** Half open: bytes vanish both ways and no end is told. */
  blackhole(): void;
  /** The end that listens reads no more: bytes wait where they were written. */
  stall(): void;
}

export interface MemoryStreams {
  /** The network as `peer` sees it. */
  net(peer: string): StreamNet;
  connections(): readonly MemoryConnection[];
  /** Whether a connection may be made now. */
  isOpen: (from: string, target: string) => boolean;
}

/** Streams between names; `latencyMs` is one way. */
export function memoryStreams(time: Time, latencyMs: number): MemoryStreams {
  const listeners = new Map<string, (stream: ByteStream) => void>();
  const standing = new Set<MemoryConnection>();
  const streams: MemoryStreams = {
    isOpen: () => true,
    connections: () => [...standing],
    net: (peer) => ({
      async listen({ name, accept }) {
        listeners.set(name, accept);
        return {
          port: 0,
          close: async () => void listeners.delete(name),
        };
      },
      async connect({ target }) {
        await time.sleep(latencyMs);
        const accept = listeners.get(target);
        if (!accept || !streams.isOpen(peer, target))
          throw new StreamFault(`Cannot connect to ${target}: refused`);
        const near = openEnd(time, { peer: target, latencyMs });
        const far = openEnd(time, { peer, latencyMs });
        near.other = far;
        far.other = near;
        const connection: MemoryConnection = {
          from: peer,
          target,
          cut() {
            near.close('cut');
            far.close('cut');
          },
          blackhole: () => void (near.isLost = far.isLost = true),
          stall: () => far.stream.pause(),
        };
        standing.add(connection);
        const forget = (): void => void standing.delete(connection);
        near.onClose = forget;
        accept(far.stream);
        return near.stream;
      },
    }),
  };
  return streams;
}

interface End {
  readonly stream: ByteStream;
  other: End | undefined;
  isLost: boolean;
  /** Written here and not taken there. */
  waitingBytes: number;
  onClose: (() => void) | undefined;
  take(bytes: Buffer): void;
  close(reason: string): void;
}

function openEnd(time: Time, input: { readonly peer: string; readonly latencyMs: number }): End {
  let handlers: StreamHandlers | undefined;
  let isPaused = false;
  let closedBy: string | undefined;
  let isTold = false;
  const arrived: Buffer[] = [];
  const deliver = (): void => {
    while (handlers && !isPaused && arrived.length > 0) {
      const bytes = arrived.shift()!;
      if (end.other) end.other.waitingBytes -= bytes.length;
      handlers.data(bytes);
    }
    if (!handlers || closedBy === undefined || isTold) return;
    isTold = true;
    handlers.closed(closedBy);
  };
  const later = (action: () => void): void =>
    void time.sleep(input.latencyMs).then(() => {
      if (!end.isLost) action();
    });
  const end: End = {
    other: undefined,
    isLost: false,
    waitingBytes: 0,
    onClose: undefined,
    close(reason) {
      if (closedBy !== undefined) return;
      closedBy = reason;
      end.onClose?.();
      deliver();
      arrived.length = 0;
    },
    take(bytes) {
      if (closedBy !== undefined) return;
      arrived.push(bytes);
      deliver();
    },
    stream: {
      peer: input.peer,
      open(given) {
        handlers = given;
        deliver();
      },
      write(bytes) {
        if (closedBy !== undefined) return;
        const copy = Buffer.from(bytes);
        end.waitingBytes += copy.length;
        later(() => end.other?.take(copy));
      },
      waitingBytes: () => end.waitingBytes,
      pause: () => void (isPaused = true),
      resume() {
        isPaused = false;
        deliver();
      },
      end: () => later(() => end.stream.destroy()),
      destroy() {
        later(() => end.other?.close('the other end closed'));
        end.close('we closed');
      },
    },
  };
  return end;
}
