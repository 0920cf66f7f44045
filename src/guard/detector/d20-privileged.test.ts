import assert from 'node:assert/strict';
import test from 'node:test';
import { readCalendar } from '../flow/calendar.ts';
import { coldFlow, DAY, event, foldAll, HOUR, line, saidBy } from '../flow/test-flow.ts';
import { GUARD_DEFAULTS } from '../setting.ts';
import { foldDetectors } from './fold.ts';
import type { Observation } from './observation.ts';

const at = (text: string) => Date.parse(`${text}+07:00`);
const changed = (atMs: number, kind = 'partner.changed') =>
  event(atMs, kind, { by: 'stf_1' }, 'par_1');
const said = (...seen: ReturnType<typeof event>[]) => saidBy('D20', foldAll(coldFlow(), seen));

test('D20 tells of a change on the Saturday of Bank DKI, at night and on Eid, and of none in office time', () => {
  assert.deepEqual(said(changed(at('2025-03-29T10:30:00'))), ['D20 alert'], 'Saturday');
  assert.deepEqual(said(changed(at('2025-03-27T02:00:00'))), ['D20 alert'], 'night');
  assert.deepEqual(said(changed(at('2025-03-27T17:00:00'))), ['D20 alert'], 'evening');
  assert.deepEqual(said(changed(at('2025-03-31T10:00:00'))), ['D20 alert'], 'Eid, a Monday');
  assert.deepEqual(said(changed(at('2025-03-27T10:00:00'))), [], 'Thursday');
});

test('D20 halves the thresholds of flow for a day and no longer', () => {
  const noon = at('2025-02-11T20:00:00');
  const isHeightened = (...seen: ReturnType<typeof event>[]) => {
    const flow = coldFlow();
    foldAll(flow, [...seen, line(noon, 1_000_000)]);
    return flow.state.heightenedUntilMs > flow.state.nowMs;
  };
  assert.equal(isHeightened(), false);
  assert.equal(isHeightened(changed(noon - HOUR)), true);
  assert.equal(isHeightened(changed(noon - DAY - HOUR)), false);
});

test('D20 tells of each change: a harmless one does not cover up the next', () => {
  const night = at('2025-03-27T02:00:00');
  const seen = [
    event(night - HOUR, 'chart.loaded', {}, 'chart:1'),
    event(night - HOUR + 1, 'staff.changed', {}, 'stf_0'),
    event(night, 'partner.changed', {}, 'par_1'),
    event(night + 1, 'partner.changed', {}, 'par_1'),
    event(night + 2, 'partner.changed', {}, 'par_2'),
    event(night + 3, 'staff.changed', {}, 'stf_1'),
  ];
  const told = foldAll(coldFlow(), seen).filter(({ detector }) => detector === 'D20');
  assert.deepEqual(
    told.map(({ evidence }) => evidence[0]),
    ['chart:1', 'par_1', 'par_2', 'stf_1'],
    'a bank that is being set up tells once',
  );
});

test('D20 in shadow tells and halves nothing', () => {
  const flow = coldFlow({ D20: { mode: 'shadow', numbers: {} } });
  const [signal] = foldAll(flow, [changed(at('2025-03-29T10:30:00'))]);
  assert.equal(signal?.severity, 'P3');
  assert.equal(flow.state.heightenedUntilMs, 0);
});

const orphan = (atMs: number): Observation => ({
  kind: 'break',
  atMs,
  found: {
    kind: 'orphan',
    reason: 'no_payment',
    bizMsgIdr: `id_${atMs}`,
    direction: 'out',
    amountSen: 1n,
    bank: 'BNINIDJA',
    moneyLeft: true,
    occurredAtMs: atMs,
  },
});
const told = (atMs: number, severity: string): Observation => ({
  kind: 'event',
  atMs,
  event: event(atMs, 'alarm.privileged_change', { severity }),
});
const numbers = { ...GUARD_DEFAULTS.detector, orphanStopCount: 3 };
const actsOf = (seen: readonly Observation[]) =>
  foldDetectors({}, seen, numbers).signals.map(({ act }) => act.kind);

test('D20 halves the proofs that D1 waits for, and a threshold of one stays one', () => {
  const orphans = [orphan(1_000), orphan(2_000)];
  assert.deepEqual(actsOf(orphans), ['alert', 'alert']);
  assert.deepEqual(actsOf([told(500, 'P2'), ...orphans]), ['alert', 'stop']);
  assert.deepEqual(actsOf([told(500, 'P3'), ...orphans]), ['alert', 'alert'], 'in shadow');
  const late = [orphan(DAY + 1_000), orphan(DAY + 2_000)];
  assert.deepEqual(actsOf([told(500, 'P2'), ...late]), ['alert', 'alert'], 'a day later');
  const { signals } = foldDetectors({}, [told(500, 'P2'), orphan(1_000)], GUARD_DEFAULTS.detector);
  assert.equal(signals[0]?.act.kind, 'stop');
});

test('D20 says nothing of a busy Eid: cards, accounts and releases of the holiday are no change of a protection', () => {
  const eid = at('2025-03-31T08:00:00');
  const kinds = ['account.opened', 'card.opened', 'release.approved', 'release.proposed'];
  const seen = kinds.flatMap((kind) =>
    Array.from({ length: 200 }, (_, step) => changed(eid + step * 60_000, kind)),
  );
  const flow = coldFlow();
  assert.deepEqual(saidBy('D20', foldAll(flow, [...seen, line(eid + DAY, 1)])), []);
  assert.equal(flow.state.heightenedUntilMs, 0);
});

test('D20 tells in office time too of a setting without the order that it must name, and of one during a freeze', () => {
  const noon = at('2025-03-27T10:00:00');
  const setting = (data: Readonly<Record<string, unknown>>) =>
    event(noon, 'setting.changed', data, 'guard.numbers');
  assert.deepEqual(said(setting({})), ['D20 alert']);
  assert.deepEqual(said(setting({ ticket: 'ABC-2041' })), ['D20 alert'], 'no prefix of ours');
  assert.deepEqual(said(setting({ ticket: 'CHG-2041' })), []);
  const table = readCalendar();
  const [year, ...years] = table.years;
  const days = [...year!.days, { date: '2025-03-27', kind: 'freeze' as const, name: 'Lebaran' }];
  const frozen = { ...table, years: [{ ...year!, days }, ...years] };
  const flow = coldFlow();
  flow.set({ changes: {}, calendar: frozen });
  const found = foldAll(flow, [setting({ ticket: 'CHG-2041' })]);
  assert.deepEqual(saidBy('D20', found), ['D20 alert']);
});
