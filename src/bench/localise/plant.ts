/** Made-up tables with planted causes, to score a search by: in the manner of the public data sets of the field, drawn by our own
 * code from their published descriptions (RiskLoc, arXiv 2205.10004, section "datasets"; Squeeze, ISSRE 2019). Pure. */
import type { LeafTable, Measure } from '../../guard/localise/table.ts';
import { chanceOf, type Chance } from './chance.ts';

/** A table and the causes in it, written as the search writes them, sorted. */
export interface Planted {
  readonly table: LeafTable;
  readonly causes: readonly string[];
}

/** How tables are made. Ranges are drawn from evenly, once per table or once per cause. */
export interface Recipe {
  readonly name: string;
  /** Values per attribute. */
  readonly sizes: readonly number[];
  /** `weibull` and `lognormal`: real numbers; `counts`: payments, Poisson around a size that differs per value. */
  readonly base: 'weibull' | 'lognormal' | 'counts';
  /** Share of leaves with neither flow nor forecast. */
  readonly zeroShare: readonly [number, number];
  /** Relative error of the forecast of a healthy leaf (deviation of a normal distribution). */
  readonly noise: readonly [number, number];
  /** Groups of causes; each group has its own attributes, severity and spread. */
  readonly groups: readonly [number, number];
  /** Causes per group. */
  readonly causes: readonly [number, number];
  /** Attributes per cause. */
  readonly layers: readonly [number, number];
  /** Share of the flow that is missing (or extra) in a cause; the noise is added to it. */
  readonly severity: readonly [number, number];
  /** Deviation of the severity from leaf to leaf of one cause. */
  readonly spread: readonly [number, number];
  /** A ratio of two quantities instead of one quantity. */
  readonly isRatio?: boolean;
}

interface Group {
  /** Indexes of attributes, ascending. */
  readonly attributes: readonly number[];
  /** Value per attribute, per cause. */
  readonly causes: readonly (readonly number[])[];
  readonly severity: number;
  readonly spread: number;
}

/** Draws one table of the recipe; the same seed draws the same table. */
export function plant(recipe: Recipe, seed: number): Planted {
  const chance = chanceOf(seed);
  const attributes = grid(recipe.sizes);
  const rows = attributes[0]!.codes.length;
  const noise = chance.between(...recipe.noise);
  const codes = attributes.map((one) => one.codes);
  const { measure, denominator } = healthy({ recipe, chance, rows, noise, codes });
  const groups = groupsOf({ recipe, chance, noise, measure, codes });
  const isLoss = sum(measure.real) <= sum(measure.predict);
  for (const group of groups)
    disturb({ recipe, group, chance, measure, denominator, isLoss, codes });
  const causes = groups.flatMap((group) =>
    group.causes.map((values) =>
      values
        .map(
          (value, at) =>
            `${attributes[group.attributes[at]!]!.name}=${attributes[group.attributes[at]!]!.values[value]}`,
        )
        .toSorted()
        .join('&'),
    ),
  );
  return {
    table: { attributes, measure, ...(denominator && { denominator }) },
    causes: causes.toSorted(),
  };
}

function grid(sizes: readonly number[]): LeafTable['attributes'] {
  const rows = sizes.reduce((product, size) => product * size, 1);
  let block = rows;
  return sizes.map((size, at) => {
    block /= size;
    const name = String.fromCodePoint(97 + at);
    const width = block;
    return {
      name,
      values: Array.from({ length: size }, (_, value) => `${name}${value + 1}`),
      codes: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / width) % size),
    };
  });
}

/** Amounts of a typical leaf. */
const SCALE = 100;
/** Of the denominator, what share the numerator is when all is well. */
const RATIO_RANGE = [0.85, 0.98] as const;

function healthy(input: {
  readonly recipe: Recipe;
  readonly chance: Chance;
  readonly rows: number;
  readonly noise: number;
  readonly codes: readonly Int32Array[];
}): { readonly measure: Measure; readonly denominator?: Measure } {
  const { recipe, chance, rows, noise } = input;
  const zeroShare = chance.between(...recipe.zeroShare);
  const sizeOf = sizer(input);
  const real = new Float64Array(rows);
  const predict = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const size = chance.unit() < zeroShare ? 0 : sizeOf(row);
    if (recipe.base === 'counts') {
      predict[row] = size;
      real[row] = chance.poisson(size);
      continue;
    }
    const other = Math.max(0, size * (1 + noise * chance.normal()));
    const isSwapped = chance.unit() < 0.5;
    real[row] = isSwapped ? other : size;
    predict[row] = isSwapped ? size : other;
  }
  if (recipe.isRatio !== true) return { measure: { real, predict } };
  // The quantity drawn above is the denominator; the numerator is a share of it that wobbles little.
  const ratio = chance.between(...RATIO_RANGE);
  const share = (): number => Math.max(0, ratio * (1 + noise * chance.normal()));
  return {
    measure: {
      real: real.map((one) => one * share()),
      predict: predict.map((one) => one * share()),
    },
    denominator: { real, predict },
  };
}

