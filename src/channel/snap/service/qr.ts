/** qr-mpm-generate (47) and qr-mpm-decode (48): codes of the partner's own merchants, and what any code says. No money moves.
 * Source: domain.md 3.5, 3.6. */
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr, sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import { codePng } from '../../../merchant/picture.ts';
import type { CodeCommand, CodeRefusal } from '../../../merchant/port.ts';
import { watchCode } from '../../../merchant/warning.ts';
import { decideDue } from '../../../rail/qris/amount.ts';
import { nnsOf, type MerchantCode } from '../../../rail/qris/code.ts';
import { decodeQris } from '../../../rail/qris/decode.ts';
import type { QrisFault, QrisFaultCode } from '../../../rail/qris/fault.ts';
import { amountObject, answer, type SnapAnswer } from '../answer.ts';
import type { Caller } from '../authenticate.ts';
import type { CaseName } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import type { Service, ServiceContext } from '../serve.ts';
import { parseTimestamp } from '../timestamp.ts';

const BILL_NUMBER = /^[\x20-\x7b\x7d\x7e]{1,25}$/;

/** Why a code is not made, as a case and the field that it is about. A reused reference follows the partner's profile. */
const REFUSAL_CASE = {
  merchant_not_found: ['invalidMerchant', 'merchantId'],
  terminal_not_found: ['invalidTerminal', 'terminalId'],
  amount_not_positive: ['invalidAmount', 'amount.value'],
  amount_above_cap: ['aboveLimit', 'amount.value'],
  validity_out_of_range: ['invalidFormat', 'validityPeriod'],
  label_without_amount: ['missingField', 'amount'],
  reference_conflict: ['inconsistent', 'partnerReferenceNo'],
} as const satisfies Record<CodeRefusal, readonly [CaseName, string]>;

/** Makes a code: dynamic with an amount, the terminal's static one without. */
export const qrGenerate: Service = async (context, { caller, body }) => {
  // A surcharge on the payer is not ours to write into a code (domain.md 1.9).
  if ((body.optionalSen('feeAmount') ?? 0n) !== 0n)
    throw new SnapRefusal('invalidAmount', 'feeAmount.value');
  const made = await context.merchants.makeCode(commandOf(caller, body));
  if (!made.ok) return refused(caller, made.reason);
  const { code, merchant } = made;
  return answer({
    service: '47',
    caseName: 'successful',
    fields: {
      referenceNo: code.id,
      partnerReferenceNo: body.text('partnerReferenceNo'),
      qrContent: code.payload,
      qrImage: codePng(code.payload).toString('base64'),
      merchantName: merchant.name,
      storeId: body.optionalText('storeId'),
      terminalId: code.terminal,
      ...(code.validUntilMs !== undefined && {
        additionalInfo: { validityPeriod: wibIso(code.validUntilMs) },
      }),
    },
  });
};

function commandOf(caller: Caller, body: ReadBody): CodeCommand {
  const terminal = body.optionalText('terminalId');
  const amountSen = body.optionalSen('amount');
  const storeLabel = body.optionalText('storeId');
  const billNumber = billNumberOf(body);
  const validity = body.optionalText('validityPeriod');
  // The form of the field was checked before.
  const validUntilMs = validity === undefined ? undefined : parseTimestamp(validity)!;
  return {
    merchantId: body.text('merchantId'),
    partner: {
      id: caller.partner.id,
      referenceNo: body.text('partnerReferenceNo'),
      requestHash: sha256(Buffer.concat([Buffer.from('47:'), caller.bodySha])),
    },
    ...(terminal !== undefined && { terminal }),
    ...(amountSen !== undefined && { amountSen }),
    ...(storeLabel !== undefined && { storeLabel }),
    ...(billNumber !== undefined && { billNumber }),
    ...(validUntilMs !== undefined && { validUntilMs }),
  };
}

/** SNAP has no field for a bill number: partners write `additionalInfo.billNumber`. */
function billNumberOf(body: ReadBody): string | undefined {
  const info = body.raw['additionalInfo'];
  const value = typeof info === 'object' && info !== null ? (info as { billNumber?: unknown }) : {};
  const { billNumber } = value;
  if (billNumber === undefined || billNumber === null) return undefined;
  if (typeof billNumber !== 'string' || !BILL_NUMBER.test(billNumber))
    throw new SnapRefusal('invalidFormat', 'additionalInfo.billNumber');
  return billNumber;
}

function refused(caller: Caller, reason: CodeRefusal): SnapAnswer {
  const [usual, detail] = REFUSAL_CASE[reason];
  const isConflict = reason === 'reference_conflict' && caller.partner.duplicate_conflict;
  return answer({ service: '47', caseName: isConflict ? 'duplicateReference' : usual, detail });
}

/** Says what a merchant's code holds. Other kinds of code are read by the customers' app, not by partners. */
export const qrDecode: Service = async (context, { caller, body }) => {
  const rules = context.merchants.rules();
  const decoded = decodeQris(body.text('qrContent'), rules);
  if (!decoded.ok) throw faultOf(decoded.fault);
  const { code } = decoded;
  if (code.kind !== 'merchant') throw new SnapRefusal('notPermitted', code.kind);
  await watchCode(context, { code, channel: 'snap', scannedBy: caller.partner.id });
  return answer({
    service: '48',
    caseName: 'successful',
    fields: {
      referenceNo: caller.externalId,
      partnerReferenceNo: body.text('partnerReferenceNo'),
      merchantName: code.name,
      merchantCategory: code.category,
      merchantLocation: code.city,
      merchantInfos: code.accounts.map(({ pan }) => ({
        merchantPAN: pan,
        acquirerName: rules.institutions.get(nnsOf(pan))?.name,
      })),
      ...amountsOf(context, { code, body }),
    },
  });
};

/** The amount of the code, or else what the partner's customer typed, and the tip that the code asks for. */
function amountsOf(
  context: ServiceContext,
  input: { readonly code: MerchantCode; readonly body: ReadBody },
): Readonly<Record<string, unknown>> {
  const { code, body } = input;
  const typed = body.optionalSen('amount');
  if (code.amountSen !== undefined && typed !== undefined && typed !== code.amountSen)
    throw new SnapRefusal('invalidAmount', 'amount.value');
  const amountSen = code.amountSen ?? typed;
  if (amountSen === undefined) return {};
  const due = decideDue({ amountSen, tip: code.tip, capSen: context.merchants.rules().capSen });
  if (!due.ok)
    throw new SnapRefusal(
      due.reason === 'above_cap' ? 'aboveLimit' : 'invalidAmount',
      'amount.value',
    );
  return {
    transactionAmount: amountObject(formatIdr(sen(amountSen))),
    feeAmount: amountObject(formatIdr(due.tipSen)),
  };
}

/** Most rules are about the form of the content; these two are about what it asks for. */
const FAULT_CASE: Partial<Record<QrisFaultCode, CaseName>> = {
  amount_above_cap: 'aboveLimit',
  nns_unknown: 'bankNotSupported',
};

/** A rule that a code breaks, as a refusal that names it. */
export function faultOf(fault: QrisFault): SnapRefusal {
  const { code, tag, subTag } = fault;
  const at = [tag, subTag].filter((part) => part !== undefined).join('-');
  const detail = at === '' ? `qrContent ${code}` : `qrContent ${code} ${at}`;
  return new SnapRefusal(FAULT_CASE[code] ?? 'invalidFormat', detail);
}
