import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openLiveLog, scrub } from './live-log.ts';

function logged(fields: Record<string, unknown>): string {
  let text = '';
  openLiveLog({ process: 'core-1', level: 'info', sink: { write: (line) => (text += line) } }).info(
    fields,
    'payment.settled',
  );
  return text;
}

test('a log line is one JSON object with process, level, time and event', () => {
  const line = JSON.parse(logged({ paymentId: 'pay_01J8', amountSen: 250_000n })) as Record<
    string,
    unknown
  >;
  assert.equal(line['process'], 'core-1');
  assert.equal(line['level'], 'info');
  assert.equal(line['msg'], 'payment.settled');
  assert.equal(line['amountSen'], '250000');
  assert.equal(line['paymentId'], 'pay_01J8');
});

test('no PAN, account number, PIN or password reaches a log line, whatever a caller passes', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[1-9]\d{9,18}$/),
      fc.stringMatching(/^[a-z]{1,8}$/),
      (number, field) => {
        for (const value of [
          number,
          `account ${number} is closed`,
          { deep: { deeper: number } },
          [number],
          new Error(`Cannot find ${number}`),
        ]) {
          assert.ok(!logged({ [field]: value }).includes(number));
        }
      },
    ),
  );
  for (const field of ['password', 'pin', 'token', 'creditorName', 'account']) {
    assert.ok(!logged({ [field]: 'Sari Wulandari' }).includes('Sari'));
    assert.ok(!logged({ body: { [field]: 'Sari Wulandari' } }).includes('Sari'));
  }
});

test('scrub() leaves ids and times as they are', () => {
  for (const text of [
    'pay_01J8ZK3V9QABCDEFGHJKMNPQRS',
    '20261125PULHIDJA010O0200000001',
    '2026-11-25',
    'set 42',
    '10:30:59',
  ])
    assert.equal(scrub(text), text);
});
