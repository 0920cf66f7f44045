/** The blocked list where networks and merchants ask: refused in their own codes, and what comes back to a customer is booked all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { rupiah, sen } from '../../kernel/money.ts';
import type { QrisPaymentRequest } from '../../rail/notice-qris.ts';
import type { TransferInRequest } from '../../rail/notice-switch.ts';
import { BANK, bifast, block, credit, NOON_WIB_MS, OPENING, withBank } from '../test-bank.ts';

const ONLINE: TransferInRequest = {
  kind: 'request',
  rail: 'switch',
  what: 'transfer_in',
  bizMsgIdr: '2026080105000000000000009000777',
  rrn: '621312000777',
  fromBank: 'BNINIDJA',
  amountSen: String(rupiah(50_000)),
  deadlineMs: NOON_WIB_MS + 60_000,
  debtorName: 'PENGIRIM',
  debtorAccount: '9008007006',
  creditorAccount: '1001',
  remark: 'uji',
};

test('take() refuses credits to a blocked account and from a blocked payer, over both networks, for good, and counts them', () =>
  withBank(async (bank) => {
    const { engine, db } = bank;
    await block(db, { bank: BANK.bic, account: '1002' });
    await block(db, { bank: 'BNINIDJA', account: '666' });
    const id = (n: number) => `20260801BNINIDJA010O020000000${n}`;
    const toBlocked = credit({ creditorAccount: '1002', bizMsgIdr: id(1) });
    const fromBlocked = credit({ debtorAccount: '666', bizMsgIdr: id(2) });
    for (const notice of [toBlocked, fromBlocked, toBlocked])
      assert.deepEqual(await engine.take(notice), { taken: false, code: 'U110' });
    assert.deepEqual(await engine.take(credit({ bizMsgIdr: id(3) })), { taken: true });
    const refused = { taken: true, approved: false, code: '57' };
    const online = { ...ONLINE, creditorAccount: '1002' };
    assert.deepEqual(await engine.take(online), refused);
    assert.deepEqual(await engine.take(online), refused);
    const from = {
      ...ONLINE,
      bizMsgIdr: `${ONLINE.bizMsgIdr.slice(0, -1)}8`,
      debtorAccount: '666',
    };
    assert.deepEqual(await engine.take(from), refused);
    assert.equal((await bank.ledger.balance('1002'))!.pendingCreditSen, 0n);
    const rows = await db.query<{ n: number }>(
      sql`select count(*)::integer as n from event where kind = 'risk.acted' and subject = 'risk_rule:blocked'`,
    );
    assert.equal(rows[0]!.n, 4);
    const [first] = await bank.events('payment.rejected');
    assert.deepEqual(first!['risk'], ['blocked']);
    await bank.checkMoney();
  }));

const SALE: QrisPaymentRequest = {
  kind: 'request',
  rail: 'qris',
  what: 'qris_payment',
  bizMsgIdr: '2026080105000000036000090000701',
  rrn: '621312000001',
  fromBank: 'BNINIDJA',
  amountSen: String(rupiah(60_000)),
  deadlineMs: NOON_WIB_MS + 60_000,
  customerPan: '9360000900000007775',
  merchantPan: '9360019900000000017',
  nmid: 'ID1020000019901',
  criteria: 'UMI',
  tipSen: '0',
  terminal: 'A01     ',
};

test('receive() refuses a payment to a blocked shop and from a blocked payer with 57, the same message again too, and an earlier one keeps its yes', () =>
  withBank(
    async (bank) => {
      const terms = { id: 'mer_1', mdrSen: sen(0n) };
      const target = { ok: true, account: '1002', name: 'WARUNG', terms } as const;
      const take = async (n: number, over: Partial<QrisPaymentRequest> = {}): Promise<string> => {
        const bizMsgIdr = `${SALE.bizMsgIdr.slice(0, -1)}${n}`;
        const answer = await bank.engine.sales.receive({ ...SALE, bizMsgIdr, ...over }, target);
        return 'code' in answer ? answer.code : '00';
      };
      assert.equal(await take(1), '00');
      await block(bank.db, { bank: 'BNINIDJA', account: SALE.customerPan });
      await bank.time.sleep(5_001);
      assert.equal(await take(2), '57');
      assert.equal(await take(1), '00');
      const customerPan = '9360000900000008880';
      assert.equal(await take(3, { customerPan }), '00');
      await block(bank.db, 'mer_1');
      await bank.time.sleep(5_001);
      assert.equal(await take(4, { customerPan }), '57');
      assert.equal(await take(4, { customerPan }), '57');
      await bank.checkMoney();
    },
    {
      before: `insert into merchant (id, serial, nmid, pan, name, city, postal_code, category, class, settlement_account, made_at) values
        ('mer_1', 1, 'ID1020000019901', '9360019900000000017', 'WARUNG', 'SLEMAN', '55281', '5812', 'URE', '1002', now());`,
    },
  ));

test('take() books a return to a customer who was blocked meanwhile: what comes back was theirs', () =>
  withBank(async (bank) => {
    const sent = await bank.engine.submit(bifast());
    assert.ok(sent.ok);
    const payment = await bank.engine.awaitOutcome(sent.payment.id, 5_000);
    await block(bank.db, { bank: BANK.bic, account: '1001' });
    const back = credit({
      trxType: '011',
      relatedEndToEndId: payment.bizMsgIdr!,
      bizMsgIdr: '20260801BNINIDJA011O9900000001',
      amountSen: String(rupiah(10_000)),
    });
    assert.deepEqual(await bank.engine.take(back), { taken: true });
    await bank.checkMoney();
    assert.ok((await bank.available('1001')) < OPENING, 'pending until it is settled');
  }));
