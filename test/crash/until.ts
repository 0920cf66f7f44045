/** Waiting for something to become true, with a bound. */
import assert from 'node:assert/strict';
import { wallTime } from '../../src/kernel/time.ts';

const LOOK_MS = 50;

/** Looks again and again until `isTrue`; how long that took, milliseconds. Throws with `what` after `msMax`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  msMax: number,
): Promise<number> {
  const time = wallTime();
  const startedMs = time.now();
  while (!(await isTrue())) {
    assert.ok(time.now() - startedMs < msMax, `${what} within ${msMax / 1000} s`);
    await time.sleep(LOOK_MS);
  }
  return time.now() - startedMs;
}
