/** Reads what a leading guard must know from the database: at its start, and again whenever a commit's outcome is in doubt. */
import { parseJson } from '../kernel/wire.ts';
import { firstMemory, placeOf, type GuardInput, type Memory, type Reign } from './context.ts';
import { parseCalendar, readCalendar, type CalendarTable } from './flow/calendar.ts';
import { openLatency } from './flow/latency.ts';
import { loadFlowUpTo } from './flow/tail.ts';
import { mergeNumbers, startNumbers, type GuardNumbers } from './setting.ts';
import { loadHarm } from './harm-watch.ts';
import { readNewestSet } from './publish.ts';
import { newerRailMatches, type RailMatches } from './rail-match.ts';
import { UNTELLING_KINDS } from './see.ts';
import { selectSetting, selectState } from './store.ts';

/** What a guard knows when it begins to lead. */
export async function loadReign(input: GuardInput): Promise<Reign> {
  const numbers = await loadNumbers(input);
  const memory = await loadMemory(input);
  const calendar = await loadCalendar(input);
  return {
    input,
    numbers,
    memory,
    calendar,
    ...(await loadFlow(input, { memory, numbers, calendar })),
    isFlowDoubtful: false,
    latency: openLatency(),
    lastSet: (await readNewestSet(input.db, input.setKey))?.set,
    measures: new Map(),
    recent: [],
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
  const word = match === undefined ? undefined : (parseJson(match) as MatchWord | undefined);
  const matchedAtMs = word === undefined ? undefined : Number(word.atMs);
  const newest = Math.max(saved?.matchedAtMs ?? 0, Number.isFinite(matchedAtMs) ? matchedAtMs! : 0);
  return {
    ...first,
    ...saved,
    ...(newest > 0 ? { matchedAtMs: newest } : {}),
    rails: newerRailMatches(saved?.rails ?? {}, word?.rails ?? {}),
  };
}

/** What a guard wrote of its match between two memories. */
interface MatchWord {
  readonly atMs?: unknown;
  readonly rails?: RailMatches;
}

/** The numbers in force. */
export async function loadNumbers(
  input: Pick<GuardInput, 'db' | 'time'> & { readonly numbers?: unknown },
): Promise<GuardNumbers> {
  const base = startNumbers(input.numbers);
  const row = await selectSetting(input.db, { key: 'guard.numbers', nowMs: input.time.now() });
  return row ? mergeNumbers(base, parseJson(row.value), row.version) : base;
}

/** The calendar in force: a row that two people set and that has the form, else the repository's. */
export async function loadCalendar(input: Pick<GuardInput, 'db' | 'time'>): Promise<CalendarTable> {
  const row = await selectSetting(input.db, { key: 'guard.calendar', nowMs: input.time.now() });
  return (row && parseCalendar(row.value)) ?? readCalendar();
}

/** The flow detectors as they stood when the memory was committed. */
export function loadFlow(
  input: Pick<GuardInput, 'db'>,
  at: Pick<Reign, 'memory' | 'numbers' | 'calendar'>,
): Promise<Pick<Reign, 'flow' | 'savedLayer'>> {
  return loadFlowUpTo(input.db, {
    place: placeOf(at.memory),
    settings: { changes: at.numbers.flow, calendar: at.calendar },
    without: UNTELLING_KINDS,
  });
}
