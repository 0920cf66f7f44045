/** From a payment to what its customer sees. Pure. The words of a state are notify's; the steps follow from the state and the
 * times of its events. Nothing here guesses: a payment without a definite answer shows the step it waits at (I2). */
import type { BankProfile } from '../../kernel/bank.ts';
import { maskAccount } from '../../kernel/log.ts';
import { formatIdr, sen } from '../../kernel/money.ts';
import { proxyOfText } from '../../rail/bifast/proxy.ts';
import { paymentStatusText } from '../../notify/status.ts';
import type { Language } from '../../notify/template.ts';
import { RECEIVED_KINDS } from '../../payment/kind.ts';
import type { PaymentView } from '../../payment/port.ts';
import { isFinal, type PaymentState } from '../../payment/state.ts';
import { railReason } from './rail-words.ts';
import { momentText, MOBILE_WORDS, type StepKey } from './words.ts';

export interface WireAmount {
  readonly value: string;
  readonly currency: 'IDR';
}

/** `{ value: "125000.00", currency: "IDR" }`. */
export function wireAmount(amount: bigint): WireAmount {
  return { value: formatIdr(amount), currency: 'IDR' };
}

export interface Reader {
  readonly language: Language;
  readonly nowMs: number;
  readonly bank: BankProfile;
  /** BIC → name. */
  readonly bankNames: ReadonlyMap<string, string>;
  /** Product code → name. */
  readonly billNames: ReadonlyMap<string, string>;
}

/** One payment for a list. */
export function showPayment(payment: PaymentView, reader: Reader) {
  const isIn = isPaidTo(payment);
  return {
    id: payment.id,
    direction: isIn ? ('in' as const) : ('out' as const),
    kind: payment.kind,
    isFinal: isFinal(payment.state) || isDrawn(payment),
    status: paymentStatusText(
      {
        state: payment.state,
        kind: payment.kind,
        totalSen: sen(payment.amountSen + payment.feeSen),
        changedAtMs: payment.changedAtMs,
        ...(payment.promiseAtMs === undefined ? {} : { promiseAtMs: payment.promiseAtMs }),
      },
      reader.language,
    ),
    counterparty: {
      name: nameOf(payment, reader),
      bank: placeOf(payment, reader),
      account: isIn ? payment.debitAccount : paidTo(payment),
    },
    amount: wireAmount(payment.amountSen),
    fee: wireAmount(payment.feeSen),
    // A bill's remark is its product, which stands as the name.
    remark: payment.kind === 'bill' ? '' : payment.remark,
    reference: payment.bizMsgIdr ?? payment.id,
    madeAtMs: payment.madeAtMs,
    changedAtMs: payment.changedAtMs,
    ...(payment.promiseAtMs === undefined ? {} : { promiseAtMs: payment.promiseAtMs }),
  };
}

/** A payee behind a proxy is named by it: the account was never shown in full. */
function paidTo({ creditAccount, creditorProxy }: PaymentView): string {
  const proxy = creditorProxy === undefined ? undefined : proxyOfText(creditorProxy);
  return proxy ? `${maskAccount(creditAccount)} (${proxy.value})` : creditAccount;
}

/** Who the other end is; of a bill, what was paid. */
function nameOf(payment: PaymentView, reader: Reader): string {
  if (payment.kind === 'bill') return reader.billNames.get(payment.remark) ?? payment.remark;
  return comesIn(payment) ? payment.debtorName : payment.creditorName;
}

/** Money that somebody gives the customer: of a network, or a merchant's refund. */
function comesIn({ kind }: PaymentView): boolean {
  return RECEIVED_KINDS.includes(kind) || kind === 'onus_refund';
}

/** Where the other end is: a bank; of a bill, in whose name it is. */
function placeOf(payment: PaymentView, reader: Reader): string {
  const bic = payment.counterpartyBank;
  if (payment.kind === 'bill') return payment.creditorName;
  return bic === undefined ? reader.bank.name : (reader.bankNames.get(bic) ?? bic);
}

export interface StepView {
  readonly key: StepKey;
  readonly label: string;
  readonly state: 'done' | 'now' | 'ahead' | 'failed';
  readonly atMs?: number;
  readonly note?: string;
}

type Plan = readonly (readonly [StepKey, StepView['state']])[];

/** The steps of a payment that leaves through BI-FAST, by state. `sent` is "now" while nobody knows whether it arrived. */
const OUT: Readonly<
  Record<Exclude<PaymentState, 'pending_credit' | 'rejected' | 'returned'>, Plan>
> = {
  new: [
    ['received', 'now'],
    ['debited', 'ahead'],
    ['sent', 'ahead'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  withheld: [
    ['received', 'done'],
    ['debited', 'now'],
    ['sent', 'ahead'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  held: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'now'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  sending: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'now'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  accepted: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'done'],
    ['taken', 'done'],
    ['finished', 'now'],
  ],
  unknown: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'now'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  review: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'now'],
    ['taken', 'ahead'],
    ['finished', 'ahead'],
  ],
  settled: [
    ['received', 'done'],
    ['debited', 'done'],
    ['sent', 'done'],
    ['taken', 'done'],
    ['finished', 'done'],
  ],
  refunded: [
    ['received', 'done'],
    ['debited', 'done'],
    ['failed', 'failed'],
    ['refunded', 'done'],
  ],
  cancelled: [
    ['received', 'done'],
    ['debited', 'done'],
    ['cancelled', 'failed'],
    ['refunded', 'done'],
  ],
  refused: [
    ['received', 'done'],
    ['failed', 'failed'],
  ],
};

