/** What the processes that enforce restrictions share: the facts a decision needs, the decision, and the holder of the
 * current set. Pure types. */
import type { Restriction, RestrictionSet, SignedSet } from './restriction.ts';

/** One payment as the gate sees it. */
export interface FlowFacts {
  readonly rail: 'bifast' | 'onus' | 'switch' | 'qris' | 'biller';
  readonly direction: 'in' | 'out';
  readonly channel: string;
  /** Counterparty BIC; absent on-us. */
  readonly bank?: string;
  /** As a scope names it: `transfer`, `return`, `qris`, `cash`, or a biller's product. */
  readonly product?: string;
  /** Our customer's. */
  readonly account: string;
  /** The payee's number at its bank; absent where nobody is named yet. Never leaves the decision. */
  readonly payeeAccount?: string;
  /** Opaque names of who pays and who is paid (`payment/party.ts`). Only cores can make them. */
  readonly payer?: string;
  readonly payee?: string;
  readonly merchant?: string;
  readonly amountSen: bigint;
  /** 0–9999, stable per customer. */
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** The strictest word wins: stop over cap over hold over step-up. `admittedBy` = the release whose stage let it pass; `throttles` = the
 * restrictions in whose minute a flow that passes is counted first. */
export type GateDecision =
  | {
      readonly kind: 'allow';
      readonly admittedBy?: string;
      readonly throttles?: readonly Restriction[];
    }
  | { readonly kind: 'stop'; readonly restriction: Restriction }
  | { readonly kind: 'cap'; readonly restriction: Restriction; readonly capSen: bigint }
  | {
      readonly kind: 'hold' | 'step_up';
      readonly restriction: Restriction;
      readonly throttles?: readonly Restriction[];
    };

export type SetRefusal =
  | 'bad_signature'
  | 'malformed'
  | 'older_version'
  | 'older_epoch'
  | 'looser_without_two_people';

/** Keeps the last accepted set, in memory and on disk (static stability: it survives the guard, the database and a restart). */
export interface RestrictionHolder {
  current(): RestrictionSet;
  /** Microseconds; compiled when the set changes. */
  decide(facts: FlowFacts): GateDecision;
  /** Takes a pushed set; durable before it answers. Refuses an older or, without two distinct staff signatures, a looser one (I6). */
  accept(
    signed: SignedSet,
  ): Promise<
    | { readonly ok: true; readonly version: number }
    | { readonly ok: false; readonly reason: SetRefusal }
  >;
  /** Called after each accepted set. */
  onChange(hear: (set: RestrictionSet) => void): void;
}

/** Staff public keys that a process trusts for releases, from its own disk, never from the database: staffId → Ed25519 SPKI PEM. */
export type StaffRoster = Readonly<Record<string, string>>;
