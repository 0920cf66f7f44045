/** The wire forms of proxies: paying to one, and the customer's own. */
import { Type } from 'typebox';
import { AccountNumber, NameCheckAnswer } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const ProxyCheckBody = Type.Object(
  { proxy: Type.String({ minLength: 3, maxLength: 120 }) },
  closed,
);
export const ProxyCheckAnswer = Type.Object(
  {
    ...NameCheckAnswer.properties,
    /** Where it leads: BIC, and the account by its last digits. */
    bank: Type.Optional(Type.String()),
    account: Type.Optional(Type.String()),
    /** The proxy as it is agreed to and signed. */
    proxy: Type.Optional(Type.String()),
  },
  closed,
);

const ProxyOperation = Type.Enum(['NEWR', 'AMND', 'DEAC', 'SUSP', 'ACTV', 'PORT']);
export const ProxiesAnswer = Type.Object(
  {
    proxies: Type.Array(
      Type.Object(
        {
          type: Type.Enum(['01', '02']),
          value: Type.String(),
          state: Type.Enum(['asked', 'none', 'active', 'suspended', 'ended', 'moved']),
          label: Type.String(),
          note: Type.Optional(Type.String()),
          account: Type.Optional(Type.String()),
          can: Type.Array(ProxyOperation),
        },
        closed,
      ),
    ),
  },
  closed,
);
export const ProxyChangeBody = Type.Object(
  {
    type: Type.Enum(['01', '02']),
    value: Type.String({ maxLength: 100 }),
    operation: ProxyOperation,
    account: AccountNumber,
    pin: Type.String({ pattern: '^[0-9]{6}$' }),
  },
  closed,
);
