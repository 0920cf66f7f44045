import { newId } from '../kernel/ids.ts';
import type { MessageTemplate } from '../notify/template.ts';
import type { MessageDraft } from '../payment/change.ts';
import type { PaymentRow } from '../payment/row.ts';
import type { CardContext } from './context.ts';

/** What the cardholder reads about their cash (T3: the one whose money it is always hears). */
export function messageOfCard(
  context: Pick<CardContext, 'random'>,
  row: PaymentRow,
  template: Extract<MessageTemplate, `card.${string}`>,
  keptSen = 0n,
): readonly MessageDraft[] {
  if (row.customerId === undefined) return [];
  return [
    {
      id: newId('msg', row.changedAtMs, context.random),
      customerId: row.customerId,
      template,
      params: {
        amountSen: String(row.amountSen - keptSen),
        feeSen: String(row.feeSen),
        // The place of the machine.
        name: row.kind === 'atm_deposit' ? row.debtorName : row.creditorName,
        reference: row.id,
        atMs: String(row.changedAtMs),
      },
    },
  ];
}
