/** Keeps the embedded PostgreSQL running: whenever it ends, or cannot start because its disk is full or its recovery was cut short,
 * it is started again with back-off until it runs or the deployment stops. Nobody has to come and do it. */
import type { Time } from '../kernel/time.ts';
import type { Server } from './database.ts';

/** A crash recovers in a second; a full disk may take hours until somebody makes room. */
const BACK_OFF_MS = [100, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** A server that is kept running. */
export interface KeptServer {
  /** The one that runs, or ran last. */
  current(): Server;
  /** True from the start of a server until its end is seen. */
  isRunning(): boolean;
  /** No more starts; resolves when none is under way. The server itself is stopped by its owner. */
  release(): Promise<void>;
}

/** Watches `first`, and each one that `start` gives after it. */
export function keepServer(input: {
  readonly first: Server;
  readonly start: () => Promise<Server>;
  readonly time: Time;
  readonly say: (line: string) => void;
}): KeptServer {
  const { time, say } = input;
  const released = new AbortController();
  let server = input.first;
  let isRunning = true;
  let starting: Promise<void> = Promise.resolve();

  const startAgain = async (): Promise<void> => {
    for (let tries = 0; !released.signal.aborted; tries++) {
      await time.sleep(BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length - 1)]!, released.signal);
      if (released.signal.aborted) return;
      try {
        server = await input.start();
        watch();
        return say('PostgreSQL runs again');
      } catch (error) {
        say(`Cannot start PostgreSQL again, and goes on trying: ${(error as Error).message}`);
      }
    }
  };
  const watch = (): void => {
    isRunning = true;
    server.embedded?.onEnd((code) => {
      isRunning = false;
      if (released.signal.aborted) return;
      say(`PostgreSQL ended (exit ${code}); starting it again`);
      starting = startAgain();
    });
  };
  watch();
  return {
    current: () => server,
    isRunning: () => isRunning,
    async release() {
      released.abort();
      await starting;
    },
  };
}
