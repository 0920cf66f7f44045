import type { Log } from '../kernel/log.ts';
import { isFresh, type Time } from '../kernel/time.ts';

/** Data that people change rarely and that two of them watch change; a payment may use a value this old. */
const FRESH_MS = 5_000;

/** Reads data at most once in 5 s. When the database cannot be read the last known value goes on (static stability); `log` hears
 * `unreadable`. Throws only while nothing was ever read. */
export function cached<Value>(input: {
  readonly time: Time;
  readonly log: Log;
  readonly unreadable: string;
  readonly read: () => Promise<Value>;
}): () => Promise<Value> {
  let known: { readonly value: Value } | undefined;
  let readAtMs = 0;
  let reading: Promise<Value> | undefined;
  const read = async (): Promise<Value> => {
    try {
      known = { value: await input.read() };
    } catch (error) {
      if (!known) throw error;
      input.log.warn({ error: (error as Error).message }, input.unreadable);
    } finally {
      reading = undefined;
    }
    readAtMs = input.time.now();
    return known.value;
  };
  return async () => {
    if (known && isFresh({ atMs: readAtMs, nowMs: input.time.now(), maxMs: FRESH_MS }))
      return known.value;
    return (reading ??= read());
  };
}
