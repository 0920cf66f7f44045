/** Bodies of SNAP requests as data: per service its fields, which of them are mandatory and what each may hold. Strict: a field
 * that the service does not have is refused too. Pure. Source: domain.md 3.6. */
import { isUtf8 } from 'node:buffer';
import { parseIdr, type Sen } from '../../kernel/money.ts';
import { SnapRefusal } from './fault.ts';
import { parseTimestamp } from './timestamp.ts';

/** One field: `text` of at most `max` characters in `form`; `amount` an amount object; `time` ISO with offset; `count` a whole number
 * or its digits, at most `max`; `object` and `list` free within the body's bounds. */
export interface Field {
  readonly kind: 'text' | 'amount' | 'time' | 'count' | 'object' | 'list';
  readonly isMandatory: boolean;
  readonly max: number;
  readonly form: RegExp;
}

type Fields = Readonly<Record<string, Field>>;

/** No control characters, no lone surrogates. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;
const REFERENCE = /^[A-Za-z0-9._-]+$/;
const ACCOUNT = /^[A-Za-z0-9]+$/;
const TOKEN = /^[A-Za-z0-9_-]+$/;
const ANY = /^/;

const text = (max: number, form = PRINTABLE): Field => ({
  kind: 'text',
  isMandatory: false,
  max,
  form,
});
const must = (field: Field): Field => ({ ...field, isMandatory: true });
const amount: Field = { kind: 'amount', isMandatory: false, max: 0, form: ANY };
const time: Field = { kind: 'time', isMandatory: false, max: 25, form: ANY };
const count = (max: number): Field => ({ kind: 'count', isMandatory: false, max, form: ANY });
const object: Field = { kind: 'object', isMandatory: false, max: 0, form: ANY };
const list: Field = { kind: 'list', isMandatory: false, max: 10, form: ANY };

const transfer: Fields = {
  partnerReferenceNo: must(text(64, REFERENCE)),
  amount: must(amount),
  beneficiaryAccountNo: must(text(34, ACCOUNT)),
  sourceAccountNo: must(text(19, ACCOUNT)),
  transactionDate: must(time),
  beneficiaryEmail: text(50),
  currency: text(3, /^IDR$/),
  customerReference: text(30),
  feeType: text(25, /^(OUR|BEN|SHA)$/),
  remark: text(50),
  originatorInfos: list,
  additionalInfo: object,
};

/** Digits, padded with blanks on the left to eight characters or not. Source: domain.md 3.6. */
const va: Fields = {
  partnerServiceId: must(text(8, /^ {0,7}\d{1,8}$/)),
  customerNo: must(text(20, /^\d+$/)),
  virtualAccountNo: must(text(28, /^ {0,7}\d{2,28}$/)),
  additionalInfo: object,
};
/** By the partner's reference of a code, or by ours of a code or a sale. */
const qrOriginal: Fields = {
  originalReferenceNo: text(64, REFERENCE),
  originalPartnerReferenceNo: text(64, REFERENCE),
  originalExternalId: text(36, /^\d+$/),
  subMerchantId: text(32),
  externalStoreId: text(64),
};
const qrCancel = {
  ...qrOriginal,
  merchantId: must(text(64, REFERENCE)),
  reason: must(text(256)),
  amount,
  additionalInfo: object,
} satisfies Fields;
const qrRefund = {
  ...qrOriginal,
  merchantId: must(text(64, REFERENCE)),
  partnerRefundNo: must(text(64, REFERENCE)),
  refundAmount: must(amount),
  reason: must(text(256)),
  additionalInfo: object,
} satisfies Fields;
/** Services of QRIS codes. A store label goes into the code, which holds 25 characters of it. Source: domain.md 3.6, 1.4. */
const QR_FIELDS = {
  '47': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    amount,
    feeAmount: amount,
    merchantId: must(text(64, REFERENCE)),
    subMerchantId: text(32),
    storeId: text(25, /^[\x20-\x7b\x7d\x7e]+$/),
    terminalId: text(16, ACCOUNT),
    validityPeriod: time,
    additionalInfo: object,
  },
  '48': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    qrContent: must(text(512)),
    amount,
    merchantId: text(64, REFERENCE),
    subMerchantId: text(32),
    scanTime: must(time),
    additionalInfo: object,
  },
  '50': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    merchantId: text(64, REFERENCE),
    subMerchantId: text(32),
    amount: must(amount),
    feeAmount: amount,
    otp: text(6, /^\d{6}$/),
    verificationId: text(64, TOKEN),
    additionalInfo: must(object),
  },
  '51': {
    ...qrOriginal,
    serviceCode: must(text(2, /^(47|50)$/)),
    merchantId: text(64, REFERENCE),
    additionalInfo: object,
  },
  '60': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    qrContent: must(text(512, /^[A-Za-z0-9+/=]+$/)),
    amount: must(amount),
    feeAmount: amount,
    merchantId: must(text(64, REFERENCE)),
    subMerchantId: text(32),
    title: text(256),
    expiryTime: time,
    items: list,
    externalStoreId: text(64),
    scannerInfo: object,
    additionalInfo: object,
  },
  '61': {
    ...qrOriginal,
    serviceCode: must(text(2, /^60$/)),
    merchantId: text(64, REFERENCE),
    additionalInfo: object,
  },
  '62': qrCancel,
  '80': qrRefund,
  '77': qrCancel,
  '78': qrRefund,
} as const satisfies Record<string, Fields>;

