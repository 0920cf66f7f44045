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
const PLAIN: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
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
      'cancelTime',
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
  }),
);

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

/** Letters and digits outside strings: numbers, and `true`, `false`, `null`. */
const BARE = /[^\s{}[\],:"]+/g;
const IS_BARE = /[^\s{}[\],:"]/;
const IS_NAME_END = /^\s*:/;

/** Masks JSON text. `isOurs`: an answer, whose message is our own words.
 * Shape: valid JSON in, valid JSON out; any other text gives a text in which every string and word is hidden. */
export function maskJson(json: string, input: { readonly isOurs: boolean }): string {
  let out = '';
  let name = '';
  let at = 0;
  for (;;) {
    const open = json.indexOf('"', at);
    if (open < 0) return out + hideBare(json.slice(at));
    const close = endOfString(json, open);
    if (close < 0) return out + hideBare(json.slice(at, open)) + HIDDEN;
    if (open - at > 1) out += hideBare(json.slice(at, open));
    else if (open > at) out += json[at];
    const text = json.slice(open + 1, close);
    at = close + 1;
    if (json[at] === ':' || IS_NAME_END.test(json.slice(at, at + SPACE_MAX))) {
      name = NAME.test(text) ? text : '';
      out += name === '' ? '"?"' : `"${text}"`;
    } else out += maskText({ name, text, isOurs: input.isOurs });
  }
}

/** The body of a request is minified before and an answer is ours: more white space before a colon there is not. */
const SPACE_MAX = 8;

function endOfString(json: string, open: number): number {
  for (let close = json.indexOf('"', open + 1); close >= 0; close = json.indexOf('"', close + 1)) {
    let slashes = 0;
    while (json[close - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return close;
  }
  return -1;
}

function hideBare(between: string): string {
  if (!IS_BARE.test(between)) return between;
  return between.replace(BARE, (word) =>
    word === 'true' || word === 'false' || word === 'null' ? word : HIDDEN,
  );
}

function maskText(input: {
  readonly name: string;
  readonly text: string;
  readonly isOurs: boolean;
}): string {
  const { name, text, isOurs } = input;
  const form = PLAIN.get(name);
  if (form ? form.test(text) : isOurs && name === 'responseMessage') return `"${text}"`;
  return ENDING.has(name) && text.length >= ENDING_LENGTH_MIN && CODE_LIKE.test(text)
    ? `"***${text.slice(-ENDING_LENGTH)}"`
    : HIDDEN;
}

const CODE_LIKE = /^[A-Za-z0-9]{1,34}$/;
