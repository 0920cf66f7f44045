/** A small strict schema for incoming JSON: unknown keys, missing keys and wrong shapes are faults with a path. Written for
 * the simulators on purpose, apart from the codec under test. */

/** Says what is wrong (a path and a word), or undefined when nothing is. */
export type Shape = (value: unknown, path: string) => string | undefined;

/** A string that matches the whole pattern. */
export function text(pattern: RegExp): Shape {
  return (value, path) => {
    if (typeof value !== 'string') return `${path}: not a string`;
    return pattern.test(value) ? undefined : `${path}: wrong form`;
  };
}

/** A string of 1 to `lengthMax` characters, none of them a control character, not only spaces. */
export function words(lengthMax: number): Shape {
  return (value, path) => {
    if (typeof value !== 'string') return `${path}: not a string`;
    const isFit = value.length >= 1 && value.length <= lengthMax && value.trim() !== '';
    return isFit && !/\p{Cc}/u.test(value) ? undefined : `${path}: wrong text`;
  };
}

/** One of these strings. */
export function oneOf(...allowed: readonly string[]): Shape {
  return (value, path) =>
    allowed.includes(value as string) ? undefined : `${path}: not one of ${allowed.join(' ')}`;
}

/** An object with exactly these keys; those in `optional` may be absent. */
export function object(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${path}: not an object`;
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(required))
      if (!Object.hasOwn(fields, key)) return `${path}.${key}: missing`;
    for (const key of Object.keys(fields)) {
      const shape = Object.hasOwn(required, key)
        ? required[key]
        : Object.hasOwn(optional, key)
          ? optional[key]
          : undefined;
      if (!shape) return `${path}.${key}: unknown key`;
      const fault = shape(fields[key], `${path}.${key}`);
      if (fault) return fault;
    }
    return undefined;
  };
}

/** An array of one to `lengthMax` items. */
export function some(lengthMax: number, item: Shape): Shape {
  return (value, path) =>
    Array.isArray(value) && value.length >= 1 && value.length <= lengthMax
      ? list(value.length, item)(value, path)
      : `${path}: not 1 to ${lengthMax} items`;
}

/** An array of exactly `length` items. */
export function list(length: number, item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path}: not a list`;
    if (value.length !== length) return `${path}: not ${length} items`;
    for (let i = 0; i < length; i++) {
      const fault = item(value[i], `${path}[${i}]`);
      if (fault) return fault;
    }
    return undefined;
  };
}
