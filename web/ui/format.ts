/** How Pulih writes money and time for people: `Rp1.250.000`, `14:32 WIB`, `Sab 29 Mar 2025`. Always WIB, always 24 hours. */
import { formatRupiah, parseIdr, sen, type Sen } from '../../src/kernel/money.ts';
import { wibDate, wibMinute } from '../../src/kernel/time.ts';
import type { Language } from './language.ts';

/** An amount as it travels: `{ value: "125000.00", currency: "IDR" }`. */
export interface WireAmount {
  readonly value: string;
  readonly currency: string;
}

const DAYS = {
  id: ['Min', 'Sen', 'Sel', 'Rab', 'Kam', 'Jum', 'Sab'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
} as const;
const MONTHS = {
  id: ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
} as const;

/** The wire amount as sen; negative values keep their sign. Throws RangeError on text that is no amount. */
export function amountSen(amount: WireAmount): Sen {
  const isNegative = amount.value.startsWith('-');
  const value = parseIdr(isNegative ? amount.value.slice(1) : amount.value);
  if (value === undefined)
    throw new RangeError('Cannot read amount: not an IDR value with two decimals');
  return sen(isNegative ? -value : value);
}

/** `Rp1.250.000`. */
export function showMoney(amount: WireAmount | bigint): string {
  return formatRupiah(typeof amount === 'bigint' ? amount : amountSen(amount));
}

/** `14:32`, or `14:32 WIB` where it stands alone. */
export function showClock(atMs: number, withZone = true): string {
  const minute = wibMinute(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}${withZone ? ' WIB' : ''}`;
}

/** `Sab 29 Mar 2025`. */
export function showDate(atMs: number, language: Language): string {
  const [year, month, day] = wibDate(atMs).split('-').map(Number) as [number, number, number];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return `${DAYS[language][weekday]} ${day} ${MONTHS[language][month - 1]} ${year}`;
}

/** `14:32 WIB` today, `Sab 29 Mar 2025, 14:32 WIB` on another day. */
export function showMoment(input: {
  readonly atMs: number;
  readonly nowMs: number;
  readonly language: Language;
}): string {
  const clock = showClock(input.atMs);
  return wibDate(input.atMs) === wibDate(input.nowMs)
    ? clock
    : `${showDate(input.atMs, input.language)}, ${clock}`;
}

/** Digits grouped while they are typed: `1250000` → `1.250.000`. */
export function groupDigits(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, '.');
}
