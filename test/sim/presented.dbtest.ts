/** Codes that our customers show: shops of other banks behind the simulated switch scan them. The real link, gateway, engine and ledger; in the
 * end the network's book and the customer's account must agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShown } from '../../sim/switch/presented.ts';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { openNoticeDesk } from '../../src/app/notice-desk.ts';
import { withSnapshot } from '../../src/db/snapshot.ts';
import { sql } from '../../src/db/sql.ts';
import type { GateDecision } from '../../src/gate/port.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { onFaultPoint } from '../../src/kernel/fault-point.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah, type Sen } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { openParties } from '../../src/payment/party.ts';
import { verifyPayments } from '../../src/payment/verify.ts';
import { openPresented } from '../../src/presented/open.ts';
import type { PresentedCodes } from '../../src/presented/port.ts';
import { SHOP_PAN, tillUnderTest, type QrisWorld } from './qris-world.ts';
import { withEffect, type Effect } from './rail-effect.ts';

const PRICE = rupiah(20_000);
const OPENING = rupiah(1_000_000);
const PAYER = '1001';

function openTill({ db, engine, ledger, world }: Effect) {
  const { time, bank, settings } = world;
  const gate = { now: { kind: 'allow' } as GateDecision };
  // Two core processes on one database: what one of them knows is in it.
  const [one, other] = [0, 1].map((index) =>
    openPresented({
      db,
      ledger,
      gate: { decide: () => gate.now },
      time,
      random: seededRandom(`till ${index}`),
      log: silentLog,
      bank,
      partyKey: Buffer.alloc(32, 7),
      settings,
    }),
  ) as [PresentedCodes, PresentedCodes];
  const nobody = () => Promise.reject(new Error('only a code is shown here'));
  world.hear(
    openNoticeDesk({
      cards: { take: nobody },
      sale: nobody,
      presented: other,
      payments: engine.take,
    }),
  );
  const make = async (limitSen: Sen = rupiah(50_000)) => {
    const made = await one.make({ customerId: 'C1', account: PAYER, limitSen });
    assert.ok(made.ok, made.ok ? '' : made.reason);
    return made;
  };
  const { outside } = world as QrisWorld; // the one that this suite was given
  const charge = async (
    payload: string,
    over: { amountSen?: Sen; tags?: Record<string, string>; fault?: Behaviour } = {},
  ) => {
    const paid = await outside.chargeShown({
      bank: '009',
      payload,
      merchantPan: SHOP_PAN,
      merchantId: '000000000000456',
      merchantName: 'TOKO SIMULASI',
      city: 'BANDUNG',
      amountSen: PRICE,
      ...over,
    });
    return paid.outcome === 'declined' ? paid.rc : paid.outcome;
  };
  const find = (id: string) => other.find({ customerId: 'C1', id });
  return { one, other, make, charge, find, outside, gate };
}

/** Somebody of the bank blocks the payer's account; two people lift it by what comes back. */
async function block({ db, world }: Effect): Promise<() => Promise<unknown>> {
  const at = new Date(world.time.now());
  const subject = openParties(Buffer.alloc(32, 7)).keyOf({ bank: world.bank.bic, account: PAYER });
  await db.query(sql`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select id, 'Staff', id, 'risk', 'x', 'x', 'x', ${at} from unnest(array['stf_1', 'stf_2']) as s (id)`);
  await db.query(sql`insert into blocked_party (id, kind, subject, shown, reason, placed_by, made_at, review_at)
    values ('blk_1', 'account', ${subject}, '1001', 'mule', 'stf_1', ${at}, ${new Date(at.getTime() + 1)})`);
  return () =>
    db.query(sql`insert into blocked_party_lift (block_id, asked_by, reason, asked_at, approved_by, approved_at)
      values ('blk_1', 'stf_1', 'mistaken', ${at}, 'stf_2', ${at})`);
}

/** A process looks at the blocked list so often. */
const LIST_MS = 5_001;

const NOT_KNOWN = { taken: true, approved: false, code: '25' };

/** A payment that the network knows nothing of: a process ends right after its commit, and it is answered by another; and what a check, a
 * changed copy and a late word mean. Its payment, and the same message once more. */
