/** The console API's answers, as this face reads them. */
import type { ServiceState } from '../ui/state-mark.tsx';

export interface Scope {
  readonly rail?: string;
  readonly direction?: string;
  readonly channel?: string;
  readonly bank?: string;
  readonly account?: string;
  readonly product?: string;
  readonly cohort?: { readonly name: string; readonly payers: readonly string[] };
  readonly bucketFrom?: number;
  readonly bucketTo?: number;
  readonly payees?: readonly string[];
  readonly payeeCategory?: { readonly name: string };
  readonly merchant?: string;
  readonly amountFromSen?: string;
  readonly amountToSen?: string;
}

/** One merchant of a list. */
export interface MerchantRow {
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly nmid: string;
  readonly merchantClass: string;
  readonly today: { readonly count: number; readonly amountSen: string };
  readonly pendingSen: string;
  readonly refundedTodaySen: string;
  readonly closedAtMs: number | null;
  readonly restrictions: readonly {
    readonly id: string;
    readonly action: string;
    readonly scope: Scope;
  }[];
}

export interface MerchantSale {
  readonly id: string;
  readonly madeAtMs: number;
  readonly state: string;
  readonly terminal: string | null;
  /** Null: a customer of ours. */
  readonly bank: string | null;
  readonly amountSen: string;
  readonly discountSen: string;
  readonly refundedSen: string;
  readonly leftSen: string;
  readonly canRefund: boolean;
}

/** What staff asked about a merchant. */
export interface MerchantRequest {
  readonly id: string;
  readonly kind: string;
  readonly merchantId: string;
  readonly name: string | null;
  readonly opens: {
    readonly nmid: string;
    readonly name: string;
    readonly city: string;
    readonly postalCode: string;
    readonly category: string;
    readonly merchantClass: string;
    readonly settlementAccount: string;
    readonly terminals: readonly string[];
  } | null;
  readonly saleId: string | null;
  readonly amountSen: string | null;
  readonly reason: string;
  readonly askedBy: string;
  readonly isYours: boolean;
  readonly askedAtMs: number;
  readonly decision: string | null;
  readonly decidedBy: string | null;
  readonly refusal: string | null;
  readonly isStuck: boolean;
}

export interface MerchantRequests {
  readonly mayAsk: boolean;
  readonly mayApprove: boolean;
  readonly refundAloneSen: string;
  readonly requests: readonly MerchantRequest[];
}

/** A scanned code that contradicts what is known. */
export interface MerchantWarning {
  readonly merchantId: string | null;
  readonly merchant: string | null;
  readonly nmid: string | null;
  readonly acquirer: string | null;
  readonly warnings: readonly string[];
  readonly scannedBy: string;
  readonly seenAtMs: number;
}

/** One merchant whole. */
export interface MerchantView extends MerchantRow {
  readonly account: string;
  readonly category: string;
  readonly postalCode: string;
  readonly partner: string | null;
  readonly terminals: readonly string[];
  readonly sales: readonly MerchantSale[];
  readonly hasMore: boolean;
}

export interface BoardRow {
  readonly key:
    | 'onus'
    | 'bifast_out'
    | 'bifast_in'
    | 'switch_out'
    | 'switch_in'
    | 'qris_out'
    | 'qris_in'
    | 'bill';
  readonly state: ServiceState;
  readonly count: number;
  readonly valueSen: string;
  readonly settled: number;
  readonly businessDeclines: number;
  readonly technicalDeclines: number;
  readonly open: number;
  readonly unknown: number;
  readonly successBps?: number;
  readonly latencyP95Ms?: number;
  readonly perMinute: readonly number[];
}

export interface Board {
  readonly atMs: number;
  readonly rows: readonly BoardRow[];
  readonly matchAgeMs: number | null;
  readonly breaks: { readonly count: number; readonly valueSen: string };
  readonly position: {
    readonly outSen: string;
    readonly outHeldSen: string;
    readonly inSen: string;
  };
  readonly network: {
    readonly participants: {
      readonly heardAtMs: number | null;
      readonly openCount: number;
      readonly closed: readonly {
        readonly bic: string;
        readonly name: string;
        readonly sinceMs: number;
      }[];
      readonly unknown: readonly string[];
      readonly missing: readonly string[];
    };
    readonly liquidity: {
      readonly state: 'normal' | 'low' | 'short' | 'unknown';
      readonly heardAtMs: number | null;
      readonly freeSen: string | null;
      readonly bookedSen: string | null;
    };
  };
  readonly processes: readonly {
    readonly id: string;
    readonly kind: string;
    readonly isSilent: boolean;
    readonly isCurrent: boolean;
  }[];
  readonly alarms: readonly {
    readonly atMs: number;
    readonly kind: string;
    readonly subject: string;
    readonly data: Record<string, unknown>;
  }[];
}

