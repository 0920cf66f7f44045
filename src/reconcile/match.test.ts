import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchedAtMs, matchIntent, matchLine, type LineFacts, type MatchClock } from './match.ts';

const CLOCK: MatchClock = {
  nowMs: 100_000,
  journalReadAtMs: 99_900,
  copyGraceMs: 5_000,
  journalGraceMs: 600_000,
  creditGraceMs: 60_000,
};

function facts(
  change: Omit<Partial<LineFacts>, 'line'> & { readonly line?: Partial<LineFacts['line']> } = {},
): LineFacts {
  const { line, ...rest } = change;
  return {
    isIssued: true,
    isOwnConnector: true,
    hasEarlierLine: false,
    isFurtherLine: false,
    payment: {
      id: 'pay_1',
      kind: 'bifast_out',
      state: 'settled',
      amountSen: 100n,
      bank: 'BNINIDJA',
    },
    intent: { amountSen: 100n, bank: 'BNINIDJA' },
    ...rest,
    line: {
      lineId: 'l1',
      direction: 'out',
      bizMsgIdr: 'B1',
      amountSen: 100n,
      counterpartyBank: 'BNINIDJA',
      connector: 'own',
      settledAtMs: 99_000,
      seenAtMs: 99_500,
      ...line,
    },
  };
}

function reasonOf(input: LineFacts, clock: MatchClock = CLOCK): string {
  const verdict = matchLine(input, clock);
  return verdict.kind === 'broken'
    ? `${verdict.found.kind}:${verdict.found.reason}:${verdict.found.moneyLeft}`
    : verdict.kind;
}

const { payment: _p, ...noPayment } = facts();
const { intent: _i, ...noIntent } = facts();

test('matchLine() matches a line that ledger and gateway both know', () => {
  assert.equal(reasonOf(facts()), 'matched');
});

test('matchLine() calls an id never issued an orphan at once, with no grace', () => {
  assert.equal(
    reasonOf(facts({ isIssued: false, line: { seenAtMs: CLOCK.nowMs } })),
    'orphan:never_issued:true',
  );
});

test('matchLine() calls a line of a foreign connector an orphan though everything else fits', () => {
  assert.equal(reasonOf(facts({ isOwnConnector: false })), 'orphan:foreign_connector:true');
});

test('matchLine() finds amount, bank, duplicate and refund differences', () => {
  assert.equal(reasonOf(facts({ line: { amountSen: 101n } })), 'mismatch:amount_differs:true');
  assert.equal(
    reasonOf(facts({ line: { counterpartyBank: 'CENAIDJA' } })),
    'mismatch:bank_differs:true',
  );
  assert.equal(reasonOf(facts({ hasEarlierLine: true })), 'duplicate:settled_twice:true');
  const refunded = facts({ payment: { ...facts().payment!, state: 'refunded' } });
  assert.equal(reasonOf(refunded), 'settled_after_refund:settled_after_refund:false');
});

test('matchLine() waits for a journal that lags, and only then calls the intent missing', () => {
  assert.equal(reasonOf(noIntent), 'waiting');
  assert.equal(
    reasonOf({ ...noIntent, line: { ...noIntent.line, seenAtMs: 90_000 } }),
    'orphan:no_intent:true',
  );
  const stale = { ...CLOCK, journalReadAtMs: 0 };
  assert.equal(
    reasonOf({ ...noIntent, line: { ...noIntent.line, seenAtMs: 90_000 } }, stale),
    'waiting',
  );
  assert.equal(
    reasonOf(
      { ...noIntent, line: { ...noIntent.line, seenAtMs: 0 } },
      { ...stale, nowMs: 600_001 },
    ),
    'orphan:no_intent:true',
  );
});

test('matchLine() waits briefly for a payment whose id is issued', () => {
  assert.equal(reasonOf(noPayment), 'waiting');
  assert.equal(
    reasonOf({ ...noPayment, line: { ...noPayment.line, seenAtMs: 0 } }),
    'orphan:no_payment:true',
  );
});

test('matchLine() never treats an incoming line as money that left', () => {
  const incoming = facts({ line: { direction: 'in' } });
  assert.equal(reasonOf(incoming), 'matched');
  assert.equal(
    reasonOf({ ...incoming, line: { ...incoming.line, amountSen: 7n } }),
    'mismatch:amount_differs:false',
  );
  const { payment: _, ...unposted } = incoming;
  assert.equal(
    reasonOf({ ...unposted, line: { ...incoming.line, seenAtMs: 0 } }),
    'missing:credit_not_posted:false',
  );
});

