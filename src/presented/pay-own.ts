/** A shop of ours scans the code of a customer of ours: no network, one commit for the money, its discount, the sale, the used code and the
 * event, under the till's own key. A no is as durable as a yes. */
import { CHART } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { businessDate, wibDate } from '../kernel/time.ts';
import { announcer } from '../payment/announce.ts';
import type { PaymentInsert } from '../payment/change.ts';
import { numberOf, termsOf } from '../payment/kind.ts';
import { codeCounter, countedInOf, countersOf, throttleCounters } from '../payment/limits.ts';
import { legsOf } from '../payment/lines.ts';
import { messageOf } from '../payment/message.ts';
import type { MerchantTerms, PaymentView, SubmitRefusal } from '../payment/port.ts';
import { isDeclined } from '../payment/screening/network.ts';
import { announceScreened } from '../payment/screening/said.ts';
import { paymentView, type PaymentLine, type PaymentRow } from '../payment/row.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { AccountFacts } from '../payment/store-facts.ts';
import { findByReference } from '../payment/store.ts';
import { plainText } from '../payment/text.ts';
import type { Screened } from '../risk/screen.ts';
import { secretHashOf } from './content.ts';
import type { PresentedContext } from './context.ts';
import { codeOfRefusal, lifeOf, refusePresented, RESPONSE, type ResponseCode } from './decide.ts';
import { gateOf, screenOf } from './gate.ts';
import type { PresentedCode } from './port.ts';
import { selectBySecret } from './store.ts';
import { postPresented } from './write.ts';

/** What a till of ours asks. */
export interface OwnScan {
  /** Durable. */
  readonly key: string;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly amount: Sen;
  /** Of the code. */
  readonly customerPan: string;
  readonly codeData: string;
  readonly merchant: {
    readonly terms: MerchantTerms;
    readonly account: string;
    readonly name: string;
    readonly nmid: string;
    /** Ended: it is paid no more. */
    readonly isClosed?: boolean;
  };
  readonly billNumber: string;
}

export type OwnScanResult =
  | { readonly ok: true; readonly repeated: boolean; readonly payment: PaymentView }
  | { readonly ok: false; readonly reason: SubmitRefusal | 'code_unknown' };

/** What the network would be told is what a partner is told. */
const REASON: Readonly<Record<ResponseCode, SubmitRefusal>> = {
  [RESPONSE.invalid]: 'key_conflict',
  [RESPONSE.badAmount]: 'below_rail_minimum',
  [RESPONSE.noCode]: 'account_not_found',
  [RESPONSE.unknown]: 'key_conflict',
  [RESPONSE.funds]: 'insufficient_funds',
  [RESPONSE.codeOver]: 'code_used',
  [RESPONSE.notPermitted]: 'restricted',
  [RESPONSE.aboveAmount]: 'above_daily_limit',
  [RESPONSE.aboveCount]: 'velocity',
  [RESPONSE.notActive]: 'account_frozen',
  [RESPONSE.unavailable]: 'busy',
  [RESPONSE.duplicate]: 'key_conflict',
};

interface Drafting {
  readonly scan: OwnScan;
  readonly code: PresentedCode;
  readonly account: AccountFacts;
  readonly settings: PaymentSettings;
}

/** Pays, or says why not; the same key gets the first answer again. Throws DbFault, LedgerBusy. */
export async function payOwn(context: PresentedContext, scan: OwnScan): Promise<OwnScanResult> {
  const known = await repeatOf(context, scan);
  if (known) return known;
  if (scan.merchant.isClosed) return { ok: false, reason: 'restricted' };
  const code = await selectBySecret(context.db, secretHashOf(scan.codeData));
  if (code?.pan !== scan.customerPan) return { ok: false, reason: 'code_unknown' };
  const [settings, [account]] = await Promise.all([
    context.settings(),
    context.facts.accounts([code.account]),
  ]);
  if (!account) return { ok: false, reason: 'code_unknown' };
  const { amount: amountSen, merchant } = scan;
  const payee = { bank: context.bank.bic, account: merchant.account, nmid: merchant.nmid };
  const gate = gateOf(context, { account, amountSen, payee, rail: 'onus' });
  const screened = await screenOf(context, { account, amountSen, payee });
  const nowMs = context.time.now();
  const { qrisMinimumSen: minimumSen, qrisCapSen: capSen } = settings;
  const said = refusePresented({ code, amountSen, minimumSen, capSen, nowMs, gate });
  const response = said ?? (isDeclined(screened) ? RESPONSE.notPermitted : undefined);
  const from = { scan, code, account, settings };
  if (response !== undefined)
    return lifeOf(code, nowMs) === 'waiting'
      ? refuse(context, {
          ...from,
          response,
          key: scan.key,
          ...(said === undefined && { screened }),
        })
      : { ok: false, reason: REASON[response] };
  return pay(context, from, throttleCounters(gate, { amountSen, atMs: nowMs }));
}

async function pay(
  context: PresentedContext,
  from: Drafting,
  throttles: ReturnType<typeof throttleCounters>,
): Promise<OwnScanResult> {
  const { scan, code, settings } = from;
  const day = wibDate(context.time.now());
  const counters = countersOf(
    { customer: code.customerId, channel: 'mobile', kind: 'onus', day },
    { amountSen: scan.amount, settings },
  );
  const insert = draftPaid(context, { ...from, countedIn: countedInOf(counters) });
  const { row, lines } = insert;
  const result = await postPresented(context, {
    key: scan.key,
    body: bodyOf(scan, code.id),
    paymentId: row.id,
    dates: row,
    legs: legsOf(lines, 'single'),
    counters: [codeCounter(code.id), ...counters, ...throttles],
    writes: [insert],
    paid: { codeId: code.id, paymentId: row.id },
  });
  if (result.ok && !result.repeated)
    return { ok: true, repeated: false, payment: paymentView(row) };
  if (result.ok || result.reason === 'key_conflict') return taken(context, scan);
  const response = codeOfRefusal(result);
  return refuse(context, { ...from, response, key: `${scan.key}:refused` });
}

