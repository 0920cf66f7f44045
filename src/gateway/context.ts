/** What the parts of one gateway share. Made once by `start.ts`; holds no logic. */
import type { KeyRing } from '../authorisation/token.ts';
import type { RestrictionHolder, StaffRoster } from '../gate/port.ts';
import type { ThrottleBook } from '../gate/throttle.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { Door } from './door.ts';
import type { Journal } from './journal.ts';
import type { KnockBook } from './knock.ts';
import type { LatchBook } from './latch-book.ts';
import type { TrafficBook } from './traffic.ts';

/** Bounds and paces of a gateway; every one has a reason in `GATEWAY_LIMITS`. */
export interface GatewayLimits {
  readonly inFlightCountMax: number;
  readonly inquiryCountMax: number;
  readonly enquiryCountMax: number;
  readonly forwardCountMax: number;
  readonly pendingCountMax: number;
  readonly feedPollMs: number;
  readonly feedAliveMs: number;
  readonly echoMs: number;
  readonly statementCheckMs: number;
  readonly statementDelayMs: number;
  readonly statusFileMs: number;
  readonly coreTimeoutMs: number;
  /** Minute of the WIB day from which the next business date counts; 1440 = midnight. */
  readonly cutOverMinute: number;
}

/** The bounds in force unless the composition says otherwise. */
export const GATEWAY_LIMITS: GatewayLimits = {
  // Per rail. Each waits up to 10 s for the hub: 500 is 50 a second of a hub that answers nobody.
  inFlightCountMax: 500,
  // T18: how often to ask is core's budget; this only keeps a mad core from flooding the hub.
  inquiryCountMax: 50,
  enquiryCountMax: 100,
  // Notices on their way to core at once.
  forwardCountMax: 64,
  // Notices of one rail that wait for core, in memory; above it its network is told to come again.
  pendingCountMax: 20_000,
  feedPollMs: 1_000,
  feedAliveMs: 5_000,
  echoMs: 60_000,
  statementCheckMs: 60_000,
  statementDelayMs: 60_000,
  statusFileMs: 5_000,
  // Below the 4 s in which the hub wants our answer.
  coreTimeoutMs: 3_500,
  cutOverMinute: 1_440,
};

export interface GatewayContext {
  readonly time: Time;
  readonly log: Log;
  readonly random: Random;
  readonly folder: string;
  readonly partition: string;
  readonly env: 'prod' | 'drill';
  readonly ring: () => KeyRing;
  readonly roster: StaffRoster;
  readonly holder: RestrictionHolder;
  readonly journal: Journal;
  readonly knocks: KnockBook;
  readonly latches: LatchBook;
  readonly throttles: ThrottleBook;
  readonly traffic: TrafficBook;
  readonly door: Door;
  readonly limits: GatewayLimits;
}
