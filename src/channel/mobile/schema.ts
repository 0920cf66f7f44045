/** The wire forms of the mobile API. Amounts are `{ value: "125000.00", currency: "IDR" }`, times UTC milliseconds. */
import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** An account number as customers write it. */
export const AccountNumber = Type.String({ pattern: '^[0-9]{6,34}$' });
export const Bic = Type.String({ pattern: '^[A-Z0-9]{8}$' });
export const Amount = Type.Object(
  {
    value: Type.String({ pattern: '^-?(0|[1-9][0-9]{0,15})\\.[0-9]{2}$' }),
    currency: Type.Literal('IDR'),
  },
  closed,
);
export const AmountIn = Type.Object(
  {
    value: Type.String({ pattern: '^(0|[1-9][0-9]{0,15})\\.[0-9]{2}$' }),
    currency: Type.Literal('IDR'),
  },
  closed,
);
export const Language = Type.Enum(['id', 'en']);
export const AtMs = Type.Integer();
const State = Type.Enum(['normal', 'watched', 'limited', 'stopped', 'recovering', 'unknown']);
/** What a bank's name fields accept in a remittance text; the rail decides the rest. */
export const Remark = Type.String({ maxLength: 60, pattern: "^[A-Za-z0-9 .,/()+:?'-]*$" });

export const ProblemBody = Type.Object(
  { type: Type.String(), status: Type.Integer(), code: Type.String(), title: Type.String() },
  { additionalProperties: true },
);

export const SignInBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
  },
  closed,
);

export const SessionBody = Type.Object(
  {
    bankName: Type.String(),
    bankBic: Type.String(),
    nowMs: AtMs,
    language: Language,
    customer: Type.Optional(
      Type.Object({ name: Type.String(), csrfToken: Type.String(), expiresAtMs: AtMs }, closed),
    ),
  },
  closed,
);

export const Explanation = Type.Object(
  {
    state: State,
    word: Type.String(),
    title: Type.String(),
    reason: Type.String(),
    alternative: Type.String(),
    nextUpdateAtMs: Type.Optional(AtMs),
    percent: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  },
  closed,
);

export const Service = Type.Object(
  {
    key: Type.Enum(['onus', 'bifast_out', 'switch_out', 'bifast_in', 'bill', 'qris']),
    name: Type.String(),
    state: State,
    word: Type.Optional(Type.String()),
    percent: Type.Optional(Type.Integer()),
    title: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    alternative: Type.Optional(Type.String()),
    nextUpdateAtMs: Type.Optional(AtMs),
    /** Whether this customer may use it now; the service is shown either way. */
    isOpen: Type.Boolean(),
  },
  closed,
);

export const Account = Type.Object(
  {
    number: Type.String(),
    name: Type.String(),
    state: Type.Enum(['open', 'closed', 'frozen']),
    available: Amount,
    held: Amount,
    pendingCredit: Amount,
  },
  closed,
);

export const Step = Type.Object(
  {
    key: Type.String(),
    label: Type.String(),
    state: Type.Enum(['done', 'now', 'ahead', 'failed']),
    atMs: Type.Optional(AtMs),
    note: Type.Optional(Type.String()),
  },
  closed,
);

export const Payment = Type.Object(
  {
    id: Type.String(),
    direction: Type.Enum(['out', 'in']),
    kind: Type.String(),
    isFinal: Type.Boolean(),
    status: Type.Object({ label: Type.String(), help: Type.String(), tone: Type.String() }, closed),
    counterparty: Type.Object(
      { name: Type.String(), bank: Type.String(), account: Type.String() },
      closed,
    ),
    amount: Amount,
    fee: Amount,
    remark: Type.String(),
    reference: Type.String(),
    madeAtMs: AtMs,
    changedAtMs: AtMs,
    promiseAtMs: Type.Optional(AtMs),
  },
  closed,
);

/** What a bill was for, and its proof. */
export const PaidBill = Type.Object(
  {
    product: Type.String(),
    customerKey: Type.String(),
    lines: Type.Array(Type.Object({ label: Type.String(), value: Type.String() }, closed)),
    token: Type.Optional(Type.String()),
    tokenLabel: Type.Optional(Type.String()),
    receiptDue: Type.Optional(Type.String()),
  },
  closed,
);

