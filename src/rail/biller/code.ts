/** The aggregator's response codes as data (`db/biller-codes.json`): what each does to the money of a payment we sent. A code that
 * is not in the table proves nothing. Source: domain.md 5.1; docs/rail/biller.md section 4. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { assert } from '../../kernel/assert.ts';
import type { RailAnswer } from '../contract.ts';

const FILE = join(import.meta.dirname, '../../../db/biller-codes.json');
const closed = { additionalProperties: false };
const Code = Type.Object(
  {
    code: Type.String({ pattern: '^\\d\\d$' }),
    /** `pending` = taken, not through yet; `unknown` = says nothing about the payment; only `rejected` gives money back. */
    class: Type.Enum(['success', 'pending', 'unknown', 'rejected']),
    /** Whose matter a refusal is, for the customer's words. */
    fault: Type.Enum(['none', 'customer', 'partner', 'ours']),
    mark: Type.Enum(['seen', 'mem']),
  },
  closed,
);
const Table = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    source: Type.String(),
    codes: Type.Array(Code, { minItems: 1, maxItems: 100 }),
  },
  closed,
);

export type BillerCode = Static<typeof Code>;

/** Looks a code up; undefined for one that nobody told us of. */
export type CodeTable = (code: string) => BillerCode | undefined;

/** Reads the table. Throws when the file is not one. */
export function readCodes(): CodeTable {
  const value: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  assert(Value.Check(Table, value), 'db/biller-codes.json is a table of codes');
  const byCode = new Map(value.codes.map((one) => [one.code, one]));
  return (code) => byCode.get(code);
}

/** What the answer to a payment means. In answer to an advice a code of the moment proves nothing: it may speak of our own payment, or of
 * the hour at which we asked, and not of what became of the payment. */
export function answerOf(
  codes: CodeTable,
  said: { readonly code: string; readonly isAdvice: boolean },
): RailAnswer {
  const { code, isAdvice } = said;
  switch (codes(code)?.class) {
    case 'success':
      return { outcome: 'accepted', isFinal: true, code };
    case 'pending':
      return { outcome: 'accepted', isFinal: false, code };
    case 'rejected':
      return isAdvice && OF_THE_MOMENT.has(code)
        ? { outcome: 'unknown', reason: `advice answered with ${code}` }
        : { outcome: 'rejected', code };
    default:
      return { outcome: 'unknown', reason: `answered with ${code}` };
  }
}

/** Already paid, unavailable now, cut-off now, inquiry over, not found (any more). Source: domain.md 5.1. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set(['54', '88', '90', '91', '92']);
