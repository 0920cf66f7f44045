/** The newest few of something, and what most of them share. JSON-safe, changed in place. Pure. */

/** Adds at the end and drops from the front. */
export function keep<T>(list: T[], one: T, max: number): void {
  list.push(one);
  while (list.length > max) list.shift();
}

/** Drops from the front what is older than `sinceMs`. */
export function dropBefore(list: { readonly atMs: number }[], sinceMs: number): void {
  let old = 0;
  while (old < list.length && list[old]!.atMs < sinceMs) old++;
  if (old > 0) list.splice(0, old);
}

/** The value that at least nine in ten have; undefined when there is none. */
export function dominant(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const [value, times] of counts) if (times * 10 >= values.length * 9) return value;
  return undefined;
}

/** How many are different. */
export function distinct(values: readonly (string | undefined)[]): number {
  return new Set(values).size;
}
