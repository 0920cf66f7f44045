/** Cash in a machine: which notes make an amount, and what is left. Pure. */

/** Notes of one denomination. */
export interface Cassette {
  readonly noteSen: bigint;
  readonly count: number;
}

/** How many notes of each cassette make `amountSen`, as many large ones as can be; undefined when they cannot.
 * Enough for notes that divide each other, as Rp100.000 and Rp50.000 do. */
export function pickNotes(
  cassettes: readonly Cassette[],
  amountSen: bigint,
): readonly number[] | undefined {
  const order = cassettes
    .map((_, index) => index)
    .toSorted((a, b) => Number(cassettes[b]!.noteSen - cassettes[a]!.noteSen));
  const picked = cassettes.map(() => 0);
  let rest = amountSen;
  for (const index of order) {
    const { noteSen, count } = cassettes[index]!;
    const wanted = rest / noteSen;
    const taken = wanted < BigInt(count) ? Number(wanted) : count;
    picked[index] = taken;
    rest -= noteSen * BigInt(taken);
  }
  return rest === 0n && amountSen > 0n ? picked : undefined;
}

/** What is left after notes came out. */
export function takeNotes(
  cassettes: readonly Cassette[],
  picked: readonly number[],
): readonly Cassette[] {
  return cassettes.map((one, index) => ({ ...one, count: one.count - picked[index]! }));
}

/** The worth of notes. */
export function worthOf(cassettes: readonly Cassette[], picked: readonly number[]): bigint {
  return cassettes.reduce((sum, one, index) => sum + one.noteSen * BigInt(picked[index]!), 0n);
}

/** The first `noteCount` of the picked notes, largest first, as they come out of the machine. */
export function firstNotes(
  cassettes: readonly Cassette[],
  picked: readonly number[],
  noteCount: number,
): readonly number[] {
  let left = noteCount;
  const out = picked.map(() => 0);
  const order = cassettes
    .map((_, index) => index)
    .toSorted((a, b) => Number(cassettes[b]!.noteSen - cassettes[a]!.noteSen));
  for (const index of order) {
    out[index] = Math.min(left, picked[index]!);
    left -= out[index]!;
  }
  return out;
}

/** What there is after notes were put in; a denomination without a cassette gets one. */
export function addNotes(
  cassettes: readonly Cassette[],
  notes: readonly Cassette[],
): readonly Cassette[] {
  const added = cassettes.map((one) => ({
    ...one,
    count:
      one.count +
      notes
        .filter(({ noteSen }) => noteSen === one.noteSen)
        .reduce((sum, { count }) => sum + count, 0),
  }));
  const others = notes.filter(({ noteSen }) => !cassettes.some((one) => one.noteSen === noteSen));
  return [...added, ...others];
}

/** The worth of all notes. */
export function worthOfAll(cassettes: readonly Cassette[]): bigint {
  return cassettes.reduce((sum, { noteSen, count }) => sum + noteSen * BigInt(count), 0n);
}
