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
}

type Step =
  | {
      readonly kind: 'single' | 'hold';
      readonly from: number;
      readonly to: number;
      readonly amount: number;
    }
  | { readonly kind: 'post' | 'void'; readonly pick: number; readonly percent: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('single' as const, 'hold' as const),
    from: fc.nat(4),
    to: fc.nat(4),
    amount: fc.integer({ min: 1, max: 700 }),
  }),
  fc.record({
    kind: fc.constantFrom('post' as const, 'void' as const),
    pick: fc.nat(),
    percent: fc.integer({ min: 1, max: 120 }),
  }),
);

const add = (map: Map<string, bigint>, name: string, amount: bigint): void =>
  void map.set(name, (map.get(name) ?? 0n) + amount);

/** What the ledger must answer, and the new state; written to be read, not to be fast. */
function expect(model: Model, leg: Leg): string {
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

function toLeg(step: Step, model: Model): Leg {
  if (!('pick' in step))
    return (step.kind === 'hold' ? hold : single)(
      NAMES[step.from]!,
      NAMES[step.to]!,
      rupiah(step.amount),
    );
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
                if (result.ok && leg.kind === 'hold')
                  model.holds.push({
                    id: result.posted.transferIds[0]!,
                    debit: leg.debit,
                    credit: leg.credit,
                    amount: leg.amount,
                    state: 'held',
                  });
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
