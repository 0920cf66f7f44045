/** The byte stream of virtual time: two ends in one process, with latency, in order. For drills and tests. */
import type { Time } from '../../src/kernel/time.ts';
import type { ByteStream, StreamHandlers, StreamNet } from './stream.ts';

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
    async listen({ name, accept }) {
      listeners.set(name, accept);
      return { port: 0, close: async () => void listeners.delete(name) };
    },
    async connect({ target }) {
      await time.sleep(latencyMs);
      const accept = listeners.get(target);
      if (!accept) throw new Error(`Cannot reach ${target}: refused`);
      const [caller, listener] = pair(time, latencyMs, (from, bytes) =>
        tap({ to: target, from, bytes }),
      );
      accept(listener);
      return caller;
    },
  };
}

interface End extends ByteStream {
  receive(bytes: Buffer): void;
  close(reason: string): void;
}

function pair(
  time: Time,
  latencyMs: number,
  tap: (from: 'caller' | 'listener', bytes: Buffer) => void,
): readonly [ByteStream, ByteStream] {
  const later = (action: () => void): void => void time.sleep(latencyMs).then(action);
  const caller: End = openEnd('listener', {
    send: (bytes) => {
      tap('caller', bytes);
      later(() => listener.receive(bytes));
    },
    cut: () => later(() => listener.close('the other end closed')),
  });
  const listener: End = openEnd('caller', {
    send: (bytes) => {
      tap('listener', bytes);
      later(() => caller.receive(bytes));
    },
    cut: () => later(() => caller.close('the other end closed')),
  });
  return [caller, listener];
}

function openEnd(
  peer: string,
  wire: { readonly send: (bytes: Buffer) => void; readonly cut: () => void },
): End {
  let handlers: StreamHandlers | undefined;
  let closedBy: string | undefined;
  let isTold = false;
  let isPaused = false;
  const arrived: Buffer[] = [];
  const deliver = (): void => {
    while (handlers && !isPaused && arrived.length > 0) handlers.data(arrived.shift()!);
    if (!handlers || closedBy === undefined || isTold) return;
    isTold = true;
    handlers.closed(closedBy);
  };
  const close = (reason: string): void => {
    closedBy ??= reason;
    deliver();
  };
  const destroy = (): void => {
    if (closedBy !== undefined) return;
    wire.cut();
    close('we closed');
  };
  return {
    peer,
    open: (given) => {
      handlers = given;
      deliver();
    },
    write: (bytes) => {
      if (closedBy === undefined) wire.send(Buffer.from(bytes));
    },
    // Memory takes everything at once.
    waitingBytes: () => 0,
    pause: () => void (isPaused = true),
    resume: () => {
      isPaused = false;
      deliver();
    },
    end: destroy,
    destroy,
    receive: (bytes) => {
      if (closedBy !== undefined) return;
      arrived.push(bytes);
      deliver();
    },
    close,
  };
}
