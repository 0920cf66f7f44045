import assert from 'node:assert/strict';
import test from 'node:test';
import { GUARD_DEFAULTS, mergeNumbers } from '../setting.ts';
import { foldBatch } from './batch.ts';
import { readCalendar } from './calendar.ts';
import { openFlow } from './fold.ts';
import { categoryDetector } from '../detector/d14-category.ts';
import { listed } from './detector.ts';
import { FLOW_DETECTORS } from './list.ts';
import { numbersOf } from './setting.ts';
import { loadFlow, saveFlow } from './save.ts';
import { jambi } from './test-case.ts';
import {
  coldFlow,
  DAY,
  foldAll,
  HOUR,
  line,
  openDice,
  ordinary,
  payment,
  said,
  warmFlow,
} from './test-flow.ts';

const PLACE = { eventXid: '7', eventId: '9', cursors: { 'gateway-1': 3 } };
const settings = { changes: {}, calendar: readCalendar() };
const event = (
  kind: string,
  atMs: number,
  data: Readonly<Record<string, unknown>>,
  subject = 'x',
) => ({
  id: 0n,
  xid: 0n,
  atMs,
  kind,
  subject,
  data,
});

test('T12 a restart in the middle of an attack finds what an unbroken guard finds, from the saved text and the tail', () => {
  const seen = jambi(160);
  const whole = foldAll(warmFlow(), seen);
  const flow = warmFlow();
  const before = foldAll(flow, seen.slice(0, 20));
  const { parts } = saveFlow(flow.state, PLACE, -1);
  const saved = loadFlow(
    parts.at(-1)!.body,
    parts.slice(0, -1).map(({ body }) => body),
  )!;
  assert.deepEqual(saved.place, PLACE);
  const next = openFlow(FLOW_DETECTORS, settings, saved.state);
  // What the guard had acted on since is folded in silence.
  const tail = foldAll(next, seen.slice(20, 40));
  const after = foldAll(next, seen.slice(40));
  assert.deepEqual([...before, ...tail, ...after], whole);
  assert.ok(said(after).some((words) => words.startsWith('D12')));
});

test('saveFlow() writes a full layer of known pairs once, and loadFlow() forgets no pair', () => {
  const flow = coldFlow();
  const pay = (at: number) => payment(1_000 + at, { rupiah: 1, payer: `p${at}`, payee: `q${at}` });
  foldAll(
    flow,
    Array.from({ length: 3_000 }, (_, at) => pay(at)),
  );
  const first = saveFlow(flow.state, PLACE, -1);
  assert.equal(first.savedLayer, 1);
  assert.deepEqual(
    first.parts.map(({ name }) => name),
    ['flow.pairs.0', 'flow.pairs.1', 'flow'],
  );
  const second = saveFlow(flow.state, PLACE, first.savedLayer);
  assert.deepEqual(
    second.parts.map(({ name }) => name),
    ['flow'],
  );
  const layers = first.parts.slice(0, -1).map(({ body }) => body);
  const again = openFlow(FLOW_DETECTORS, settings, loadFlow(second.parts[0]!.body, layers)!.state);
  foldAll(
    again,
    Array.from({ length: 3_000 }, (_, at) => pay(at)),
  );
  assert.equal(again.state.pairs.total, flow.state.pairs.total);
  assert.equal(loadFlow('{"form":0}', []), undefined, 'another form is begun anew');
});

test('a detector in shadow alarms with what it wished, and restricts nothing', () => {
  const { flow: changes } = mergeNumbers(GUARD_DEFAULTS, { flow: { D14: { mode: 'shadow' } } });
  const [signal] = foldAll(warmFlow(changes), jambi(12)).filter(
    ({ detector }) => detector === 'D14',
  );
  assert.deepEqual(signal!.act, { kind: 'alert' });
  assert.equal(signal!.severity, 'P3');
  assert.ok(signal!.wish?.kind === 'hold' && signal!.wish.isShadow);
});

