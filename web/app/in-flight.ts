/** The one transfer whose answer may be missing. Kept in sessionStorage, so that a reload asks again with the same
 * Idempotency-Key and nothing is paid twice. Never holds the PIN. */
import { signal } from '@preact/signals';
import type { WireAmount } from '../ui/format.ts';
import type { Route } from './wire.ts';

/** Who is paid: by account, or by the proxy that was resolved. */
export interface InFlightPayee {
  readonly bank: string;
  readonly account?: string;
  readonly proxy?: string;
}

export interface InFlight extends InFlightPayee {
  readonly key: string;
  readonly consentId: string;
  readonly amount: { readonly value: string; readonly currency: 'IDR' };
  readonly payeeName: string;
  /** The way that was agreed; left out within our bank. */
  readonly route?: Route;
  /** A bill or a merchant is paid, not a transfer sent. */
  readonly isBill?: true;
}

const PLACE = 'pulih_transfer';
const KEY_BYTES = 16;

/** What may have been sent and has no answer yet. */
export const inFlight = signal<InFlight | undefined>(read());

/** A fresh Idempotency-Key. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Remembers a transfer before its first byte leaves. */
export function remember(transfer: InFlight): void {
  sessionStorage.setItem(PLACE, JSON.stringify(transfer));
  inFlight.value = transfer;
}

/** Forgets it: an answer came, or the customer gave up after the bank said that it has no record. */
export function forget(): void {
  sessionStorage.removeItem(PLACE);
  inFlight.value = undefined;
}

/** What is sent for it. */
export function transferBody(
  transfer: InFlight,
  pin: string,
  answers: readonly string[] = [],
): { readonly [key: string]: string | WireAmount | readonly string[] } {
  const { consentId, bank, account, proxy, amount, route } = transfer;
  return {
    consentId,
    pin,
    bank,
    amount,
    ...(account !== undefined && { account }),
    ...(proxy !== undefined && { proxy }),
    ...(route && { route }),
    ...(answers.length > 0 && { answers }),
  };
}

function read(): InFlight | undefined {
  try {
    const kept = sessionStorage.getItem(PLACE);
    return kept === null ? undefined : (JSON.parse(kept) as InFlight);
  } catch {
    return undefined;
  }
}
