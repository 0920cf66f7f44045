import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QrisInstruction } from '../authorisation/form-qris.ts';
import type { Restriction } from '../gate/restriction.ts';
import { rupiah, sen } from '../kernel/money.ts';
import type { QrisCheckRequest, QrisRefundRequest } from '../rail/notice-qris.ts';
import { checkDigitOf } from '../rail/qris/pan.ts';
import { customerPanOf } from './qris-draft.ts';
import { NOON_WIB_MS, OPENING, transfer, withBank } from './test-bank.ts';

type Bank = Parameters<Parameters<typeof withBank>[0]>[0];

const FREE = sen(0n);
const MERCHANT_PAN = `936000090000000012${checkDigitOf('936000090000000012')}`;
const QRIS = {
  acquirer: '93600009',
  tipSen: rupiah(1_000),
  criteria: 'UME',
  city: 'BANDUNG',
  nmid: 'ID1020000000456',
  merchantId: '000000000000456',
  terminalLabel: 'K02',
  referenceLabel: 'REF1',
  billNumber: 'INV1',
} as const;
const qris = (more: Parameters<typeof transfer>[0] = {}) =>
  transfer({
    creditorBank: 'BNINIDJA',
    creditorAccount: MERCHANT_PAN,
    creditorName: 'TOKO SINTETIS',
    confirmedFeeSen: FREE,
    amount: rupiah(50_000),
    qris: QRIS,
    ...more,
  });

/** A payment of Rp50,000 that is settled, and what a refund of it says. */
async function paid(bank: Bank) {
  const result = await bank.engine.submit(qris());
  assert.ok(result.ok);
  await bank.workUntil(bank.time.now() + 5_000, 1_000);
  const payment = (await bank.engine.find(result.payment.id))!;
  assert.equal(payment.state, 'settled');
  const refund: QrisRefundRequest = {
    kind: 'request',
    rail: 'qris',
    what: 'qris_refund',
    bizMsgIdr: '2026080106000093600009000000777',
    rrn: '621313000777',
    fromBank: 'BNINIDJA',
    amountSen: String(rupiah(20_000)),
    deadlineMs: bank.time.now() + 12_000,
    originalRrn: '621312000001',
    originalDate: '0801',
    refundNumber: 'RFD-1',
    customerPan: customerPanOf({ institution: '199', payer: 'C1' }),
    merchantPan: MERCHANT_PAN,
    merchantName: 'TOKO SINTETIS',
  };
  return { payment, refund };
}

const messageNo = (n: number) => ({ bizMsgIdr: `2026080106000093600009000000${n}` });

test('submit() by QRIS binds merchant, acquirer, amount and tip, costs nothing, and draws its ids from the counter of the switch (T6)', () =>
  withBank(async (bank) => {
    const fee = { confirmedFeeSen: rupiah(6_500) };
    const online = transfer({ creditorBank: 'BNINIDJA', route: 'switch', ...fee });
    assert.ok((await bank.engine.submit(online)).ok);
    let said: QrisInstruction | undefined;
    bank.rail.onSend = (instruction) => {
      if (instruction.kind === 'merchant_payment') said = instruction;
      return 'settle';
    };
    const result = await bank.engine.submit(qris({ key: 'qris' }));
    assert.ok(result.ok);
    assert.deepEqual(
      [result.payment.kind, result.payment.feeSen, result.payment.counterpartyBank],
      ['qris_out', FREE, 'BNINIDJA'],
    );
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.ok(said);
    const { creditor, acquirer, amountSen, tipSen, criteria, nmid, city, customerPan } = said;
    assert.deepEqual(
      { creditor, acquirer, amountSen, tipSen, criteria, nmid, city },
      {
        creditor: {
          bank: 'BNINIDJA',
          account: MERCHANT_PAN,
          accountType: 'OTHR',
          name: 'TOKO SINTETIS',
        },
        acquirer: '93600009',
        amountSen: '5000000',
        tipSen: '100000',
        criteria: 'UME',
        nmid: 'ID1020000000456',
        city: 'BANDUNG',
      },
    );
    assert.match(customerPan, /^93600199\d{11}$/);
    assert.deepEqual([said.qrisId, said.rrn], ['20260801199000002', '621312000002']);
    assert.equal(await bank.state(result.payment.id), 'settled');
    assert.equal((await bank.ledger.balance('SETTLE-QRIS-OUT'))?.postedSen, rupiah(50_000));
    await bank.checkMoney();
  }));

