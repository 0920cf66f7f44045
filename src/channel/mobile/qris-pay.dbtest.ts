import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { readBalance } from '../../ledger/account.ts';
import { openMerchants } from '../../merchant/open.ts';
import { seedMerchants } from '../../merchant/test-merchant.ts';
import type { QrisInstruction } from '../../authorisation/form-qris.ts';
import type { FakeRail } from '../../payment/test-rail.ts';
import { decodeCpm } from '../../rail/qris/cpm.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { encodeQris } from '../../rail/qris/encode.ts';
import { qrisRules } from '../../rail/qris/rules.ts';
import { PAYLOADS } from '../../rail/qris/test-payload.ts';
import { openReal } from './test-engine.ts';
import {
  amount,
  BANK,
  KEY,
  RESTRICTION,
  signIn,
  withWorld,
  type Caller,
  type World,
} from './test-world.ts';

/** Merchants of the tests are paid to Ayu's account; Budi has Rp5.000.000. */
const FROM = '1990000001';
const TO = '1990000002';

async function payload(world: World, amountRupiah: number, referenceNo: string): Promise<string> {
  const merchants = openMerchants({
    ...world,
    time: wallTime(),
    random: systemRandom(),
    bank: BANK,
  });
  const made = await merchants.makeCode({
    merchantId: 'mer_sekolah',
    amountSen: rupiah(amountRupiah),
    billNumber: 'SPP-08',
    partner: { id: 'partner-b', referenceNo, requestHash: Buffer.alloc(32) },
  });
  assert.ok(made.ok);
  return made.code.payload;
}

async function agreeTo(caller: Caller, terms: Record<string, unknown>) {
  const asked = { fromAccount: FROM, ...terms };
  const quote = await caller.call('POST', '/qris/quote', asked);
  assert.equal(quote.status, 200, JSON.stringify(quote.body));
  const consent = await caller.call('POST', '/qris/consent', { ...asked, text: quote.body.text });
  assert.equal(consent.status, 200, JSON.stringify(consent.body));
  const body = {
    consentId: consent.body.consentId,
    pin: '246810',
    bank: quote.body.payee.bic,
    account: quote.body.payee.account,
    amount: quote.body.total,
  };
  const send = (key = KEY) => caller.call('POST', '/transfers', body, { 'idempotency-key': key });
  return { quote: quote.body, send };
}

test('registerQrisPay() pays a dynamic code of ours once (T6): one debit, the discount rate to fee income, the same answer again', () =>
  withWorld(async (world) => {
    await seedMerchants(world.db, Date.now());
    const budi = await signIn(world);
    const code = await payload(world, 100_000, 'r-1');
    const { quote, send } = await agreeTo(budi, { payload: code });
    assert.deepEqual([quote.fee, quote.total], [amount('0.00'), amount('100000.00')]);
    assert.match(quote.text, /Rp100\.000 kepada SEKOLAH CONTOH, SLEMAN \(NMID ID1020000019902\)/);
    const rival = await agreeTo(budi, { payload: code });

    const answers = await Promise.all([send(), send(), send()]);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.payment?.status.label]),
      [1, 2, 3].map(() => [200, 'Berhasil']),
    );
    assert.equal(new Set(answers.map(({ body }) => body.payment.id)).size, 1);
    assert.equal(answers[0]!.body.payment.counterparty.name, 'SEKOLAH CONTOH');
    assert.equal(answers[0]!.body.payment.remark, 'QRIS SPP-08');
    const late = await rival.send('key-fedcba9876543210');
    assert.deepEqual([late.status, late.body.code], [409, 'code_used']);
    assert.match(late.body.wayOut, /Saldo Anda tidak terpotong/);
    // After that the code says so by itself, and the first key still gets its payment.
    const read = await budi.call('POST', '/qris/read', { payload: code });
    assert.equal(read.body.notPayable.title, 'Kode ini sudah dibayar.');
    assert.equal(
      (await budi.call('POST', '/qris/quote', { payload: code, fromAccount: FROM })).body.code,
      'code_used',
    );
    assert.equal((await send()).body.payment.id, answers[0]!.body.payment.id);

    // Education pays 0.6 %.
    const balance = async (number: string) => (await readBalance(world.db, number))?.availableSen;
    assert.equal(await balance(FROM), rupiah(4_900_000));
    assert.equal(await balance(TO), rupiah(1_099_400));
    assert.equal(await balance('FEE-QRIS'), rupiah(600));
    await giveBack(world, { saleId: answers[0]!.body.payment.id, payer: budi });
    assert.equal(await balance(FROM), rupiah(4_925_000));
    assert.equal(await balance('FEE-QRIS'), rupiah(450));
  }, openReal({})));

