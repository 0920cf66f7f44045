import assert from 'node:assert/strict';
import test from 'node:test';
import { missingYears, openCalendar, parseCalendar, readCalendar } from './calendar.ts';

const at = (text: string): number => Date.parse(`${text}+07:00`);
const word = openCalendar(readCalendar());

test('calendar: Bank DKI’s Saturday, Jambi’s Sunday at night and the eve of Eid are watched twice as closely', () => {
  assert.equal(word(at('2025-03-29T11:20:00')).caution, 0.5);
  assert.equal(word(at('2026-02-22T02:37:00')).caution, 0.5);
  assert.deepEqual(word(at('2026-03-20T21:00:00')), { caution: 0.5, volume: 10 });
  assert.equal(word(at('2026-05-12T10:00:00')).caution, 1, 'a Tuesday morning');
  assert.equal(word(at('2026-05-12T04:59:00')).caution, 0.5, 'before five');
  assert.equal(word(at('2026-05-12T05:00:00')).caution, 1);
  assert.equal(word(at('2026-05-15T10:00:00')).caution, 0.5, 'joint leave');
});

test('calendar: paydays and THR are expected to be busy, and the days after payday are watched', () => {
  assert.deepEqual(
    word(at('2026-08-25T10:00:00')),
    { caution: 0.5, volume: 3 },
    'a holiday payday',
  );
  assert.deepEqual(word(at('2026-06-25T10:00:00')), { caution: 1, volume: 3 });
  assert.deepEqual(word(at('2026-07-03T10:00:00')), { caution: 0.5, volume: 2 });
  assert.equal(word(at('2026-03-12T10:00:00')).volume, 10);
});

test('missingYears() asks for this year always, and for the next from the middle of October', () => {
  const table = readCalendar();
  assert.deepEqual(missingYears(table, at('2026-10-14T23:59:00')), []);
  assert.deepEqual(missingYears(table, at('2026-10-15T00:00:00')), [2027]);
  assert.deepEqual(missingYears(table, at('2027-01-01T00:00:00')), [2027]);
  assert.deepEqual(missingYears(table, at('2028-12-01T00:00:00')), [2028, 2029]);
});

test('parseCalendar() takes nothing that would disarm: no caution above 100 %, no misspelt name', () => {
  const table = readCalendar();
  const change = (rules: object) =>
    JSON.stringify({ ...table, rules: { ...table.rules, ...rules } });
  assert.ok(parseCalendar(change({})));
  assert.equal(
    parseCalendar(change({ caution: { ...table.rules.caution, night: 500 } })),
    undefined,
  );
  assert.equal(parseCalendar(change({ nigthHours: [0, 5] })), undefined);
  assert.equal(parseCalendar('{'), undefined);
});
