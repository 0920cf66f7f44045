/** A restriction is a typed, durable, versioned object (I6). Owns the types of restrictions, releases and sets; `read.ts` reads them
 * from data, `scope.ts` and `action.ts` compare them. No I/O. */

/** Every dimension left out means "all"; a flow that lacks a fact which a scope names is not in it. */
export interface Scope {
  readonly rail?: (typeof SCOPE_RAILS)[number];
  readonly direction?: (typeof SCOPE_DIRECTIONS)[number];
  readonly channel?: string;
  /** Counterparty BIC. */
  readonly bank?: string;
  /** `transfer`, `return`, `qris`, `cash`, or the code of a biller's product. */
  readonly product?: string;
  readonly account?: string;
  /** A named list of our customers, each by the opaque key that the event stream has of a payer. */
  readonly cohort?: Cohort;
  /** Customers by their stable bucket, 0–9999: inclusive lower and exclusive upper bound. */
  readonly bucketFrom?: number;
  readonly bucketTo?: number;
  /** Payees, each by its opaque key. Cores alone can make keys, so cohorts and payees hold there and not at a gateway. */
  readonly payees?: readonly string[];
  /** Payees of one kind, e.g. accounts of exchanges, wherever they stand. */
  readonly payeeCategory?: PayeeCategory;
  /** Merchant id of the payee, where a merchant is paid. */
  readonly merchant?: string;
  /** Inclusive lower and exclusive upper bound, sen as decimal text. */
  readonly amountFromSen?: string;
  readonly amountToSen?: string;
}

/** What a scope may name, in the order in which it is said. */
export const SCOPE_RAILS = ['bifast', 'onus', 'switch', 'qris', 'biller'] as const;
/** Which way money goes. */
export const SCOPE_DIRECTIONS = ['in', 'out'] as const;

export interface Cohort {
  readonly name: string;
  readonly payers: readonly string[];
}

/** The list is part of the scope and signed with it, so that every process means the same payees by the name. */
export interface PayeeCategory {
  readonly name: string;
  readonly payees: readonly { readonly bank: string; readonly accountPrefix: string }[];
}

/** From the mildest to the strictest. `allow` only watches; `hold` lets a person look before any debit; a throttle counts what
 * passes in each minute of the clock, over all processes together. */
export type RestrictionAction =
  | { readonly kind: 'allow' }
  | { readonly kind: 'step_up' }
  | {
      readonly kind: 'throttle';
      readonly countPerMinute?: number;
      /** Sen as decimal text. */
      readonly amountSenPerMinute?: string;
    }
  | { readonly kind: 'cap'; readonly amountSen: string }
  | { readonly kind: 'hold' }
  | { readonly kind: 'stop' };

export type Throttle = Extract<RestrictionAction, { readonly kind: 'throttle' }>;

/** Who may pass a restriction in recovery: the current stage of a signed plan. */
export interface Admission {
  readonly releaseId: string;
  readonly stage: number;
  /** 0–10000: buckets below pass. */
  readonly bucketsBelow: number;
  readonly staffOnly: boolean;
  /** Sen as decimal text; absent = no cap. */
  readonly capSen?: string;
  readonly sinceMs: number;
}

/** Why, in a word that decides the public wording. `containment` can never be published as maintenance. */
export type ReasonClass = 'containment' | 'technical' | 'partner' | 'maintenance' | 'exercise';

export interface Restriction {
  readonly id: string;
  readonly scope: Scope;
  readonly action: RestrictionAction;
  /** Ladder L0–L5, domain.md 7.6. */
  readonly level: 0 | 1 | 2 | 3 | 4 | 5;
  readonly reasonClass: ReasonClass;
  /** Detector id or `manual`. */
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly placedBy: string;
  readonly isAutomatic: boolean;
  readonly madeAtMs: number;
  /** An automatic one expires into review, never into open. */
  readonly reviewAtMs: number;
  readonly nextUpdateAtMs: number;
  /** What happens when the protection itself cannot be read: closed, or open up to a cap. */
  readonly posture:
    | { readonly kind: 'closed' }
    | { readonly kind: 'open_with_cap'; readonly amountSen: string };
  readonly admission?: Admission;
}

/** One stage of a recovery plan. */
export interface PlanStage {
  readonly name: string;
  readonly staffOnly: boolean;
  /** Share of customers, in hundredths of a percent: 100 = 1 %. */
  readonly bucketsBelow: number;
  readonly capSen?: string;
  readonly dwellMsMin: number;
}

/** What two people sign. The gateway checks every loosening against it. */
export interface ReleasePlan {
  readonly releaseId: string;
  /** The restriction or, for a latch, the latch id named. */
  readonly restrictionId?: string;
  readonly latchId?: string;
  readonly stages: readonly PlanStage[];
  /** Instead of stages: the restriction goes on with this scope, a part of its own. */
  readonly narrowTo?: Scope;
  readonly madeAtMs: number;
  /** The plan cannot start after this instant. */
  readonly startBeforeMs: number;
}

export interface SignedRelease {
  readonly plan: ReleasePlan;
  readonly signatures: readonly { readonly staffId: string; readonly signature: string }[];
  /** `closed` once rolled back or withdrawn: never usable again. `completed` = restriction may be absent. */
  readonly state: 'active' | 'completed' | 'closed';
}

export interface RestrictionSet {
  readonly version: number;
  /** The leader's fencing epoch: a lower one is refused. */
  readonly epoch: number;
  readonly madeAtMs: number;
  readonly restrictions: readonly Restriction[];
  readonly releases: readonly SignedRelease[];
  /** The gateways that share what throttles let pass; absent in sets from before there were throttles. */
  readonly partitions?: Partitions;
}

/** Who shares a throttle, by name in code-point order, since when, and the lists that some gateway may still go by. */
export interface Partitions {
  readonly names: readonly string[];
  readonly before: readonly (readonly string[])[];
  readonly sinceMs: number;
}

/** `body` is the canonical JSON of the set; `signature` Ed25519 by the guard's set key, base64. */
export interface SignedSet {
  readonly body: string;
  readonly signature: string;
}

/** Before any set was accepted. */
export const EMPTY_SET: RestrictionSet = {
  version: 0,
  epoch: 0,
  madeAtMs: 0,
  restrictions: [],
  releases: [],
};