/** The merchant sees the sale and gives Rp25.000 of it back, once per key (T6), with the PIN; nobody else can. */
async function giveBack(
  world: World,
  { saleId, payer }: { readonly saleId: string; readonly payer: Caller },
): Promise<void> {
  const ayu = await signIn(world, 'ayu');
  const { body } = await ayu.call('GET', '/shops');
  const shop = body.shops.find(({ id }) => id === 'mer_sekolah')!;
  assert.deepEqual(shop.today, {
    count: 1,
    amount: amount('100000.00'),
    discount: amount('600.00'),
  });
  assert.equal(shop.pending.count, 0);
  assert.deepEqual(
    shop.sales.map(({ id, left, canRefund, state }) => [id, left, canRefund, state]),
    [[saleId, amount('100000.00'), true, 'settled']],
  );
  assert.deepEqual((await payer.call('GET', '/shops')).body.shops, []);
  const svg = await world.app.inject({
    url: '/app/api/shops/mer_sekolah/codes/K01',
    headers: { cookie: ayu.cookie },
  });
  assert.equal(svg.statusCode, 200);
  assert.match(svg.body, /^<svg /);
  assert.equal((await payer.call('GET', '/shops/mer_sekolah/codes/K01')).status, 404);

  const ask = (caller: Caller, change: Record<string, unknown> = {}, key = KEY) =>
    caller.call(
      'POST',
      '/shops/refunds',
      { saleId, amount: amount('25000.00'), reason: 'Salah harga', pin: '246810', ...change },
      { 'idempotency-key': key },
    );
  assert.equal((await ask(payer)).body.code, 'sale_not_found');
  assert.equal((await ask(ayu, { pin: '000000' })).body.code, 'pin_wrong');
  const over = await ask(ayu, { amount: amount('100000.01') }, 'key-fedcba9876543210');
  assert.deepEqual([over.status, over.body.code], [422, 'above_sale']);
  const given = await ask(ayu);
  assert.equal(given.status, 200, JSON.stringify(given.body));
  const again = await ask(ayu);
  assert.equal(
    (again.body as unknown as { id: string }).id,
    (given.body as unknown as { id: string }).id,
  );
  assert.equal((await ask(ayu, { amount: amount('24000.00') })).body.code, 'refund_conflict');
  const after = (await ayu.call('GET', '/shops')).body.shops.find(
    ({ id }) => id === 'mer_sekolah',
  )!;
  assert.deepEqual(after.sales[0]!.left, amount('75000.00'));
  const messages = await payer.call('GET', '/messages');
  assert.match(JSON.stringify(messages.body), /SEKOLAH CONTOH mengembalikan Rp25\.000/);
}

test('registerQrisPay() pays a static code with the typed amount; refuses what is not ours, not typed or not the same', () =>
  withWorld(async (world) => {
    await seedMerchants(world.db, Date.now());
    const budi = await signIn(world);
    const [row] = await world.db.query<{ payload: string }>(
      sql`select payload from merchant_code where terminal = 'A01'`,
    );
    const still = row!.payload;
    const { send } = await agreeTo(budi, { payload: still, amount: amount('600000.00') });
    assert.equal((await send()).body.payment.status.label, 'Berhasil');
    // A micro merchant pays 0.3 % above Rp500.000.
    assert.equal((await readBalance(world.db, 'FEE-QRIS'))?.availableSen, rupiah(1_800));

    const refusal = async (terms: Record<string, unknown>): Promise<string> =>
      (await budi.call('POST', '/qris/quote', { fromAccount: FROM, ...terms })).body.code;
    assert.equal(await refusal({ payload: PAYLOADS.V8 }), 'qris_not_payable');
    assert.equal(await refusal({ payload: PAYLOADS.I1 }), 'qris_not_payable');
    assert.equal(await refusal({ payload: still }), 'amount_not_positive');
    assert.equal(
      await refusal({ payload: still, amount: amount('10000000.01') }),
      'above_rail_cap',
    );
    assert.equal(
      await refusal({ payload: still, amount: amount('1.00'), tip: amount('1.00') }),
      'amount_not_positive',
    );
    assert.equal(
      await refusal({ payload: still, amount: amount('1.00'), fromAccount: TO }),
      'account_not_yours',
    );
    const dynamic = await payload(world, 5_000, 'r-2');
    assert.equal(await refusal({ payload: dynamic, amount: amount('4000.00') }), 'terms_changed');

    // Other words than those shown are no consent; and one moves only what was agreed.
    const asked = { payload: dynamic, fromAccount: FROM };
    const other = await budi.call('POST', '/qris/consent', { ...asked, text: 'Saya setuju.' });
    assert.equal(other.body.code, 'terms_changed');
    world.clock.shiftMs = 16 * 60_000;
    const expired = await budi.call('POST', '/qris/quote', asked);
    assert.deepEqual([expired.body.isOpen, expired.body.refusal?.code], [false, 'code_expired']);
  }, openReal({})));

