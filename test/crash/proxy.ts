/** A TCP proxy between gateway and hub that can lose what passes, each way by itself, without either side seeing an end. */
import { connect, createServer, type Socket } from 'node:net';

/** `lose_all`: bytes vanish both ways and connections stay open. `lose_answers`: only the hub's words vanish. `half_close`: the hub
 * side ends each connection at its next word instead of saying it, while our direction stays open. */
export type ProxyMode = 'pass' | 'lose_all' | 'lose_answers' | 'half_close';

export interface Proxy {
  /** From now on. Back to `pass` cuts every connection that lost something: its TLS stream is beyond repair. */
  set(mode: ProxyMode): void;
  /** Chunks that vanished, or words that were replaced by an end, since `set`. */
  lostCount(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Carried at least one word of the hub before the mode was set: TLS stands. */
  isUsed: boolean;
  hasLost: boolean;
}

/** Listens on `port` and carries to `target`. */
export async function startProxy(input: {
  readonly port: number;
  readonly target: number;
}): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let mode: ProxyMode = 'pass';
  let lostCount = 0;
  const lose = (pair: Pair): void => {
    pair.hasLost = true;
    lostCount++;
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: input.target, host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { near, far, isUsed: mode === 'pass', hasLost: false };
    pairs.add(pair);
    near.on('data', (chunk) =>
      mode === 'lose_all' || (pair.hasLost && mode !== 'half_close')
        ? lose(pair)
        : far.write(chunk),
    );
    far.on('data', (chunk) => {
      if (mode === 'half_close' && pair.isUsed) {
        if (!pair.hasLost) near.end();
        return lose(pair);
      }
      return mode === 'lose_all' || mode === 'lose_answers' ? lose(pair) : near.write(chunk);
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('end', () => void (pair.hasLost || to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(input.port, '127.0.0.1', resolve);
  });
  return {
    set(next) {
      mode = next;
      lostCount = 0;
      for (const pair of pairs) {
        if (pair.hasLost) pair.near.destroy();
        else pair.isUsed = true;
      }
    },
    lostCount: () => lostCount,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
      }),
  };
}
