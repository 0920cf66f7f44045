/** The byte stream of virtual time: two ends in one process, with latency, in order. For drills and tests. */
import type { Time } from '../../src/kernel/time.ts';
import type { ByteStream, StreamNet } from './stream.ts';

/** What crosses the network, as it is written: `to` is the name that was connected to. */
export type StreamTap = (seen: {
  readonly to: string;
  readonly from: 'caller' | 'listener';
  readonly bytes: Buffer;
}) => void;

/** A network of named listeners. `latencyMs` is one way. */
export function memoryStreams(time: Time, latencyMs: number, tap: StreamTap = () => {}): StreamNet {
  const listeners = new Map<string, (stream: ByteStream) => void>();
  return {
    async listen(name, accept) {
      const open = new Set<ByteStream>();
      listeners.set(name, (stream) => {
        open.add(stream);
        accept(stream);
      });
      return {
        port: 0,
        close: async () => {
          listeners.delete(name);
          for (const stream of open) stream.destroy();
        },
      };
    },
    async connect(name) {
      await time.sleep(latencyMs);
      const accept = listeners.get(name);
      if (!accept) throw new Error(`Cannot reach ${name}: refused`);
      const [caller, listener] = pair(time, latencyMs, (from, bytes) =>
        tap({ to: name, from, bytes }),
      );
      accept(listener);
      return caller;
    },
  };
}

interface End extends ByteStream {
  receive(bytes: Buffer): void;
  closed(): void;
}

function pair(
  time: Time,
  latencyMs: number,
  tap: (from: 'caller' | 'listener', bytes: Buffer) => void,
): readonly [ByteStream, ByteStream] {
  const caller = end((bytes) => {
    tap('caller', bytes);
    void time.sleep(latencyMs).then(() => listener.receive(bytes));
  }, cut);
  const listener: End = end((bytes) => {
    tap('listener', bytes);
    void time.sleep(latencyMs).then(() => caller.receive(bytes));
  }, cut);
  function cut(): void {
    void time.sleep(latencyMs).then(() => {
      caller.closed();
      listener.closed();
    });
  }
  return [caller, listener];
}

function end(send: (bytes: Buffer) => void, cut: () => void): End {
  let isOpen = true;
  let isPaused = false;
  let hear: ((bytes: Buffer) => void) | undefined;
  let close: (() => void) | undefined;
  const waiting: Buffer[] = [];
  const drain = (): void => {
    while (isOpen && !isPaused && hear && waiting.length > 0) hear(waiting.shift()!);
  };
  const shut = (): void => {
    if (!isOpen) return;
    isOpen = false;
    close?.();
  };
  return {
    onBytes: (listener) => {
      hear = listener;
      drain();
    },
    onClose: (listener) => {
      close = listener;
      if (!isOpen) listener();
    },
    write: (bytes) => {
      if (isOpen) send(Buffer.from(bytes));
    },
    pause: () => void (isPaused = true),
    resume: () => {
      isPaused = false;
      drain();
    },
    destroy: () => {
      shut();
      cut();
    },
    receive: (bytes) => {
      waiting.push(bytes);
      drain();
    },
    closed: shut,
  };
}
