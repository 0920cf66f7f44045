import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** One card, its number masked. */
export const CardShown = Type.Object(
  {
    id: Type.String(),
    /** `639199******0018`. */
    number: Type.String(),
    account: Type.String(),
    state: Type.Enum(['active', 'blocked', 'lost', 'stolen', 'expired', 'pin_locked']),
    /** `12/31`. */
    goodThrough: Type.String(),
    canBlock: Type.Boolean(),
  },
  closed,
);
/** A customer's cards. */
export const CardList = Type.Object({ cards: Type.Array(CardShown) }, closed);
/** Names a card. */
export const CardParams = Type.Object(
  { id: Type.String({ pattern: '^crd_[0-9A-Za-z]{1,36}$' }) },
  closed,
);
/** What a customer may say of it. */
export const CardBlockBody = Type.Object(
  { reason: Type.Enum(['blocked', 'lost', 'stolen']) },
  closed,
);
