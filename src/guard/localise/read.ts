/** Which columns of a file are what: a quantity (`real`, `predict`), or a ratio in the three forms that public data sets have. Pure. */
import { readColumns, readHeader, type CsvColumns, type CsvFault, type CsvResult } from './csv.ts';
import type { Attribute } from './group.ts';
import { aggregate, type LeafTable, type Measure } from './table.ts';

const PLAIN = ['real', 'predict'] as const;
const RATIO = ['real_a', 'predict_a', 'real_b', 'predict_b'] as const;

/** A table of a quantity, equal rows added up. */
export function readTable(bytes: Uint8Array): CsvResult<LeafTable> {
  const columns = readColumns(bytes, PLAIN);
  if (!columns.ok) return columns;
  return {
    ok: true,
    value: aggregate({ attributes: columns.value.attributes, measure: plainOf(columns.value) }),
  };
}

/** A table of a ratio from one file: with the four columns of numerator (a) and denominator (b), or, where only the ratio itself is known, with `real`
 * and `predict`; every row then weighs the same. */
export function readRatioTable(bytes: Uint8Array): CsvResult<LeafTable> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  if (!header.value.some((name) => (RATIO as readonly string[]).includes(name)))
    return readLeafRatios(bytes);
  const columns = readColumns(bytes, RATIO);
  if (!columns.ok) return columns;
  const { attributes, measures } = columns.value;
  return {
    ok: true,
    value: aggregate({
      attributes,
      measure: { real: measures['real_a']!, predict: measures['predict_a']! },
      denominator: { real: measures['real_b']!, predict: measures['predict_b']! },
    }),
  };
}

function readLeafRatios(bytes: Uint8Array): CsvResult<LeafTable> {
  const columns = readColumns(bytes, PLAIN);
  if (!columns.ok) return columns;
  const measure = plainOf(columns.value);
  const ones = new Float64Array(measure.real.length).fill(1);
  const denominator = { real: ones, predict: ones };
  return {
    ok: true,
    value: aggregate({ attributes: columns.value.attributes, measure, denominator }),
  };
}

/** A table of a ratio from two files, `x.a.csv` with the numerator and `x.b.csv` with the denominator, each with `real` and `predict`; rows belong together by their
 * attributes, in any order. A row that one of them lacks counts as 0 there. The fault says which file it is in. */
export function readRatioTables(input: {
  readonly numerator: Uint8Array;
  readonly denominator: Uint8Array;
}):
  | { readonly ok: true; readonly value: LeafTable }
  | { readonly ok: false; readonly fault: CsvFault; readonly isInDenominator: boolean } {
  const above = readColumns(input.numerator, PLAIN);
  if (!above.ok) return { ...above, isInDenominator: false };
  const below = readColumns(input.denominator, PLAIN);
  if (!below.ok) return { ...below, isInDenominator: true };
  const names = (columns: CsvColumns): string =>
    columns.attributes
      .map(({ name }) => name)
      .toSorted()
      .join();
  if (names(above.value) !== names(below.value))
    return { ok: false, fault: { line: 1, reason: 'attributes_differ' }, isInDenominator: true };
  const attributes = above.value.attributes.map((one) =>
    joined(
      one,
      below.value.attributes.find(({ name }) => name === one.name)!,
    ),
  );
  const [a, b] = [plainOf(above.value), plainOf(below.value)];
  return {
    ok: true,
    value: aggregate({
      attributes,
      measure: padded(a, { before: 0, after: b.real.length }),
      denominator: padded(b, { before: a.real.length, after: 0 }),
    }),
  };
}

function plainOf({ measures }: CsvColumns): Measure {
  return { real: measures['real']!, predict: measures['predict']! };
}

/** Rows of `second` after those of `first`, in one dictionary. */
function joined(first: Attribute, second: Attribute): Attribute {
  const codeOf = new Map(first.values.map((value, code) => [value, code]));
  for (const value of second.values) if (!codeOf.has(value)) codeOf.set(value, codeOf.size);
  const translated = second.values.map((value) => codeOf.get(value)!);
  const codes = new Int32Array(first.codes.length + second.codes.length);
  codes.set(first.codes);
  codes.set(
    second.codes.map((code) => translated[code]!),
    first.codes.length,
  );
  return { name: first.name, values: [...codeOf.keys()], codes };
}

function padded(
  measure: Measure,
  by: { readonly before: number; readonly after: number },
): Measure {
  const pad = (column: Float64Array): Float64Array => {
    const out = new Float64Array(by.before + column.length + by.after);
    out.set(column, by.before);
    return out;
  };
  return { real: pad(measure.real), predict: pad(measure.predict) };
}
