import { signal } from '@preact/signals';

/** True while the customer keeps balances from the eyes of others, on every screen. */
export const isBalanceHidden = signal(false);
