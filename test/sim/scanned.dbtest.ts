/** Our shop scans the codes that customers show: those of other banks behind the simulated switch, and our own. The real link, gateway, engine,
 * ledger and signer; in the end the network's book, the ledger and the merchant's account must agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShown } from '../../sim/switch/presented.ts';
import type { Behaviour } from '../../sim/switch/faults.ts';
import { withSnapshot } from '../../src/db/snapshot.ts';
import { sql } from '../../src/db/sql.ts';
import { CHART } from '../../src/kernel/bank.ts';
import { onFaultPoint } from '../../src/kernel/fault-point.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah, type Sen } from '../../src/kernel/money.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { openAccounts, setAccountState } from '../../src/ledger/account.ts';
import { createMerchants } from '../../src/merchant/open.ts';
import { merchantPan } from '../../src/merchant/decide-code.ts';
import { MERCHANTS } from '../../src/merchant/test-merchant.ts';
import type { ScanCommand } from '../../src/payment/sale/scan.ts';
import { verifyPayments } from '../../src/payment/verify.ts';
import { openPresented } from '../../src/presented/open.ts';
import { tillUnderTest, type QrisWorld } from './qris-world.ts';
import { withEffect, type Effect } from './rail-effect.ts';

const SHOP = '1990000002';
const PRICE = rupiah(600_000);
/** Micro merchants pay 0.3 % above Rp500.000. */
const MDR = rupiah(1_800);
const TILL_MS = 10_000;
const [WARUNG] = MERCHANTS;

async function openTill({ db, engine, other, ledger, world }: Effect) {
  const { time, bank, settings } = world;
  const random = seededRandom('till');
  const nowMs = time.now();
  await db.tx(async (tx) => {
    await openAccounts(tx, {
      nowMs,
      accounts: [{ number: SHOP, name: 'BU SRI', customerId: 'C1' }],
    });
    await createMerchants(tx, { nowMs, bank, random, merchants: MERCHANTS });
  });
  const presented = openPresented({
    db,
    ledger,
    gate: { decide: () => ({ kind: 'allow' }) },
    time,
    random,
    log: silentLog,
    bank,
    partyKey: Buffer.alloc(32, 7),
    settings,
  });
  const { outside } = world as QrisWorld; // the one that this suite was given
  const merchant: ScanCommand['merchant'] = {
    terms: { id: WARUNG!.id, nmid: WARUNG!.nmid, mdrSen: MDR, terminal: 'A02' },
    account: SHOP,
    name: WARUNG!.name,
    pan: merchantPan(bank.bankCode, 1n),
    nmid: WARUNG!.nmid,
    city: WARUNG!.city,
    criteria: 'UMI',
    merchantId: '000000000000001',
  };
  const commandOf = (reference: string, payload: string, amount: Sen = PRICE): ScanCommand => {
    const shown = readShown(payload)!;
    return {
      key: `snap:partner-a:${reference}`,
      partnerId: 'partner-a',
      partnerReferenceNo: reference,
      amount,
      customerPan: shown.pan,
      codeData: shown.data,
      issuerBank: 'BNINIDJA',
      merchant,
      billNumber: 'INV-1',
    };
  };
  const play = (does: Behaviour): void =>
    outside.chooser.replace([
      { name: 'till', match: { direction: 'from_bank', flow: 'qris_presented' }, does },
    ]);
  const scan = (command: ScanCommand, by = engine) => by.sales.scan(command);
  const stateOf = async (id: string) => (await engine.find(id))!.state;
  return { outside, presented, merchant, commandOf, play, scan, stateOf, other };
}

