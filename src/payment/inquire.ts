/** Status inquiries (pacs.028) on a budget (T18): spaced, counted per payment, rated per process. Open at every restriction
 * level, because to ask is how an unknown ends. */
import type { Random } from '../kernel/random.ts';
import { dueAtOf } from './clock.ts';
import type { PaymentContext } from './context.ts';
import { paymentEvent } from './event.ts';
import { instructionOf } from './instruction.ts';
import { networkOf, networkRailOf, numberOf, type UsedNetwork } from './kind.ts';
import type { PaymentRow } from './row.ts';
import type { PaymentSettings } from './settings.ts';
import type { RailAnswer } from '../rail/contract.ts';

export interface InquiryBudget {
  /** Takes one inquiry of this process's rate for a rail, or says that there is none now. */
  take(asked: {
    readonly rail: UsedNetwork;
    readonly nowMs: number;
    readonly perSecond: number;
  }): boolean;
}

/** A token bucket of one second's inquiries per rail: a rail that leaves much open does not use up another's. Each process has its
 * own: k processes ask at most k times the rate. */
export function openInquiryBudget(): InquiryBudget {
  const buckets = new Map<UsedNetwork, { tokens: number; filledAtMs: number }>();
  return {
    take({ rail, nowMs, perSecond }) {
      const bucket = buckets.get(rail) ?? { tokens: perSecond, filledAtMs: nowMs };
      buckets.set(rail, bucket);
      const added = ((nowMs - bucket.filledAtMs) / 1_000) * perSecond;
      bucket.tokens = Math.min(perSecond, bucket.tokens + Math.max(0, added));
      bucket.filledAtMs = nowMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}

/** When the next inquiry is due: the first after `inquiryFirstMs`, each later one after twice the wait before, ± 20 %. */
export function inquireAtFrom(
  random: Random,
  input: {
    readonly rail: UsedNetwork;
    readonly nowMs: number;
    readonly inquiryCount: number;
    readonly settings: PaymentSettings;
  },
): number {
  const firstMs = numberOf(input.settings, networkOf(input.rail).inquiryFirstMs);
  const waitMs = firstMs * 2 ** Math.min(input.inquiryCount, 10);
  return input.nowMs + jittered(waitMs, random);
}

/** `ms` ± 20 %, never shorter than asked for the first by more than that. */
export function jittered(ms: number, random: Random): number {
  return Math.round(ms * (0.8 + random.below(401) / 1_000));
}

/** Asks the network once, if the budget has one left. `answer` is undefined when nobody was asked or nobody could be. */
export async function inquireOnce(
  context: PaymentContext,
  row: PaymentRow,
  settings: PaymentSettings,
): Promise<{ readonly row: PaymentRow | undefined; readonly answer?: RailAnswer }> {
  const nowMs = context.time.now();
  const rail = networkRailOf(row);
  const perSecond = numberOf(settings, networkOf(rail).inquiryPerSecond);
  if (!context.inquiries.take({ rail, nowMs, perSecond })) {
    return {
      row: await plan(context, row, {
        settings,
        inquireAtMs: nowMs + jittered(2_000, context.random),
        asked: false,
      }),
    };
  }
  const answer = await askRail(context, row);
  const isAsked = answer.outcome !== 'not_reached';
  const askedAtMs = context.time.now();
  const inquireAtMs = isAsked
    ? inquireAtFrom(context.random, {
        rail,
        nowMs: askedAtMs,
        inquiryCount: row.inquiryCount + 1,
        settings,
      })
    : askedAtMs + jittered(10_000, context.random);
  const planned = await plan(context, row, { settings, inquireAtMs, asked: isAsked });
  return answer.outcome === 'not_reached' ? { row: planned } : { row: planned, answer };
}

async function askRail(
  context: PaymentContext,
  row: PaymentRow,
): Promise<RailAnswer | { readonly outcome: 'not_reached' }> {
  try {
    return await context.rail.inquire({
      rail: networkRailOf(row),
      paymentId: row.id,
      bizMsgIdr: row.bizMsgIdr!,
      ...(row.msgId !== undefined && { msgId: row.msgId }),
      ...(networkOf(networkRailOf(row)).asksWithInstruction && {
        instruction: await instructionOf(context, row),
      }),
    });
  } catch (error) {
    context.log.warn(
      { paymentId: row.id, error: (error as Error).message },
      'payment.inquiry_failed',
    );
    return { outcome: 'not_reached' };
  }
}

function plan(
  context: PaymentContext,
  row: PaymentRow,
  input: {
    readonly settings: PaymentSettings;
    readonly inquireAtMs: number;
    readonly asked: boolean;
  },
): Promise<PaymentRow | undefined> {
  const nowMs = context.time.now();
  const next: PaymentRow = {
    ...row,
    inquireAtMs: input.inquireAtMs,
    inquiryCount: row.inquiryCount + (input.asked ? 1 : 0),
  };
  return context.changes.apply({
    kind: 'change',
    id: row.id,
    from: [row.state],
    atMs: nowMs,
    set: {
      inquireAtMs: next.inquireAtMs,
      inquiryCount: next.inquiryCount,
      dueAtMs: dueAtOf(next, nowMs, input.settings),
    },
    events: (now) =>
      input.asked ? [paymentEvent(now, nowMs, 'inquired', { inquiryCount: now.inquiryCount })] : [],
    messages: () => [],
  });
}
