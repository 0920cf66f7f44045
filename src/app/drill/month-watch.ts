/** The events of a clean month through the very detectors that protect (I10): what they would have restricted. What is placed is lifted by
 * two people when it comes up for review, so that a second false alarm counts again. Pure. */
import { dayWishes, type Month, type MonthWish } from '../../../sim/drills/month.ts';
import type { StreamEvent } from '../../audit/event.ts';
import type { Restriction } from '../../gate/restriction.ts';
import { decideContainment } from '../../guard/contain.ts';
import type { Signal } from '../../guard/detector/observation.ts';
import { readCalendar } from '../../guard/flow/calendar.ts';
import { openFlow, type Flow } from '../../guard/flow/fold.ts';
import { FLOW_DETECTORS } from '../../guard/flow/list.ts';
import { seeEntry, seeEvent } from '../../guard/flow/seen.ts';
import type { LadderState } from '../../guard/ladder.ts';
import { GUARD_DEFAULTS } from '../../guard/setting.ts';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import { DEMO_BANK } from '../bank-profile.ts';
import { BANKS } from '../demo-people.ts';

export interface MonthWatch {
  /** Rows that were folded. */
  readonly observations: number;
  readonly payments: number;
  /** In the order of their times, the days of learning included. */
  readonly restrictions: readonly Restriction[];
  /** Findings by detector. */
  readonly findings: Readonly<Record<string, number>>;
}

/** From taking a payment to its settlement. */
const SETTLE_MS = 800;
const SEN = 100;

interface Watch {
  readonly flow: Flow;
  readonly placed: Restriction[];
  readonly findings: Record<string, number>;
  active: readonly Restriction[];
  ladder: LadderState;
  observations: number;
}

/** Folds all of it. */
export function watchMonth(
  month: Month,
  of: { readonly seed: string; readonly startMs: number },
): MonthWatch {
  const watch: Watch = {
    flow: openFlow(FLOW_DETECTORS, { changes: {}, calendar: readCalendar() }),
    placed: [],
    findings: {},
    active: [],
    ladder: {},
    observations: 0,
  };
  let payments = 0;
  for (let day = 1 - month.learnDays; day <= month.days; day++) {
    const payerBefore: Record<string, number> = {};
    for (const wish of dayWishes(month, { ...of, day })) {
      payments++;
      lift(watch, wish.atMs);
      const isAscending = wish.payer > (payerBefore[wish.kind] ?? wish.payer);
      payerBefore[wish.kind] = wish.payer;
      for (const seen of observe(wish, { number: payments, isAscending })) {
        watch.observations++;
        const signals = watch.flow.fold(seen);
        if (signals.length > 0) contain(watch, signals);
      }
    }
  }
  const { placed: restrictions, findings, observations } = watch;
  return { observations, payments, restrictions, findings };
}

/** What the stream and the feed tell of one payment: made, settled, and its line. */
function observe(
  wish: MonthWish,
  of: { readonly number: number; readonly isAscending: boolean },
): readonly Parameters<Flow['fold']>[0][] {
  const { atMs, kind } = wish;
  const subject = `pay_${of.number}`;
  const bank = BANKS[wish.payee % BANKS.length]!.bic;
  const amountSen = String(wish.rupiah * SEN);
  const event = (of_: Pick<StreamEvent, 'atMs' | 'kind'> & { data: StreamEvent['data'] }) =>
    seeEvent({ id: 0n, xid: 0n, subject, ...of_ });
  const facts = { paymentKind: kind, channel: wish.channel, amountSen, bank };
  const made = event({
    atMs,
    kind: 'payment.held',
    data: {
      ...facts,
      state: 'held',
      previous: 'new',
      payer: `payer-${wish.payer}`,
      payee: `payee-${wish.payee}`,
      leftPerMille: wish.leftPerMille,
      isAscending: of.isAscending,
    },
  });
  const settled = event({
    atMs: atMs + SETTLE_MS,
    kind: 'payment.settled',
    data: { ...facts, state: 'settled', previous: 'accepted' },
  });
  if (kind === 'onus') return [made, settled];
  const line: JournalEntry = {
    partition: 'gateway-1',
    position: of.number,
    atMs: atMs + SETTLE_MS,
    body: {
      kind: 'feed',
      line: {
        lineId: subject,
        direction: kind === 'bifast_out' ? 'out' : 'in',
        bizMsgIdr: subject,
        amountSen,
        counterpartyBank: bank,
        connector: 'own',
        settledAtMs: atMs + SETTLE_MS,
        businessDate: '',
      },
    },
  };
  return [made, seeEntry(line), settled];
}

function contain(watch: Watch, signals: readonly Signal[]): void {
  for (const { detector } of signals)
    watch.findings[detector] = (watch.findings[detector] ?? 0) + 1;
  const nowMs = signals[0]!.atMs;
  const { place, ladder } = decideContainment({
    signals,
    active: watch.active,
    wishes: [],
    ladder: watch.ladder,
    localise: () => [],
    nowMs,
    numbers: GUARD_DEFAULTS,
    bic: DEMO_BANK.bic,
    newId: (prefix) => `${prefix}_${watch.placed.length}_${nowMs}`,
  });
  watch.ladder = ladder;
  watch.active = [...watch.active, ...place];
  for (const one of place) {
    watch.placed.push(one);
    watch.flow.fold({ kind: 'restriction', atMs: nowMs, what: 'placed', id: one.id });
  }
}

function lift(watch: Watch, nowMs: number): void {
  if (watch.active.every(({ reviewAtMs }) => reviewAtMs > nowMs)) return;
  for (const { id, reviewAtMs } of watch.active)
    if (reviewAtMs <= nowMs)
      watch.flow.fold({ kind: 'restriction', atMs: nowMs, what: 'lifted', id });
  watch.active = watch.active.filter(({ reviewAtMs }) => reviewAtMs > nowMs);
}
