/** Flows for tests: payments, settlement lines and a small bank's ordinary days, from a seed. */
import type { StreamEvent } from '../../audit/event.ts';
import type { JournalEntry } from '../../rail/journal-entry.ts';
import type { Signal } from '../detector/observation.ts';
import { readCalendar } from './calendar.ts';
import { openFlow, type Flow } from './fold.ts';
import { FLOW_DETECTORS } from './list.ts';
import { loadFlow, saveFlow } from './save.ts';
import { seeEntry, seeEvent } from './seen.ts';
import type { FlowChanges } from './setting.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One payment that core made, as the stream tells it. */
export function payment(
  atMs: number,
  of: {
    readonly rupiah: number;
    readonly payer: string;
    readonly payee: string;
  } & Readonly<Record<string, unknown>>,
): StreamEvent {
  const { rupiah, ...data } = of;
  return {
    id: 0n,
    xid: 0n,
    atMs,
    kind: 'payment.held',
    subject: `pay_${atMs}`,
    data: {
      paymentKind: 'bifast_out',
      state: 'held',
      previous: 'new',
      channel: 'mobile',
      amountSen: String(rupiah * 100),
      bank: 'BNINIDJA',
      leftPerMille: 600,
      ...data,
    },
  };
}

/** One line of the settlement feed. */
export function line(atMs: number, rupiah: number, bank = 'BNINIDJA'): JournalEntry {
  return {
    partition: 'gateway-1',
    position: 1,
    atMs,
    body: {
      kind: 'feed',
      line: {
        lineId: `line_${atMs}`,
        direction: 'out',
        bizMsgIdr: `id_${atMs}`,
        amountSen: String(rupiah * 100),
        counterpartyBank: bank,
        connector: 'own',
        settledAtMs: atMs,
        businessDate: '2025-03-29',
      },
    },
  };
}

/** Any event of the stream. */
export function event(
  atMs: number,
  kind: string,
  data: Readonly<Record<string, unknown>> = {},
  subject = 'x',
): StreamEvent {
  return { id: 0n, xid: 0n, atMs, kind, subject, data };
}

/** A message that a gateway sends. */
export function intent(
  atMs: number,
  of: { readonly rupiah: number; readonly peer?: string },
): JournalEntry {
  return {
    partition: 'gateway-1',
    position: 1,
    atMs,
    body: {
      kind: 'intent',
      jti: `jti_${atMs}`,
      paymentId: `pay_${atMs}`,
      bizMsgIdr: `id_${atMs}`,
      amountSen: String(of.rupiah * 100),
      bank: 'BNINIDJA',
      peer: of.peer ?? 'core-1',
      instructionHash: 'hash',
    },
  };
}

/** What one detector said, in words. */
export function saidBy(id: string, signals: readonly Signal[]): readonly string[] {
  return said(signals).filter((words) => words.startsWith(`${id} `));
}

/** Folds in order; what was found. */
export function foldAll(
  flow: Flow,
  seen: readonly (StreamEvent | JournalEntry)[],
): readonly Signal[] {
  return seen.flatMap((one) => flow.fold('partition' in one ? seeEntry(one) : seeEvent(one)));
}

const BANKS = ['BNINIDJA', 'BRINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BSMDIDJA', 'PDJTIDJA', 'BDINIDJA'];

/** A number below another. */
export type Dice = (below: number) => number;

/** Cheap chance from a seed (xorshift): tens of thousands of payments a second. */
export function openDice(seed: number): Dice {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export interface Days {
  readonly fromMs: number;
  readonly toMs: number;
  /** Payments a minute at noon. */
  readonly perMinute: number;
  readonly dice: Dice;
  readonly customers?: number;
}

/** Ordinary traffic: few by night, most at noon and in the evening; nine in ten go to somebody whom the payer pays often; each settles
 * seconds later. */
export function* ordinary(of: Days): Generator<StreamEvent | JournalEntry> {
  const { dice } = of;
  const customers = of.customers ?? 3_000;
  for (let minuteMs = of.fromMs; minuteMs < of.toMs; minuteMs += MINUTE) {
    const expected = of.perMinute * SHAPE[new Date(minuteMs + 7 * HOUR).getUTCHours()]!;
    const count = Math.floor(expected * (0.5 + dice(1_000) / 1_000) + dice(1_000) / 1_000);
    const at = Array.from({ length: count }, () => dice(MINUTE)).toSorted((a, b) => a - b);
    for (const offset of at) {
      const customer = dice(customers);
      const isNew = dice(10) === 0;
      const payee = isNew ? dice(100_000_000) : customer * 10 + dice(4);
      const rupiah = 10_000 * (1 + Math.floor(500 * (dice(1_000) / 1_000) ** 4));
      const bank = BANKS[payee % BANKS.length]!;
      yield payment(minuteMs + offset, {
        rupiah,
        payer: `payer-${customer}`,
        payee: `payee-${payee}`,
        bank,
        leftPerMille: dice(10) === 0 ? 20 : 100 + dice(900),
        isAscending: dice(2) === 0,
      });
      yield line(minuteMs + offset, rupiah, bank);
    }
  }
}

/** Share of the busiest hour, by WIB hour. */
const SHAPE = [
  0.1, 0.06, 0.05, 0.05, 0.08, 0.2, 0.35, 0.5, 0.7, 0.85, 0.95, 1, 1, 0.95, 0.9, 0.9, 0.9, 0.85,
  0.8, 0.85, 0.8, 0.6, 0.35, 0.2,
];

const WARM_FROM = Date.parse('2025-03-01T00:00:00+07:00');
const WARM_PER_MINUTE = 4;
let warm: { readonly text: string; readonly layers: readonly string[] } | undefined;

/** A bank that has watched two ordinary weeks of March 2025: about four payments a minute at noon. Each caller gets its own. */
export function warmFlow(changes: FlowChanges = {}): Flow {
  const settings = { changes, calendar: readCalendar() };
  if (!warm) {
    const flow = openFlow(FLOW_DETECTORS, { ...settings, changes: {} });
    const dice = openDice(2_025);
    const days = {
      fromMs: WARM_FROM,
      toMs: WARM_FROM + 15 * DAY,
      perMinute: WARM_PER_MINUTE,
      dice,
    };
    for (const seen of ordinary(days)) foldAll(flow, [seen]);
    const { parts } = saveFlow(flow.state, { eventXid: '0', eventId: '0', cursors: {} }, -1);
    warm = {
      text: parts.at(-1)!.body,
      layers: parts.slice(0, -1).map(({ body }) => body),
    };
  }
  return openFlow(FLOW_DETECTORS, settings, loadFlow(warm.text, warm.layers)!.state);
}

/** A flow that has seen nothing. */
export function coldFlow(changes: FlowChanges = {}): Flow {
  return openFlow(FLOW_DETECTORS, { changes, calendar: readCalendar() });
}

/** `D5 stop bifast · out`, once each. */
export function said(signals: readonly Signal[]): readonly string[] {
  return [
    ...new Set(
      signals.map(({ detector, act }) => {
        if (act.kind === 'alert') return `${detector} alert`;
        const { rail, channel, bank, amountFromSen } = act.scope;
        const more = act.kind === 'cap' ? {} : act.scope;
        const payee = 'payee' in more && more.payee !== undefined ? 'payee' : undefined;
        const category = 'category' in more ? more.category : undefined;
        const band = amountFromSen === undefined ? undefined : 'band';
        return [detector, act.kind, rail, channel, bank, band, payee, category]
          .filter((part) => part !== undefined)
          .join(' ');
      }),
    ),
  ];
}
