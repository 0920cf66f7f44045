import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RailAnswer } from '../rail/contract.ts';
import {
  dueAtOf,
  lastWordFrom,
  nextPromiseOf,
  RENEW_AHEAD_MS,
  resolveByOf,
  statementDateOf,
} from './clock.ts';
import { decideAnswer } from './decide-answer.ts';
import { decideDue } from './decide-due.ts';
import { openInquiryBudget } from './inquire.ts';
import type { PaymentRow } from './row.ts';
import { foldSettings } from './settings.ts';
import { isFinal, mayMove, PAYMENT_MOVES, type PaymentState } from './state.ts';
import { plainText } from './text.ts';

const STATES = Object.keys(PAYMENT_MOVES) as PaymentState[];
const ANSWERS: readonly RailAnswer[] = [
  { outcome: 'accepted', isFinal: true, code: 'U000' },
  { outcome: 'accepted', isFinal: false, code: 'U000' },
  { outcome: 'rejected', code: 'U101' },
  { outcome: 'unknown', reason: 'no_answer' },
  ...[
    'expired',
    'stale',
    'not_open',
    'already_used',
    'id_repeated',
    'restricted',
    'malformed',
    'voided',
    'anything',
  ].map((reason) => ({ outcome: 'not_sent', reason }) as const),
];
const TARGET = {
  settle: 'settled',
  refund: 'refunded',
  accept: 'accepted',
  doubt: 'unknown',
} as const;
const settings = foldSettings([]);

test('decideAnswer() only ever asks for a move that the table allows', () => {
  for (const state of STATES) {
    for (const answer of ANSWERS) {
      const step = decideAnswer(state, answer);
      if (step in TARGET)
        assert.ok(
          mayMove({ from: state, to: TARGET[step as keyof typeof TARGET] }),
          `${state} ${JSON.stringify(answer)} ${step}`,
        );
      if (isFinal(state))
        assert.ok(['nothing', 'contradicted', 'settled_after_refund'].includes(step));
    }
  }
});

test('T5 decideAnswer() never refunds on unknown or on a refusal of the token', () => {
  for (const state of STATES) {
    for (const answer of ANSWERS) {
      if (answer.outcome === 'unknown' || answer.outcome === 'not_sent')
        assert.notEqual(decideAnswer(state, answer), 'refund');
    }
  }
});

test('decideAnswer() sends again only while sending', () => {
  for (const state of STATES.filter((one) => one !== 'sending')) {
    for (const answer of ANSWERS)
      assert.ok(!['resign', 'retry', 'recall'].includes(decideAnswer(state, answer)));
  }
});

const row = (more: Partial<PaymentRow>): PaymentRow =>
  ({
    kind: 'bifast_out',
    state: 'unknown',
    promiseRenewals: 0,
    inquiryCount: 0,
    attemptCount: 0,
    version: 0n,
    businessDate: '2026-08-01',
    ...more,
  }) as PaymentRow;

test('T2 decideDue() refunds on the statement alone, whatever the clocks and counters say', () => {
  const anyRow = fc.record({
    state: fc.constantFrom('accepted', 'unknown', 'review', 'pending_credit' as const),
    inquiryCount: fc.integer({ min: 0, max: 1_000 }),
    promiseAtMs: fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined }),
    resolveByMs: fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined }),
    inquireAtMs: fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      anyRow,
      fc.integer({ min: 0, max: 1e12 }),
      fc.boolean(),
      (facts, nowMs, isStatementComplete) => {
        const step = decideDue(row(facts as Partial<PaymentRow>), {
          nowMs,
          isStatementComplete,
          settings,
        });
        assert.equal(
          step === 'refund_by_statement' || step === 'reject_credit',
          isStatementComplete,
        );
      },
    ),
  );
});

