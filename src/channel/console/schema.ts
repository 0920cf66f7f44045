/** Shapes of the console API. Strict: no property that is not named here. */
import { Type, type Static } from 'typebox';

const Id = Type.String({ minLength: 3, maxLength: 64, pattern: '^[a-z]+_[0-9A-Za-z_]+$' });
const Password = Type.String({ minLength: 1, maxLength: 200 });
const strict = { additionalProperties: false } as const;

export const SignInBody = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 64 }), password: Password },
  strict,
);
export const LanguageBody = Type.Object(
  { language: Type.Union([Type.Literal('id'), Type.Literal('en')]) },
  strict,
);

const Digits = Type.String({ pattern: '^[0-9]{1,18}$' });
const ScopeShape = Type.Object(
  {
    /** Left out: every rail (L4, L5), which only a typed word lets pass. */
    rail: Type.Optional(
      Type.Union([
        Type.Literal('bifast'),
        Type.Literal('onus'),
        Type.Literal('switch'),
        Type.Literal('qris'),
        Type.Literal('biller'),
      ]),
    ),
    direction: Type.Union([Type.Literal('out'), Type.Literal('in')]),
    channel: Type.Optional(Type.Union([Type.Literal('snap'), Type.Literal('mobile')])),
    bank: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{8}$' })),
    account: Type.Optional(Type.String({ pattern: '^[0-9]{5,34}$' })),
    product: Type.Optional(Type.String({ pattern: '^[a-z0-9_]{1,40}$' })),
    bucketFrom: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    bucketTo: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    amountFromSen: Type.Optional(Digits),
    amountToSen: Type.Optional(Digits),
  },
  strict,
);
/** What one merchant takes, over every rail that may bring it. */
const MerchantScope = Type.Object(
  { merchant: Type.String({ pattern: '^ID[0-9]{13}$' }), product: Type.Literal('qris') },
  strict,
);
const StopScope = Type.Union([ScopeShape, MerchantScope]);

export const PreviewBody = Type.Object({ scope: StopScope }, strict);
export const StopBody = Type.Object(
  {
    scope: StopScope,
    reason: Type.String({ minLength: 5, maxLength: 300 }),
    /** The typed word for a wide scope: the rail's key, e.g. `BIFAST`. */
    confirm: Type.Optional(Type.String({ maxLength: 40 })),
  },
  strict,
);
export const ProposeBody = Type.Object(
  {
    target: Id,
    /** Narrows the restriction to this scope instead of lifting it; read strictly (`gate/read.ts`). */
    narrowTo: Type.Optional(Type.Unknown()),
    rootCause: Type.String({ minLength: 5, maxLength: 500 }),
    consentReference: Type.String({ minLength: 3, maxLength: 100 }),
    password: Password,
  },
  strict,
);
export const ApproveBody = Type.Object({ password: Password }, strict);
export const ReleaseParams = Type.Object({ id: Id }, strict);
export const PaymentsQuery = Type.Object(
  {
    kind: Type.Optional(Type.String({ pattern: '^[a-z_]{3,20}$' })),
    state: Type.Optional(Type.String({ pattern: '^[a-z_]{3,20}$' })),
    beforeMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  strict,
);

const Why = Type.String({ minLength: 5, maxLength: 500 });
/** A page of the queue is a hundred; more at once nobody has read. */
const Ids = Type.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true });
export const WithheldQuery = Type.Object(
  {
    kind: Type.Optional(Type.String({ pattern: '^[a-z_]{3,20}$' })),
    restriction: Type.Optional(Id),
  },
  strict,
);
export const WithheldReleaseBody = Type.Object(
  { ids: Ids, reason: Why, password: Password },
  strict,
);
export const WithheldRefuseBody = Type.Object({ ids: Ids, reason: Why }, strict);

const DAY_MAX = 400;
export const BlockBody = Type.Object(
  {
    party: Type.Union([
      Type.Object(
        {
          kind: Type.Literal('account'),
          bank: Type.String({ pattern: '^[A-Z0-9]{8}$' }),
          account: Type.String({ pattern: '^[0-9]{5,34}$' }),
        },
        strict,
      ),
      Type.Object(
        {
          kind: Type.Literal('merchant'),
          merchant: Type.String({ pattern: '^[A-Za-z0-9_]{3,64}$' }),
        },
        strict,
      ),
    ]),
    reason: Why,
    /** Days until people look at it again; it stays in force. */
    reviewDays: Type.Integer({ minimum: 1, maximum: DAY_MAX }),
  },
  strict,
);
export const LiftBody = Type.Object({ id: Id, reason: Why, password: Password }, strict);
export type BlockInput = Static<typeof BlockBody>;
export type LiftInput = Static<typeof LiftBody>;
export type WithheldQueryInput = Static<typeof WithheldQuery>;
export type WithheldReleaseInput = Static<typeof WithheldReleaseBody>;
export type WithheldRefuseInput = Static<typeof WithheldRefuseBody>;
export type SignInInput = Static<typeof SignInBody>;
export type LanguageInput = Static<typeof LanguageBody>;
export type PreviewInput = Static<typeof PreviewBody>;
export type StopInput = Static<typeof StopBody>;
export type ProposeInput = Static<typeof ProposeBody>;
export type ApproveInput = Static<typeof ApproveBody>;
export type ReleaseInput = Static<typeof ReleaseParams>;
export type PaymentsInput = Static<typeof PaymentsQuery>;

const MerchantId = Type.String({ pattern: '^mer_[0-9A-Za-z_]{1,40}$' });
export const MerchantsQuery = Type.Object(
  {
    text: Type.Optional(Type.String({ maxLength: 25 })),
    after: Type.Optional(MerchantId),
  },
  strict,
);
export type MerchantsInput = Static<typeof MerchantsQuery>;
export const MerchantParams = Type.Object({ id: MerchantId }, strict);
export type MerchantInput = Static<typeof MerchantParams>;
export const MerchantCodeParams = Type.Object(
  { id: MerchantId, terminal: Type.String({ pattern: '^[\\x20-\\x7e]{1,25}$' }) },
  strict,
);
/** SVG for print unless PNG is asked for. */
export const MerchantCodeQuery = Type.Object({ form: Type.Optional(Type.Literal('png')) }, strict);
export type MerchantCodeForm = Static<typeof MerchantCodeQuery>;
export type MerchantCodeInput = Static<typeof MerchantCodeParams>;

const BusinessDate = Type.String({
  pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$',
});
export const MatchQuery = Type.Object({ date: Type.Optional(BusinessDate) }, strict);
export const BreakParams = Type.Object({ id: Id }, strict);
export const NoteBody = Type.Object(
  { note: Type.String({ minLength: 3, maxLength: 500 }) },
  strict,
);
const AccountNumber = Type.String({ pattern: '^[A-Z0-9-]{3,40}$' });
export const EndBody = Type.Object(
  {
    breakAmountSen: Digits,
    correction: Type.Optional(
      Type.Object(
        { debitAccount: AccountNumber, creditAccount: AccountNumber, amountSen: Digits },
        strict,
      ),
    ),
    /** Twenty characters that are not the space around them. */
    reason: Type.String({ maxLength: 500, pattern: '^\\S[\\s\\S]{18,}\\S$' }),
    password: Password,
  },
  strict,
);
export type MatchInput = Static<typeof MatchQuery>;
export type BreakInput = Static<typeof BreakParams>;
export type NoteInput = Static<typeof NoteBody>;
export type EndInput = Static<typeof EndBody>;