test('a setting moves a threshold while the flow runs, and a misspelt one disarms nothing', () => {
  const flow = warmFlow();
  const { flow: changes } = mergeNumbers(GUARD_DEFAULTS, {
    flow: {
      D14: { paymentsMin: 5, paymentMin: 1, sharePercent: -1, mode: 'of' },
      'D14 ': { paymentsMin: 1 },
      D6: 'off',
    },
  });
  assert.deepEqual(changes, { D14: { numbers: { paymentsMin: 5, paymentMin: 1 } } });
  flow.set({ ...settings, changes });
  const found = jambi(12).map((seen) => said(foldAll(flow, [seen])));
  assert.equal(
    found.findIndex((words) => words.includes('D14 hold bifast crypto')),
    4,
  );
});

test('the same finding is told once in ten minutes, and another scope at once', () => {
  const flow = warmFlow();
  const found = foldAll(flow, jambi(200)).filter(({ detector }) => detector === 'D14');
  const crypto = found.filter(({ wish }) => wish?.kind === 'hold').map(({ atMs }) => atMs);
  assert.ok(crypto.length >= 2);
  assert.ok(crypto.every((atMs, at) => at === 0 || atMs - crypto[at - 1]! >= 10 * 60_000));
});

test('what is usual is learned from clean hours only: not under a restriction, nor after a detector’s alarm', () => {
  const from = Date.parse('2025-04-21T00:00:00+07:00');
  const samples = (begin: readonly ReturnType<typeof event>[]) => {
    const flow = coldFlow();
    foldAll(flow, begin);
    const days = { fromMs: from, toMs: from + 6 * HOUR, perMinute: 20, dice: openDice(5) };
    for (const seen of ordinary(days)) foldAll(flow, [seen]);
    return Object.values(flow.state.traffic['made bifast']!.baseline).flat().length;
  };
  const placed = event('restriction.placed', from - 1, {}, 'rst_1');
  const lifted = event('restriction.lifted', from + 2 * HOUR, { restrictionId: 'rst_1' });
  const alarm = event('alarm.burn_rate', from + HOUR + 5, { detector: 'D5', severity: 'P1' });
  const duty = event('alarm.deadline_passed', from + HOUR, { detector: 'guard', severity: 'P1' });
  // The first hour is not seen whole, the last has not ended.
  assert.equal(samples([]), 4);
  assert.equal(samples([placed]), 0);
  assert.equal(samples([placed, lifted]), 2);
  assert.equal(samples([alarm]), 3);
  assert.equal(samples([duty]), 4);
});

test('foldBatch() puts entries and events into the order of their times, and takes nothing from the future', () => {
  const flow = coldFlow();
  const nowMs = Date.parse('2025-04-21T00:00:00+07:00');
  foldBatch(flow, {
    entries: [line(nowMs + DAY, 5)],
    events: [event('a.b', nowMs - 5, {})],
    nowMs,
  });
  assert.equal(flow.state.nowMs, nowMs);
});

test('an hour that is read late, the stream first and the journal after it, is no burst', () => {
  const flow = warmFlow();
  const fromMs = Date.parse('2025-04-22T09:00:00+07:00');
  const seen = [...ordinary({ fromMs, toMs: fromMs + HOUR, perMinute: 4, dice: openDice(9) })];
  const events = seen.filter((one) => !('partition' in one));
  const lines = events.map(({ atMs }) => line(atMs, 60_000_000));
  assert.ok(lines.length > 100);
  const words = said(foldAll(flow, [...events, ...lines]));
  assert.deepEqual(
    words.filter((one) => /^D[56] /.test(one)),
    [],
  );
});

test('a key that every object has already is no key: nobody poisons the states', () => {
  const flow = coldFlow();
  const evil = { rupiah: 900_000_000, payer: 'p', payee: '__proto__', category: 'constructor' };
  foldAll(flow, [payment(5, evil), payment(6, { ...evil, payee: 'q', payer: 'x'.repeat(9_999) })]);
  assert.equal(({} as Record<string, unknown>)['count'], undefined);
  assert.equal(flow.state.pairs.total, 0);
});

