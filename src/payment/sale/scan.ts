/** A merchant of ours scanned the code that a customer of another bank shows: that bank is asked for the money. What it owes us is held on its
 * way to the merchant in one commit with the row, the sale and the authorisation; the request leaves after it, once. "Paid" is the other bank's
 * word, spendable is the settlement's (I12). Never a reversal: who got no answer asks (ADR 0022, 0037). */
import { isRefusedBy } from '../../gate/action.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { faultPoint } from '../../kernel/fault-point.ts';
import { newId } from '../../kernel/ids.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { businessDate, wibDate } from '../../kernel/time.ts';
import { LedgerBusy, type AuthorisationDraft } from '../../ledger/port.ts';
import { nnsOf } from '../../rail/qris/code.ts';
import { announcer } from '../announce.ts';
import { completeInsert, paymentCompanion, type PaymentInsert } from '../change.ts';
import { LEASE_MS } from '../clock.ts';
import type { PaymentContext } from '../context.ts';
import { networkOf, numberOf } from '../kind.ts';
import { isThrottled, throttleCounters } from '../limits.ts';
import { holdsOf, legsOf } from '../lines.ts';
import type { MerchantTerms, PaymentView, SubmitRefusal } from '../port.ts';
import type { PaymentSettings } from '../settings.ts';
import { paymentView, type PaymentLine, type PaymentRow } from '../row.ts';
import type { AccountFacts } from '../store-facts.ts';
import { isDeclined, screenNetwork, tellScreened } from '../screening/network.ts';
import { maskedPan } from '../incoming/sale.ts';
import { findByReference } from '../store.ts';
import { plainText } from '../text.ts';

/** DE18 of a till: domain.md 4.3. */
const TILL = '6018';
const PAYER_NAME = 'Pembayar QRIS';
const TERMS = networkOf('qris');

/** What a till asks. */
export interface ScanCommand {
  /** Durable. */
  readonly key: string;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly amount: Sen;
  /** Of the code: whom it charges, and what makes it this one. */
  readonly customerPan: string;
  readonly codeData: string;
  /** BIC or NNS of whose customer it is; another bank's. */
  readonly issuerBank: string;
  readonly merchant: {
    readonly terms: MerchantTerms;
    readonly account: string;
    readonly name: string;
    readonly pan: string;
    readonly nmid: string;
    readonly city: string;
    /** Three capitals. */
    readonly criteria: string;
    /** DE42. */
    readonly merchantId: string;
    /** Ended: it is paid no more. */
    readonly isClosed?: boolean;
  };
  readonly billNumber: string;
}

export type ScanResult =
  | { readonly ok: true; readonly repeated: boolean; readonly payment: PaymentView }
  | { readonly ok: false; readonly reason: SubmitRefusal };

/** Asks for it; durable when it answers, and sent after that. The same key gets the first payment again, another body under it a conflict.
 * Throws DbFault, whose outcome is unknown: ask again under the same key. */
export async function scanCode(context: PaymentContext, command: ScanCommand): Promise<ScanResult> {
  const settings = await context.settings();
  const [owner] = await context.facts.accounts([command.merchant.account]);
  if (!owner) return { ok: false, reason: 'account_not_found' };
  const bound = boundOf(command.amount, settings);
  if (bound) return (await repeatOf(context, command)) ?? { ok: false, reason: bound };
  const gate = gateOf(context, { command, owner });
  const insert = await draftScan(context, { command, owner });
  const { row } = insert;
  // What was taken before hears of itself, whatever is restricted by now: the ledger says so.
  const isShut = command.merchant.isClosed === true || isRefusedBy(gate, command.amount);
  if (isShut) return (await repeatOf(context, command)) ?? { ok: false, reason: 'restricted' };
  const screened = await screenNetwork(context, {
    channel: 'network',
    kind: 'sale',
    amountSen: command.amount,
    // An alias: who is on the list by the account behind it is not met here.
    payer: { bank: command.issuerBank, account: command.customerPan },
    payee: { bank: context.bank.bic, account: command.merchant.account },
    merchant: command.merchant.terms.id,
  });
  if (isDeclined(screened)) {
    const known = await repeatOf(context, command);
    if (!known) await tellScreened(context, screened, row.id);
    return known ?? { ok: false, reason: 'declined' };
  }
  try {
    const result = await context.ledger.post({
      key: command.key,
      requestHash: bodyOf(command),
      paymentId: row.id,
      legs: legsOf(insert.lines, 'hold'),
      authorisation: authorisationOf(context, { row, command, owner }),
      counters: throttleCounters(gate, { amountSen: command.amount, atMs: row.madeAtMs }),
      valueDate: row.valueDate,
      businessDate: row.businessDate,
      companion: { of: paymentCompanion, row: [insert] },
    });
    faultPoint('payment.afterScan');
    if (!result.ok) {
      if (isThrottled(result)) return { ok: false, reason: 'throttled' };
      return { ok: false, reason: result.reason === 'limit_exceeded' ? 'busy' : result.reason };
    }
    if (result.repeated) return (await repeatOf(context, command))!; // posted: its row is there
    const made = completeInsert(insert, result.posted);
    context.sendSoon(made, result.posted.instruction);
    return { ok: true, repeated: false, payment: paymentView(made) };
  } catch (error) {
    if (error instanceof LedgerBusy) return { ok: false, reason: 'busy' };
    throw error;
  }
}

