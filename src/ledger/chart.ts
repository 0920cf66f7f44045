/** The chart of accounts as data: `db/chart.json` has every book and every account that is not a customer's. A change is a new
 * version of the file; what was loaded once never changes its book or whether it may go negative. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { CHART } from '../kernel/bank.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';

const CHART_FILE = join(import.meta.dirname, '../../db/chart.json');
const closed = { additionalProperties: false };
const Book = Type.String({ pattern: '^[a-z][a-z_]{1,29}$' });
const Name = Type.String({ minLength: 1, maxLength: 100 });

const ChartSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    books: Type.Array(Type.Object({ book: Book, description: Name }, closed), {
      minItems: 1,
      maxItems: 100,
    }),
    accounts: Type.Array(
      Type.Object(
        {
          // Starts with a letter: customers have digits only.
          number: Type.String({ pattern: '^[A-Z][A-Z0-9-]{2,39}$' }),
          book: Book,
          name: Name,
          mayGoNegative: Type.Boolean(),
        },
        closed,
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
  },
  closed,
);

/** A chart that was checked. */
export type Chart = Static<typeof ChartSchema>;

/** Checks a chart. Throws an Error that names what is wrong: an unknown or missing field, something twice, an account of a book that
 * is not there or of the customers' book, or an account that the code posts to (`CHART`) and the file lacks. */
export function parseChart(text: string): Chart {
  const chart: unknown = JSON.parse(text);
  if (!Value.Check(ChartSchema, chart)) {
    const [first] = Value.Errors(ChartSchema, chart);
    throw new Error(`Cannot read chart: ${first?.instancePath || '/'} ${first?.message}`);
  }
  const books = chart.books.map((one) => one.book);
  const numbers = chart.accounts.map((one) => one.number);
  const twice = [...books, ...numbers].find((one, i, all) => all.indexOf(one) !== i);
  if (twice !== undefined) throw new Error(`Cannot read chart: ${twice} is there twice`);
  for (const { number, book } of chart.accounts) {
    if (book === 'customer' || !books.includes(book))
      throw new Error(`Cannot read chart: ${number} is of book ${book}`);
  }
  const missing = Object.values(CHART).find((number) => !numbers.includes(number));
  if (missing !== undefined) throw new Error(`Cannot read chart: ${missing} is missing`);
  return chart;
}

/** The chart that comes with this version of Pulih. */
export function readChart(): Chart {
  return parseChart(readFileSync(CHART_FILE, 'utf8'));
}

/** What tells one content from another, whatever the spacing of the file. */
export function chartChecksum(chart: Chart): Buffer {
  return sha256(canonicalJson(chart));
}
