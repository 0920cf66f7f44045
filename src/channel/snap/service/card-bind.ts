/** registration-card-bind (01), registration-card-unbind (05): an account of a customer becomes a token that 54 takes instead of the customer's
 * access token. Accounts alone: no card number comes over this channel. Wire only. Source: domain.md 3.5, 3.6; fields [mem]. */
import { sha256 } from '../../../kernel/canonical.ts';
import { sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import { endAccountToken, makeAccountToken } from '../../grant/account-token.ts';
import { answer } from '../answer.ts';
import { chooseAccount, customerAccess } from '../entitlement.ts';
import { SnapRefusal } from '../fault.ts';
import type { Service } from '../serve.ts';
import { askOtp } from './challenge.ts';

/** Makes a token of an account, after a code that the customer read. Asked again it makes another one, and the one before is dead. */
export const cardBind: Service = async (context, { caller, body, headers }) => {
  const partnerId = caller.partner.id;
  const partnerReferenceNo = body.text('partnerReferenceNo');
  const access = await customerAccess(context, { partnerId, headers, scope: 'debit' });
  const { accountNo } = (body.raw['additionalInfo'] ?? {}) as { readonly accountNo?: unknown };
  if (accountNo !== undefined && typeof accountNo !== 'string')
    throw new SnapRefusal('invalidFormat', 'additionalInfo.accountNo');
  const account = chooseAccount(access.accounts, {
    account: accountNo,
    field: 'additionalInfo.accountNo',
  });
  const limitSen = body.optionalSen('limit');
  if (limitSen !== undefined && limitSen <= 0n) throw new SnapRefusal('invalidAmount', 'limit');
  // A grant with this scope has limits (access_grant_debit_has_limits).
  if (limitSen !== undefined && limitSen > (access.limits?.perPaymentSen ?? 0n))
    throw new SnapRefusal('tokenLimit', 'limit');
  const open = await askOtp(context, {
    service: '01',
    partnerId,
    partnerReferenceNo,
    requestHash: sha256(
      `01|${partnerReferenceNo}|${account}|${limitSen ?? ''}|${access.customerId}`,
    ),
    amountSen: limitSen ?? sen(0n),
    access,
    name: caller.partner.name,
    body,
  });
  if (open) return open;
  const { grantId } = access;
  const made = await makeAccountToken(context, { grantId, account, limitSen });
  // Revoked in the moment of the binding.
  if (!made) throw new SnapRefusal('invalidCustomerToken');
  return answer({
    service: '01',
    caseName: 'successful',
    fields: {
      referenceNo: made.id,
      partnerReferenceNo,
      bankCardToken: made.token,
      tokenExpiryTime: wibIso(made.expiresAtMs),
    },
  });
};

/** Ends a token. */
export const cardUnbind: Service = async (context, { caller, body }) => {
  const token = body.text('bankCardToken');
  if (!(await endAccountToken(context, { partnerId: caller.partner.id, token })))
    throw new SnapRefusal('invalidAccount', 'bankCardToken');
  return answer({
    service: '05',
    caseName: 'successful',
    fields: { partnerReferenceNo: body.optionalText('partnerReferenceNo') },
  });
};
