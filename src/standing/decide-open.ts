/** Which dates of a standing order have come, and what each of them is from the start: due, or missed for a reason. Pure. */
import type { StandingReason } from '../notify/standing-reason.ts';
import { deadlineOf, type RunClock } from './decide-due.ts';
import { nthDate, wibInstant, type Schedule } from './schedule.ts';

export interface OpenFacts {
  readonly nowMs: number;
  /** WIB. Dates up to it have come; while the order is paused only those before it are lost. */
  readonly today: string;
  readonly schedule: Schedule;
  readonly openedCount: number;
  readonly isPaused: boolean;
  readonly clock: RunClock;
}

export interface OpenedRun {
  readonly date: string;
  /** 1 for the first date. */
  readonly number: number;
  readonly start:
    | { readonly state: 'waiting'; readonly dueAtMs: number }
    | { readonly state: 'missed'; readonly reason: StandingReason };
}

export interface Opening {
  readonly runs: readonly OpenedRun[];
  readonly openedCount: number;
  /** The next date that has not come; undefined after the last. */
  readonly nextDate: string | undefined;
}

/** Dates opened at once; more wait for the next round. A weekly order has 53 a year. */
const OPEN_MAX = 60;

/** Decides. Every date is opened once and in order, however long nobody looked. */
export function decideOpen(facts: OpenFacts): Opening {
  const runs: OpenedRun[] = [];
  let openedCount = facts.openedCount;
  let date = nthDate(facts.schedule, openedCount);
  while (date !== undefined && hasCome(facts, date) && runs.length < OPEN_MAX) {
    openedCount++;
    runs.push({ date, number: openedCount, start: stateOf(facts, date) });
    date = nthDate(facts.schedule, openedCount);
  }
  return { runs, openedCount, nextDate: date };
}

function hasCome({ today, isPaused }: OpenFacts, date: string): boolean {
  return isPaused ? date < today : date <= today;
}

function stateOf(facts: OpenFacts, date: string): OpenedRun['start'] {
  const { nowMs, clock, isPaused } = facts;
  if (isPaused) return { state: 'missed', reason: 'paused' };
  if (nowMs >= deadlineOf(date, clock)) return { state: 'missed', reason: 'late' };
  return {
    state: 'waiting',
    dueAtMs: Math.max(nowMs, wibInstant(date, clock.tryMinutes[0] ?? 0)),
  };
}
