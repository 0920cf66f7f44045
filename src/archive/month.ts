/** Months of the calendar in WIB, as texts: `2026-01`. Pure. */

const WIB_OFFSET_MS = 7 * 3_600_000;

/** True for `2026-01`. */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** The month `by` months later; earlier when it is negative. */
export function monthAfter(month: string, by = 1): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  const count = year * 12 + number - 1 + by;
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`;
}

/** The first day of a month and of the next. */
export function rangeOf(month: string): { readonly fromDate: string; readonly untilDate: string } {
  return { fromDate: `${month}-01`, untilDate: `${monthAfter(month)}-01` };
}

/** The first instant after a month, UTC milliseconds. */
export function monthEndMs(month: string): number {
  return Date.parse(`${monthAfter(month)}-01T00:00:00Z`) - WIB_OFFSET_MS;
}
