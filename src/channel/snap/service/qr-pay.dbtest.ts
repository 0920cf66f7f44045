/** Paying merchants by QRIS for a customer over SNAP 50, and 51 from the payer's side: within the grant, once per reference, and never failed on
 * a guess. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { verifyDebits } from '../../../direct-debit/verify.ts';
import { endMerchant } from '../../../direct-debit/make.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { seedMerchants } from '../../../merchant/test-merchant.ts';
import { PAYLOADS } from '../../../rail/qris/test-payload.ts';
import { revokeGrant } from '../../grant/make.ts';
import { withShop, type Shop } from '../test-debit.ts';
import type { Reply } from '../test-partner.ts';
import { makeTestCode } from '../test-sale.ts';
import { body, idr, INTRABANK } from '../test-transfer.ts';
import { NOON_MS } from '../test-world.ts';

const PAY = '/v1.0/qr/qr-mpm-payment';

type Pay = (reference: string, more?: Readonly<Record<string, unknown>>) => Promise<Reply>;

/** V1 is an open code of a merchant at another bank; V3 asks for Rp50.000 and a fixed tip of Rp2.000; V4 for a tip of 10 percent. */
function payWith({ partner, headers }: Shop): Pay {
  return (partnerReferenceNo, more = {}) =>
    partner.call(
      PAY,
      {
        partnerReferenceNo,
        amount: idr('60000.00'),
        additionalInfo: { qrContent: PAYLOADS.V1 },
        ...more,
      },
      { headers },
    );
}

async function statusOf({ partner }: Shop, originalPartnerReferenceNo: string): Promise<string> {
  const asked = { originalPartnerReferenceNo, serviceCode: '50' };
  const told = await partner.call('/v1.0/qr/qr-mpm-query', asked);
  return told.code === '2005100' ? String(told.body['latestTransactionStatus']) : told.code;
}

/** What the grant's day holds, in rupiah. */
async function grantDay({ db, grantId }: Shop): Promise<bigint> {
  const [row] = await db.query<{ amount_sen: bigint }>(
    sql`select amount_sen from ledger_counter where key like ${`day|grant|${grantId}|%`}`,
  );
  return (row?.amount_sen ?? 0n) / 100n;
}

const withPayer = (work: (shop: Shop, pay: Pay) => Promise<void>): Promise<void> =>
  withShop(
    async (shop) => {
      await seedMerchants(shop.db, NOON_MS);
      await work(shop, payWith(shop));
    },
    ['qris'],
  );

test('T6 a merchant of another bank is paid once per reference, tip by its code, and nothing else answers under that reference', () =>
  withPayer(async (shop, pay) => {
    const { held, partner, rail } = shop;
    const v3 = { amount: idr('50000.00'), additionalInfo: { qrContent: PAYLOADS.V3 } };
    const first = await pay('r1', v3);
    assert.equal(first.code, '2005000', first.message);
    assert.deepEqual(
      [first.body['amount'], first.body['feeAmount']],
      [idr('50000.00'), idr('2000.00')],
    );
    const { last } = rail;
    assert.ok(last?.kind === 'merchant_payment');
    assert.deepEqual(
      [last.amountSen, last.tipSen, last.creditor.account],
      ['5200000', '200000', '9360000912345678903'],
    );
    assert.deepEqual((await pay('r1', v3)).body, first.body);
    assert.deepEqual([await held(), rail.sent, await grantDay(shop)], [948_000n, 1, 52_000n]);
    assert.equal(await statusOf(shop, 'r1'), '00');
    assert.equal((await pay('r1')).code, '4095001', 'another code under a paid reference');
    const transfer = body({ partnerReferenceNo: 'r1', amount: idr('52000.00') });
    assert.equal((await partner.call(INTRABANK, transfer)).code, '4041700', 'it is no transfer');
    assert.equal((await partner.call(INTRABANK, body({ partnerReferenceNo: 't1' }))).http, 200);
    assert.equal((await pay('t1')).code, '4045004', 'nor is a transfer a payment');
    assert.equal(await statusOf(shop, 't1'), '06');
    for (const [more, code] of [
      [{ ...v3, amount: idr('50001.00') }, '4045013'],
      [{ ...v3, feeAmount: idr('1999.00') }, '4045013'],
      [{ ...v3, feeAmount: idr('2000.00'), merchantId: '000000000000456' }, '2005000'],
      [{ merchantId: 'other' }, '4045008'],
      [{ additionalInfo: { qrContent: PAYLOADS.I1 } }, '4005001'],
      [{ additionalInfo: { qrContent: PAYLOADS.V7 } }, '4045008'],
      [{ additionalInfo: {} }, '4005002'],
      [{ additionalInfo: { qrContent: PAYLOADS.V1, accountNo: '1990000002' } }, '4035015'],
    ] as const)
      assert.equal((await pay(`x${code}`, more)).code, code, JSON.stringify(more));
  }));

