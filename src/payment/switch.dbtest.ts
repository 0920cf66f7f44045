import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import type { TransferInRequest } from '../rail/notice-switch.ts';
import type { Restriction } from '../gate/restriction.ts';
import { NOON_WIB_MS, OPENING, transfer, withBank } from './test-bank.ts';

const FEE = rupiah(6_500);
const REQUEST: TransferInRequest = {
  kind: 'request',
  rail: 'switch',
  what: 'transfer_in',
  bizMsgIdr: '2026080105000000000000009000777',
  rrn: '621312000777',
  fromBank: 'BNINIDJA',
  amountSen: String(rupiah(50_000)),
  deadlineMs: NOON_WIB_MS + 12_000,
  debtorName: 'PENGIRIM',
  debtorAccount: '9008007006',
  creditorAccount: '1001',
  remark: 'uji',
};
const REVERSAL = {
  kind: 'reversal',
  what: 'transfer_in',
  rail: 'switch',
  bizMsgIdr: REQUEST.bizMsgIdr,
  fromBank: 'BNINIDJA',
  amountSen: REQUEST.amountSen,
  keptSen: '0',
} as const;
const SETTLED = { kind: 'credit_settled', rail: 'switch', fromBank: 'BNINIDJA' } as const;

const online = (more: Parameters<typeof transfer>[0] = {}) =>
  transfer({ creditorBank: 'BNINIDJA', route: 'switch', confirmedFeeSen: FEE, ...more });

test('T6 a transfer over the switch to us is a pending credit, once; the same request gets the same answer and another body 94', () =>
  withBank(async (bank) => {
    const { engine } = bank;
    const [first, twin] = await Promise.all([engine.take(REQUEST), engine.take(REQUEST)]);
    assert.ok(first.taken && first.approved);
    assert.deepEqual(twin, first);
    assert.match(first.approvalCode, /^[0-9A-Z]{6}$/);
    assert.equal(first.accountName, 'NASABAH SINTETIS 1');
    // A repeat, or an advice, has a deadline of its own.
    assert.deepEqual(await engine.take({ ...REQUEST, deadlineMs: 1 }), first);
    for (const other of [{ amountSen: '100' }, { creditorAccount: '1002' }])
      assert.deepEqual(await engine.take({ ...REQUEST, ...other }), {
        taken: true,
        approved: false,
        code: '94',
      });
    assert.equal(await bank.available('1001'), OPENING, 'pending, not spendable (I12)');
    const { bizMsgIdr } = REQUEST;
    const ofLess = { ...SETTLED, bizMsgIdr, amountSen: '4999999' };
    assert.deepEqual(await engine.take(ofLess), { taken: true });
    assert.equal(await bank.available('1001'), OPENING, 'nor by a line that settles less');
    assert.deepEqual(await engine.take({ ...SETTLED, bizMsgIdr }), { taken: true });
    assert.deepEqual(await engine.take({ ...SETTLED, bizMsgIdr }), { taken: true });
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    assert.deepEqual(await bank.messages('C1'), ['payment.received']);
    assert.deepEqual(await engine.take({ ...REVERSAL, bizMsgIdr }), { taken: false, code: '12' });
    assert.equal(await bank.available('1001'), OPENING + rupiah(50_000));
    await bank.checkMoney();
  }));

