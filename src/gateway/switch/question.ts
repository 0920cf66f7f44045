import { wibDate } from '../../kernel/time.ts';
import type { GatewayContext } from '../context.ts';

/** STANs of the gateway's own begin here; the registry's end before (`form-switch.ts`). */
const FIRST = 900_000;
const COUNT = 100_000;
const DAY_MS = 86_400_000;

/** Where ids of questions come from. */
export interface QuestionIds {
  stan(): string;
  next(): { readonly stan: string; readonly rrn: string; readonly atMs: number };
}

/** Ids of questions and network management: they move no money, so no registry keeps them. Counted from a point by chance, so that a
 * restart within the same second repeats none. */
export function makeQuestionIds({ random, time }: GatewayContext): QuestionIds {
  let at = random.below(COUNT);
  const stan = (): string => {
    at = (at + 1) % COUNT;
    return String(FIRST + at);
  };
  return {
    stan,
    next() {
      const atMs = time.now();
      const day = wibDate(atMs);
      const count = (Date.parse(day) - Date.parse(`${day.slice(0, 4)}-01-01`)) / DAY_MS + 1;
      const number = stan();
      const hour = new Date(atMs + 25_200_000).toISOString().slice(11, 13);
      return {
        stan: number,
        rrn: `${day.slice(3, 4)}${String(count).padStart(3, '0')}${hour}${number}`,
        atMs,
      };
    },
  };
}