test('T2 what the network does not answer is in progress and never failed; what it refuses comes back, of the grant’s day too', () =>
  withPayer(async (shop, pay) => {
    const { held, rail } = shop;
    rail.answer = { outcome: 'unknown', reason: 'no_answer' };
    assert.equal((await pay('lost')).code, '2025000');
    assert.equal(await statusOf(shop, 'lost'), '03');
    rail.answer = { outcome: 'rejected', code: 'RC61' };
    assert.equal((await pay('no')).code, '4035002');
    assert.equal((await pay('no')).code, '4035002', 'for ever');
    assert.equal(await statusOf(shop, 'no'), '04');
    assert.deepEqual([await grantDay(shop), await held()], [60_000n, 1_000_000n]);
    rail.answer = { outcome: 'accepted', isFinal: true, code: 'U000' };
    assert.equal((await pay('big', { amount: idr('100001.00') })).code, '4035017');
    assert.equal(await statusOf(shop, 'big'), '06');
    const codes = (await Promise.all([1, 2, 3, 4, 5, 6].map((n) => pay(`d${n}`)))).map(
      ({ code }) => code,
    );
    assert.deepEqual(codes.toSorted(), [
      ...Array.from({ length: 3 }, () => '2005000'),
      ...Array.from({ length: 3 }, () => '4035017'),
    ]);
    assert.deepEqual([await grantDay(shop), await held()], [240_000n, 820_000n]);
  }));

test('a dynamic code of a merchant of ours is paid once, its payer is told, and no transfer status knows it', () =>
  withPayer(async (shop, pay) => {
    const { partner, held, db } = shop;
    const { payload } = await makeTestCode(shop, 'code-1');
    const code = { amount: idr('100000.00'), additionalInfo: { qrContent: payload } };
    const both = await Promise.all([pay('a', code), pay('b', code)]);
    assert.deepEqual(both.map((one) => one.code).toSorted(), ['2005000', '4045014']);
    const paid = both[0]!.code === '2005000' ? 'a' : 'b';
    assert.equal((await pay(paid, code)).code, '2005000', 'its own answer again');
    assert.equal(await held(), 900_000n);
    assert.deepEqual([await statusOf(shop, 'a'), await statusOf(shop, 'b')].toSorted(), [
      '00',
      '06',
    ]);
    const asked = { originalPartnerReferenceNo: paid, serviceCode: '17' };
    assert.equal((await partner.call('/v1.0/transfer/status', asked)).code, '4043601');
    const told = await db.query<{ template: string }>(
      sql`select template from customer_message where template like 'payment.%' order by template`,
    );
    assert.ok(told.some(({ template }) => template === 'payment.settled'));
  }));

test('T1 a payment that stopped before the engine goes on by its repeat, or is ended by the question about it and never paid', () =>
  withPayer(async (shop, pay) => {
    const { clock, held, partner, db, time, grantId } = shop;
    const undo = onFaultPoint((name) => {
      if (name === 'qrisDebit.afterOpen') throw new Error('crash');
    });
    for (const reference of ['again', 'left']) assert.equal((await pay(reference)).http, 500);
    undo();
    assert.equal((await pay('again')).code, '2005000');
    assert.equal(await statusOf(shop, 'left'), '03', 'somebody may still be at it');
    clock.set(clock.now() + 61_000);
    for (let twice = 0; twice < 2; twice++) assert.equal(await statusOf(shop, 'left'), '06');
    assert.equal((await pay('left')).code, '4045004');
    assert.equal(await held(), 940_000n);
    assert.equal(await statusOf(shop, 'never'), '4045101');
    assert.equal(
      (await partner.call(PAY, { ...PAID, partnerReferenceNo: 'none' })).code,
      '4015004',
    );
    const people = { partnerId: 'partner-a', by: 'stf_1' };
    assert.ok(await endMerchant({ db, time }, people));
    assert.equal((await pay('ended')).code, '4035001', 'the bank ended what it had agreed');
    assert.equal((await pay('again')).code, '2005000', 'a repeat hears of the first');
    await revokeGrant({ db, time, random: systemRandom() }, { id: grantId, customerId: 'cus_1' });
    assert.equal((await pay('late')).code, '4015002', 'revoked, at once');
  }));