function sizer(input: {
  readonly recipe: Recipe;
  readonly chance: Chance;
  readonly codes: readonly Int32Array[];
}): (row: number) => number {
  const { recipe, chance, codes } = input;
  switch (recipe.base) {
    case 'weibull': {
      const shape = chance.between(0.5, 1);
      return () => SCALE * (-Math.log(1 - chance.unit())) ** (1 / shape);
    }
    case 'lognormal':
      return () => SCALE * Math.exp(chance.normal());
    case 'counts': {
      // A few banks and channels carry most of the flow.
      const weights = recipe.sizes.map((size) =>
        Array.from({ length: size }, () => Math.exp(chance.normal())),
      );
      return (row) =>
        40 * weights.reduce((product, one, at) => product * one[codes[at]![row]!]!, 1);
    }
  }
}

/** Draws that a group may take to find free values. */
const TRIES_MAX = 1_000;

function groupsOf(input: {
  readonly recipe: Recipe;
  readonly chance: Chance;
  readonly noise: number;
  readonly measure: Measure;
  readonly codes: readonly Int32Array[];
}): readonly Group[] {
  const { recipe, chance, noise } = input;
  const wanted = chance.whole(...recipe.groups);
  const groups: Group[] = [];
  for (let tries = 0; groups.length < wanted && tries < TRIES_MAX; tries++) {
    const attributes = pick(chance, recipe.sizes.length, chance.whole(...recipe.layers));
    const count = chance.whole(...recipe.causes);
    const causes = Array.from({ length: count }, () =>
      attributes.map((at) => chance.whole(0, recipe.sizes[at]! - 1)),
    );
    const group: Group = {
      attributes,
      causes,
      severity: chance.between(...recipe.severity) + noise,
      spread: chance.between(...recipe.spread),
    };
    if (isFree(group, groups, recipe) && hasFlow(group, input)) groups.push(group);
  }
  return groups;
}

function pick(chance: Chance, from: number, count: number): readonly number[] {
  const all = Array.from({ length: from }, (_, at) => at);
  for (let at = 0; at < count; at++) {
    const other = chance.whole(at, from - 1);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, count).toSorted((a, b) => a - b);
}

/** Causes do not overlap where they name the same attribute, two groups do not name the same attributes (except all), none is there twice. */
function isFree(group: Group, others: readonly Group[], recipe: Recipe): boolean {
  const texts = new Set(group.causes.map(String));
  if (texts.size < group.causes.length) return false;
  const isLeaf = group.attributes.length === recipe.sizes.length;
  for (const other of others) {
    if (!isLeaf && String(other.attributes) === String(group.attributes)) return false;
    for (const [at, attribute] of group.attributes.entries()) {
      const used = other.attributes.indexOf(attribute);
      if (used === -1) continue;
      if (group.causes.some((one) => other.causes.some((two) => two[used] === one[at])))
        return false;
    }
  }
  return true;
}

function hasFlow(
  group: Group,
  input: { readonly measure: Measure; readonly codes: readonly Int32Array[] },
): boolean {
  const found = group.causes.map(() => false);
  for (let row = 0; row < input.measure.real.length; row++) {
    const cause = causeOf(group, input.codes, row);
    if (cause !== -1 && (input.measure.real[row]! > 0 || input.measure.predict[row]! > 0))
      found[cause] = true;
  }
  return found.every(Boolean);
}

function causeOf(group: Group, codes: readonly Int32Array[], row: number): number {
  return group.causes.findIndex((values) =>
    values.every((value, at) => codes[group.attributes[at]!]![row] === value),
  );
}

/** Payments that come on top of each expected one at the highest severity. */
const EXTRA_AT_MOST = 4;

/** The side that is too small is drawn anew from the other one: the noise of a disturbed leaf is its spread. */
function disturb(input: {
  readonly recipe: Recipe;
  readonly group: Group;
  readonly chance: Chance;
  readonly measure: Measure;
  readonly denominator: Measure | undefined;
  readonly isLoss: boolean;
  readonly codes: readonly Int32Array[];
}): void {
  const { group, chance, measure, denominator, isLoss } = input;
  for (let row = 0; row < measure.real.length; row++) {
    if (causeOf(group, input.codes, row) === -1) continue;
    const kept = Math.max(0, 1 - (group.severity + group.spread * chance.normal()));
    if (input.recipe.base === 'counts') {
      const rate = isLoss ? kept : 1 + EXTRA_AT_MOST * (1 - kept);
      measure.real[row] = chance.poisson(measure.predict[row]! * rate);
      continue;
    }
    const [from, to] = isLoss ? [measure.predict, measure.real] : [measure.real, measure.predict];
    if (!denominator) {
      to[row] = from[row]! * kept;
      continue;
    }
    const [below, below2] = isLoss
      ? [denominator.predict, denominator.real]
      : [denominator.real, denominator.predict];
    to[row] = below[row] === 0 ? 0 : (from[row]! / below[row]!) * kept * below2[row]!;
  }
}

function sum(column: Float64Array): number {
  return column.reduce((total, one) => total + one, 0);
}