test('registerQrisPay() pays a merchant of another bank: the tip by the code’s rule or the payer’s wish, all of it shown, bound and sent', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const sent: QrisInstruction[] = [];
    rail.current!.onSend = (instruction) => {
      if (instruction.kind === 'merchant_payment') sent.push(instruction);
      return 'settle';
    };
    const budi = await signIn(world);
    const percent = await agreeTo(budi, { payload: PAYLOADS.V4 });
    assert.deepEqual(
      [percent.quote.total, percent.quote.tip, percent.quote.fee, percent.quote.payee.bic],
      [amount('55000.00'), amount('5000.00'), amount('0.00'), 'BNINIDJA'],
    );
    assert.match(
      percent.quote.text,
      /Rp55\.000 kepada TOKO SINTETIS MANDIRI, BANDUNG \(NMID ID1020000000456, BNI\).*tambahan Rp5\.000/,
    );
    const paid = await percent.send();
    assert.equal(paid.body.payment.status.label, 'Berhasil');
    assert.equal(paid.body.payment.kind, 'qris_out');

    const read = decodeQris(PAYLOADS.V5, qrisRules('2026-08-01'));
    assert.ok(read.ok && read.code.kind === 'merchant');
    const asking = encodeQris({ ...read.code, additional: undefined });
    const tipped = { payload: asking, amount: amount('20000.00'), tip: amount('1500.00') };
    const { quote, send } = await agreeTo(budi, tipped);
    assert.deepEqual([quote.total, quote.tip], [amount('21500.00'), amount('1500.00')]);
    assert.equal((await send('key-fedcba9876543210')).status, 200);
    assert.deepEqual(
      sent.map(({ amountSen, tipSen, acquirer, creditor }) => [
        amountSen,
        tipSen,
        acquirer,
        creditor.name,
      ]),
      [
        ['5500000', '500000', '93600009', 'TOKO SINTETIS MANDIRI'],
        ['2150000', '150000', '93600111', 'WARUNG CONTOH'],
      ],
    );
    const above = { payload: asking, fromAccount: FROM, amount: amount('9999999.00') };
    const refused = await budi.call('POST', '/qris/quote', { ...above, tip: amount('2.00') });
    assert.equal(refused.body.code, 'above_rail_cap', 'the cap holds for the total');
    assert.equal((await readBalance(world.db, FROM))?.availableSen, rupiah(5_000_000 - 76_500));
  }, openReal(rail));
});

test('registerPresented() makes a code by PIN for the customer’s own account and limit, says it once, ends it; another’s is not found', () =>
  withWorld(async (world) => {
    const [budi, ayu] = [await signIn(world), await signIn(world, 'ayu')];
    type Shown = Record<'id' | 'state' | 'payload' | 'code', string>;
    const make = async (over: Record<string, unknown> = {}) => {
      const asked = { fromAccount: FROM, limit: amount('50000.00'), pin: '246810', ...over };
      const { status, body } = await budi.call('POST', '/qris/presented', asked);
      return { status, body: body as unknown as Shown };
    };
    const look = async (caller: Caller, id: string, end = '') => {
      const method = end === '' ? 'GET' : 'POST';
      const { body } = await caller.call(method, `/qris/presented/${id}${end}`);
      return (body as unknown as Shown).state ?? body.code;
    };
    for (const [over, wanted] of [
      [{ pin: '111111' }, 'pin_wrong'],
      [{ fromAccount: TO }, 'account_not_yours'],
      [{ limit: amount('0.00') }, 'amount_not_positive'],
      [{ limit: amount('2000000.01') }, 'above_rail_cap'],
    ] as const)
      assert.equal((await make(over)).body.code, wanted);
    world.set = {
      ...world.set,
      restrictions: [{ ...RESTRICTION, scope: { rail: 'qris', direction: 'out' } }],
    };
    const stopped = await make();
    assert.deepEqual([stopped.status, stopped.body.code], [423, 'restricted']);
    assert.ok('explanation' in stopped.body, 'with what is known of it');
    world.set = { ...world.set, restrictions: [] };

    const first = await make();
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const read = decodeCpm(first.body.payload);
    assert.ok(read.ok);
    const [row] = await world.db.query<{ text: string }>(
      sql`select row_to_json(c)::text as text from presented_code c where id = ${first.body.id}`,
    );
    assert.ok(!row!.text.toUpperCase().includes(read.code.qrisData), 'kept nowhere');
    assert.equal(await look(budi, first.body.id), 'waiting');
    assert.equal(await look(ayu, first.body.id), 'not_found');
    assert.equal(await look(ayu, first.body.id, '/cancel'), 'not_found');
    const second = await make();
    assert.equal(await look(budi, first.body.id), 'cancelled', 'one at a time');
    assert.equal(await look(budi, second.body.id, '/cancel'), 'cancelled');
    assert.equal(await look(budi, second.body.id, '/cancel'), 'cancelled');
    world.clock.shiftMs = 91_000;
    const third = await make();
    world.clock.shiftMs = 182_000;
    assert.equal(await look(budi, third.body.id), 'expired');
  }, openReal({})));