async function refuse(
  context: PresentedContext,
  from: Drafting & {
    readonly response: ResponseCode;
    readonly key: string;
    readonly screened?: Screened;
  },
): Promise<OwnScanResult> {
  const { scan, code, response, key } = from;
  const reason = REASON[response];
  const row: PaymentRow = { ...baseRow(context, from), outcomeCode: reason };
  const result = await postPresented(context, {
    key,
    body: { ...bodyOf(scan, code.id), response },
    paymentId: row.id,
    dates: row,
    legs: [],
    writes: [
      {
        kind: 'insert',
        row,
        lines: [],
        events: announceScreened(context, { row, screened: from.screened }),
        messages: [],
      },
    ],
    refused: { codeId: code.id, code: response, amountSen: scan.amount },
  });
  return result.ok && !result.repeated ? { ok: false, reason } : taken(context, scan);
}

async function taken(context: PresentedContext, scan: OwnScan): Promise<OwnScanResult> {
  return (await repeatOf(context, scan)) ?? { ok: false, reason: 'key_conflict' };
}

/** The first answer; of another amount, merchant or code under the same reference, a conflict. */
async function repeatOf(
  context: PresentedContext,
  scan: OwnScan,
): Promise<OwnScanResult | undefined> {
  const { partnerId: id, partnerReferenceNo: reference } = scan;
  const row = await findByReference(context.db, { id, reference });
  if (!row) return undefined;
  const isSame =
    row.kind === 'onus' &&
    row.amountSen === scan.amount &&
    row.creditAccount === scan.merchant.account;
  if (!isSame) return { ok: false, reason: 'key_conflict' };
  // Refused rows were written by this file: the code is one of ours.
  if (row.state === 'refused') return { ok: false, reason: row.outcomeCode as SubmitRefusal };
  // What was paid is paid by one code, which is kept with it.
  const code = await selectBySecret(context.db, secretHashOf(scan.codeData));
  if (code?.paymentId !== row.id) return { ok: false, reason: 'key_conflict' };
  return { ok: true, repeated: true, payment: paymentView(row) };
}

function draftPaid(
  context: PresentedContext,
  from: Drafting & { readonly countedIn: string | undefined },
): PaymentInsert {
  const { scan, code } = from;
  const base = baseRow(context, from);
  const row: PaymentRow = {
    ...base,
    state: 'settled',
    settledAtMs: base.madeAtMs,
    outcomeCode: 'U000',
    countedIn: from.countedIn,
  };
  const { partner: _told, ...terms } = scan.merchant.terms;
  const announce = announcer(context, row, { codeId: code.id });
  const { random } = context;
  return {
    kind: 'insert',
    row,
    lines: linesOf(row, terms.mdrSen),
    events: (now, posted) => [
      ...announce(now, posted),
      {
        atMs: now.madeAtMs,
        kind: 'presented_code.used',
        subject: code.id,
        data: { payment: now.id },
      },
    ],
    messages: messageOf(row, row.madeAtMs, { template: 'qris.presented', random }),
    // The till hears it in the answer, and its partner by the payment's own notice.
    sale: terms,
  };
}

function linesOf(row: PaymentRow, mdrSen: Sen): readonly PaymentLine[] {
  const { debitAccount, creditAccount, amountSen } = row;
  const principal = { line: 'principal', amountSen, debitAccount, creditAccount } as const;
  if (mdrSen === 0n) return [principal];
  const credit = { debitAccount: creditAccount, creditAccount: CHART.qrisFee };
  return [principal, { line: 'mdr', amountSen: mdrSen, ...credit }];
}

function baseRow(context: PresentedContext, from: Drafting): PaymentRow {
  const { scan, code, account, settings } = from;
  const nowMs = context.time.now();
  return {
    id: newId('pay', nowMs, context.random),
    kind: 'onus',
    // The customer agreed in the app.
    channel: 'mobile',
    state: 'refused',
    previousState: 'new',
    customerId: code.customerId,
    partnerId: scan.partnerId,
    partnerReferenceNo: scan.partnerReferenceNo,
    debitAccount: code.account,
    creditAccount: scan.merchant.account,
    debtorName: account.name,
    creditorName: scan.merchant.name,
    amountSen: scan.amount,
    feeSen: sen(0n),
    remark: plainText(scan.billNumber === '' ? 'QRIS' : `QRIS ${scan.billNumber}`, 140),
    cohortBucket: account.cohortBucket,
    isStaff: account.isStaff,
    isSynthetic: false,
    outcomeSource: 'engine',
    madeAtMs: nowMs,
    valueDate: wibDate(nowMs),
    businessDate: businessDate(nowMs, numberOf(settings, termsOf('onus').cutOverMinute)),
    changedAtMs: nowMs,
    promiseRenewals: 0,
    attemptCount: 0,
    inquiryCount: 0,
    version: 0n,
  };
}

function bodyOf(scan: OwnScan, codeId: string): Readonly<Record<string, string>> {
  const { amount, merchant } = scan;
  return { what: 'own_scan', amountSen: String(amount), merchant: merchant.nmid, codeId };
}
