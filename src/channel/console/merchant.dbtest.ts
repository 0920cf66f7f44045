import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { compileSet, decide } from '../../gate/decide.ts';
import type { RestrictionHolder } from '../../gate/port.ts';
import { EMPTY_SET } from '../../gate/restriction.ts';
import { restrictionOf } from '../../gate/test-flow.ts';
import { rupiah, sen } from '../../kernel/money.ts';
import { seededRandom } from '../../kernel/random.ts';
import { openAccounts } from '../../ledger/account.ts';
import { createMerchants, openMerchants } from '../../merchant/open.ts';
import { openSaleDesk } from '../../merchant/take-sale.ts';
import { MERCHANTS } from '../../merchant/test-merchant.ts';
import { BANK, NOON_WIB_MS, transfer, withBank, type TestBank } from '../../payment/test-bank.ts';
import type { Access, Session } from '../session/access.ts';
import { requireSession, SESSION_COOKIE } from '../session/require.ts';
import { registerMerchants } from './merchant.ts';

const access = {
  find: async () => ({ kind: 'staff', subject: 'stf_1', role: 'risk', language: 'id' }) as Session,
} as unknown as Access;

/** The API over two merchants, and what restrictions are in force. */
async function openDesk(bank: TestBank) {
  const { db, time } = bank;
  const random = seededRandom(3);
  await db.tx(async (tx) => {
    const accounts = [{ number: '1990000002', name: 'BU SRI', customerId: 'C2' }];
    await openAccounts(tx, { nowMs: NOON_WIB_MS, accounts });
    await createMerchants(tx, { nowMs: NOON_WIB_MS, bank: BANK, random, merchants: MERCHANTS });
  });
  const state = { set: EMPTY_SET };
  bank.gate.decide = (facts) => decide(compileSet(state.set), facts);
  const merchants = openMerchants({ db, time, random, bank: BANK });
  const app = Fastify();
  app.addHook('onRequest', requireSession(access, 'staff'));
  const holder = { current: () => state.set } as unknown as RestrictionHolder;
  registerMerchants(app, { merchants, sales: bank.engine.sales, holder, time });
  const sale = openSaleDesk({
    db,
    time,
    bank: BANK,
    rules: merchants.rules,
    sales: bank.engine.sales,
  });
  return {
    state,
    sale,
    close: () => app.close(),
    async get(url: string, isStaff = true) {
      let isDone = false;
      // The server's own turns are no sleepers: time goes on beside them.
      const clock = (async () => {
        while (!isDone) await time.sleep(1);
      })();
      const headers = isStaff ? { cookie: `${SESSION_COOKIE}=stf_1` } : {};
      const answer = await app.inject({ url, headers });
      isDone = true;
      await clock;
      return { status: answer.statusCode, text: answer.body, type: answer.headers['content-type'] };
    },
  };
}

test('I5 staff find a merchant with its sales and codes; a restriction by NMID stops what it takes from anybody, not what it gives back', () =>
  withBank(async (bank) => {
    const { state, sale, get, close } = await openDesk(bank);
    const pay = (nmid = 'ID1020000019901') =>
      bank.engine.submit(
        transfer({
          confirmedFeeSen: sen(0n),
          creditorAccount: '1990000002',
          amount: rupiah(100_000),
          merchant: { id: 'mer_warung', nmid, terminal: 'A01', mdrSen: sen(0n) },
        }),
      );
    const sold = await pay();
    assert.ok(sold.ok);
    const list = JSON.parse((await get('/merchants?text=warung')).text);
    assert.deepEqual(
      list.merchants.map(({ id, today }: { id: string; today: unknown }) => [id, today]),
      [['mer_warung', { count: 1, amountSen: '10000000' }]],
    );
    assert.equal(JSON.parse((await get('/merchants')).text).merchants.length, 2);
    assert.equal(JSON.parse((await get('/merchants?text=id10200000199')).text).merchants.length, 2);
    assert.equal(JSON.parse((await get('/merchants?text=%25')).text).merchants.length, 0);
    const after = JSON.parse((await get('/merchants?after=mer_sekolah')).text);
    assert.deepEqual([after.merchants.length, after.hasMore], [1, false]);
    assert.equal((await get('/merchants', false)).status, 401);
    assert.equal((await get('/merchants/mer_nobody')).status, 404);
    assert.equal((await get('/merchants/mer_warung/codes/Z99')).status, 404);
    assert.match((await get('/merchants/mer_warung/codes/A01')).text, /^<svg/);
    const png = await get('/merchants/mer_warung/codes/A01?form=png');
    assert.deepEqual([png.type, png.text.slice(1, 4)], ['image/png', 'PNG']);
    assert.equal((await get('/merchants/mer_warung/codes/A01?form=gif')).status, 400);
    const one = await get('/merchants/mer_warung');
    assert.doesNotMatch(one.text, /1990000002/, 'no account whole');
    assert.equal(JSON.parse(one.text).sales[0].amountSen, '10000000');

    const scope = { merchant: 'ID1020000019901', product: 'qris' };
    const stop = restrictionOf(scope, { kind: 'stop' }, { id: 'rst_shop' });
    state.set = { ...EMPTY_SET, version: 1, restrictions: [stop] };
    const shown = JSON.parse((await get('/merchants/mer_warung')).text);
    assert.deepEqual(shown.restrictions, [{ id: 'rst_shop', action: 'stop', scope }]);
    const refused = await pay();
    assert.equal(!refused.ok && refused.reason, 'restricted');
    assert.ok((await pay('ID1020000019902')).ok, 'another shop takes payments');
    const taken = await sale({
      kind: 'request',
      rail: 'qris',
      what: 'qris_payment',
      bizMsgIdr: '2026080105000000036000090000701',
      rrn: '621312000001',
      fromBank: 'BNINIDJA',
      amountSen: '10000000',
      deadlineMs: NOON_WIB_MS + 86_400_000,
      customerPan: '9360000900000007776',
      merchantPan: '9360019900000000017',
      criteria: 'UMI',
      tipSen: '0',
      terminal: 'A02     ',
    });
    assert.deepEqual('code' in taken && taken.code, '57');
    const back = await bank.engine.sales.refund({
      saleId: sold.payment.id,
      merchantId: 'mer_warung',
      refundNumber: 'R-1',
      amountSen: rupiah(100_000),
      reason: 'tutup',
      channel: 'mobile',
      askedBy: 'C2',
    });
    assert.ok(back.ok, 'whoever paid may have it back');
    await bank.checkMoney();
    await close();
  }));
