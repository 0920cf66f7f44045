/** Keeps a link in client role connected: again and again, waiting longer each time. */
import type { Time } from '../../src/kernel/time.ts';
import type { Link } from './link.ts';
import type { StreamNet } from '../../src/kernel/stream.ts';

const FIRST_WAIT_MS = 500;
const WAIT_MS_MAX = 30_000;
const CONNECT_MS_MAX = 10_000;

/** Connects `link` to `at` until `stopping`. */
export async function keepConnected(input: {
  readonly time: Time;
  readonly net: StreamNet;
  readonly at: string;
  readonly link: Link;
  readonly stopping: AbortSignal;
}): Promise<void> {
  const { time, net, at, link, stopping } = input;
  let waitMs = FIRST_WAIT_MS;
  while (!stopping.aborted) {
    try {
      const stream = await net.connect({ target: at, timeoutMs: CONNECT_MS_MAX });
      if (stopping.aborted) return stream.destroy();
      link.attach(stream);
      const sinceMs = time.now();
      await link.untilClosed();
      // A connection that ends at once is no reason to hurry.
      if (time.now() - sinceMs > waitMs) waitMs = FIRST_WAIT_MS;
    } catch {
      // Nobody listens yet: that is what the waiting is for.
    }
    await time.sleep(waitMs, stopping);
    waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
  }
}
