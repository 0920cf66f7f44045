import assert from 'node:assert/strict';
import test from 'node:test';
import { readCalendar } from '../flow/calendar.ts';
import { openFlow } from '../flow/fold.ts';
import { FLOW_DETECTORS } from '../flow/list.ts';
import { loadFlow, saveFlow } from '../flow/save.ts';
import { coldFlow, event, foldAll, MINUTE, ordinary, openDice, saidBy } from '../flow/test-flow.ts';

/** Bank 9 Jambi: the report of the early morning. */
const FROM = Date.parse('2026-02-22T04:10:00+07:00');
const raised = (atMs: number, data: Readonly<Record<string, unknown>> = { rail: 'bifast' }) =>
  event(atMs, 'external_alarm.raised', data, 'xal_1');
const acknowledged = (atMs: number) =>
  event(atMs, 'external_alarm.acknowledged', { by: 'stf_1' }, 'xal_1');

test('T11 D23 tells at once, throttles after ten minutes and stops after twenty, without any other traffic', () => {
  const flow = coldFlow();
  assert.deepEqual(saidBy('D23', foldAll(flow, [raised(FROM)])), ['D23 alert']);
  assert.deepEqual(saidBy('D23', flow.pass(FROM + 9.5 * MINUTE)), []);
  assert.deepEqual(saidBy('D23', flow.pass(FROM + 10.5 * MINUTE)), ['D23 throttle bifast']);
  assert.deepEqual(saidBy('D23', flow.pass(FROM + 19.5 * MINUTE)), []);
  assert.deepEqual(saidBy('D23', flow.pass(FROM + 20.5 * MINUTE)), ['D23 stop bifast']);
});

test('T10 D23 waits no longer once somebody acknowledged, and then lifts nothing by itself', () => {
  const flow = coldFlow();
  foldAll(flow, [raised(FROM), acknowledged(FROM + 8 * MINUTE)]);
  assert.deepEqual(flow.pass(FROM + 60 * MINUTE), []);
});

test('T12 the clock of an external alarm outlives the guard', () => {
  const flow = coldFlow();
  foldAll(flow, [raised(FROM)]);
  flow.pass(FROM + 8 * MINUTE);
  const { parts } = saveFlow(flow.state, { eventXid: '0', eventId: '0', cursors: {} }, -1);
  const saved = loadFlow(
    parts.at(-1)!.body,
    parts.slice(0, -1).map(({ body }) => body),
  )!;
  const next = openFlow(FLOW_DETECTORS, { changes: {}, calendar: readCalendar() }, saved.state);
  assert.deepEqual(saidBy('D23', next.pass(FROM + 10.5 * MINUTE)), ['D23 throttle bifast']);
});

test('T20 D23 closes nothing for an alarm that names no rail, and a flood of alarms pushes out none that waits', () => {
  const nameless = coldFlow();
  foldAll(nameless, [raised(FROM, { rail: 'all' })]);
  assert.deepEqual(saidBy('D23', nameless.pass(FROM + 30 * MINUTE)), []);
  const flow = coldFlow();
  const flood = Array.from({ length: 500 }, (_, at) =>
    event(FROM + at, 'external_alarm.raised', { rail: 'qris' }, `xal_f${at}`),
  );
  foldAll(flow, [raised(FROM), ...flood]);
  const found = saidBy('D23', flow.pass(FROM + 25 * MINUTE));
  assert.ok(found.includes('D23 stop bifast'));
});

test('D23 says nothing of a busy Eid that nobody complains about', () => {
  const fromMs = Date.parse('2025-03-30T17:00:00+07:00');
  const eve = { fromMs, toMs: fromMs + 30 * MINUTE, perMinute: 40, dice: openDice(23) };
  assert.deepEqual(saidBy('D23', foldAll(coldFlow(), [...ordinary(eve)])), []);
});
