/** The wire forms of a merchant's own page. */
import { Type } from 'typebox';
import { Amount, AmountIn } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** One sale. */
export const ShopSale = Type.Object(
  {
    id: Type.String(),
    madeAtMs: Type.Integer(),
    amount: Amount,
    /** What the merchant pays for it. */
    discount: Amount,
    refunded: Amount,
    /** What may still be given back. */
    left: Amount,
    terminal: Type.Optional(Type.String()),
    /** `pending`: paid, and spendable once its network settles; `checking`: nobody knows yet whether it was paid. */
    state: Type.Enum(['settled', 'pending', 'checking', 'failed']),
    canRefund: Type.Boolean(),
  },
  closed,
);

const Total = Type.Object({ count: Type.Integer(), amount: Amount, discount: Amount }, closed);

/** One merchant of the customer's, with the day's sales, newest first. */
export const Shop = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    city: Type.String(),
    nmid: Type.String(),
    account: Type.String(),
    terminals: Type.Array(Type.String()),
    today: Total,
    pending: Total,
    refundedToday: Amount,
    /** Until when a sale may be given back: so many days. */
    refundDays: Type.Integer(),
    sales: Type.Array(ShopSale),
    /** There were more sales than are listed. */
    hasMore: Type.Boolean(),
  },
  closed,
);
/** The merchants whose takings go to an account of the customer's. */
export const ShopList = Type.Object({ shops: Type.Array(Shop) }, closed);

/** Names a terminal's printed code. */
export const ShopCodeParams = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
    terminal: Type.String({ pattern: '^[A-Za-z0-9]{1,16}$' }),
  },
  closed,
);

/** A refund as the merchant asks for it. */
export const ShopRefundBody = Type.Object(
  {
    saleId: Type.String({ pattern: '^pay_[0-9A-Za-z]{1,36}$' }),
    amount: AmountIn,
    reason: Type.String({ maxLength: 100 }),
    pin: Type.String({ pattern: '^[0-9]{6}$' }),
  },
  closed,
);
/** What became of it. */
export const ShopRefund = Type.Object(
  {
    id: Type.String(),
    amount: Amount,
    discountBack: Amount,
    isFinal: Type.Boolean(),
    isRepeat: Type.Boolean(),
  },
  closed,
);
