/** Direct debits and what bounds them: the partner's contract, what is given back of a customer's day, and who ends what stopped half way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { sweepDebits } from '../../../direct-debit/sweep.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { withShop } from '../test-debit.ts';
import { body, idr, INTRABANK } from '../test-transfer.ts';
import { ACCOUNT } from '../test-world.ts';

test('a debit counts for the day of the partner’s contract and stays below its ceiling, as a transfer does', () =>
  withShop(async ({ pay, held, db, partner }) => {
    const day = rupiah(100_000);
    await db.query(
      sql`update partner set daily_amount_max_sen = ${day}, amount_max_sen = ${rupiah(70_000)}`,
    );
    assert.equal((await pay('above', 70_001)).code, '4035402');
    const taken = await pay('one', 60_000);
    assert.equal(taken.code, '2005400');
    assert.equal((await pay('two', 50_000)).code, '4035423', 'the day has no room');
    const sent = { partnerReferenceNo: 'sent', amount: idr('50000.00') };
    assert.notEqual((await partner.call(INTRABANK, body(sent))).http, 200, 'nor for a transfer');
    await db.query(sql`update partner set amount_max_sen = 1`);
    assert.deepEqual((await pay('one', 60_000)).body, taken.body, 'the first answer again');
    assert.equal(await held(), 940_000n);
  }));

test('T6 a transfer under the reference of a paid debit is not told as done: 404xx18 would mean that it is', () =>
  withShop(async ({ pay, held, partner }) => {
    assert.equal((await pay('ref', 10_000)).code, '2005400');
    const sent = body({ partnerReferenceNo: 'ref', amount: idr('10000.00') });
    assert.equal((await partner.call(INTRABANK, sent)).code, '4041700');
    assert.equal(await held(), 990_000n);
  }));

test('T6 what was never counted is not given back, however many processes sweep', () =>
  withShop(async ({ pay, clock, db, time, ledger, engine }) => {
    assert.equal((await pay('counted', 100_000)).code, '2005400');
    const undo = onFaultPoint((name) => {
      if (name === 'directDebit.afterOpen') throw new Error('crash');
    });
    await pay('never', 100_000);
    undo();
    clock.set(clock.now() + 61_000);
    const random = systemRandom();
    const sweep = () => sweepDebits({ db, time, ledger, engine, random, bic: 'PULHIDJA' });
    await Promise.all([sweep(), sweep()]);
    const counted = await db.query<{ amount_sen: bigint }>(
      sql`select amount_sen from ledger_counter where key like 'day|grant|%'`,
    );
    assert.deepEqual(counted, [{ amount_sen: rupiah(100_000) }]);
  }));

test('T2 a sweep tells a debit’s own end from another service’s payment under its reference', () =>
  withShop(async ({ pay, status, clock, db, time, ledger, engine, partner }) => {
    const stop = (at: string) =>
      onFaultPoint((name) => {
        if (name === at) throw new Error('crash');
      });
    let undo = stop('directDebit.afterReserve');
    await pay('both', 1_000);
    undo();
    // The partner sends from the same account under the same reference.
    const sent = body({ partnerReferenceNo: 'both', amount: idr('2000.00') });
    assert.equal((await partner.call(INTRABANK, sent)).code, '2001700');
    undo = stop('directDebit.afterSubmit');
    await db.query(sql`update account set state = 'frozen' where number = ${ACCOUNT.payer}`);
    await pay('poor', 1_000);
    undo();
    await db.query(sql`update account set state = 'open' where number = ${ACCOUNT.payer}`);
    clock.set(clock.now() + 61_000);
    const random = systemRandom();
    assert.equal(await sweepDebits({ db, time, ledger, engine, random, bic: 'PULHIDJA' }), 2);
    assert.deepEqual([await status('both'), await status('poor')], ['06', '06']);
    assert.equal((await pay('poor', 1_000)).code, '4035405', 'the ledger’s own reason');
    assert.equal((await pay('both', 1_000)).code, '4045418', 'failed');
  }));

test('a half-done debit is paid by its repeat although the customer’s limit fell meanwhile', () =>
  withShop(async ({ pay, held, db }) => {
    const undo = onFaultPoint((name) => {
      if (name === 'directDebit.afterSubmit') throw new Error('crash');
    });
    assert.equal((await pay('r', 50_000)).http, 500);
    undo();
    await db.script('alter table access_grant disable trigger all');
    await db.query(sql`update access_grant set limit_sen = 100, day_limit_sen = 100`);
    assert.equal((await pay('r', 50_000)).code, '2005400');
    assert.equal(await held(), 950_000n);
    assert.equal((await pay('s', 2)).code, '4035417');
  }));
