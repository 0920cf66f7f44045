/** How well found causes match planted ones: exact sets, over all tables of a recipe (the field's micro F1). Pure. */

/** Sets found, and what they should have been. */
export interface Matches {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
}

/** Nothing counted yet. */
export const NO_MATCHES: Matches = { right: 0, wrong: 0, missed: 0 };

/** Adds one table. */
export function countMatches(
  matches: Matches,
  table: { readonly planted: readonly string[]; readonly found: readonly string[] },
): Matches {
  const planted = new Set(table.planted);
  const found = new Set(table.found);
  const right = [...found].filter((set) => planted.has(set)).length;
  return {
    right: matches.right + right,
    wrong: matches.wrong + found.size - right,
    missed: matches.missed + planted.size - right,
  };
}

/** Harmonic mean of precision and recall, 0–1; 1 when nothing was planted and nothing found. */
export function f1Of({ right, wrong, missed }: Matches): number {
  return right + wrong + missed === 0 ? 1 : (2 * right) / (2 * right + wrong + missed);
}
