/** Bills over SNAP 24–27: paid once whoever asks how often, in one commit with their money, and told to the corporate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '../../../db/sql.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { wibIso } from '../../../kernel/time.ts';
import { verifyLedger } from '../../../ledger/verify.ts';
import { endChannel, registerChannel, registerService } from '../../../virtual-account/make.ts';
import { verifyVa } from '../../../virtual-account/verify.ts';
import { registerEndpoint } from '../notice/endpoint.ts';
import type { Reply, TestPartner } from '../test-partner.ts';
import { body, idr, INTRABANK, restriction } from '../test-transfer.ts';
import { ACCOUNT, sealer, withSnap, type World } from '../test-world.ts';

const INQUIRY = '/v1.0/transfer-va/inquiry';
const PAYMENT = '/v1.0/transfer-va/payment';
const STATUS = '/v1.0/transfer-va/status';
const CREATE = '/v1.0/transfer-va/create-va';
const PEOPLE = { proposedBy: 'stf_1', approvedBy: 'stf_2' };

/** partner-b is the corporate: service 77, money to `poor`. partner-a pays bills from `payer`. */
async function withBills(work: (world: World) => Promise<void>): Promise<void> {
  await withSnap(async (world) => {
    await registerService(world, {
      ...PEOPLE,
      partnerId: 'partner-b',
      serviceId: '77',
      account: ACCOUNT.poor,
    });
    await registerChannel(world, { ...PEOPLE, partnerId: 'partner-a', account: ACCOUNT.payer });
    await registerEndpoint(
      { ...world, random: systemRandom(), sealer },
      {
        ...PEOPLE,
        partnerId: 'partner-b',
        baseUrl: 'https://sekolah.example',
        clientId: 'x',
        channelId: '1',
      },
    );
    await work(world);
    assert.deepEqual(await verifyVa(world.db), []);
    assert.ok((await verifyLedger(world.db)).balanced);
  });
}

