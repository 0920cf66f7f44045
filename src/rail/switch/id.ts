/** Names of messages: ours by day and STAN (`form-switch.ts`), theirs by what DE90 of a reversal would repeat. Pure.
 * Source: domain.md 4.3; docs/rail/switch.md section 10. */
import type { IsoFields } from '../iso8583/spec.ts';

const DAY_MS = 86_400_000;
const WIB_OFFSET_MS = 25_200_000;

/** The parts of an id of ours; undefined when it is none. */
export function parseSwitchId(
  id: string,
): { readonly day: string; readonly institution: string; readonly stan: string } | undefined {
  const match = /^(\d{8})(\d{3})(\d{6})$/.exec(id);
  return match ? { day: match[1]!, institution: match[2]!, stan: match[3]! } : undefined;
}

/** The id of ours that an RRN of ours belongs to; the year is the one whose day lies nearest to `nearMs`. Undefined for an RRN of
 * another form. */
export function switchIdOfRrn(
  rrn: string,
  input: { readonly institution: string; readonly nearMs: number },
): string | undefined {
  const match = /^(\d)(\d{3})\d{2}(\d{6})$/.exec(rrn);
  const count = Number(match?.[2]);
  if (!match || count < 1 || count > 366) return undefined;
  const thisYear = new Date(input.nearMs + WIB_OFFSET_MS).getUTCFullYear();
  const year = [thisYear - 1, thisYear, thisYear + 1].find((one) => one % 10 === Number(match[1]));
  if (year === undefined) return undefined;
  const day = new Date(Date.UTC(year, 0, 1) + (count - 1) * DAY_MS).toISOString().slice(0, 10);
  return `${day.replaceAll('-', '')}${input.institution}${match[3]!}`;
}

/** The instant of DE7 (MMDDhhmmss, GMT) in the year that brings it nearest to `nearMs`; undefined when it is no time. */
export function instantOf(transmittedAt: string, nearMs: number): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(transmittedAt);
  if (!match) return undefined;
  const [month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const thisYear = new Date(nearMs).getUTCFullYear();
  let nearest: number | undefined;
  for (const year of [thisYear - 1, thisYear, thisYear + 1]) {
    const ms = Date.UTC(year, month - 1, day, hour, minute, second);
    const isNearer = nearest === undefined || Math.abs(ms - nearMs) < Math.abs(nearest - nearMs);
    if (isNearer && isThat(new Date(ms), { month, day, hour, minute })) nearest = ms;
  }
  return nearest;
}

/** False where `Date.UTC` carried over: there is no 30 February and no 25 o'clock. A minute of 60 seconds changes the minute. */
function isThat(
  at: Date,
  said: {
    readonly month: number;
    readonly day: number;
    readonly hour: number;
    readonly minute: number;
  },
): boolean {
  return (
    at.getUTCMonth() === said.month - 1 &&
    at.getUTCDate() === said.day &&
    at.getUTCHours() === said.hour &&
    at.getUTCMinutes() === said.minute
  );
}

/** What a request of theirs is named by: year, DE7, DE32, DE11; 31 digits. Undefined where a field is missing or no time. */
export function switchRequestId(
  request: {
    readonly transmittedAt: string | undefined;
    readonly acquirer: string | undefined;
    readonly stan: string | undefined;
  },
  nearMs: number,
): string | undefined {
  const { transmittedAt, acquirer, stan } = request;
  if (transmittedAt === undefined || acquirer === undefined || stan === undefined) return undefined;
  const atMs = instantOf(transmittedAt, nearMs);
  if (atMs === undefined || !/^\d{1,11}$/.test(acquirer) || !/^\d{6}$/.test(stan)) return undefined;
  return `${new Date(atMs).getUTCFullYear()}${transmittedAt}${acquirer.padStart(11, '0')}${stan}`;
}

/** The id of a request by its own fields. */
export function requestIdOf(fields: IsoFields, nearMs: number): string | undefined {
  return switchRequestId(
    { transmittedAt: fields[7], acquirer: fields[32], stan: fields[11] },
    nearMs,
  );
}

/** DE13 and DE12 of an instant: MMDD and hhmmss in WIB. */
export function localMoment(atMs: number): { readonly date: string; readonly time: string } {
  const digits = new Date(atMs + WIB_OFFSET_MS).toISOString().replace(/\D/g, '');
  return { date: digits.slice(4, 8), time: digits.slice(8, 14) };
}
