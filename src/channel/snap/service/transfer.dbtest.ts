/** Transfers over SNAP against the real engine and ledger: each refusal has its own case code and moves no money; a repeat, a race
 * or a lost database never moves it twice. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import type { GateDecision } from '../../../gate/port.ts';
import type { CallOptions, TestPartner } from '../test-partner.ts';
import { body, idr, INTRABANK, refuses, restriction } from '../test-transfer.ts';
import { ACCOUNT, withSnap } from '../test-world.ts';

test('transfer-intrabank moves the money once and answers 2001700', () =>
  withSnap(async (world) => {
    const asked = body({ remark: 'sewa', customerReference: 'c-1' });
    const reply = await world.partner.call(INTRABANK, asked);
    assert.equal(reply.code, '2001700', reply.message);
    const { referenceNo, ...rest } = reply.body;
    assert.match(String(referenceNo), /^pay_/);
    assert.deepEqual(rest, {
      responseCode: '2001700',
      responseMessage: 'Successful',
      partnerReferenceNo: asked['partnerReferenceNo'],
      amount: { value: '100000.00', currency: 'IDR' },
      beneficiaryAccountNo: ACCOUNT.payee,
      customerReference: 'c-1',
      sourceAccountNo: ACCOUNT.payer,
      transactionDate: asked['transactionDate'],
    });
    const balance = async (accountNo: string): Promise<unknown> => {
      const { body: told } = await world.partner.call('/v1.0/balance-inquiry', { accountNo });
      return (told['accountInfos'] as { availableBalance: { value: string } }[])[0]!
        .availableBalance.value;
    };
    assert.equal(await balance(ACCOUNT.payer), '900000.00');
    assert.equal(await balance(ACCOUNT.payee), '100000.00');
  }));

test('transfer-intrabank verifies over the raw bytes: white space may differ, numbers and keys may not', () =>
  withSnap(async (world) => {
    const asked = body({ additionalInfo: { rate: 1 } });
    const spaced = JSON.stringify(asked, undefined, 2).replace('"rate": 1', '"rate": 1.0');
    const tight = JSON.stringify(asked).replace('"rate":1', '"rate":1.0');
    assert.equal(
      (await world.partner.call(INTRABANK, undefined, { text: spaced, signedText: tight })).code,
      '2001700',
    );
    await refuses(world, {
      code: '4011700',
      ask: (p) => p.call(INTRABANK, undefined, { text: spaced }),
      message: /Signature/,
    });
    const hexPartner = await world.other.call(INTRABANK, body({ amount: idr('1000.00') }));
    assert.equal(hexPartner.code, '2001700', hexPartner.message);
  }));

test('T4 transfer-intrabank gives every wrong request its own case code and moves no money', () =>
  withSnap(async (world) => {
    const { clock } = world;
    const call =
      (change: Readonly<Record<string, unknown>>, options?: CallOptions) => (p: TestPartner) =>
        p.call(INTRABANK, body(change), options);
    const headers = (changed: Readonly<Record<string, string | undefined>>) =>
      call({}, { headers: changed });
    const strange = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const cases: readonly [
      string,
      string,
      (p: TestPartner) => ReturnType<TestPartner['call']>,
      RegExp?,
    ][] = [
      ['wrong signature', '4011700', headers({ 'x-signature': 'AAAA' }), /Signature/],
      [
        'hex where Base64 was agreed',
        '4011700',
        headers({ 'x-signature': 'a'.repeat(128) }),
        /Signature/,
      ],
      [
        'another body than signed',
        '4011700',
        (p) => p.call(INTRABANK, undefined, { text: JSON.stringify(body()), signedText: '{}' }),
        /Signature/,
      ],
      [
        'timestamp 6 min old',
        '4011700',
        (p) => p.call(INTRABANK, body(), { atMs: clock.now() - 360_000 }),
        /X-TIMESTAMP/,
      ],
      [
        'timestamp 6 min ahead',
        '4011700',
        (p) => p.call(INTRABANK, body(), { atMs: clock.now() + 360_000 }),
        /X-TIMESTAMP/,
      ],
      ['timestamp malformed', '4001701', headers({ 'x-timestamp': '2026-08-01' }), /X-TIMESTAMP/],
      ['timestamp missing', '4001702', headers({ 'x-timestamp': undefined }), /X-TIMESTAMP/],
      ['signature missing', '4001702', headers({ 'x-signature': undefined }), /X-SIGNATURE/],
      ['external id missing', '4001702', headers({ 'x-external-id': undefined }), /X-EXTERNAL-ID/],
      ['external id not numeric', '4001701', headers({ 'x-external-id': 'a1' }), /X-EXTERNAL-ID/],
      [
        'external id too long',
        '4001701',
        headers({ 'x-external-id': '1'.repeat(37) }),
        /X-EXTERNAL-ID/,
      ],
      ['channel missing', '4001702', headers({ 'channel-id': undefined }), /CHANNEL-ID/],
      ['channel too long', '4001701', headers({ 'channel-id': '123456' }), /CHANNEL-ID/],
      ['partner id missing', '4001702', headers({ 'x-partner-id': undefined }), /X-PARTNER-ID/],
      ["another partner's id", '4011700', headers({ 'x-partner-id': 'partner-b' }), /X-PARTNER-ID/],
      ['no token', '4011703', headers({ authorization: undefined })],
      ['unknown token', '4011701', call({}, { token: 'x'.repeat(43) })],
      ['malformed token', '4011701', headers({ authorization: 'Basic abc' })],
      [
        'no JSON',
        '4001700',
        (p) => p.call(INTRABANK, undefined, { text: '{"a":', signedText: '{"a":' }),
      ],
      ['field missing', '4001702', call({ amount: undefined }), /Invalid Mandatory Field amount$/],
      [
        'field malformed',
        '4001701',
        call({ amount: idr('100000') }),
        /Invalid Field Format amount\.value$/,
      ],
      ['field unknown', '4001701', call({ amountt: 1 }), /amountt/],
      ['amount zero', '4041713', call({ amount: idr('0.00') })],
      ["above the partner's ceiling", '4031702', call({ amount: idr('300000000.01') })],
      ["account that is not the partner's", '4031715', call({ sourceAccountNo: ACCOUNT.foreign })],
      ['unknown payee', '4041711', call({ beneficiaryAccountNo: '1990009999' })],
      ['unknown payer', '4041711', call({ sourceAccountNo: '1990009999' })],
      ['payee closed', '4031718', call({ beneficiaryAccountNo: ACCOUNT.closed })],
      ['payer frozen', '4031705', call({ sourceAccountNo: ACCOUNT.frozen })],
      ['payer is payee', '4041702', call({ beneficiaryAccountNo: ACCOUNT.payer })],
      ['insufficient funds', '4031714', call({ amount: idr('1000000.01') })],
      [
        'insufficient funds of an empty account',
        '4031714',
        call({ sourceAccountNo: ACCOUNT.poor }),
      ],
      ['bank account as payee', '4001701', call({ beneficiaryAccountNo: 'FEE-BIFAST' })],
    ];
    for (const [name, code, ask, message] of cases) {
      await refuses(world, { code, ask, ...(message ? { message } : {}) }).catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
    }
    await refuses(world, {
      code: '4017300',
      ask: (p) => p.token({ key: strange }),
      message: /Signature/,
    });
  }));

test('T4 transfer-intrabank answers for what the gate, the caps and the profile say', () =>
  withSnap(async (world) => {
    const stop = restriction({ kind: 'stop' });
    const gate = async (word: GateDecision, code: string): Promise<void> => {
      world.gate.word = word;
      await refuses(world, { code, ask: (p) => p.call(INTRABANK, body()) });
      world.gate.word = { kind: 'allow' };
    };
    await gate({ kind: 'stop', restriction: stop }, '4031706');
    await gate(
      { kind: 'cap', restriction: restriction({ kind: 'cap', amountSen: '1' }), capSen: 1n },
      '4031706',
    );
    await gate({ kind: 'step_up', restriction: restriction({ kind: 'step_up' }) }, '4031701');
    await world.db.query(sql`update partner set state = 'suspended' where id = 'partner-a'`);
    world.clock.set(world.clock.now() + 6_000);
    await refuses(world, {
      code: '4031701',
      ask: (p) => p.call(INTRABANK, body()),
      message: /suspended/,
    });
    await refuses(world, { code: '4037301', ask: (p) => p.token() });
    assert.equal(
      (await world.other.call(INTRABANK, body({ amount: idr('50000.01') }))).code,
      '4031702',
    );
    assert.equal(
      (
        await world.other.call(INTRABANK, body({ amount: idr('1.00') }), {
          headers: { 'channel-id': '1' },
        })
      ).code,
      '4011700',
    );
  }));

test('T6 a partnerReferenceNo used again: same body the stored answer, other body 4041718, or 4091701 by profile', () =>
  withSnap(async (world) => {
    const asked = body({ amount: idr('10000.00') });
    for (const [partner, conflict] of [
      [world.partner, '4041718'],
      [world.other, '4091701'],
    ] as const) {
      const first = await partner.call(INTRABANK, asked);
      assert.equal(first.code, '2001700');
      const before = await world.money();
      assert.deepEqual(await partner.call(INTRABANK, asked), first, 'the stored answer');
      assert.deepEqual(
        await partner.call(INTRABANK, undefined, { text: JSON.stringify(asked, undefined, 1) }),
        first,
        'white space is no other body',
      );
      assert.equal(
        (await partner.call(INTRABANK, { ...asked, amount: idr('10000.01') })).code,
        conflict,
      );
      assert.equal(
        (await partner.call(INTRABANK, { ...asked, beneficiaryAccountNo: ACCOUNT.poor })).code,
        conflict,
      );
      assert.equal(await world.money(), before);
    }
  }));

test('T6 a refused partnerReferenceNo keeps its answer, and another body under it is never called a success', () =>
  withSnap(async (world) => {
    const cases = [
      [body({ amount: idr('2000000.00') }), '4031714'],
      [body({ beneficiaryAccountNo: '1990009999' }), '4041711'],
    ] as const;
    for (const [asked, code] of cases) {
      for (let i = 0; i < 2; i++)
        await refuses(world, { code, ask: (p) => p.call(INTRABANK, asked) });
      // 404xx18 and 409xx01 are booked as success by partners (domain.md 3.4): nothing moved here, so neither may be said.
      await refuses(world, {
        code: '4041700',
        ask: (p) => p.call(INTRABANK, body({ partnerReferenceNo: asked['partnerReferenceNo'] })),
      });
    }
  }));

test('T6 a repeat learns what became of the first, also when the profile has become narrower since', () =>
  withSnap(async (world) => {
    const asked = body({ amount: idr('40000.00') });
    const first = await world.other.call(INTRABANK, asked);
    assert.equal(first.code, '2001700');
    await world.db.query(
      sql`update partner set amount_max_sen = 100, source_accounts = '{}' where id = 'partner-b'`,
    );
    world.clock.set(world.clock.now() + 6_000);
    assert.deepEqual(await world.other.call(INTRABANK, asked), first);
    assert.equal((await world.other.call(INTRABANK, body())).code, '4031715');
  }));

test('T6 twenty equal requests at once make one payment and get one answer', () =>
  withSnap(async (world) => {
    const asked = body();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => world.partner.call(INTRABANK, asked)),
    );
    for (const reply of replies) assert.deepEqual(reply, replies[0]);
    assert.equal(replies[0]!.code, '2001700');
    assert.equal(await world.countPayments(), 1);
    const asks = Array.from({ length: 20 }, (_, i) =>
      body({ partnerReferenceNo: 'raced', amount: idr(`${1000 + i}.00`) }),
    );
    const raced = await Promise.all(asks.map((one) => world.partner.call(INTRABANK, one)));
    assert.equal(raced.filter(({ code }) => code === '2001700').length, 1);
    assert.equal(raced.filter(({ code }) => code === '4041718').length, 19);
    assert.equal(await world.countPayments(), 2);
  }));

test('X-EXTERNAL-ID is taken once per partner and WIB day, also by twenty at once and across midnight', () =>
  withSnap(async (world) => {
    const { partner, clock } = world;
    await partner.token();
    const same = { externalId: '777' };
    const replies = await Promise.all(
      Array.from({ length: 20 }, () =>
        partner.call(INTRABANK, body({ amount: idr('10.00') }), same),
      ),
    );
    assert.equal(replies.filter(({ code }) => code === '2001700').length, 1);
    assert.equal(replies.filter(({ code }) => code === '4091700').length, 19);
    assert.equal(await world.countPayments(), 1);
    await refuses(world, {
      code: '4091700',
      ask: (p) => p.call(INTRABANK, body(), same),
      message: /X-EXTERNAL-ID/,
    });
    assert.equal(
      (await world.other.call(INTRABANK, body({ amount: idr('10.00') }), same)).code,
      '2001700',
      "another partner's own",
    );

    // 23:59:59 WIB: the same signed request a moment after midnight is still a repeat; a new one has a new day.
    const late = Date.parse('2026-08-01T16:59:59Z');
    clock.set(late);
    const token = String((await partner.token()).body['accessToken']);
    const last = { token, externalId: '888', atMs: late };
    assert.equal(
      (await partner.call(INTRABANK, body({ amount: idr('10.00') }), last)).code,
      '2001700',
    );
    clock.set(late + 2_000);
    await refuses(world, { code: '4091700', ask: (p) => p.call(INTRABANK, body(), last) });
    assert.equal(
      (
        await partner.call(INTRABANK, body({ amount: idr('10.00') }), {
          token,
          externalId: '888',
          atMs: late + 2_000,
        })
      ).code,
      '2001700',
    );
  }));

test('I2 with the database gone the answer is "unknown, enquire", never a failure, and tells nothing of ours', () =>
  withSnap(async (world) => {
    await world.partner.call(INTRABANK, body());
    const before = await world.money();
    world.fault.isDown = true;
    const reply = await world.partner.call(INTRABANK, body());
    world.fault.isDown = false;
    assert.deepEqual(reply.body, { responseCode: '5001700', responseMessage: 'General Error' });
    assert.equal(await world.money(), before);
    assert.equal(
      (await world.partner.call(INTRABANK, body())).code,
      '2001700',
      'and all is well when it is back',
    );
  }));

test('a full ledger queue and a used-up budget answer 4291700, and nothing was written', async () => {
  await withSnap(
    async (world) => refuses(world, { code: '4291700', ask: (p) => p.call(INTRABANK, body()) }),
    { queueMax: 0 },
  );
  await withSnap(async (world) => {
    const first = await world.other.call(INTRABANK, body({ amount: idr('1.00') }));
    assert.equal(first.code, '2001700');
    await world.db.query(
      sql`update partner set requests_per_second_max = 1 where id = 'partner-b'`,
    );
    world.clock.set(world.clock.now() + 6_000);
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => world.other.call(INTRABANK, body({ amount: idr('1.00') }))),
    );
    const refused = replies.filter(({ code }) => code === '4291700').length;
    assert.ok(refused > 0, 'more came than the budget');
    assert.deepEqual(new Set(replies.map(({ code }) => code)), new Set(['2001700', '4291700']));
    assert.equal(await world.countPayments(), 1 + replies.length - refused);
  });
});