async function payUnknown(
  { world }: Effect,
  { one, other, make, find }: ReturnType<typeof openTill>,
): Promise<{ unsettled: string; again: () => Promise<readonly unknown[]> }> {
  const { code, payload } = await make();
  const { pan, data } = readShown(payload)!;
  const asked = (stan: string, codeData = data) => ({
    kind: 'request' as const,
    rail: 'qris' as const,
    what: 'qris_presented' as const,
    bizMsgIdr: `2026080105000000093600009${stan}`,
    rrn: `123456${stan}`,
    fromBank: 'BNINIDJA',
    amountSen: String(PRICE),
    deadlineMs: world.time.now() + 3_600_000,
    customerPan: pan,
    codeData,
    merchantPan: SHOP_PAN,
    merchantName: 'TOKO SIMULASI',
  });
  const checkOf = ({ bizMsgIdr, ...rest }: ReturnType<typeof asked>) => ({
    ...rest,
    what: 'qris_check' as const,
    of: 'presented' as const,
    bizMsgIdr: '2026080105000000093600009900001',
    originalId: bizMsgIdr,
  });
  assert.deepEqual(await one.take(checkOf(asked('000002'))), NOT_KNOWN);
  assert.deepEqual(await other.take(asked('000002')), NOT_KNOWN, 'the check was first');
  const undo = onFaultPoint((name) => {
    if (name === 'presented.afterApproval') throw new Error('the process ends here');
  });
  await assert.rejects(one.take(asked('000001')), /ends here/);
  undo();
  const yes = await other.take(asked('000001'));
  assert.ok('approvalCode' in yes);
  assert.deepEqual(await one.take(checkOf(asked('000001'))), yes);
  const checked = (over: object) => one.take({ ...checkOf(asked('000001')), ...over });
  const another = { ...NOT_KNOWN, code: '12' };
  assert.deepEqual(await checked({ amountSen: String(PRICE - 1n) }), another);
  assert.deepEqual(await checked({ rrn: '999999000001' }), another, 'a yes is about one payment');
  const changed = { ...asked('000001'), amountSen: String(PRICE + 1n) };
  assert.deepEqual(await one.take(changed), { ...NOT_KNOWN, code: '94' });
  const late = { ...asked('000001'), deadlineMs: 0 };
  assert.deepEqual(await one.take(late), { taken: true }, 'too late to be said');
  const unseen = { ...asked('000003'), deadlineMs: 0 };
  assert.deepEqual(await one.take(unseen), { ...NOT_KNOWN, code: '91' });
  const over = { ...asked('000006', readShown((await make()).payload)!.data) };
  const refused = { ...over, amountSen: String(rupiah(50_001)) };
  assert.deepEqual(await one.take(refused), { ...NOT_KNOWN, code: '61' });
  assert.deepEqual(await other.take(checkOf(refused)), NOT_KNOWN, 'refused: there is no payment');
  // Two tills, two processes, one moment: one of them is paid.
  const raced = readShown((await make()).payload)!.data;
  const both = await Promise.all([
    one.take(asked('000004', raced)),
    other.take(asked('000005', raced)),
  ]);
  assert.equal(both.filter((answer) => 'approvalCode' in answer).length, 1);
  return {
    unsettled: (await find(code.id))!.paymentId!,
    again: async () => [await one.take(asked('000001')), await checked({})],
  };
}

