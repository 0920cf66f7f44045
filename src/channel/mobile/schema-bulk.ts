/** Bodies of lists of transfers. */
import { Type } from 'typebox';
import { FILE_BYTES_MAX } from '../../bulk/read-file.ts';
import { AccountNumber, Amount, AtMs } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const BulkBody = Type.Object(
  {
    fromAccount: AccountNumber,
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
    /** CSV: bank,account,name,amount,remark. */
    file: Type.String({ maxLength: FILE_BYTES_MAX }),
  },
  closed,
);
export const BulkConfirmBody = Type.Object(
  { pin: Type.String({ pattern: '^[0-9]{6}$' }), text: Type.String({ maxLength: 1_500 }) },
  closed,
);
export const BulkRowsQuery = Type.Object(
  {
    after: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    only: Type.Optional(Type.Enum(['all', 'unpaid'])),
  },
  closed,
);

const Status = Type.Object({ label: Type.String(), tone: Type.String() }, closed);
const Sum = Type.Object(
  { count: Type.Integer(), amount: Amount, fee: Amount, total: Amount },
  closed,
);
export const BulkShown = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    fromAccount: Type.String(),
    state: Type.Enum(['checking', 'ready', 'running', 'paused', 'done', 'cancelled', 'expired']),
    status: Status,
    note: Type.Optional(Type.String()),
    rowCount: Type.Integer(),
    /** What was agreed. */
    agreed: Type.Optional(Sum),
    madeAtMs: AtMs,
  },
  closed,
);
export const BulkList = Type.Object(
  {
    /** Absent: the bank has agreed on no lists with this customer. */
    limits: Type.Optional(Type.Object({ rowMax: Type.Integer(), dayMax: Amount }, closed)),
    bulks: Type.Array(BulkShown),
  },
  closed,
);
export const BulkDetail = Type.Object(
  {
    bulk: BulkShown,
    /** Rows by what became of them. */
    parts: Type.Array(
      Type.Object({ status: Status, count: Type.Integer(), amount: Amount }, closed),
    ),
    /** Ready: what would be paid, and the very words to agree to. */
    offer: Type.Optional(Type.Object({ ...Sum.properties, text: Type.String() }, closed)),
    can: Type.Object(
      { pause: Type.Boolean(), resume: Type.Boolean(), cancel: Type.Boolean() },
      closed,
    ),
    rows: Type.Array(
      Type.Object(
        {
          position: Type.Integer(),
          name: Type.String(),
          bank: Type.String(),
          account: Type.String(),
          amount: Type.Optional(Amount),
          status: Status,
          note: Type.Optional(Type.String()),
          paymentId: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    /** Where the next page begins. */
    nextAfter: Type.Optional(Type.Integer()),
    isRepeat: Type.Optional(Type.Boolean()),
  },
  closed,
);
