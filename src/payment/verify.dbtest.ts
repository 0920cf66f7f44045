import assert from 'node:assert/strict';
import test from 'node:test';
import { withSnapshot } from '../db/snapshot.ts';
import { bifast, transfer, withBank, type TestBank } from './test-bank.ts';
import { verifyPayments } from './verify.ts';

interface Paid {
  readonly onus: string;
  readonly settled: string;
}

async function pay(bank: TestBank): Promise<Paid> {
  const onus = await bank.engine.submit(transfer());
  const out = await bank.engine.submit(bifast());
  assert(onus.ok && out.ok);
  await bank.workUntil(bank.time.now() + 60_000);
  assert.equal(await bank.state(out.payment.id), 'settled');
  return { onus: onus.payment.id, settled: out.payment.id };
}

const hold = (paid: Paid, column: 'principal_hold' | 'fee_hold'): string =>
  `(select ${column} from payment where id = '${paid.settled}')`;

const ATTACKS: Record<string, { change: (paid: Paid) => string; of: keyof Paid; says: RegExp }> = {
  'a final payment whose hold still stands': {
    change: (paid) =>
      `update hold set state = 'held', posted_sen = 0, ended_at = null where id = ${hold(paid, 'principal_hold')}`,
    of: 'settled',
    says: /^it is settled, but its hold is held$/,
  },
  'a settled payment whose hold was voided (T9)': {
    change: (paid) =>
      `update hold set state = 'voided', posted_sen = 0 where id = ${hold(paid, 'principal_hold')}`,
    of: 'settled',
    says: /^it is settled, but its hold is voided$/,
  },
  'a settled payment whose fee was given back': {
    change: (paid) =>
      `update hold set state = 'voided', posted_sen = 0 where id = ${hold(paid, 'fee_hold')}`,
    of: 'settled',
    says: /its fee hold is voided$/,
  },
  'a settled payment that was marked as unknown': {
    change: (paid) =>
      `update payment set state = 'unknown', previous_state = 'sending' where id = '${paid.settled}'`,
    of: 'settled',
    says: /^it is unknown, but its hold is posted$/,
  },
  'a payment that was raised': {
    change: (paid) => `update payment set amount_sen = amount_sen + 1 where id = '${paid.settled}'`,
    of: 'settled',
    says: /another payment, line or amount/,
  },
  'a payment whose hold was taken away': {
    change: (paid) => `update payment set principal_hold = null where id = '${paid.settled}'`,
    of: 'settled',
    says: /no hold/,
  },
  'a line that was raised': {
    change: (paid) =>
      `update payment_line set amount_sen = amount_sen + 1 where payment_id = '${paid.settled}' and line = 'fee'`,
    of: 'settled',
    says: /^its lines are/,
  },
  'a transfer within the bank that was raised with its line': {
    change: (paid) =>
      `update payment set amount_sen = amount_sen + 1 where id = '${paid.onus}';
      update payment_line set amount_sen = amount_sen + 1 where payment_id = '${paid.onus}'`,
    of: 'onus',
    says: /not what its transfers moved/,
  },
  'a settled transfer that was marked as refused': {
    change: (paid) => `update payment set state = 'refused' where id = '${paid.onus}'`,
    of: 'onus',
    says: /refused, but transfers moved money/,
  },
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`verifyPayments() names ${name}`, async () => {
    await withBank(async (bank) => {
      const paid = await pay(bank);
      const look = () => withSnapshot(bank.db, (tx) => verifyPayments(tx));
      assert.deepEqual(await look(), []);
      await bank.db.script(
        `begin; set local session_replication_role = replica; ${attack.change(paid)}; commit`,
      );
      const problems = await look();
      assert.deepEqual(
        problems.map(({ id }) => id),
        [paid[attack.of]],
      );
      assert.match(problems[0]!.detail, attack.says);
    });
  });
}
