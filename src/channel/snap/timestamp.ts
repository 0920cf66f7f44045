const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-])(\d\d):(\d\d)$/;

/** Reads `yyyy-MM-ddTHH:mm:ss±hh:mm` as UTC milliseconds; undefined for any other form and for dates that do not exist. */
export function parseTimestamp(text: string): number | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [, local, sign, hours, minutes] = match;
  const atMs = Date.parse(`${local}Z`);
  // Date.parse rolls 30 February over into March, and 24:00 into the next day: it must have read the day that was written.
  if (!Number.isFinite(atMs) || new Date(atMs).getUTCDate() !== Number(local!.slice(8, 10)))
    return undefined;
  const offsetMinutes = Number(hours) * 60 + Number(minutes);
  if (offsetMinutes > 14 * 60 || Number(minutes) > 59) return undefined;
  return atMs - (sign === '-' ? -1 : 1) * offsetMinutes * 60_000;
}

/** How far X-TIMESTAMP may be from our clock, either way. Source: domain.md 3.3. */
export const TIMESTAMP_SKEW_MS = 5 * 60_000;
