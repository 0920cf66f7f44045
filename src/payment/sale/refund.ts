/** A merchant gives back what it sold: a new payment that is linked to the sale, whole or in parts, once per refund number. Owns no wire form;
 * what a refund may be is decide-refund.ts, what it posts refund-draft.ts, that all of them fit is the ledger's. */
import { assert } from '../../kernel/assert.ts';
import type { GateDecision } from '../../gate/port.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { faultPoint } from '../../kernel/fault-point.ts';
import type { Sen } from '../../kernel/money.ts';
import { LedgerBusy, type PostResult } from '../../ledger/port.ts';
import { completeInsert, paymentCompanion } from '../change.ts';
import type { PaymentContext } from '../context.ts';
import { refuseRefund } from './decide-refund.ts';
import { numberOf } from '../kind.ts';
import { isThrottled, throttleCounters } from '../limits.ts';
import type { RefundCommand, RefundRefusal, RefundResult } from '../port.ts';
import { draftRefund, refundCounterOf, type RefundDraft } from './refund-draft.ts';
import type { PaymentRow } from '../row.ts';
import { paymentEvent } from '../event.ts';
import { writeEvents } from '../outcome.ts';
import { selectRefund, selectRefundMdr, selectSale, type Sale } from './store.ts';
import { findPayment } from '../store.ts';
import type { Party } from '../party.ts';
import { isDeclined, screenNetwork, tellScreened } from '../screening/network.ts';

const NUMBER = /^[\x21-\x7e]{1,64}$/;

/** Gives back, durable when it answers. The same number with the same sale and amount gets the first answer; with another, a conflict. A refusal
 * of the ledger (the account lacks the money) stays under its number: another try takes another number. Throws DbFault, whose outcome is unknown:
 * ask again under the same number. */
export async function refundSale(
  context: PaymentContext,
  command: RefundCommand,
): Promise<RefundResult> {
  assert(NUMBER.test(command.refundNumber), 'a refund number is printable');
  const known = await repeatOf(context, command);
  if (known) return known;
  const found = await selectSale(context.db, command.saleId);
  const sale = found?.merchantId === command.merchantId ? found : undefined;
  const settings = await context.settings();
  const gate = gateOf(context, { command, sale });
  const reason = refuseRefund({
    sale,
    amountSen: command.amountSen,
    nowMs: context.time.now(),
    windowMs: numberOf(settings, 'refundWindowMs'),
    gate,
  });
  if (reason || !sale) return { ok: false, reason: reason ?? 'sale_not_found' };
  const screened = await screenNetwork(context, {
    channel: command.channel,
    kind: 'refund',
    amountSen: command.amountSen,
    payer: { bank: context.bank.bic, account: sale.account },
    payee: payeeOf(context, sale),
    merchant: sale.merchantId,
  });
  if (isDeclined(screened)) {
    await tellScreened(context, screened, sale.paymentId);
    return { ok: false, reason: 'restricted' };
  }
  const draft = await draftRefund(context, { command, sale });
  try {
    return await post(context, { command, sale, draft, gate });
  } catch (error) {
    if (error instanceof LedgerBusy) return { ok: false, reason: 'busy' };
    throw error;
  }
}

async function repeatOf(
  context: PaymentContext,
  command: RefundCommand,
): Promise<RefundResult | undefined> {
  const known = await selectRefund(context.db, command);
  if (!known) return undefined;
  if (known.saleId !== command.saleId || known.amountSen !== command.amountSen)
    return { ok: false, reason: 'refund_conflict' };
  const row = await findPayment(context.db, known.paymentId);
  assert(row, 'a refund has its payment');
  return { ok: true, repeated: true, ...viewOf(row, known.mdrSen) };
}

