/** Bodies of SNAP requests as data: per service its fields, which of them are mandatory and what each may hold; `read-body.ts` reads by them.
 * Pure. Source: domain.md 3.6. */

/** One field: `text` of at most `max` characters in `form`; `amount` an amount object; `time` ISO with offset; `count` a whole number
 * or its digits, at most `max`; `object` and `list` free within the body's bounds. */
export interface Field {
  readonly kind: 'text' | 'amount' | 'time' | 'count' | 'object' | 'list';
  readonly isMandatory: boolean;
  readonly max: number;
  readonly form: RegExp;
}

/** A service's fields by name. */
export type Fields = Readonly<Record<string, Field>>;

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
