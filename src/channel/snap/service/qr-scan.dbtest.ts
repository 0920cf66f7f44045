/** A partner's till scans what customers show (SNAP 60, 61, 62, 80): charged once per reference, and never called failed on a guess. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../../../kernel/money.ts';
import { seedMerchants } from '../../../merchant/test-merchant.ts';
import { SCAN_DOCS } from '../document/service-scan.ts';
import type { Reply } from '../test-partner.ts';
import { showTestCode } from '../test-sale.ts';
import { ACCOUNT, NOON_MS, withSnap, type World } from '../test-world.ts';

const PAY = '/v1.0/qr/qr-cpm-payment';
const idr = (value: string) => ({ value, currency: 'IDR' });

/** The document's code is of a customer of BNI. */
function tillOf({ partner }: World) {
  const scan = (reference: string, more: Readonly<Record<string, unknown>> = {}): Promise<Reply> =>
    partner.call(PAY, {
      ...SCAN_DOCS['60'].request,
      partnerReferenceNo: reference,
      merchantId: 'mer_warung',
      ...more,
    });
  const status = async (reference: string) => {
    const told = await partner.call('/v1.0/qr/qr-cpm-query', {
      originalPartnerReferenceNo: reference,
      serviceCode: '60',
    });
    return told.code === '2006100' ? told.body['latestTransactionStatus'] : told.code;
  };
  return { scan, status };
}

const withTill = (work: (world: World, till: ReturnType<typeof tillOf>) => Promise<void>) =>
  withSnap(async (world) => {
    await seedMerchants(world.db, NOON_MS);
    await work(world, tillOf(world));
  });

test('T2 a till hears paid, not charged, or not known yet with the time by which it is; each reference is asked once', () =>
  withTill(async ({ rail, ledger, partner }, { scan, status }) => {
    rail.answer = { outcome: 'accepted', isFinal: false, code: 'RC00' };
    const paid = await scan('s-1');
    assert.equal(paid.code, '2006000', paid.message);
    assert.equal((paid.body['additionalInfo'] as Record<string, unknown>)['isSettled'], 'N');
    assert.ok(rail.last?.kind === 'shown_code');
    assert.deepEqual(
      [rail.last.issuer, rail.last.debtor.bank, rail.last.creditor.account, rail.last.amountSen],
      ['93600009', 'BNINIDJA', ACCOUNT.payee, '2000000'],
    );
    assert.deepEqual((await scan('s-1')).body, paid.body);
    assert.equal((await scan('s-1', { amount: idr('1.00') })).code, '4046018');
    assert.equal(rail.sent, 1);
    assert.equal(await status('s-1'), '00');
    assert.equal((await ledger.balance(ACCOUNT.payee))?.pendingCreditSen, rupiah(20_000));

    rail.answer = { outcome: 'rejected', code: 'RC51' };
    assert.equal((await scan('s-2')).code, '4036014');
    assert.equal((await scan('s-2')).code, '4036014');
    assert.equal(await status('s-2'), '06');
    rail.answer = { outcome: 'rejected', code: 'RC54' };
    assert.equal((await scan('s-3')).code, '4036015');

    rail.answer = { outcome: 'unknown', reason: 'no answer yet' };
    const open = await scan('s-4');
    assert.equal(open.code, '2026000');
    assert.match(
      String((open.body['additionalInfo'] as Record<string, unknown>)['definiteBy']),
      /^2026-/,
    );
    assert.equal(await status('s-4'), '03');
    assert.equal((await ledger.balance(ACCOUNT.payee))?.pendingCreditSen, rupiah(40_000));
    const other = { originalPartnerReferenceNo: 's-4', serviceCode: '17' };
    assert.equal((await partner.call('/v1.0/transfer/status', other)).code, '4043601');
  }));

test('our own customer’s code is paid within the bank, once, and given back', () =>
  withTill(async (world, { scan, status }) => {
    const { rail, ledger, partner } = world;
    const qrContent = await showTestCode(world);
    const paid = await scan('o-1', { qrContent, amount: idr('100000.00') });
    assert.equal(paid.code, '2006000', paid.message);
    assert.equal((paid.body['additionalInfo'] as Record<string, unknown>)['isSettled'], 'Y');
    assert.deepEqual((await scan('o-1', { qrContent, amount: idr('100000.00') })).body, paid.body);
    assert.equal((await scan('o-2', { qrContent })).code, '4036015', 'a code pays once');
    assert.equal(rail.sent, 0, 'nothing leaves the bank');
    assert.equal((await ledger.balance(ACCOUNT.payer))?.availableSen, rupiah(900_000));
    const back = await partner.call('/v1.0/qr/qr-cpm-refund', {
      originalPartnerReferenceNo: 'o-1',
      merchantId: 'mer_warung',
      partnerRefundNo: 'RF-1',
      refundAmount: idr('40000.00'),
      reason: 'uji',
    });
    assert.equal(back.code, '2008000', back.message);
    assert.equal((await ledger.balance(ACCOUNT.payer))?.availableSen, rupiah(940_000));
    assert.equal(await status('o-1'), '00');
  }));

test('what is no shown code, of no bank, at no till of the partner’s, or restricted, is charged to nobody', () =>
  withTill(async ({ rail, gate, other, countPayments }, { scan, status }) => {
    const before = await countPayments();
    const table: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
      [{ qrContent: 'AAAA' }, '4006001'],
      [{ merchantId: 'mer_sekolah' }, '4046008'],
      [{ merchantId: 'mer_gone' }, '4046008'],
      [{ scannerInfo: { deviceId: 'Z99' } }, '4046017'],
      [{ amount: idr('0.00') }, '4046013'],
      [{ amount: idr('10000000.01') }, '4036002'],
      [{ feeAmount: idr('1.00') }, '4046013'],
    ];
    for (const [more, code] of table)
      assert.equal((await scan('n-1', more)).code, code, JSON.stringify(more));
    gate.word = { kind: 'stop', restriction: { nextUpdateAtMs: 0 } as never };
    assert.equal((await scan('n-1')).code, '4036006');
    assert.equal(await status('n-1'), '4046101');
    assert.equal(rail.sent, 0);
    assert.equal(await countPayments(), before);
    gate.word = { kind: 'allow' };
    rail.answer = { outcome: 'accepted', isFinal: false, code: 'RC00' };
    assert.equal((await scan('n-1')).code, '2006000', 'the number is still free');
    const theirs = { originalPartnerReferenceNo: 'n-1', serviceCode: '60' };
    assert.equal((await other.call('/v1.0/qr/qr-cpm-query', theirs)).code, '4046101');
  }));
