import { sha256 } from '../kernel/canonical.ts';

/** One statement: text with $n and its values. Named by its text, so that PostgreSQL prepares it once per connection. */
export interface Sql {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const cache = new WeakMap<TemplateStringsArray, { text: string; name: string }>();

/** Builds a statement from a template; every `${}` becomes a parameter, never text. */
export function sql(parts: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  let known = cache.get(parts);
  if (!known) {
    const text = parts.reduce((all, part, i) => (i === 0 ? part : `${all}$${i}${part}`), '');
    known = { text, name: nameOf(text) };
    cache.set(parts, known);
  }
  return { ...known, values };
}

/** A statement whose text is assembled once, at start, e.g. from a list of columns; values come with each call. */
export function prepared(text: string): (...values: readonly unknown[]) => Sql {
  const name = nameOf(text);
  return (...values) => ({ name, text, values });
}

function nameOf(text: string): string {
  return `p_${sha256(text).toString('hex').slice(0, 24)}`;
}
