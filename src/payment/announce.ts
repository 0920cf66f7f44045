/** The first event of a payment: what its row says, and what detectors must know besides of who pays whom. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import { throttlesOf } from '../gate/action.ts';
import type { GateDecision } from '../gate/port.ts';
import type { Posted } from '../ledger/port.ts';
import { payeeCategory } from './category.ts';
import type { PaymentContext } from './context.ts';
import { paymentEvent } from './event.ts';
import { PAYMENT_KINDS } from './kind.ts';
import type { ChannelProof } from './port.ts';
import type { PaymentRow } from './row.ts';

/** The events of a payment that is made. Only what was posted knows what is left. */
export type Announce = (row: PaymentRow, posted: Posted) => readonly EventDraft[];

/** Announces a payment that somebody asked for. Data beside those of `paymentEvent`: `payer` and `payee` (keys, never numbers),
 * `category` of the payee where its number says it, `consentId`, `leftPerMille` (what the payer has left of what was there before),
 * `isAscending` (domain.md 7.5, D16), and `extra`: of a refusal by a restriction, its id. */
export function announcer(
  context: Pick<PaymentContext, 'bank' | 'parties'>,
  made: Pick<PaymentRow, 'kind' | 'channel' | 'debitAccount'>,
  extra: Readonly<Record<string, unknown>> = {},
): Announce {
  const isOut = PAYMENT_KINDS[made.kind].direction === 'out';
  // Once per payment, however often its transaction is tried.
  const isAscending = isOut && context.parties.isAscending(made.channel, made.debitAccount);
  return (row, { leftSen }) => [
    paymentEvent(row, row.madeAtMs, row.state, {
      ...partiesOf(context, row),
      ...extra,
      ...(isOut && { isAscending, consentId: row.consentId }),
      ...(isOut && leftSen !== undefined && { leftPerMille: leftOf(row, leftSen) }),
    }),
  ];
}

/** What the channel proved, as the stream may know it: keys of session and device, and when the PIN was right (domain.md 7.5, D15). */
export function proofFacts(
  { parties }: Pick<PaymentContext, 'parties'>,
  proof: ChannelProof | undefined,
): Readonly<Record<string, unknown>> {
  if (!proof) return {};
  if (proof.kind !== 'session') return { proof: proof.kind, proofId: proof.id };
  return {
    proof: proof.kind,
    session: parties.keyOf({ bank: 'session', account: proof.session }),
    device: parties.keyOf({ bank: 'device', account: proof.device }),
    pinAtMs: proof.pinAtMs,
  };
}

function partiesOf(
  { bank, parties }: Pick<PaymentContext, 'bank' | 'parties'>,
  row: PaymentRow,
): Readonly<Record<string, unknown>> {
  const theirs = row.counterpartyBank ?? bank.bic;
  const isOut = PAYMENT_KINDS[row.kind].direction === 'out';
  const payee = { bank: isOut ? theirs : bank.bic, account: row.creditAccount };
  return {
    payer: parties.keyOf({ bank: isOut ? bank.bic : theirs, account: row.debitAccount }),
    payee: parties.keyOf(payee),
    category: payeeCategory(payee),
  };
}

/** Thousandths of what was available before, 0 when nothing is left. */
function leftOf({ amountSen, feeSen }: PaymentRow, leftSen: bigint): number {
  const before = leftSen + amountSen + feeSen;
  return before <= 0n || leftSen <= 0n ? 0 : Number((leftSen * 1_000n) / before);
}

/** The payment, and the code that it used up. */
export function announceUse(announce: Announce, codeId: string): Announce {
  return (row, posted) => [
    ...announce(row, posted),
    {
      atMs: row.madeAtMs,
      kind: 'merchant_code.used',
      subject: codeId,
      data: { payment: row.id },
    },
  ];
}

/** Tells that a full minute turned a payment away: nothing was written of it, and its restriction counts what it refuses. Told as well as
 * it goes: a refusal stands whether or not it is counted. */
export async function tellThrottled(
  context: PaymentContext,
  row: PaymentRow,
  gate: GateDecision,
): Promise<void> {
  const restrictions = throttlesOf(gate).map(({ id }) => id);
  try {
    await context.db.tx((tx) =>
      recordEvents(
        tx,
        restrictions.map((restriction) =>
          paymentEvent(row, row.madeAtMs, 'throttled', {
            ...partiesOf(context, row),
            restriction,
            consentId: row.consentId,
          }),
        ),
      ),
    );
  } catch (error) {
    context.log.warn({ error: (error as Error).message }, 'payment.throttle_not_counted');
  }
}
