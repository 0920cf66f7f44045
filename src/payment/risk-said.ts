import type { Screened } from '../risk/screen.ts';

/** What the first event of a payment says of the rules of risk: `risk` (codes of those that acted), `riskShadow` (would have acted),
 * `riskUnasked` (had a question, and nobody was there to be asked). Nothing where no rule had a word. */
export function riskOf(screened: Screened | undefined): Readonly<Record<string, unknown>> {
  if (!screened) return {};
  const { reasons, shadow, unasked } = screened;
  return {
    ...(reasons.length > 0 && { risk: reasons }),
    ...(shadow.length > 0 && { riskShadow: shadow }),
    ...(unasked.length > 0 && { riskUnasked: unasked }),
  };
}
