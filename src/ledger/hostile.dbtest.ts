/** Hostile values: each is refused with its own code, and its neighbours in the batch are not hurt. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Db } from '../db/pool.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah, SEN_MAX, type Sen } from '../kernel/money.ts';
import type { Leg, PostResult } from './port.ts';
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

const OUT = CHART.bifastOut;
const IN = CHART.bifastIn;
const reasonOf = (result: PostResult): string => (result.ok ? 'ok' : result.reason);

/** Posts a leg between two honest ones in one batch; the reason. Asserts that the honest ones went through, in one transaction. */
function attacker(bank: TestLedger) {
  let transactions = 0;
  const db: Db = { ...bank.db, tx: (work) => (transactions++, bank.db.tx(work)) };
  const ledger = bank.another({ db });
  let run = 0;
  return async (...legs: readonly Leg[]): Promise<string> => {
    const before = transactions;
    const ask = (wanted: readonly Leg[]) => ledger.post(request(`r${run++}`, wanted));
    const [first, hostile, last] = await Promise.all([
      ask([single('1001', '1002', rupiah(1))]),
      ask(legs),
      ask([single('1002', '1001', rupiah(1))]),
    ]);
    assert.deepEqual([reasonOf(first), reasonOf(last)], ['ok', 'ok']);
    assert.equal(transactions, before + 1, 'the batch did not fail');
    return reasonOf(hostile);
  };
}

test('hostile amount 0 or negative is refused as amount_not_positive', async () => {
  await withLedger(async (bank) => {
    const attack = attacker(bank);
    for (const amount of [0n, -1n, -SEN_MAX, -SEN_MAX - 1n] as Sen[]) {
      assert.equal(await attack(single('1001', '1002', amount)), 'amount_not_positive');
      assert.equal(await attack(hold('1001', OUT, amount)), 'amount_not_positive');
    }
    const held = await bank.ledger.post(request('h', [hold('1001', OUT, rupiah(5))]));
    assert(held.ok);
    const [id] = held.posted.transferIds;
    assert.equal(await attack(postHold(id!, 0n as Sen)), 'amount_not_positive');
    assert.equal(await attack(postHold(id!, -1n as Sen)), 'amount_not_positive');
    assert.equal(await attack(postHold(id!, SEN_MAX as Sen)), 'amount_above_hold');
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('hostile amount 2^63-1, or a sum beyond it, is refused as amount_too_large and fails nobody else', async () => {
  await withLedger(async (bank) => {
    const attack = attacker(bank);
    const max = SEN_MAX as Sen;
    assert.equal(await attack(single('1001', '1002', max)), 'insufficient_funds');
    assert.equal(await attack(single('1001', '1002', (max + 1n) as Sen)), 'amount_too_large');
    assert.equal(await attack(hold(OUT, IN, (max * 2n) as Sen)), 'amount_too_large');
    // The whole of it fits once, also as a hold that is posted later; not one sen more fits beside it, on either side.
    const held = await bank.ledger.post(request('h', [hold(OUT, IN, max)]));
    assert(held.ok);
    assert.equal(await attack(single(OUT, '1001', 1n as Sen)), 'amount_too_large');
    assert.equal(await attack(hold(OUT, '1001', 1n as Sen)), 'amount_too_large');
    assert.equal(await attack(single('1001', IN, 1n as Sen)), 'amount_too_large');
    assert.equal(await attack(hold('1001', IN, 1n as Sen)), 'amount_too_large');
    assert.equal(await attack(postHold(held.posted.transferIds[0]!)), 'ok');
    assert.equal(await attack(single(OUT, '1001', 1n as Sen)), 'amount_too_large');
    assert.equal(await attack(single(IN, OUT, max)), 'ok', 'the other sides are still free');
    assert.equal(await attack(single(IN, OUT, 1n as Sen)), 'amount_too_large');
    assert.equal((await bank.ledger.balance(OUT))?.postedSen, 0n);
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('hostile amounts that only together pass 2^63-1 in one batch are refused one by one', async () => {
  await withLedger(async (bank) => {
    const half = (SEN_MAX / 2n) as Sen;
    const results = await Promise.all(
      [half, half, half, 1n as Sen, 1n as Sen].map((amount, i) =>
        bank.ledger.post(request(`k${i}`, [single(OUT, IN, amount)])),
      ),
    );
    assert.deepEqual(results.map(reasonOf), [
      'ok',
      'ok',
      'amount_too_large',
      'ok',
      'amount_too_large',
    ]);
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('hostile account number past a full one: a customer holds at most a row', async () => {
  await withLedger(async (bank) => {
    const attack = attacker(bank);
    const free = (SEN_MAX - rupiah(2_000)) as Sen;
    assert.equal(await attack(single(OUT, '1003', free)), 'ok');
    assert.equal(await attack(single(OUT, '1003', rupiah(2_000))), 'amount_too_large');
    assert.equal(await attack(single('1003', '1004', free)), 'ok');
    assert.equal((await bank.ledger.balance('1003'))?.availableSen, rupiah(1_000));
  });
});

test('hostile currency: anything but IDR is refused at the port as currency_not_supported', async () => {
  await withLedger(async (bank) => {
    const attack = attacker(bank);
    for (const currency of ['USD', 'idr', '', 'IDR ']) {
      for (const leg of [single('1001', '1002', rupiah(1)), hold('1001', OUT, rupiah(1))])
        assert.equal(await attack({ ...leg, currency } as Leg), 'currency_not_supported');
    }
    const idr: Leg = { ...single('1001', '1002', rupiah(1)), currency: 'IDR' } as Leg;
    const usd: Leg = { ...single('1002', '1001', rupiah(1)), currency: 'USD' } as Leg;
    assert.equal(await attack(idr, usd), 'currency_not_supported', 'two currencies in one request');
    assert.equal((await bank.ledger.balance('1001'))?.postedSen, rupiah(1_000));
    assert.equal(await attack(idr), 'ok');
  });
});

test('hostile pair: the same account twice is refused as same_account', async () => {
  await withLedger(async (bank) => {
    const attack = attacker(bank);
    for (const number of ['1001', OUT, '9999']) {
      assert.equal(await attack(single(number, number, rupiah(1))), 'same_account');
      assert.equal(await attack(hold(number, number, rupiah(1))), 'same_account');
    }
    assert.equal(await attack(voidHold(SEN_MAX)), 'hold_not_found');
  });
});

test(
  'T6 ten thousand duplicates of one key at once, from one process and from three, post once and get one answer',
  { timeout: 60_000 },
  async () => {
    await withLedger(async (bank) => {
      const storm = async (key: string, ledgers: readonly TestLedger['ledger'][]) => {
        const results = await Promise.all(
          Array.from({ length: 10_000 }, (_, i) =>
            ledgers[i % ledgers.length]!.post(
              request(key, [single('1001', '1002', rupiah(10))], { paymentId: `pay_${i}` }),
            ),
          ),
        );
        const answers = new Set(
          results.map((result) => {
            assert(result.ok);
            return `${result.posted.paymentId} ${result.posted.transferIds.join()}`;
          }),
        );
        assert.equal(answers.size, 1);
        assert.equal(results.filter((result) => !result.repeated).length, 1);
      };
      await storm('a', [bank.ledger]);
      await storm('b', [bank.ledger, bank.another(), bank.another()]);
      assert.equal((await bank.ledger.balance('1002'))?.postedSen, rupiah(1_020));
      assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    });
  },
);
