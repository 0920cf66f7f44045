/** What a restriction would do, shown before anybody enforces it (T20): what stops, what stays open, and how much of the traffic of the last
 * minutes and of the same hour a week ago it touches. Reads; `guard/preview.ts` counts. */
import type { RestrictionPreview } from '../channel/console/port.ts';
import type { Queryable } from '../db/pool.ts';
import type { FlowFacts } from '../gate/port.ts';
import type { Scope } from '../gate/restriction.ts';
import { levelOf, previewScope, type SeenFlow, type Traffic } from '../guard/preview.ts';
import { PAYMENT_KINDS, type PaymentKind } from '../payment/kind.ts';
import type { Parties } from '../payment/party.ts';
import { selectFlows, type FlowRow } from './store.ts';

const WINDOW_MINUTES = 10;
const WEEK_MS = 7 * 86_400_000;
const HOUR_MINUTES = 60;
/** Payments read of each window; more are counted and scaled. */
const FLOWS_MAX = 20_000;

interface Service {
  readonly rail: string;
  readonly direction: 'in' | 'out';
  readonly name: Readonly<Record<'id' | 'en', string>>;
}

const SERVICES: readonly Service[] = [
  {
    rail: 'onus',
    direction: 'out',
    name: { id: 'Transfer sesama bank', en: 'Transfers within our bank' },
  },
  {
    rail: 'bifast',
    direction: 'out',
    name: { id: 'BI-FAST keluar', en: 'BI-FAST outgoing' },
  },
  {
    rail: 'bifast',
    direction: 'in',
    name: { id: 'BI-FAST masuk', en: 'BI-FAST incoming' },
  },
  {
    rail: 'switch',
    direction: 'out',
    name: { id: 'Transfer online keluar', en: 'Online transfers outgoing' },
  },
  {
    rail: 'switch',
    direction: 'in',
    name: {
      id: 'Transfer online masuk dan tarik tunai',
      en: 'Online transfers incoming and cash withdrawals',
    },
  },
  {
    rail: 'qris',
    direction: 'out',
    name: { id: 'QRIS keluar', en: 'QRIS outgoing' },
  },
  {
    rail: 'qris',
    direction: 'in',
    name: { id: 'QRIS masuk', en: 'QRIS incoming' },
  },
  {
    rail: 'biller',
    direction: 'out',
    name: { id: 'Tagihan dan isi ulang', en: 'Bills and top-ups' },
  },
];

/** Previews a stop of `scope`. */
export async function previewRestriction(input: {
  readonly db: Queryable;
  readonly nowMs: number;
  readonly scope: Scope;
  readonly language: 'id' | 'en';
  readonly parties: Pick<Parties, 'keyOf'>;
  readonly bic: string;
}): Promise<RestrictionPreview> {
  const { nowMs, scope, language } = input;
  const [recent, usual] = await Promise.all([
    readTraffic(input, { fromMs: nowMs - WINDOW_MINUTES * 60_000, minutes: WINDOW_MINUTES }),
    readTraffic(input, { fromMs: nowMs - WEEK_MS, minutes: HOUR_MINUTES }),
  ]);
  const seen = previewScope({ scope, recent, usual });
  const isHit = ({ rail, direction }: Service): boolean =>
    (scope.rail === undefined || scope.rail === rail) &&
    (scope.direction === undefined || scope.direction === direction);
  const isPart = !seen.isWide;
  const nameOf = ({ name }: Service): string => name[language];
  const partly = language === 'id' ? '(sebagian)' : '(partly)';
  return {
    stops: SERVICES.filter(isHit).map((service) =>
      isPart ? `${nameOf(service)} ${partly}` : nameOf(service),
    ),
    staysOpen: SERVICES.filter((service) => !isHit(service) || isPart).map(nameOf),
    customersPerMinute: seen.customersPerMinute,
    paymentsPerMinute: seen.paymentsPerMinute,
    healthyPerMinute: seen.healthyPerMinute,
    usualPerMinute: seen.usualPerMinute ?? null,
    valuePerMinuteSen: String(seen.valuePerMinuteSen),
    openCount: seen.openCount,
    valueHeldSen: String(seen.valueOpenSen),
    level: levelOf(scope, { kind: 'stop' }),
    isWide: seen.isWide,
  };
}

async function readTraffic(
  input: Parameters<typeof previewRestriction>[0],
  window: { readonly fromMs: number; readonly minutes: number },
): Promise<Traffic> {
  const { scope } = input;
  const kinds = (Object.keys(PAYMENT_KINDS) as PaymentKind[]).filter(
    (kind) => scope.rail === undefined || PAYMENT_KINDS[kind].rail === scope.rail,
  );
  const { rows, total } = await selectFlows(input.db, {
    kinds,
    fromMs: window.fromMs,
    toMs: window.fromMs + window.minutes * 60_000,
    limit: FLOWS_MAX,
  });
  return {
    flows: rows.map((row) => seenOf(row, input)),
    minutes: window.minutes,
    skipped: total - rows.length,
  };
}

const OPEN_STATES = [
  'withheld',
  'held',
  'sending',
  'accepted',
  'unknown',
  'review',
  'pending_credit',
];
const FAILED_STATES = ['refused', 'refunded', 'rejected', 'returned', 'cancelled'];

function seenOf(
  row: FlowRow,
  { scope, parties, bic }: Parameters<typeof previewRestriction>[0],
): SeenFlow {
  const { rail, direction } = PAYMENT_KINDS[row.kind];
  // To restrictions a shown code is a payment out, though the network asks.
  const isIn = direction !== 'out' && row.kind !== 'qris_presented';
  const bank = row.counterparty_bank ?? undefined;
  const facts: FlowFacts = {
    rail,
    direction: isIn ? 'in' : 'out',
    // A shop that scans a code asks, but what comes is a payment in.
    channel: row.kind === 'qris_scanned' ? 'network' : row.channel,
    ...(bank !== undefined && rail !== 'onus' && { bank }),
    product: productOf(row),
    ...(row.nmid !== null && { merchant: row.nmid }),
    account: isIn && row.kind !== 'card_withdrawal' ? row.credit_account : row.debit_account,
    ...(!isIn && row.kind !== 'bill' && { payeeAccount: row.credit_account }),
    // A hash for every payment of an hour: only where the scope asks.
    ...(scope.payees && {
      payee: parties.keyOf({ bank: bank ?? bic, account: row.credit_account }),
    }),
    ...(scope.cohort && { payer: parties.keyOf({ bank: bic, account: row.debit_account }) }),
    amountSen: row.amount_sen,
    cohortBucket: row.cohort_bucket,
    isStaff: row.is_staff,
  };
  return {
    facts,
    customer: row.customer_id ?? undefined,
    isHealthy: !FAILED_STATES.includes(row.state),
    isOpen: OPEN_STATES.includes(row.state),
  };
}

function productOf({ kind, product, nmid }: FlowRow): string {
  if (kind === 'bill') return product ?? 'bill';
  if (kind === 'card_withdrawal') return 'cash';
  if (kind === 'bifast_return' || kind.startsWith('qris_refund')) return 'return';
  if (kind === 'qris_out' || kind === 'qris_presented') return 'qris';
  return nmid === null ? 'transfer' : 'qris';
}
