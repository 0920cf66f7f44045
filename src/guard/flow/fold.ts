/** The fold over everything that flows: shows each observation to the detectors that want it, keeps what they share (traffic, what is
 * usual, who paid whom, clean time, calendar), and leaves out what was said a moment ago. No clock and no I/O (I10): the same calls in the
 * same order give the same findings, live and in a backtest. The state is changed in place; save.ts writes it. */
import type { Act, Signal } from '../detector/observation.ts';
import { scopeOfAct, wishText } from '../detector/observation.ts';
import type { Usual } from './baseline.ts';
import { openCalendar, type CalendarAt, type CalendarTable } from './calendar.ts';
import { openClean, watchClean, type CleanWatch } from './clean.ts';
import type { AnyFlowDetector, Finding, FlowNumbers, FlowSource, Look } from './detector.ts';
import { addPair, openPairs, type PairFilter } from './pair-filter.ts';
import { TICK_MS, type FlowSeen } from './seen.ts';
import { modeOf, numbersOf, type FlowChanges, type FlowMode } from './setting.ts';
import {
  countOutflow,
  outflowOf,
  passTime,
  rewindTraffic,
  ringOf,
  usualOf,
  type Traffic,
} from './traffic.ts';

/** All that a flow remembers; JSON-safe but for the pairs. */
export interface FlowState {
  nowMs: number;
  tickedAtMs: number;
  heightenedUntilMs: number;
  readonly detectors: Record<string, { readonly version: number; readonly state: unknown }>;
  readonly traffic: Traffic;
  readonly clean: CleanWatch;
  /** When each finding was told last, by its text. */
  readonly told: Record<string, number>;
  pairs: PairFilter;
}

/** The same finding of the same scope and act again after this. */
const REPEAT_MS = 10 * 60_000;
/** Bounds what is remembered of findings under a flood of scopes. */
const TOLD_MAX = 500;
/** After a privileged change thresholds are this much of what they are (domain.md 7.5, D20). */
const HEIGHTENED = 0.5;
/** More than the clocks of two guards may differ. */
const BACK_MS = 5 * 60_000;
/** A gap of the stream makes at most so many ticks: detectors that wait need no more to know. */
const TICKS_MAX = 1_000;

/** Steps come several times a second: so long a silence is a gap. */
const UNWATCHED_MS = 2 * 3_600_000;

/** What people may change while it runs. */
export interface FlowSettings {
  readonly changes: FlowChanges;
  readonly calendar: CalendarTable;
}

export interface Flow {
  /** Folds one observation; what it found. */
  fold(seen: FlowSeen): readonly Signal[];
  /** Time passed without anything: `nowMs` by the caller's clock. */
  pass(nowMs: number): readonly Signal[];
  /** What is folded next is a full page, or is not. */
  catchUp(isBehind: boolean): void;
  /** The caller's clock before a step. When it stands far before the newest time that was seen, that time was wrong: what was counted under it
   * is begun anew, what is usual and who paid whom stays, and it says so. Without this a clock that jumped once would blind every window. */
  rewind(nowMs: number): readonly Signal[];
  /** New numbers or another calendar. */
  set(settings: FlowSettings): void;
  readonly state: FlowState;
}

/** A flow that has seen nothing. */
export function firstState(): FlowState {
  return {
    nowMs: 0,
    tickedAtMs: 0,
    heightenedUntilMs: 0,
    detectors: {},
    traffic: {},
    clean: openClean(),
    told: {},
    pairs: openPairs(),
  };
}

function rewindState(
  state: FlowState,
  at: { readonly nowMs: number; readonly detectors: readonly AnyFlowDetector[] },
): void {
  const { nowMs } = at;
  state.nowMs = nowMs;
  state.tickedAtMs = Math.floor(nowMs / TICK_MS) * TICK_MS;
  state.heightenedUntilMs = Math.min(state.heightenedUntilMs, nowMs + HEIGHTENED_MS_MAX);
  rewindTraffic(state.traffic, nowMs);
  state.clean.dirtyAtMs = nowMs;
  for (const [key, toldAtMs] of Object.entries(state.told))
    if (toldAtMs > nowMs) delete state.told[key];
  for (const { id, version = 1, start, rewind } of at.detectors) {
    const known = state.detectors[id];
    const kept = rewind && known?.version === version ? rewind(known.state, nowMs) : start();
    state.detectors[id] = { version, state: kept };
  }
}

