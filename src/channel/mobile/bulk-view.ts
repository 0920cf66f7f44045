/** Lists and their rows as their owner reads them. Pure. A row that was sent has the state of its payment: nothing here guesses. */
import type { Bulk, BulkRow, BulkSum } from '../../bulk/port.ts';
import { mayMoveBulk, type BulkState } from '../../bulk/state.ts';
import { formatRupiah } from '../../kernel/money.ts';
import { BULK_REASON_WORDS } from '../../notify/bulk-text.ts';
import { paymentStatusText, type StatusTone } from '../../notify/status.ts';
import type { Language } from '../../notify/template.ts';
import { BULK_WORDS } from './bulk-words.ts';
import { wireAmount, type Reader } from './view.ts';

const TONES: Readonly<Record<BulkState, StatusTone>> = {
  checking: 'waiting',
  ready: 'waiting',
  running: 'waiting',
  paused: 'bad',
  done: 'good',
  cancelled: 'neutral',
  expired: 'neutral',
};
/** States after which a row that was not sent never will be. */
const OVER: readonly BulkState[] = ['done', 'cancelled', 'expired'];

/** Count and money of rows. */
export function showSum(sum: {
  readonly count: number;
  readonly amountSen: bigint;
  readonly feeSen: bigint;
}) {
  const { count, amountSen, feeSen } = sum;
  return {
    count,
    amount: wireAmount(amountSen),
    fee: wireAmount(feeSen),
    total: wireAmount(amountSen + feeSen),
  };
}

/** One list. */
export function showBulk(bulk: Bulk, language: Language) {
  const { id, name, state, reason } = bulk;
  return {
    id,
    name,
    fromAccount: bulk.debitAccount,
    state,
    status: { label: BULK_WORDS[language].state[state], tone: TONES[state] },
    ...(reason !== undefined && { note: BULK_REASON_WORDS[language][reason] }),
    rowCount: bulk.rowCount,
    ...(bulk.agreed && { agreed: showSum(bulk.agreed) }),
    madeAtMs: bulk.madeAtMs,
  };
}

/** The very words to agree to. The id stands in them, so that they are of this list and of no other of its name. */
export function bulkConsentText(
  bulk: Bulk,
  input: { readonly offer: BulkSum; readonly language: Language },
): string {
  const { offer, language } = input;
  return BULK_WORDS[language].consent({
    id: bulk.id,
    name: bulk.name,
    count: offer.count,
    leftCount: bulk.rowCount - offer.count,
    amount: formatRupiah(offer.amountSen),
    fee: formatRupiah(offer.feeSen),
    total: formatRupiah(offer.amountSen + offer.feeSen),
    fromAccount: bulk.debitAccount,
  });
}

/** Rows by what became of them. */
export function showParts(
  bulk: Bulk,
  input: { readonly sums: readonly BulkSum[]; readonly language: Language },
) {
  return input.sums.map(({ state, count, amountSen }) => ({
    status: state.startsWith('payment.')
      ? paymentStatus(state.slice('payment.'.length), input.language)
      : rowStatus(bulk, { state: state as BulkRow['state'], language: input.language }),
    count,
    amount: wireAmount(amountSen),
  }));
}

/** One row; `payment`: the state of what was sent. */
export function showRow(
  row: BulkRow,
  input: { readonly bulk: Bulk; readonly reader: Reader; readonly payment: string | undefined },
) {
  const { bulk, reader } = input;
  const { language } = reader;
  const isSent = row.paymentId !== undefined;
  return {
    position: row.position,
    name: row.name,
    bank:
      row.bank === reader.bank.bic
        ? reader.bank.name
        : (reader.bankNames.get(row.bank) ?? row.bank),
    account: row.account,
    ...(row.amountSen !== undefined && { amount: wireAmount(row.amountSen) }),
    status: isSent
      ? paymentStatus(input.payment ?? '', language)
      : rowStatus(bulk, { state: row.state, language }),
    ...(row.reason !== undefined && !isSent && { note: BULK_WORDS[language].reason[row.reason] }),
    ...(isSent && { paymentId: row.paymentId }),
  };
}

function paymentStatus(state: string, language: Language) {
  const facts = { state, kind: '', totalSen: 0n, changedAtMs: 0 };
  const { label, tone } = paymentStatusText(facts, language);
  return { label, tone };
}

function rowStatus(
  bulk: Bulk,
  { state, language }: { readonly state: BulkRow['state']; readonly language: Language },
): { readonly label: string; readonly tone: StatusTone } {
  const words = BULK_WORDS[language].row;
  const isOpen = state === 'checked' || state === 'unchecked';
  if (isOpen && OVER.includes(bulk.state)) return { label: words.left, tone: 'neutral' };
  if (state === 'faulty' || state === 'refused') return { label: words[state], tone: 'bad' };
  return { label: words[state === 'submitted' ? 'submitting' : state], tone: 'waiting' };
}

/** What its owner may do now. */
export function showCan({ state }: Bulk) {
  const may = (to: BulkState): boolean => mayMoveBulk({ from: state, to });
  return { pause: may('paused'), resume: state === 'paused', cancel: may('cancelled') };
}