test('T6 a shop of another bank scans our customer’s code: copied, unheard, late and never come, each pays at most once and both books agree', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { world, engine, ledger, db, pass, payer } = effect;
    const till = openTill(effect);
    const { make, charge, find, outside } = till;
    const paid: string[] = [];
    const pay = async (fault: Behaviour, wanted: string) => {
      const { code, payload } = await make();
      assert.equal(await charge(payload, { fault }), wanted, fault.kind);
      paid.push(code.id);
      return payload;
    };
    const used = await pay({ kind: 'duplicate', count: 3 }, 'approved');
    assert.deepEqual(await payer(), [OPENING, PRICE], 'three copies, one hold');
    assert.equal(await charge(used), '54', 'a code pays once');
    await pay({ kind: 'drop_answer' }, 'unknown');
    await pay({ kind: 'late_answer', afterMs: 3_600_000 }, 'unknown');
    await pay({ kind: 'drop_request' }, 'unknown');
    await pass(3 * 60_000);
    assert.deepEqual(
      [...outside.book.entries()].map(({ state, rc }) => [state, rc]),
      [
        ['approved', '00'],
        ['declined', '54'],
        ['approved', '00'],
        ['approved', '00'],
        ['declined', '25'],
      ],
    );
    const book = () => outside.book.summary()['to_bank|qris_presented']!;
    assert.equal(book().disputed, 0, 'nothing of it was taken back');
    assert.deepEqual(await payer(), [OPENING, book().standsSen]);
    const codes = await Promise.all(paid.map(find));
    const payments = codes.flatMap((one) => one?.paymentId ?? []);
    assert.equal(payments.length, 3);
    assert.equal((await engine.find(payments[0]!))?.state, 'accepted');

    // The shop gives a part of it back before and after the settlement.
    const [first] = [...outside.book.entries()];
    const refund = { rrn: first!.rrn, amountSen: rupiah(5_000), refundNumber: 'RFD-1' };
    assert.equal((await outside.refund(refund)).outcome, 'approved');

    const { unsettled, again } = await payUnknown(effect, till);
    assert.deepEqual(await payer(), [OPENING, 5n * PRICE]);

    await world.endDate();
    await pass(60_000);
    // T5: what no settlement names goes back, and is not approved again.
    assert.equal((await engine.find(unsettled))?.state, 'refunded');
    assert.deepEqual(await again(), [NOT_KNOWN, NOT_KNOWN]);
    assert.deepEqual(await payer(), [OPENING - 3n * PRICE + rupiah(5_000), 0n]);
    assert.equal((await ledger.balance(CHART.qrisOut))!.postedSen, 3n * PRICE);
    assert.equal((await engine.find(payments[0]!))?.state, 'settled');
    const rest = { ...refund, amountSen: PRICE, refundNumber: 'RFD-2' };
    assert.deepEqual(await withSnapshot(db, (tx) => verifyPayments(tx)), []);
    const over = await outside.refund(rest);
    assert.equal(over.outcome === 'declined' && over.rc, '61', 'never more than was paid');
  }));

test('a no at the till is said once for all: too much, restricted, ended, somebody else’s; nothing is held and the customer’s screen knows why', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { payer } = effect;
    const { one, make, charge, find, gate, outside } = openTill(effect);
    const { code, payload } = await make();
    assert.equal(await charge(payload, { amountSen: rupiah(50_001) }), '61');
    assert.deepEqual((await find(code.id))?.refused, {
      code: '61',
      amountSen: rupiah(50_001),
      count: 1,
    });
    gate.now = { kind: 'stop', restriction: {} as never };
    assert.equal(await charge(payload), '57');
    gate.now = { kind: 'allow' };
    const unblock = await block(effect);
    await effect.world.time.sleep(LIST_MS);
    assert.equal(await charge(payload), '57', 'blocked by a person');
    await unblock();
    await effect.world.time.sleep(LIST_MS);
    // The last digit of the secret is another one.
    const forged = Buffer.from(payload, 'base64');
    forged[forged.length - 1]! ^= 1;
    assert.equal(await charge(forged.toString('base64')), '14');
    // A new code ends the one before; so does the customer.
    const next = await make(rupiah(2_000_000));
    assert.equal(await charge(payload), '54');
    assert.equal(await charge(next.payload, { amountSen: rupiah(1_000_001) }), '51');
    await one.cancel({ customerId: 'C1', id: next.code.id });
    assert.equal(await charge(next.payload), '54');
    assert.equal(await one.find({ customerId: 'C2', id: next.code.id }), undefined);
    const last = await make();
    for (let tries = 0; tries < 5; tries++)
      assert.equal(await charge(last.payload, { amountSen: rupiah(60_000) }), '61');
    assert.equal(await charge(last.payload), '54', 'who asks too often ends the code');
    const expired = await make();
    await effect.pass(90_000);
    assert.equal(await charge(expired.payload), '54');
    assert.deepEqual(await payer(), [OPENING, 0n]);
    assert.equal(outside.book.summary()['to_bank|qris_presented']!.standsSen, 0n);
  }));

test('a customer whose two screens ask two processes for a code at one moment has one live code, and the other ended', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { one, other, find, charge } = openTill(effect);
    const asked = { customerId: 'C1', account: PAYER, limitSen: rupiah(50_000) };
    const made = await Promise.all([one, other, one].map((process) => process.make(asked)));
    const codes = made.flatMap((result) => (result.ok ? [result] : []));
    assert.equal(codes.length, 3, 'nobody is sent away');
    const found = await Promise.all(codes.map(({ code }) => find(code.id)));
    const isLive = found.map((code) => code?.cancelledAtMs === undefined);
    assert.equal(isLive.filter(Boolean).length, 1);
    const answers: string[] = [];
    const amountSen = rupiah(60_000);
    for (const { payload } of codes) answers.push(await charge(payload, { amountSen }));
    assert.deepEqual(
      answers,
      isLive.map((live) => (live ? '61' : '54')),
      'the live one only asks for too much',
    );
  }));