test('takeSwitchRequest() refuses with the code of the reason, for good, and after the deadline without a trace', () =>
  withBank(async (bank) => {
    const ask = async (more: Partial<TransferInRequest>) => {
      const answer = await bank.engine.take({ ...REQUEST, ...more });
      return answer.taken && answer.approved === false ? answer.code : 'approved';
    };
    const id = (n: number) => ({ bizMsgIdr: REQUEST.bizMsgIdr.slice(0, -1) + String(n) });
    assert.equal(await ask({ ...id(1), creditorAccount: '404' }), '76');
    assert.equal(await ask({ ...id(1), creditorAccount: '404' }), '76');
    assert.equal(await ask({ ...id(2), creditorAccount: '1004' }), '78');
    assert.equal(await ask({ ...id(3), creditorAccount: 'SETTLE-SWITCH-IN' }), '76');
    assert.equal(await ask({ ...id(4), deadlineMs: bank.time.now() }), '91');
    assert.equal(
      await ask(id(4)),
      'approved',
      'what was not taken in time may still come by advice',
    );
    bank.gate.decide = ({ rail, direction }) =>
      rail === 'switch' && direction === 'in'
        ? { kind: 'stop', restriction: {} as Restriction }
        : { kind: 'allow' };
    assert.equal(await ask(id(5)), '57');
    bank.gate.decide = () => ({ kind: 'allow' });
    assert.equal(await ask(id(5)), '57', 'the first answer stands');
    await bank.checkMoney();
  }));

test('T7 a reversal pays back once however often it comes; before its original it is remembered and refuses it', () =>
  withBank(async (bank) => {
    const { engine } = bank;
    await engine.take(REQUEST);
    assert.deepEqual(await engine.take({ ...REVERSAL, amountSen: '100' }), {
      taken: false,
      code: '13',
    });
    assert.deepEqual(await engine.take({ ...REVERSAL, keptSen: '100' }), {
      taken: false,
      code: '12',
    });
    const back = await Promise.all([engine.take(REVERSAL), engine.take(REVERSAL)]);
    assert.deepEqual(back, [{ taken: true }, { taken: true }]);
    assert.deepEqual(await engine.take(REVERSAL), { taken: true });
    const again = await engine.take(REQUEST);
    assert.ok(again.taken && again.approved === false, 'what was taken back does not come again');
    const early = { bizMsgIdr: '2026080105000000000000009000888' };
    assert.deepEqual(await engine.take({ ...REVERSAL, ...early }), { taken: true });
    assert.deepEqual(await engine.take({ ...REVERSAL, ...early }), { taken: true });
    const late = await engine.take({ ...REQUEST, ...early });
    assert.ok(late.taken && late.approved === false);
    assert.equal(await bank.available('1001'), OPENING);
    assert.deepEqual(await bank.messages('C1'), []);
    await bank.checkMoney();
  }));

test('a credit that cannot be booked any more waits in suspense: the switch has no return', () =>
  withBank(async (bank) => {
    await bank.engine.take(REQUEST);
    await bank.db.script("update account set state = 'closed' where number = '1001'");
    assert.deepEqual(await bank.engine.take({ ...SETTLED, bizMsgIdr: REQUEST.bizMsgIdr }), {
      taken: true,
    });
    const held = await bank.ledger.balance('SUSPENSE-SWITCH');
    assert.equal(held?.postedSen, rupiah(50_000));
    assert.equal(bank.rail.sends.size, 0);
    await bank.checkMoney();
  }));

test('submit() over the chosen way: its fee, its ids and accounts; T3 the payer is told of every end, and of doubt', () =>
  withBank(async (bank) => {
    const paid = await bank.engine.submit(online());
    assert.ok(paid.ok);
    await bank.workUntil(bank.time.now() + 5_000, 1_000);
    const view = await bank.engine.find(paid.payment.id);
    assert.deepEqual(
      [view?.kind, view?.state, view?.feeSen, view?.bizMsgIdr],
      ['switch_out', 'settled', FEE, '20260801199000001'],
    );
    assert.equal((await bank.ledger.balance('SETTLE-SWITCH-OUT'))?.postedSen, rupiah(10_000));
    const told: Record<string, readonly string[]> = {};
    for (const behaviour of ['settle', 'reject', 'lose_request'] as const) {
      const before = (await bank.messages('C1')).length;
      bank.rail.onSend = () => behaviour;
      assert.ok((await bank.engine.submit(online())).ok);
      await bank.workUntil(bank.time.now() + 5_000, 1_000);
      told[behaviour] = (await bank.messages('C1')).slice(before);
    }
    assert.deepEqual(
      told,
      {
        settle: ['payment.settled'],
        reject: ['payment.refunded'],
        lose_request: ['payment.pending'],
      },
      'T3 the payer is told of every end and of doubt',
    );
    for (const [more, reason] of [
      [{ amount: rupiah(9_999) }, 'below_rail_minimum'],
      [{ amount: rupiah(25_000_001) }, 'above_rail_cap'],
      [{ creditorBank: 'XXXXIDJA' }, 'bank_unknown'],
    ] as const) {
      const refused = await bank.engine.submit(online(more));
      assert.equal(!refused.ok && refused.reason, reason);
    }
    await bank.checkMoney();
  }));