test('T6 our shop scans other banks’ codes: paid, refused, unheard, late, never come; each at most once, and three books agree', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { engine, ledger, db, pass, world } = effect;
    const till = await openTill(effect);
    const { outside, commandOf, play, scan, stateOf } = till;
    const show = (limitSen?: bigint) =>
      outside.show({ bank: '009', ...(limitSen && { limitSen }) });
    const charge = async (reference: string, does: Behaviour, payload = show()) => {
      play(does);
      const command = commandOf(reference, payload);
      const made = await scan(command);
      assert.ok(made.ok, made.ok ? '' : made.reason);
      await pass(TILL_MS);
      return { id: made.payment.id, state: await stateOf(made.payment.id), command, payload };
    };
    const first = await charge('s-1', { kind: 'answer' });
    assert.equal(first.state, 'accepted', 'the shop may hand over its goods');
    const shop = () => ledger.balance(SHOP);
    assert.deepEqual([(await shop())!.pendingCreditSen, (await shop())!.availableSen], [PRICE, 0n]);

    // The same again is the same; another amount under its number is a conflict; the code pays no second time.
    const again = await scan(first.command, effect.other);
    assert.ok(again.ok && again.repeated && again.payment.id === first.id);
    const changed = await scan({ ...first.command, amount: rupiah(1_000) });
    assert.equal(changed.ok ? '' : changed.reason, 'key_conflict');
    assert.equal((await charge('s-2', { kind: 'answer' }, first.payload)).state, 'refunded');

    const ends = {
      'three copies of the answer': [{ kind: 'duplicate', count: 3 }, 'accepted'],
      'lost answer': [{ kind: 'drop_answer' }, 'accepted'],
      'lost request': [{ kind: 'drop_request' }, 'refunded'],
      'answer after 7 s': [{ kind: 'late_answer', afterMs: 7_000 }, 'accepted'],
      'no funds': [{ kind: 'code', rc: '51', isBooked: false }, 'refunded'],
      'slow bank, paid all the same': [{ kind: 'code', rc: '91', isBooked: true }, 'accepted'],
      'another amount in the answer': [{ kind: 'wrong_amount', deltaSen: 100 }, 'accepted'],
    } as const satisfies Record<string, readonly [Behaviour, string]>;
    let number = 0;
    for (const [name, [does, wanted]] of Object.entries(ends)) {
      const { state, id } = await charge(`f-${number++}`, does);
      assert.equal(state, wanted, `${name} ${id}`);
    }
    const book = () => outside.book.summary()['from_bank|qris_presented']!;
    assert.equal(book().standsSen, 6n * PRICE);
    assert.equal((await shop())!.pendingCreditSen, 6n * PRICE, 'nothing twice, nothing lost');

    // A process ends right after its commit; another one sends it, once.
    play({ kind: 'answer' });
    const undo = onFaultPoint((name) => {
      if (name === 'payment.afterScan') throw new Error('the process ends here');
    });
    const left = commandOf('s-3', show());
    await assert.rejects(scan(left), /ends here/);
    undo();
    await pass(60_000);
    const found = await scan(left, effect.other);
    assert.ok(found.ok && found.repeated && found.payment.state === 'accepted');

    // Given back before and after its network settled it.
    const giveBack = async (refundNumber: string, amountSen: Sen) => {
      const given = await engine.sales.refund({
        saleId: first.id,
        merchantId: 'mer_warung',
        refundNumber,
        amountSen,
        reason: 'uji',
        channel: 'snap',
        askedBy: 'partner-a',
      });
      if (!given.ok) return given.reason;
      await pass(TILL_MS);
      return stateOf(given.refund.paymentId);
    };
    assert.equal(
      await giveBack('R-0', PRICE),
      'insufficient_funds',
      'of what may not come nothing',
    );
    await world.endDate();
    await pass(60_000);
    assert.equal(await stateOf(first.id), 'settled');
    assert.equal((await shop())!.availableSen, 7n * (PRICE - MDR));
    assert.equal((await ledger.balance(CHART.qrisIn))!.postedSen, -7n * PRICE);
    assert.equal((await shop())!.pendingCreditSen, 0n);
    assert.equal(await giveBack('R-1', rupiah(200_000)), 'settled');
    assert.equal(await giveBack('R-2', PRICE), 'above_sale');
    assert.equal(outside.book.summary()['from_bank|qris_refund']!.standsSen, rupiah(200_000));
    assert.deepEqual(await withSnapshot(db, (tx) => verifyPayments(tx)), []);
    // The shop heard "paid" once for each.
    const heard = await db.query<{ n: bigint }>(
      sql`select count(*) as n from customer_message where template = 'qris.sale'`,
    );
    assert.equal(heard[0]?.n, 7n);
  }));

test('T5 what the other bank approved and no statement names is not the shop’s: it goes back, and the shop is told', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { ledger, db, pass, world, engine } = effect;
    const { outside, commandOf, play, scan, stateOf } = await openTill(effect);
    // The network says yes and books nothing of it.
    play({ kind: 'drop_request' });
    const made = await scan(commandOf('s-1', outside.show({ bank: '009' })));
    assert.ok(made.ok);
    await pass(1_000);
    const { bizMsgIdr } = (await engine.find(made.payment.id))!;
    const answer = { outcome: 'accepted', isFinal: false, code: 'RC00' } as const;
    await engine.take({
      kind: 'outcome',
      rail: 'qris',
      bizMsgIdr: bizMsgIdr!,
      answer,
      source: 'rail_notice',
    });
    await pass(8_000);
    assert.equal(await stateOf(made.payment.id), 'accepted');
    assert.equal((await ledger.balance(SHOP))!.pendingCreditSen, PRICE);
    await world.endDate();
    await pass(60_000);
    assert.equal(await stateOf(made.payment.id), 'refunded');
    assert.equal((await ledger.balance(SHOP))!.pendingCreditSen, 0n);
    const told = await db.query<{ template: string }>(
      sql`select template from customer_message order by id`,
    );
    assert.deepEqual(
      told.map(({ template }) => template),
      ['qris.sale', 'qris.sale_unsettled'],
    );
  }));

test('I12 a shop whose account is frozen when the network settles is credited whole, without the discount, and nobody else waits for it', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { ledger, db, pass, world } = effect;
    const { outside, commandOf, play, scan, stateOf } = await openTill(effect);
    play({ kind: 'answer' });
    const made = await scan(commandOf('s-1', outside.show({ bank: '009' })));
    assert.ok(made.ok);
    await pass(TILL_MS);
    const nowMs = world.time.now();
    await db.tx((tx) =>
      setAccountState(tx, { nowMs, number: SHOP, to: 'frozen', by: 'stf_1', reason: 'uji' }),
    );
    await world.endDate();
    await pass(60_000);
    assert.equal(await stateOf(made.payment.id), 'settled');
    const shop = (await ledger.balance(SHOP))!;
    assert.deepEqual([shop.postedSen, shop.pendingCreditSen], [PRICE, 0n]);
  }));

