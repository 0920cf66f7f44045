/** Whom a scanned code pays and what that means for the money, for every channel that pays by code: a merchant of ours by a transfer within
 * the bank, one of another bank over the network. */
import type { BankProfile } from '../kernel/bank.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { MerchantTerms, TransferCommand } from '../payment/port.ts';
import { qrisPayeeOf } from '../payment/qris-terms.ts';
import { promptedFields, type MerchantCode, type QrisCode } from '../rail/qris/code.ts';
import { decodeQris } from '../rail/qris/decode.ts';
import type { QrisFault } from '../rail/qris/fault.ts';
import { decideMdr } from '../rail/qris/mdr.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import type { CodePayee, CodeReading, Merchants } from './port.ts';

/** What makes a payment one by QRIS: within the bank, or over the network. */
export type QrisPart = Pick<TransferCommand, 'merchant' | 'qris'>;

/** A code that can be paid. */
export interface PayableCode {
  readonly code: MerchantCode;
  /** Of a merchant of ours. */
  readonly own: CodePayee | undefined;
  readonly life: CodeReading['life'];
}

/** Whom a code pays, as a payment names it and as a person reads it. */
export interface Payee {
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  /** The bank's name. */
  readonly place: string;
  readonly city: string;
  readonly nmid: string;
  readonly part: QrisPart;
}

interface PayableContext {
  readonly bank: BankProfile;
  readonly merchants: Pick<Merchants, 'rules' | 'examine'>;
}

/** A merchant's code that can be paid: of ours without any warning, or of another bank that our records say nothing against. Not one
 * that asks for what no channel has a field for. */
export function isPayable(
  { bank }: Pick<PayableContext, 'bank'>,
  { code, reading }: { readonly code: QrisCode; readonly reading: CodeReading },
): boolean {
  if (code.kind !== 'merchant' || promptedFields(code).length > 0) return false;
  if (reading.payee) return true;
  const ownNns = nnsOfBank(bank.bankCode);
  return (
    reading.warnings.length === 0 && qrisPayeeOf(code, { ownNns, tipSen: sen(0n) }) !== undefined
  );
}

/** Reads a code that somebody wants to pay; a used or expired one of ours too, whose payment must get its own answer again. Without a
 * `fault` it is a good code that cannot be paid. Throws DbFault. */
export async function readPayable(
  context: PayableContext,
  payload: string,
): Promise<
  | { readonly ok: true; readonly read: PayableCode }
  | { readonly ok: false; readonly fault?: QrisFault }
> {
  const decoded = decodeQris(payload.trim(), context.merchants.rules());
  if (!decoded.ok) return { ok: false, fault: decoded.fault };
  const { code } = decoded;
  if (code.kind !== 'merchant') return { ok: false };
  const reading = await context.merchants.examine(code);
  if (!isPayable(context, { code, reading })) return { ok: false };
  return { ok: true, read: { code, own: reading.payee, life: reading.life } };
}

/** The payee of a payable code for an amount; undefined where nobody can be named. */
export function payeeOf(
  context: PayableContext & { readonly time: Pick<Time, 'now'> },
  input: { readonly read: PayableCode; readonly totalSen: Sen; readonly tipSen: Sen },
): Payee | undefined {
  const { bank, merchants } = context;
  const { code, own } = input.read;
  if (own)
    return {
      bank: bank.bic,
      account: own.settlementAccount,
      name: own.name,
      place: bank.name,
      city: own.city,
      nmid: own.nmid,
      part: {
        merchant: termsOf(own, {
          amountSen: input.totalSen,
          onDay: wibDate(context.time.now()),
        }),
      },
    };
  const found = qrisPayeeOf(code, { ownNns: nnsOfBank(bank.bankCode), tipSen: input.tipSen });
  if (!found) return undefined;
  const { terms: qris, ...named } = found;
  const place = merchants.rules().institutions.get(qris.acquirer)?.name ?? found.bank;
  return { ...named, place, city: qris.city, nmid: qris.nmid, part: { qris } };
}

function termsOf(
  payee: CodePayee,
  { amountSen, onDay }: { readonly amountSen: Sen; readonly onDay: string },
): MerchantTerms {
  const { id, nmid, terminal, partner, merchantClass, code } = payee;
  return {
    id,
    nmid,
    mdrSen: decideMdr({ merchantClass, amountSen, onDay }),
    ...(terminal !== undefined && { terminal }),
    ...(partner && { partner }),
    ...(code && { code }),
  };
}

/** What the payer finds in the statement: the bill, or else the till. */
export function remarkOf({ additional }: MerchantCode): string {
  const what = additional?.billNumber ?? additional?.terminalLabel;
  return what === undefined ? 'QRIS' : `QRIS ${what}`;
}
