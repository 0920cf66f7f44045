/** access-token/b2b2c (74): a customer's code, or the refresh token before, becomes a pair of tokens. The request is signed like that of
 * service 73. Source: domain.md 3.2. */
import { wibIso } from '../../kernel/time.ts';
import { exchangeCode, refreshPair, type TokenResult } from '../grant/token.ts';
import type { GrantContext } from '../grant/make.ts';
import { answer, type SnapAnswer } from './answer.ts';
import { SnapRefusal } from './fault.ts';
import type { ReadBody } from './read-body.ts';
import type { Partner } from './partner/partner.ts';

/** Gives the pair, or one refusal: which of the reasons it was is told in brackets. */
export async function customerToken(
  context: GrantContext,
  input: { readonly partner: Partner; readonly body: ReadBody },
): Promise<SnapAnswer> {
  const { partner, body } = input;
  const isCode = body.text('grantType') === 'authorization_code';
  const field = isCode ? 'authCode' : 'refreshToken';
  const unwanted = isCode ? 'refreshToken' : 'authCode';
  if (body.optionalText(unwanted) !== undefined) throw new SnapRefusal('invalidFormat', unwanted);
  const secret = body.text(field);
  const result: TokenResult = isCode
    ? await exchangeCode(context, {
        partnerId: partner.id,
        code: secret,
        redirectUrl: redirectUrl(body),
      })
    : await refreshPair(context, { partnerId: partner.id, refreshToken: secret });
  if (!result.ok) throw new SnapRefusal('unauthorized', WORDS[result.reason](field));
  const { pair } = result;
  return answer({
    service: '74',
    caseName: 'successful',
    fields: {
      accessToken: pair.accessToken,
      tokenType: 'Bearer',
      accessTokenExpiryTime: wibIso(pair.accessExpiresAtMs),
      refreshToken: pair.refreshToken,
      refreshTokenExpiryTime: wibIso(pair.refreshExpiresAtMs),
    },
  });
}

const WORDS: Readonly<
  Record<Extract<TokenResult, { ok: false }>['reason'], (field: string) => string>
> = {
  unknown: (field) => `${field} is unknown`,
  expired: (field) => `${field} has expired`,
  ended: () => 'access has ended',
  reused: (field) => `${field} was used before, access has ended`,
  other_redirect: () => 'redirectUrl is another one',
};

/** Bound to the code, so that one that was slipped to another page of the partner is worth nothing there. */
function redirectUrl(body: ReadBody): string {
  const more = body.raw['additionalInfo'] as { readonly redirectUrl?: unknown } | undefined;
  const url = more?.redirectUrl;
  if (url === undefined || url === null || url === '')
    throw new SnapRefusal('missingField', 'additionalInfo.redirectUrl');
  if (typeof url !== 'string') throw new SnapRefusal('invalidFormat', 'additionalInfo.redirectUrl');
  return url;
}
