/** What stands beside the fake engine where a test needs none of it. */
import { sen } from '../../kernel/money.ts';
import { readProducts } from '../../rail/biller/product.ts';
import type { MobileDeps } from './port.ts';

/** Sales beside the fake engine: none. */
export const NO_SALES: MobileDeps['sales'] = {
  find: async () => undefined,
  findOfCode: async () => undefined,
  list: async () => [],
  totals: async () => [],
  refundWindowMs: async () => 0,
  refundAloneSen: async () => sen(0n),
  receive: async () => ({ taken: true, approved: false, code: '57' }),
  scan: async () => ({ ok: false, reason: 'restricted' }),
  refund: async () => ({ ok: false, reason: 'sale_not_found' }),
};

/** Shown codes beside the fake engine: none is made. */
export const NO_PRESENTED: MobileDeps['presented'] = {
  terms: async () => ({ limitMaxSen: sen(0n), lifeMs: 0 }),
  make: async () => ({ ok: false, reason: 'restricted' }),
  find: async () => undefined,
  cancel: async () => undefined,
  payOwn: async () => ({ ok: false, reason: 'code_unknown' }),
};

/** Bills beside the fake engine: none that could be paid. */
export const NO_BILLS: MobileDeps['bills'] = {
  products: readProducts().products,
  inquire: async () => ({ found: 'unknown', reason: 'no_answer' }),
  inquiry: async () => undefined,
  quote: async () => ({ open: false, kind: 'bill', reason: 'inquiry_unknown', feeSen: sen(0n) }),
  pay: async () => ({ ok: false, repeated: false, reason: 'inquiry_unknown' }),
  find: async () => undefined,
};
