/** Cases of others as flows for tests. Sources: domain.md 7.1 and 7.3. */
import type { StreamEvent } from '../../audit/event.ts';
import { HOUR, openDice, payment } from './test-flow.ts';

const JAMBI_FROM = Date.parse('2026-02-22T02:37:00+07:00');
/** Payments of the whole case. */
export const JAMBI_COUNT = 6_609;

/** Bank 9 Jambi, a Sunday from 02:37: 6,609 payments in 10.4 hours to 45 accounts at an exchange, many of Rp20–25 million, through the
 * bank's own channel. The first `count` of them; `change` makes variants. */
export function jambi(
  count: number,
  change: (at: number) => Readonly<Record<string, unknown>> = () => ({}),
): readonly StreamEvent[] {
  const dice = openDice(6_609);
  return Array.from({ length: count }, (_, at) =>
    payment(JAMBI_FROM + Math.floor((at * 10.4 * HOUR) / JAMBI_COUNT) + dice(3_000), {
      rupiah: 19_000_000 + dice(6_000) * 1_000,
      payer: `victim-${at % 3_000}`,
      payee: `exchange-${dice(45)}`,
      bank: 'CENAIDJA',
      category: 'crypto',
      leftPerMille: dice(60),
      ...change(at),
    }),
  );
}

/** The place in the case at which something was said first; -1 = never. */
export function firstAt(found: readonly (readonly string[])[], words: string): number {
  return found.findIndex((said) => said.includes(words));
}
