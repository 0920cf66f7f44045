/** How many stored events a second go through the detectors on one core, from the text of the row to the findings. */
import { cpuUsage } from 'node:process';
import type { StreamEvent } from '../audit/event.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import type { Random } from '../kernel/random.ts';
import type { JournalEntry } from '../rail/journal-entry.ts';
import { readCalendar } from '../guard/flow/calendar.ts';
import { openBacktest } from '../guard/flow/replay.ts';
import { GUARD_DEFAULTS } from '../guard/setting.ts';

/** A row of the stream or of a journal as the database gives it. */
export interface StoredRow {
  readonly kind: string;
  readonly atMs: number;
  readonly text: string;
}

const FROM_MS = Date.parse('2026-05-12T08:00:00+07:00');
const CUSTOMERS = 200_000;
const BANKS = ['BNINIDJA', 'BRINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BSMDIDJA'];
/** A page of the reader. */
const PAGE = 5_000;
/** Busy: 60 payments a second, each with two more transitions and a settlement line. */
const PAYMENT_GAP_MS = 16;

/** A bank's busy hours as stored rows: payments made, sent and settled, and their settlement lines. */
export function makeRows(payments: number, random: Random): readonly StoredRow[] {
  const rows: StoredRow[] = [];
  for (let at = 0; at < payments; at++) {
    const atMs = FROM_MS + at * PAYMENT_GAP_MS;
    const customer = random.below(CUSTOMERS);
    const payee = customer * 10 + random.below(5);
    const bank = BANKS[payee % BANKS.length]!;
    const amountSen = String(1_000_000 * (1 + random.below(300)));
    const shared = {
      paymentKind: 'bifast_out',
      channel: 'mobile',
      amountSen,
      feeSen: '250000',
      bank,
      customerId: `cus_${customer}`,
      bizMsgIdr: `20260512PULHIDJA010O02${String(at).padStart(8, '0')}`,
      cohortBucket: customer % 10_000,
      isStaff: false,
      isSynthetic: false,
      businessDate: '2026-05-12',
    };
    const made = {
      ...shared,
      state: 'held',
      previous: 'new',
      payer: `payer${String(customer).padStart(11, '0')}`,
      payee: `payee${String(payee).padStart(11, '0')}`,
      leftPerMille: random.below(1_000),
      isAscending: random.below(2) === 0,
    };
    rows.push({ kind: 'payment.held', atMs, text: canonicalJson(made) });
    for (const [state, previous] of [
      ['sending', 'held'],
      ['settled', 'sending'],
    ])
      rows.push({
        kind: `payment.${state}`,
        atMs: atMs + 2,
        text: canonicalJson({ ...shared, state, previous }),
      });
    const line = {
      lineId: `line_${at}`,
      direction: 'out',
      bizMsgIdr: shared.bizMsgIdr,
      amountSen,
      counterpartyBank: bank,
      connector: 'f'.repeat(64),
      settledAtMs: atMs,
      businessDate: '2026-05-12',
    };
    rows.push({ kind: 'feed', atMs: atMs + 3, text: canonicalJson({ kind: 'feed', line }) });
  }
  return rows;
}

/** Reads and folds all rows once; rows per second of processor time (all threads of this process, so that others on the machine do not
 * count), and how many findings there were. */
export function measureBacktest(rows: readonly StoredRow[]): {
  readonly perSecond: number;
  readonly findings: number;
} {
  const backtest = openBacktest({ numbers: GUARD_DEFAULTS, calendar: readCalendar() });
  let findings = 0;
  const before = cpuUsage();
  for (let at = 0; at < rows.length; at += PAGE)
    findings += backtest.fold(readPage(rows.slice(at, at + PAGE), at)).length;
  const { user, system } = cpuUsage(before);
  const seconds = (user + system) / 1_000_000;
  return { perSecond: rows.length / seconds, findings };
}

function readPage(
  rows: readonly StoredRow[],
  from: number,
): { readonly events: readonly StreamEvent[]; readonly entries: readonly JournalEntry[] } {
  const events: StreamEvent[] = [];
  const entries: JournalEntry[] = [];
  rows.forEach(({ kind, atMs, text }, at) => {
    if (kind === 'feed') {
      const body = JSON.parse(text) as JournalEntry['body'];
      entries.push({ partition: 'gateway-1', position: from + at, atMs, body });
    } else {
      const data = JSON.parse(text) as StreamEvent['data'];
      events.push({
        id: BigInt(from + at),
        xid: 1n,
        atMs,
        kind,
        subject: `pay_${from + at}`,
        data,
      });
    }
  });
  return { events, entries };
}