/** The fields of each service. */
export const FIELDS = {
  '99': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    rail: must(text(10, /^(bifast|switch|qris|biller)$/)),
    additionalInfo: object,
  },
  '74': {
    grantType: must(text(30, /^(authorization_code|refresh_token)$/)),
    authCode: text(256, TOKEN),
    refreshToken: text(512, TOKEN),
    additionalInfo: object,
  },
  '73': { grantType: must(text(30, /^client_credentials$/)), additionalInfo: object },
  '11': {
    partnerReferenceNo: text(64, REFERENCE),
    bankCardToken: text(128),
    accountNo: text(16, ACCOUNT),
    balanceTypes: list,
    additionalInfo: object,
  },
  '12': {
    partnerReferenceNo: text(64, REFERENCE),
    fromDateTime: time,
    toDateTime: time,
    pageSize: count(50),
    pageNumber: count(200),
    additionalInfo: object,
  },
  '13': { originalPartnerReferenceNo: must(text(64, REFERENCE)), additionalInfo: object },
  '14': {
    partnerReferenceNo: text(64, REFERENCE),
    bankCardToken: text(128),
    accountNo: text(16, ACCOUNT),
    fromDateTime: time,
    toDateTime: time,
    additionalInfo: object,
  },
  '15': {
    partnerReferenceNo: text(64, REFERENCE),
    beneficiaryAccountNo: must(text(34, ACCOUNT)),
    additionalInfo: object,
  },
  '16': {
    partnerReferenceNo: text(64, REFERENCE),
    beneficiaryBankCode: must(text(11, ACCOUNT)),
    beneficiaryAccountNo: must(text(34, ACCOUNT)),
    additionalInfo: object,
  },
  '17': transfer,
  '18': {
    ...transfer,
    beneficiaryAccountName: must(text(100, /^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u)),
    beneficiaryAddress: text(100),
    beneficiaryBankCode: must(text(11, ACCOUNT)),
    beneficiaryBankName: text(50),
  },
  '24': {
    ...va,
    inquiryRequestId: must(text(128)),
    trxDateInit: time,
    channelCode: count(999_999),
    language: text(2),
    amount,
    hashedSourceAccountNo: text(32),
    sourceBankCode: text(3, /^\d+$/),
    passApp: text(64),
  },
  '25': {
    ...va,
    virtualAccountName: text(255),
    virtualAccountEmail: text(255),
    virtualAccountPhone: text(30),
    trxId: text(64),
    paymentRequestId: must(text(128)),
    channelCode: count(999_999),
    hashedSourceAccountNo: text(32),
    sourceBankCode: text(3, /^\d+$/),
    paidAmount: must(amount),
    cumulativePaymentAmount: amount,
    totalAmount: amount,
    trxDateTime: time,
    referenceNo: text(15),
    journalNum: text(6),
    paymentType: count(9),
    flagAdvise: text(1, /^[YN]$/),
    subCompany: text(5),
    freeTexts: list,
  },
  '26': { ...va, inquiryRequestId: text(128), paymentRequestId: text(128) },
  '27': {
    ...va,
    virtualAccountName: must(text(255)),
    virtualAccountEmail: text(255),
    virtualAccountPhone: text(30),
    trxId: must(text(64)),
    totalAmount: amount,
    billDetails: list,
    virtualAccountTrxType: must(text(1, /^[COIML]$/)),
    expiredDate: time,
  },
  '01': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    limit: amount,
    chargeToken: text(128, TOKEN),
    otp: text(6, /^\d{6}$/),
    additionalInfo: object,
  },
  '05': { partnerReferenceNo: text(64, REFERENCE), bankCardToken: must(text(128, TOKEN)) },
  '54': {
    partnerReferenceNo: must(text(64, REFERENCE)),
    bankCardToken: text(128, TOKEN),
    chargeToken: text(128, TOKEN),
    otp: text(6, /^\d{6}$/),
    merchantId: text(64),
    subMerchantId: text(32),
    amount: must(amount),
    externalStoreId: text(64),
    validUpTo: time,
    pointOfInitiation: text(20),
    remark: text(50),
    additionalInfo: object,
  },
  '55': {
    originalPartnerReferenceNo: must(text(64, REFERENCE)),
    originalReferenceNo: text(64, REFERENCE),
    originalExternalId: text(36, /^\d+$/),
    serviceCode: must(text(2, /^54$/)),
    transactionDate: time,
    amount,
    merchantId: text(64),
    subMerchantId: text(32),
    externalStoreId: text(64),
    additionalInfo: object,
  },
  '57': {
    originalPartnerReferenceNo: must(text(64, REFERENCE)),
    originalReferenceNo: text(64, REFERENCE),
    originalExternalId: text(36, /^\d+$/),
    merchantId: text(64),
    subMerchantId: text(32),
    reason: text(256),
    externalStoreId: text(64),
    amount,
    additionalInfo: object,
  },
  '58': {
    originalPartnerReferenceNo: must(text(64, REFERENCE)),
    originalReferenceNo: text(64, REFERENCE),
    originalExternalId: text(36, /^\d+$/),
    merchantId: text(64),
    subMerchantId: text(32),
    partnerRefundNo: must(text(64, REFERENCE)),
    refundAmount: must(amount),
    externalStoreId: text(64),
    reason: text(256),
    additionalInfo: object,
  },
  '36': {
    originalPartnerReferenceNo: text(64, REFERENCE),
    originalReferenceNo: text(64, REFERENCE),
    originalExternalId: text(36, /^\d+$/),
    serviceCode: must(text(2, /^\d\d$/)),
    transactionDate: time,
    amount,
    additionalInfo: object,
  },
  ...QR_FIELDS,
} as const satisfies Record<string, Fields>;

