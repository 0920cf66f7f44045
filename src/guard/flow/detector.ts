/** What a flow detector is. Like every detector it is a fold over the ordered stream (I10); because its windows are large its state is
 * changed in place, belongs to one flow and is saved as JSON every minute (ADR 0027). A new detector is a file here beside the others,
 * its line in `list.ts`, its alarm code and its page. */
import type { AlarmCode } from '../alarm.ts';
import type { Act, Signal } from '../detector/observation.ts';
import type { Usual } from './baseline.ts';
import type { Ring } from './ring.ts';
import type { FlowSeen } from './seen.ts';

/** Thresholds and windows by name, with the unit last: rows of `setting` replace single ones. */
export type FlowNumbers = Readonly<Record<string, number>>;

/** One stream of money that leaves: what core made, or what the settlement feed says has moved. */
export type FlowSource = 'made' | 'settled';

/** What a detector may know beside its own state. No clock: `nowMs` is the newest time that was seen. */
export interface Look<Numbers extends FlowNumbers> {
  readonly nowMs: number;
  readonly numbers: Numbers;
  /** What thresholds are multiplied with: nights, weekends, holidays, and after a privileged change. At most 1. */
  readonly caution: number;
  /** What usual traffic is multiplied with: paydays, THR, the eve of Eid. At least 1. */
  readonly volume: number;
  /** Minutes of one source and rail; empty where nothing was seen. */
  ring(source: FlowSource, rail: string): Ring | undefined;
  /** The usual minute at this hour of the week; undefined = not learned yet. */
  usual(source: FlowSource, rail: string): Usual | undefined;
  /** Office hours of a day on which the bank works and changes are not frozen. */
  readonly isOfficeTime: boolean;
  /** Whether a change of this kind lacks the order that it must name. */
  isTicketMissing(kind: string, ticket: string | undefined): boolean;
  /** True while the stream and the journals are read in full pages: one may be minutes ahead of the other, and what is missing proves nothing. */
  readonly isBehind: boolean;
  /** How many pairs of payer and payee are known: novelty means nothing while few are. */
  readonly knownPairs: number;
  /** From now until then thresholds are halved (D20). */
  heighten(untilMs: number): void;
}

/** What a detector found; the fold adds who found it and when, and leaves out what was said a moment ago. */
export interface Finding {
  readonly code: AlarmCode;
  readonly severity: Signal['severity'];
  /** Ids and figures that prove it: payment ids, opaque keys, `per_minute=42`. */
  readonly evidence: readonly string[];
  /** Findings of one code about different things are told each; @default its scope tells them apart. */
  readonly about?: string;
  /** The smallest scope that cuts it. */
  readonly act: Act;
}

export interface FlowDetector<State, Numbers extends FlowNumbers = FlowNumbers> {
  readonly id: `D${number}`;
  /** A state of another version is begun anew when it is loaded. @default 1 */
  readonly version?: number;
  /** What it is shown; all else passes it by. */
  readonly sees: readonly FlowSeen['kind'][];
  /** The thresholds until a setting says otherwise, with their source in the docstring. */
  readonly numbers: Numbers;
  /** JSON-safe and bounded. */
  start(): State;
  /** What is left of a state when the guard's clock had run ahead and is back: no time in it may lie after `nowMs`. @default begun anew */
  rewind?(state: State, nowMs: number): State;
  /** Folds one observation into the state, in place. */
  fold(state: State, seen: FlowSeen, look: Look<Numbers>): readonly Finding[];
}

/** Nothing to say. */
export const QUIET: readonly Finding[] = [];

/** A detector whose state and numbers only it knows. */
export type AnyFlowDetector = FlowDetector<unknown, never>;

/** Forgets the types of a detector's own state and numbers, for the list. */
export function listed<State, Numbers extends FlowNumbers>(
  detector: FlowDetector<State, Numbers>,
): AnyFlowDetector {
  // The fold hands each detector only the state that it started itself and its own numbers.
  return detector as unknown as AnyFlowDetector;
}
