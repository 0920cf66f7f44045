/** Shapes that scenario files are made of, beside those of the hub's messages. Each names the field that is wrong. Pure. */
import { list, text, type Shape } from '../hub/schema.ts';

/** Two days of virtual time. */
export const MINUTES_MAX = 2_880;
const PER_MINUTE_MAX = 10_000;

/** A number in bounds; `whole` for counts. */
export function number(of: {
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
}): Shape {
  return (value, path) => {
    const isOne = typeof value === 'number' && Number.isFinite(value);
    if (!isOne || (of.whole && !Number.isInteger(value)))
      return `${path}: not a ${of.whole ? 'whole ' : ''}number`;
    return value < of.min || value > of.max ? `${path}: not in ${of.min}..${of.max}` : undefined;
  };
}

/** A whole number. */
export function count(max: number, min = 0): Shape {
  return number({ min, max, whole: true });
}

/** Minutes of a day, fractions allowed. */
export const minutes = number({ min: 0, max: MINUTES_MAX });
/** Whole rupiah as text. */
export const money = text(/^(0|[1-9]\d{0,14})$/);
/** Mean offers a minute. */
export const rate = number({ min: 0, max: PER_MINUTE_MAX });

/** The shape, or `null`. */
export function nullOr(shape: Shape): Shape {
  return (value, path) => (value === null ? undefined : shape(value, path));
}

/** A list of at most so many. */
export function some(item: Shape, max: number): Shape {
  return (value, path) =>
    Array.isArray(value) && value.length <= max
      ? list(value.length, item)(value, path)
      : `${path}: not a list of at most ${max} items`;
}
