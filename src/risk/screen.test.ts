import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rupiah } from '../kernel/money.ts';
import { DEFAULT_BOOK, readBook, SCREEN_RULES, type SetRule } from './rule-book.ts';
import { VERDICTS, type ScreenFacts } from './rule.ts';
import { readsPair, screen, type Payer } from './screen.ts';

const NOW_MS = Date.parse('2026-08-01T05:00:00Z');
const DAY_MS = 86_400_000;
const facts: ScreenFacts = {
  channel: 'mobile',
  kind: 'onus',
  amountSen: rupiah(100_000),
  atMs: NOW_MS,
  pair: {
    firstAtMs: NOW_MS - 30 * DAY_MS,
    lastAtMs: NOW_MS - DAY_MS,
    lastAmountSen: rupiah(100_000),
  },
  blocked: [],
};
const person: Payer = { canAnswer: true, answered: [] };
const nobody: Payer = { canAnswer: false, answered: [] };
const said = (change: Partial<ScreenFacts>, payer = person) => {
  const { verdict, reasons } = screen(DEFAULT_BOOK, { facts: { ...facts, ...change }, payer });
  return [verdict, ...reasons];
};

test('first_payee asks from its amount on, until the payee has been known for a day', () => {
  const large = rupiah(10_000_000);
  assert.deepEqual(said({ amountSen: large, pair: undefined }), ['step_up', 'first_payee']);
  assert.deepEqual(said({ amountSen: large - 1n, pair: undefined }), ['allow']);
  const known = (ageMs: number) => ({ ...facts.pair!, firstAtMs: NOW_MS - ageMs });
  assert.deepEqual(said({ amountSen: large, pair: known(DAY_MS - 1) }), ['step_up', 'first_payee']);
  assert.deepEqual(said({ amountSen: large, pair: known(DAY_MS) }), ['allow']);
});

test('D26 repeated asks about the same amount to the same payee up to 60 s later, and not about another amount', () => {
  const paid = (agoMs: number, lastAmountSen = facts.amountSen) => ({
    pair: { ...facts.pair!, lastAtMs: NOW_MS - agoMs, lastAmountSen },
  });
  assert.deepEqual(said(paid(60_000)), ['step_up', 'repeated']);
  assert.deepEqual(said(paid(60_001)), ['allow']);
  assert.deepEqual(said(paid(1_000, facts.amountSen + 1n)), ['allow']);
  assert.deepEqual(said(paid(-5_000)), ['step_up', 'repeated'], 'the clock of another process');
  const code = { ...paid(1_000), kind: 'merchant_code' };
  assert.deepEqual(said(code), ['allow'], 'a code that pays once');
});

test('blocked refuses whoever asks, in every channel, and no answer opens it', () => {
  for (const channel of ['mobile', 'snap', 'console', 'synthetic'])
    for (const kind of [
      'onus',
      'merchant',
      'merchant_code',
      'bifast_out',
      'switch_out',
      'qris_out',
      'bill',
    ])
      assert.deepEqual(said({ channel, kind, blocked: ['payee'] }, nobody), ['refuse', 'blocked']);
  const answered = { canAnswer: true, answered: ['blocked', 'first_payee', 'repeated'] };
  assert.deepEqual(said({ blocked: ['payer'] }, answered), ['refuse', 'blocked']);
});

test('an answer settles its own question and no other', () => {
  const both = {
    amountSen: rupiah(20_000_000),
    pair: {
      firstAtMs: NOW_MS - 1_000,
      lastAtMs: NOW_MS - 1_000,
      lastAmountSen: rupiah(20_000_000),
    },
  };
  const answering = (answered: readonly string[]) =>
    screen(DEFAULT_BOOK, {
      facts: { ...facts, ...both },
      payer: { canAnswer: true, answered },
    }).questions;
  assert.deepEqual(answering([]), ['first_payee', 'repeated']);
  assert.deepEqual(answering(['repeated']), ['first_payee']);
  assert.deepEqual(answering(['first_payee', 'repeated']), []);
});