const ONUS: Readonly<Partial<Record<PaymentState, Plan>>> = {
  withheld: [
    ['received', 'done'],
    ['debited', 'now'],
    ['finished', 'ahead'],
  ],
  new: [
    ['received', 'now'],
    ['debited', 'ahead'],
    ['finished', 'ahead'],
  ],
  settled: [
    ['received', 'done'],
    ['debited', 'done'],
    ['finished', 'done'],
  ],
  refused: [
    ['received', 'done'],
    ['failed', 'failed'],
  ],
};

const IN: Readonly<Partial<Record<PaymentState, Plan>>> = {
  new: [
    ['announced', 'now'],
    ['credited', 'ahead'],
  ],
  pending_credit: [
    ['announced', 'done'],
    ['credited', 'now'],
  ],
  settled: [
    ['announced', 'done'],
    ['credited', 'done'],
  ],
  rejected: [
    ['announced', 'done'],
    ['failed', 'failed'],
  ],
  returned: [
    ['announced', 'done'],
    ['failed', 'failed'],
  ],
};

/** Events that date a step: the first state that implies it was reached. */
const DATED_BY: Readonly<Record<StepKey, readonly string[]>> = {
  received: [],
  announced: [],
  debited: ['payment.held', 'payment.accepted', 'payment.settled'],
  sent: ['payment.sending', 'payment.accepted', 'payment.settled'],
  taken: ['payment.accepted', 'payment.settled'],
  finished: ['payment.settled'],
  credited: ['payment.settled'],
  failed: ['payment.refunded', 'payment.refused', 'payment.rejected', 'payment.returned'],
  refunded: ['payment.refunded', 'payment.cancelled'],
  cancelled: ['payment.cancelled'],
};

/** The timeline. A step that waits at an unknown outcome says so in words. */
export function showSteps(
  payment: PaymentView,
  input: {
    readonly language: Language;
    readonly times: readonly { readonly kind: string; readonly atMs: number }[];
  },
): readonly StepView[] {
  const words = MOBILE_WORDS[input.language];
  const dateOf = (key: StepKey): number | undefined =>
    DATED_BY[key].length === 0
      ? payment.madeAtMs
      : input.times.find(({ kind }) => DATED_BY[key].includes(kind))?.atMs;
  return planOf(payment).map(([key, state]) => {
    const atMs = state === 'done' || state === 'failed' ? dateOf(key) : undefined;
    const note = noteOf(payment, { state, language: input.language });
    return {
      key,
      label: payment.kind === 'bill' && key === 'taken' ? words.takenByBiller : words.step[key],
      state,
      ...(atMs === undefined ? {} : { atMs }),
      ...(note === undefined ? {} : { note }),
    };
  });
}

/** Whether the customer is who gets it. */
function isPaidTo({ kind }: Pick<PaymentView, 'kind'>): boolean {
  return RECEIVED_KINDS.includes(kind) || kind === 'card_return' || kind === 'atm_deposit';
}

/** Cash that is in the hand, a shop that was paid: what is still to come is between the banks. */
function isDrawn({ kind, state }: Pick<PaymentView, 'kind' | 'state'>): boolean {
  return (kind === 'card_withdrawal' || kind === 'qris_presented') && state === 'accepted';
}

function noteOf(
  payment: PaymentView,
  step: { readonly state: StepView['state']; readonly language: Language },
): string | undefined {
  const words = MOBILE_WORDS[step.language];
  if (step.state === 'failed') return railReason(payment.outcomeCode, step.language);
  if (step.state !== 'now') return undefined;
  if (payment.state === 'unknown') return words.unknownNote;
  if (payment.state === 'withheld') return words.withheldNote;
  return payment.state === 'review' ? words.examinedNote : undefined;
}

/** Nothing is on its way: it is done or refused. */
const AT_ONCE: ReadonlySet<string> = new Set([
  'card_withdrawal',
  'qris_presented',
  'card_fee',
  'atm_withdrawal',
  'atm_deposit_back',
]);

function planOf(payment: PaymentView): Plan {
  if (isDrawn(payment)) return ONUS.settled!;
  if (AT_ONCE.has(payment.kind)) return ONUS[payment.state] ?? outPlan(payment.state);
  if (payment.kind === 'card_return' || payment.kind === 'atm_deposit')
    return IN[payment.state] ?? [['announced', 'now']];
  if (payment.kind === 'onus') return ONUS[payment.state] ?? outPlan(payment.state);
  if (comesIn(payment)) return IN[scannedState(payment)] ?? [['announced', 'now']];
  return outPlan(payment.state);
}

/** Approved by the other bank is to come; refused or never settled did not. */
function scannedState({ kind, state }: PaymentView): PaymentState {
  if (kind !== 'qris_scanned') return state;
  if (state === 'accepted') return 'pending_credit';
  return state === 'refunded' || state === 'cancelled' ? 'rejected' : state;
}

function outPlan(state: PaymentState): Plan {
  return state in OUT ? OUT[state as keyof typeof OUT] : OUT.new;
}

/** The promise under the timeline, with its date when it is not today; said only while the outcome is open. */
export function showPromise(
  payment: PaymentView,
  input: { readonly language: Language; readonly nowMs: number },
): string | undefined {
  if (isFinal(payment.state) || payment.promiseAtMs === undefined) return undefined;
  const words = MOBILE_WORDS[input.language];
  const said = words.promise(momentText({ atMs: payment.promiseAtMs, ...input }));
  return payment.promiseRenewals > 0 ? `${said} ${words.renewed(payment.promiseRenewals)}` : said;
}
