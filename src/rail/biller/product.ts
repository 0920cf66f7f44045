/** What can be paid over the biller rail, as data (`db/biller-products.json`): names, key forms, amounts, proof that must be on the
 * receipt, fee class, hours. A change is a new version of the file. Source: domain.md 5.2; docs/rail/biller.md section 3. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { assert } from '../../kernel/assert.ts';

const FILE = join(import.meta.dirname, '../../../db/biller-products.json');
const closed = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 60 });
const Words = Type.Object({ id: Text, en: Text }, closed);
const AmountSen = Type.String({ pattern: '^[1-9]\\d{0,12}$' });
const Minute = Type.Integer({ minimum: 0, maximum: 1_439 });

const AmountRule = Type.Union([
  /** What the inquiry says, and nothing else. */
  Type.Object({ kind: Type.Literal('closed') }, closed),
  /** One of these. */
  Type.Object(
    {
      kind: Type.Literal('denomination'),
      choicesSen: Type.Array(AmountSen, { minItems: 1, maxItems: 20 }),
    },
    closed,
  ),
  /** Unpaid periods, oldest first; `isAllOnly` = all of them or nothing. */
  Type.Object(
    {
      kind: Type.Literal('periods'),
      countMax: Type.Integer({ minimum: 1, maximum: 24 }),
      isAllOnly: Type.Boolean(),
    },
    closed,
  ),
  /** Any whole rupiah between these. */
  Type.Object({ kind: Type.Literal('open'), minimumSen: AmountSen, maximumSen: AmountSen }, closed),
  /** Any whole rupiah between the minimum and what is owed, as the inquiry says. */
  Type.Object({ kind: Type.Literal('partial') }, closed),
]);

/** Names of what a receipt proves. */
export const PROOFS = ['token', 'reference', 'ntpd', 'ntpn', 'ntb', 'serialNumber'] as const;

const Product = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,31}$' }),
    group: Type.Enum(['electricity', 'water', 'insurance', 'tax', 'phone', 'wallet', 'loan']),
    name: Words,
    key: Type.Object({ form: Text, name: Words }, closed),
    amount: AmountRule,
    /** What the proof must show; a payment without it is asked about again. */
    proof: Type.Array(Type.Enum([...PROOFS]), { minItems: 1, maxItems: 3 }),
    feeClass: Type.Enum(['bill', 'top_up']),
    /** The same key and amount again within ten minutes needs a confirmation. */
    confirmsRepeat: Type.Boolean(),
    /** Minutes of the WIB day from and to which nothing is taken. */
    closedMinutes: Type.Union([Type.Tuple([Minute, Minute]), Type.Null()]),
    /** `none` = no reversal at any hour: what was paid is settled by the biller alone. */
    reversal: Type.Enum(['none', 'same_day']),
    mark: Type.Enum(['seen', 'mem']),
    note: Type.String({ maxLength: 200 }),
  },
  closed,
);

const Table = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    validFrom: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
    /** Who settles for all of them, 8 characters. */
    aggregator: Type.String({ pattern: '^[A-Z0-9]{8}$' }),
    source: Type.String(),
    products: Type.Array(Product, { minItems: 1, maxItems: 500 }),
  },
  closed,
);

export type BillerProduct = Static<typeof Product>;

export interface ProductTable {
  readonly version: number;
  readonly aggregator: string;
  readonly products: readonly BillerProduct[];
  find(code: string): BillerProduct | undefined;
}

/** Reads the table. Throws when the file is not one. */
export function readProducts(): ProductTable {
  const value: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  assert(Value.Check(Table, value), 'db/biller-products.json is a table of products');
  const byCode = new Map(value.products.map((product) => [product.code, product]));
  assert(byCode.size === value.products.length, 'a product stands in the table once');
  return {
    version: value.version,
    aggregator: value.aggregator,
    products: value.products,
    find: (code) => byCode.get(code),
  };
}

/** True when the key has the product's form. */
export function isKeyOf(product: BillerProduct, key: string): boolean {
  return new RegExp(product.key.form).test(key);
}

/** True while the biller takes nothing, by the minute of the WIB day. A span may go over midnight. */
export function isClosedAt(product: BillerProduct, minute: number): boolean {
  if (product.closedMinutes === null) return false;
  const [from, to] = product.closedMinutes;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