const ids = (customerNo: string): Record<string, string> => ({
  partnerServiceId: '      77',
  customerNo,
  virtualAccountNo: `      77${customerNo}`,
});
let made = 0;
async function bill(
  { other }: World,
  change: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const customerNo = String(++made).padStart(6, '0');
  const reply = await other.call(CREATE, {
    ...ids(customerNo),
    virtualAccountName: 'SISWA SATU',
    trxId: `t${made}`,
    totalAmount: idr('150000.00'),
    virtualAccountTrxType: 'C',
    ...change,
  });
  assert.equal(reply.code, '2002700', reply.message);
  return customerNo;
}
const pay = (
  partner: TestPartner,
  customerNo: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<Reply> =>
  partner.call(PAYMENT, {
    ...ids(customerNo),
    paymentRequestId: `p-${customerNo}`,
    paidAmount: idr('150000.00'),
    ...change,
  });
const dataOf = (reply: Reply): Record<string, unknown> =>
  reply.body['virtualAccountData'] as Record<string, unknown>;
const balance = async ({ ledger }: World, account: string): Promise<bigint> =>
  (await ledger.balance(account))!.postedSen / 100n;

test('a paying partner’s own ceiling and day hold for bills too', () =>
  withBills(async (world) => {
    const { partner, db } = world;
    await db.query(sql`
      update partner set amount_max_sen = 15000000, daily_amount_max_sen = 20000000 where id = 'partner-a'`);
    const large = await bill(world, { totalAmount: idr('150001.00') });
    const tooLarge = { paidAmount: idr('150001.00') };
    assert.equal((await pay(partner, large, tooLarge)).code, '4032502');
    const [first, second] = [await bill(world), await bill(world)];
    assert.equal((await pay(partner, first)).code, '2002500');
    for (const _ of ['asked', 'asked again'])
      assert.equal((await pay(partner, second)).code, '4032523');
    assert.equal(await balance(world, ACCOUNT.payer), 850_000n);
  }));

test('a bill is asked, paid, told to its corporate and known by its status', () =>
  withBills(async (world) => {
    const { partner, db } = world;
    const no = await bill(world, { billDetails: [{ billCode: '01', billName: 'SPP Agustus' }] });
    const asked = await partner.call(INQUIRY, { ...ids(no), inquiryRequestId: 'i-1' });
    assert.equal(asked.code, '2002400', asked.message);
    const told = dataOf(asked);
    assert.deepEqual(
      [
        told['inquiryStatus'],
        told['virtualAccountName'],
        told['totalAmount'],
        told['virtualAccountTrxType'],
      ],
      ['00', 'SISWA SATU', idr('150000.00'), 'C'],
    );
    assert.deepEqual(told['billDetails'], [{ billCode: '01', billName: 'SPP Agustus' }]);
    const paid = await pay(partner, no);
    assert.equal(paid.code, '2002500', paid.message);
    assert.equal(dataOf(paid)['paymentFlagStatus'], '00');
    assert.deepEqual(
      [await balance(world, ACCOUNT.payer), await balance(world, ACCOUNT.poor)],
      [850_000n, 150_000n],
    );
    assert.equal(
      (await partner.call(INQUIRY, { ...ids(no), inquiryRequestId: 'i-2' })).code,
      '4042414',
    );
    const status = await partner.call(STATUS, { ...ids(no), paymentRequestId: `p-${no}` });
    assert.equal(status.code, '2002600');
    assert.equal(dataOf(status)['referenceNo'], dataOf(paid)['referenceNo']);
    const [notice] = await db.query<{ partner_id: string; facts: string }>(
      sql`select partner_id, facts from partner_notice where kind = 'va_payment'`,
    );
    assert.equal(notice!.partner_id, 'partner-b');
    assert.match(notice!.facts, /"amountSen":"15000000"/);
  }));

test('a bill counts for the day of the paying partner’s contract and stays below its ceiling, and is not called paid for it', () =>
  withBills(async (world) => {
    const { partner, db } = world;
    const nos = [await bill(world), await bill(world)];
    const big = await bill(world, { totalAmount: idr('160000.01') });
    await db.query(
      sql`update partner set daily_amount_max_sen = 20000000, amount_max_sen = 16000000 where id = 'partner-a'`,
    );
    const above = await pay(partner, big, { paidAmount: idr('160000.01') });
    assert.equal(above.code, '4032502', above.message);
    const paid = await pay(partner, nos[0]!);
    assert.equal(paid.code, '2002500', paid.message);
    for (let i = 0; i < 2; i++) {
      const refused = await pay(partner, nos[1]!);
      assert.equal(refused.code, '4032523', refused.message);
      assert.equal(dataOf(refused)['paymentFlagStatus'], '01');
    }
    assert.deepEqual((await pay(partner, nos[0]!)).body, paid.body, 'the first answer again');
    assert.equal(await balance(world, ACCOUNT.poor), 150_000n);
  }));

test('a bill counts in the day of its payer as a transfer does, however many come at once', () =>
  withBills(async (world) => {
    const { partner, db } = world;
    await db.query(sql`
      insert into setting (key, version, value, effective_from, set_by, approved_by, source)
      values ('risk.snap.daily_limit_sen', 1, '40000000', ${new Date(0)}, 'stf_1', null, 'test')`);
    const nos = [await bill(world), await bill(world), await bill(world), await bill(world)];
    const codes = (await Promise.all(nos.map((no) => pay(partner, no)))).map(({ code }) => code);
    assert.deepEqual(codes.toSorted(), ['2002500', '2002500', '4032523', '4032523']);
    const over = await partner.call(INTRABANK, body({ amount: idr('100000.01') }));
    assert.equal(over.code, '4031723', over.message);
    const rest = await partner.call(INTRABANK, body({ amount: idr('100000.00') }));
    assert.equal(rest.code, '2001700', rest.message);
    assert.equal(await balance(world, ACCOUNT.poor), 300_000n);
  }));

test('T6 a repeat of a payment gets the very answer of the first and pays nothing, also after a crash and when the first was refused', () =>
  withBills(async (world) => {
    const { partner } = world;
    const no = await bill(world);
    const undo = onFaultPoint((name) => {
      if (name === 'virtualAccount.afterCommit') throw new Error('crash');
    });
    const crashed = await pay(partner, no, { trxDateTime: '2026-08-01T12:00:00+07:00' });
    undo();
    assert.equal(crashed.http, 500, 'enquire');
    const first = await pay(partner, no, {
      flagAdvise: 'Y',
      trxDateTime: '2026-08-01T12:09:00+07:00',
    });
    assert.equal(first.code, '2002500');
    assert.equal(
      dataOf(first)['trxDateTime'],
      '2026-08-01T12:00:00+07:00',
      'as it was first asked',
    );
    for (const flagAdvise of ['Y', 'N', undefined])
      assert.deepEqual((await pay(partner, no, { flagAdvise })).body, first.body);
    assert.equal(await balance(world, ACCOUNT.poor), 150_000n);
    assert.equal(
      (await pay(partner, no, { paidAmount: idr('1.00') })).code,
      '4042518',
      'another request',
    );

    const none = '999999';
    const refused = await pay(partner, none);
    assert.equal(refused.code, '4042512');
    await world.other.call(CREATE, {
      ...ids(none),
      virtualAccountName: 'X',
      trxId: 't',
      totalAmount: idr('150000.00'),
      virtualAccountTrxType: 'C',
    });
    assert.deepEqual((await pay(partner, none)).body, refused.body, 'a no stays a no under its id');
    assert.equal((await pay(partner, none, { paidAmount: idr('2.00') })).code, '4042500');
    assert.equal((await pay(partner, none, { paymentRequestId: 'again' })).code, '2002500');

    const large = await bill(world, { totalAmount: idr('5000000.00') });
    const poor = await pay(partner, large, { paidAmount: idr('5000000.00') });
    assert.equal(poor.code, '4032514');
    assert.deepEqual(
      (await pay(partner, large, { paidAmount: idr('5000000.00') })).body,
      poor.body,
    );
  }));

test('verifyVa() names a bill and a payment that say something else than the transfers', () =>
  withBills(async (world) => {
    const { partner, db } = world;
    const no = await bill(world, { virtualAccountTrxType: 'I' });
    await pay(partner, no, { paidAmount: idr('1000.00') });
    const wrongAfter = async (change: string): Promise<readonly string[]> => {
      let found: readonly string[] = [];
      await db
        .tx(async (tx) => {
          await tx.query({ name: `c_${change.length}`, text: change, values: [] });
          found = (await verifyVa(tx)).map(({ detail }) => detail);
          throw new Error('roll back');
        })
        .catch(() => {});
      return found;
    };
    assert.match(
      String(await wrongAfter('update virtual_account set paid_sen = paid_sen + 1')),
      /sum/,
    );
    const insert = (transfer: string): string => `
      insert into va_payment (id, partner_id, request_id, request_hash, number, outcome, amount_sen, transfer_id, echo, made_at)
      select 'vap_x', partner_id, 'x', request_hash, 'none', 'paid', 5, ${transfer}, '{}', made_at from va_payment`;
    assert.match(String(await wrongAfter(insert('transfer_id'))), /transfer/);
  }));

test('two who pay one bill at once: one pays, the other is told that it is paid', () =>
  withBills(async (world) => {
    const { partner } = world;
    for (let round = 0; round < 5; round++) {
      const no = await bill(world, { totalAmount: idr('10000.00') });
      const replies = await Promise.all(
        ['a', 'b', 'c', 'd'].map((id) =>
          pay(partner, no, { paymentRequestId: `${no}-${id}`, paidAmount: idr('10000.00') }),
        ),
      );
      const codes = replies.map((reply) => reply.code).toSorted();
      assert.deepEqual(codes, ['2002500', '4042514', '4042514', '4042514']);
      for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) {
        const again = await pay(partner, no, {
          paymentRequestId: `${no}-${id}`,
          paidAmount: idr('10000.00'),
        });
        assert.deepEqual(again.body, replies[i]!.body);
      }
    }
    assert.equal(await balance(world, ACCOUNT.poor), 50_000n);
  }));

