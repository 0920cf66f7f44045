/** What the parts of the switch share. */
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { Book, BookEvent } from './book.ts';
import type { Chooser } from '../fault/chooser.ts';
import type { FaultRule } from './faults.ts';
import type { Link } from './link.ts';
import type { Peer } from './peers.ts';

/** What can be set while the switch runs, besides the rules per request. */
export interface SwitchSettings {
  /** An outage of the application: connections and 0800 work, nothing financial is taken. */
  readonly isSilent: boolean;
  /** What a request that came before is answered; a 0201 or 0221 always gets the first answer. */
  readonly duplicates: 'code_94' | 'first_answer';
  readonly unknownReversal: '00' | '25';
  readonly transferReversal: 'refused' | 'taken';
}

/** All well. */
export const PLAIN_SETTINGS: SwitchSettings = {
  isSilent: false,
  duplicates: 'code_94',
  unknownReversal: '00',
  transferReversal: 'refused',
};

/** How long the switch waits for the bank, and how it repeats. Source: domain.md 4.8. */
export interface SwitchTimers {
  /** For an 0210, 0230 or 0430. */
  readonly answerMs: number;
  /** First repeat of an advice; each later one waits twice as long, up to `repeatMsMax`. */
  readonly repeatMs: number;
  readonly repeatMsMax: number;
  /** After this the advice goes to people. */
  readonly giveUpMs: number;
}

/** 25 s, then 30 s, 60 s, 120 s … up to a quarter of an hour, for a day. */
export const USUAL_TIMERS: SwitchTimers = {
  answerMs: 25_000,
  repeatMs: 30_000,
  repeatMsMax: 900_000,
  giveUpMs: 86_400_000,
};

/** A code that a customer of a peer shows: it pays once. */
export interface ShownByPeer {
  readonly pan: string;
  readonly limitSen: bigint;
  readonly untilMs: number;
  isUsed: boolean;
}

/** The bank that is connected. */
export interface ConnectedBank {
  /** Three digits. */
  readonly code: string;
  /** Eight digits. */
  readonly nns: string;
}

export interface SwitchContext {
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly seed: string;
  readonly bank: ConnectedBank;
  readonly peers: readonly Peer[];
  /** DE33: the switch itself. */
  readonly switchId: string;
  readonly timers: SwitchTimers;
  readonly book: Book;
  readonly chooser: Chooser<FaultRule>;
  readonly links: readonly Link[];
  /** The first link that is signed on: the others stand by. */
  openLink(): Link | undefined;
  /** Wrong PINs since the last right one, by PAN. */
  readonly pinTries: Map<string, number>;
  /** Codes that customers of the peers show, by their data; of the last ones shown. */
  readonly shown: Map<string, ShownByPeer>;
  readonly stopping: AbortSignal;
  settings: SwitchSettings;
  /** The clock that the bank sees. */
  clock(): number;
  /** Folds an event into the book and keeps it on disk in live mode. */
  record(event: BookEvent): void;
  nextStan(): string;
  /** Counts what is worth knowing and nobody answers for. */
  tally(what: string): void;
  /** Starts work that goes on by itself; a throw of it is a bug and is logged. */
  spawn(work: () => Promise<void>): void;
}
