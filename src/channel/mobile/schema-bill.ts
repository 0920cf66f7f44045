/** The wire forms of bills. */
import { Type } from 'typebox';
import { AccountNumber, Amount, AmountIn, Explanation, QuoteAnswer } from './schema.ts';

const closed = { additionalProperties: false };
const Id = Type.String({ maxLength: 40 });
const AtMs = Type.Integer();
const PeriodCount = Type.Integer({ minimum: 0, maximum: 24 });

export const BillProduct = Type.Object(
  {
    code: Type.String(),
    group: Type.String(),
    groupName: Type.String(),
    name: Type.String(),
    keyName: Type.String(),
    /** How the number must look, as a regular expression. */
    keyForm: Type.String(),
    isTopUp: Type.Boolean(),
    isClosed: Type.Boolean(),
  },
  closed,
);
export const BillsBody = Type.Object(
  {
    products: Type.Array(BillProduct),
    /** The restriction that closes bills for this customer now. */
    explanation: Type.Optional(Explanation),
  },
  closed,
);

export const BillInquiryBody = Type.Object(
  {
    product: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,31}$' }),
    customerKey: Type.String({ pattern: '^[0-9]{4,32}$' }),
  },
  closed,
);
export const BillInquiryAnswer = Type.Object(
  {
    found: Type.Enum(['yes', 'no', 'unknown']),
    inquiryId: Type.Optional(Type.String()),
    /** Who settles, as a payment names the other end. */
    aggregator: Type.Optional(Type.String()),
    productName: Type.Optional(Type.String()),
    customerName: Type.Optional(Type.String()),
    customerKey: Type.Optional(Type.String()),
    periods: Type.Optional(
      Type.Array(Type.Object({ label: Type.String(), amount: Amount }, closed)),
    ),
    choices: Type.Optional(
      Type.Array(
        Type.Object({ label: Type.String(), amount: Amount, periodCount: PeriodCount }, closed),
      ),
    ),
    range: Type.Optional(Type.Object({ least: Amount, most: Amount }, closed)),
    validUntilMs: Type.Optional(AtMs),
    title: Type.Optional(Type.String()),
    wayOut: Type.Optional(Type.String()),
  },
  closed,
);

const Terms = {
  fromAccount: AccountNumber,
  inquiryId: Id,
  amount: AmountIn,
  periodCount: PeriodCount,
  isRepeatConfirmed: Type.Boolean(),
};
export const BillQuoteBody = Type.Object(Terms, closed);
export const BillConsentBody = Type.Object(
  { ...Terms, text: Type.String({ maxLength: 1_000 }) },
  closed,
);
export const BillQuoteAnswer = QuoteAnswer;
