/** Whom a payment of another bank's customer pays, and why it pays nobody. Pure. Source: docs/rail/qris.md, "Being paid by customers of other
 * banks" [own, for the demo]. */
import { wibDate } from '../kernel/time.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { SaleTarget } from '../payment/incoming/sale.ts';
import type { QrisPaymentRequest } from '../rail/notice-qris.ts';
import { nnsOf } from '../rail/qris/code.ts';
import { criteriaOf, decideMdr } from '../rail/qris/mdr.ts';
import { lifeOf } from './examine.ts';
import type { MadeCode, Merchant } from './port.ts';

/** DE39. */
const CODE = { merchant: '03', amount: '13', codeOver: '54', aboveCap: '61' } as const;

export interface SaleFacts {
  /** Of the message's merchant PAN. */
  readonly merchant: Merchant | undefined;
  /** Of the message's reference (62-05). */
  readonly code: MadeCode | undefined;
  /** Who made that code. */
  readonly partner: { readonly id: string; readonly referenceNo: string } | undefined;
  readonly ownNns: string;
  readonly capSen: Sen;
  readonly nowMs: number;
}

/** Decides. That a dynamic code pays once is the ledger's to say, under its lock. */
export function decideSale(notice: QrisPaymentRequest, facts: SaleFacts): SaleTarget {
  const { merchant, code } = facts;
  const amountSen = sen(BigInt(notice.amountSen));
  const isOurs =
    merchant !== undefined &&
    merchant.closedAtMs === undefined &&
    nnsOf(notice.merchantPan) === facts.ownNns &&
    (notice.nmid === undefined || notice.nmid === merchant.nmid) &&
    notice.criteria === criteriaOf(merchant.merchantClass);
  if (!isOurs) return no(CODE.merchant);
  if (amountSen > facts.capSen) return no(CODE.aboveCap);
  // None of our codes asks for a tip.
  if (notice.tipSen !== '0') return no(CODE.amount);
  if (notice.reference === undefined) return yes(notice, facts, merchant);
  // A reference that we did not give this merchant is a code that somebody else made.
  if (!code || code.merchantId !== merchant.id) return no(CODE.merchant);
  if (code.amountSen !== amountSen) return no(CODE.amount);
  return lifeOf(code, facts.nowMs) === 'expired' ? no(CODE.codeOver) : yes(notice, facts, merchant);
}

function yes(notice: QrisPaymentRequest, facts: SaleFacts, merchant: Merchant): SaleTarget {
  const { code, partner } = facts;
  const { merchantClass, settlementAccount: account, name } = merchant;
  const amountSen = sen(BigInt(notice.amountSen));
  const terminal = code?.terminal ?? terminalOf(notice, merchant);
  const told = partner && partner.id === merchant.partnerId ? partner : ownPartner(merchant);
  return {
    ok: true,
    account,
    name,
    terms: {
      id: merchant.id,
      nmid: merchant.nmid,
      mdrSen: decideMdr({ merchantClass, amountSen, onDay: wibDate(facts.nowMs) }),
      ...(terminal !== undefined && { terminal }),
      ...(told && { partner: told }),
      ...(code && { code: { id: code.id, validUntilMs: code.validUntilMs ?? 0 } }),
    },
  };
}

function ownPartner({ partnerId }: Merchant): { readonly id: string } | undefined {
  return partnerId === undefined ? undefined : { id: partnerId };
}

/** The shortest DE41 that there is: a longer label is cut to it. */
const TERMINAL_CHARACTERS = 8;

/** DE41 holds what of 62-07 fits in it; the end may be filled. */
function terminalOf({ terminal }: QrisPaymentRequest, merchant: Merchant): string | undefined {
  const label = terminal.trimEnd();
  const isCut = label.length >= TERMINAL_CHARACTERS;
  return merchant.terminals.find((one) => one === label || (isCut && one.startsWith(label)));
}

function no(code: string): SaleTarget {
  return { ok: false, code };
}