test('dueAtOf() always looks at an open payment again, and before its promise passes', () => {
  for (const state of STATES) {
    const promiseAtMs = 10 * 60_000;
    const dueAtMs = dueAtOf(row({ state, promiseAtMs }), 0, settings);
    if (isFinal(state)) assert.equal(dueAtMs, undefined);
    else assert.ok(dueAtMs! <= promiseAtMs - RENEW_AHEAD_MS, state);
  }
});

test('nextPromiseOf() grows, and does not pass the clock of the last word while it lies ahead', () => {
  const HOUR = 3_600_000;
  assert.equal(nextPromiseOf(row({}), 0), HOUR);
  assert.equal(nextPromiseOf(row({ promiseRenewals: 1 }), 0), 4 * HOUR);
  assert.equal(nextPromiseOf(row({ promiseRenewals: 9 }), 0), 12 * HOUR);
  assert.equal(nextPromiseOf(row({ promiseRenewals: 9, resolveByMs: 5 * HOUR }), 0), 5 * HOUR);
  assert.equal(
    nextPromiseOf(row({ promiseRenewals: 9, resolveByMs: 5 * HOUR }), 6 * HOUR),
    18 * HOUR,
  );
});

test('statementDateOf() reaches into the next date five minutes before a cut-over', () => {
  const at = (time: string): number => Date.parse(`2026-08-01T${time}+07:00`);
  assert.equal(statementDateOf(at('23:54:59'), 1_440), '2026-08-01');
  assert.equal(statementDateOf(at('23:55:00'), 1_440), '2026-08-02');
  assert.equal(statementDateOf(at('21:54:59'), 1_320), '2026-08-01');
  assert.equal(statementDateOf(at('21:55:00'), 1_320), '2026-08-02');
  assert.equal(
    lastWordFrom({ rail: 'bifast', nowMs: at('12:00:00') }, settings).resolveByMs,
    resolveByOf({ rail: 'bifast', date: '2026-08-01' }, settings),
  );
  // Closes at midnight, statement two hours later, resolved four hours after it.
  assert.equal(
    resolveByOf({ rail: 'bifast', date: '2026-08-01' }, settings),
    Date.parse('2026-08-02T06:00:00+07:00'),
  );
});

test('foldSettings() takes a row that loosens only with a second person (I5)', () => {
  const cap = (value: string, approvedBy?: string) => ({
    key: 'bifast.cap_sen',
    value,
    approvedBy,
  });
  const ignored: string[] = [];
  const onIgnored = (key: string): void => void ignored.push(key);
  assert.equal(foldSettings([cap('100')], { onIgnored }).bifastCapSen, 100n);
  assert.equal(foldSettings([cap('100'), cap('200')], { onIgnored }).bifastCapSen, 100n);
  assert.equal(foldSettings([cap('100'), cap('200', 'staff_2')], { onIgnored }).bifastCapSen, 200n);
  assert.equal(
    foldSettings([{ key: 'bifast.cut_over_minute', value: '1', approvedBy: undefined }], {
      onIgnored,
    }).bifastCutOverMinute,
    1_440n,
  );
  assert.equal(
    foldSettings([cap('-1', 'x'), cap('ten', 'x')], { onIgnored }).bifastCapSen,
    25_000_000_000n,
  );
  assert.deepEqual(ignored, [
    'bifast.cap_sen',
    'bifast.cut_over_minute',
    'bifast.cap_sen',
    'bifast.cap_sen',
  ]);
});

test('openInquiryBudget() gives at most a bucket and its rate', () => {
  const budget = openInquiryBudget();
  let taken = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10)
    if (budget.take({ rail: 'bifast', nowMs, perSecond: 3 })) taken++;
  assert.ok(taken >= 30 && taken <= 33, String(taken));
});

test('plainText() gives text that any store takes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 0, max: 200 }),
      (text, max) => {
        const plain = plainText(text, max);
        assert.ok(plain.isWellFormed() && [...plain].length <= max);
        assert.ok([...plain].every((one) => one >= ' ' && one !== '\u007f'));
      },
    ),
  );
});
