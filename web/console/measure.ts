/** Numbers as the console writes them. */
import type { ConsoleWords } from './words.ts';

/** `48 dtk`, `12 mnt`, `3 jam`. */
export function showSpan(ms: number, w: ConsoleWords): string {
  if (ms < 90_000) return `${Math.round(ms / 1000)} ${w.seconds}`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} ${w.minutes}`;
  return `${Math.round(ms / 3_600_000)} ${w.hours}`;
}

/** Basis points as `98,7 %`. */
export function showShare(bps: number | undefined): string {
  return bps === undefined
    ? '–'
    : `${(bps / 100).toFixed(bps % 100 === 0 ? 0 : 1).replace('.', ',')} %`;
}

/** A count with thousands apart. */
export function showCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '.');
}

/** The points of a sparkline in a box of `width` × `height`. */
export function sparkPoints(
  values: readonly number[],
  box: { readonly width: number; readonly height: number },
): string {
  const most = Math.max(1, ...values);
  const step = box.width / Math.max(1, values.length - 1);
  return values
    .map(
      (value, i) =>
        `${(i * step).toFixed(1)},${(box.height - (value / most) * box.height).toFixed(1)}`,
    )
    .join(' ');
}
