import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { compileSet, decide } from '../../gate/decide.ts';
import { EMPTY_SET } from '../../gate/restriction.ts';
import { restrictionOf } from '../../gate/test-flow.ts';
import { rupiah } from '../../kernel/money.ts';
import { bifast, credit, FEE, OPENING, withBank, type TestBank } from '../test-bank.ts';

const HOUR = 3_600_000;
const SETTLED = { kind: 'credit_settled', rail: 'bifast', fromBank: 'BNINIDJA' } as const;

async function paymentOf(bank: TestBank, bizMsgIdr: string) {
  const rows = await bank.db.query<{
    id: string;
    state: string;
    related_payment_id: string | null;
  }>(sql`
    select id, state, related_payment_id from payment where biz_msg_idr = ${bizMsgIdr} and kind = 'bifast_in'`);
  return rows[0];
}

/** A settled BI-FAST payment of Rp10.000; its BizMsgIdr. */
async function sent(bank: TestBank) {
  const result = await bank.engine.submit(bifast());
  assert.ok(result.ok);
  const payment = await bank.engine.awaitOutcome(result.payment.id, 5_000);
  await bank.time.sleep(10);
  return payment;
}

function returnOf(bizMsgIdr: string, more: Parameters<typeof credit>[0] = {}) {
  return credit({
    trxType: '011',
    relatedEndToEndId: bizMsgIdr,
    bizMsgIdr: '20260801BNINIDJA011O9900000001',
    amountSen: String(rupiah(10_000)),
    ...more,
  });
}

test('I12 a credit is pending first and spendable only on settlement', () =>
  withBank(async (bank) => {
    const notice = credit();
    assert.deepEqual(await bank.engine.take(notice), { taken: true });
    assert.equal(await bank.available('1001'), OPENING);
    assert.equal((await bank.ledger.balance('1001'))!.pendingCreditSen, rupiah(50_000));
    const early = await bank.engine.submit(bifast({ amount: rupiah(1_000_000) }));
    assert.ok(!early.ok && early.reason === 'insufficient_funds');
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr }), {
      taken: true,
    });
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    assert.deepEqual(await bank.messages('C1'), ['payment.received']);
    await bank.checkMoney();
  }));

test('T13 under a stop of all that leaves, what is under way is asked about until it is certain, credits keep posting, and nothing more leaves', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'lose_answer';
    const under = await bank.engine.submit(bifast());
    assert.ok(under.ok);
    await bank.engine.awaitOutcome(under.payment.id, 1_000);
    const stop = restrictionOf({ direction: 'out' }, { kind: 'stop' });
    const compiled = compileSet({ ...EMPTY_SET, restrictions: [stop] });
    bank.gate.decide = (facts) => decide(compiled, facts);
    const sends = [...bank.rail.sends.values()].length;
    const refused = await bank.engine.submit(bifast());
    assert.ok(!refused.ok && refused.reason === 'restricted');
    assert.equal((await bank.events('payment.refused'))[0]?.['restriction'], stop.id);
    const notice = credit();
    assert.deepEqual(await bank.engine.take(notice), { taken: true });
    await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr });
    await bank.workUntil(bank.time.now() + 3 * 60_000, 5_000);
    assert.equal(await bank.state(under.payment.id), 'settled');
    assert.equal(await bank.available('1001'), OPENING - rupiah(10_000) - FEE + rupiah(50_000));
    assert.equal([...bank.rail.sends.values()].length, sends, 'nothing more left');
    await bank.checkMoney();
  }));

test('I12 the statement of another rail settles no credit: it is told, and the money stays pending', () =>
  withBank(async (bank) => {
    const notice = credit();
    await bank.engine.take(notice);
    await bank.engine.take({ ...bank.statement('2026-08-01', [notice]), rail: 'biller' });
    assert.equal((await paymentOf(bank, notice.bizMsgIdr))?.state, 'pending_credit');
    assert.equal(await bank.available('1001'), OPENING);
    const told = await bank.db.query(
      sql`select 1 from event where kind = 'payment.credit_unknown'`,
    );
    assert.equal(told.length, 1);
    await bank.engine.take(bank.statement('2026-08-01', [notice]));
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    await bank.checkMoney();
  }));

test('I12 a credit that comes again, at any time and at once, is booked once; another body under its id is refused and told', () =>
  withBank(async (bank) => {
    const notice = credit();
    const other = bank.another();
    const answers = await Promise.all([
      bank.engine.take(notice),
      other.take(notice),
      bank.engine.take(notice),
    ]);
    assert.deepEqual(answers, [{ taken: true }, { taken: true }, { taken: true }]);
    const settled = { ...SETTLED, bizMsgIdr: notice.bizMsgIdr };
    assert.deepEqual(await Promise.all([bank.engine.take(settled), other.take(settled)]), [
      { taken: true },
      { taken: true },
    ]);
    assert.deepEqual(await bank.engine.take(notice), { taken: true });
    assert.deepEqual(await bank.engine.take({ ...notice, amountSen: '1' }), {
      taken: false,
      code: 'U149',
    });
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    assert.equal((await bank.events('payment.outcome_contradicted')).length, 1);
    await bank.checkMoney();
  }));

