/** What the console API answers about liquidity. Sen as decimal text. */
export interface LookView {
  readonly atMs: number;
  readonly madeAtMs: number;
  readonly heardAtMs: number;
  readonly openingSen: string;
  readonly bookedSen: string;
  readonly freeSen: string;
  readonly expectedMinSen: string | null;
  readonly expectedMaxSen: string | null;
  readonly gapSen: string;
  readonly burnSenPerMinute: string;
  readonly runwayMinutes: number | null;
}

export interface RailLiquidity {
  readonly rail: string;
  /** False: the network tells no position of ours. */
  readonly isTold: boolean;
  readonly ledger: { readonly netSen: string; readonly heldSen: string; readonly atMs: number };
  readonly look: LookView | null;
  readonly points: readonly (readonly [atMs: number, bookedSen: string])[];
}

export interface EntryView {
  readonly id: string;
  readonly rail: string;
  readonly direction: 'top_up' | 'withdrawal';
  readonly amountSen: string;
  readonly reference: string;
  readonly state: 'proposed' | 'done' | 'withdrawn';
  readonly isYours: boolean;
  readonly proposedName: string;
  readonly proposedAtMs: number;
  readonly approvedName: string | null;
  readonly approvedAtMs: number | null;
}

export interface LiquidityView {
  readonly nowMs: number;
  readonly rails: readonly RailLiquidity[];
  readonly entries: readonly EntryView[];
}
