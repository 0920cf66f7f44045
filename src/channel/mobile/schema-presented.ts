/** The wire forms of a code that the customer shows at a till. */
import { Type } from 'typebox';
import { AccountNumber, Amount, AmountIn, AtMs } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** What a code may be today. */
export const PresentedTermsBody = Type.Object({ limitMax: Amount, lifeMs: Type.Integer() }, closed);

/** Makes a code. */
export const PresentedMakeBody = Type.Object(
  { fromAccount: AccountNumber, limit: AmountIn, pin: Type.String({ pattern: '^[0-9]{6}$' }) },
  closed,
);

/** Names one. */
export const PresentedParams = Type.Object(
  { id: Type.String({ pattern: '^qpc_[0-9A-Z]{26}$' }) },
  closed,
);

const State = {
  id: Type.String(),
  state: Type.Enum(['waiting', 'paid', 'cancelled', 'expired', 'tried_too_often']),
  limit: Amount,
  validUntilMs: AtMs,
  nowMs: AtMs,
} as const;

/** A new code. The payload is said this once. */
export const PresentedMade = Type.Object({ ...State, payload: Type.String() }, closed);

/** Where a code stands. */
export const PresentedShown = Type.Object(
  {
    ...State,
    /** What it paid. */
    paymentId: Type.Optional(Type.String()),
    /** What a till asked for in vain, the last time. */
    refused: Type.Optional(
      Type.Object({ amount: Amount, title: Type.String(), wayOut: Type.String() }, closed),
    ),
  },
  closed,
);
