/** Whether this is a clean hour: nothing restricted, no alarm of a detector. What is usual is learned from clean hours only, so that an
 * attack never becomes the usual. JSON-safe, changed in place. */
import type { FlowSeen } from './seen.ts';

export interface CleanWatch {
  /** Ids of restrictions in force. */
  readonly open: string[];
  /** The newest moment that was not clean. */
  dirtyAtMs: number;
}

/** More than a bank ever has in force; beyond it the hour is not clean anyway. */
const OPEN_MAX = 1_000;
const DETECTOR = /^D\d+$/;

/** Nothing known against this hour. */
export function openClean(): CleanWatch {
  return { open: [], dirtyAtMs: 0 };
}

/** Notes what speaks against this hour. */
export function watchClean(watch: CleanWatch, seen: FlowSeen): void {
  if (seen.kind === 'alarm') {
    // What the clock or a duty alarms about says nothing of the traffic.
    if (DETECTOR.test(seen.detector) && seen.severity !== 'P3') note(watch, seen.atMs);
    return;
  }
  if (seen.kind !== 'restriction') return;
  note(watch, seen.atMs);
  const at = watch.open.indexOf(seen.id);
  if (seen.what === 'lifted' && at >= 0) watch.open.splice(at, 1);
  if (seen.what === 'placed' && at < 0 && watch.open.length < OPEN_MAX) watch.open.push(seen.id);
}

function note(watch: CleanWatch, atMs: number): void {
  watch.dirtyAtMs = Math.max(watch.dirtyAtMs, atMs);
}

/** True when nothing spoke against the time since. */
export function isCleanSince(watch: CleanWatch, sinceMs: number): boolean {
  return watch.open.length === 0 && watch.dirtyAtMs < sinceMs;
}
