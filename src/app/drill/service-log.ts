/** What the public page said of each service during a drill, read from the file that the guard writes for it: each change of state once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceState, StatusFile } from '../../incident/status-model.ts';
import type { Ticker, Time } from '../../kernel/time.ts';

const LOOK_MS = 1_000;
/** A page that flickers for hours is enough said. */
const CHANGES_MAX = 1_000;

export interface ServiceChange {
  readonly service: string;
  readonly state: ServiceState;
  /** The page named something to use instead. */
  readonly hasAlternative: boolean;
  /** Services that it named to use instead. */
  readonly instead: readonly string[];
  readonly atMs: number;
}

export interface ServiceLog {
  readonly changes: readonly ServiceChange[];
  readonly ticker: Ticker;
}

/** Looks every second until stopped. A page that is not there yet says nothing. */
export function watchServices(of: { readonly time: Time; readonly folder: string }): ServiceLog {
  const { time, folder } = of;
  const changes: ServiceChange[] = [];
  const states = new Map<string, ServiceState>();
  const look = async (): Promise<void> => {
    const text = await time.track(readFile(join(folder, 'status.json'), 'utf8'));
    for (const { key, state, alternative, instead = [] } of (JSON.parse(text) as StatusFile)
      .services) {
      if (state === (states.get(key) ?? 'normal')) continue;
      states.set(key, state);
      if (changes.length < CHANGES_MAX)
        changes.push({
          service: key,
          state,
          hasAlternative: alternative.id !== '' && alternative.en !== '',
          instead,
          atMs: time.now(),
        });
    }
  };
  return { changes, ticker: time.every(LOOK_MS, look, () => {}) };
}
