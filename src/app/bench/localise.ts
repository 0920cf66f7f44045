/** `pulih bench localise`: how many planted causes are found, beside a published method on the same tables in the same run, and how long a search takes. */
import { availableParallelism, loadavg } from 'node:os';
import { localiseByRisk } from '../../bench/localise/reference.ts';
import { plant, type Recipe } from '../../bench/localise/plant.ts';
import { RECIPES } from '../../bench/localise/recipe.ts';
import { countMatches, f1Of, NO_MATCHES, type Matches } from '../../bench/localise/score.ts';
import { median, round } from '../../bench/figure.ts';
import { localise } from '../../guard/localise/localise.ts';
import { openScreen, type Screen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';

/** Tables per recipe: more make the figures steadier, not other. */
const TABLES = 20;
const SEED = 1_000;
/** Six dimensions; what the time is measured on has two groups of causes and noise, as the others. */
const TIMED = [
  { key: 'msPer1e5Rows', sizes: [10, 10, 10, 10, 5, 2], turns: 7 },
  { key: 'msPer1e6Rows', sizes: [10, 10, 10, 10, 10, 10], turns: 3 },
] as const;

interface Scored {
  readonly name: string;
  readonly ours: Matches;
  readonly theirs: Matches;
  readonly ourMs: number;
  readonly theirMs: number;
}

/** Runs it; 0 always: a figure is no verdict. Times are of one core's processor (helper threads included), because other work slows the clock on the wall; both are
 * printed. */
export async function benchLocalise(options: BenchOptions): Promise<number> {
  const screen = openScreen();
  const loadBefore = loadavg()[0]!;
  const scored: Scored[] = [];
  for (const recipe of RECIPES) scored.push(await scoreRecipe(screen, recipe));
  const times: (readonly [key: string, time: Time])[] = [];
  for (const timed of TIMED) times.push([timed.key, await timeOf(screen, timed)]);
  print({ scored, times, loadBefore }, options.asJson);
  return 0;
}

function scoreRecipe(screen: Screen, recipe: Recipe): Promise<Scored> {
  return screen.step(
    `recipe ${recipe.name}`,
    async () => {
      let [ours, theirs] = [NO_MATCHES, NO_MATCHES];
      let [ourMs, theirMs] = [0, 0];
      for (let table = 1; table <= TABLES; table++) {
        const planted = plant(recipe, SEED + table);
        const beganMs = performance.now();
        const found = localise(planted.table).map(({ set }) => set);
        const turnMs = performance.now();
        const foundByRisk = localiseByRisk(planted.table);
        theirMs += performance.now() - turnMs;
        ourMs += turnMs - beganMs;
        ours = countMatches(ours, { planted: planted.causes, found });
        theirs = countMatches(theirs, { planted: planted.causes, found: foundByRisk });
      }
      return { name: recipe.name, ours, theirs, ourMs: ourMs / TABLES, theirMs: theirMs / TABLES };
    },
    {
      tell: ({ ours, theirs }) =>
        `F1 ${f1Of(ours).toFixed(3)}, reference ${f1Of(theirs).toFixed(3)}`,
    },
  );
}

interface Time {
  readonly cpuMs: number;
  readonly wallMs: number;
}

function timeOf(screen: Screen, timed: (typeof TIMED)[number]): Promise<Time> {
  return screen.step(
    timed.key,
    async () => {
      const recipe: Recipe = { ...RECIPES[0]!, sizes: timed.sizes, noise: [0.1, 0.1] };
      const { table } = plant(recipe, SEED);
      const cpu: number[] = [];
      const wall: number[] = [];
      for (let turn = 0; turn < timed.turns; turn++) {
        const before = process.cpuUsage();
        const beganMs = performance.now();
        localise(table);
        wall.push(performance.now() - beganMs);
        const { user, system } = process.cpuUsage(before);
        cpu.push((user + system) / 1_000);
      }
      return { cpuMs: median(cpu), wallMs: median(wall) };
    },
    {
      tell: ({ cpuMs, wallMs }) =>
        `${cpuMs.toFixed(0)} ms of a core, ${wallMs.toFixed(0)} by the clock`,
    },
  );
}

function print(
  input: {
    readonly scored: readonly Scored[];
    readonly times: readonly (readonly [key: string, time: Time])[];
    readonly loadBefore: number;
  },
  asJson: boolean,
): void {
  const f1 = (side: 'ours' | 'theirs'): Record<string, number> =>
    Object.fromEntries(input.scored.map((one) => [one.name, round(f1Of(one[side]), 4)]));
  const result = {
    bench: 'localise',
    figures: {
      f1: f1('ours'),
      ...Object.fromEntries(input.times.map(([key, { cpuMs }]) => [key, round(cpuMs)])),
    },
    references: { riskF1: f1('theirs') },
    ratios: {
      f1ToRisk: Object.fromEntries(
        input.scored.map(({ name, ours, theirs }) => [
          name,
          round(f1Of(ours) / Math.max(0.0001, f1Of(theirs)), 2),
        ]),
      ),
    },
    wallMs: Object.fromEntries(input.times.map(([key, { wallMs }]) => [key, round(wallMs)])),
    tables: Object.fromEntries(
      input.scored.map(({ name, ours, theirs, ourMs, theirMs }) => [
        name,
        { ...ours, ms: round(ourMs), reference: { ...theirs, ms: round(theirMs) } },
      ]),
    ),
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(input.loadBefore, 2),
      tablesPerRecipe: TABLES,
    },
  };
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  for (const { name, ours, theirs, ourMs } of input.scored)
    process.stdout.write(
      `${name.padEnd(10)} F1 ${f1Of(ours).toFixed(4)}   reference ${f1Of(theirs).toFixed(4)}   ${ourMs.toFixed(0)} ms per table\n`,
    );
  for (const [key, { cpuMs, wallMs }] of input.times)
    process.stdout.write(
      `${key.padEnd(14)} ${cpuMs.toFixed(0)} ms of a core, ${wallMs.toFixed(0)} by the clock\n`,
    );
}
