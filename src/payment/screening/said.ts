/** What the event stream hears of the rules of risk: codes in the payment's own event, and one event of each rule that spoke, by which
 * people see how often it does. */
import type { EventDraft } from '../../audit/event.ts';
import { recordEvents } from '../../audit/record.ts';
import type { Screened } from '../../risk/screen.ts';
import { announcer, type Announce } from '../announce.ts';
import type { PaymentContext } from '../context.ts';
import { paymentEvent } from '../event.ts';
import type { PaymentRow } from '../row.ts';

/** `acted` as its setting says, `shadow` would have, `unasked` had a question that nobody was there to answer, `asked` put it. */
export const RISK_WORDS = ['acted', 'shadow', 'unasked', 'asked'] as const;
export type RiskWord = (typeof RISK_WORDS)[number];

/** The subject of a rule's events. */
export function subjectOf(code: string): string {
  return `risk_rule:${code}`;
}

/** Announces a payment that rules looked at. Data beside those of `announcer`: `risk` (codes of those that acted), `riskShadow`,
 * `riskUnasked`; nothing where no rule had a word. */
export function announceScreened(
  context: Pick<PaymentContext, 'bank' | 'parties'>,
  of: { readonly row: PaymentRow; readonly screened: Screened | undefined },
  extra: Readonly<Record<string, unknown>> = {},
): Announce {
  const { row: made, screened } = of;
  const announce = announcer(context, made, { ...extra, ...riskFacts(screened) });
  return (row, posted) => [...announce(row, posted), ...screenedEvents(row, screened)];
}

/** What the payment's own event says of rules that looked at it. */
export function riskFacts(screened: Screened | undefined): Readonly<Record<string, unknown>> {
  if (!screened) return {};
  const { reasons, shadow, unasked } = screened;
  return {
    ...(reasons.length > 0 && { risk: reasons }),
    ...(shadow.length > 0 && { riskShadow: shadow }),
    ...(unasked.length > 0 && { riskUnasked: unasked }),
  };
}

/** One event of each rule that had a word. */
export function screenedEvents(
  row: Pick<PaymentRow, 'id' | 'madeAtMs'>,
  screened: Screened | undefined,
): readonly EventDraft[] {
  if (!screened) return [];
  const { reasons: acted, shadow, unasked } = screened;
  return saidEvents(row, { acted, shadow, unasked });
}

/** One event of each rule that spoke about a payment. */
export function saidEvents(
  row: Pick<PaymentRow, 'id' | 'madeAtMs'>,
  said: Readonly<Partial<Record<RiskWord, readonly string[]>>>,
): readonly EventDraft[] {
  return RISK_WORDS.flatMap((word) =>
    (said[word] ?? []).map((code) => ({
      atMs: row.madeAtMs,
      kind: `risk.${word}`,
      subject: subjectOf(code),
      data: { payment: row.id },
    })),
  );
}

/** Tells that the payer is asked first; nothing else is written of a payment that is not made yet. Told as well as it goes: a question
 * stands whether or not it is counted. */
export async function tellAsked(
  context: PaymentContext,
  row: PaymentRow,
  questions: readonly string[],
): Promise<void> {
  const event = paymentEvent(row, row.madeAtMs, 'asked', {
    consentId: row.consentId,
    risk: questions,
  });
  try {
    await context.db.tx((tx) =>
      recordEvents(tx, [event, ...saidEvents(row, { asked: questions })]),
    );
  } catch (error) {
    context.log.warn({ error: (error as Error).message }, 'payment.question_not_counted');
  }
}
