/** What the customer has filled in of a transfer. Lives until it is sent, so that a step back or a refusal loses nothing. */
import { signal } from '@preact/signals';
import type { InFlightPayee } from './in-flight.ts';
import type { Bank, Route, Schedule } from './wire.ts';

export interface Draft {
  readonly bank: Bank | undefined;
  readonly account: string;
  /** How the payee is named: by bank and account, or by a mobile number or e-mail address. */
  readonly by: 'account' | 'proxy';
  /** As typed. */
  readonly proxy: string;
  /** The name check that the payee was confirmed by. */
  readonly checked:
    | {
        readonly id: string;
        readonly name: string;
        readonly bankName: string;
        /** Behind a proxy: where it leads, as far as that is shown. */
        readonly proxy?: { readonly text: string; readonly bank: string; readonly account: string };
      }
    | undefined;
  readonly fromAccount: string | undefined;
  /** Whole rupiah as typed, digits only. */
  readonly rupiah: string;
  readonly remark: string;
  /** The chosen way to another bank; nobody chose while it is left out. */
  readonly route: Route | undefined;
  /** Now, or as a standing order. */
  readonly isLater: boolean;
  readonly repetition: Schedule['repetition'];
  /** `YYYY-MM-DD`, as a date box gives it. */
  readonly firstDate: string;
  readonly end: Schedule['end']['kind'];
  readonly untilDate: string;
  readonly times: string;
}

const EMPTY: Draft = {
  bank: undefined,
  account: '',
  by: 'account',
  proxy: '',
  checked: undefined,
  fromAccount: undefined,
  rupiah: '',
  remark: '',
  route: undefined,
  isLater: false,
  repetition: 'once',
  firstDate: '',
  end: 'never',
  untilDate: '',
  times: '12',
};

/** The transfer being filled in. */
export const draft = signal<Draft>(EMPTY);

/** Changes some fields. Another bank or account needs another name check. */
export function fill(change: Partial<Draft>): void {
  const isOtherPayee =
    change.bank !== undefined ||
    change.account !== undefined ||
    change.proxy !== undefined ||
    change.by !== undefined;
  draft.value = {
    ...draft.value,
    ...(isOtherPayee ? { checked: undefined, route: undefined } : {}),
    ...change,
  };
}

/** Starts anew. */
export function clearDraft(): void {
  draft.value = EMPTY;
}

/** The amount as it travels. */
export function draftAmount(): { readonly value: string; readonly currency: 'IDR' } {
  return { value: `${draft.value.rupiah || '0'}.00`, currency: 'IDR' };
}

/** The chosen way, as it travels; nothing where nobody chose. */
export function draftRoute(): { readonly route?: Route } {
  return draft.value.route ? { route: draft.value.route } : {};
}

/** When, as it travels; what does not belong to the choice is left out. */
export function draftSchedule(): Schedule {
  const { repetition, firstDate, end, untilDate, times } = draft.value;
  if (repetition === 'once' || end === 'never')
    return { repetition, firstDate, end: { kind: 'never' } };
  return {
    repetition,
    firstDate,
    end: end === 'until' ? { kind: end, date: untilDate } : { kind: end, count: Number(times) },
  };
}

/** How the payee travels with the PIN: by account, or by the proxy that was resolved. */
export function draftPayee(): InFlightPayee | undefined {
  const { checked, bank, account } = draft.value;
  if (checked?.proxy) return { bank: checked.proxy.bank, proxy: checked.proxy.text };
  return bank && { bank: bank.bic, account };
}
