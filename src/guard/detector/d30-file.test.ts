import assert from 'node:assert/strict';
import test from 'node:test';
import type { JournalBody } from '../../rail/journal-entry.ts';
import { coldFlow, foldAll, HOUR, line } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-29T11:00:00+07:00');
const fault = (position: number, body: Omit<JournalBody & { kind: 'file_fault' }, 'kind'>) => ({
  partition: 'gateway-1',
  position,
  atMs: FROM + position,
  body: { kind: 'file_fault' as const, ...body },
});

test('D30 tells of each file that is wrong as a whole, by rail and date, and restricts nothing', () => {
  const businessDate = '2025-03-28';
  const found = foldAll(coldFlow(), [
    fault(1, { businessDate, fault: 'wrong_date' }),
    fault(2, { businessDate, fault: 'changed' }),
    fault(3, { businessDate, fault: 'changed', rail: 'switch' }),
    fault(4, { businessDate, fault: 'changed', rail: 'switch' }),
    fault(5, { businessDate, fault: 'duplicate', rail: 'qris' }),
  ]);
  assert.deepEqual(
    found.map(({ code, severity, evidence, act }) => [code, severity, evidence[0], act.kind]),
    [
      ['file_wrong_date', 'P2', 'bifast 2025-03-28', 'alert'],
      ['file_changed', 'P1', 'bifast 2025-03-28', 'alert'],
      ['file_changed', 'P1', 'switch 2025-03-28', 'alert'],
      ['file_duplicate', 'P2', 'qris 2025-03-28', 'alert'],
    ],
  );
});

test('D30 says nothing of a busy Eid: lines alone are no fault of a file', () => {
  const lines = Array.from({ length: 500 }, (_, at) => line(FROM + (at * HOUR) / 500, 100_000));
  assert.deepEqual(
    foldAll(coldFlow(), lines).filter(({ detector }) => detector === 'D30'),
    [],
  );
});
