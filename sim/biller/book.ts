/** The aggregator's book: what it quoted, what it was asked to pay and what became of it, its settlement by date. A fold over
 * events, so that a file of events brings it back. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Quote {
  readonly reference: string;
  readonly product: string;
  readonly number: string;
  readonly validUntilMs: number;
  /** What the inquiry showed: months with their sen, or a range. */
  readonly months: readonly { readonly period: string; readonly sen: string }[];
  readonly leastSen: string;
  readonly mostSen: string;
}

export interface Paid {
  readonly reference: string;
  readonly product: string;
  readonly number: string;
  readonly quote: string;
  readonly sen: string;
  readonly count: number;
  readonly state: 'pending' | 'paid' | 'refused';
  readonly code: string;
  readonly receipt: Readonly<Record<string, string>>;
  /** Fingerprint of the connector that brought it. */
  readonly connector: string;
  readonly atMs: number;
  readonly date: string;
  /** Pending ones: when it ends, and how. */
  readonly endsAtMs?: number;
  readonly endCode?: string;
}

/** A settlement line as the bank reads it. */
export interface Line {
  readonly lineId: string;
  readonly direction: 'out';
  readonly bizMsgIdr: string;
  readonly amountSen: string;
  readonly counterpartyBank: string;
  readonly connector: string;
  readonly settledAtMs: number;
  readonly businessDate: string;
}

export type BookEvent =
  | { readonly kind: 'quoted'; readonly quote: Quote }
  | { readonly kind: 'payment'; readonly paid: Paid }
  | { readonly kind: 'settled'; readonly line: Line };

export interface AggregatorBook {
  record(event: BookEvent): void;
  quote(reference: string): Quote | undefined;
  payment(reference: string): Paid | undefined;
  payments(): IterableIterator<Paid>;
  /** Months of a bill that were paid, pending ones included. */
  paidMonths(product: string, number: string): ReadonlySet<string>;
  /** Sen paid of a bill, pending included. */
  paidSen(product: string, number: string): bigint;
  lines(): readonly Line[];
}

/** Opens the book; with a folder it remembers across restarts. */
export function openAggregatorBook(folder?: string): AggregatorBook {
  const file = folder === undefined ? undefined : join(folder, 'book.jsonl');
  const quotes = new Map<string, Quote>();
  const payments = new Map<string, Paid>();
  const lines: Line[] = [];
  const apply = (event: BookEvent): void => {
    if (event.kind === 'quoted') quotes.set(event.quote.reference, event.quote);
    else if (event.kind === 'payment') payments.set(event.paid.reference, event.paid);
    else lines.push(event.line);
  };
  if (file !== undefined && existsSync(file)) {
    for (const text of readFileSync(file, 'utf8').split('\n'))
      if (text.endsWith('}')) apply(JSON.parse(text) as BookEvent);
  }
  const standing = (product: string, number: string): readonly Paid[] =>
    [...payments.values()].filter(
      (one) => one.product === product && one.number === number && one.state !== 'refused',
    );
  return {
    record(event) {
      apply(event);
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    },
    quote: (reference) => quotes.get(reference),
    payment: (reference) => payments.get(reference),
    payments: () => payments.values(),
    paidMonths: (product, number) =>
      new Set(
        standing(product, number).flatMap(({ quote, count }) =>
          (quotes.get(quote)?.months ?? []).slice(0, count).map(({ period }) => period),
        ),
      ),
    paidSen: (product, number) =>
      standing(product, number).reduce((sum, { sen }) => sum + BigInt(sen), 0n),
    lines: () => lines,
  };
}
