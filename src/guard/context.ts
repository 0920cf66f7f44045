/** What every part of a leading guard shares, and what it remembers between steps. */
import type { KeyObject } from 'node:crypto';
import type { StreamCursor } from '../audit/tail.ts';
import type { Db } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import type { RestrictionSet } from '../gate/restriction.ts';
import type { Explain } from '../incident/status-model.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { Net } from '../kernel/wire.ts';
import type { HubWish } from './contain.ts';
import type { StoredHarm } from './harm-watch.ts';
import type { DetectorStates } from './detector/fold.ts';
import type { CalendarTable } from './flow/calendar.ts';
import type { Flow } from './flow/fold.ts';
import type { Latency } from './flow/latency.ts';
import type { FlowPlace } from './flow/save.ts';
import type { LadderState } from './ladder.ts';
import type { LiquidityLook } from './liquidity.ts';
import type { Measures } from './measure.ts';
import type { Refusal } from './push.ts';
import type { RecentFlows } from './recent.ts';
import type { RailMatches } from './rail-match.ts';
import type { GuardNumbers } from './setting.ts';

/** What the guard is started with. */
export interface GuardInput {
  /** Role pulih_guard. */
  readonly db: Db;
  readonly time: Time;
  readonly net: Net;
  readonly log: Log;
  readonly random: Random;
  readonly bank: BankProfile;
  /** This process's name; two guards may share it. */
  readonly name: string;
  /** Ed25519 private keys: restriction sets, audit checkpoints. */
  readonly setKey: KeyObject;
  readonly auditKey: KeyObject;
  readonly statusFolder: string;
  /** Gateways whose journals are copied; the name is the partition and the net name. */
  readonly gateways: readonly string[];
  /** Processes that only answer others, asked whether they live; @default none */
  readonly watched?: readonly string[];
  /** Fingerprints of our own connector certificates; empty = unknown, then a foreign connector cannot be told apart. */
  readonly connectors: readonly string[];
  /** Staff keys that may sign releases, from disk. */
  readonly roster: StaffRoster;
  readonly isBusinessDecline: (code: string) => boolean;
  readonly explain: Explain;
  /** The 24-hour contact in notices to the public and to regulators. */
  readonly contact: string;
  /** Files on this machine that nobody has a reason to open; planted where they are missing. @default none */
  readonly canaryFiles?: readonly string[];
  /** Replaces single default numbers; rows of `setting` win over both. */
  readonly numbers?: unknown;
}

/** Survives a restart: stored with the guard's position, in the transaction that moved it. JSON-safe. */
export interface Memory {
  readonly cursors: Readonly<Record<string, number>>;
  /** Up to where settled messages were checked for a line in the feed. */
  readonly settledCursors: Readonly<Record<string, number>>;
  readonly eventXid: string;
  readonly eventId: string;
  readonly detectors: DetectorStates;
  readonly wishes: readonly HubWish[];
  readonly ladder: LadderState;
  /** The last entry that proves that the feed is alive. */
  readonly feedAliveAtMs: number;
  readonly feedLagMs: number;
  readonly matchedAtMs: number;
  /** The same of the rails beside BI-FAST; absent in memories from before they were watched. */
  readonly rails?: RailMatches;
  /** An incident whose containment is not confirmed everywhere, and the set that carries it. */
  readonly uncontained?: { readonly incidentId: string; readonly version: number };
}

/** The memory of a guard that starts on an empty database at `nowMs`. */
export function firstMemory(nowMs: number): Memory {
  return {
    cursors: {},
    settledCursors: {},
    eventXid: '0',
    eventId: '0',
    detectors: {},
    wishes: [],
    ladder: {},
    feedAliveAtMs: 0,
    feedLagMs: 0,
    matchedAtMs: nowMs,
  };
}

/** Where the guard stands in the event stream. */
export function eventCursor(memory: Memory): StreamCursor {
  return { xid: BigInt(memory.eventXid), id: BigInt(memory.eventId) };
}

/** Where the guard stands in all that it reads. */
export function placeOf(memory: Memory): FlowPlace {
  const { eventXid, eventId, cursors } = memory;
  return { eventXid, eventId, cursors };
}

/** The hub's yes to one wish. */
export interface HubAnswer extends Pick<HubWish, 'action' | 'target' | 'wantedAtMs'> {
  readonly atMs: number;
}

/** What a leading guard knows without the database; gone at a restart, and rebuilt. */
export interface Reign {
  readonly input: GuardInput;
  numbers: GuardNumbers;
  memory: Memory;
  /** The newest set of ours that is committed, as we made it: the database is not asked what it said. */
  lastSet: RestrictionSet | undefined;
  measures: Measures;
  /** What left in the last hour; gone at a restart. */
  recent: RecentFlows;
  /** What restrictions refuse, and what the meter proposes; `harmSaved` = as it was written last. */
  harm: StoredHarm;
  harmSaved: string | undefined;
  /** The flow detectors; beside the memory because it is large, and saved each minute. */
  flow: Flow;
  /** True from the moment the flow folds a step until that step is known to be whole: then it must be read again. */
  isFlowDoubtful: boolean;
  /** The newest full layer of the flow that is saved. */
  savedLayer: number;
  calendar: CalendarTable;
  /** From an event's time to its fold. */
  readonly latency: Latency;
  /** Per gateway: the last time its journal was read up to the head. */
  readonly readAtMs: Map<string, number>;
  readonly older: Set<string>;
  /** Answers of the hub that wait to be noted. */
  readonly hubAnswers: HubAnswer[];
  /** Tries per wish, for pacing. */
  readonly hubTries: Map<string, { readonly tries: number; readonly nextAtMs: number }>;
  /** Sets that a process would not take, not yet told. */
  readonly refusals: Refusal[];
  /** Gateways whose journal this reign has read to its head, or has failed to. */
  readonly attempted: Set<string>;
  /** D9 counts only after one full try to see, so that a guard that was down does not stop the rail before it has looked. */
  isTried: boolean;
  /** Steps in a row whose report could not be written. */
  reportFailures: number;
  /** A promised update was renewed while the guard could not do its work: the next set that it makes carries it. */
  isSetBehind: boolean;
  /** Our settlement account by the network's own word. */
  liquidity: LiquidityLook | undefined;
  readonly startedAtMs: number;
  /** The end of the last step that worked: without one the guard must not claim to protect. */
  steppedAtMs: number;
}

/** The oldest of the last complete journal reads; 0 while one was never read. */
export function journalReadAtMs(reign: Reign): number {
  return Math.min(...reign.input.gateways.map((name) => reign.readAtMs.get(name) ?? 0));
}

/** Ids of this process. */
export function idMaker(input: Pick<GuardInput, 'time' | 'random'>): (prefix: string) => string {
  return (prefix) => newId(prefix, input.time.now(), input.random);
}