test('bills refuse with their own codes what is expired, of a wrong amount, unknown, not one’s own or stopped', () =>
  withBills(async (world) => {
    const { partner, other, clock, gate } = world;
    const before = await balance(world, ACCOUNT.poor);
    const expired = await bill(world, { expiredDate: wibIso(clock.now() + 5_000) });
    clock.set(clock.now() + 6_000);
    assert.equal((await pay(partner, expired)).code, '4042519');
    assert.equal(
      (await partner.call(INQUIRY, { ...ids(expired), inquiryRequestId: 'i' })).code,
      '4042419',
    );
    assert.equal(
      (await partner.call(INQUIRY, { ...ids('404'), inquiryRequestId: 'i' })).code,
      '4042412',
    );
    const no = await bill(world);
    assert.equal(
      (await pay(partner, no, { paymentRequestId: 'w1', paidAmount: idr('149999.00') })).code,
      '4042513',
    );
    assert.equal(
      (await pay(partner, no, { paymentRequestId: 'w2', totalAmount: idr('1.00') })).code,
      '4042513',
    );
    assert.equal((await pay(partner, no, { virtualAccountNo: '78123' })).code, '4002501');
    assert.equal((await pay(partner, no, { paidBills: '1' })).code, '4002501');
    assert.equal((await pay(partner, no, { flagAdvise: 'X' })).code, '4002501');
    assert.equal((await pay(other, no)).code, '4032501', 'it pays no bills');
    assert.equal(
      (await partner.call(STATUS, { ...ids(no), paymentRequestId: 'never' })).code,
      '4042601',
    );
    assert.equal((await partner.call(STATUS, ids(no))).code, '4002602');
    const foreign = { ...ids(no), virtualAccountName: 'X', trxId: 't', virtualAccountTrxType: 'O' };
    assert.equal((await partner.call(CREATE, foreign)).code, '4032715', "another's service");
    assert.equal((await other.call(CREATE, foreign)).code, '4092700', 'the number is taken');
    assert.equal(
      (await other.call(CREATE, { ...foreign, totalAmount: idr('1.00') })).code,
      '4002701',
      'an open one asks no total',
    );
    gate.word = { kind: 'stop', restriction: restriction({ kind: 'stop' }) };
    assert.equal((await pay(partner, no, { paymentRequestId: 's' })).code, '4032506');
    gate.word = { kind: 'allow' };
    assert.equal(await balance(world, ACCOUNT.poor), before);
  }));