test('a QRIS payment has its own cap and its own day, beside the customer’s, and the quote says so before the PIN (I7)', () =>
  withBank(
    async (bank) => {
      let count = 0;
      const reasonOf = async (more: Parameters<typeof transfer>[0]) => {
        const result = await bank.engine.submit(qris({ key: `k${++count}`, ...more }));
        return result.ok ? 'taken' : result.reason;
      };
      const quoted = async (amount: number) => {
        const { channel, debitAccount, creditorBank, qris: terms } = qris();
        const asked = { channel, debitAccount, creditorBank, amount: rupiah(amount) };
        const quote = await bank.engine.quote({ ...asked, ...(terms && { qris: terms }) });
        return quote.open ? 'open' : quote.reason;
      };
      assert.equal(await reasonOf({ amount: rupiah(60_001) }), 'above_rail_cap');
      assert.equal(await reasonOf({ amount: rupiah(60_000) }), 'taken');
      assert.equal(await quoted(60_000), 'above_daily_limit');
      assert.deepEqual(
        [await quoted(40_001), await quoted(40_000), await quoted(0)],
        ['above_daily_limit', 'open', 'open'],
      );
      assert.equal(await reasonOf({ amount: rupiah(60_000) }), 'above_daily_limit');
      assert.equal(await reasonOf({ amount: rupiah(40_000) }), 'taken');
      bank.gate.decide = ({ rail }) =>
        rail === 'qris' ? { kind: 'stop', restriction: {} as Restriction } : { kind: 'allow' };
      assert.equal(await reasonOf({ amount: rupiah(1_000) }), 'restricted');
      await bank.checkMoney();
    },
    { settings: { qrisCapSen: rupiah(60_000), qrisDailyLimitSen: rupiah(100_000) } },
  ));

test('T6 a refund is a pending credit, once per message and once per number; the settlement makes it spendable (I12)', () =>
  withBank(async (bank) => {
    const { refund } = await paid(bank);
    const { engine } = bank;
    const [first, twin] = await Promise.all([engine.take(refund), engine.take(refund)]);
    assert.ok(first.taken && first.approved);
    assert.deepEqual(twin, first);
    assert.deepEqual(await engine.take({ ...refund, deadlineMs: 1 }), first);
    const again = await engine.take({ ...refund, ...messageNo(778) });
    assert.deepEqual(again, { taken: true, approved: false, code: '94' }, 'the number was used');
    const other = await engine.take({ ...refund, amountSen: '100' });
    assert.deepEqual(other, { taken: true, approved: false, code: '94' }, 'another body');
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000), 'pending');
    const settled = { kind: 'credit_settled', rail: 'qris', fromBank: 'BNINIDJA' } as const;
    for (let twice = 0; twice < 2; twice++)
      assert.deepEqual(await engine.take({ ...settled, bizMsgIdr: refund.bizMsgIdr }), {
        taken: true,
      });
    assert.equal(await bank.available('1001'), OPENING - rupiah(30_000));
    assert.deepEqual((await bank.messages('C1')).at(-1), 'qris.refunded');
    await bank.checkMoney();
  }));

test('T7 refunds of one payment give back at most what was paid, also two at once; one that did not settle counts no more', () =>
  withBank(async (bank) => {
    const { refund } = await paid(bank);
    const { engine } = bank;
    const of = (n: number, amountSen: bigint): QrisRefundRequest => ({
      ...refund,
      ...messageNo(n),
      refundNumber: `RFD-${n}`,
      amountSen: String(amountSen),
    });
    const codeOf = async (one: QrisRefundRequest) => {
      const answer = await engine.take(one);
      return answer.taken && answer.approved === false ? answer.code : 'booked';
    };
    const both = await Promise.all([
      codeOf(of(801, rupiah(30_000))),
      codeOf(of(802, rupiah(30_000))),
    ]);
    assert.deepEqual(both.toSorted(), ['61', 'booked']);
    assert.equal(await codeOf(of(803, rupiah(20_001))), '61');
    assert.equal(await codeOf(of(803, rupiah(20_001))), '61', 'the first answer stands');
    assert.equal(await codeOf(of(804, rupiah(20_000))), 'booked');
    assert.equal(await codeOf(of(805, 1n)), '61');
    await engine.take({
      kind: 'statement',
      rail: 'qris',
      businessDate: '2026-08-01',
      lines: [],
    });
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await codeOf(of(806, rupiah(50_000))), 'booked');
    assert.equal(await codeOf(of(807, 1n)), '61');
    await bank.checkMoney();
  }));

