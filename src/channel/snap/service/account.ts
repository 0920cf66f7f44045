/** balance-inquiry (11): what an account holds, for who may read it. No money moves. */
import { formatIdr } from '../../../kernel/money.ts';
import type { Balance } from '../../../ledger/port.ts';
import { amountObject, answer } from '../answer.ts';
import { chooseAccount, readableAccounts } from '../entitlement.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import type { Service } from '../serve.ts';

/** Account status on the wire. Source: domain.md 3.6. */
export const ACCOUNT_STATUS = {
  open: '0001',
  closed: '0002',
  frozen: '0007',
} as const satisfies Record<Balance['state'], string>;

/** The one kind of balance that our accounts have. */
const CASH = 'Cash';

/** Balance of an account that the partner or its customer may have read. */
export const balanceInquiry: Service = async (context, { caller, body, headers }) => {
  refuseCardToken(body);
  const types = body.raw['balanceTypes'];
  if (Array.isArray(types) && types.some((type) => type !== CASH))
    throw new SnapRefusal('invalidFormat', 'balanceTypes');
  const readable = await readableAccounts(context, {
    partnerId: caller.partner.id,
    headers,
    scope: 'balance',
  });
  const account = body.optionalText('accountNo');
  const accountNo = chooseAccount(readable, { account, field: 'accountNo' });
  const balance = await context.balance(accountNo);
  if (!balance) throw new SnapRefusal('invalidAccount', 'accountNo');
  const amount = (value: bigint): unknown => amountObject(formatIdr(value));
  const reference = body.optionalText('partnerReferenceNo');
  return answer({
    service: '11',
    caseName: 'successful',
    fields: {
      referenceNo: caller.externalId,
      ...(reference !== undefined && { partnerReferenceNo: reference }),
      accountNo,
      name: balance.name,
      accountInfos: [
        {
          balanceType: CASH,
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

/** Card tokens (`bankCardToken`) name no account here. */
export function refuseCardToken(body: ReadBody): void {
  if (body.optionalText('bankCardToken') !== undefined)
    throw new SnapRefusal('featureNotAllowed', 'bankCardToken');
}
