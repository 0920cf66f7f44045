import assert from 'node:assert/strict';
import test from 'node:test';
import { CHART } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import {
  CUSTOMERS,
  bifastOut,
  postHold,
  request,
  reverse,
  single,
  voidHold,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

async function work(
  bank: TestLedger,
): Promise<Record<'moved' | 'reversed' | 'reversal' | 'posted' | 'voided' | 'held', bigint>> {
  const moved = await bank.ledger.post(request('m', [single('1001', '1002', rupiah(5))]));
  const [posted, voided, held] = await Promise.all(
    ['p', 'v', 'h'].map((key) =>
      bank.ledger.post(bifastOut(key, { debit: '1001', amount: rupiah(7) })),
    ),
  );
  const back = await bank.ledger.post(request('r', [single('1003', '1004', rupiah(5))]));
  assert(moved.ok && posted?.ok && voided?.ok && held?.ok && back.ok);
  const reversed = back.posted.transferIds[0]!;
  const reversal = await bank.ledger.post(request('rr', [reverse(reversed, rupiah(2))]));
  assert(reversal.ok);
  const ids = {
    moved: moved.posted.transferIds[0]!,
    reversed,
    reversal: reversal.posted.transferIds[0]!,
    posted: posted.posted.transferIds[0]!,
    voided: voided.posted.transferIds[0]!,
    held: held.posted.transferIds[0]!,
  };
  await bank.ledger.post(request('pp', [postHold(ids.posted, rupiah(6))]));
  await bank.ledger.post(request('vv', [voidHold(ids.voided)]));
  return ids;
}

/** Changes rows as somebody with the owner's password could. */
async function tamper(bank: TestLedger, statement: string): Promise<void> {
  await bank.db.script(`begin; set local session_replication_role = replica; ${statement}; commit`);
}

test('verifyLedger() finds nothing after honest work', async () => {
  await withLedger(async (bank) => {
    await work(bank);
    assert.deepEqual(await verifyLedger(bank.db), {
      balanced: true,
      transfers: 4n + 1n + 3n + 2n + 2n,
      accounts: BigInt(Object.keys(CHART).length + CUSTOMERS.length),
      problems: [],
    });
  });
});

type Ids = Awaited<ReturnType<typeof work>>;
const ATTACKS: Record<
  string,
  {
    change: (ids: Ids) => string;
    kinds: readonly string[];
    first: (ids: Ids) => string | undefined;
  }
> = {
  'an amount of a transfer was changed': {
    change: (ids) => `update transfer set amount_sen = amount_sen + 1 where id = ${ids.moved}`,
    kinds: ['transfer', 'account', 'account'],
    first: (ids) => String(ids.moved),
  },
  'a transfer was deleted': {
    change: (ids) => `delete from transfer where id = ${ids.moved}`,
    kinds: ['transfer', 'account', 'account'],
    first: (ids) => String(ids.moved),
  },
  'a transfer was slipped in with balances to match': {
    change:
      () => `insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, line, booked_at, value_date, business_date)
        select 999999, '2026-08-01', 'single', d.id, c.id, 100, 'principal', '2026-08-01', '2026-08-01', '2026-08-01'
        from account d, account c where d.number = '1002' and c.number = '1003';
      update account set posted_debit_sen = posted_debit_sen + 100 where number = '1002';
      update account set posted_credit_sen = posted_credit_sen + 100 where number = '1003'`,
    kinds: ['transfer'],
    first: () => '999999',
  },
  'a balance was raised': {
    change: () =>
      "update account set posted_credit_sen = posted_credit_sen + 1 where number = '1003'",
    kinds: ['sum', 'account'],
    first: () => 'posted',
  },
  'a voided hold was marked as held again': {
    change: (ids) => `update hold set state = 'held', ended_at = null where id = ${ids.voided}`,
    kinds: ['account', 'account', 'hold'],
    first: () => undefined,
  },
  'a held hold was marked as posted': {
    change: (ids) =>
      `update hold set state = 'posted', posted_sen = amount_sen, ended_at = made_at where id = ${ids.held}`,
    kinds: ['account', 'account', 'hold'],
    first: () => undefined,
  },
  'a transfer with a negative id was slipped in with balances to match': {
    change:
      () => `insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, line, booked_at, value_date, business_date)
        select -7, '2026-08-01', 'single', d.id, c.id, 100, 'principal', '2026-08-01', '2026-08-01', '2026-08-01'
        from account d, account c where d.number = '1002' and c.number = '1003';
      update account set posted_debit_sen = posted_debit_sen + 100 where number = '1002';
      update account set posted_credit_sen = posted_credit_sen + 100 where number = '1003'`,
    kinds: ['transfer'],
    first: () => '-7',
  },
  'a transfer was given to another payment': {
    change: (ids) => `update transfer set payment_id = 'pay_x' where id = ${ids.moved}`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'a transfer was dated back': {
    change: (ids) =>
      `update transfer set booked_at = booked_at - interval '1 hour' where id = ${ids.moved}`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'a transfer was doubled in another month with balances to match': {
    change: (
      ids,
    ) => `insert into transfer select id, '2026-09-01', kind, debit_account, credit_account, amount_sen, hold_id, payment_id, line, booked_at,
        value_date, business_date from transfer where id = ${ids.moved};
      update account set posted_debit_sen = posted_debit_sen + 500 where number = '1001';
      update account set posted_credit_sen = posted_credit_sen + 500 where number = '1002'`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'an event was deleted': {
    change: (ids) => `delete from event where data like '%"id":"${ids.moved}"%'`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'an event was raised': {
    change: (ids) =>
      `update event set data = replace(data, '"amountSen":"500"', '"amountSen":"501"') where data like '%"id":"${ids.moved}"%'`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'an event was made unreadable': {
    change: (ids) => `update event set data = 'x' where data like '%"id":"${ids.moved}"%'`,
    kinds: ['transfer'],
    first: (ids) => String(ids.moved),
  },
  'a hold was deleted': {
    change: (ids) => `delete from hold where id = ${ids.posted}`,
    kinds: ['hold', 'authorisation'],
    first: (ids) => String(ids.posted),
  },
  'a hold was slipped in with balances to match': {
    change:
      () => `insert into hold (id, debit_account, credit_account, amount_sen, state, line, made_at)
        select 999999, d.id, c.id, 100, 'held', 'principal', '2026-08-01' from account d, account c where d.number = '1002' and c.number = '1003';
      update account set pending_debit_sen = pending_debit_sen + 100 where number = '1002';
      update account set pending_credit_sen = pending_credit_sen + 100 where number = '1003'`,
    kinds: ['hold'],
    first: () => '999999',
  },
  'a hold that was posted in part was posted in full': {
    change: (ids) => `update hold set posted_sen = amount_sen where id = ${ids.posted}`,
    kinds: ['hold'],
    first: (ids) => String(ids.posted),
  },
  'what is kept of a reversal was lowered, to reverse again': {
    change: (ids) => `update reversal set reversed_sen = 1 where transfer_id = ${ids.reversed}`,
    kinds: ['reversal'],
    first: (ids) => String(ids.reversed),
  },
  'what is kept of a reversal was deleted': {
    change: (ids) => `delete from reversal where transfer_id = ${ids.reversed}`,
    kinds: ['reversal'],
    first: (ids) => String(ids.reversed),
  },
  'a reversal was made to reverse another transfer': {
    change: (ids) => `update transfer set reverses = ${ids.moved} where id = ${ids.reversal}`,
    kinds: ['transfer', 'reversal', 'reversal'],
    first: (ids) => String(ids.reversal),
  },
  'a hold that an authorisation refers to was given an end': {
    change: (ids) => `update hold set expires_at = '2026-08-02' where id = ${ids.held}`,
    kinds: ['authorisation'],
    first: () => 'jti_h',
  },
  'an authorisation was raised': {
    change: () => "update authorisation set amount_sen = 1 where jti = 'jti_h'",
    kinds: ['authorisation'],
    first: () => 'jti_h',
  },
  'an instruction was changed': {
    change: () =>
      "update authorisation set instruction = replace(instruction, '9008007006', '6006006006') where jti = 'jti_h'",
    kinds: ['authorisation'],
    first: () => 'jti_h',
  },
  'an id was taken out of the registry': {
    change: () => "delete from id_registry where payment_id = 'pay_h' and length(id) = 30",
    kinds: ['authorisation'],
    first: () => 'jti_h',
  },
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`verifyLedger() names the wrong row when ${name}`, async () => {
    await withLedger(async (bank) => {
      const ids = await work(bank);
      await tamper(bank, attack.change(ids));
      const report = await verifyLedger(bank.db);
      assert.equal(report.balanced, false);
      assert.deepEqual(
        report.problems.map((problem) => problem.kind),
        attack.kinds,
        JSON.stringify(report.problems),
      );
      const first = attack.first(ids);
      if (first !== undefined) assert.equal(report.problems[0]?.id, first);
    });
  });
}

test('verifyLedger() is right beside a working ledger', async () => {
  await withLedger(async (bank) => {
    const state = { isWorking: true };
    const posts = Promise.all(
      Array.from({ length: 8 }, async (_, caller) => {
        for (let i = 0; i < 30; i++)
          await bank.ledger.post(
            request(`w${caller}:${i}`, [single(CHART.bifastIn, '1001', rupiah(1))]),
          );
      }),
    ).finally(() => (state.isWorking = false));
    while (state.isWorking) assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    await posts;
  });
});