test('a refund is refused where it names no payment of ours, of that shop, bank, day and payer, or one that was given back', () =>
  withBank(async (bank) => {
    const { refund } = await paid(bank);
    const wrong: readonly Partial<QrisRefundRequest>[] = [
      { originalRrn: '621312000009' },
      { originalDate: '0802' },
      { fromBank: 'CENAIDJA' },
      { merchantPan: `936000090000000013${checkDigitOf('936000090000000013')}` },
      { customerPan: customerPanOf({ institution: '199', payer: 'C2' }) },
    ];
    for (const [index, change] of wrong.entries())
      assert.deepEqual(
        await bank.engine.take({ ...refund, ...messageNo(900 + index), ...change }),
        { taken: true, approved: false, code: '25' },
        JSON.stringify(change),
      );
    bank.rail.onSend = () => 'reject';
    const back = await bank.engine.submit(qris({ key: 'given-back' }));
    assert.ok(back.ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    assert.equal(await bank.state(back.payment.id), 'refunded');
    const ofIt = { ...refund, ...messageNo(950), originalRrn: '621312000002' };
    assert.deepEqual(await bank.engine.take(ofIt), { taken: true, approved: false, code: '25' });
    const late = { ...refund, ...messageNo(951), deadlineMs: bank.time.now() };
    assert.deepEqual(await bank.engine.take(late), { taken: true, approved: false, code: '91' });
    assert.equal(await bank.available('1001'), OPENING - rupiah(50_000));
    await bank.checkMoney();
  }));

test('T5 a check of a refund says what is committed; "not known" is kept, and refuses the refund that comes later', () =>
  withBank(async (bank) => {
    const { refund } = await paid(bank);
    const { engine } = bank;
    const check: QrisCheckRequest = {
      kind: 'request',
      rail: 'qris',
      what: 'qris_check',
      of: 'refund',
      bizMsgIdr: '2026080106000593600009000000999',
      originalId: refund.bizMsgIdr,
      rrn: refund.rrn,
      fromBank: 'BNINIDJA',
      amountSen: refund.amountSen,
      deadlineMs: NOON_WIB_MS + 60_000,
    };
    const booked = await engine.take(refund);
    assert.deepEqual(await engine.take(check), booked);
    const early = { ...check, originalId: messageNo(888).bizMsgIdr };
    const [unknown] = await Promise.all([engine.take(early), engine.take(early)]);
    assert.deepEqual(unknown, { taken: true, approved: false, code: '25' });
    const late = await engine.take({ ...refund, ...messageNo(888), refundNumber: 'RFD-2' });
    assert.deepEqual(late, { taken: true, approved: false, code: '25' });
    assert.deepEqual(await engine.take(early), { taken: true, approved: false, code: '25' });
    await bank.checkMoney();
  }));

test('a check and its refund at once agree: booked and found, or refused and not known', () =>
  withBank(async (bank) => {
    const { refund } = await paid(bank);
    const check: QrisCheckRequest = {
      kind: 'request',
      rail: 'qris',
      what: 'qris_check',
      of: 'refund',
      bizMsgIdr: '2026080106000593600009000000999',
      originalId: refund.bizMsgIdr,
      rrn: refund.rrn,
      fromBank: 'BNINIDJA',
      amountSen: refund.amountSen,
      deadlineMs: NOON_WIB_MS + 60_000,
    };
    const [asked, said] = await Promise.all([bank.engine.take(check), bank.engine.take(refund)]);
    assert.ok(asked.taken && said.taken);
    assert.equal(asked.approved, said.approved);
    assert.deepEqual(await bank.engine.take(check), asked);
    await bank.checkMoney();
  }));
