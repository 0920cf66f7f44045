/** Each fault of the hub's own calls to the bank (`to_bank`), while credits of other banks come in: what the customer may spend is what the hub
 * settled, each credit once. The real gateway, engine and ledger. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRule } from '../../sim/hub/faults.ts';
import { sql } from '../../src/db/sql.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { bifastUnderTest, type BifastWorld } from './bifast-world.ts';
import { OPENING, withEffect, type Effect, type RailUnderTest } from './rail-effect.ts';

const AMOUNT = rupiah(10_000);

/** Nothing is sent in this test, and what comes in moves the hub's balance too. */
const incoming: RailUnderTest = {
  name: 'credits of BI-FAST',
  withWorld: (work) =>
    bifastUnderTest.withWorld((world) => work({ ...world, settledSen: () => 0n } as BifastWorld)),
};

/** What meets the first tries, and whether the credit is settled in the end. */
const FAULTS: readonly (readonly [does: FaultRule['does'], tries: number, isSettled: boolean])[] = [
  [{ kind: 'delay', afterMs: 2_000 }, 1, true],
  [{ kind: 'drop_request' }, 2, true],
  [{ kind: 'drop_answer' }, 2, true],
  [{ kind: 'late_answer', afterMs: 20_000 }, 1, true],
  [{ kind: 'duplicate', count: 3 }, 1, true],
  [{ kind: 'reorder', holdMs: 2_000 }, 1, true],
  [{ kind: 'wrong_signature' }, 2, true],
  [{ kind: 'disconnect', when: 'before' }, 2, true],
  [{ kind: 'disconnect', when: 'after' }, 2, true],
  // In all its tries: it goes back to its sender's bank, and what the bank took is not spendable.
  [{ kind: 'drop_request' }, 100, false],
  [{ kind: 'drop_answer' }, 100, false],
  [{ kind: 'wrong_signature' }, 100, false],
  [{ kind: 'disconnect', when: 'after' }, 100, false],
];

async function credit({ world }: Effect, amountSen: bigint = AMOUNT): Promise<string> {
  const { hub } = world as BifastWorld; // the one that this suite was given
  const sent = await hub.sendCredit({
    fromBank: 'CENAIDJA',
    toBank: world.bank.bic,
    debtorAccount: '7006005004',
    creditorAccount: '1001',
    amountSen,
  });
  return sent.outcome;
}

const rule = (does: FaultRule['does'], countMax: number): FaultRule => ({
  name: 'fault',
  match: { direction: 'to_bank', trxType: '010', countMax },
  does,
});

test('T2 T6 I12 whatever the hub’s wire does to a credit on its way to us, the customer has it once when the hub settled it, and never otherwise', () =>
  withEffect(incoming, async (effect) => {
    const { world, payer, pass } = effect;
    const { hub } = world as BifastWorld;
    let settledSen = 0n;
    for (const [does, tries, isSettled] of FAULTS) {
      const name = `${Object.values(does).join(' ')} × ${tries}`;
      hub.chooser.replace([rule(does, tries)]);
      const [outcome] = await Promise.all([credit(effect), pass(240_000)]);
      assert.equal(outcome, isSettled ? 'settled' : 'no_answer', name);
      if (isSettled) settledSen += AMOUNT;
      assert.deepEqual(await payer(), [OPENING + settledSen, 0n], name);
    }
  }));

test('I12 a credit that names more than the hub settles makes nothing spendable, one that names less makes that much, and people are told of both', () =>
  withEffect(incoming, async (effect) => {
    const { world, payer, pass } = effect;
    const { hub } = world as BifastWorld;
    let settledSen = 0n;
    for (const [deltaSen, givenSen] of [
      [100_000, 0n],
      [-100_000, AMOUNT - 100_000n],
    ] as const) {
      hub.chooser.replace([rule({ kind: 'wrong_amount', deltaSen }, 1)]);
      const [outcome] = await Promise.all([credit(effect), pass(60_000)]);
      assert.equal(outcome, 'settled');
      settledSen += givenSen;
      assert.deepEqual(await payer(), [OPENING + settledSen, 0n], `told ${deltaSen} more`);
    }
    hub.chooser.replace([]);
    await Promise.all([world.endDate(), pass(60_000)]);
    assert.deepEqual(await payer(), [OPENING + settledSen, 0n]);
    const told = await effect.db.query<{ data: string }>(
      sql`select data from event where kind = 'payment.outcome_contradicted' order by id`,
    );
    const contradicted = told.filter(({ data }) => data.includes('amount_differs'));
    assert.equal(contradicted.length, 2);
  }));
