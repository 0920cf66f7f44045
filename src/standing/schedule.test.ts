import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addDays,
  isDate,
  nextDates,
  nthDate,
  refuseSchedule,
  scheduleText,
  type Schedule,
} from './schedule.ts';

const TODAY = '2026-08-01';

const dates = fc.integer({ min: 1, max: 365 }).map((days) => addDays(TODAY, days));
const schedules: fc.Arbitrary<Schedule> = dates.chain((firstDate) =>
  fc.record({
    repetition: fc.constantFrom('weekly' as const, 'monthly' as const),
    firstDate: fc.constant(firstDate),
    end: fc.oneof(
      fc.constant({ kind: 'never' as const }),
      fc
        .integer({ min: 0, max: 900 })
        .map((days) => ({ kind: 'until' as const, date: addDays(firstDate, days) })),
      fc.integer({ min: 1, max: 60 }).map((count) => ({ kind: 'times' as const, count })),
    ),
  }),
);

const dayOf = (date: string): number => Number(date.slice(8));
const monthOf = (date: string): number =>
  Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
const lastDayOf = (date: string): number =>
  new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();

test('nthDate() rises, keeps the weekday or the anchor day, and leaves out no week and no month', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const all = nextDates(schedule, { index: 0, count: 60 });
      assert.equal(all[0], schedule.firstDate);
      for (const [i, date] of all.entries()) {
        assert.ok(isDate(date));
        if (schedule.repetition === 'weekly') {
          assert.equal(date, addDays(schedule.firstDate, 7 * i));
          continue;
        }
        assert.equal(monthOf(date), monthOf(schedule.firstDate) + i);
        assert.equal(dayOf(date), Math.min(dayOf(schedule.firstDate), lastDayOf(date)));
        if (i > 0) assert.ok(date > all[i - 1]!);
      }
    }),
    { numRuns: 500 },
  );
});

test('nthDate() ends exactly: after N dates, or with the last date that is not past the end', () => {
  fc.assert(
    fc.property(schedules, ({ end, ...rest }) => {
      const all = nextDates({ ...rest, end }, { index: 0, count: 200 });
      const open = nextDates({ ...rest, end: { kind: 'never' } }, { index: 0, count: 200 });
      assert.equal(open.length, 200);
      if (end.kind === 'never') assert.equal(all.length, 200);
      if (end.kind === 'times') assert.deepEqual(all, open.slice(0, end.count));
      if (end.kind === 'until')
        assert.deepEqual(
          all,
          open.filter((date) => date <= end.date),
        );
    }),
    { numRuns: 300 },
  );
});

test('nthDate() falls on the last day of a shorter month and comes back to the anchor', () => {
  const schedule: Schedule = {
    repetition: 'monthly',
    firstDate: '2027-01-31',
    end: { kind: 'never' },
  };
  assert.deepEqual(nextDates(schedule, { index: 0, count: 5 }), [
    '2027-01-31',
    '2027-02-28',
    '2027-03-31',
    '2027-04-30',
    '2027-05-31',
  ]);
  assert.equal(nthDate({ ...schedule, firstDate: '2027-01-30' }, 13), '2028-02-29');
  assert.equal(nthDate({ ...schedule, repetition: 'once' }, 1), undefined);
});

test('refuseSchedule() takes tomorrow to a year ahead, real dates and ends that can come', () => {
  const once = (firstDate: string): Schedule => ({
    repetition: 'once',
    firstDate,
    end: { kind: 'never' },
  });
  assert.equal(refuseSchedule(once('2026-08-02'), TODAY), undefined);
  assert.equal(refuseSchedule(once('2027-08-01'), TODAY), undefined);
  assert.equal(refuseSchedule(once(TODAY), TODAY), 'date_not_ahead');
  assert.equal(refuseSchedule(once('2026-07-31'), TODAY), 'date_not_ahead');
  assert.equal(refuseSchedule(once('2027-08-02'), TODAY), 'date_too_far');
  for (const no of ['2026-02-30', '2026-13-01', 'besok', '2026-8-2', ''])
    assert.equal(refuseSchedule(once(no), TODAY), 'date_invalid');
  const weekly = (end: Schedule['end']): Schedule => ({
    repetition: 'weekly',
    firstDate: '2026-08-05',
    end,
  });
  assert.equal(refuseSchedule(weekly({ kind: 'until', date: '2026-08-05' }), TODAY), undefined);
  for (const end of [
    { kind: 'until', date: '2026-08-04' },
    { kind: 'until', date: '2026-99-04' },
    { kind: 'times', count: 0 },
    { kind: 'times', count: 521 },
    { kind: 'times', count: 1.5 },
  ] as const)
    assert.equal(refuseSchedule(weekly(end), TODAY), 'end_invalid');
  assert.equal(
    refuseSchedule({ ...once('2026-08-02'), end: { kind: 'times', count: 2 } }, TODAY),
    'end_invalid',
  );
});

test('scheduleText() differs wherever schedules do', () => {
  fc.assert(
    fc.property(schedules, schedules, (a, b) => {
      const isSame = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(scheduleText(a) === scheduleText(b), isSame);
    }),
  );
});
