/** The wire form of reading a QRIS code. Texts are in the reader's language. */
import { Type } from 'typebox';
import { AccountNumber, Amount, AmountIn } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** What was scanned or pasted. Whether it is a code at all is for the reader to say, not for the schema. */
export const QrisReadBody = Type.Object(
  { payload: Type.String({ minLength: 1, maxLength: 1_024 }) },
  closed,
);

const QrisWarning = Type.Object(
  { code: Type.String(), title: Type.String(), help: Type.String() },
  closed,
);

const QrisContent = Type.Object(
  {
    kind: Type.Enum(['merchant', 'transfer', 'cash_out', 'cash_in']),
    kindText: Type.String(),
    method: Type.Enum(['static', 'dynamic']),
    methodText: Type.String(),
    name: Type.String(),
    city: Type.String(),
    /** Whoever receives the payment, by the number in the code. */
    institution: Type.String(),
    nmid: Type.Optional(Type.String()),
    /** Absent: the payer types it. */
    amount: Type.Optional(Amount),
    /** The rule of the tip in words; absent where there is none. */
    tip: Type.Optional(Type.String()),
    /** Of a code with an amount: what the payer owes. */
    due: Type.Optional(Type.Object({ tip: Amount, total: Amount }, closed)),
    billNumber: Type.Optional(Type.String()),
    terminal: Type.Optional(Type.String()),
    /** What the payer has to type, in words. */
    asks: Type.Array(Type.String()),
    /** The payer may give a tip as they like. */
    isTipAsked: Type.Boolean(),
  },
  closed,
);

/** Either `content` with its warnings, or `refusal`. */
export const QrisReadAnswer = Type.Object(
  {
    content: Type.Optional(QrisContent),
    warnings: Type.Array(QrisWarning),
    refusal: Type.Optional(
      Type.Object(
        {
          rule: Type.String(),
          tag: Type.Optional(Type.String()),
          title: Type.String(),
          wayOut: Type.String(),
        },
        closed,
      ),
    ),
    /** Why it cannot be paid here, when the code itself is good; absent: it can. */
    notPayable: Type.Optional(Type.Object({ title: Type.String(), wayOut: Type.String() }, closed)),
  },
  closed,
);

const Terms = {
  payload: QrisReadBody.properties.payload,
  fromAccount: AccountNumber,
  /** Where the code has none. */
  amount: Type.Optional(AmountIn),
  /** Where the code asks for one as the payer likes. */
  tip: Type.Optional(AmountIn),
} as const;

/** What is typed before a code is paid. */
export const QrisQuoteBody = Type.Object(Terms, closed);

/** The same, with the words that were shown. */
export const QrisConsentBody = Type.Object(
  { ...Terms, text: Type.String({ maxLength: 1_000 }) },
  closed,
);

/** A code with which one of the customer's accounts receives money; with an amount where one is wished. */
export const QrisReceiveBody = Type.Object(
  { account: AccountNumber, amount: Type.Optional(AmountIn) },
  closed,
);

/** It holds no secret: whoever has it can send money, and nothing else. */
export const QrisReceiveAnswer = Type.Object(
  { payload: Type.String(), name: Type.String() },
  closed,
);
