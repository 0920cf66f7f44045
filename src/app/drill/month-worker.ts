/** Folds the events of a clean month on a processor of its own, while the database plays its part of the days. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../kernel/assert.ts';
import { watchMonth } from './month-watch.ts';

assert(parentPort, 'this file runs as a worker');
const { month, seed, startMs } = workerData as Parameters<typeof watchMonth>[1] & {
  readonly month: Parameters<typeof watchMonth>[0];
};
parentPort.postMessage(watchMonth(month, { seed, startMs }), []);