export const PaymentDetail = Type.Object(
  {
    payment: Payment,
    steps: Type.Array(Step),
    promise: Type.Optional(Type.String()),
    bill: Type.Optional(PaidBill),
    nowMs: AtMs,
    isRepeat: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const HomeBody = Type.Object(
  {
    accounts: Type.Array(Account),
    services: Type.Array(Service),
    recent: Type.Array(Payment),
    unread: Type.Integer(),
    nowMs: AtMs,
    /** When the restrictions shown were made; 0 = none was ever received. */
    restrictionsAtMs: AtMs,
  },
  closed,
);

export const BanksBody = Type.Object(
  {
    banks: Type.Array(
      Type.Object(
        {
          bic: Type.String(),
          name: Type.String(),
          shortName: Type.String(),
          code: Type.String(),
          isOurs: Type.Boolean(),
          isOpen: Type.Boolean(),
          /** Closed by the network since then. */
          closedSinceMs: Type.Optional(Type.Number()),
          explanation: Type.Optional(Explanation),
        },
        closed,
      ),
    ),
    /** When the network last said who is open; absent = never. */
    heardAtMs: Type.Optional(Type.Number()),
    /** True when that is too long ago to lean on. */
    isOld: Type.Boolean(),
  },
  closed,
);

export const NameCheckBody = Type.Object({ bank: Bic, account: AccountNumber }, closed);
export const NameCheckAnswer = Type.Object(
  {
    found: Type.Enum(['yes', 'no', 'unknown']),
    nameCheckId: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    bankName: Type.Optional(Type.String()),
    title: Type.Optional(Type.String()),
    wayOut: Type.Optional(Type.String()),
  },
  closed,
);

const Route = Type.Enum(['bifast', 'switch']);
export const Terms = {
  fromAccount: AccountNumber,
  nameCheckId: Type.String({ maxLength: 40 }),
  amount: AmountIn,
  remark: Remark,
};
export const QuoteBody = Type.Object({ ...Terms, route: Type.Optional(Route) }, closed);
const Refusal = Type.Object(
  {
    code: Type.String(),
    title: Type.String(),
    wayOut: Type.String(),
    field: Type.Optional(Type.String()),
    explanation: Type.Optional(Explanation),
  },
  closed,
);
/** One way to another bank, in words; closed ones say why. */
const RouteOption = Type.Object(
  {
    route: Route,
    name: Type.String(),
    isOpen: Type.Boolean(),
    fee: Amount,
    limit: Type.Optional(Amount),
    usual: Type.String(),
    health: Type.Optional(Type.String()),
    refusal: Type.Optional(Refusal),
  },
  closed,
);
export const QuoteAnswer = Type.Object(
  {
    isOpen: Type.Boolean(),
    fee: Amount,
    total: Amount,
    /** By QRIS Transfer: what is sent, `total` without the fee. */
    amount: Type.Optional(Amount),
    /** The words that the customer agrees to; shown as they are. */
    text: Type.Optional(Type.String()),
    payee: Type.Object(
      {
        name: Type.String(),
        bank: Type.String(),
        account: Type.String(),
        /** By QRIS: what the payment names the bank by. */
        bic: Type.Optional(Bic),
      },
      closed,
    ),
    /** By QRIS: the part of `total` that is a tip. */
    tip: Type.Optional(Amount),
    refusal: Type.Optional(Refusal),
    /** What this answer is about, and all ways that there are; absent within our bank. */
    route: Type.Optional(Route),
    routes: Type.Optional(Type.Array(RouteOption)),
  },
  closed,
);
export const ConsentBody = Type.Object(
  { ...Terms, route: Type.Optional(Route), text: Type.String({ maxLength: 1_000 }) },
  closed,
);
export const ConsentAnswer = Type.Object({ consentId: Type.String(), expiresAtMs: AtMs }, closed);

export const TransferBody = Type.Object(
  {
    consentId: Type.String({ maxLength: 40 }),
    pin: Type.String({ pattern: '^[0-9]{6}$' }),
    bank: Bic,
    /** One of the two: the account, or the proxy that was resolved. */
    account: Type.Optional(AccountNumber),
    proxy: Type.Optional(Type.String({ maxLength: 120 })),
    amount: AmountIn,
    route: Type.Optional(Route),
    /** What was asked about this payment before, and is meant. */
    answers: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z_]{1,40}$' }), { maxItems: 10 }),
    ),
  },
  closed,
);

/** Enough randomness that nobody meets another's key. */
export const KEY_PATTERN = '^[A-Za-z0-9_-]{16,64}$';

export const MessagesBody = Type.Object(
  {
    messages: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          title: Type.String(),
          body: Type.String(),
          atMs: AtMs,
          isRead: Type.Boolean(),
          paymentId: Type.Optional(Type.String()),
          standingOrderId: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    nextBeforeMs: Type.Optional(AtMs),
  },
  closed,
);

export const HistoryBody = Type.Object(
  { payments: Type.Array(Payment), nextBeforeMs: Type.Optional(AtMs) },
  closed,
);

export const StatementBody = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          label: Type.String(),
          amount: Amount,
          balance: Type.Optional(Amount),
          atMs: AtMs,
          paymentId: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    nextAfterId: Type.Optional(Type.String()),
    /** Entries booked before this day are in the archive of the bank. */
    archivedBefore: Type.Optional(Type.String()),
  },
  closed,
);

export const PageQuery = Type.Object(
  { beforeMs: Type.Optional(Type.Integer({ minimum: 0 })) },
  closed,
);
