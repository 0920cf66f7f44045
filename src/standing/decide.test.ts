import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideDue, isWaitTold, type DueFacts } from './decide-due.ts';
import { decideOpen } from './decide-open.ts';
import { addDays, nextDates, type Schedule } from './schedule.ts';

const clock = { tryMinutes: [360, 720, 1_080], lateDays: 3 };
const wib = (text: string): number => Date.parse(`${text}:00+07:00`);
const facts = (more: Partial<DueFacts>): DueFacts => ({
  nowMs: wib('2026-08-03T06:00'),
  date: '2026-08-03',
  lastReason: undefined,
  feeMaxSen: 250_000n,
  clock,
  ...more,
});
const open = { kind: 'open', feeSen: 250_000n, name: 'same' } as const;
const refused = (reason: 'insufficient_funds' | 'restricted' | 'account_closed' | 'busy') =>
  ({ kind: 'refused', reason }) as const;

test('decideDue() asks first, and submits at the fee of the day when everything is as agreed', () => {
  assert.deepEqual(decideDue(facts({})), { kind: 'ask' });
  assert.deepEqual(decideDue(facts({ asked: open })), { kind: 'submit', feeSen: 250_000n });
  assert.deepEqual(decideDue(facts({ asked: { ...open, feeSen: 0n } })), {
    kind: 'submit',
    feeSen: 0n,
  });
});

test('decideDue() never pays a higher fee or another name', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 500_000n }),
      fc.constantFrom('same' as const, 'changed' as const, 'missing' as const, 'unknown' as const),
      (feeSen, name) => {
        const { kind } = decideDue(facts({ asked: { kind: 'open', feeSen, name } }));
        assert.equal(kind === 'submit', feeSen <= 250_000n && name === 'same');
      },
    ),
  );
});

test('decideDue() tries what lacks money at the next hour of the day, and misses it after the last', () => {
  const asked = refused('insufficient_funds');
  const dueAt = (now: string) => decideDue(facts({ nowMs: wib(now), asked }));
  const reason = 'insufficient_funds' as const;
  assert.deepEqual(dueAt('2026-08-03T06:00'), {
    kind: 'wait',
    reason,
    dueAtMs: wib('2026-08-03T12:00'),
  });
  assert.deepEqual(dueAt('2026-08-03T12:00'), {
    kind: 'wait',
    reason,
    dueAtMs: wib('2026-08-03T18:00'),
  });
  assert.deepEqual(dueAt('2026-08-03T18:00'), { kind: 'miss', reason });
  assert.deepEqual(dueAt('2026-08-04T07:00'), {
    kind: 'wait',
    reason,
    dueAtMs: wib('2026-08-04T12:00'),
  });
});

test('decideDue() waits for what is ours to mend, up to the last late day, and then names the reason', () => {
  const late = facts({ nowMs: wib('2026-08-06T23:59'), asked: refused('restricted') });
  assert.equal(decideDue(late).kind, 'wait');
  const over = { ...late, nowMs: wib('2026-08-07T00:00') };
  assert.deepEqual(decideDue(over), { kind: 'miss', reason: 'late' });
  assert.deepEqual(decideDue({ ...over, lastReason: 'restricted' }), {
    kind: 'miss',
    reason: 'restricted',
  });
  assert.deepEqual(decideDue({ ...over, asked: open }), { kind: 'miss', reason: 'late' });
});

test('decideDue() pauses what cannot run as agreed', () => {
  assert.deepEqual(decideDue(facts({ asked: refused('account_closed') })), {
    kind: 'pause',
    reason: 'account_closed',
  });
});

test('isWaitTold() tells a reason once, and nothing that passes in minutes', () => {
  const wait = (reason: 'restricted' | 'busy') => ({ kind: 'wait' as const, reason, dueAtMs: 0 });
  assert.ok(isWaitTold(wait('restricted'), undefined));
  assert.ok(isWaitTold(wait('restricted'), 'insufficient_funds'));
  assert.ok(!isWaitTold(wait('restricted'), 'restricted'));
  assert.ok(!isWaitTold(wait('busy'), undefined));
});

test('decideOpen() opens every date once and in order, whenever somebody looks', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('weekly' as const, 'monthly' as const),
      fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      (repetition, steps, pauses) => {
        const schedule: Schedule = {
          repetition,
          firstDate: '2026-08-03',
          end: { kind: 'times', count: 9 },
        };
        let today = '2026-08-01';
        let openedCount = 0;
        const opened: string[] = [];
        for (const [i, step] of steps.entries()) {
          today = addDays(today, step);
          const opening = decideOpen({
            nowMs: wib(`${today}T09:00`),
            today,
            schedule,
            openedCount,
            isPaused: pauses[i]!,
            clock,
          });
          openedCount = opening.openedCount;
          for (const run of opening.runs) {
            opened.push(run.date);
            assert.equal(run.number, opened.length);
            assert.ok(run.date <= today);
            const isLate = addDays(run.date, 3) < today;
            assert.equal(run.start.state === 'waiting', !pauses[i]! && !isLate);
          }
          assert.equal(opening.nextDate, nextDates(schedule, { index: openedCount, count: 1 })[0]);
        }
        assert.deepEqual(opened, nextDates(schedule, { index: 0, count: opened.length }));
      },
    ),
  );
});

test('decideOpen() of a paused order leaves today alone, so that it can be resumed in time', () => {
  const schedule: Schedule = {
    repetition: 'weekly',
    firstDate: '2026-08-03',
    end: { kind: 'never' },
  };
  const at = { nowMs: wib('2026-08-03T05:00'), today: '2026-08-03', schedule, openedCount: 0 };
  assert.deepEqual(decideOpen({ ...at, isPaused: true, clock }).runs, []);
  assert.deepEqual(decideOpen({ ...at, isPaused: false, clock }).runs, [
    {
      date: '2026-08-03',
      number: 1,
      start: { state: 'waiting', dueAtMs: wib('2026-08-03T06:00') },
    },
  ]);
});
