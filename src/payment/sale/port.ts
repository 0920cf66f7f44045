/** What channels may ask of merchants' sales. */
import type { Db } from '../../db/pool.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { QrisPaymentRequest } from '../../rail/notice-qris.ts';
import type { RefundCommand, RefundResult } from '../port.ts';
import { numberOf } from '../kind.ts';
import type { SaleTarget } from '../incoming/sale.ts';
import type { ScanCommand, ScanResult } from './scan.ts';
import type { PaymentSettings } from '../settings.ts';
import {
  selectSale,
  selectSaleOfCode,
  selectSales,
  selectTotals,
  type Sale,
  type SaleTotals,
} from './store.ts';

/** A merchant's list never holds more: the newest ones. */
export const SALES_MAX = 100;
const DAY_MS = 86_400_000;
/** No network takes longer to settle, long holidays included. */
const PENDING_DAYS_MAX = 14;

export interface SalePort {
  /** A sale by its payment. */
  find(paymentId: string): Promise<Sale | undefined>;
  /** The sale that used a dynamic code. */
  findOfCode(codeId: string): Promise<Sale | undefined>;
  /** Of a merchant since an instant (UTC ms), newest first, at most `SALES_MAX`. */
  list(of: { readonly merchantId: string; readonly sinceMs: number }): Promise<readonly Sale[]>;
  /** What was sold since an instant, and what is pending now; merchants without either are absent. */
  totals(of: {
    readonly merchantIds: readonly string[];
    readonly sinceMs: number;
  }): Promise<readonly SaleTotals[]>;
  /** For how long a sale may be given back. */
  refundWindowMs(): Promise<number>;
  /** Up to here one member of staff gives back alone. */
  refundAloneSen(): Promise<Sen>;
  /** A payment by a customer of another bank to the merchant that was found. Durable when it answers. Throws DbFault. */
  receive(notice: QrisPaymentRequest, target: SaleTarget): Promise<NoticeAnswer>;
  /** Asks another bank for the money of the code that its customer showed to a merchant of ours. Throws DbFault (unknown: ask again under the
   * same key). */
  scan(command: ScanCommand): Promise<ScanResult>;
  /** Gives back: durable when it answers, once per merchant and number. Throws DbFault (unknown: ask again under the same number). */
  refund(command: RefundCommand): Promise<RefundResult>;
}

/** Opens it over the engine's own refund. */
export function openSales(
  db: Db,
  of: {
    readonly refund: SalePort['refund'];
    readonly receive: SalePort['receive'];
    readonly scan: SalePort['scan'];
    readonly settings: () => Promise<PaymentSettings>;
  },
): SalePort {
  return {
    find: (paymentId) => selectSale(db, paymentId),
    findOfCode: (codeId) => selectSaleOfCode(db, codeId),
    list: ({ merchantId, sinceMs }) =>
      selectSales(db, { merchantIds: [merchantId], sinceMs, limit: SALES_MAX }),
    totals: ({ merchantIds, sinceMs }) =>
      selectTotals(db, {
        merchantIds,
        sinceMs,
        pendingSinceMs: sinceMs - PENDING_DAYS_MAX * DAY_MS,
      }),
    refundWindowMs: async () => numberOf(await of.settings(), 'refundWindowMs'),
    refundAloneSen: async () => sen((await of.settings()).refundAloneSen),
    receive: of.receive,
    scan: of.scan,
    refund: of.refund,
  };
}