test('the day’s limit of the switch counts what was sent over it and not what came back, and is told before the PIN (I7)', () =>
  withBank(
    async (bank) => {
      bank.rail.onSend = () => 'reject';
      const first = await bank.engine.submit(online({ amount: rupiah(30_000) }));
      assert.ok(first.ok);
      await bank.workUntil(bank.time.now() + 5_000, 1_000);
      assert.equal(await bank.state(first.payment.id), 'refunded');
      bank.rail.onSend = () => 'settle';
      assert.ok((await bank.engine.submit(online({ amount: rupiah(30_000) }))).ok);
      const over = await bank.engine.submit(online({ amount: rupiah(30_000) }));
      assert.equal(!over.ok && over.reason, 'above_daily_limit');
      const asked = { channel: 'mobile', debitAccount: '1001', creditorBank: 'BNINIDJA' } as const;
      for (const [amount, open] of [
        [20_001, [true, false]],
        [20_000, [true, true]],
      ] as const) {
        const ways = await bank.engine.offers({ ...asked, amount: rupiah(amount) });
        assert.deepEqual(
          ways.map(({ quote }) => quote.open),
          open,
        );
      }
      const elsewhere = transfer({ creditorBank: 'BNINIDJA', amount: rupiah(30_000) });
      assert.ok((await bank.engine.submit(elsewhere)).ok, 'the other way has its own');
      await bank.checkMoney();
    },
    { settings: { switchDailyLimitSen: rupiah(50_000) } },
  ));

test('offers() shows every way with its price; one that is stopped says why and is never replaced by the other', () =>
  withBank(async (bank) => {
    const restriction = { id: 'rst_1' } as Restriction;
    const asked = {
      channel: 'mobile',
      debitAccount: '1001',
      creditorBank: 'BNINIDJA',
      amount: rupiah(10_000),
    } as const;
    const both = await bank.engine.offers(asked);
    assert.deepEqual(
      both.map(({ route, quote }) => [route, quote.open, quote.feeSen]),
      [
        ['bifast', true, rupiah(2_500)],
        ['switch', true, FEE],
      ],
    );
    bank.gate.decide = ({ rail }) =>
      rail === 'bifast' ? { kind: 'stop', restriction } : { kind: 'allow' };
    const [stopped, open] = await bank.engine.offers(asked);
    assert.ok(stopped && !stopped.quote.open && stopped.quote.restriction === restriction);
    assert.equal(open?.quote.open, true);
    const refused = await bank.engine.submit(
      transfer({ creditorBank: 'BNINIDJA', route: 'bifast' }),
    );
    assert.equal(!refused.ok && refused.reason, 'restricted');
    assert.equal(bank.rail.sends.size, 0, 'nothing left over another way');
    // A bank that BI-FAST calls closed is still reached over the switch.
    bank.gate.decide = () => ({ kind: 'allow' });
    const closed = await bank.engine.offers({ ...asked, creditorBank: 'CENAIDJA' });
    assert.deepEqual(
      closed.map(({ quote }) => quote.open),
      [false, true],
    );
  }));
