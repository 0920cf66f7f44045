/** account-inquiry-internal (15) and -external (16): no money moves. */
import { rupiah } from '../../../kernel/money.ts';
import type { NameCheck } from '../../../payment/port.ts';
import { ACCOUNT_STATUS } from './account.ts';
import { answer, type SnapAnswer } from '../answer.ts';
import { railCase } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import type { Service } from '../serve.ts';

/** The smallest amount a name enquiry can carry on the network. */
const ENQUIRY_AMOUNT = rupiah(1);
/** What a partner reads of a bank that its network has closed. */
export const BANK_CLOSED = 'beneficiary bank is closed';

/** Who owns an account of ours. */
export const inquiryInternal: Service = async (context, { caller, body }) => {
  const account = body.text('beneficiaryAccountNo');
  const found = await context.engine.checkName({
    bank: context.bank.bic,
    account,
    amount: ENQUIRY_AMOUNT,
  });
  return named({ service: '15', found, referenceNo: caller.externalId, body, fields: {} });
};

/** Who owns an account at another bank. */
export const inquiryExternal: Service = async (context, { caller, body }) => {
  const account = body.text('beneficiaryAccountNo');
  const beneficiaryBankCode = body.text('beneficiaryBankCode');
  const bank = await context.banks(beneficiaryBankCode);
  if (!bank) throw new SnapRefusal('bankNotSupported', 'beneficiaryBankCode');
  if (bank.bic === context.bank.bic)
    throw new SnapRefusal('invalidRouting', 'use account-inquiry-internal');
  const found = await context.engine.checkName({
    bank: bank.bic,
    account,
    amount: ENQUIRY_AMOUNT,
    route: caller.partner.route,
  });
  return named({
    service: '16',
    found,
    referenceNo: caller.externalId,
    body,
    fields: { beneficiaryBankCode, beneficiaryBankName: bank.name },
  });
};

function named(input: {
  readonly service: '15' | '16';
  readonly found: NameCheck;
  readonly referenceNo: string;
  readonly body: ReadBody;
  readonly fields: Readonly<Record<string, unknown>>;
}): SnapAnswer {
  const { service, found, body } = input;
  // Its bank's own standing is a definite word; that nobody answered is none.
  if (found.found === 'unknown')
    throw found.reason === 'bank_closed'
      ? new SnapRefusal('notAtThisTime', BANK_CLOSED)
      : new SnapRefusal('timeout');
  if (!found.found) throw new SnapRefusal(railCase(found.code), 'beneficiaryAccountNo');
  return answer({
    service,
    caseName: 'successful',
    fields: {
      referenceNo: input.referenceNo,
      ...echo(body),
      beneficiaryAccountName: found.name,
      beneficiaryAccountNo: body.text('beneficiaryAccountNo'),
      beneficiaryAccountStatus: ACCOUNT_STATUS.open,
      // D = giro (current account), S = savings.
      beneficiaryAccountType: found.accountType === 'CACC' ? 'D' : 'S',
      currency: 'IDR',
      ...input.fields,
    },
  });
}

function echo(body: ReadBody): Readonly<Record<string, unknown>> {
  const partnerReferenceNo = body.optionalText('partnerReferenceNo');
  return partnerReferenceNo === undefined ? {} : { partnerReferenceNo };
}
