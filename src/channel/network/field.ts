/** What the readers of notices share: a field of a form, and what every request of the switch's links has. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

/** Year, DE7, DE32, DE11. */
export const REQUEST_ID = /^\d{31}$/;
/** A bank's BIC. */
export const BANK = /^[A-Z0-9]{8}$/;

/** True for text of this form. */
export function is(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** What every request has; undefined when a part is missing or of another form. */
export function readRequestBase<Rail extends 'switch' | 'qris'>(
  fields: Fields,
  of: { readonly rail: Rail; readonly rrn: RegExp; readonly amount: RegExp },
) {
  const { bizMsgIdr, rrn, fromBank, amountSen, deadlineMs } = fields;
  const isGood =
    is(bizMsgIdr, REQUEST_ID) && is(rrn, of.rrn) && is(fromBank, BANK) && is(amountSen, of.amount);
  if (!isGood || typeof deadlineMs !== 'number' || !Number.isSafeInteger(deadlineMs))
    return undefined;
  const { rail } = of;
  return { kind: 'request', rail, bizMsgIdr, rrn, fromBank, amountSen, deadlineMs } as const;
}
