/** Ids, dates and rights of what a posting leaves behind. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { networkIds } from '../authorisation/instruction.ts';
import { instructionHash } from '../authorisation/instruction.ts';
import { DbFault } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { changeAccounts, selectAccountIds } from './store.ts';
import { bifastOut, hold, request, single, withLedger, type TestLedger } from './test-ledger.ts';

const LAST_MS_OF_DAY = Date.parse('2026-08-01T23:59:59.999+07:00');

async function refusedBy(
  work: Promise<unknown>,
  match: { readonly code?: string; readonly constraint?: string },
): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert(error instanceof DbFault, String(error));
    if (match.code) assert.equal(error.code, match.code);
    if (match.constraint) assert.equal(error.constraint, match.constraint);
    return true;
  });
}

test('post() commits the authorisation with its ids, instruction, hash and hold in one row set', async () => {
  await withLedger(async (bank) => {
    const result = await bank.ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(100) }));
    assert(result.ok && result.posted.instruction);
    const { instruction, transferIds } = result.posted;
    const ids = networkIds(instruction);
    assert.equal(ids.bizMsgIdr, '20260801PULHIDJA010O0200000001');
    assert.equal(ids.msgId, '20260801PULHIDJA01000000001');
    const [row] = await bank.db.query<{
      hold_id: bigint;
      instruction: string;
      hash: string;
      amount_sen: bigint;
      audience: string;
    }>(sql`
      select hold_id, instruction, encode(instruction_hash, 'hex') as hash, amount_sen, audience from authorisation where jti = 'jti_a'`);
    assert.deepEqual(row, {
      hold_id: transferIds[0],
      instruction: row!.instruction,
      hash: instructionHash(instruction),
      amount_sen: rupiah(100),
      audience: 'gateway-1',
    });
    assert.deepEqual(JSON.parse(row!.instruction), instruction);
    const registered = await bank.db.query<{ id: string; payment_id: string }>(
      sql`select id, payment_id from id_registry order by length(id)`,
    );
    assert.deepEqual(registered, [
      { id: ids.msgId, payment_id: 'pay_a' },
      { id: ids.bizMsgIdr, payment_id: 'pay_a' },
    ]);
    const [event] = await bank.db.query<{ data: string }>(
      sql`select data from event where kind = 'ledger.posted'`,
    );
    assert.equal((JSON.parse(event!.data) as { bizMsgIdr: string }).bizMsgIdr, ids.bizMsgIdr);
    assert(
      !event!.data.includes('1001') && !event!.data.includes('NASABAH'),
      'the stream holds no account number and no name',
    );
  });
});

test('post() draws ids of the WIB day at 23:59:59.999 and starts anew a millisecond later', async () => {
  await withLedger(async (bank) => {
    const at = async (key: string, nowMs: number) => {
      bank.clock.nowMs = nowMs;
      const result = await bank.ledger.post(bifastOut(key, { debit: '1001', amount: rupiah(1) }));
      assert(result.ok && result.posted.instruction);
      return networkIds(result.posted.instruction).bizMsgIdr;
    };
    assert.equal(await at('a', LAST_MS_OF_DAY - 999), '20260801PULHIDJA010O0200000001');
    assert.equal(await at('b', LAST_MS_OF_DAY), '20260801PULHIDJA010O0200000002');
    assert.equal(await at('c', LAST_MS_OF_DAY + 1), '20260802PULHIDJA010O0200000001');
    const rows = await bank.db.query<{
      booked_on: string;
      at: Date;
      event_on: string;
      allocated_on: string;
    }>(sql`
      select t.booked_on, t.booked_at as at, e.on_date as event_on, r.allocated_on
      from transfer t join event e on e.subject = t.payment_id join id_registry r on r.payment_id = t.payment_id and length(r.id) = 30
      order by t.id`);
    assert.deepEqual(
      rows.map((row) => row.booked_on),
      ['2026-08-01', '2026-08-01', '2026-08-02'],
    );
    assert.deepEqual(
      rows.map((row) => row.event_on),
      ['2026-08-01', '2026-08-01', '2026-08-02'],
    );
    assert.deepEqual(
      rows.map((row) => row.allocated_on),
      ['2026-08-01', '2026-08-01', '2026-08-02'],
    );
    assert.equal(rows[1]!.at.getTime(), LAST_MS_OF_DAY);
  });
});

test('post() draws from one series per bank, whatever the message type, and only from our own', async () => {
  await withLedger(
    async (bank) => {
      const transfer = bifastOut('a', { debit: '1001', amount: rupiah(1) });
      const back = bifastOut('b', { debit: '1001', amount: rupiah(1) });
      assert(back.authorisation?.instruction.rail === 'bifast');
      const authorisation = {
        ...back.authorisation,
        instruction: back.authorisation.instruction,
        series: { bic: 'PULHIDJA', trxType: '011', channelCode: '99' },
      };
      const [first, second] = await Promise.all([
        bank.ledger.post(transfer),
        bank.ledger.post({ ...back, authorisation }),
      ]);
      assert(first.ok && second.ok);
      assert.equal(
        first.posted.instruction && networkIds(first.posted.instruction).msgId,
        '20260801PULHIDJA01000000001',
      );
      assert.equal(
        second.posted.instruction && networkIds(second.posted.instruction).bizMsgIdr,
        '20260801PULHIDJA011O9900000002',
      );
      const foreign = {
        ...authorisation,
        jti: 'jti_f',
        series: { ...authorisation.series, bic: 'BNINIDJA' },
      };
      await assert.rejects(
        bank.ledger.post({ ...back, key: 'f', authorisation: foreign }),
        /our own bank/,
      );
    },
    {
      ledger: {
        bank: { name: 'Bank Pulih Daerah', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' },
      },
    },
  );
});

test('post() issues no id and no authorisation for what it refuses', async () => {
  await withLedger(async (bank) => {
    assert.equal(
      (await bank.ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(1_001) }))).ok,
      false,
    );
    const [left] = await bank.db.query<{ n: bigint }>(sql`
      select (select count(*) from authorisation) + (select count(*) from id_registry) + (select count(*) from event where kind = 'ledger.posted') as n`);
    assert.equal(left!.n, 0n);
  });
});

test('post() takes no authorisation without a hold of its amount and payment (I1)', async () => {
  await withLedger(async (bank) => {
    const good = bifastOut('a', { debit: '1001', amount: rupiah(10) });
    await assert.rejects(
      bank.ledger.post({ ...good, legs: [single('1001', CHART.bifastOut, rupiah(10))] }),
      /comes with a hold/,
    );
    await assert.rejects(
      bank.ledger.post({ ...good, legs: [hold('1001', CHART.bifastOut, rupiah(1))] }),
      /amount held/,
    );
    await assert.rejects(bank.ledger.post({ ...good, paymentId: 'pay_other' }), /its payment/);
  });
});

test('account_not_overdrawn refuses an overdraft although the check in TypeScript is passed by', async () => {
  await withLedger(async (bank) => {
    const [account] = await selectAccountIds(bank.db, ['1001']);
    const change = {
      id: account!.id,
      postedDebit: 0n,
      postedCredit: 0n,
      pendingDebit: 0n,
      pendingCredit: 0n,
    };
    for (const over of [
      { postedDebit: rupiah(1_001) },
      { pendingDebit: rupiah(1_001) },
      { postedDebit: rupiah(500), pendingDebit: rupiah(501) },
    ]) {
      await refusedBy(
        bank.db.tx((tx) => changeAccounts(tx, [{ ...change, ...over }])),
        { code: '23514', constraint: 'account_not_overdrawn' },
      );
    }
    await refusedBy(
      bank.db.tx((tx) => changeAccounts(tx, [{ ...change, pendingDebit: -1n }])),
      { code: '23514' },
    );
    assert.equal((await bank.ledger.balance('1001'))?.availableSen, rupiah(1_000));
  });
});

async function asRole(bank: TestLedger, role: string, statement: string): Promise<void> {
  await bank.db
    .script(`begin; set local role ${role}; ${statement}; rollback`)
    .catch(async (error: unknown) => {
      await bank.db.script('rollback').catch(() => {});
      throw error;
    });
}

test('roles and triggers keep what is written as it was written', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(bifastOut('a', { debit: '1001', amount: rupiah(10) }));
    const tables = ['transfer', 'event', 'authorisation', 'id_registry', 'ledger_request'];
    const column = {
      transfer: 'amount_sen = 1',
      event: "data = '{}'",
      authorisation: 'amount_sen = 1',
      id_registry: "payment_id = 'x'",
      ledger_request: "result = 'x'",
    };
    for (const table of tables as (keyof typeof column)[]) {
      await refusedBy(asRole(bank, 'pulih_core', `update ${table} set ${column[table]}`), {
        code: '42501',
      });
      await refusedBy(asRole(bank, 'pulih_core', `delete from ${table}`), { code: '42501' });
      // The owner too, short of switching the triggers off.
      await refusedBy(bank.db.script(`update ${table} set ${column[table]}`), { code: '23001' });
      await refusedBy(bank.db.script(`delete from ${table}`), { code: '23001' });
    }
    await refusedBy(asRole(bank, 'pulih_signer', 'update hold set posted_sen = 0'), {
      code: '42501',
    });
    await refusedBy(asRole(bank, 'pulih_signer', 'select * from account'), { code: '42501' });
    await asRole(
      bank,
      'pulih_signer',
      'select * from authorisation join hold on hold.id = hold_id',
    );
    for (const table of ['audit_checkpoint', 'audit_leaf', 'audit_node']) {
      await refusedBy(asRole(bank, 'pulih_core', `insert into ${table} select * from ${table}`), {
        code: '42501',
      });
      await refusedBy(asRole(bank, 'pulih_guard', `delete from ${table}`), { code: '42501' });
    }
  });
});

test('post() works with the rights of pulih_core and no more', async () => {
  await withLedger(async (bank) => {
    const asCore = bank.another({
      db: {
        ...bank.db,
        tx: (work) =>
          bank.db.tx(async (tx) => {
            await tx.query(sql`set local role pulih_core`);
            return work(tx);
          }),
      },
    });
    const result = await asCore.post(bifastOut('a', { debit: '1001', amount: rupiah(10) }));
    assert(result.ok);
    assert.equal(
      (
        await asCore.post(
          request('v', [
            { kind: 'void', line: 'principal', holdId: result.posted.transferIds[0]! },
          ]),
        )
      ).ok,
      true,
    );
  });
});
