/** The match of every rail beside BI-FAST: when its feed last showed life, and when all three legs were last fresh (D9 per rail). The
 * silence of one feed is not covered up by another's. Pure. */
import type { RailName } from '../authorisation/instruction.ts';
import { railOfEntry, type JournalEntry } from '../rail/journal-entry.ts';
import { matchedAtMs } from '../reconcile/match.ts';

/** One rail. Watched from the first pulse of its feed on: a rail that never had one is asked for by its statements alone. */
export interface RailMatch {
  readonly aliveAtMs: number;
  readonly matchedAtMs: number;
}

export type RailMatches = Partial<Readonly<Record<RailName, RailMatch>>>;

/** The rails after these entries. A gateway's clock may run ahead; what it will write tomorrow proves nothing today. */
export function foldRailMatches(
  before: RailMatches,
  input: {
    readonly entries: readonly JournalEntry[];
    readonly nowMs: number;
    readonly journalReadAtMs: number;
    readonly journalFreshMs: number;
    readonly feedFreshMs: number;
  },
): RailMatches {
  const { nowMs } = input;
  const next: Partial<Record<RailName, RailMatch>> = { ...before };
  for (const { body, atMs } of input.entries) {
    if (body.kind !== 'feed' && body.kind !== 'feed_alive') continue;
    const rail = railOfEntry(body);
    const known = next[rail];
    if (rail === 'bifast' || (!known && body.kind === 'feed')) continue;
    const aliveAtMs = Math.min(nowMs, Math.max(known?.aliveAtMs ?? 0, atMs));
    next[rail] = { aliveAtMs, matchedAtMs: known?.matchedAtMs ?? nowMs };
  }
  for (const [rail, known] of entriesOf(next)) {
    const matched = matchedAtMs({ ...input, feedAliveAtMs: known.aliveAtMs });
    if (matched !== undefined) next[rail] = { ...known, matchedAtMs: matched };
  }
  return next;
}

/** The newer word of each rail: a match is never forgotten at a restart. */
export function newerRailMatches(one: RailMatches, other: RailMatches): RailMatches {
  const merged: Partial<Record<RailName, RailMatch>> = { ...one };
  for (const [rail, match] of entriesOf(other)) {
    const known = merged[rail];
    merged[rail] = known
      ? {
          aliveAtMs: Math.max(known.aliveAtMs, match.aliveAtMs),
          matchedAtMs: Math.max(known.matchedAtMs, match.matchedAtMs),
        }
      : match;
  }
  return merged;
}

/** How old each rail's match is. */
export function railMatchAges(
  matches: RailMatches,
  nowMs: number,
): readonly { readonly rail: RailName; readonly matchAgeMs: number }[] {
  return entriesOf(matches).map(([rail, match]) => ({
    rail,
    matchAgeMs: Math.max(0, nowMs - match.matchedAtMs),
  }));
}

function entriesOf(matches: RailMatches): readonly (readonly [RailName, RailMatch])[] {
  return Object.entries(matches) as [RailName, RailMatch][]; // its keys are names of rails by its type
}
