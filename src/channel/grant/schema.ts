/** The wire forms of third-party access in the mobile API. Times are UTC milliseconds. */
import { Type } from 'typebox';
import { ACCESS_SCOPES } from './port.ts';

const closed = { additionalProperties: false } as const;
const ScopeKey = Type.Enum([...ACCESS_SCOPES]);
const Scopes = Type.Array(ScopeKey, {
  minItems: 1,
  maxItems: ACCESS_SCOPES.length,
  uniqueItems: true,
});
const Money = Type.Object(
  {
    value: Type.String({ pattern: '^(0|[1-9][0-9]{0,12})\\.[0-9]{2}$' }),
    currency: Type.Literal('IDR'),
  },
  closed,
);
const asked = {
  partnerId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,36}$' }),
  scopes: Scopes,
  redirectUrl: Type.String({ minLength: 1, maxLength: 500 }),
};
const chosen = {
  ...asked,
  accounts: Type.Array(Type.String({ pattern: '^[0-9]{6,34}$' }), {
    minItems: 1,
    maxItems: 20,
    uniqueItems: true,
  }),
  days: Type.Enum([30, 90, 180]),
  /** With a scope that moves money, and only then. */
  limits: Type.Optional(Type.Object({ perPayment: Money, perDay: Money }, closed)),
};

export const AskBody = Type.Object(asked, closed);
export const AskAnswer = Type.Object(
  {
    partnerName: Type.String(),
    /** What the partner would be able to do, and never do, in words. */
    may: Type.Array(Type.String()),
    mayNot: Type.Array(Type.String()),
    accounts: Type.Array(Type.Object({ number: Type.String(), name: Type.String() }, closed)),
    days: Type.Array(Type.Integer()),
    /** An earlier permission to the same partner ends with the new one. */
    isReplacing: Type.Boolean(),
    /** The customer has to say how much may be taken. */
    isDebit: Type.Boolean(),
  },
  closed,
);
export const TermsBody = Type.Object(chosen, closed);
export const TermsAnswer = Type.Object({ text: Type.String(), untilMs: Type.Integer() }, closed);
export const AgreeBody = Type.Object(
  {
    ...chosen,
    text: Type.String({ maxLength: 4_000 }),
    pin: Type.String({ pattern: '^[0-9]{6}$' }),
    state: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._~-]{0,200}$' })),
  },
  closed,
);
/** Where the browser goes now. */
export const AgreeAnswer = Type.Object({ url: Type.String() }, closed);

export const Grant = Type.Object(
  {
    id: Type.String(),
    partnerName: Type.String(),
    may: Type.Array(Type.String()),
    accounts: Type.Array(Type.String()),
    madeAtMs: Type.Integer(),
    expiresAtMs: Type.Integer(),
    isLive: Type.Boolean(),
    status: Type.String(),
  },
  closed,
);
export const GrantList = Type.Object({ grants: Type.Array(Grant) }, closed);
