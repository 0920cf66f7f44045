/** The ways to another bank side by side: what each costs, whether it is open and how it has been doing, so that a customer can
 * choose before the PIN. What was chosen is never changed afterwards. */
import type { Time } from '../kernel/time.ts';
import type { PaymentContext } from './context.ts';
import type { PaymentKind } from './kind.ts';
import { TRANSFER_ROUTES, type PaymentEngine, type RouteHealth, type RouteOffer } from './port.ts';
import { quote } from './quote.ts';
import type { PaymentRow } from './row.ts';

const WINDOW_MS = 15 * 60_000;
/** Outcomes remembered per kind: enough for a percentage, and bounded. */
const OUTCOMES_MAX = 500;
/** Below that a percentage says more about chance than about the way. */
const MEASURED_MIN = 20;
/** Where too little was measured. [mem] */
const USUAL_MS: Readonly<Partial<Record<PaymentKind, number>>> = {
  bifast_out: 10_000,
  switch_out: 15_000,
  qris_out: 5_000,
};

interface Outcome {
  readonly id: string;
  readonly state: string;
  readonly atMs: number;
  readonly isDefinite: boolean;
  readonly tookMs: number | undefined;
}

/** What this process saw of each kind in the last quarter of an hour. */
export interface HealthBook {
  /** Notes a payment that has just changed. */
  note(row: PaymentRow): void;
  read(kind: PaymentKind): RouteHealth;
}

/** An empty book. A settlement and an authentic refusal are definite words of the network; doubt, and what could not be sent, are not. */
export function openHealthBook(time: Pick<Time, 'now'>): HealthBook {
  const seen = new Map<PaymentKind, Outcome[]>();
  return {
    note(row) {
      const { state, kind, outcomeCode } = row;
      if (state !== 'settled' && state !== 'refunded' && state !== 'unknown') return;
      const atMs = time.now();
      const list = seen.get(kind) ?? [];
      seen.set(kind, list);
      // A change that moved no state is no news.
      if (list.some((one) => one.id === row.id && one.state === state)) return;
      list.push({
        id: row.id,
        state,
        atMs,
        isDefinite: state === 'settled' || (state === 'refunded' && outcomeCode !== 'NOT_SENT'),
        tookMs: state === 'settled' ? Math.max(0, atMs - row.madeAtMs) : undefined,
      });
      if (list.length > OUTCOMES_MAX) list.shift();
    },
    read(kind) {
      const recent = (seen.get(kind) ?? []).filter(({ atMs }) => atMs > time.now() - WINDOW_MS);
      const usualMs = USUAL_MS[kind] ?? 0;
      if (recent.length < MEASURED_MIN) return { count: recent.length, usualMs };
      const took = recent.flatMap(({ tookMs }) => tookMs ?? []).toSorted((a, b) => a - b);
      const definite = recent.filter(({ isDefinite }) => isDefinite).length;
      return {
        count: recent.length,
        definitePercent: Math.floor((100 * definite) / recent.length),
        usualMs: took[took.length >> 1] ?? usualMs,
      };
    },
  };
}

/** Every way to a bank, each with the answer that a submit over it would get now. */
export async function offers(
  context: PaymentContext,
  asked: Parameters<PaymentEngine['offers']>[0],
): Promise<readonly RouteOffer[]> {
  return Promise.all(
    TRANSFER_ROUTES.map(async (route) => {
      const answer = await quote(context, { ...asked, route });
      return { route, quote: answer, health: context.health.read(answer.kind) };
    }),
  );
}
