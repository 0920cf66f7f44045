/** Random work on the real ledger against a bank of a few lines in memory. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah, sen } from '../kernel/money.ts';
import type { Leg } from './port.ts';
import {
  hold,
  postHold,
  request,
  reverse,
  single,
  voidHold,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

const NAMES = ['1001', '1002', '1003', '1004', CHART.bifastOut];

interface Model {
  readonly posted: Map<string, bigint>;
  readonly held: Map<string, bigint>;
  readonly holds: {
    readonly id: bigint;
    readonly debit: string;
    readonly credit: string;
    readonly amount: bigint;
    state: 'held' | 'ended';
  }[];
  /** Money that moved; a reversal is in it with nothing left, because it cannot be reversed. */
  readonly moved: {
    readonly id: bigint;
    readonly debit: string;
    readonly credit: string;
    readonly amount: bigint;
    readonly isReversal: boolean;
    left: bigint;
  }[];
}

type Step =
  | {
      readonly kind: 'single' | 'hold';
      readonly from: number;
      readonly to: number;
      readonly amount: number;
    }
  | { readonly kind: 'post' | 'void' | 'reverse'; readonly pick: number; readonly percent: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('single' as const, 'hold' as const),
    from: fc.nat(4),
    to: fc.nat(4),
    amount: fc.integer({ min: 1, max: 700 }),
  }),
  fc.record({
    kind: fc.constantFrom('post' as const, 'void' as const, 'reverse' as const),
    pick: fc.nat(),
    percent: fc.integer({ min: 1, max: 120 }),
  }),
);

const add = (map: Map<string, bigint>, name: string, amount: bigint): void =>
  void map.set(name, (map.get(name) ?? 0n) + amount);

/** What the ledger must answer, and the new state; written to be read, not to be fast. */
function expect(model: Model, leg: Leg): string {
  if (leg.kind === 'reverse') return expectReversal(model, leg);
  if (!('holdId' in leg)) {
    if (leg.debit === leg.credit) return 'same_account';
    const available = (model.posted.get(leg.debit) ?? 0n) - (model.held.get(leg.debit) ?? 0n);
    if (leg.debit !== CHART.bifastOut && available < leg.amount) return 'insufficient_funds';
    if (leg.kind === 'hold') add(model.held, leg.debit, leg.amount);
    else {
      add(model.posted, leg.debit, -leg.amount);
      add(model.posted, leg.credit, leg.amount);
    }
    return 'ok';
  }
  const found = model.holds.find((one) => one.id === leg.holdId);
  if (!found) return 'hold_not_found';
  if (found.state === 'ended') return 'hold_not_held';
  const amount = leg.kind === 'post' ? (leg.amount ?? found.amount) : 0n;
  if (amount > found.amount) return 'amount_above_hold';
  found.state = 'ended';
  add(model.held, found.debit, -found.amount);
  if (leg.kind === 'post') {
    add(model.posted, found.debit, -amount);
    add(model.posted, found.credit, amount);
  }
  return 'ok';
}

function expectReversal(model: Model, leg: Extract<Leg, { kind: 'reverse' }>): string {
  const found = model.moved.find((one) => one.id === leg.transferId);
  if (!found || found.isReversal) return 'transfer_not_found';
  if (found.left === 0n) return 'already_reversed';
  const amount = leg.amount ?? found.left;
  if (amount === 0n) return 'amount_not_positive';
  if (amount > found.left) return 'amount_above_transfer';
  const available = (model.posted.get(found.credit) ?? 0n) - (model.held.get(found.credit) ?? 0n);
  if (found.credit !== CHART.bifastOut && available < amount) return 'insufficient_funds';
  found.left -= amount;
  add(model.posted, found.credit, -amount);
  add(model.posted, found.debit, amount);
  return 'ok';
}

