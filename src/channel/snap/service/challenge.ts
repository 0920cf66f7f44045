/** The code that a larger payment from a customer's account (54, 50) and a binding (01) take first: on the wire a token and an otp. */
import type { Sen } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import { demandCode } from '../../../direct-debit/challenge.ts';
import { answer, type SnapAnswer } from '../answer.ts';
import type { CaseName } from '../code.ts';
import { SnapRefusal } from '../fault.ts';
import type { ReadBody } from '../read-body.ts';
import type { ServiceContext } from '../serve.ts';

/** How each service names the token of a code, and whether it says until when the code is good. Source: domain.md 3.6. */
const TOKEN_FIELD = { '01': 'chargeToken', '54': 'chargeToken', '50': 'verificationId' } as const;

interface Asking {
  readonly service: keyof typeof TOKEN_FIELD;
  readonly partnerId: string;
  readonly partnerReferenceNo: string;
  readonly requestHash: Buffer;
  readonly amountSen: Sen;
  readonly access: { readonly grantId: string; readonly customerId: string };
  /** The partner's. */
  readonly name: string;
  /** The merchant's, where it is not the partner that is paid. */
  readonly payeeName?: string;
  readonly body: ReadBody;
}

/** The answer that asks for the code; undefined once it is passed, or where none is asked. A request that stands already (`isKnown`) was let
 * through then: its repeat learns what became of it. Throws SnapRefusal, DbFault. */
export async function demandOtp(
  context: ServiceContext,
  { isKnown, ...asked }: Asking & { readonly service: '54' | '50'; readonly isKnown: boolean },
): Promise<SnapAnswer | undefined> {
  const { debitCodeFromSen } = await context.settings();
  if (asked.amountSen < debitCodeFromSen || isKnown) return undefined;
  return askOtp(context, asked);
}

/** The same where a code is always asked. */
export async function askOtp(
  context: ServiceContext,
  { service, access, name, body, ...request }: Asking,
): Promise<SnapAnswer | undefined> {
  const field = TOKEN_FIELD[service];
  const [token, code] = [body.optionalText(field), body.optionalText('otp')];
  if ((token === undefined) !== (code === undefined))
    throw new SnapRefusal('missingField', token === undefined ? field : 'otp');
  const result = await demandCode(context, {
    ...request,
    isBinding: service === '01',
    partnerName: name,
    grantId: access.grantId,
    customerId: access.customerId,
    ...(token !== undefined && code !== undefined && { given: { token, code } }),
  });
  if (result.kind === 'passed') return undefined;
  if (result.kind !== 'sent') throw new SnapRefusal(OTP_CASE[result.kind]);
  const validUpTo = wibIso(result.expiresAtMs);
  return answer({
    service,
    caseName: 'otpSent',
    fields:
      service !== '50'
        ? { chargeToken: result.token, validUpTo }
        : { verificationId: result.token, additionalInfo: { validUpTo } },
  });
}

const OTP_CASE = {
  wrong: 'otpInvalid',
  expired: 'otpExpired',
  blocked: 'otpBlocked',
  unknown: 'otpNeeded',
} as const satisfies Record<string, CaseName>;