test("a credit to nobody, to a closed account or to one of the bank's own is turned away with the same code each time", () =>
  withBank(async (bank) => {
    const cases = [
      ['7777', 'U101'],
      ['1004', 'U102'],
      ['EQUITY-OPENING', 'U101'],
      ['SETTLE-BIFAST-OUT', 'U101'],
      ['\u0000', 'U101'],
    ] as const;
    for (const [i, [creditorAccount, code]] of cases.entries()) {
      const notice = credit({ creditorAccount, bizMsgIdr: `20260801BNINIDJA010O020000001${i}` });
      for (let again = 0; again < 2; again++)
        assert.deepEqual(await bank.engine.take(notice), { taken: false, code });
      assert.equal((await paymentOf(bank, notice.bizMsgIdr))!.state, 'rejected');
    }
    await bank.checkMoney();
  }));

test('a stop of incoming BI-FAST turns credits away; a stop of outgoing leaves them alone', () =>
  withBank(async (bank) => {
    bank.gate.decide = () => ({ kind: 'stop', restriction: {} as never });
    assert.deepEqual(await bank.engine.take(credit()), { taken: false, code: 'U129' });
  }));

test('a settlement of a credit that we never saw posts nothing and is told', () =>
  withBank(async (bank) => {
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: 'unknown' }), {
      taken: false,
      code: 'U106',
    });
    assert.equal((await bank.events('payment.credit_unknown')).length, 1);
    await bank.checkMoney();
  }));

test('a credit whose account closed before settlement goes back as a return with its own authorisation', () =>
  withBank(async (bank) => {
    const notice = credit({ creditorAccount: '1003' });
    await bank.engine.take(notice);
    await bank.db.script("update account set state = 'closed' where number = '1003'");
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr }), {
      taken: true,
    });
    await bank.time.sleep(1_000);
    assert.equal((await paymentOf(bank, notice.bizMsgIdr))!.state, 'returned');
    const [back] = await bank.db.query<{
      state: string;
      biz_msg_idr: string;
      instruction: string;
    }>(sql`
      select p.state, p.biz_msg_idr, a.instruction from payment p join authorisation a on a.jti = p.jti where p.kind = 'bifast_return'`);
    assert.equal(back!.state, 'settled');
    assert.match(back!.biz_msg_idr, /PULHIDJA011O99/);
    const instruction = JSON.parse(back!.instruction) as Record<string, unknown>;
    assert.deepEqual(
      [instruction['kind'], instruction['relatedEndToEndId'], instruction['categoryPurpose']],
      ['return', notice.bizMsgIdr, '01199'],
    );
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr }), {
      taken: true,
    });
    assert.equal(bank.rail.sends.size, 1);
    assert.equal((await bank.ledger.balance('SUSPENSE-BIFAST'))!.postedSen, 0n);
    await bank.checkMoney();
  }));

test('a return that the network rejects leaves the money in suspense for people', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'reject';
    const notice = credit({ creditorAccount: '1003' });
    await bank.engine.take(notice);
    await bank.db.script("update account set state = 'closed' where number = '1003'");
    await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr });
    await bank.time.sleep(1_000);
    assert.equal((await bank.ledger.balance('SUSPENSE-BIFAST'))!.availableSen, rupiah(50_000));
    await bank.checkMoney();
  }));

test('T7 a payment comes back once and at most in full, whatever ids its returns carry', () =>
  withBank(async (bank) => {
    const payment = await sent(bank);
    const notice = returnOf(payment.bizMsgIdr!);
    assert.deepEqual(
      await bank.engine.take(
        returnOf(payment.bizMsgIdr!, { amountSen: String(rupiah(10_001)), bizMsgIdr: 'big' }),
      ),
      { taken: false, code: 'U110' },
    );
    const both = await Promise.all([
      bank.engine.take(notice),
      bank.another().take({ ...notice, bizMsgIdr: '20260801BNINIDJA011O9900000002' }),
    ]);
    assert.deepEqual(both.filter((answer) => answer.taken).length, 1);
    assert.deepEqual(
      both.filter((answer) => !answer.taken),
      [{ taken: false, code: 'U149' }],
    );
    const taken = both[0]!.taken ? notice.bizMsgIdr : '20260801BNINIDJA011O9900000002';
    await bank.engine.take({ ...SETTLED, bizMsgIdr: taken });
    assert.deepEqual(
      await bank.engine.take({ ...notice, bizMsgIdr: '20260801BNINIDJA011O9900000003' }),
      { taken: false, code: 'U149' },
    );
    // The fee is not part of a return: the network did its work.
    assert.equal(await bank.available('1001'), OPENING - FEE);
    assert.equal((await paymentOf(bank, taken))!.related_payment_id, payment.id);
    assert.deepEqual((await bank.messages('C1')).slice(-1), ['payment.returned']);
    await bank.checkMoney();
  }));

