/** What staff do about merchants, over the API and the real engine, in virtual time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { sql } from '../../db/sql.ts';
import { rupiah, sen } from '../../kernel/money.ts';
import { seededRandom } from '../../kernel/random.ts';
import { openAccounts } from '../../ledger/account.ts';
import { openMerchantDesk } from '../../merchant/desk.ts';
import { createMerchants, openMerchants } from '../../merchant/open.ts';
import { openSaleDesk } from '../../merchant/take-sale.ts';
import { MERCHANTS } from '../../merchant/test-merchant.ts';
import { BANK, NOON_WIB_MS, transfer, withBank, type TestBank } from '../../payment/test-bank.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { encodeQris } from '../../rail/qris/encode.ts';
import type { Access, Session } from '../session/access.ts';
import { CSRF_HEADER, requireSession, SESSION_COOKIE } from '../session/require.ts';
import { registerMerchantDesk } from './merchant-desk.ts';

const ROLES: Readonly<Record<string, string>> = {
  stf_1: 'operator',
  stf_2: 'risk',
  stf_3: 'service_desk',
};
const access = {
  find: async (token: string) =>
    ({ kind: 'staff', subject: token, role: ROLES[token], language: 'id' }) as Session,
  isCsrfRight: (_session: Session, text: string | undefined) => text === 'right',
  openStaffKey: async ({ password }: { password: string }) =>
    password === 'rahasia' ? 'key' : undefined,
} as unknown as Access;
const PEOPLE = `insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
  select 'stf_' || n, 'Petugas ' || n, 's' || n, 'risk', '-', '-', '-', '2026-08-01' from generate_series(1, 3) n;`;
const SIGNED = { reason: 'diminta pedagang', password: 'rahasia' };
const NEW = {
  nmid: 'ID1020000019977',
  name: 'TOKO BARU',
  city: 'BANTUL',
  postalCode: '55711',
  category: '5411',
  merchantClass: 'UMI',
  settlementAccount: '1990000002',
  terminals: ['B01', 'B02'],
};
let keys = 0;
const key = (): string => `form-key-${String(++keys).padStart(10, '0')}`;

async function withDesk(work: (desk: Awaited<ReturnType<typeof openDesk>>) => Promise<void>) {
  await withBank(
    async (bank) => {
      const desk = await openDesk(bank);
      await work(desk);
      await bank.checkMoney();
      await desk.close();
    },
    { before: PEOPLE },
  );
}

async function openDesk(bank: TestBank) {
  const { db, time } = bank;
  const random = seededRandom(3);
  await db.tx(async (tx) => {
    const accounts = [{ number: '1990000002', name: 'BU SRI', customerId: 'C2' }];
    await openAccounts(tx, { nowMs: NOON_WIB_MS, accounts });
    await createMerchants(tx, { nowMs: NOON_WIB_MS, bank: BANK, random, merchants: MERCHANTS });
  });
  const { sales } = bank.engine;
  const merchants = openMerchants({ db, time, random, bank: BANK });
  const desk = openMerchantDesk({ db, time, random, bank: BANK, sales });
  const app = Fastify();
  app.addHook('onRequest', requireSession(access, 'staff'));
  registerMerchantDesk(app, { desk, time, access });
  const { rules } = merchants;
  return {
    bank,
    merchants,
    desk,
    take: openSaleDesk({ db, time, bank: BANK, rules, sales }),
    close: () => app.close(),
    pay: async (amount: number) => {
      const paid = await bank.engine.submit(
        transfer({
          confirmedFeeSen: sen(0n),
          creditorAccount: '1990000002',
          amount: rupiah(amount),
          merchant: { id: 'mer_warung', nmid: 'ID1020000019901', mdrSen: sen(0n) },
        }),
      );
      assert.ok(paid.ok);
      return paid.payment.id;
    },
    async call(who: string, path: string, body?: unknown) {
      let isDone = false;
      // The server's own turns are no sleepers: time goes on beside them.
      const clock = (async () => {
        while (!isDone) await time.sleep(1);
      })();
      const answer = await app.inject({
        method: body === undefined ? 'GET' : 'POST',
        url: path,
        headers: { cookie: `${SESSION_COOKIE}=${who}`, [CSRF_HEADER]: 'right' },
        ...(body !== undefined && { payload: body as object }),
      });
      isDone = true;
      await clock;
      return { status: answer.statusCode, text: answer.body, value: JSON.parse(answer.body) };
    },
  };
}

test('I5 a merchant is opened and closed by two people, with codes that work and a code that works no more', () =>
  withDesk(async ({ bank, merchants, call, take }) => {
    const open = { key: key(), merchant: NEW, ...SIGNED };
    assert.equal((await call('stf_3', '/merchant-requests', open)).status, 403);
    assert.equal(
      (await call('stf_1', '/merchant-requests', { ...open, password: 'x' })).value.code,
      'password_wrong',
    );
    for (const wrong of [
      { nmid: 'ID102' },
      { name: 'A|B' },
      { merchantClass: 'XXX' },
      { terminals: [] },
      { terminals: ['A', 'A'] },
    ])
      assert.equal(
        (await call('stf_1', '/merchant-requests', { ...open, merchant: { ...NEW, ...wrong } }))
          .status,
        400,
        JSON.stringify(wrong),
      );
    const ask = (merchant: object) =>
      call('stf_1', '/merchant-requests', {
        ...open,
        key: key(),
        merchant: { ...NEW, ...merchant },
      });
    assert.equal((await ask({ nmid: 'ID1020000019901' })).value.code, 'nmid_taken');
    // An account of the bank's own books takes no shop's money.
    assert.equal((await ask({ settlementAccount: '999999' })).status, 422);
    assert.deepEqual((await call('stf_1', '/merchant-requests', open)).value, { said: 'asked' });
    assert.deepEqual((await call('stf_1', '/merchant-requests', open)).value, { said: 'asked' });
    const other = { ...open, merchant: { ...NEW, name: 'LAIN' } };
    assert.equal((await call('stf_1', '/merchant-requests', other)).value.code, 'key_taken');

    const [request] = (await call('stf_2', '/merchant-requests')).value.requests;
    assert.deepEqual([request.kind, request.name, request.isYours], ['open', 'TOKO BARU', false]);
    assert.doesNotMatch(request.opens.settlementAccount, /1990000002/, 'no account whole');
    const approve = `/merchant-requests/${request.id}/approve`;
    const password = { password: 'rahasia' };
    assert.equal((await call('stf_1', approve, password)).value.code, 'same_person');
    assert.equal((await merchants.search({ text: 'toko', afterId: '' })).merchants.length, 0);
    assert.deepEqual((await call('stf_2', approve, password)).value, { said: 'opened' });
    assert.equal((await call('stf_2', approve, password)).value.code, 'not_waiting');
    const [opened] = (await merchants.search({ text: 'toko', afterId: '' })).merchants;
    assert.deepEqual([opened?.serial, opened?.terminals], [3n, ['B01', 'B02']]);
    const payload = (await merchants.staticCode({ merchantId: opened!.id, terminal: 'B02' }))!;
    const decoded = decodeQris(payload, merchants.rules());
    assert.ok(decoded.ok && decoded.code.kind === 'merchant');
    assert.deepEqual((await merchants.examine(decoded.code)).payee?.name, 'TOKO BARU');

    const close = { key: key(), ...SIGNED };
    const path = `/merchants/${opened!.id}/close`;
    assert.deepEqual((await call('stf_2', path, close)).value, { said: 'asked' });
    const [closing] = (await call('stf_1', '/merchant-requests')).value.requests;
    const said = await call('stf_1', `/merchant-requests/${closing.id}/approve`, password);
    assert.deepEqual(said.value, { said: 'closed' });
    assert.equal((await call('stf_2', path, { ...close, key: key() })).status, 409);
    const reading = await merchants.examine(decoded.code);
    assert.deepEqual([reading.warnings, reading.payee], [['merchant_closed'], undefined]);
    const taken = await take({
      kind: 'request',
      rail: 'qris',
      what: 'qris_payment',
      bizMsgIdr: '2026080105000000036000090000701',
      rrn: '621312000001',
      fromBank: 'BNINIDJA',
      amountSen: '10000000',
      deadlineMs: NOON_WIB_MS + 86_400_000,
      customerPan: '9360000900000007776',
      merchantPan: opened!.pan,
      criteria: 'UMI',
      tipSen: '0',
      terminal: 'B02     ',
    });
    assert.deepEqual('code' in taken && taken.code, '03');
    const kinds = await bank.db.query<{ kind: string }>(
      sql`select kind from event where kind like 'merchant.%' and kind <> 'merchant.opened' order by id`,
    );
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['merchant.open_asked', 'merchant.open_approved', 'merchant.close_asked', 'merchant.closed'],
    );
  }));

test('I5 a refund at a branch: one person up to the configured sum, two above; once per form, in parts, never above the sale', () =>
  withDesk(async ({ bank, desk, call, pay }) => {
    const saleId = await pay(1_000_000);
    const path = '/merchants/mer_warung/refunds';
    const small = { key: key(), saleId, amountSen: String(rupiah(400_000)), ...SIGNED };
    assert.equal((await call('stf_1', '/merchants/mer_sekolah/refunds', small)).status, 404);
    assert.deepEqual((await call('stf_1', path, small)).value, { said: 'refunded' });
    assert.deepEqual((await call('stf_1', path, small)).value, { said: 'refunded' }, 'once');
    assert.equal((await bank.engine.sales.find(saleId))?.refundedSen, rupiah(400_000));

    const large = { ...small, key: key(), amountSen: String(rupiah(600_000)) };
    assert.deepEqual((await call('stf_1', path, large)).value, { said: 'asked' });
    assert.equal((await bank.engine.sales.find(saleId))?.refundCount, 1, 'nothing moved yet');
    const over = { ...small, key: key(), amountSen: String(rupiah(600_001)) };
    assert.equal((await call('stf_1', path, over)).value.code, 'above_sale');
    const [request] = (await call('stf_1', '/merchant-requests')).value.requests;
    const approve = `/merchant-requests/${request.id}/approve`;
    const password = { password: 'rahasia' };
    assert.equal((await call('stf_1', approve, password)).value.code, 'same_person');
    assert.equal((await call('stf_3', approve, password)).status, 403);
    // Neither does the database take one person's word for two.
    await assert.rejects(
      bank.db.query(sql`
        insert into merchant_decision (request_id, kind, asked_by, amount_sen, alone_max_sen, decision, decided_by, decided_at)
        values (${request.id}, 'refund', 'stf_1', ${rupiah(600_000)}, ${rupiah(500_000)}, 'approved', 'stf_1', now())`),
      /two_people/,
    );
    const [one, two] = await Promise.all([
      desk.approve({ id: request.id, staffId: 'stf_2' }),
      desk.approve({ id: request.id, staffId: 'stf_3' }),
    ]);
    assert.ok(one.ok || two.ok);
    const sale = await bank.engine.sales.find(saleId);
    assert.deepEqual([sale?.refundedSen, sale?.refundCount], [rupiah(1_000_000), 2]);
    assert.equal((await call('stf_2', approve, password)).value.code, 'not_waiting');

    // Taken back before anybody joined.
    const second = await pay(900_000);
    const asked = { ...large, key: key(), saleId: second, amountSen: String(rupiah(900_000)) };
    assert.deepEqual((await call('stf_1', path, asked)).value, { said: 'asked' });
    const [waiting] = (await call('stf_2', '/merchant-requests')).value.requests;
    const withdraw = `/merchant-requests/${waiting.id}/withdraw`;
    assert.equal((await call('stf_2', withdraw, {})).value.code, 'not_yours');
    assert.deepEqual((await call('stf_1', withdraw, {})).value, { said: 'withdrawn' });
    const late = `/merchant-requests/${waiting.id}/approve`;
    assert.equal((await call('stf_2', late, password)).value.code, 'not_waiting');
    // Thirty days later nobody may give it back at a counter.
    const { db, time, engine } = bank;
    const late31 = openMerchantDesk({
      db,
      time: { ...time, now: () => time.now() + 31 * 86_400_000 },
      random: seededRandom(6),
      bank: BANK,
      sales: engine.sales,
    });
    const ask = {
      kind: 'refund',
      merchantId: 'mer_warung',
      saleId: second,
      amountSen: rupiah(1),
    } as const;
    const asking = { id: `mrq_${'b'.repeat(32)}`, ask, reason: 'terlambat', staffId: 'stf_1' };
    assert.deepEqual(await late31.ask(asking), { ok: false, reason: 'refund_window_over' });
  }));

test('I5 many small refunds by one person are one large one: the sum of a day, however many ask at once', () =>
  withDesk(async ({ bank, desk, pay }) => {
    const sales = [await pay(300_000), await pay(300_000), await pay(300_000)];
    const ask = (staffId: string, saleId: string) =>
      desk.ask({
        id: `mrq_${String(++keys).padStart(32, '0')}`,
        ask: { kind: 'refund', merchantId: 'mer_warung', saleId, amountSen: rupiah(200_000) },
        reason: 'salah bayar',
        staffId,
      });
    const said = await Promise.all(sales.map((saleId) => ask('stf_1', saleId)));
    assert.deepEqual(
      said.map((one) => String(one.ok && one.state)).sort(),
      ['asked', 'refunded', 'refunded'],
      'Rp500.000 a day',
    );
    const other = await ask(
      'stf_2',
      sales[said.findIndex((one) => one.ok && one.state === 'asked')]!,
    );
    assert.deepEqual(other, { ok: true, state: 'refunded' }, 'each person has a sum of their own');
    await bank.time.sleep(86_400_001);
    const late = await desk.ask({
      id: `mrq_${String(++keys).padStart(32, '0')}`,
      ask: {
        kind: 'refund',
        merchantId: 'mer_warung',
        saleId: sales[0]!,
        amountSen: rupiah(100_000),
      },
      reason: 'salah bayar',
      staffId: 'stf_1',
    });
    assert.deepEqual(late, { ok: true, state: 'refunded' }, 'a day later');
  }));

test('T8 an approved refund that nobody saw the end of is carried out once, however often people press', () =>
  withDesk(async ({ bank, desk, pay }) => {
    const saleId = await pay(900_000);
    const { sales } = bank.engine;
    let isBusy = true;
    const faulty = openMerchantDesk({
      db: bank.db,
      time: bank.time,
      random: seededRandom(5),
      bank: BANK,
      sales: {
        ...sales,
        async refund(command) {
          const done = await sales.refund(command);
          // The answer is lost after the commit.
          return isBusy ? { ok: false, reason: 'busy' } : done;
        },
      },
    });
    const id = `mrq_${'a'.repeat(32)}`;
    const ask = {
      kind: 'refund',
      merchantId: 'mer_warung',
      saleId,
      amountSen: rupiah(900_000),
    } as const;
    const by = { id, ask, reason: 'diminta pedagang', staffId: 'stf_1' };
    assert.deepEqual(await faulty.ask(by), { ok: true, state: 'asked' });
    const lost = await faulty.approve({ id, staffId: 'stf_2' });
    assert.deepEqual(lost, { ok: false, reason: 'busy' });
    isBusy = false;
    assert.deepEqual(await desk.approve({ id, staffId: 'stf_3' }), { ok: true, state: 'refunded' });
    assert.deepEqual(await desk.approve({ id, staffId: 'stf_3' }), {
      ok: false,
      reason: 'not_waiting',
    });
    const sale = await sales.find(saleId);
    assert.deepEqual([sale?.refundCount, sale?.refundedSen], [1, rupiah(900_000)]);
  }));

test('a code pasted over a merchant’s own is kept for people to see: who scanned it only as a key, once a day, and never without a bound', () =>
  withDesk(async ({ bank, merchants, call }) => {
    const payload = (await merchants.staticCode({ merchantId: 'mer_warung', terminal: 'A01' }))!;
    const decoded = decodeQris(payload, merchants.rules());
    assert.ok(decoded.ok && decoded.code.kind === 'merchant');
    const scan = async (name: string, scannedBy: string) => {
      assert.ok(decoded.ok && decoded.code.kind === 'merchant');
      const code = { ...decoded.code, name };
      const reading = await merchants.examine(code);
      await merchants.noteWarnings({ code, reading, channel: 'mobile', scannedBy });
      return encodeQris(code);
    };
    await scan('WARUNG BU SRI', 'C1');
    assert.equal((await call('stf_3', '/merchant-warnings')).value.warnings.length, 0);
    await scan('WARUNG PENIPU', 'C1');
    await scan('WARUNG PENIPU', 'C1');
    await scan('WARUNG PENIPU', 'C2');
    const seen = await call('stf_3', '/merchant-warnings?merchant=mer_warung');
    const [first] = seen.value.warnings;
    assert.equal(seen.value.warnings.length, 2, 'two people');
    assert.deepEqual([first.warnings, first.merchantId], [['name_differs'], 'mer_warung']);
    assert.match(first.scannedBy, /^[0-9a-f]{16}$/);
    const none = await call('stf_3', '/merchant-warnings?merchant=mer_sekolah');
    assert.equal(none.value.warnings.length, 0);
    for (let n = 0; n < 60; n++) await scan(`PENIPU ${n}`, 'C3');
    const kept = await bank.db.query<{ n: bigint }>(
      sql`select count(*) as n from merchant_code_warning`,
    );
    assert.equal(kept[0]?.n, 52n);
  }));
