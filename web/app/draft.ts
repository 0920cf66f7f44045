/** What the customer has filled in of a transfer. Lives until it is sent, so that a step back or a refusal loses nothing. */
import { signal } from '@preact/signals';
import type { Bank } from './wire.ts';

export interface Draft {
  readonly bank: Bank | undefined;
  readonly account: string;
  /** The name check that the payee was confirmed by. */
  readonly checked:
    | { readonly id: string; readonly name: string; readonly bankName: string }
    | undefined;
  readonly fromAccount: string | undefined;
  /** Whole rupiah as typed, digits only. */
  readonly rupiah: string;
  readonly remark: string;
}

const EMPTY: Draft = {
  bank: undefined,
  account: '',
  checked: undefined,
  fromAccount: undefined,
  rupiah: '',
  remark: '',
};

/** The transfer being filled in. */
export const draft = signal<Draft>(EMPTY);

/** Changes some fields. Another bank or account needs another name check. */
export function fill(change: Partial<Draft>): void {
  const isOtherPayee = change.bank !== undefined || change.account !== undefined;
  draft.value = { ...draft.value, ...(isOtherPayee ? { checked: undefined } : {}), ...change };
}

/** Starts anew. */
export function clearDraft(): void {
  draft.value = EMPTY;
}

/** The amount as it travels. */
export function draftAmount(): { readonly value: string; readonly currency: 'IDR' } {
  return { value: `${draft.value.rupiah || '0'}.00`, currency: 'IDR' };
}