test('T7 the same return again is the same return, before and after settlement', () =>
  withBank(async (bank) => {
    const payment = await sent(bank);
    const notice = returnOf(payment.bizMsgIdr!);
    for (let again = 0; again < 2; again++)
      assert.deepEqual(await bank.engine.take(notice), { taken: true });
    await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr });
    assert.deepEqual(await bank.engine.take(notice), { taken: true });
    assert.equal(await bank.available('1001'), OPENING - FEE);
    await bank.checkMoney();
  }));

test('T7 a return that did not settle frees the next one', () =>
  withBank(async (bank) => {
    const payment = await sent(bank);
    const first = returnOf(payment.bizMsgIdr!);
    await bank.engine.take(first);
    await bank.time.sleep(13 * HOUR);
    await bank.engine.take(bank.statement('2026-08-01'));
    await bank.engine.work();
    assert.equal((await paymentOf(bank, first.bizMsgIdr))!.state, 'rejected');
    const second = returnOf(payment.bizMsgIdr!, { bizMsgIdr: '20260802BNINIDJA011O9900000002' });
    for (let again = 0; again < 2; again++)
      assert.deepEqual(await bank.engine.take(second), { taken: true });
    assert.deepEqual(await bank.engine.take(first), { taken: true });
    await bank.engine.take({ ...SETTLED, bizMsgIdr: second.bizMsgIdr });
    assert.equal(await bank.available('1001'), OPENING - FEE);
    await bank.checkMoney();
  }));

test('I12 an id that came as a credit cannot come as a return', () =>
  withBank(async (bank) => {
    const payment = await sent(bank);
    await bank.engine.take(credit());
    assert.deepEqual(
      await bank.engine.take(returnOf(payment.bizMsgIdr!, { bizMsgIdr: credit().bizMsgIdr })),
      { taken: false, code: 'U149' },
    );
    await bank.checkMoney();
  }));

test('T7 what was refunded, or never was ours, cannot come back', () =>
  withBank(async (bank) => {
    bank.rail.onSend = () => 'reject';
    const refunded = await sent(bank);
    assert.equal(refunded.state, 'refunded');
    assert.deepEqual(await bank.engine.take(returnOf(refunded.bizMsgIdr!)), {
      taken: false,
      code: 'U110',
    });
    assert.deepEqual(
      await bank.engine.take(returnOf('20260801PULHIDJA010O0200009999', { bizMsgIdr: 'other' })),
      { taken: false, code: 'U106' },
    );
    bank.rail.onSend = () => 'settle';
    const payment = await sent(bank);
    assert.deepEqual(
      await bank.engine.take(returnOf(payment.bizMsgIdr!, { fromBank: 'BMRIIDJA' })),
      { taken: false, code: 'U106' },
    );
    await bank.checkMoney();
  }));

test('a return to an account that closed waits in suspense', () =>
  withBank(async (bank) => {
    const first = await sent(bank);
    const second = await sent(bank);
    const open = returnOf(second.bizMsgIdr!, { bizMsgIdr: '20260801BNINIDJA011O9900000009' });
    await bank.engine.take(open);
    await bank.db.script("update account set state = 'closed' where number = '1001'");
    for (const notice of [returnOf(first.bizMsgIdr!), open]) {
      assert.deepEqual(await bank.engine.take(notice), { taken: true });
      await bank.engine.take({ ...SETTLED, bizMsgIdr: notice.bizMsgIdr });
      assert.equal((await paymentOf(bank, notice.bizMsgIdr))!.state, 'settled');
    }
    assert.equal((await bank.ledger.balance('SUSPENSE-BIFAST'))!.availableSen, rupiah(20_000));
    await bank.checkMoney();
  }));

test('T1 a pending credit ends with the statement: settled when it is in it, voided when it is not', () =>
  withBank(async (bank) => {
    const one = credit();
    const two = credit({ bizMsgIdr: '20260801BNINIDJA010O0200000002' });
    await bank.engine.take(one);
    await bank.engine.take(two);
    await bank.workUntil(bank.time.now() + 15 * HOUR, HOUR);
    await bank.engine.take(bank.statement('2026-08-01', [one]));
    await bank.engine.work();
    assert.equal((await paymentOf(bank, one.bizMsgIdr))!.state, 'settled');
    assert.equal((await paymentOf(bank, two.bizMsgIdr))!.state, 'rejected');
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: two.bizMsgIdr }), {
      taken: false,
      code: 'U106',
    });
    await bank.checkMoney();
  }));

test('a credit that no statement ever mentions is told when its clock runs out', () =>
  withBank(async (bank) => {
    await bank.engine.take(credit());
    await bank.workUntil(bank.time.now() + 20 * HOUR, HOUR);
    assert.ok((await bank.events('payment.overdue')).length >= 1);
  }));

test("an account enquiry is answered for customers' open accounts only", () =>
  withBank(async (bank) => {
    const ask = (account: string) =>
      bank.engine.take({ kind: 'account_enquiry', rail: 'bifast', account });
    assert.deepEqual(await ask('1001'), {
      taken: true,
      accountName: 'NASABAH SINTETIS 1',
      accountType: 'SVGS',
    });
    assert.deepEqual(await ask('1004'), { taken: false, code: 'U102' });
    assert.deepEqual(await ask('FEE-BIFAST'), { taken: false, code: 'U101' });
  }));
