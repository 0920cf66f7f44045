import { newId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { MessageTemplate } from '../notify/template.ts';
import type { MessageDraft } from './change.ts';
import { RECEIVED_KINDS } from './kind.ts';
import type { PaymentRow } from './row.ts';

/** A biller or a shop is paid, nobody is sent money. */
const PAYS_SELLER: ReadonlySet<PaymentRow['kind']> = new Set([
  'bill',
  'qris_out',
  'qris_presented',
]);

/** A message to the payer or, for a credit, to the payee; none when the account has no customer (T3: the one whose money it
 * is always hears, whatever the other side's settings are). */
export function messageOf(
  row: PaymentRow,
  atMs: number,
  input: { readonly template: MessageTemplate; readonly random: Random },
): readonly MessageDraft[] {
  if (row.customerId === undefined) return [];
  // Its till hears all else in the answer, and paid nothing.
  if (row.kind === 'qris_scanned' && !input.template.startsWith('qris.')) return [];
  const isCredit = RECEIVED_KINDS.includes(row.kind) || row.kind === 'onus_refund';
  // Of a list its payer hears once, when it is done; what is in doubt or came back is told singly.
  if (row.bulkId !== undefined && !isCredit && input.template === 'payment.settled') return [];
  return [
    {
      id: newId('msg', atMs, input.random),
      customerId: row.customerId,
      template: input.template,
      params: {
        amountSen: String(row.amountSen),
        feeSen: String(row.feeSen),
        name: isCredit ? row.debtorName : row.creditorName,
        reference: row.id,
        atMs: String(atMs),
        ...(PAYS_SELLER.has(row.kind) && { isBill: 'yes' as const }),
        ...(row.promiseAtMs !== undefined && { promiseAtMs: String(row.promiseAtMs) }),
      },
    },
  ];
}
