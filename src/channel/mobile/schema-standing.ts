/** Bodies of standing orders. */
import { Type } from 'typebox';
import { Amount, AtMs, Explanation, QuoteAnswer, Terms, TransferBody } from './schema.ts';

const closed = { additionalProperties: false } as const;

const CalendarDate = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });
export const Schedule = Type.Object(
  {
    repetition: Type.Enum(['once', 'weekly', 'monthly']),
    firstDate: CalendarDate,
    end: Type.Object(
      {
        kind: Type.Enum(['never', 'until', 'times']),
        date: Type.Optional(CalendarDate),
        count: Type.Optional(Type.Integer({ minimum: 1, maximum: 520 })),
      },
      closed,
    ),
  },
  closed,
);
export const StandingQuoteBody = Type.Object({ ...Terms, schedule: Schedule }, closed);
export const StandingQuoteAnswer = Type.Object(
  {
    ...QuoteAnswer.properties,
    /** When, in words, and the first dates. */
    when: Type.String(),
    dates: Type.Array(Type.String()),
    /** What happens on a date, with the hours that hold now. */
    how: Type.String(),
    /** What holds now and may still hold on the date; it forbids nothing. */
    notice: Type.Optional(
      Type.Object(
        {
          title: Type.String(),
          wayOut: Type.String(),
          explanation: Type.Optional(Explanation),
        },
        closed,
      ),
    ),
  },
  closed,
);
export const StandingConsentBody = Type.Object(
  { ...Terms, schedule: Schedule, text: Type.String({ maxLength: 1_500 }) },
  closed,
);
export const StandingBody = Type.Object({ ...TransferBody.properties, schedule: Schedule }, closed);
export const PinBody = Type.Object({ pin: Type.String({ pattern: '^[0-9]{6}$' }) }, closed);

const Status = Type.Object({ label: Type.String(), tone: Type.String() }, closed);
export const StandingOrder = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['active', 'paused', 'cancelled', 'ended']),
    status: Status,
    /** Why we paused it, and what can be done. */
    note: Type.Optional(Type.String()),
    payee: Type.Object(
      { name: Type.String(), bank: Type.String(), account: Type.String() },
      closed,
    ),
    fromAccount: Type.String(),
    amount: Amount,
    feeMax: Amount,
    remark: Type.String(),
    when: Type.String(),
    next: Type.Optional(Type.String()),
    can: Type.Object(
      { pause: Type.Boolean(), resume: Type.Boolean(), cancel: Type.Boolean() },
      closed,
    ),
    madeAtMs: AtMs,
  },
  closed,
);
export const StandingList = Type.Object({ orders: Type.Array(StandingOrder) }, closed);
export const StandingDetail = Type.Object(
  {
    order: StandingOrder,
    runs: Type.Array(
      Type.Object(
        {
          date: Type.String(),
          status: Status,
          note: Type.Optional(Type.String()),
          paymentId: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    isRepeat: Type.Optional(Type.Boolean()),
  },
  closed,
);
