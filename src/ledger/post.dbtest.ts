import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import { LedgerBusy, type PostResult } from './port.ts';
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

function firstId(result: PostResult): bigint {
  assert(result.ok, 'the request is accepted');
  return result.posted.transferIds[0]!;
}

async function sums(
  bank: TestLedger,
  number: string,
): Promise<{ posted: bigint; held: bigint; available: bigint; incoming: bigint }> {
  const balance = await bank.ledger.balance(number);
  assert(balance);
  return {
    posted: balance.postedSen,
    held: balance.heldSen,
    available: balance.availableSen,
    incoming: balance.pendingCreditSen,
  };
}

const refusal = (reason: string, account?: string) => ({
  ok: false,
  repeated: false,
  reason,
  ...(account && { account }),
});

test('post() moves money at once, and balance() shows both sides', async () => {
  await withLedger(async (bank) => {
    const result = await bank.ledger.post(request('a', [single('1001', '1002', rupiah(250))]));
    assert(result.ok && !result.repeated);
    assert.deepEqual(result.posted.paymentId, 'pay_a');
    assert.equal((await sums(bank, '1001')).posted, rupiah(750));
    assert.equal((await sums(bank, '1002')).posted, rupiah(1_250));
    assert.equal(await bank.ledger.balance('9999'), undefined);
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('T8 post() counts holds in the available balance', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(request('a', [hold('1001', OUT, rupiah(600))]));
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(1_000),
      held: rupiah(600),
      available: rupiah(400),
      incoming: 0n,
    });
    assert.deepEqual(
      await bank.ledger.post(request('b', [single('1001', '1002', rupiah(401))])),
      refusal('insufficient_funds', '1001'),
    );
    assert.deepEqual(
      await bank.ledger.post(request('c', [hold('1001', OUT, rupiah(401))])),
      refusal('insufficient_funds', '1001'),
    );
    assert.equal((await bank.ledger.post(request('d', [hold('1001', OUT, rupiah(400))]))).ok, true);
    assert.equal((await sums(bank, '1001')).available, 0n);
  });
});

test('post() lets a pending credit be spent only once it is posted', async () => {
  await withLedger(async (bank) => {
    const id = firstId(
      await bank.ledger.post(request('a', [hold(CHART.bifastIn, '1001', rupiah(500))])),
    );
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(1_000),
      held: 0n,
      available: rupiah(1_000),
      incoming: rupiah(500),
    });
    assert.equal(
      (await bank.ledger.post(request('b', [single('1001', '1002', rupiah(1_001))]))).ok,
      false,
    );
    await bank.ledger.post(request('c', [postHold(id)]));
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(1_500),
      held: 0n,
      available: rupiah(1_500),
      incoming: 0n,
    });
  });
});

