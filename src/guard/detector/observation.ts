/** What detectors see and say. A detector is a fold over observations: state and thresholds in, state and signals out; no
 * clock, no I/O (I10), so that a backtest over the stored journal and breaks runs the very code that protects. */
import type { StreamEvent } from '../../audit/event.ts';
import type { RailName } from '../../authorisation/instruction.ts';
import type { ReasonClass, Scope } from '../../gate/restriction.ts';
import { scopeText } from '../../gate/scope.ts';
import { railOfEntry, type JournalBody } from '../../rail/journal-entry.ts';
import type { Break } from '../../reconcile/match.ts';
import type { AlarmCode } from '../alarm.ts';
import type { DetectorNumbers } from '../setting.ts';

export type Observation =
  | {
      readonly kind: 'journal';
      readonly atMs: number;
      readonly partition: string;
      readonly position: number;
      readonly body: JournalBody;
    }
  | { readonly kind: 'break'; readonly atMs: number; readonly found: Break }
  /** A journal whose head is behind what we copied. */
  | {
      readonly kind: 'journal_suspect';
      readonly atMs: number;
      readonly partition: string;
      readonly why: 'older';
    }
  /** A row of the event stream, in its order. */
  | { readonly kind: 'event'; readonly atMs: number; readonly event: StreamEvent }
  | {
      readonly kind: 'tick';
      readonly atMs: number;
      /** Of BI-FAST. */
      readonly matchAgeMs: number;
      /** Of the other rails that have a feed. @default none */
      readonly rails?: readonly { readonly rail: RailName; readonly matchAgeMs: number }[];
    };

/** A scope as a detector wishes it: `payee` is an opaque key, `category` a kind of payee. */
export interface WishScope extends Scope {
  readonly payee?: string;
  readonly category?: string;
}

/** What should follow from a signal. `contain.ts` maps it to what restrictions can do, never to anything wider. */
export type Act =
  | { readonly kind: 'alert' }
  | {
      readonly kind: 'cap';
      readonly scope: Scope;
      readonly amountSen: string;
      readonly reasonClass: ReasonClass;
    }
  | {
      readonly kind: 'throttle' | 'hold' | 'step_up' | 'stop';
      readonly scope: WishScope;
      readonly reasonClass: ReasonClass;
    };

/** An act with where it came from. */
export type Wish = Act & { readonly isShadow: boolean };

/** Where an act would hold; undefined for an alert. */
export function scopeOfAct(act: Act): WishScope | undefined {
  return act.kind === 'alert' ? undefined : act.scope;
}

/** `hold bifast · out · payee wYh…`: for texts and to tell two wishes apart. */
export function wishText(act: Act): string {
  const scope = scopeOfAct(act);
  if (!scope) return act.kind;
  const { payee, category } = scope;
  return [
    `${act.kind} ${scopeText(scope)}`,
    ...(payee === undefined ? [] : [`payee ${payee}`]),
    ...(category === undefined ? [] : [`category ${category}`]),
  ].join(' · ');
}

/** What a detector found. All but `alert` become restrictions; every signal is an alert. */
export interface Signal {
  readonly detector: string;
  readonly code: AlarmCode;
  readonly severity: 'P1' | 'P2' | 'P3';
  readonly atMs: number;
  /** Ids that prove it: message ids, line ids, journal positions. */
  readonly evidence: readonly string[];
  readonly act: Act;
  /** What a flow detector wished, also where it watches in shadow. */
  readonly wish?: Wish;
  /** The break behind it. */
  readonly found?: Break;
}

export interface Detector<State> {
  readonly id: string;
  /** JSON-safe: it is stored with the guard's position. */
  readonly start: State;
  fold(
    state: State,
    seen: Observation,
    numbers: DetectorNumbers,
  ): { readonly state: State; readonly signals: readonly Signal[] };
}

/** Where money leaves over the rail that a break is about. */
export function outOf(found: Break): Scope {
  return { rail: railOfEntry(found), direction: 'out' };
}

/** Where money leaves through BI-FAST. */
export const BIFAST_OUT: Scope = { rail: 'bifast', direction: 'out' };
