import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallTime, type Time } from '../../kernel/time.ts';
import { groupOf, openBudget } from './budget.ts';
import type { Partner } from './partner/partner.ts';

function world(processCount = 1) {
  let nowMs = 1_000_000;
  const time: Time = { ...wallTime(), now: () => nowMs };
  return { budget: openBudget(time, processCount), pass: (ms: number) => void (nowMs += ms) };
}

function partner(limit: Partial<Partner['limits'][number]> = {}): Partner {
  return {
    id: 'partner-a',
    name: 'A',
    signature_kind: 'symmetric',
    hmac_encoding: 'base64',
    duplicate_conflict: false,
    amount_max_sen: 1n,
    daily_amount_max_sen: null,
    daily_count_max: null,
    source_accounts: [],
    channel_ids: [],
    requests_per_second_max: 9,
    route: 'bifast',
    networks: undefined,
    certificates: [],
    state: 'active',
    publicKeys: [],
    secrets: [],
    unreadable: [],
    limits: [
      {
        service_group: 'payment',
        per_second_max: null,
        per_minute_max: null,
        concurrent_max: null,
        ...limit,
      },
    ],
  };
}

function taken(count: number, take: () => unknown): number {
  return Array.from({ length: count }, take).filter(Boolean).length;
}

test('budget.admit() gives each of N processes an N-th of the requests per second, rounded up', () => {
  for (const [processCount, expected] of [
    [1, 9],
    [2, 5],
    [4, 3],
  ] as const) {
    const { budget } = world(processCount);
    assert.equal(
      taken(20, () => budget.admit(partner())),
      expected,
    );
  }
});

test('budget.enter() bounds a group per second and per minute, and leaves other groups alone', () => {
  const { budget, pass } = world();
  const one = partner({ per_second_max: 3, per_minute_max: 5 });
  assert.equal(
    taken(10, () => budget.enter(one, 'payment')),
    3,
  );
  assert.equal(
    taken(10, () => budget.enter(one, 'inquiry')),
    10,
  );
  pass(1_000);
  // Two of the minute are left, and 5/60 of one came back.
  assert.equal(
    taken(10, () => budget.enter(one, 'payment')),
    2,
  );
  pass(60_000);
  assert.equal(
    taken(10, () => budget.enter(one, 'payment')),
    3,
  );
});

test('budget.enter() counts requests that are still unanswered, and one that ends makes room for one', () => {
  const { budget } = world();
  const one = partner({ concurrent_max: 2 });
  const first = budget.enter(one, 'payment');
  assert.ok(first && budget.enter(one, 'payment'));
  assert.equal(budget.enter(one, 'payment'), undefined);
  first();
  assert.equal(
    taken(3, () => budget.enter(one, 'payment')),
    1,
  );
});

test('groupOf() counts a service that it does not know as a payment', () => {
  assert.equal(groupOf('73'), 'token');
  assert.equal(groupOf('36'), 'inquiry');
  assert.equal(groupOf('99'), 'inquiry');
  assert.equal(groupOf('17'), 'payment');
  assert.equal(groupOf('00' as never), 'payment');
});