test('verifyDebits() names a QRIS payment whose money is not what was asked, and one whose payment is gone', () =>
  withPayer(async (shop, pay) => {
    const { db } = shop;
    assert.equal((await pay('own')).code, '2005000');
    assert.deepEqual(await verifyDebits(db), []);
    const tamper = (column: string, change: string): Promise<unknown> =>
      db.script(`alter table qris_debit disable trigger qris_debit_append_only;
        update qris_debit set ${column} = ${change};
        alter table qris_debit enable trigger qris_debit_append_only`);
    const kinds = async (): Promise<readonly string[]> =>
      (await verifyDebits(db)).map(({ kind, detail }) => `${kind}: ${detail}`);
    const other = ['qris_debit: its payment is of another amount, account or kind'];
    await tamper('amount_sen', 'amount_sen + 1');
    assert.deepEqual(await kinds(), other);
    await tamper('amount_sen', 'amount_sen - 1');
    await tamper('account', "account || '9'");
    assert.deepEqual(await kinds(), other);
    await tamper('account', 'left(account, -1)');
    const move = (to: string): Promise<unknown> =>
      db.script(`update payment set partner_reference_no = '${to}'`);
    await move('gone');
    assert.deepEqual(await kinds(), ['qris_debit: its money was taken, and there is no payment']);
    // The month after it in files says nothing of it; its own month does: the payment is there, and here no more.
    const day = new Date(shop.clock.now() + 7 * 3_600_000);
    const monthOf = (offset: number): string =>
      new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + offset, 1))
        .toISOString()
        .slice(0, 10);
    await db.script(`insert into archive_month values ('${monthOf(-1)}', '{}', 0)`);
    assert.equal((await kinds()).length, 1);
    await db.script(`insert into archive_month values ('${monthOf(0)}', '{}', 0)`);
    assert.deepEqual(await kinds(), []);
    await move('own');
    await db.script(`update payment set kind = 'bifast_out'`);
    assert.deepEqual(await kinds(), other, 'no merchant was paid');
    await db.script(`update payment set kind = 'qris_out'`);
  }));

const PAID = { amount: idr('60000.00'), additionalInfo: { qrContent: PAYLOADS.V1 } };

test('a larger payment takes a code that names the merchant, for this very request', () =>
  withPayer(async (shop, pay) => {
    const { db, held } = shop;
    await db.query(sql`
      insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values ('debit.code_from_sen', 1, ${String(rupiah(55_000))}, ${new Date(0)}, 'stf_1', null, 'test')`);
    const sent = await pay('r1');
    assert.equal(sent.code, '4035013', sent.message);
    const verificationId = String(sent.body['verificationId']);
    const [row] = await db.query<{ params: string }>(
      sql`select params from customer_message where template = 'direct_debit.code_qris'`,
    );
    const { code: otp, payee } = JSON.parse(row!.params) as { code: string; payee: string };
    assert.equal(payee, 'WARUNG CONTOH');
    const given = { verificationId, otp };
    assert.equal((await pay('r1', { otp })).code, '4005002');
    assert.equal((await pay('r2', given)).code, '4045006', 'another reference');
    assert.equal((await pay('r1', { ...given, amount: idr('61000.00') })).code, '4045006');
    assert.equal(
      (await pay('r1', { ...given, otp: otp === '0'.repeat(6) ? '000001' : '000000' })).code,
      '4045015',
    );
    assert.equal(await held(), 1_000_000n);
    assert.equal((await pay('r1', given)).code, '2005000');
    assert.equal((await pay('r1')).code, '2005000', 'a repeat without it');
    assert.equal(await held(), 940_000n);
  }));
