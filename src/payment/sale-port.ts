/** What channels may ask of merchants' sales. */
import type { Db } from '../db/pool.ts';
import type { RefundCommand, RefundResult } from './port.ts';
import { selectSale, selectSaleOfCode, selectSales, type Sale } from './store-sale.ts';

/** A merchant's list never holds more: the newest ones. */
export const SALES_MAX = 200;

export interface SalePort {
  /** A sale by its payment. */
  find(paymentId: string): Promise<Sale | undefined>;
  /** The sale that used a dynamic code. */
  findOfCode(codeId: string): Promise<Sale | undefined>;
  /** Of some merchants since an instant (UTC ms), newest first, at most `SALES_MAX`. */
  list(of: {
    readonly merchantIds: readonly string[];
    readonly sinceMs: number;
  }): Promise<readonly Sale[]>;
  /** Gives back: durable when it answers, once per merchant and number. Throws DbFault (unknown: ask again under the same number). */
  refund(command: RefundCommand): Promise<RefundResult>;
}

/** Opens it over the engine's own refund. */
export function openSales(db: Db, refund: SalePort['refund']): SalePort {
  return {
    find: (paymentId) => selectSale(db, paymentId),
    findOfCode: (codeId) => selectSaleOfCode(db, codeId),
    list: (of) => selectSales(db, { ...of, limit: SALES_MAX }),
    refund,
  };
}
