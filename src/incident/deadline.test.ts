import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wibClock, wibDate } from '../kernel/time.ts';
import { addWorkingDays, DAYS_OFF, isWorkingDay } from './calendar.ts';
import { deadlinesOf, reminderOf, type Classification } from './deadline.ts';

const FRAUD: Classification = {
  types: ['FRAUD', 'CYBER'],
  rail: 'BIFAST',
  isSignificant: true,
  isPersonalDataBreach: true,
  isVitalInfrastructure: true,
};
const at = (ms: number): string => `${wibDate(ms)} ${wibClock(ms)}`;

test('deadlinesOf() gives the worked clocks of Bank DKI (domain.md 6.5): 14 April, not 4 April', () => {
  const clocks = deadlinesOf(FRAUD, Date.parse('2025-03-29T11:20:00+07:00'));
  const due = Object.fromEntries(
    clocks.map(({ profile, step, dueMs }) => [`${profile} ${step}`, at(dueMs)]),
  );
  assert.deepEqual(due, {
    'BI-FAST-FRAUD notify': '2025-03-29 11:50 WIB',
    'BI-KKS notify': '2025-03-29 12:20 WIB',
    'OJK-TI initial': '2025-03-30 11:20 WIB',
    'BSSN-IIV notify': '2025-03-30 11:20 WIB',
    'BI-FAST-FRAUD full': '2025-04-01 11:20 WIB',
    'BI-KKS full': '2025-04-01 11:20 WIB',
    'PDP subjects_and_agency': '2025-04-01 11:20 WIB',
    'OJK-FRAUD report': '2025-04-10 23:59 WIB',
    'OJK-TI incident_report': '2025-04-14 23:59 WIB',
  });
  assert.equal(
    clocks.find(({ profile, step }) => profile === 'BI-KKS' && step === 'full')!.verify,
    true,
  );
  assert.equal(clocks[0]!.profile, 'BI-FAST-FRAUD');
});

test('deadlinesOf() runs only the clocks that apply', () => {
  const outage: Classification = {
    types: ['IT_OUTAGE'],
    isSignificant: false,
    isPersonalDataBreach: false,
    isVitalInfrastructure: true,
  };
  assert.deepEqual(
    deadlinesOf(outage, 1_800_000_000_000).map(({ profile }) => profile),
    ['OJK-TI', 'OJK-TI'],
  );
});

test('deadlinesOf() marks a working-day clock that leaves the known calendar', () => {
  const late = deadlinesOf(FRAUD, Date.parse('2026-12-30T10:00:00+07:00')).find(
    ({ step }) => step === 'incident_report',
  );
  assert.equal(late!.verify, true);
});

test('addWorkingDays() property: ends on a working day, with exactly that many working days after the start', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 1, max: 20 }),
      (offset, count) => {
        const start = new Date(Date.UTC(2025, 0, 1) + offset * 86_400_000)
          .toISOString()
          .slice(0, 10);
        const end = addWorkingDays(start, count)!;
        assert.ok(isWorkingDay(end));
        let days = 0;
        for (let t = Date.parse(start) + 86_400_000; t <= Date.parse(end); t += 86_400_000) {
          if (isWorkingDay(new Date(t).toISOString().slice(0, 10))) days++;
        }
        assert.equal(days, count);
      },
    ),
  );
});

test('DAYS_OFF names each date once, in order', () => {
  const dates = DAYS_OFF.map(({ date }) => date);
  assert.deepEqual(dates, [...new Set(dates)].sort());
});

test('reminderOf() tells the shares that have passed', () => {
  const shares = [0, 49, 50, 79, 80, 99, 100, 500].map((nowMs) =>
    reminderOf({ fromMs: 0, dueMs: 100, nowMs }),
  );
  assert.deepEqual(shares, [0, 0, 50, 50, 80, 80, 100, 100]);
});
