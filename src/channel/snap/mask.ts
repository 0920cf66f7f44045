/** What the log of requests keeps of a body: only values that are known to be harmless, by their field and by their form. Everything
 * else is hidden, so that a field nobody thought of is hidden too; of an account the last four characters stay, to find it by.
 * Pure; one pass over the text, because parsing and writing it again would cost each payment more. */

const HIDDEN = '"***"';
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const REFERENCE = /^[A-Za-z0-9._-]{1,128}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/;
const CODE = /^[A-Za-z0-9]{1,11}$/;
const WORDS = /^[A-Za-z ]{1,30}$/;
const COUNT = /^\d{1,9}$/;

/** Fields whose value stays when it has this form. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  ...each(REFERENCE, [
    'partnerReferenceNo',
    'originalPartnerReferenceNo',
    'originalReferenceNo',
    'originalExternalId',
    'referenceNo',
    'referenceNumber',
    'transactionId',
    'inquiryRequestId',
    'paymentRequestId',
    'partnerRefundNo',
    'refundNo',
    'merchantId',
    'storeId',
    'terminalId',
  ]),
  ...each(INSTANT, [
    'transactionDate',
    'fromDateTime',
    'toDateTime',
    'dateTime',
    'trxDateTime',
    'lastRecordDateTime',
    'paidTime',
    'refundTime',
    'validUpTo',
  ]),
  ...each(CODE, [
    'beneficiaryBankCode',
    'serviceCode',
    'latestTransactionStatus',
    'beneficiaryAccountStatus',
    'beneficiaryAccountType',
    'balanceType',
    'balanceTypes',
    'status',
    'type',
    'feeType',
    'tokenType',
    'paymentFlagStatus',
    'inquiryStatus',
    'flagAdvise',
    'hasMore',
    'previousResponseCode',
    'responseCode',
  ]),
  ...each(COUNT, ['expiresIn', 'pageSize', 'pageNumber', 'numberOfEntries']),
  value: /^\d{1,16}\.\d\d$/,
  currency: /^[A-Z]{3}$/,
  transactionStatusDesc: WORDS,
  beneficiaryBankName: WORDS,
  grantType: /^(client_credentials|authorization_code|refresh_token)$/i,
};

/** Of these the last four characters stay. */
const ENDING: ReadonlySet<string> = new Set([
  'accountNo',
  'sourceAccountNo',
  'beneficiaryAccountNo',
  'virtualAccountNo',
  'customerNo',
  'destinationNumber',
]);
const ENDING_LENGTH = 4;
/** Shorter ones are hidden whole: four characters of eight would be half. */
const ENDING_LENGTH_MIN = 9;

function each(form: RegExp, names: readonly string[]): Readonly<Record<string, RegExp>> {
  return Object.fromEntries(names.map((name) => [name, form]));
}

/** A string, with what makes it a name, or a bare word: number, true, false, null. */
const PIECE = /"((?:[^"\\]|\\.)*)"(\s*:)?|[^\s{}[\],:"]+/g;

/** Masks JSON text. `isOurs`: an answer, whose message is our own words.
 * Shape: valid JSON in, valid JSON out; any other text gives a text in which every string and word is hidden. */
export function maskJson(json: string, input: { readonly isOurs: boolean }): string {
  let name = '';
  return json.replace(PIECE, (all, text: string | undefined, colon: string | undefined) => {
    if (text === undefined)
      return all === 'true' || all === 'false' || all === 'null' ? all : HIDDEN;
    if (colon !== undefined) {
      name = NAME.test(text) ? text : '';
      return name === '' ? '"?":' : all;
    }
    if (Object.hasOwn(PLAIN, name) && PLAIN[name]!.test(text)) return all;
    if (input.isOurs && name === 'responseMessage') return all;
    return ENDING.has(name) && text.length >= ENDING_LENGTH_MIN && CODE_LIKE.test(text)
      ? `"***${text.slice(-ENDING_LENGTH)}"`
      : HIDDEN;
  });
}

const CODE_LIKE = /^[A-Za-z0-9]{1,34}$/;