test('post() of part of a hold releases the rest', async () => {
  await withLedger(async (bank) => {
    const id = firstId(await bank.ledger.post(request('a', [hold('1001', OUT, rupiah(600))])));
    assert.deepEqual(
      await bank.ledger.post(request('b', [postHold(id, rupiah(601))])),
      refusal('amount_above_hold'),
    );
    assert.deepEqual(
      await bank.ledger.post(request('c', [postHold(id, 0n as Sen)])),
      refusal('amount_not_positive'),
    );
    assert.equal((await bank.ledger.post(request('d', [postHold(id, rupiah(250))]))).ok, true);
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(750),
      held: 0n,
      available: rupiah(750),
      incoming: 0n,
    });
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('T5 post() of a void releases the hold at once, principal and fee', async () => {
  await withLedger(async (bank) => {
    const held = await bank.ledger.post(
      request('a', [
        hold('1001', OUT, rupiah(900)),
        { kind: 'hold', line: 'fee', debit: '1001', credit: CHART.bifastFee, amount: rupiah(100) },
      ]),
    );
    assert(held.ok);
    assert.equal((await sums(bank, '1001')).available, 0n);
    assert.equal(
      (await bank.ledger.post(request('b', held.posted.transferIds.map(voidHold)))).ok,
      true,
    );
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(1_000),
      held: 0n,
      available: rupiah(1_000),
      incoming: 0n,
    });
    assert.deepEqual(await sums(bank, CHART.bifastFee), {
      posted: 0n,
      held: 0n,
      available: 0n,
      incoming: 0n,
    });
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('T9 post() never posts a voided hold, nor voids a posted one, nor ends one twice in a batch', async () => {
  await withLedger(async (bank) => {
    const [a, b, c] = [1, 2, 3].map((i) =>
      bank.ledger.post(request(`h${i}`, [hold('1001', OUT, rupiah(100))])),
    );
    const [first, second, third] = [firstId(await a!), firstId(await b!), firstId(await c!)];
    await bank.ledger.post(request('v', [voidHold(first)]));
    assert.deepEqual(
      await bank.ledger.post(request('p', [postHold(first)])),
      refusal('hold_not_held'),
    );
    await bank.ledger.post(request('p2', [postHold(second)]));
    assert.deepEqual(
      await bank.ledger.post(request('v2', [voidHold(second)])),
      refusal('hold_not_held'),
    );
    // Together in one batch, through two ledgers: one of the four wins.
    const other = bank.another();
    const race = await Promise.all([
      bank.ledger.post(request('r1', [postHold(third)])),
      bank.ledger.post(request('r2', [voidHold(third)])),
      other.post(request('r3', [voidHold(third)])),
      other.post(request('r4', [postHold(third)])),
    ]);
    assert.equal(race.filter((result) => result.ok).length, 1);
    assert.deepEqual(
      await bank.ledger.post(request('x', [postHold(4_711n)])),
      refusal('hold_not_found'),
    );
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('post() takes all legs or none', async () => {
  await withLedger(async (bank) => {
    const id = firstId(await bank.ledger.post(request('h', [hold('1001', OUT, rupiah(100))])));
    const result = await bank.ledger.post(
      request('a', [
        voidHold(id),
        single('1001', '1002', rupiah(900)),
        single('1001', '1003', rupiah(101)),
      ]),
    );
    assert.deepEqual(result, refusal('insufficient_funds', '1001'));
    assert.deepEqual(await sums(bank, '1001'), {
      posted: rupiah(1_000),
      held: rupiah(100),
      available: rupiah(900),
      incoming: 0n,
    });
    assert.equal(
      (await bank.ledger.post(request('b', [postHold(id)]))).ok,
      true,
      'the hold was not touched',
    );
  });
});

test('post() refuses with the documented reasons', async () => {
  await withLedger(async (bank) => {
    const post = (key: string, debit: string, credit: string, amount = rupiah(1)) =>
      bank.ledger.post(request(key, [single(debit, credit, amount)]));
    assert.deepEqual(await post('a', '1001', '9999'), refusal('account_not_found', '9999'));
    assert.deepEqual(await post('b', '9999', '1001'), refusal('account_not_found', '9999'));
    assert.deepEqual(await post('c', '1001', '1001'), refusal('same_account', '1001'));
    assert.deepEqual(await post('d', '1001', '1002', 0n as Sen), refusal('amount_not_positive'));
    assert.deepEqual(await post('e', '1001', '1002', -5n as Sen), refusal('amount_not_positive'));
    await bank.db.script(
      "update account set state = 'frozen' where number = '1003'; update account set state = 'closed' where number = '1004'",
    );
    assert.deepEqual(await post('f', '1003', '1001'), refusal('account_frozen', '1003'));
    assert.equal((await post('g', '1001', '1003')).ok, true, 'a frozen account takes credits');
    assert.deepEqual(await post('h', '1004', '1001'), refusal('account_closed', '1004'));
    assert.deepEqual(await post('i', '1001', '1004'), refusal('account_closed', '1004'));
  });
});

test('post() on a frozen or closed account still ends the holds made before', async () => {
  await withLedger(async (bank) => {
    const out = [1, 2].map((i) =>
      bank.ledger.post(request(`o${i}`, [hold('1001', OUT, rupiah(100))])),
    );
    const inbound = firstId(
      await bank.ledger.post(request('i', [hold(CHART.bifastIn, '1001', rupiah(100))])),
    );
    await bank.db.script("update account set state = 'frozen' where number = '1001'");
    assert.equal(
      (await bank.ledger.post(request('a', [postHold(firstId(await out[0]!))]))).ok,
      true,
    );
    await bank.db.script("update account set state = 'closed' where number = '1001'");
    assert.deepEqual(
      await bank.ledger.post(request('b', [postHold(inbound)])),
      refusal('account_closed', '1001'),
    );
    assert.equal((await bank.ledger.post(request('c', [voidHold(inbound)]))).ok, true);
    assert.equal(
      (await bank.ledger.post(request('d', [postHold(firstId(await out[1]!))]))).ok,
      true,
    );
    assert.equal((await verifyLedger(bank.db)).balanced, true);
  });
});

test('post() with no legs makes a key durable and nothing else', async () => {
  await withLedger(async (bank) => {
    assert.equal((await bank.ledger.post(request('a', []))).ok, true);
    assert.deepEqual(await bank.ledger.post(request('a', [], { paymentId: 'pay_other' })), {
      ok: true,
      repeated: true,
      posted: { paymentId: 'pay_a', transferIds: [] },
    });
  });
});

test('post() answers LedgerBusy when the queue is full, and writes nothing of it', async () => {
  await withLedger(
    async (bank) => {
      const posts = Array.from({ length: 20 }, (_, i) =>
        bank.ledger.post(request(`k${i}`, [single('1001', '1002', rupiah(1))])),
      );
      const settled = await Promise.allSettled(posts);
      const busy = settled.filter((one) => one.status === 'rejected');
      assert.equal(busy.length, 15);
      for (const one of busy) assert(one.reason instanceof LedgerBusy);
      assert.equal((await sums(bank, '1001')).posted, rupiah(995));
      assert.equal(
        (await bank.ledger.post(request('k19', [single('1001', '1002', rupiah(1))]))).ok,
        true,
        'may be asked again',
      );
    },
    { ledger: { queueMax: 5, batchMax: 2 } },
  );
});

test('post() writes a batch of more transfers than one statement takes, with ids and balances in order', async () => {
  await withLedger(async (bank) => {
    const range = Array.from({ length: 620 }, (_, i) => i);
    const results = await Promise.all(
      range.map((i) => bank.ledger.post(request(`k${i}`, [single('1001', '1002', rupiah(1))]))),
    );
    const ids = results.map(firstId);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => Number(a - b)),
    );
    const [kept] = await bank.db.query<{ ids: bigint[]; balances: bigint[]; batches: bigint }>(sql`
      select array_agg(id order by id) as ids, array_agg(credit_balance_sen order by id) as balances, count(distinct booked_at) as batches
      from transfer where line = 'principal'`);
    assert.deepEqual(kept!.ids, ids);
    assert.equal(kept!.batches, 1n);
    assert.deepEqual(
      kept!.balances.map((balance) => balance - kept!.balances[0]!),
      range.map((i) => rupiah(i)),
    );
    assert.deepEqual((await verifyLedger(bank.db)).problems, []);
  });
});

test('post() has a second batch on its way while the first one waits, and nothing is lost or doubled', async () => {
  await withLedger(
    async (bank) => {
      const asked = (key: string, from: string, to: string) =>
        bank.ledger.post(request(key, [single(from, to, rupiah(1))]));
      const range = Array.from({ length: 150 }, (_, i) => i);
      let first: Promise<PostResult[]> | undefined;
      await bank.db.tx(async (tx) => {
        await tx.query(sql`select from account where number = '1001' for update`);
        first = Promise.all(range.slice(0, 100).map((i) => asked(`a${i}`, '1001', '1002')));
        // What comes after does not wait for an account that it has nothing to do with.
        const second = await Promise.all(range.map((i) => asked(`b${i}`, '1003', '1004')));
        assert.equal(second.filter((result) => result.ok).length, 150);
      });
      assert.equal((await first!).filter((result) => result.ok).length, 100);
      assert.equal((await sums(bank, '1001')).posted, rupiah(900));
      assert.equal((await sums(bank, '1004')).posted, rupiah(1_150));
      assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    },
    { ledger: { batchMax: 100 } },
  );
});

test('post() fails those alone who need an account that somebody outside has locked', async () => {
  await withLedger(
    async (bank) => {
      const asked = (key: string, from: string, to: string) =>
        bank.ledger.post(request(key, [single(from, to, rupiah(1))]));
      await bank.ledger.post(request('first', [single('1003', '1004', rupiah(1))]));
      await bank.db.tx(async (tx) => {
        await tx.query(sql`select from account where number = '1002' for update`);
        const range = Array.from({ length: 20 }, (_, i) => i);
        const locked = Promise.allSettled(range.map((i) => asked(`a${i}`, '1001', '1002')));
        const free = Promise.allSettled(range.map((i) => asked(`b${i}`, '1003', '1004')));
        const codes = (await locked).map(
          (one) => one.status === 'rejected' && (one.reason as { code?: string }).code,
        );
        assert.deepEqual(new Set(codes), new Set(['55P03']));
        assert.equal((await free).filter((one) => one.status === 'fulfilled').length, 20);
      });
      assert.equal((await sums(bank, '1001')).posted, rupiah(1_000));
      assert.equal((await sums(bank, '1004')).posted, rupiah(1_021));
      assert.equal((await asked('a0', '1001', '1002')).ok, true);
      assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    },
    { lockMsMax: 200 },
  );
});

test('stop() posts what is queued and takes no more', async () => {
  await withLedger(async (bank) => {
    const queued = Array.from({ length: 5 }, (_, i) =>
      bank.ledger.post(request(`k${i}`, [single('1001', '1002', rupiah(1))])),
    );
    await Promise.resolve();
    await bank.ledger.stop();
    for (const one of await Promise.all(queued)) assert(one.ok);
    await assert.rejects(
      bank.ledger.post(request('late', [single('1001', '1002', rupiah(1))])),
      LedgerBusy,
    );
  });
});

test('post() takes no request that breaks its contract', async () => {
  await withLedger(async (bank) => {
    await assert.rejects(
      bank.ledger.post(request('', [single('1001', '1002', rupiah(1))])),
      /idempotency key/,
    );
    const legs = Array.from({ length: 17 }, () => single('1001', '1002', rupiah(1)));
    await assert.rejects(bank.ledger.post(request('a', legs)), /at most 16 legs/);
  });
});
