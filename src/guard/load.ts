/** Reads what a leading guard must know from the database: at its start, and again whenever a commit's outcome is in doubt. */
import { parseJson } from '../kernel/wire.ts';
import { firstMemory, type GuardInput, type Memory, type Reign } from './context.ts';
import { GUARD_DEFAULTS, mergeNumbers, type GuardNumbers } from './setting.ts';
import { loadHarm } from './harm-watch.ts';
import { readNewestSet } from './publish.ts';
import { selectNumbers, selectState } from './store.ts';

/** What a guard knows when it begins to lead. */
export async function loadReign(input: GuardInput): Promise<Reign> {
  return {
    input,
    numbers: await loadNumbers(input),
    memory: await loadMemory(input),
    lastSet: (await readNewestSet(input.db, input.setKey))?.set,
    measures: new Map(),
    harm: await loadHarm(input),
    harmSaved: undefined,
    readAtMs: new Map(),
    older: new Set(),
    hubAnswers: [],
    hubTries: new Map(),
    refusals: [],
    attempted: new Set(),
    isTried: false,
    reportFailures: 0,
    isSetBehind: false,
    liquidity: undefined,
    startedAtMs: input.time.now(),
    steppedAtMs: input.time.now(),
  };
}

/** The memory as it was committed last. */
export async function loadMemory(input: GuardInput): Promise<Memory> {
  const first = firstMemory(input.time.now());
  const text = await selectState(input.db, 'memory');
  const saved = text === undefined ? undefined : (parseJson(text) as Partial<Memory> | undefined);
  // The match clock runs on between saves: the newer of the two words counts.
  const match = await selectState(input.db, 'match');
  const matchedAtMs =
    match === undefined
      ? undefined
      : Number((parseJson(match) as { atMs?: unknown } | undefined)?.atMs);
  const newest = Math.max(saved?.matchedAtMs ?? 0, Number.isFinite(matchedAtMs) ? matchedAtMs! : 0);
  return { ...first, ...saved, ...(newest > 0 ? { matchedAtMs: newest } : {}) };
}

/** The numbers in force. */
export async function loadNumbers(
  input: Pick<GuardInput, 'db' | 'time'> & { readonly numbers?: unknown },
): Promise<GuardNumbers> {
  const base = mergeNumbers(GUARD_DEFAULTS, input.numbers);
  const row = await selectNumbers(input.db, input.time.now());
  return row ? mergeNumbers(base, parseJson(row.value), row.version) : base;
}
