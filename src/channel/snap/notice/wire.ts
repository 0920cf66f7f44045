/** A notice on the wire: path, body and signed headers, as SNAP asks of whoever calls (domain.md 3.2, 3.3). Pure. */
import { sign, type KeyObject } from 'node:crypto';
import { sha256 } from '../../../kernel/canonical.ts';
import { formatIdr } from '../../../kernel/money.ts';
import { wibIso } from '../../../kernel/time.ts';
import type {
  NoticeKind,
  SaleFacts,
  TransferFacts,
  VaFacts,
} from '../../../notify/partner-notice.ts';
import type { PaymentState } from '../../../payment/state.ts';
import { amountObject } from '../answer.ts';
import { LATEST_STATUS, paymentCase, responseCode } from '../code.ts';
import { signSymmetric } from '../signature.ts';

/** Where a partner takes notices and who we are there. */
export interface NoticeEndpoint {
  readonly id: string;
  readonly base_url: string;
  readonly signature: 'asymmetric' | 'symmetric';
  readonly client_id: string;
  readonly channel_id: string;
  readonly secret: string | null;
}

/** A notice before it is signed: the same for every attempt. */
export interface NoticeMessage {
  readonly service: '17' | '18' | '25' | '50' | '52' | '56' | '79';
  /** After the endpoint's base. */
  readonly path: string;
  readonly body: Buffer;
}

type NoticeAsked = '54' | '50' | '60' | undefined;

/** The message of a notice. `attempt` counts from 1. */
export function noticeMessage(input: {
  readonly kind: NoticeKind;
  readonly facts: string;
  readonly attempt: number;
  /** The service that took the payment from a customer, where it was no transfer: of a direct debit 56 tells, of a payment by QRIS 50, of a code
   * that a shop scanned 79. */
  readonly asked: NoticeAsked;
}): NoticeMessage {
  const facts: unknown = JSON.parse(input.facts);
  switch (input.kind) {
    case 'transfer':
      return transferMessage(facts as TransferFacts, input.asked);
    case 'va_payment':
      return vaMessage(facts as VaFacts, input.attempt);
    case 'qris_sale':
      return saleMessage(facts as SaleFacts);
  }
}