test('I12 a scanned code that the network settles with less than it approved makes nothing spendable, and is told once', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { ledger, db, pass, world, engine } = effect;
    const { outside, commandOf, play, scan, stateOf } = await openTill(effect);
    play({ kind: 'answer' });
    const made = await scan(commandOf('s-1', outside.show({ bank: '009' })));
    assert.ok(made.ok);
    await pass(TILL_MS);
    const { bizMsgIdr } = (await engine.find(made.payment.id))!;
    const line = {
      lineId: '20260801.1',
      direction: 'in',
      bizMsgIdr: bizMsgIdr!,
      amountSen: '2000000',
      counterpartyBank: 'BNINIDJA',
      connector: '',
      settledAtMs: world.time.now(),
      businessDate: '2026-08-01',
    } as const;
    const statement = { kind: 'statement', rail: 'qris', businessDate: '2026-08-01' } as const;
    for (let times = 0; times < 2; times++) await engine.take({ ...statement, lines: [line] });
    assert.equal(await stateOf(made.payment.id), 'refunded');
    const shop = (await ledger.balance(SHOP))!;
    assert.deepEqual([shop.postedSen, shop.pendingCreditSen], [0n, 0n]);
    const told = await db.query<{ data: string }>(
      sql`select data from event where kind = 'payment.outcome_contradicted' and subject = ${made.payment.id}`,
    );
    assert.equal(told.length, 1);
    assert.match(told[0]!.data, /amount_differs/);
  }));

test('a shop that was closed is paid no more by scans, a repeat hears its first answer, and a reference of something else is a conflict', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { pass } = effect;
    const { outside, commandOf, play, scan, merchant } = await openTill(effect);
    play({ kind: 'answer' });
    const first = commandOf('s-1', outside.show({ bank: '009' }));
    assert.ok((await scan(first)).ok);
    await pass(TILL_MS);
    const closed = { ...merchant, isClosed: true };
    const again = await scan({ ...first, merchant: closed });
    assert.ok(again.ok && again.repeated);
    const next = { ...commandOf('s-2', outside.show({ bank: '009' })), merchant: closed };
    assert.deepEqual(await scan(next), { ok: false, reason: 'restricted' });
    const other = { ...first, merchant: closed, amount: rupiah(1_000) };
    assert.deepEqual(await scan(other), { ok: false, reason: 'key_conflict' });
  }));

test('our shop scans our own customer’s code: one commit, once, with the discount; a no is said once for all', () =>
  withEffect(tillUnderTest, async (effect) => {
    const { ledger, db, payer } = effect;
    const { presented, merchant, commandOf } = await openTill(effect);
    const make = async () => {
      const asked = { customerId: 'C1', account: '1001', limitSen: PRICE };
      const made = await presented.make(asked);
      assert.ok(made.ok, made.ok ? '' : made.reason);
      return made;
    };
    const own = (reference: string, payload: string, amount: Sen = PRICE) => {
      const { issuerBank: _bank, ...scan } = commandOf(reference, payload, amount);
      return presented.payOwn({ ...scan, merchant });
    };
    const { code, payload } = await make();
    const above = await own('o-0', payload, rupiah(600_001));
    assert.equal(above.ok ? '' : above.reason, 'above_daily_limit');
    // Two tills at one moment: one is paid.
    const both = await Promise.all([own('o-1', payload), own('o-2', payload)]);
    assert.equal(both.filter(({ ok }) => ok).length, 1);
    const paid = both.find(({ ok }) => ok)!;
    assert.ok(paid.ok);
    const again = await own(paid.payment.partnerReferenceNo!, payload);
    assert.ok(again.ok && again.repeated && again.payment.id === paid.payment.id);
    const late = await own('o-3', payload);
    assert.equal(late.ok ? '' : late.reason, 'code_used');
    assert.equal(
      (await presented.find({ customerId: 'C1', id: code.id }))?.paymentId,
      paid.payment.id,
    );
    assert.deepEqual(await payer(), [rupiah(1_000_000) - PRICE, 0n]);
    assert.equal((await ledger.balance(SHOP))!.availableSen, PRICE - MDR);
    // Nobody has that much left: the no stays, whatever comes in later.
    const next = await make();
    const taken = await own(paid.payment.partnerReferenceNo!, next.payload);
    assert.equal(
      taken.ok ? 'paid' : taken.reason,
      'key_conflict',
      'another customer’s code is not paid by it',
    );
    const poor = await own('o-4', next.payload);
    assert.equal(poor.ok ? '' : poor.reason, 'insufficient_funds');
    const same = await own('o-4', next.payload);
    assert.equal(same.ok ? '' : same.reason, 'insufficient_funds');
    assert.deepEqual(await withSnapshot(db, (tx) => verifyPayments(tx)), []);
  }));
