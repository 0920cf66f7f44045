/** What the demo sets other than a bank would. Empty = the defaults of `payment/settings.ts`. */
import type { PaymentSettings } from '../payment/settings.ts';

/** Settings under the versioned rows of the database. */
export function demoSettings(): Partial<PaymentSettings> {
  return {};
}
