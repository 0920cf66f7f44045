/** Indonesian days off, as data. Deadlines in working days depend on it; a plain Monday-to-Friday rule gives 4 April instead of
 * 14 April for Bank DKI (domain.md 6.5). Joint leave ("cuti bersama") counts as a day off for banks. */

/** One day off. `verify` = taken from memory; check it against the joint decree (SKB) of the year before relying on it. */
export interface DayOff {
  readonly date: string;
  readonly name: string;
  readonly kind: 'national' | 'joint_leave';
  readonly verify: boolean;
}

const national = (date: string, name: string): DayOff => ({
  date,
  name,
  kind: 'national',
  verify: true,
});
const joint = (date: string, name: string): DayOff => ({
  date,
  name,
  kind: 'joint_leave',
  verify: true,
});

/** Years that the table covers; a deadline that reaches beyond is refused, so that nobody relies on a year without holidays. */
export const CALENDAR_YEARS = { from: 2025, to: 2026 } as const;

/** National holidays and joint leave, in order of date. */
export const DAYS_OFF: readonly DayOff[] = [
  national('2025-01-01', 'Tahun Baru'),
  national('2025-01-27', 'Isra Mikraj'),
  joint('2025-01-28', 'Tahun Baru Imlek'),
  national('2025-01-29', 'Tahun Baru Imlek'),
  joint('2025-03-28', 'Nyepi'),
  national('2025-03-29', 'Nyepi'),
  national('2025-03-31', 'Idul Fitri'),
  national('2025-04-01', 'Idul Fitri'),
  joint('2025-04-02', 'Idul Fitri'),
  joint('2025-04-03', 'Idul Fitri'),
  joint('2025-04-04', 'Idul Fitri'),
  joint('2025-04-07', 'Idul Fitri'),
  national('2025-04-18', 'Wafat Yesus Kristus'),
  national('2025-05-01', 'Hari Buruh'),
  national('2025-05-12', 'Waisak'),
  joint('2025-05-13', 'Waisak'),
  national('2025-05-29', 'Kenaikan Yesus Kristus'),
  joint('2025-05-30', 'Kenaikan Yesus Kristus'),
  national('2025-06-06', 'Idul Adha'),
  joint('2025-06-09', 'Idul Adha'),
  national('2025-06-27', 'Tahun Baru Islam'),
  national('2025-09-05', 'Maulid Nabi'),
  national('2025-12-25', 'Natal'),
  joint('2025-12-26', 'Natal'),
  national('2026-01-01', 'Tahun Baru'),
  national('2026-01-16', 'Isra Mikraj'),
  joint('2026-02-16', 'Tahun Baru Imlek'),
  national('2026-02-17', 'Tahun Baru Imlek'),
  joint('2026-03-18', 'Nyepi'),
  national('2026-03-19', 'Nyepi'),
  joint('2026-03-20', 'Idul Fitri'),
  national('2026-03-21', 'Idul Fitri'),
  national('2026-03-22', 'Idul Fitri'),
  joint('2026-03-23', 'Idul Fitri'),
  joint('2026-03-24', 'Idul Fitri'),
  national('2026-04-03', 'Wafat Yesus Kristus'),
  national('2026-05-01', 'Hari Buruh'),
  national('2026-05-14', 'Kenaikan Yesus Kristus'),
  joint('2026-05-15', 'Kenaikan Yesus Kristus'),
  national('2026-05-27', 'Idul Adha'),
  joint('2026-05-28', 'Idul Adha'),
  national('2026-05-31', 'Waisak'),
  national('2026-06-01', 'Hari Lahir Pancasila'),
  national('2026-06-16', 'Tahun Baru Islam'),
  national('2026-08-17', 'Hari Kemerdekaan'),
  national('2026-08-25', 'Maulid Nabi'),
  joint('2026-12-24', 'Natal'),
  national('2026-12-25', 'Natal'),
];

const OFF = new Set(DAYS_OFF.map(({ date }) => date));

/** True on Monday to Friday that is no day off. `date` is a WIB date. */
export function isWorkingDay(date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !OFF.has(date);
}

/** True when the table knows the year of the date. */
export function isCovered(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return year >= CALENDAR_YEARS.from && year <= CALENDAR_YEARS.to;
}

/** The WIB date that is `count` working days after `date`; the day itself does not count. Undefined where the table ends. */
export function addWorkingDays(date: string, count: number): string | undefined {
  let at = date;
  for (let left = count; left > 0;) {
    at = new Date(Date.parse(`${at}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    if (!isCovered(at)) return undefined;
    if (isWorkingDay(at)) left--;
  }
  return at;
}