/** D20's own number is a day; a setting may make it more. */
const HEIGHTENED_MS_MAX = 7 * 86_400_000;

function jumped(atMs: number, aheadMs: number): Signal {
  return {
    detector: 'guard',
    code: 'clock_jumped',
    severity: 'P1',
    atMs,
    evidence: [`ahead_ms=${aheadMs}`],
    act: { kind: 'alert' },
  };
}

interface Seat {
  readonly detector: AnyFlowDetector;
  readonly mode: FlowMode;
  readonly state: unknown;
  readonly look: Look<never>;
}

interface Running {
  readonly state: FlowState;
  readonly usual: Map<string, { readonly hour: number; readonly usual: Usual | undefined }>;
  calendarAt: CalendarAt;
  seats: Seats;
  isBehind: boolean;
}

type Seats = ReadonlyMap<FlowSeen['kind'], readonly Seat[]>;

/** Opens a flow on a state, which it owns from then on. */
export function openFlow(
  detectors: readonly AnyFlowDetector[],
  settings: FlowSettings,
  state: FlowState = firstState(),
): Flow {
  const running: Running = {
    state,
    usual: new Map(),
    calendarAt: openCalendar(settings.calendar),
    seats: new Map(),
    isBehind: false,
  };
  running.seats = seatsOf(running, detectors, settings.changes);
  let given = settings;
  return {
    state,
    fold: (seen) => foldOne(running, seen),
    pass: (nowMs) => passTicks(running, nowMs),
    rewind(nowMs) {
      if (state.nowMs - nowMs < BACK_MS) return [];
      const aheadMs = state.nowMs - nowMs;
      rewindState(state, { nowMs, detectors });
      running.usual.clear();
      running.seats = seatsOf(running, detectors, given.changes);
      return [jumped(nowMs, aheadMs)];
    },
    catchUp(isBehind) {
      running.isBehind = isBehind;
    },
    set(next) {
      if (next.calendar !== given.calendar) running.calendarAt = openCalendar(next.calendar);
      if (next.changes !== given.changes) running.seats = seatsOf(running, detectors, next.changes);
      given = next;
    },
  };
}

function seatsOf(
  running: Running,
  detectors: readonly AnyFlowDetector[],
  changes: FlowChanges,
): Seats {
  const { state } = running;
  const seats = new Map<FlowSeen['kind'], Seat[]>();
  for (const detector of detectors) {
    const version = detector.version ?? 1;
    const known = state.detectors[detector.id];
    const mine = known?.version === version ? known : { version, state: detector.start() };
    state.detectors[detector.id] = mine;
    const mode = modeOf(detector.id, changes);
    const seat: Seat = {
      detector,
      mode,
      state: mine.state,
      // Each detector is handed its own numbers; the list has erased their type.
      look: lookOf(running, { mode, numbers: numbersOf(detector, changes) }) as Look<never>,
    };
    for (const kind of detector.sees) seats.set(kind, [...(seats.get(kind) ?? []), seat]);
  }
  return seats;
}

function foldOne(running: Running, seen: FlowSeen): readonly Signal[] {
  const before = passTicks(running, seen.atMs);
  const { state } = running;
  state.nowMs = Math.max(state.nowMs, seen.atMs);
  watchClean(state.clean, seen);
  passTime(state.traffic, state.nowMs, state.clean);
  const outflow = outflowOf(seen);
  if (outflow) countOutflow(state.traffic, { atMs: seen.atMs, nowMs: state.nowMs }, outflow);
  if (seen.kind === 'payment' && seen.isLeaving && seen.payer && seen.payee)
    seen.isFirstPayee = addPair(state.pairs, seen.payer, seen.payee);
  const found = ask(running, seen);
  return before.length === 0 ? found : [...before, ...found];
}

