/** What a restriction would do, shown before anybody enforces it (T20): what stops, what stays open, how much traffic of the last
 * minutes it would have touched. */
import type { RestrictionPreview } from '../channel/console/port.ts';
import type { Queryable } from '../db/pool.ts';
import type { Scope } from '../gate/restriction.ts';
import { selectTouched } from './store.ts';

const WINDOW_MINUTES = 10;

interface Service {
  readonly rail: string;
  readonly direction: 'in' | 'out';
  readonly kinds: readonly string[];
  readonly name: Readonly<Record<'id' | 'en', string>>;
}

const SERVICES: readonly Service[] = [
  {
    rail: 'onus',
    direction: 'out',
    kinds: ['onus'],
    name: { id: 'Transfer sesama bank', en: 'Transfers within our bank' },
  },
  {
    rail: 'bifast',
    direction: 'out',
    kinds: ['bifast_out', 'bifast_return'],
    name: { id: 'BI-FAST keluar', en: 'BI-FAST outgoing' },
  },
  {
    rail: 'bifast',
    direction: 'in',
    kinds: ['bifast_in'],
    name: { id: 'BI-FAST masuk', en: 'BI-FAST incoming' },
  },
  {
    rail: 'switch',
    direction: 'out',
    kinds: ['switch_out'],
    name: { id: 'Transfer online keluar', en: 'Online transfers outgoing' },
  },
  {
    rail: 'switch',
    direction: 'in',
    kinds: ['switch_in'],
    name: { id: 'Transfer online masuk', en: 'Online transfers incoming' },
  },
  {
    rail: 'qris',
    direction: 'out',
    kinds: ['qris_out'],
    name: { id: 'QRIS keluar', en: 'QRIS outgoing' },
  },
  {
    rail: 'qris',
    direction: 'in',
    kinds: ['qris_refund_in'],
    name: { id: 'QRIS masuk', en: 'QRIS incoming' },
  },
  {
    rail: 'biller',
    direction: 'out',
    kinds: ['bill'],
    name: { id: 'Tagihan dan isi ulang', en: 'Bills and top-ups' },
  },
];

/** Counts over the last ten minutes; rates are per minute. */
export async function previewRestriction(input: {
  readonly db: Queryable;
  readonly nowMs: number;
  readonly scope: Scope;
  readonly language: 'id' | 'en';
}): Promise<RestrictionPreview> {
  const { db, nowMs, scope, language } = input;
  const isHit = ({ rail, direction }: Service): boolean =>
    (scope.rail === undefined || scope.rail === rail) &&
    (scope.direction === undefined || scope.direction === direction);
  const hit = SERVICES.filter(isHit);
  const isNarrow = Boolean(scope.channel ?? scope.bank ?? scope.account ?? scope.amountFromSen);
  const touched = await selectTouched(db, {
    since: new Date(nowMs - WINDOW_MINUTES * 60_000),
    filter: {
      kinds: hit.flatMap(({ kinds }) => kinds),
      channel: scope.channel,
      bank: scope.bank,
      account: scope.account,
      amountFromSen: BigInt(scope.amountFromSen ?? 0),
    },
  });
  const nameOf = ({ name }: Service): string => name[language];
  const partly = language === 'id' ? '(sebagian)' : '(partly)';
  return {
    stops: hit.map((service) => (isNarrow ? `${nameOf(service)} ${partly}` : nameOf(service))),
    staysOpen: SERVICES.filter((service) => !isHit(service) || isNarrow).map(nameOf),
    customersPerMinute: Math.ceil(touched.customers / WINDOW_MINUTES),
    paymentsPerMinute: Math.ceil(touched.payments / WINDOW_MINUTES),
    valuePerMinuteSen: String(touched.valueSen / BigInt(WINDOW_MINUTES)),
    valueHeldSen: String(touched.heldSen),
    isWide: !isNarrow,
  };
}
