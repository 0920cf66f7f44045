/** What channels and the network may ask of the codes that our customers show at a till. Types only. */
import type { GateDecision } from '../gate/port.ts';
import type { Sen } from '../kernel/money.ts';
import type { NoticeAnswer, RailNotice } from '../rail/notice.ts';
import type { OwnScan, OwnScanResult } from './pay-own.ts';
import type { QrisCheckRequest, QrisPresentedRequest } from '../rail/notice-qris.ts';

/** What a till of ours may ask, and what it hears. */
export type { OwnScan, OwnScanResult } from './pay-own.ts';

/** One code, without what it is paid with. */
export interface PresentedCode {
  readonly id: string;
  /** DE2 of its payment: an alias. */
  readonly pan: string;
  readonly customerId: string;
  readonly account: string;
  /** The most that it pays. */
  readonly limitSen: Sen;
  readonly madeAtMs: number;
  readonly validUntilMs: number;
  readonly paymentId?: string;
  readonly cancelledAtMs?: number;
  /** What a till asked for in vain, the last time: DE39 and amount. */
  readonly refused?: { readonly code: string; readonly amountSen: Sen; readonly count: number };
}

/** Where a code stands. */
export type PresentedLife = 'waiting' | 'paid' | 'cancelled' | 'expired' | 'tried_too_often';

/** Why no code is made. */
export type PresentedRefusal =
  | 'account_not_yours'
  | 'amount_not_positive'
  | 'above_rail_cap'
  | 'restricted'
  | 'step_up_needed';

export type PresentedResult =
  | {
      readonly ok: true;
      readonly code: PresentedCode;
      /** Base64. Whoever has it may take the money: said once, kept nowhere, in no log. */
      readonly payload: string;
    }
  | { readonly ok: false; readonly reason: PresentedRefusal; readonly gate?: GateDecision };

/** What a code may be today. */
export interface PresentedTerms {
  readonly limitMaxSen: Sen;
  readonly lifeMs: number;
}

/** What the network asks about these codes. */
export type PresentedNotice =
  | QrisPresentedRequest
  | (QrisCheckRequest & { readonly of: 'presented' });

export interface PresentedCodes {
  terms(): Promise<PresentedTerms>;
  /** Makes a code for one payment, after the PIN; the customer's earlier ones end. Throws DbFault, LedgerBusy. */
  make(input: {
    readonly customerId: string;
    readonly account: string;
    readonly limitSen: Sen;
  }): Promise<PresentedResult>;
  /** A code of the customer's, as it stands now. */
  find(of: {
    readonly customerId: string;
    readonly id: string;
  }): Promise<PresentedCode | undefined>;
  /** Ends a code; as it stands then, which may be paid. Throws DbFault, LedgerBusy. */
  cancel(of: {
    readonly customerId: string;
    readonly id: string;
  }): Promise<PresentedCode | undefined>;
  /** A shop of ours scanned a code of ours: paid within the bank. Durable when it answers. Throws DbFault, LedgerBusy. */
  payOwn(scan: OwnScan): Promise<OwnScanResult>;
  /** Durable when it answers; the same notice gets the same answer. Throws DbFault when the database is gone. */
  take(notice: PresentedNotice): Promise<NoticeAnswer>;
}

/** What these codes answer, out of what networks say. */
export function toPresentedNotice(notice: RailNotice): PresentedNotice | undefined {
  if (notice.kind !== 'request') return undefined;
  if (notice.what === 'qris_presented') return notice;
  return notice.what === 'qris_check' && notice.of === 'presented'
    ? { ...notice, of: notice.of }
    : undefined;
}
