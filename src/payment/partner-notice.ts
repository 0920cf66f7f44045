import type { PartnerNotice } from '../notify/partner-notice.ts';
import type { PaymentRow } from './row.ts';
import { isFinal } from './state.ts';

/** The notice that a payment owes its partner as it now stands: one once it is final, none before and none for others' payments. What
 * was refused was told in its own answer, and a repeat tells it again. */
export function noticesOf(rows: Iterable<PaymentRow>): readonly PartnerNotice[] {
  const notices: PartnerNotice[] = [];
  for (const row of rows) {
    const { partnerId, partnerReferenceNo } = row;
    if (partnerId === undefined || partnerReferenceNo === undefined) continue;
    // A shop that scanned a code hands its goods over on the other bank's word.
    const isPaid = row.kind === 'qris_scanned' && row.state === 'accepted';
    if (!isPaid && (!isFinal(row.state) || row.state === 'refused')) continue;
    notices.push({
      partnerId,
      facts: {
        paymentId: row.id,
        partnerReferenceNo,
        kind: row.kind,
        state: row.state,
        ...(row.outcomeCode !== undefined && { outcomeCode: row.outcomeCode }),
        amountSen: String(row.amountSen),
        creditAccount: row.creditAccount,
        creditorName: row.creditorName,
        ...(row.counterpartyBank !== undefined && { counterpartyBank: row.counterpartyBank }),
        atMs: row.changedAtMs,
      },
    });
  }
  return notices;
}