test('a flood of payers and payees who are all new keeps the text that is saved each minute under 4 MB', () => {
  const flow = coldFlow();
  const dice = openDice(1);
  const from = Date.parse('2025-04-21T10:00:00+07:00');
  for (let at = 0; at < 40_000; at++)
    flow.fold({
      ...SEEN,
      atMs: from + at,
      payer: `p${dice(1_000_000)}`,
      payee: `q${dice(1_000_000)}`,
    });
  const { parts } = saveFlow(flow.state, PLACE, -1);
  assert.ok(parts.at(-1)!.body.length < 4_000_000, `${parts.at(-1)!.body.length}`);
});

const SEEN = {
  kind: 'payment',
  id: 'pay',
  what: 'held',
  state: 'held',
  isMade: true,
  isLeaving: true,
  paymentKind: 'bifast_out',
  rail: 'bifast',
  direction: 'out',
  channel: 'mobile',
  bank: 'BNINIDJA',
  rupiah: 100_000,
  category: undefined,
  customer: undefined,
  partner: undefined,
  consent: undefined,
  card: undefined,
  leftPerMille: 500,
  isAscending: false,
  isStaff: false,
  isSynthetic: false,
  isProven: true,
  code: undefined,
  why: undefined,
  isFirstPayee: false,
} as const;

test('T16 rewind() a clock of the guard that jumped a year ahead and came back blinds no window, keeps what is usual and an unread alarm, and is told', () => {
  const flow = warmFlow();
  const from = Date.parse('2026-02-22T02:37:00+07:00') - HOUR;
  const usual = structuredClone(flow.state.traffic['made bifast']!.baseline);
  const pairs = flow.state.pairs.total;
  foldAll(flow, [event('external_alarm.raised', from, { rail: 'bifast' }, 'xal_1')]);
  flow.pass(from + 365 * DAY);
  assert.deepEqual(flow.rewind(from + 365 * DAY - 60_000), [], 'two guards may differ a little');
  const [told, ...more] = flow.rewind(from + 60_000);
  assert.deepEqual([told?.code, more], ['clock_jumped', []]);
  assert.deepEqual(flow.state.traffic['made bifast']!.baseline, usual);
  assert.equal(flow.state.pairs.total, pairs);
  assert.ok(flow.state.nowMs === from + 60_000 && flow.state.traffic['made bifast']!.ring.at === 0);
  const unread = said(flow.pass(from + 12 * 60_000));
  assert.deepEqual(unread, ['D23 throttle bifast']);
  const found = said(foldAll(flow, jambi(160)));
  assert.ok(
    found.some((words) => words.startsWith('D12')),
    'it sees as before',
  );
  assert.deepEqual(flow.rewind(flow.state.nowMs), []);
});

test('numbersOf() takes no number that would disarm: at most twenty times its own, and no share above the whole', () => {
  const numbers = (flow: object) =>
    numbersOf(listed(categoryDetector), mergeNumbers(GUARD_DEFAULTS, { flow: { D14: flow } }).flow);
  const own = categoryDetector.numbers;
  assert.equal(numbers({ paymentsMin: own.paymentsMin * 20 })['paymentsMin'], own.paymentsMin * 20);
  assert.deepEqual(numbers({ paymentsMin: own.paymentsMin * 20 + 1, sharePercent: 101 }), own);
  assert.deepEqual(numbers({ paymentsMin: Number.MAX_VALUE }), own);
});

test('mergeNumbers() bounds every number of the guard from above, by the defaults and not by what was set before', () => {
  const set = (change: object) => mergeNumbers(GUARD_DEFAULTS, change);
  const { detector, contain, liquidity } = GUARD_DEFAULTS;
  assert.deepEqual(
    set({ detector: { orphanStopCount: 4, deadManStopMs: 3_600_001 } }).detector,
    detector,
  );
  assert.equal(set({ detector: { orphanStopCount: 3 } }).detector.orphanStopCount, 3);
  assert.deepEqual(set({ contain: { reviewMs: contain.reviewMs * 20 + 1 } }).contain, contain);
  assert.deepEqual(
    set({ liquidity: { warnSen: `${liquidity.warnSen}0001` } }).liquidity,
    liquidity,
  );
  const once = set({ contain: { reviewMs: contain.reviewMs * 20 } });
  assert.deepEqual(
    mergeNumbers(once, { contain: { reviewMs: contain.reviewMs * 30 } }).contain,
    once.contain,
  );
});