function originOf(
  model: Model,
  leg: Exclude<Leg, { kind: 'void' }>,
): { readonly debit: string; readonly credit: string; readonly amount: bigint } {
  if (leg.kind === 'post') return model.holds.find((one) => one.id === leg.holdId)!;
  if (leg.kind === 'reverse') return model.moved.find((one) => one.id === leg.transferId)!;
  return leg;
}

/** Remembers what was accepted under the id that the ledger gave it. */
function remember(model: Model, input: { readonly id: bigint; readonly leg: Leg }): void {
  const { id, leg } = input;
  if (leg.kind === 'hold') {
    const { debit, credit, amount } = leg;
    model.holds.push({ id, debit, credit, amount, state: 'held' });
  } else if (leg.kind !== 'void') {
    const of = originOf(model, leg);
    const amount = leg.kind === 'reverse' ? 0n : (leg.amount ?? of.amount);
    const { debit, credit } = of;
    const isReversal = leg.kind === 'reverse';
    model.moved.push({ id, debit, credit, amount, isReversal, left: amount });
  }
}

function toLeg(step: Step, model: Model): Leg {
  if (!('pick' in step))
    return (step.kind === 'hold' ? hold : single)(
      NAMES[step.from]!,
      NAMES[step.to]!,
      rupiah(step.amount),
    );
  if (step.kind === 'reverse') {
    // One of the last few, so that it is met again while something is left of it.
    const { id, amount } = model.moved.at(-1 - (step.pick % 6)) ?? { id: 999_999n, amount: 1n };
    return step.percent > 100
      ? reverse(id)
      : reverse(id, sen((amount * BigInt(step.percent)) / 100n));
  }
  const found = model.holds[step.pick % (model.holds.length + 1)];
  if (!found) return voidHold(999_999n);
  return step.kind === 'void'
    ? voidHold(found.id)
    : postHold(found.id, sen((found.amount * BigInt(step.percent)) / 100n));
}

async function compare(bank: TestLedger, model: Model): Promise<void> {
  for (const name of NAMES) {
    const balance = await bank.ledger.balance(name);
    assert.equal(balance?.postedSen, model.posted.get(name) ?? 0n, `posted of ${name}`);
    assert.equal(balance?.heldSen, model.held.get(name) ?? 0n, `held of ${name}`);
    if (name !== CHART.bifastOut)
      assert(balance!.heldSen <= balance!.postedSen, 'held is at most the balance');
  }
  const [even] = await bank.db.query<{ even: boolean }>(sql`
    select sum(posted_debit_sen) = sum(posted_credit_sen) and sum(pending_debit_sen) = sum(pending_credit_sen) as even from account`);
  assert.equal(even!.even, true);
}

test('post() behaves as the model for any work in any grouping', async () => {
  await withLedger(
    async (bank) => {
      let run = 0;
      const model: Model = {
        posted: new Map(NAMES.slice(0, 4).map((name) => [name, rupiah(1_000)])),
        held: new Map(),
        holds: [],
        moved: [],
      };
      await fc.assert(
        // Runs follow each other on one bank: the state carries over, which only makes it richer.
        fc.asyncProperty(
          fc.array(fc.array(anyStep, { minLength: 1, maxLength: 12 }), {
            minLength: 1,
            maxLength: 4,
          }),
          async (groups) => {
            for (const steps of groups) {
              // The steps of a group are asked for at once, so they share a batch; ids of holds are known between groups.
              const legs = steps.map((step) => toLeg(step, model));
              const expected = legs.map((leg) => expect(model, leg));
              const results = await Promise.all(
                legs.map((leg) => bank.ledger.post(request(`r${run++}`, [leg]))),
              );
              assert.deepEqual(
                results.map((result) => (result.ok ? 'ok' : result.reason)),
                expected,
              );
              results.forEach((result, i) => {
                const leg = legs[i]!;
                if (result.ok) remember(model, { id: result.posted.transferIds[0]!, leg });
              });
            }
            await compare(bank, model);
          },
        ),
        { numRuns: 60, endOnFailure: true },
      );
      assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    },
    { ledger: { batchMax: 5 } },
  );
});