export interface RestrictionView {
  readonly id: string;
  readonly scope: Scope;
  readonly state: 'active' | 'recovering' | 'lifted';
  readonly level: number;
  readonly reasonClass: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly placedBy: string;
  readonly placedName: string | null;
  readonly stopReason: string | null;
  readonly isAutomatic: boolean;
  readonly madeAtMs: number;
  readonly reviewAtMs: number;
  readonly changedAtMs: number;
  readonly explained: { readonly title: string; readonly text: string };
  readonly harm: {
    readonly good: number;
    readonly goodSen: string;
    readonly suspect: number;
    readonly unproven: number;
    readonly sinceMs: number;
    readonly proposal:
      | { readonly kind: 'narrow'; readonly scope: Scope; readonly spares: number }
      | { readonly kind: 'release'; readonly spares: number }
      | null;
  } | null;
}

export interface Preview {
  readonly stops: readonly string[];
  readonly staysOpen: readonly string[];
  readonly customersPerMinute: number;
  readonly paymentsPerMinute: number;
  readonly healthyPerMinute: number;
  readonly usualPerMinute: number | null;
  readonly openCount: number;
  readonly level: number;
  readonly valuePerMinuteSen: string;
  readonly valueHeldSen: string;
  readonly isWide: boolean;
}

export interface Stage {
  readonly stage: number;
  readonly name: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly verdict: 'pass' | 'fail' | 'not_enough_evidence' | null;
  readonly evidence: {
    readonly settled?: number;
    readonly technicalFailures?: number;
    readonly businessDeclines?: number;
    readonly unknown?: number;
    readonly synthetic?: number;
    readonly unexplainedBreaks?: number;
    readonly elapsedMs?: number;
    readonly reason?: string;
    readonly successBps?: number;
  };
}

export interface ReleaseView {
  readonly id: string;
  readonly target: string;
  readonly state:
    | 'proposed'
    | 'approved'
    | 'running'
    | 'completed'
    | 'rolled_back'
    | 'withdrawn'
    | 'refused';
  readonly note: string;
  readonly plan: {
    readonly narrowTo?: Scope;
    readonly stages: readonly {
      readonly name: string;
      readonly capSen?: string;
      readonly dwellMsMin: number;
    }[];
  };
  readonly proposed: { readonly name: string; readonly atMs: number };
  readonly approved: { readonly name: string; readonly atMs: number } | null;
  readonly youMay: 'approve' | 'withdraw' | 'nothing';
  readonly stages: readonly Stage[];
}

export interface Incidents {
  readonly atMs: number;
  readonly incidents: readonly {
    readonly id: string;
    readonly kind: string;
    readonly rail: string;
    readonly openedAtMs: number;
    readonly containedAtMs: number | null;
    readonly closedAtMs: number | null;
    readonly facts: Record<string, unknown>;
    /** The report that ends it, asked for or agreed to. */
    readonly closing: {
      readonly cause: string;
      readonly remedy: string;
      readonly reference: string;
      readonly askedBy: string;
      readonly isYou: boolean;
      readonly askedAtMs: number;
    } | null;
  }[];
  readonly breaks: readonly {
    readonly id: string;
    readonly kind: string;
    readonly bizMsgIdr: string;
    readonly amountSen: string;
    readonly detail: string;
    readonly openedAtMs: number;
    readonly closedAtMs: number | null;
  }[];
  readonly reviews: readonly {
    readonly id: string;
    readonly amountSen: string;
    readonly madeAtMs: number;
    readonly resolveByMs: number | null;
  }[];
  readonly drills: readonly {
    readonly id: string;
    readonly name: string;
    readonly seed: string;
    readonly ranAtMs: number;
    readonly scorecard: Record<string, unknown> & {
      readonly lost?: string;
      readonly lostAtRisk?: string;
      readonly containMs?: number | null;
      readonly ledgerBalanced?: boolean;
    };
  }[];
}

/** A payment that waits for a person. */
export interface WaitingPayment {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly amountSen: string;
  readonly from: string;
  readonly to: string;
  readonly bank: string | null;
  readonly madeAtMs: number;
  readonly endsAtMs: number;
  readonly reasons: readonly string[];
  readonly restrictionId: string | null;
  readonly asked: { readonly reason: string | null; readonly isYou: boolean } | null;
  /** Successful payments of the same account in the thirty days before. */
  readonly past: {
    readonly count: number;
    readonly maxSen: string | null;
    readonly toPayee: number;
  };
}
