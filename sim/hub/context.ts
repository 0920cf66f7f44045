/** What the parts of the hub share. */
import type { KeyObject } from 'node:crypto';
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import { businessDate, type Time } from '../../src/kernel/time.ts';
import type { WireClient, WireResponse } from '../../src/kernel/wire.ts';
import type { Book, BookEvent } from './book.ts';
import type { Counters } from './counter.ts';
import type { Chooser } from '../fault/chooser.ts';
import type { openBadCaller } from '../fault/exchange.ts';
import type { FaultRule } from './faults.ts';
import { HUB_BIC, type Participant } from './participant.ts';
import { makeIds, type Ids } from './render.ts';

/** What can be set while the hub runs. */
export interface HubFaults {
  /** Settled lines show in the feed this much later; they are in the statement all the same. */
  readonly feedLagMs: number;
  /** Scheme cap of one transfer; undefined = the hub does not look, as on the path of 29 March 2025. */
  readonly amountMaxSen: bigint | undefined;
  /** Settled lines are told as camt.054 too, besides the feed. */
  readonly areLinesPushed: boolean;
  /** The statement of a date lacks its last line, though its sums count it. */
  readonly isStatementShort: boolean;
}

export interface HubContext {
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly book: Book;
  readonly counters: Counters;
  readonly messageKey: KeyObject;
  readonly bankKeys: Readonly<Record<string, KeyObject>>;
  readonly participants: ReadonlyMap<string, Participant>;
  /** By BIC, for banks with an endpoint. */
  readonly clients: ReadonlyMap<string, WireClient>;
  /** Minute of the WIB day from which the next business date counts; 1440 = midnight. */
  readonly cutOverMinute: number;
  readonly stopping: AbortSignal;
  faults: HubFaults;
  readonly chooser: Chooser<FaultRule>;
  /** Calls a bank over whatever line the rules say. */
  readonly callBank: ReturnType<typeof openBadCaller<WireResponse>>;
  /** Folds an event into the book and keeps it on disk in live mode. */
  record(event: BookEvent): void;
  /** Lets go of the book's file, when nothing records any more. */
  closeBook(): void;
  /** The next number for the hub's own identifiers and those of the banks that it plays. */
  nextSequence(): number;
  /** Starts work that goes on after the answer; a throw of it is a bug and is logged. */
  spawn(work: () => Promise<void>): void;
}

/** Both identifiers of a message of the hub's own. */
export function hubIds(
  hub: HubContext,
  input: { readonly trxType: string; readonly originator: 'R' | 'H'; readonly channel: string },
): Ids {
  return makeIds({
    nowMs: hub.time.now(),
    bic: HUB_BIC,
    sequence: hub.nextSequence(),
    ...input,
  });
}

/** A message of the old date is still taken this long after the cut-over, so that nobody loses a race with midnight. */
export const DATE_GRACE_MS = 60_000;

/** The business date now. */
export function hubDate(hub: HubContext): string {
  return businessDate(hub.time.now(), hub.cutOverMinute);
}

/** True once nothing new is taken for `date`. */
export function isDateOver(hub: HubContext, date: string): boolean {
  return businessDate(hub.time.now() - DATE_GRACE_MS, hub.cutOverMinute) > date;
}

/** True while a message may carry `date`. */
export function isDateOpen(hub: HubContext, date: string): boolean {
  return date <= hubDate(hub) && !isDateOver(hub, date);
}
