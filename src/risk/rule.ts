/** What a rule of one payment may know besides limits, what it may say, and what of it is data (ADR 0034). Rules are pure: facts and
 * numbers in, yes or no out; what follows of a yes is the rule's setting. */

/** From the mildest to the strictest. */
export const VERDICTS = ['allow', 'step_up', 'hold', 'refuse'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What became of earlier payments of this payer to this payee, over all networks. */
export interface PairHistory {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lastAmountSen: bigint;
}

/** How the payer's account is used. */
export interface AccountUse {
  /** Transfers of the last half year that were not given up, at most two hundred, and the middle of their amounts (0 for none). */
  readonly pastCount: number;
  readonly medianSen: bigint;
  readonly ageMs: number;
  /** How long ago the last movement before the last day was; where none is known, since the account and the ledger are there. */
  readonly quietMs: number;
  /** Available now: this payment is not taken off. */
  readonly availableSen: bigint;
  /** What came in within the last day. */
  readonly inSen: bigint;
  /** What was sent within the last quarter of an hour, and within the last day; those in flight are in it, this payment is not. */
  readonly outQuarterSen: bigint;
  readonly outDaySen: bigint;
}

/** What is known of the device that a payment is asked for on. */
export interface DeviceUse {
  /** Since this customer first signed in on it; 0 = never. */
  readonly ageMs: number;
  /** The customer signed in on another one before it. */
  readonly hadOther: boolean;
  /** Customers who signed in on it within a month, this one among them. */
  readonly customers: number;
  /** Staff signed in on it within a month, and this customer is none of them. */
  readonly isOfStaff: boolean;
}

/** How a session is used. */
export interface SessionUse {
  /** By the device that opened it. */
  readonly isSame: boolean;
  /** From another network than it was opened from. */
  readonly isMoved: boolean;
}

/** What can stand on the blocked list. */
export const BLOCKED_KINDS = ['account', 'merchant'] as const;
export type BlockedKind = (typeof BLOCKED_KINDS)[number];

/** Which side of a payment is on the blocked list. */
export type BlockedSide = 'payer' | 'payee' | 'merchant';

export interface ScreenFacts {
  readonly channel: string;
  /** The payment's kind or one of `ALL_KINDS`; `merchant` for a payment at a merchant of ours, `merchant_code` for one by a code that ends with it. */
  readonly kind: string;
  readonly amountSen: bigint;
  readonly atMs: number;
  /** Absent: this payer never paid this payee, as far as it is kept. */
  readonly pair?: PairHistory | undefined;
  /** Absent where no rule looks at it, nobody is named, or the payment cannot wait: what was agreed to before is not looked at again. */
  readonly use?: AccountUse | undefined;
  /** Absent where no rule looks at it, or nobody signed in for this payment (a partner's, an order's, a list's). */
  readonly device?: DeviceUse | undefined;
  readonly signed?: SessionUse | undefined;
  readonly blocked: readonly BlockedSide[];
}

/** Thresholds of a rule by name: sen, ms or counts. */
export type Numbers = Readonly<Record<string, bigint>>;

/** What of a rule is data, changed by two people. */
export interface RuleSetting<N extends Numbers = Numbers> {
  readonly action: Exclude<Verdict, 'allow'>;
  /** What a `step_up` becomes where nobody is there to be asked. `allow` is counted, never silent (I8). */
  readonly unasked: Exclude<Verdict, 'step_up'>;
  /** Counted and without effect. */
  readonly isShadow: boolean;
  readonly channels: readonly string[];
  readonly kinds: readonly string[];
  readonly numbers: N;
}

export interface Rule<N extends Numbers = Numbers> {
  /** Names the rule in settings, events, reasons and words. */
  readonly code: string;
  readonly defaults: RuleSetting<N>;
  /** Asks for the history of the pair. */
  readonly readsPair: boolean;
  /** Asks for the use of the payer's account, from the amount on that this number of its own names. */
  readonly readsUseFrom?: Extract<keyof N, string>;
  /** The same for the device. */
  readonly readsDeviceFrom?: Extract<keyof N, string>;
  readonly hits: (facts: ScreenFacts, numbers: N) => boolean;
}

/** Channels in which customers and partners pay, networks bring money and ask for it, and machines of ours. */
export const RISK_CHANNELS = ['mobile', 'snap', 'console', 'synthetic', 'network', 'atm'] as const;
/** Payments that a payer makes to a payee of his choice. */
export const TRANSFER_KINDS = ['onus', 'bifast_out', 'switch_out', 'qris_transfer_out'] as const;
/** The same, and payments at merchants of ours and of other banks. */
export const PAYEE_KINDS = [...TRANSFER_KINDS, 'merchant', 'qris_out'] as const;
/** Everything that leaves a customer's account on request. A `merchant_code` is paid once whoever pays it: nobody is asked about a second time. */
export const OUT_KINDS = [...PAYEE_KINDS, 'merchant_code', 'bill'] as const;
/** The same, and what networks, machines and merchants ask: money that comes in (`credit`, `sale` at a shop of ours), cash out and in at any
 * machine, a code that a customer shows, a merchant's refund. Nobody can be asked or wait there: any word is a refusal. */
export const ALL_KINDS = [
  ...OUT_KINDS,
  'credit',
  'sale',
  'cash',
  'deposit',
  'presented',
  'refund',
] as const;