function boundOf(
  amount: Sen,
  { qrisMinimumSen, qrisCapSen }: Pick<PaymentSettings, 'qrisMinimumSen' | 'qrisCapSen'>,
): 'below_rail_minimum' | 'above_rail_cap' | undefined {
  if (amount < qrisMinimumSen) return 'below_rail_minimum';
  return amount > qrisCapSen ? 'above_rail_cap' : undefined;
}

/** The first payment; what stands under this reference and is another one, is a conflict and never "paid". */
async function repeatOf(
  context: PaymentContext,
  { partnerId, partnerReferenceNo, amount, customerPan, merchant }: ScanCommand,
): Promise<ScanResult | undefined> {
  const known = await findByReference(context.db, { id: partnerId, reference: partnerReferenceNo });
  if (!known) return undefined;
  const isSame =
    known.kind === 'qris_scanned' &&
    known.amountSen === amount &&
    known.creditAccount === merchant.account &&
    known.debitAccount === maskedPan(customerPan);
  return isSame
    ? { ok: true, repeated: true, payment: paymentView(known) }
    : { ok: false, reason: 'key_conflict' };
}

/** What stops payments in stops this: to restrictions it is one. */
function gateOf(
  context: PaymentContext,
  { command, owner }: { readonly command: ScanCommand; readonly owner: AccountFacts },
) {
  const { issuerBank: bank, customerPan, merchant } = command;
  return context.gate.decide({
    rail: 'qris',
    direction: 'in',
    channel: 'network',
    bank,
    product: 'qris',
    merchant: merchant.nmid,
    account: merchant.account,
    payer: context.parties.keyOf({ bank, account: customerPan }),
    amountSen: command.amount,
    cohortBucket: owner.cohortBucket,
    isStaff: owner.isStaff,
  });
}

/** The secret of the code is no part of what is remembered. */
function bodyOf(command: ScanCommand): Buffer {
  const { amount, customerPan, codeData, merchant } = command;
  const code = sha256(codeData).toString('hex');
  return sha256(
    canonicalJson({ amount: String(amount), customerPan, code, merchant: merchant.pan }),
  );
}

async function draftScan(
  context: PaymentContext,
  { command, owner }: { readonly command: ScanCommand; readonly owner: AccountFacts },
): Promise<PaymentInsert> {
  const settings = await context.settings();
  const nowMs = context.time.now();
  const { merchant } = command;
  const row: PaymentRow = {
    id: newId('pay', nowMs, context.random),
    kind: 'qris_scanned',
    channel: 'snap',
    state: 'held',
    previousState: 'new',
    customerId: owner.customerId,
    partnerId: command.partnerId,
    partnerReferenceNo: command.partnerReferenceNo,
    // Whole it stands with the sale, where a refund needs it.
    debitAccount: maskedPan(command.customerPan),
    creditAccount: merchant.account,
    debtorName: PAYER_NAME,
    creditorName: merchant.name,
    counterpartyBank: command.issuerBank,
    amountSen: command.amount,
    feeSen: sen(0n),
    remark: plainText(command.billNumber === '' ? 'QRIS' : `QRIS ${command.billNumber}`, 140),
    cohortBucket: owner.cohortBucket,
    isStaff: owner.isStaff,
    isSynthetic: false,
    jti: newId('jti', nowMs, context.random),
    dueAtMs: nowMs,
    leasedUntilMs: nowMs + LEASE_MS,
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, TERMS.cutOverMinute)),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
  const lines: readonly PaymentLine[] = [
    {
      line: 'principal',
      amountSen: row.amountSen,
      debitAccount: TERMS.settlementIn,
      creditAccount: row.creditAccount,
    },
  ];
  const { partner: _told, ...terms } = merchant.terms;
  return {
    kind: 'insert',
    row,
    lines,
    holds: holdsOf(lines),
    events: announcer(context, row),
    messages: [],
    // Its partner hears once it is paid, not now (partner-notice.ts).
    sale: { ...terms, customerPan: command.customerPan },
  };
}

function authorisationOf(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly command: ScanCommand;
    readonly owner: AccountFacts;
  },
): AuthorisationDraft {
  const { row, command, owner } = input;
  const { bic, bankCode: institution } = context.bank;
  const { merchant, customerPan } = command;
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic, institution },
    instruction: {
      version: 1,
      env: context.env,
      direction: 'out',
      rail: 'qris',
      kind: 'shown_code',
      paymentId: row.id,
      attempt: 1,
      amountSen: String(row.amountSen),
      currency: 'IDR',
      debtor: {
        bank: command.issuerBank,
        account: customerPan,
        accountType: 'OTHR',
        name: PAYER_NAME,
      },
      creditor: {
        bank: bic,
        account: row.creditAccount,
        accountType: owner.accountType,
        name: merchant.name,
      },
      issuer: nnsOf(customerPan),
      codeData: command.codeData,
      merchantPan: merchant.pan,
      nmid: merchant.nmid,
      criteria: merchant.criteria,
      merchantId: merchant.merchantId,
      city: merchant.city,
      terminalLabel: merchant.terms.terminal ?? '',
      billNumber: command.billNumber,
      channelCode: TILL,
      channel: row.channel,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  };
}
