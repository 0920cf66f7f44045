/** Our shop: customers of other banks behind the simulated switch pay it, and are given back. The real link, gateway, engine, ledger and signer;
 * three books must agree in the end: the network's, the ledger's and the merchant's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { openNoticeDesk } from '../../src/app/notice-desk.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { rupiah, sen, type Sen } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { openAccounts } from '../../src/ledger/account.ts';
import { merchantPan } from '../../src/merchant/decide-code.ts';
import { createMerchants, openMerchants } from '../../src/merchant/open.ts';
import { openSaleDesk } from '../../src/merchant/take-sale.ts';
import { MERCHANTS } from '../../src/merchant/test-merchant.ts';
import { tillUnderTest, type QrisWorld } from './qris-world.ts';
import { withEffect, type Effect } from './rail-effect.ts';

const SHOP = '1990000002';
const PRICE = rupiah(600_000);
/** Micro merchants pay 0.3 % above Rp500.000. */
const MDR = rupiah(1_800);

async function openShop({ db, engine, world }: Effect) {
  const { time, bank } = world;
  const random = seededRandom('shop');
  const nowMs = time.now();
  await db.tx(async (tx) => {
    const accounts = [{ number: SHOP, name: 'BU SRI', customerId: 'C1' }];
    await openAccounts(tx, { nowMs, accounts });
    await createMerchants(tx, { nowMs, bank, random, merchants: MERCHANTS });
  });
  const merchants = openMerchants({ db, time, random, bank });
  const desk = { db, time, bank, rules: merchants.rules, sales: engine.sales };
  world.hear(
    openNoticeDesk({
      cards: { take: () => Promise.reject(new Error('no card is at a till')) },
      presented: { take: () => Promise.reject(new Error('nobody shows a code')) },
      sale: openSaleDesk(desk),
      payments: engine.take,
    }),
  );
  return merchants;
}

test('T6 other banks’ customers pay our shop: duplicate, lost, late and never arrived end as both books say, and refunds likewise', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { engine, ledger, pass } = effect;
    const world = effect.world as QrisWorld; // the one that this suite was given
    const { outside } = world;
    const merchants = await openShop(effect);
    const buy = async (
      over: { amountSen?: Sen; tags?: Record<string, string>; fault?: Behaviour } = {},
    ) => {
      const paid = await outside.payMerchant({
        bank: '009',
        merchantPan: merchantPan(world.bank.bankCode, 1n),
        merchantId: '000000000000001',
        merchantName: 'WARUNG BU SRI',
        city: 'YOGYAKARTA',
        fromAccount: '9008007006',
        terminal: 'A02     ',
        amountSen: PRICE,
        ...over,
      });
      return paid.outcome === 'declined' ? paid.rc : paid.outcome;
    };
    const pendingSen = async () => (await ledger.balance(SHOP))!.pendingCreditSen;
    assert.equal(await buy({ fault: { kind: 'duplicate', count: 3 } }), 'approved');
    assert.equal(await pendingSen(), PRICE, 'three copies, one sale');
    assert.equal(await buy({ fault: { kind: 'drop_answer' } }), 'unknown');
    assert.equal(await buy({ fault: { kind: 'late_answer', afterMs: 3_600_000 } }), 'unknown');
    assert.equal(await buy({ fault: { kind: 'drop_request' } }), 'unknown');
    await pass(3 * 60_000);
    const qris = () => outside.book.summary()['to_bank|qris'];
    assert.deepEqual(
      [...outside.book.entries()].map(({ state, rc }) => [state, rc]),
      [
        ['approved', '00'],
        ['approved', '00'],
        ['approved', '00'],
        ['declined', '25'],
      ],
    );
    assert.equal(await pendingSen(), qris()?.standsSen);

    const made = await merchants.makeCode({
      merchantId: 'mer_warung',
      amountSen: PRICE,
      partner: { id: 'partner-a', referenceNo: 'q-1', requestHash: Buffer.alloc(32) },
    });
    assert.ok(made.ok);
    const tags = { NM: 'ID1020000019901', RL: made.code.reference! };
    assert.equal(await buy({ tags, amountSen: sen(PRICE - 1n) }), '13');
    assert.equal(await buy({ tags }), 'approved');
    assert.equal(await buy({ tags }), '54');
    assert.equal(await buy({ tags: { NM: 'ID1020000019902' } }), '03');

    await world.endDate();
    await pass(60_000);
    assert.equal(qris()?.standsSen, 4n * PRICE);
    assert.equal((await ledger.balance(SHOP))!.availableSen, 4n * (PRICE - MDR));
    assert.equal((await ledger.balance(CHART.qrisIn))!.postedSen, -4n * PRICE);
    assert.equal(await pendingSen(), 0n);

    // Given back: the answer gets lost, the other bank refuses, and what it took stands once.
    const [sale] = await engine.sales.list({ merchantId: 'mer_warung', sinceMs: 0 });
    const giveBack = async (refundNumber: string, does: Behaviour) => {
      const match = { direction: 'from_bank', flow: 'qris_refund' } as const;
      outside.chooser.replace([{ name: refundNumber, match, does }]);
      const result = await engine.sales.refund({
        saleId: sale!.paymentId,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen: rupiah(200_000),
        reason: 'uji',
        channel: 'mobile',
        askedBy: 'C1',
      });
      assert.ok(result.ok, result.ok ? '' : result.reason);
      await pass(60_000);
      return (await engine.find(result.refund.paymentId))!.state;
    };
    assert.equal(await giveBack('R-1', { kind: 'drop_answer' }), 'settled');
    assert.equal(await giveBack('R-2', { kind: 'code', rc: '61', isBooked: false }), 'refunded');
    assert.equal(await giveBack('R-3', { kind: 'drop_request' }), 'refunded');
    assert.equal(await giveBack('R-4', { kind: 'late_answer', afterMs: 15_000 }), 'settled');
    const { standsSen } = outside.book.summary()['from_bank|qris_refund']!;
    assert.equal(standsSen, rupiah(400_000));
    const left = 4n * (PRICE - MDR) - rupiah(400_000) + (MDR * 2n) / 3n;
    assert.equal((await ledger.balance(SHOP))!.availableSen, left);
  }));