test('I8 a question that nobody is there to answer is counted, and becomes what its setting says', () => {
  const asked = { facts: { ...facts, amountSen: rupiah(50_000_000), pair: undefined } };
  const lenient = screen(DEFAULT_BOOK, { ...asked, payer: nobody });
  assert.deepEqual([lenient.verdict, lenient.unasked], ['allow', ['first_payee']]);
  const strict = readBook(1, '{"form":1,"rules":{"first_payee":{"unasked":"hold"}}}')!;
  const held = screen(strict, { ...asked, payer: nobody });
  assert.deepEqual(
    [held.verdict, held.reasons, held.unasked],
    ['hold', ['first_payee'], ['first_payee']],
  );
});

test('a rule in shadow is counted and changes nothing', () => {
  const book = readBook(2, '{"form":1,"rules":{"blocked":{"isShadow":true}}}')!;
  const { verdict, shadow } = screen(book, {
    facts: { ...facts, blocked: ['payer'] },
    payer: person,
  });
  assert.deepEqual([verdict, shadow], ['allow', ['blocked']]);
});

test('readBook() takes a change whole or not at all', () => {
  const changed = readBook(
    7,
    '{"form":1,"rules":{"first_payee":{"action":"hold","channels":["mobile","snap"],"numbers":{"fromSen":"500000000"}}}}',
  )!;
  const first = changed.rules.find(({ rule }) => rule.code === 'first_payee')!.setting;
  assert.deepEqual([first.action, first.channels], ['hold', ['mobile', 'snap']]);
  assert.deepEqual(first.numbers, { fromSen: 500_000_000n, newForMs: 86_400_000n });
  for (const text of [
    '',
    'null',
    '{"form":2,"rules":{}}',
    '{"form":1}',
    '{"form":1,"rules":[]}',
    '{"form":1,"rules":{"frist_payee":{}}}',
    '{"form":1,"rules":{"blocked":{"action":"allow"}}}',
    '{"form":1,"rules":{"blocked":{"isShadow":"no"}}}',
    '{"form":1,"rules":{"blocked":{"channels":[]}}}',
    '{"form":1,"rules":{"blocked":{"kinds":["card"]}}}',
    '{"form":1,"rules":{"repeated":{"numbers":{"withinMs":60000}}}}',
    '{"form":1,"rules":{"repeated":{"numbers":{"withinMs":"0"}}}}',
    '{"form":1,"rules":{"repeated":{"numbers":{"within":"60000"}}}}',
    '{"form":1,"rules":{"repeated":{"unasked":"step_up"}}}',
    `{"form":1,"rules":{}}${' '.repeat(20_000)}`,
  ])
    assert.equal(readBook(1, text), undefined, text.slice(0, 80));
});

test('readsPair() asks for history only where a rule has a use for it', () => {
  assert.equal(readsPair(DEFAULT_BOOK, { channel: 'mobile', kind: 'bifast_out' }), true);
  assert.equal(readsPair(DEFAULT_BOOK, { channel: 'snap', kind: 'bifast_out' }), false);
  assert.equal(readsPair(DEFAULT_BOOK, { channel: 'mobile', kind: 'bill' }), false);
});

const aRule: fc.Arbitrary<SetRule> = fc.record({
  rule: fc.constantFrom(...SCREEN_RULES).map((rule) => ({ ...rule, hits: () => true })),
  setting: fc.record({
    action: fc.constantFrom('step_up' as const, 'hold' as const, 'refuse' as const),
    unasked: fc.constantFrom('allow' as const, 'hold' as const, 'refuse' as const),
    isShadow: fc.boolean(),
    channels: fc.constant(['mobile']),
    kinds: fc.constant(['onus']),
    numbers: fc.constant({}),
  }),
});

test('screen() one more rule never loosens: neither the verdict nor a question or reason goes away', () => {
  fc.assert(
    fc.property(
      fc.array(aRule, { maxLength: 5 }),
      aRule,
      fc.boolean(),
      fc.subarray(SCREEN_RULES.map(({ code }) => code)),
      (rules, more, canAnswer, answered) => {
        const payer = { canAnswer, answered };
        const before = screen({ rules }, { facts, payer });
        const after = screen({ rules: [...rules, more] }, { facts, payer });
        assert.ok(VERDICTS.indexOf(after.verdict) >= VERDICTS.indexOf(before.verdict));
        for (const part of ['reasons', 'questions', 'shadow', 'unasked'] as const)
          for (const code of before[part]) assert.ok(after[part].includes(code));
      },
    ),
    { numRuns: 200 },
  );
});
