/** What kind of payee a number belongs to, as data (`db/payee-categories.json`): crypto exchanges and wallets take money in under virtual
 * accounts whose first digits are theirs. A change is a new version of the file. Source: domain.md 7.5 (D14). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { assert } from '../kernel/assert.ts';

const FILE = join(import.meta.dirname, '../../db/payee-categories.json');
const closed = { additionalProperties: false };

const Table = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    source: Type.String({ maxLength: 300 }),
    categories: Type.Array(
      Type.Object(
        {
          category: Type.Enum(['crypto', 'e_wallet', 'investment']),
          bank: Type.String({ pattern: '^[A-Z0-9]{8}$' }),
          prefixes: Type.Array(Type.String({ pattern: '^\\d{2,12}$' }), {
            minItems: 1,
            maxItems: 200,
          }),
        },
        closed,
      ),
      { maxItems: 500 },
    ),
  },
  closed,
);

/** A table that was checked. */
export type CategoryTable = Static<typeof Table>;

/** Reads a table; asserts its form. */
export function readCategories(text = readFileSync(FILE, 'utf8')): CategoryTable {
  const table: unknown = JSON.parse(text);
  assert(Value.Check(Table, table), 'the categories of payees have their form');
  return table;
}

/** The numbers of a category: bank and first digits. */
export function payeesOf(
  category: string,
  table = (known ??= readCategories()),
): readonly { readonly bank: string; readonly accountPrefix: string }[] {
  return table.categories
    .filter((one) => one.category === category)
    .flatMap(({ bank, prefixes }) => prefixes.map((accountPrefix) => ({ bank, accountPrefix })));
}

let known: CategoryTable | undefined;

/** The category of a payee, by the longest prefix that its number begins with; undefined for an ordinary one. */
export function payeeCategory(
  payee: { readonly bank: string; readonly account: string },
  table = (known ??= readCategories()),
): string | undefined {
  let found: { category: string; length: number } | undefined;
  for (const { category, bank, prefixes } of table.categories) {
    if (bank !== payee.bank) continue;
    for (const prefix of prefixes) {
      if (payee.account.startsWith(prefix) && prefix.length > (found?.length ?? 0))
        found = { category, length: prefix.length };
    }
  }
  return found?.category;
}