/** Ticks for every full `TICK_MS` that passed; a flow that begins has none behind it. */
function passTicks(running: Running, nowMs: number): readonly Signal[] {
  const { state } = running;
  const due = Math.floor(nowMs / TICK_MS) * TICK_MS;
  if (state.tickedAtMs === 0) state.tickedAtMs = due;
  if (due <= state.tickedAtMs) return [];
  // Hours that nobody watched are not usual ones: a clock that jumped, or a guard that was away.
  if (due - state.tickedAtMs > UNWATCHED_MS) state.clean.dirtyAtMs = due;
  const signals: Signal[] = [];
  const fromMs = Math.max(state.tickedAtMs + TICK_MS, due - (TICKS_MAX - 1) * TICK_MS);
  for (let atMs = fromMs; atMs <= due; atMs += TICK_MS) {
    state.tickedAtMs = atMs;
    state.nowMs = Math.max(state.nowMs, atMs);
    passTime(state.traffic, state.nowMs, state.clean);
    signals.push(...ask(running, { kind: 'tick', atMs }));
  }
  return signals;
}

function ask(running: Running, seen: FlowSeen): readonly Signal[] {
  const seats = running.seats.get(seen.kind);
  if (!seats) return [];
  let signals: Signal[] | undefined;
  for (const seat of seats) {
    for (const finding of seat.detector.fold(seat.state, seen, seat.look)) {
      const signal = tell(running.state, seat, finding);
      if (signal) (signals ??= []).push(signal);
    }
  }
  return signals ?? [];
}

/** One look per detector, read at the moment of asking: a fold makes no object per observation. */
function lookOf(
  running: Running,
  { mode, numbers }: { readonly mode: FlowMode; readonly numbers: FlowNumbers },
): Look<FlowNumbers> {
  const { state } = running;
  return {
    numbers,
    get nowMs() {
      return state.nowMs;
    },
    get caution() {
      const { caution } = running.calendarAt(state.nowMs);
      return state.nowMs < state.heightenedUntilMs ? caution * HEIGHTENED : caution;
    },
    get volume() {
      return running.calendarAt(state.nowMs).volume;
    },
    get isOfficeTime() {
      return running.calendarAt(state.nowMs).isOfficeTime;
    },
    isTicketMissing: (kind, ticket) =>
      running.calendarAt(state.nowMs).isTicketMissing(kind, ticket),
    get isBehind() {
      return running.isBehind;
    },
    get knownPairs() {
      return state.pairs.total;
    },
    ring: (source, rail) => ringOf(state.traffic, source, rail),
    usual: (source, rail) => cachedUsual(running, source, rail),
    heighten(untilMs) {
      if (mode === 'act') state.heightenedUntilMs = Math.max(state.heightenedUntilMs, untilMs);
    },
  };
}

const HOUR_MS = 3_600_000;

/** What is usual changes with the hour only. */
function cachedUsual(running: Running, source: FlowSource, rail: string): Usual | undefined {
  const { nowMs, traffic } = running.state;
  const key = `${source} ${rail}`;
  const hour = Math.floor(nowMs / HOUR_MS);
  const known = running.usual.get(key);
  if (known?.hour === hour) return known.usual;
  const usual = usualOf(traffic, { source, rail, atMs: nowMs });
  running.usual.set(key, { hour, usual });
  return usual;
}

/** The signal of a finding; undefined when the same was told a moment ago. In shadow it wishes and does not act. */
function tell(state: FlowState, seat: Seat, finding: Finding): Signal | undefined {
  const { id } = seat.detector;
  const key = [id, finding.code, wishText(finding.act), finding.about ?? ''].join(' ');
  const before = state.told[key];
  if (before !== undefined && state.nowMs - before < REPEAT_MS) return undefined;
  forgetTold(state);
  state.told[key] = state.nowMs;
  const isShadow = seat.mode === 'shadow';
  const act: Act = isShadow ? { kind: 'alert' } : finding.act;
  return {
    detector: id,
    code: finding.code,
    severity: isShadow ? 'P3' : finding.severity,
    atMs: state.nowMs,
    evidence: finding.evidence,
    act,
    ...(scopeOfAct(finding.act) && { wish: { ...finding.act, isShadow } }),
  };
}

function forgetTold({ told, nowMs }: FlowState): void {
  const keys = Object.keys(told);
  if (keys.length < TOLD_MAX) return;
  for (const key of keys) if (nowMs - told[key]! >= REPEAT_MS) delete told[key];
  for (const key of Object.keys(told).slice(0, -TOLD_MAX + 1)) delete told[key];
}
