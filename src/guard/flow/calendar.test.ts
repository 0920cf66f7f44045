import assert from 'node:assert/strict';
import test from 'node:test';
import { missingYears, openCalendar, parseCalendar, readCalendar } from './calendar.ts';

const at = (text: string): number => Date.parse(`${text}+07:00`);
const word = openCalendar(readCalendar());
const factors = (text: string) => {
  const { caution, volume } = word(at(text));
  return { caution, volume };
};

test('calendar: Bank DKI’s Saturday, Jambi’s Sunday at night and the eve of Eid are watched twice as closely', () => {
  assert.equal(word(at('2025-03-29T11:20:00')).caution, 0.5);
  assert.equal(word(at('2026-02-22T02:37:00')).caution, 0.5);
  assert.deepEqual(factors('2026-03-20T21:00:00'), { caution: 0.5, volume: 10 });
  assert.equal(word(at('2026-05-12T10:00:00')).caution, 1, 'a Tuesday morning');
  assert.equal(word(at('2026-05-12T04:59:00')).caution, 0.5, 'before five');
  assert.equal(word(at('2026-05-12T05:00:00')).caution, 1);
  assert.equal(word(at('2026-05-15T10:00:00')).caution, 0.5, 'joint leave');
});

test('calendar: paydays and THR are expected to be busy, and the days after payday are watched', () => {
  assert.deepEqual(factors('2026-08-25T10:00:00'), { caution: 0.5, volume: 3 }, 'a holiday payday');
  assert.deepEqual(factors('2026-06-25T10:00:00'), { caution: 1, volume: 3 });
  assert.deepEqual(factors('2026-07-03T10:00:00'), { caution: 0.5, volume: 2 });
  assert.equal(word(at('2026-03-12T10:00:00')).volume, 10);
});

test('calendar: office time is 08:00 to 17:00 of a weekday that is no holiday, leave or eve of Eid', () => {
  const isOffice = (text: string) => word(at(text)).isOfficeTime;
  assert.equal(isOffice('2026-05-12T08:00:00'), true);
  assert.equal(isOffice('2026-05-12T07:59:00'), false);
  assert.equal(isOffice('2026-05-12T17:00:00'), false);
  assert.equal(isOffice('2026-05-15T10:00:00'), false, 'joint leave');
  assert.equal(isOffice('2026-05-16T10:00:00'), false, 'Saturday');
  assert.equal(isOffice('2026-06-25T10:00:00'), true, 'payday');
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
