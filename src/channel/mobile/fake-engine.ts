/** A payment engine in memory, for the tests of this channel: the answers of the port, steered by the test. Never composed. */
import { rupiah, sen } from '../../kernel/money.ts';
import type { Restriction } from '../../gate/restriction.ts';
import type { Time } from '../../kernel/time.ts';
import {
  TRANSFER_ROUTES,
  type NameCheck,
  type PaymentView,
  type SubmitRefusal,
  type SubmitResult,
  type TransferCommand,
} from '../../payment/port.ts';
import type { PaymentState } from '../../payment/state.ts';
import type { MobileDeps } from './port.ts';

export interface FakeEngine extends Readonly<MobileDeps['engine']> {
  readonly commands: TransferCommand[];
  readonly payments: Map<string, PaymentView>;
  /** What the next calls answer. */
  readonly say: {
    restriction?: Restriction;
    refusal?: SubmitRefusal;
    /** What a quote says already. */
    quoteRefusal?: SubmitRefusal;
    name: NameCheck;
    state: PaymentState;
    feeSen: bigint;
    /** Thrown by `submit` after it has recorded the payment: the answer got lost. */
    fault?: Error;
  };
}

/** Starts with a known name, a fee of Rp2.500 and payments that settle at once. */
export function fakeEngine(input: { readonly time: Time; readonly ourBic: string }): FakeEngine {
  const byKey = new Map<string, PaymentView>();
  const payments = new Map<string, PaymentView>();
  const commands: TransferCommand[] = [];
  const say: FakeEngine['say'] = {
    name: {
      found: true,
      name: 'SITI RAHAYU',
      accountType: 'SVGS',
      bankName: 'Bank Negara Indonesia',
    },
    state: 'settled',
    feeSen: rupiah(2_500),
  };
  const submit = async (command: TransferCommand): Promise<SubmitResult> => {
    commands.push(command);
    const known = byKey.get(command.key);
    if (known) return { ok: true, repeated: true, payment: known };
    if (say.refusal)
      return {
        ok: false,
        repeated: false,
        reason: say.refusal,
        ...(say.restriction ? { restriction: say.restriction } : {}),
      };
    const payment = paymentOf(command, {
      number: payments.size + 1,
      nowMs: input.time.now(),
      isOnus: command.creditorBank === input.ourBic,
      say,
    });
    byKey.set(command.key, payment);
    payments.set(payment.id, payment);
    if (say.fault) throw say.fault;
    return { ok: true, repeated: false, payment };
  };
  const quote: FakeEngine['quote'] = async ({ creditorBank, route }) => {
    const kind =
      creditorBank === input.ourBic ? 'onus' : route === 'switch' ? 'switch_out' : 'bifast_out';
    const feeSen = sen(kind === 'onus' ? 0n : say.feeSen);
    if (kind === 'bifast_out' && say.restriction)
      return { open: false, kind, reason: 'restricted', restriction: say.restriction, feeSen };
    if (say.quoteRefusal) return { open: false, kind, reason: say.quoteRefusal, feeSen };
    return { open: true, kind, feeSen, capSen: rupiah(250_000_000) };
  };
  return {
    commands,
    payments,
    say,
    submit,
    awaitOutcome: async (id) => payments.get(id)!,
    quote,
    offers: (asked) => offersOf(quote, asked),
    checkName: async () => say.name,
    find: async (id) => payments.get(id),
    listOfCustomer: async (customerId, beforeMs) =>
      [...payments.values()]
        .filter(
          (payment) =>
            payment.customerId === customerId && payment.madeAtMs < (beforeMs ?? Infinity),
        )
        .sort((a, b) => b.madeAtMs - a.madeAtMs)
        .slice(0, 50),
  };
}

function offersOf(
  quote: FakeEngine['quote'],
  asked: Parameters<FakeEngine['offers']>[0],
): ReturnType<FakeEngine['offers']> {
  const health = { count: 0, usualMs: 10_000 };
  return Promise.all(
    TRANSFER_ROUTES.map(async (route) => ({
      route,
      quote: await quote({ ...asked, route }),
      health,
    })),
  );
}

function paymentOf(
  command: TransferCommand,
  made: {
    readonly number: number;
    readonly nowMs: number;
    readonly isOnus: boolean;
    readonly say: FakeEngine['say'];
  },
): PaymentView {
  const { isOnus, nowMs, say } = made;
  return {
    id: `pay_${String(made.number).padStart(26, '0')}`,
    kind: isOnus ? 'onus' : 'bifast_out',
    channel: command.channel,
    state: isOnus ? 'settled' : say.state,
    ...(command.customerId === undefined ? {} : { customerId: command.customerId }),
    debitAccount: command.debitAccount,
    creditAccount: command.creditorAccount,
    debtorName: 'BUDI SANTOSO',
    creditorName: command.creditorName,
    ...(isOnus
      ? {}
      : { counterpartyBank: command.creditorBank, bizMsgIdr: '20261125PULHIDJA010O0100000042' }),
    amountSen: command.amount,
    feeSen: sen(isOnus ? 0n : say.feeSen),
    remark: command.remark,
    madeAtMs: nowMs,
    changedAtMs: nowMs,
    promiseAtMs: nowMs + 3_600_000,
    promiseRenewals: 0,
    businessDate: '2026-11-25',
    valueDate: '2026-11-25',
  };
}