async function post(
  context: PaymentContext,
  input: {
    readonly command: RefundCommand;
    readonly sale: Sale;
    readonly draft: RefundDraft;
    readonly gate: GateDecision;
  },
): Promise<RefundResult> {
  const { command, sale, draft } = input;
  const { insert, legs, authorisation } = draft;
  const { row } = insert;
  const result = await context.ledger.post({
    key: `refund:${command.merchantId}:${command.refundNumber}`,
    requestHash: sha256(
      canonicalJson({ saleId: command.saleId, amountSen: String(command.amountSen) }),
    ),
    paymentId: row.id,
    legs,
    ...(authorisation && { authorisation }),
    counters: [
      refundCounterOf(sale, command.amountSen),
      ...throttleCounters(input.gate, { amountSen: command.amountSen, atMs: row.madeAtMs }),
    ],
    valueDate: row.valueDate,
    businessDate: row.businessDate,
    companion: { of: paymentCompanion, row: [insert] },
  });
  faultPoint('payment.afterRefund');
  if (!result.ok) {
    // The ledger keeps a refusal too: only where a refund stands is the number taken by one.
    const first = result.reason === 'key_conflict' ? await repeatOf(context, command) : undefined;
    return first ?? { ok: false, reason: refusalOf(result) };
  }
  if (!result.repeated) {
    const made = completeInsert(insert, result.posted);
    context.waiters.tell(made);
    if (made.state === 'held') context.sendSoon(made, result.posted.instruction);
    await tellMissed(context, { sale, made });
    return { ok: true, repeated: false, ...viewOf(made, insert.refund!.mdrSen) };
  }
  const first = await repeatOf(context, command);
  assert(first, 'a posted refund has its row');
  return first;
}

/** A sale that its network settled in the very moment of the refund: the one may not have seen the other, and people look at the discount. */
async function tellMissed(
  context: PaymentContext,
  { sale, made }: { readonly sale: Sale; readonly made: PaymentRow },
): Promise<void> {
  if (sale.state === 'settled' || !(await selectRefundMdr(context.db, made.id)).isSaleSettled)
    return;
  await writeEvents(context, [
    paymentEvent(made, context.time.now(), 'outcome_contradicted', { why: 'discount_differs' }),
  ]);
}

function viewOf(row: PaymentRow, mdrSen: Sen) {
  return {
    refund: {
      paymentId: row.id,
      amountSen: row.amountSen,
      mdrSen,
      state: row.state,
      madeAtMs: row.madeAtMs,
    },
  };
}

function refusalOf(result: Extract<PostResult, { ok: false }>): RefundRefusal {
  if (isThrottled(result)) return 'throttled';
  return result.reason === 'limit_exceeded' ? 'above_sale' : result.reason;
}

/** A restriction on money within the bank stops refunds within it too, one on QRIS to another bank those that go there. Who gives back and who
 * gets it are named as in a transfer, so that one on people or on a shop holds here too. */
function gateOf(
  context: PaymentContext,
  { command, sale }: { readonly command: RefundCommand; readonly sale: Sale | undefined },
) {
  const payee = sale && payeeOf(context, sale);
  return context.gate.decide({
    rail: sale?.network ? 'qris' : 'onus',
    direction: 'out',
    channel: command.channel,
    ...(sale?.network && { bank: sale.network.bank }),
    product: 'return',
    account: sale?.account ?? '',
    ...(sale &&
      payee !== undefined && {
        merchant: sale.merchant.nmid,
        payeeAccount: payee.account,
        payee: context.parties.keyOf(payee),
        payer: context.parties.keyOf({ bank: context.bank.bic, account: sale.account }),
      }),
    amountSen: command.amountSen,
    cohortBucket: 9_999,
    isStaff: false,
  });
}

/** Who paid, and gets it back. */
function payeeOf({ bank }: PaymentContext, { network, payerAccount }: Sale): Party | undefined {
  const account = network?.customerPan ?? payerAccount;
  return account === undefined ? undefined : { bank: network?.bank ?? bank.bic, account };
}
