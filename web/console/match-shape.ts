/** What the console API answers about a business date. Sen as decimal text. */
export interface SideView {
  readonly count: number;
  readonly valueSen?: string;
}

export interface BreakView {
  readonly id: string;
  readonly rail: string;
  readonly kind: string;
  readonly bizMsgIdr: string;
  readonly amountSen: string;
  readonly reason: string;
  readonly openedAtMs: number;
  readonly owner: string | null;
  readonly isYours: boolean;
  readonly notes: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly note: string;
  }[];
  readonly proposal: {
    readonly id: string;
    readonly debitAccount: string | null;
    readonly creditAccount: string | null;
    readonly amountSen: string | null;
    readonly reason: string;
    readonly by: string;
    readonly atMs: number;
    readonly isYours: boolean;
  } | null;
}

export interface AccountView {
  readonly number: string;
  readonly book: string;
  readonly name: string;
}

export interface MatchView {
  readonly businessDate: string;
  readonly atMs: number;
  readonly nowMs: number;
  readonly matchAgeMs: number | null;
  /** By rail; absent = its feed was never heard. */
  readonly railMatchAges: Readonly<Record<string, number>>;
  readonly figures: readonly {
    readonly rail: string;
    readonly direction: 'out' | 'in';
    readonly ledger: SideView;
    readonly gateway: SideView;
    readonly settlement: SideView;
    readonly waiting: SideView;
    readonly withoutLine: SideView;
    readonly differenceCount: number;
    readonly differenceSen: string;
  }[];
  readonly rails: readonly {
    readonly rail: string;
    readonly statementAtMs?: number;
    readonly isProven: boolean;
  }[];
  readonly accounts: readonly AccountView[];
  readonly breaks: readonly BreakView[];
}
