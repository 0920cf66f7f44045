/** The heaviest keys of a stream in bounded memory: exact until `max` keys are there, then the lightest half is forgotten and what it may
 * have held is remembered as `lost`, so that a count is never too high and at most `lost` too low. JSON-safe, changed in place. */

export interface Heavy {
  count: number;
  sum: number;
  /** A few of those it came from, to tell one busy sender from many. */
  readonly from: string[];
}

export interface Top {
  readonly keys: Record<string, Heavy>;
  size: number;
  lost: number;
}

/** Sources kept per key. */
const FROM_MAX = 12;

/** Nothing counted. */
export function openTop(): Top {
  return { keys: Object.create(null) as Record<string, Heavy>, size: 0, lost: 0 };
}

/** Counts one thing of a size under a key. */
export function count(
  top: Top,
  one: {
    readonly key: string;
    readonly size: number;
    readonly from?: string | undefined;
    readonly max: number;
  },
): Heavy {
  let heavy = top.keys[one.key];
  if (!heavy) {
    if (top.size >= one.max) forget(top);
    heavy = { count: 0, sum: 0, from: [] };
    top.keys[one.key] = heavy;
    top.size++;
  }
  heavy.count++;
  heavy.sum += one.size;
  if (one.from !== undefined && heavy.from.length < FROM_MAX && !heavy.from.includes(one.from))
    heavy.from.push(one.from);
  return heavy;
}

/** Forgets the lighter half: seldom, so cheap per thing counted. */
function forget(top: Top): void {
  const entries = Object.entries(top.keys).toSorted(([, a], [, b]) => b.count - a.count);
  const kept = entries.length >> 1;
  top.lost = Math.max(top.lost, entries[kept]?.[1].count ?? 0);
  for (const [key] of entries.slice(kept)) delete top.keys[key];
  top.size = kept;
}

/** The counts of the `limit` heaviest keys, added up. */
export function heaviest(top: Top, limit: number): number {
  return Object.values(top.keys)
    .map((heavy) => heavy.count)
    .toSorted((a, b) => b - a)
    .slice(0, limit)
    .reduce((sum, one) => sum + one, 0);
}
