/** A partner's server: gets its token, signs and posts SNAP requests over whatever carries HTTP. Owns the token and the
 * external ids; keeps no payment state. */
import type { KeyObject } from 'node:crypto';
import { formatIdr } from '../../src/kernel/money.ts';
import type { Random } from '../../src/kernel/random.ts';
import { wibIso, type Time } from '../../src/kernel/time.ts';
import { signTokenRequest, signTransaction } from './snap-signature.ts';

export interface HttpRequest {
  readonly method: 'POST';
  /** Path and query, no host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** Carries one request; throws when no answer came. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

export interface SnapPartner {
  readonly clientId: string;
  readonly partnerId: string;
  readonly channelId: string;
  readonly privateKey: KeyObject;
  readonly clientSecret: string;
  readonly signatureEncoding: 'base64' | 'hex';
}

/** The bank's answer; `code` is the SNAP `responseCode`, empty when the body was no SNAP answer. */
export interface SnapAnswer {
  readonly status: number;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SnapClient {
  transferIntrabank(input: {
    readonly reference: string;
    readonly from: string;
    readonly to: string;
    readonly amountSen: bigint;
    readonly remark?: string;
  }): Promise<SnapAnswer>;
  transferInterbank(input: {
    readonly reference: string;
    readonly from: string;
    readonly toBank: string;
    readonly to: string;
    readonly toName: string;
    readonly amountSen: bigint;
    readonly remark?: string;
  }): Promise<SnapAnswer>;
  accountInquiryInternal(account: string): Promise<SnapAnswer>;
  accountInquiryExternal(input: {
    readonly bank: string;
    readonly account: string;
  }): Promise<SnapAnswer>;
  balanceInquiry(account: string): Promise<SnapAnswer>;
  transferStatus(input: {
    readonly reference: string;
    readonly serviceCode: '17' | '18';
  }): Promise<SnapAnswer>;
  /** Any signed transaction request, for tests that bend one. */
  call(path: string, body: unknown): Promise<SnapAnswer>;
}

/** A token is renewed this long before it ends. */
const TOKEN_MARGIN_MS = 60_000;

interface ClientInput {
  readonly time: Time;
  readonly random: Random;
  readonly http: Http;
  readonly partner: SnapPartner;
}

/** A partner that talks to the bank through `http`. */
export function snapClient(input: ClientInput): SnapClient {
  const { time, partner } = input;
  const tokens = openTokens(input);
  const call: SnapClient['call'] = async (path, body) => {
    const text = JSON.stringify(body);
    const token = await tokens.fresh();
    const timestamp = wibIso(time.now());
    const { clientSecret: secret, signatureEncoding: encoding } = partner;
    const answer = await post(input, {
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-timestamp': timestamp,
        'x-partner-id': partner.partnerId,
        'x-external-id': externalId(input.random),
        'channel-id': partner.channelId,
        'x-signature': signTransaction({
          secret,
          method: 'POST',
          path,
          token,
          body: text,
          timestamp,
          encoding,
        }),
      },
      body: text,
    });
    // A restarted bank forgets tokens: the next call asks anew. This one is answered as it came, never sent twice.
    if (answer.status === 401) tokens.forget();
    return answer;
  };
  return { call, ...requests(time, call) };
}

/** Keeps one token and asks for the next in time; callers that come together share one request. */
function openTokens(input: ClientInput): { fresh(): Promise<string>; forget(): void } {
  const { time, partner } = input;
  let token: { readonly text: string; readonly endsAtMs: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const timestamp = wibIso(time.now());
    const signature = signTokenRequest({
      key: partner.privateKey,
      clientId: partner.clientId,
      timestamp,
    });
    const answer = await post(input, {
      method: 'POST',
      path: '/v1.0/access-token/b2b',
      headers: {
        'content-type': 'application/json',
        'x-timestamp': timestamp,
        'x-client-key': partner.clientId,
        'x-signature': signature,
      },
      body: JSON.stringify({ grantType: 'client_credentials' }),
    });
    const text = answer.body['accessToken'];
    if (answer.status !== 200 || typeof text !== 'string')
      throw new Error(`Cannot get a partner token: ${answer.status} ${answer.code}`);
    token = {
      text,
      endsAtMs: time.now() + Number(answer.body['expiresIn']) * 1000 - TOKEN_MARGIN_MS,
    };
    return text;
  };
  return {
    async fresh() {
      if (token && time.now() < token.endsAtMs) return token.text;
      asking ??= ask().finally(() => (asking = undefined));
      return asking;
    },
    forget: () => void (token = undefined),
  };
}

async function post(input: ClientInput, request: HttpRequest): Promise<SnapAnswer> {
  // Not tracked: in a drill the bank answers in the same virtual time, which must go on meanwhile.
  const response = await input.http(request);
  const body = parseObject(response.body);
  const code = typeof body['responseCode'] === 'string' ? body['responseCode'] : '';
  return { status: response.status, code, body };
}

function requests(time: Time, call: SnapClient['call']): Omit<SnapClient, 'call'> {
  const amount = (amountSen: bigint): { value: string; currency: string } => ({
    value: formatIdr(amountSen),
    currency: 'IDR',
  });
  return {
    transferIntrabank: (transfer) =>
      call('/v1.0/transfer-intrabank', {
        partnerReferenceNo: transfer.reference,
        amount: amount(transfer.amountSen),
        beneficiaryAccountNo: transfer.to,
        sourceAccountNo: transfer.from,
        transactionDate: wibIso(time.now()),
        ...(transfer.remark === undefined ? {} : { remark: transfer.remark }),
      }),
    transferInterbank: (transfer) =>
      call('/v1.0/transfer-interbank', {
        partnerReferenceNo: transfer.reference,
        amount: amount(transfer.amountSen),
        beneficiaryAccountName: transfer.toName,
        beneficiaryAccountNo: transfer.to,
        beneficiaryBankCode: transfer.toBank,
        sourceAccountNo: transfer.from,
        transactionDate: wibIso(time.now()),
        ...(transfer.remark === undefined ? {} : { remark: transfer.remark }),
      }),
    accountInquiryInternal: (account) =>
      call('/v1.0/account-inquiry-internal', { beneficiaryAccountNo: account }),
    accountInquiryExternal: ({ bank, account }) =>
      call('/v1.0/account-inquiry-external', {
        beneficiaryBankCode: bank,
        beneficiaryAccountNo: account,
      }),
    balanceInquiry: (account) => call('/v1.0/balance-inquiry', { accountNo: account }),
    transferStatus: ({ reference, serviceCode }) =>
      call('/v1.0/transfer/status', { originalPartnerReferenceNo: reference, serviceCode }),
  };
}

/** Numeric, 18 digits: unique per day for any load we make. */
function externalId(random: Random): string {
  return random.bytes(8).readBigUInt64BE().toString().padStart(20, '0').slice(-18);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
