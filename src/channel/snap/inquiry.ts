/** balance-inquiry (11), account-inquiry-internal (15) and -external (16): no money moves. */
import { formatIdr, rupiah } from '../../kernel/money.ts';
import type { Balance } from '../../ledger/port.ts';
import type { NameCheck } from '../../payment/port.ts';
import { amountObject, answer, type SnapAnswer } from './answer.ts';
import { railCase } from './code.ts';
import { SnapRefusal } from './fault.ts';
import type { ReadBody } from './field.ts';
import { ownsAccount } from './partner.ts';
import type { Service } from './serve.ts';

/** Account status on the wire. Source: domain.md 3.6. */
const ACCOUNT_STATUS = { open: '0001', closed: '0002', frozen: '0007' } as const satisfies Record<
  Balance['state'],
  string
>;

/** The smallest amount a name enquiry can carry on the network. */
const ENQUIRY_AMOUNT = rupiah(1);

/** Balance of one of the partner's own accounts. */
export const balanceInquiry: Service = async (context, { caller, body }) => {
  const accountNo = body.text('accountNo');
  if (!ownsAccount(caller.partner, accountNo)) throw new SnapRefusal('notPermitted', 'accountNo');
  const balance = await context.balance(accountNo);
  if (!balance) throw new SnapRefusal('invalidAccount', 'accountNo');
  const amount = (value: bigint): unknown => amountObject(formatIdr(value));
  return answer({
    service: '11',
    caseName: 'successful',
    fields: {
      referenceNo: caller.externalId,
      ...echo(body),
      accountNo,
      name: balance.name,
      accountInfos: [
        {
          balanceType: 'Cash',
          amount: amount(balance.postedSen),
          floatAmount: amount(balance.pendingCreditSen),
          holdAmount: amount(balance.heldSen),
          availableBalance: amount(balance.availableSen),
          ledgerBalance: amount(balance.postedSen),
          status: ACCOUNT_STATUS[balance.state],
        },
      ],
    },
  });
};

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
  if (found.found === 'unknown') throw new SnapRefusal('timeout');
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
