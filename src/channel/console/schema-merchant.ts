/** What staff send about merchants. Strict: a field that is not known is refused. */
import { Type, type Static } from 'typebox';
import { MERCHANT_CLASSES } from '../../rail/qris/mdr.ts';

const strict = { additionalProperties: false } as const;
const Password = Type.String({ minLength: 1, maxLength: 200 });
/** Of a form, made by the browser: the durable key of what it asks for. */
const Key = Type.String({ pattern: '^[0-9A-Za-z-]{16,64}$' });
const Why = Type.String({ maxLength: 256, pattern: '^\\S[\\s\\S]{3,}\\S$' });
/** As a QRIS code can carry it. */
const text = (max: number) =>
  Type.String({
    maxLength: max,
    pattern: '^[\\x21-\\x7b\\x7d\\x7e]([\\x20-\\x7b\\x7d\\x7e]*[\\x21-\\x7b\\x7d\\x7e])?$',
  });

/** As many as one counter opens at once. */
const TERMINALS_MAX = 20;

export const MerchantOpenBody = Type.Object(
  {
    key: Key,
    merchant: Type.Object(
      {
        nmid: Type.String({ pattern: '^ID[0-9]{13}$' }),
        name: text(25),
        city: text(15),
        postalCode: Type.String({ pattern: '^[0-9]{5}$' }),
        category: Type.String({ pattern: '^[0-9]{4}$' }),
        merchantClass: Type.Union(MERCHANT_CLASSES.map((one) => Type.Literal(one))),
        settlementAccount: Type.String({ pattern: '^[0-9]{6,20}$' }),
        terminals: Type.Array(Type.String({ pattern: '^[A-Za-z0-9]{1,16}$' }), {
          minItems: 1,
          maxItems: TERMINALS_MAX,
          uniqueItems: true,
        }),
      },
      strict,
    ),
    reason: Why,
    password: Password,
  },
  strict,
);
export const MerchantCloseBody = Type.Object({ key: Key, reason: Why, password: Password }, strict);
export const MerchantRefundBody = Type.Object(
  {
    key: Key,
    saleId: Type.String({ pattern: '^pay_[0-9A-Z]{26}$' }),
    amountSen: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }),
    reason: Why,
    password: Password,
  },
  strict,
);
export const RequestParams = Type.Object(
  { id: Type.String({ pattern: '^mrq_[0-9a-f]{32}$' }) },
  strict,
);

export const WarningsQuery = Type.Object(
  { merchant: Type.Optional(Type.String({ pattern: '^mer_[0-9A-Za-z_]{1,40}$' })) },
  strict,
);
export type WarningsInput = Static<typeof WarningsQuery>;
export type MerchantOpenInput = Static<typeof MerchantOpenBody>;
export type MerchantCloseInput = Static<typeof MerchantCloseBody>;
export type MerchantRefundInput = Static<typeof MerchantRefundBody>;
export type RequestInput = Static<typeof RequestParams>;
