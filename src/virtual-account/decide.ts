/** Whether a virtual account may be paid, and with how much. Pure. Source: domain.md 3.6, 5.3. */
import type { Sen } from '../kernel/money.ts';

/** What a virtual account asks: one exact amount once; anything; parts of a total; at least or at most so much, again and again. */
export const VA_KINDS = ['closed', 'open', 'partial', 'min', 'max'] as const;
export type VaKind = (typeof VA_KINDS)[number];

/** A virtual account as the bank holds it. Times UTC ms. */
export interface VirtualAccount {
  readonly number: string;
  readonly serviceId: string;
  readonly customerNo: string;
  readonly name: string;
  readonly kind: VaKind;
  /** Absent for `open` only. */
  readonly amountSen?: Sen;
  readonly expiresAtMs?: number;
  /** Bill details as the corporate gave them, JSON text of a list. */
  readonly bills: string;
  readonly trxId: string;
  readonly paidSen: Sen;
  readonly paidCount: bigint;
  /** The corporate, and the account that its payments go to. */
  readonly partnerId: string;
  readonly account: string;
}

/** `invalid`: there is none such. `already_paid`: nothing is asked any more. */
export type VaRefusal = 'invalid' | 'already_paid' | 'expired' | 'wrong_amount';

/** Judges a virtual account at an instant; with an amount also that. Undefined: it may be paid. Paid comes before expired, so that a
 * payer who paid in time is told so for ever. */
export function refuseVa(
  va: VirtualAccount | undefined,
  ask: { readonly nowMs: number; readonly amountSen?: Sen },
): VaRefusal | undefined {
  if (!va) return 'invalid';
  if (isPaid(va)) return 'already_paid';
  if (va.expiresAtMs !== undefined && va.expiresAtMs <= ask.nowMs) return 'expired';
  if (ask.amountSen === undefined || fits(va, ask.amountSen)) return undefined;
  return 'wrong_amount';
}

/** What is still asked in all; undefined where there is no total. */
export function leftOf(
  va: Pick<VirtualAccount, 'kind' | 'amountSen' | 'paidSen'>,
): Sen | undefined {
  const hasTotal = va.kind === 'closed' || va.kind === 'partial';
  return hasTotal ? ((va.amountSen! - va.paidSen) as Sen) : undefined;
}

function isPaid(va: VirtualAccount): boolean {
  return leftOf(va) === 0n;
}

function fits(va: VirtualAccount, amountSen: Sen): boolean {
  if (amountSen <= 0n) return false;
  switch (va.kind) {
    case 'open':
      return true;
    case 'closed':
      return amountSen === va.amountSen;
    case 'partial':
      return amountSen <= leftOf(va)!;
    case 'min':
      return amountSen >= va.amountSen!;
    case 'max':
      return amountSen <= va.amountSen!;
  }
}