test('matchLine() property: only lines with an issued id, our connector, one payment of that amount and bank, and its intent match', () => {
  const amount = fc.bigInt({ min: 1n, max: 3n });
  const bank = fc.constantFrom('BNINIDJA', 'CENAIDJA');
  const arbitrary = fc.record({
    isIssued: fc.boolean(),
    isOwnConnector: fc.boolean(),
    hasEarlierLine: fc.boolean(),
    lineAmount: amount,
    lineBank: bank,
    payment: fc.option(
      fc.record({
        amountSen: amount,
        bank,
        state: fc.constantFrom(
          'sending',
          'accepted',
          'settled',
          'unknown',
          'refunded',
          'cancelled',
        ),
      }),
    ),
    intent: fc.option(fc.record({ amountSen: amount, bank })),
    seenAtMs: fc.integer({ min: 0, max: 100_000 }),
    journalReadAtMs: fc.integer({ min: 0, max: 100_000 }),
  });
  fc.assert(
    fc.property(arbitrary, (x) => {
      const verdict = matchLine(
        {
          isIssued: x.isIssued,
          isOwnConnector: x.isOwnConnector,
          hasEarlierLine: x.hasEarlierLine,
          isFurtherLine: x.hasEarlierLine,
          line: {
            ...facts().line,
            amountSen: x.lineAmount,
            counterpartyBank: x.lineBank,
            seenAtMs: x.seenAtMs,
          },
          ...(x.payment ? { payment: { id: 'pay_1', kind: 'bifast_out', ...x.payment } } : {}),
          ...(x.intent ? { intent: x.intent } : {}),
        },
        { ...CLOCK, journalReadAtMs: x.journalReadAtMs },
      );
      const isClean =
        x.isIssued &&
        x.isOwnConnector &&
        !x.hasEarlierLine &&
        x.payment?.amountSen === x.lineAmount &&
        x.payment.bank === x.lineBank &&
        !['refunded', 'cancelled'].includes(x.payment.state) &&
        x.intent?.amountSen === x.lineAmount &&
        x.intent.bank === x.lineBank;
      assert.equal(verdict.kind === 'matched', isClean);
      if (!x.isIssued) assert.notEqual(verdict.kind, 'waiting');
      const isOverdue =
        CLOCK.nowMs - x.seenAtMs >= CLOCK.copyGraceMs && x.journalReadAtMs > x.seenAtMs;
      if (isOverdue) assert.notEqual(verdict.kind, 'waiting');
    }),
  );
});

test('matchIntent() requires the very authorisation that the ledger committed', () => {
  const intent = {
    bizMsgIdr: 'B1',
    jti: 'j1',
    amountSen: 5n,
    bank: 'BNINIDJA',
    instructionHash: 'aa',
    atMs: 1,
    isIssued: true,
    authorisation: { paymentId: 'pay_1', amountSen: 5n, instructionHash: 'aa' },
  };
  assert.equal(matchIntent(intent), undefined);
  assert.equal(matchIntent({ ...intent, isIssued: false })?.reason, 'never_issued');
  assert.equal(matchIntent({ ...intent, amountSen: 6n })?.reason, 'intent_differs');
  assert.equal(matchIntent({ ...intent, instructionHash: 'bb' })?.reason, 'intent_differs');
  const { authorisation: _, ...unauthorised } = intent;
  assert.equal(matchIntent(unauthorised)?.reason, 'intent_without_authorisation');
});

test('matchedAtMs() counts only a run over three fresh legs', () => {
  const fresh = {
    nowMs: 100_000,
    journalReadAtMs: 99_000,
    feedAliveAtMs: 90_000,
    journalFreshMs: 10_000,
    feedFreshMs: 30_000,
  };
  assert.equal(matchedAtMs(fresh), 100_000);
  assert.equal(matchedAtMs({ ...fresh, journalReadAtMs: 80_000 }), undefined);
  assert.equal(matchedAtMs({ ...fresh, feedAliveAtMs: 60_000 }), undefined);
});

test('matchLine() what the network asked for and we refused is no match when it settles all the same', () => {
  const line = { direction: 'in' } as const;
  for (const kind of ['card_withdrawal', 'qris_presented'])
    assert.equal(
      reasonOf(facts({ line, payment: { ...facts().payment!, kind, state: 'refused' } })),
      'mismatch:credit_rejected:false',
    );
});
