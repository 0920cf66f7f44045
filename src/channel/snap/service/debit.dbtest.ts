/** Direct debit over SNAP 54, 55, 57, 58: within what the customer granted, once per reference, and never more back than was taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '../../../db/sql.ts';
import { endMerchant } from '../../../direct-debit/make.ts';
import { takeDebit } from '../../../direct-debit/pay.ts';
import { selectDebitedPayments } from '../../../direct-debit/store.ts';
import { sweepDebits } from '../../../direct-debit/sweep.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { sha256 } from '../../../kernel/canonical.ts';
import { rupiah, sen } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { PAYLOADS } from '../../../rail/qris/test-payload.ts';
import { revokeGrant } from '../../grant/make.ts';
import { PAY, withShop } from '../test-debit.ts';
import { body, idr, INTRABANK, restriction } from '../test-transfer.ts';
import { ACCOUNT } from '../test-world.ts';

const DAY_MS = 86_400_000;

test('a debit takes the money once per reference, is told by its status, and shows in the customer’s own payments', () =>
  withShop(async ({ pay, status, held, db, partner }) => {
    const first = await pay('r1', 60_000);
    assert.equal(first.code, '2005400', first.message);
    assert.deepEqual((await pay('r1', 60_000)).body, first.body);
    assert.equal(await held(), 940_000n);
    assert.equal(await status('r1'), '00');
    assert.equal(
      (await pay('r1', 50_000)).code,
      '4095401',
      'another request under a paid reference',
    );
    const rows = await db.query<{ customer_id: string; template: string }>(
      sql`select p.customer_id, m.template from payment p join customer_message m on m.customer_id = p.customer_id
        where p.partner_reference_no = 'r1' and m.template like 'direct%'`,
    );
    assert.deepEqual(rows, [{ customer_id: 'cus_1', template: 'direct_debit.taken' }]);
    assert.equal(await status('never'), '4045501');
    await partner.call(INTRABANK, body({ partnerReferenceNo: 'both' }));
    assert.equal((await pay('both', 1_000)).code, '4045418', 'the reference of a transfer');
  }));

test('a partner’s own ceiling and day hold for debits too, whatever its customers granted', () =>
  withShop(async ({ pay, db, held }) => {
    await db.query(sql`
      update partner set amount_max_sen = ${rupiah(40_000)}, daily_amount_max_sen = ${rupiah(50_000)} where id = 'partner-a'`);
    assert.equal((await pay('above', 40_001)).code, '4035402');
    assert.equal((await pay('first', 40_000)).code, '2005400');
    assert.equal((await pay('second', 20_000)).code, '4035423');
    assert.equal((await pay('rest', 10_000)).code, '2005400');
    assert.equal((await pay('second', 20_000)).code, '4035423', 'a repeat');
    assert.equal(await held(), 950_000n);
  }));

test('the customer’s limits hold exactly: per payment, per day however many at once, and again the next day', () =>
  withShop(async ({ pay, held, status, clock, partner }) => {
    assert.equal((await pay('big', 100_001)).code, '4035417');
    assert.equal(await status('big'), '06');
    const codes = (
      await Promise.all(Array.from({ length: 8 }, (_, i) => pay(`d${i}`, 60_000)))
    ).map((reply) => reply.code);
    assert.equal(codes.filter((code) => code === '2005400').length, 4, codes.join(' '));
    assert.equal(codes.filter((code) => code === '4035417').length, 4);
    assert.equal(await held(), 760_000n);
    assert.equal((await pay('rest', 10_000)).code, '2005400', 'what is left of the day');
    clock.set(clock.now() + DAY_MS);
    await partner.renew();
    assert.equal((await pay('next', 60_000)).code, '2005400');
  }));

test('what the engine refuses costs nothing of the day, and a no stays a no under its reference', () =>
  withShop(async ({ pay, gate, held, status }) => {
    gate.word = { kind: 'stop', restriction: restriction({ kind: 'stop' }) };
    for (let i = 0; i < 4; i++) assert.equal((await pay(`s${i}`, 100_000)).code, '4035406');
    gate.word = { kind: 'allow' };
    assert.equal((await pay('s0', 100_000)).code, '4035406');
    assert.equal(await status('s0'), '06');
    for (let i = 0; i < 2; i++) assert.equal((await pay(`t${i}`, 100_000)).code, '2005400');
    assert.equal(await held(), 800_000n);
  }));

test('nothing is taken without the customer’s live token and its scope, of another account, or by a partner without merchant account', () =>
  withShop(async ({ pay, held, partner, other, db, time, grantId, headers }) => {
    const ask = { partnerReferenceNo: 'x', amount: idr('1.00') };
    assert.equal((await partner.call(PAY, ask)).code, '4015404');
    assert.equal((await other.call(PAY, ask)).code, '4035401');
    // The customer agreed that nobody but the partner is paid.
    const merchant = { ...ask, additionalInfo: { qrContent: PAYLOADS.V1 } };
    const qris = await partner.call('/v1.0/qr/qr-mpm-payment', merchant, { headers });
    assert.equal(qris.code, '4035001');
    assert.equal(
      (await pay('x', 1, { additionalInfo: { accountNo: ACCOUNT.payee } })).code,
      '4035415',
    );
    assert.equal((await pay('zero', 0)).code, '4045413');
    const read = { headers: { 'authorization-customer': 'Bearer none', 'x-device-id': 'p' } };
    assert.equal((await partner.call(PAY, ask, read)).code, '4015402');
    const context = { db, time, random: systemRandom() };
    await revokeGrant(context, { id: grantId, customerId: 'cus_1' });
    assert.equal((await pay('late', 1_000)).code, '4015402', 'revoked, at once');
    assert.equal(await held(), 1_000_000n);
  }));

test('a token without the scope debit takes nothing', () =>
  withShop(
    async ({ pay, held }) => {
      assert.equal((await pay('x', 1_000)).code, '4035401');
      assert.equal(await held(), 1_000_000n);
    },
    ['balance', 'history'],
  ));

test('T6 a crash at any point of a debit takes it once: the same request goes on where it stopped', () =>
  withShop(async ({ pay, held, status }) => {
    let left = 1_000_000n;
    for (const point of ['directDebit.afterReserve', 'directDebit.afterSubmit']) {
      const undo = onFaultPoint((name) => {
        if (name === point) throw new Error('crash');
      });
      assert.equal((await pay(point, 50_000)).http, 500, 'enquire');
      assert.equal(await status(point), '03', 'nobody says that it failed');
      undo();
      assert.equal((await pay(point, 50_000)).code, '2005400');
      left -= 50_000n;
      assert.equal(await held(), left);
    }
    assert.equal((await pay('third', 100_000)).code, '2005400');
    assert.equal((await pay('fourth', 60_000)).code, '4035417', 'each was counted once');
  }));

test('T1 a debit that stopped half way and is never asked again ends: paid where it was paid, never to be paid where it was not', () =>
  withShop(async ({ pay, held, status, clock, db, time, ledger, engine }) => {
    for (const point of ['directDebit.afterReserve', 'directDebit.afterSubmit']) {
      const undo = onFaultPoint((name) => {
        if (name === point) throw new Error('crash');
      });
      await pay(point, 100_000);
      undo();
    }
    const sweep = (): Promise<number> =>
      sweepDebits({ db, time, ledger, engine, random: systemRandom(), bic: 'PULHIDJA' });
    assert.equal(await sweep(), 0, 'it may still be on its way');
    clock.set(clock.now() + 61_000);
    assert.equal(await sweep(), 2);
    assert.equal(await sweep(), 0);
    assert.deepEqual(
      [await status('directDebit.afterReserve'), await status('directDebit.afterSubmit')],
      ['06', '00'],
    );
    assert.equal((await pay('directDebit.afterReserve', 100_000)).code, '4045404', 'for ever');
    assert.equal((await pay('directDebit.afterSubmit', 100_000)).code, '2005400');
    assert.equal(await held(), 900_000n);
    assert.equal(
      (await pay('rest', 100_000)).code,
      '2005400',
      'what came to nothing counts nothing',
    );
    assert.equal((await pay('over', 60_000)).code, '4035417');
  }));

test('T2 a sweep that meets a request on its way takes its key: it is called off, and the engine never pays it', () =>
  withShop(async ({ grantId, held, status, clock, db, time, ledger, engine }) => {
    const context = { db, time, ledger, engine, random: systemRandom(), bic: 'PULHIDJA' };
    const slow = {
      submit: async (command: Parameters<typeof engine.submit>[0]) => {
        clock.set(clock.now() + 61_000);
        assert.equal(await sweepDebits(context), 1);
        return engine.submit(command);
      },
    };
    const result = await takeDebit(
      { ...context, engine: slow },
      {
        partnerId: 'partner-a',
        partnerReferenceNo: 'slow',
        requestHash: sha256('slow'),
        grant: {
          id: grantId,
          customerId: 'cus_1',
          limitSen: rupiah(100_000),
          dayLimitSen: rupiah(250_000),
        },
        account: ACCOUNT.payer,
        merchantAccount: ACCOUNT.payee,
        amountSen: rupiah(1_000),
        remark: '',
      },
    );
    assert.ok(result.ok && result.debit.outcome === 'abandoned');
    assert.deepEqual([await held(), await status('slow')], [1_000_000n, '06']);
  }));

test('T7 refunds give back each number once and together never more than was taken', () =>
  withShop(async ({ pay, refund, cancel, held, status, db }) => {
    await pay('r', 100_000);
    const [first, twin] = await Promise.all([refund('r', 'f1', 30_000), refund('r', 'f1', 30_000)]);
    assert.deepEqual(twin.body, first.body, 'asked twice at once');
    assert.equal(first.code, '2005800', first.message);
    assert.deepEqual((await refund('r', 'f1', 30_000)).body, first.body);
    assert.equal(await held(), 930_000n);
    assert.equal(
      (await refund('r', 'f1', 20_000)).code,
      '4045818',
      'another refund under its number',
    );
    assert.equal((await refund('r', 'f2', 70_001)).code, '4045813');
    assert.equal((await cancel('r')).code, '4045700', 'a part is back already');
    assert.equal(await status('r'), '00');
    const both = await Promise.all([refund('r', 'f3', 70_000), refund('r', 'f4', 70_000)]);
    assert.deepEqual(both.map((reply) => reply.code).toSorted(), ['2005800', '4045813']);
    assert.equal(await held(), 1_000_000n);
    assert.equal(await status('r'), '04');
    assert.equal((await refund('never', 'f5', 1)).code, '4045801');
    await pay('no', 100_001);
    assert.equal((await refund('no', 'f6', 1)).code, '4045800', 'nothing was taken');
    const told = await db.query<{ n: bigint }>(
      sql`select count(*) as n from customer_message where template = 'direct_debit.returned'`,
    );
    assert.equal(told[0]!.n, 2n);
  }));

test('what is refunded on its day may be taken again on it, once, and on another day it changes nothing', () =>
  withShop(async ({ pay, refund, cancel, clock, partner }) => {
    for (const reference of ['a', 'b'])
      assert.equal((await pay(reference, 100_000)).code, '2005400');
    assert.equal((await pay('over', 60_000)).code, '4035417');
    for (let i = 0; i < 2; i++) await refund('a', 'f1', 10_000);
    assert.equal((await pay('over-1', 60_001)).code, '4035417');
    assert.equal((await pay('c', 60_000)).code, '2005400');
    assert.equal((await cancel('b')).code, '2005700');
    assert.equal((await pay('d', 100_000)).code, '2005400');
    clock.set(clock.now() + DAY_MS);
    await partner.renew();
    await pay('e', 100_000);
    await refund('c', 'f2', 60_000);
    await pay('f', 100_000);
    assert.equal((await pay('g', 50_001)).code, '4035417');
  }));

test('a cancellation that the shop’s account did not cover is made when it does, once', () =>
  withShop(async ({ pay, cancel, held, status, ledger }) => {
    assert.equal((await pay('c', 100_000)).code, '2005400');
    const move = (from: string, to: string, amount: bigint, key: string) =>
      ledger.post({
        key,
        requestHash: sha256(key),
        paymentId: key,
        legs: [
          { kind: 'single', line: 'correction', debit: from, credit: to, amount: sen(amount) },
        ],
        valueDate: '2026-08-01',
        businessDate: '2026-08-01',
      });
    const all = (await ledger.balance(ACCOUNT.payee))!.availableSen;
    assert.ok((await move(ACCOUNT.payee, ACCOUNT.poor, all, 'out')).ok);
    for (let i = 0; i < 2; i++) assert.equal((await cancel('c')).code, '4035714');
    assert.ok((await move(ACCOUNT.poor, ACCOUNT.payee, all, 'in')).ok);
    const replies = await Promise.all([cancel('c'), cancel('c'), cancel('c')]);
    assert.deepEqual(
      replies.map(({ code }) => code),
      ['2005700', '2005700', '2005700'],
    );
    assert.deepEqual([await held(), await status('c')], [1_000_000n, '05']);
  }));

const TRANSFER_STATUS = '/v1.0/transfer/status';

test('between its money and its outcome a debit is known as one, and a transfer of the same reference is none', () =>
  withShop(async ({ pay, db, partner, engine }) => {
    const undo = onFaultPoint((name) => {
      if (name === 'directDebit.afterSubmit') throw new Error('crash');
    });
    await pay('half', 50_000);
    undo();
    await partner.call(INTRABANK, body({ partnerReferenceNo: 'both' }));
    const stop = onFaultPoint((name) => {
      if (name === 'directDebit.afterReserve') throw new Error('crash');
    });
    await pay('both', 1_000);
    stop();
    const idOf = async (reference: string): Promise<string> =>
      (await engine.findByPartnerReference('partner-a', reference))!.id;
    const ids = [await idOf('half'), await idOf('both')];
    assert.deepEqual(await selectDebitedPayments(db, ids), [ids[0]]);
    const told = async (originalPartnerReferenceNo: string): Promise<string> =>
      (await partner.call(TRANSFER_STATUS, { originalPartnerReferenceNo, serviceCode: '17' })).code;
    assert.deepEqual([await told('half'), await told('both')], ['4043601', '2003600']);
  }));

test('a cancellation gives all of it back on its day, once, also after a crash, and not on another day', () =>
  withShop(async ({ pay, cancel, refund, held, status, clock, partner }) => {
    await pay('c', 100_000);
    const undo = onFaultPoint((name) => {
      if (name === 'directDebit.afterReturn') throw new Error('crash');
    });
    assert.equal((await cancel('c')).http, 500);
    undo();
    const done = await cancel('c');
    assert.equal(done.code, '2005700', done.message);
    assert.deepEqual((await cancel('c')).body, done.body);
    assert.deepEqual([await held(), await status('c')], [1_000_000n, '05']);
    assert.equal((await refund('c', 'f', 1)).code, '4045813');
    assert.equal((await pay('d', 50_000)).code, '2005400');
    clock.set(clock.now() + DAY_MS);
    await partner.renew();
    assert.equal((await cancel('d')).code, '4045700');
    const late = await refund('d', 'f2', 50_000);
    assert.equal(late.code, '2005800', late.message);
  }));

test('T7 whatever is taken and given back in whatever order, the account holds what it held less what is kept', () =>
  withShop(async ({ pay, refund, cancel, held, db }) => {
    // Far limits: this is about money that comes back.
    await db.query(sql`update access_grant set limit_sen = 9000000000, day_limit_sen = 9000000000`);
    let run = 0;
    const anyStep = fc.record({
      verb: fc.constantFrom('refund', 'refund', 'refund', 'cancel'),
      no: fc.nat(3),
      amount: fc.constantFrom(1, 400, 600, 1_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), async (steps) => {
        const reference = `p${run++}`;
        const before = await held();
        assert.equal((await pay(reference, 1_000)).code, '2005400');
        const given = new Map<string, bigint>();
        const act = async ({ verb, no, amount }: (typeof steps)[number]): Promise<void> => {
          const key = verb === 'cancel' ? 'cancel' : `${reference}-${no}`;
          const reply =
            verb === 'cancel' ? await cancel(reference) : await refund(reference, key, amount);
          if (reply.http === 200) given.set(key, BigInt(verb === 'cancel' ? 1_000 : amount));
        };
        await Promise.all(steps.slice(0, 4).map(act));
        for (const step of steps.slice(4)) await act(step);
        const back = [...given.values()].reduce((all, one) => all + one, 0n);
        assert.ok(back <= 1_000n);
        assert.equal(await held(), before - 1_000n + back);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }));

test('T2 where taking debits ended nothing new is taken, and a repeat still hears what became of its debit', () =>
  withShop(async ({ pay, refund, held, db, time }) => {
    const first = await pay('r1', 10_000);
    await endMerchant({ db, time }, { partnerId: 'partner-a', by: 'stf_1' });
    assert.deepEqual((await pay('r1', 10_000)).body, first.body);
    assert.equal((await pay('r2', 10_000)).code, '4035401');
    await db.query(sql`
      insert into direct_debit (id, partner_id, partner_reference_no, request_hash, grant_id, customer_id, account, amount_sen, made_at)
      select 'ddb_half', partner_id, 'half', request_hash, grant_id, customer_id, account, amount_sen, made_at from direct_debit`);
    assert.equal((await pay('half', 10_000)).code, '2025400', 'asked before, and nobody knows yet');
    assert.equal(await held(), 990_000n);
    assert.equal((await refund('r1', 'f1', 4_000)).code, '2005800');
  }));