/** Service 52: a merchant of the partner's was paid. A sale that its network has still to settle is paid too: goods may be handed over. */
function saleMessage(facts: SaleFacts): NoticeMessage {
  const [latestTransactionStatus, transactionStatusDesc] = LATEST_STATUS.settled;
  const body = {
    originalReferenceNo: facts.codeId ?? facts.paymentId,
    ...(facts.partnerReferenceNo !== undefined && {
      originalPartnerReferenceNo: facts.partnerReferenceNo,
    }),
    latestTransactionStatus,
    transactionStatusDesc,
    amount: amountObject(formatIdr(BigInt(facts.amountSen))),
    additionalInfo: {
      merchantId: facts.merchantId,
      ...(facts.terminal !== undefined && { terminalId: facts.terminal }),
      paymentReferenceNo: facts.paymentId,
      isSettled: facts.state === 'settled' ? 'Y' : 'N',
      paidTime: wibIso(facts.atMs),
    },
  };
  return {
    service: '52',
    path: '/v1.0/qr/qr-mpm-notify',
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Service 25 at the corporate's own server: its virtual account was paid. The money is with it already: the answer changes nothing. */
function vaMessage(facts: VaFacts, attempt: number): NoticeMessage {
  const body = {
    // Eight characters, padded on the left (domain.md 3.6).
    partnerServiceId: facts.serviceId.padStart(8, ' '),
    customerNo: facts.customerNo,
    virtualAccountNo: facts.serviceId.padStart(8, ' ') + facts.customerNo,
    virtualAccountName: facts.name,
    ...(facts.trxId !== '' && { trxId: facts.trxId }),
    paymentRequestId: facts.requestId,
    paidAmount: amountObject(formatIdr(BigInt(facts.amountSen))),
    ...(facts.totalSen !== undefined && {
      totalAmount: amountObject(formatIdr(BigInt(facts.totalSen))),
    }),
    trxDateTime: wibIso(facts.atMs),
    referenceNo: facts.paymentId,
    flagAdvise: attempt > 1 ? 'Y' : 'N',
  };
  return {
    service: '25',
    path: '/v1.0/transfer-va/payment',
    body: Buffer.from(JSON.stringify(body)),
  };
}

const PATHS = {
  '17': 'transfer-intrabank',
  '18': 'transfer-interbank',
  '50': 'qr/qr-mpm-payment',
  '56': 'debit',
  '79': 'qr/qr-cpm',
} as const;

/** The message of a transfer that reached a final state. The service is the transfer's own; the path is our own choice, for the
 * standard has none for single transfers. */
function transferMessage(facts: TransferFacts, taken: NoticeAsked): NoticeMessage {
  const asked = taken ?? (facts.kind === 'onus' ? '17' : '18');
  const service = asked === '54' ? '56' : asked === '60' ? '79' : asked;
  // "Paid" to a shop that scanned a code is the other bank's approval; its settlement is no news.
  const isPaid = facts.kind === 'qris_scanned' && facts.state === 'accepted';
  const state = isPaid ? 'settled' : (facts.state as PaymentState);
  const [latestTransactionStatus, transactionStatusDesc] = LATEST_STATUS[state];
  const told = paymentCase({ state, ...(facts.outcomeCode && { outcomeCode: facts.outcomeCode }) });
  const body = {
    originalReferenceNo: facts.paymentId,
    originalPartnerReferenceNo: facts.partnerReferenceNo,
    serviceCode: asked,
    latestTransactionStatus,
    transactionStatusDesc,
    previousResponseCode: responseCode(asked, told),
    amount: amountObject(formatIdr(BigInt(facts.amountSen))),
    beneficiaryAccountNo: facts.creditAccount,
    beneficiaryAccountName: facts.creditorName,
    ...(facts.counterpartyBank !== undefined && { beneficiaryBankCode: facts.counterpartyBank }),
    transactionDate: wibIso(facts.atMs),
  };
  return {
    service,
    path: `/v1.0/${PATHS[service]}/notify`,
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** The address of a path at an endpoint, and the path as it is signed. */
export function addressOf(
  endpoint: Pick<NoticeEndpoint, 'base_url'>,
  path: string,
): { readonly url: string; readonly signedPath: string } {
  const base = endpoint.base_url.replace(/\/$/, '');
  const url = `${base}${path}`;
  return { url, signedPath: new URL(url).pathname };
}

/** Headers of an attempt. With a token the symmetric signature is made, without one the asymmetric. */
export function noticeHeaders(input: {
  readonly endpoint: NoticeEndpoint;
  readonly key: KeyObject;
  readonly signedPath: string;
  readonly body: Buffer;
  readonly externalId: string;
  readonly nowMs: number;
  readonly accessToken: string | undefined;
}): Readonly<Record<string, string>> {
  const { endpoint, signedPath, accessToken } = input;
  const timestamp = wibIso(input.nowMs);
  const bodyHash = sha256(input.body).toString('hex');
  const signature =
    accessToken === undefined
      ? signText(`POST:${signedPath}:${bodyHash}:${timestamp}`, input.key)
      : signSymmetric({
          secret: endpoint.secret ?? '',
          encoding: 'base64',
          method: 'POST',
          endpointUrl: signedPath,
          accessToken,
          bodyHash,
          timestamp,
        });
  return {
    'content-type': 'application/json',
    ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    'x-timestamp': timestamp,
    'x-signature': signature,
    'x-partner-id': endpoint.client_id,
    'x-external-id': input.externalId,
    'channel-id': endpoint.channel_id,
  };
}

/** Headers of our own request for a token at the partner's. */
export function tokenHeaders(input: {
  readonly endpoint: NoticeEndpoint;
  readonly key: KeyObject;
  readonly nowMs: number;
}): Readonly<Record<string, string>> {
  const timestamp = wibIso(input.nowMs);
  return {
    'content-type': 'application/json',
    'x-timestamp': timestamp,
    'x-client-key': input.endpoint.client_id,
    'x-signature': signText(`${input.endpoint.client_id}|${timestamp}`, input.key),
  };
}

/** Base64 of SHA256withRSA. */
function signText(text: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(text), key).toString('base64');
}