/** A body that has passed: texts are texts, amounts are sen under `sen`, all else as it came. */
export interface ReadBody {
  /** A mandatory text. */
  text(name: string): string;
  optionalText(name: string): string | undefined;
  sen(name: string): Sen;
  optionalSen(name: string): Sen | undefined;
  /** A whole number, whether it came as a number or as its digits. */
  optionalCount(name: string): number | undefined;
  /** The JSON as it came, for the echo in answers. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Reads a body strictly. Throws SnapRefusal: `badRequest` for no JSON object, `missingField` and `invalidFormat` with the name. */
export function readBody(fields: Fields, body: Buffer): ReadBody {
  const raw = parseObject(body);
  const amounts = new Map<string, Sen>();
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (value === undefined || value === null || value === '') {
      if (field.isMandatory) throw new SnapRefusal('missingField', name);
      continue;
    }
    checkField({ name, field, value, amounts });
  }
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(fields, name))
      throw new SnapRefusal('invalidFormat', /^\w{1,40}$/.test(name) ? name : 'body');
  }
  const optionalText = (name: string): string | undefined => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    raw,
    optionalText,
    text: (name) => optionalText(name) ?? missing(name),
    optionalCount: (name) => {
      const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
      return value === undefined || value === null || value === '' ? undefined : Number(value);
    },
    optionalSen: (name) => amounts.get(name),
    sen: (name) => amounts.get(name) ?? missing(name),
  };
}

function missing(name: string): never {
  throw new SnapRefusal('missingField', name);
}

function parseObject(body: Buffer): Record<string, unknown> {
  if (!isUtf8(body)) throw new SnapRefusal('badRequest', 'body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SnapRefusal('badRequest', 'body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SnapRefusal('badRequest', 'body is not an object');
  return value as Record<string, unknown>;
}

function checkField(input: {
  readonly name: string;
  readonly field: Field;
  readonly value: unknown;
  readonly amounts: Map<string, Sen>;
}): void {
  const { name, field, value } = input;
  const refuse = (where = name): never => {
    throw new SnapRefusal('invalidFormat', where);
  };
  switch (field.kind) {
    case 'text':
      if (typeof value !== 'string' || value.length > field.max || !field.form.test(value))
        refuse();
      return;
    case 'time':
      if (typeof value !== 'string' || parseTimestamp(value) === undefined) refuse();
      return;
    case 'count':
      if (!/^\d{1,9}$/.test(String(value)) || Number(value) > field.max) refuse();
      return;
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) refuse();
      return;
    case 'list':
      if (!Array.isArray(value) || value.length > field.max) refuse();
      return;
    case 'amount': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse();
      const { value: digits, currency, ...rest } = value as Record<string, unknown>;
      if (digits === undefined || digits === null || digits === '') missing(`${name}.value`);
      if (currency === undefined || currency === null || currency === '')
        missing(`${name}.currency`);
      const read = parseIdr(digits);
      if (read === undefined) return refuse(`${name}.value`);
      if (currency !== 'IDR') refuse(`${name}.currency`);
      if (Object.keys(rest).length > 0) refuse();
      input.amounts.set(name, read);
    }
  }
}