test('whatever is asked in whatever order and together, no bill is paid over, and money, bills and answers agree', () =>
  withBills(async (world) => {
    const kinds = ['C', 'O', 'I', 'M', 'L'] as const;
    const anyAsk = fc.record({
      of: fc.nat(4),
      sum: fc.constantFrom(1, 400, 600, 1_000, 1_001),
      id: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyAsk, { minLength: 1, maxLength: 14 }), async (asks) => {
        const numbers: string[] = [];
        for (const kind of kinds)
          numbers.push(
            await bill(world, {
              virtualAccountTrxType: kind,
              totalAmount: kind === 'O' ? undefined : idr('1000.00'),
            }),
          );
        const start = await balance(world, ACCOUNT.poor);
        const first = new Map<string, string>();
        const send = async ({ of, sum, id }: (typeof asks)[number]): Promise<bigint> => {
          const no = numbers[of]!;
          const request = { paymentRequestId: `${no}-${id}-${sum}`, paidAmount: idr(`${sum}.00`) };
          const reply = await pay(world.partner, no, request);
          const said = JSON.stringify(reply.body);
          const before = first.get(request.paymentRequestId);
          first.set(request.paymentRequestId, said);
          if (before !== undefined) {
            assert.equal(said, before);
            return 0n;
          }
          return reply.code === '2002500' ? BigInt(sum) : 0n;
        };
        const half = Math.ceil(asks.length / 2);
        // The same request twice at once is asked in the second half only in turn, so that "first" is well defined.
        const together = [
          ...new Map(asks.slice(0, half).map((ask) => [JSON.stringify(ask), ask])).values(),
        ];
        let paid = (await Promise.all(together.map(send))).reduce((all, one) => all + one, 0n);
        for (const ask of asks) paid += await send(ask);
        assert.equal((await balance(world, ACCOUNT.poor)) - start, paid);
        const over = await world.db.query(sql`
          select number from virtual_account where kind in ('closed', 'partial') and paid_sen > amount_sen`);
        assert.deepEqual(over, []);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }));

test('a channel that ended pays nothing new, and a repeat still hears that its payment went through', () =>
  withBills(async (world) => {
    const { partner, db, time } = world;
    const [paid, open] = [await bill(world), await bill(world)];
    const first = await pay(partner, paid);
    await endChannel({ db, time }, { partnerId: 'partner-a', by: 'stf_1' });
    assert.deepEqual((await pay(partner, paid)).body, first.body);
    const asked = await partner.call(STATUS, { ...ids(paid), paymentRequestId: `p-${paid}` });
    assert.equal(dataOf(asked)['paymentFlagStatus'], '00');
    assert.equal((await pay(partner, open)).code, '4032501');
    const looked = await partner.call(INQUIRY, { ...ids(open), inquiryRequestId: 'i-9' });
    assert.equal(looked.code, '4032401');
    assert.equal(await balance(world, ACCOUNT.poor), 150_000n);
  }));
