/** Tokens, enquiries, status and the edges of HTTP over SNAP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { sql } from '../../../db/sql.ts';
import { interbank, INTERBANK } from '../test-transfer.ts';
import { ACCOUNT, withSnap } from '../test-world.ts';

const TRANSFER = {
  amount: { value: '100000.00', currency: 'IDR' },
  sourceAccountNo: ACCOUNT.payer,
  transactionDate: '2026-08-01T12:00:00+07:00',
};

test('access-token/b2b gives a bearer token for 900 s, of which only the hash is stored', () =>
  withSnap(async ({ partner, db, clock }) => {
    const reply = await partner.token();
    assert.equal(reply.code, '2007300');
    const { accessToken, ...rest } = reply.body;
    assert.deepEqual(rest, {
      responseCode: '2007300',
      responseMessage: 'Successful',
      tokenType: 'Bearer',
      expiresIn: '900',
    });
    const rows = await db.query<{ text: string }>(sql`select p::text as text from partner_token p`);
    assert.ok(rows.length === 1 && !rows[0]!.text.includes(String(accessToken)));
    const token = String(accessToken);
    const ask = { accountNo: ACCOUNT.payer };
    assert.equal((await partner.call('/v1.0/balance-inquiry', ask, { token })).code, '2001100');
    clock.set(clock.now() + 901_000);
    assert.equal((await partner.call('/v1.0/balance-inquiry', ask, { token })).code, '4011101');
  }));

test('access-token/b2b refuses with its own codes', () =>
  withSnap(async ({ partner, clock }) => {
    const code = async (options: Parameters<typeof partner.token>[0]): Promise<string> =>
      (await partner.token(options)).code;
    assert.equal(
      await code({ headers: { 'x-client-key': 'partner-b' } }),
      '4017300',
      "signed by the right key, over another's id",
    );
    assert.equal(await code({ headers: { 'x-client-key': 'nobody' } }), '4017300');
    assert.equal(await code({ headers: { 'x-client-key': undefined } }), '4007302');
    assert.equal(await code({ headers: { 'x-signature': 'AAAA' } }), '4017300');
    assert.equal(await code({ headers: { 'x-timestamp': undefined } }), '4007302');
    assert.equal(await code({ headers: { 'x-timestamp': 'yesterday' } }), '4007301');
    assert.equal(await code({ atMs: clock.now() - 301_000 }), '4017300');
    assert.equal(await code({ body: {} }), '4007302');
    assert.equal(await code({ body: { grantType: 'password' } }), '4007301');
  }));

test("balance-inquiry tells posted, held and available of the partner's own accounts only", () =>
  withSnap(async ({ partner }) => {
    const reply = await partner.call('/v1.0/balance-inquiry', {
      partnerReferenceNo: 'b-1',
      accountNo: ACCOUNT.payer,
    });
    assert.equal(reply.code, '2001100');
    const [info] = reply.body['accountInfos'] as Record<string, unknown>[];
    assert.deepEqual(info!['availableBalance'], { value: '1000000.00', currency: 'IDR' });
    assert.equal(info!['status'], '0001');
    const frozen = await partner.call('/v1.0/balance-inquiry', { accountNo: ACCOUNT.frozen });
    assert.equal((frozen.body['accountInfos'] as Record<string, unknown>[])[0]!['status'], '0007');
    assert.equal(
      (await partner.call('/v1.0/balance-inquiry', { accountNo: ACCOUNT.foreign })).code,
      '4031115',
    );
    for (const accountNo of [ACCOUNT.poor, '1990009999'])
      assert.equal(
        (await partner.call('/v1.0/balance-inquiry', { accountNo })).code,
        '4031115',
        'an account that it may debit by prefix, and one that does not exist, are told apart from none',
      );
    assert.equal((await partner.call('/v1.0/balance-inquiry', {})).code, '4001102');
    const asked = async (change: object): Promise<string> =>
      (await partner.call('/v1.0/balance-inquiry', { accountNo: ACCOUNT.payer, ...change })).code;
    assert.equal(await asked({ balanceTypes: ['Cash'] }), '2001100');
    assert.equal(await asked({ balanceTypes: ['Gold'] }), '4001101');
    assert.equal(await asked({ bankCardToken: 'x' }), '4031101');
  }));

test('account-inquiry names the owner here and at another bank', () =>
  withSnap(async (world) => {
    const { partner, rail, db, clock } = world;
    const internal = async (beneficiaryAccountNo: string): Promise<Record<string, unknown>> =>
      (await partner.call('/v1.0/account-inquiry-internal', { beneficiaryAccountNo })).body;
    const found = await internal(ACCOUNT.payee);
    assert.equal(found['responseCode'], '2001500');
    assert.equal(found['beneficiaryAccountName'], 'NASABAH 2');
    assert.equal(found['beneficiaryAccountType'], 'S');
    assert.equal((await internal('1990009999'))['responseCode'], '4041511');
    assert.equal((await internal(ACCOUNT.closed))['responseCode'], '4031518');
    const external = async (beneficiaryBankCode = '009'): Promise<Record<string, unknown>> =>
      (
        await partner.call('/v1.0/account-inquiry-external', {
          beneficiaryBankCode,
          beneficiaryAccountNo: '0123456789',
        })
      ).body;
    const other = await external();
    assert.equal(other['responseCode'], '2001600');
    assert.deepEqual(
      [other['beneficiaryAccountName'], other['beneficiaryBankName'], other['beneficiaryBankCode']],
      ['BUDI', 'Bank BNI', '009'],
    );
    rail.enquiry = { found: false, code: 'U101' };
    assert.equal((await external())['responseCode'], '4041611');
    rail.enquiry = { found: 'unknown', reason: 'no_answer' };
    assert.equal((await external())['responseCode'], '5041600');
    assert.equal((await external('XXXXIDJA'))['responseCode'], '4041603');
    assert.equal((await external('PULHIDJA'))['responseCode'], '4041602');
    await db.query(sql`update participant set state = 'closed' where bic = 'BNINIDJA'`);
    clock.set(clock.now() + 60_000);
    const said = /^Feature Not Allowed At This Time\. \[beneficiary bank is closed\]$/;
    const closed = await external();
    assert.equal(closed['responseCode'], '4031606');
    assert.match(String(closed['responseMessage']), said);
    for (let i = 0; i < 2; i++) {
      const refused = await partner.call(INTERBANK, interbank({ partnerReferenceNo: 'closed' }));
      assert.equal(refused.code, '4031806');
      assert.match(refused.message, said);
    }
  }));

test("T1 transfer/status tells the state of each payment by either reference, and only of one's own", () =>
  withSnap(async ({ partner, other, rail }) => {
    const status = async (
      change: Record<string, unknown>,
      by = partner,
    ): Promise<Record<string, unknown>> => (await by.call('/v1.0/transfer/status', change)).body;
    const onus = await partner.call('/v1.0/transfer-intrabank', {
      ...TRANSFER,
      partnerReferenceNo: 's-1',
      beneficiaryAccountNo: ACCOUNT.payee,
    });
    const told = await status({ originalPartnerReferenceNo: 's-1', serviceCode: '17' });
    assert.equal(told['responseCode'], '2003600');
    assert.deepEqual(
      [
        told['latestTransactionStatus'],
        told['transactionStatusDesc'],
        told['previousResponseCode'],
      ],
      ['00', 'Success', '2001700'],
    );
    assert.deepEqual(
      [told['amount'], told['beneficiaryAccountNo'], told['sourceAccountNo']],
      [TRANSFER.amount, ACCOUNT.payee, ACCOUNT.payer],
    );
    assert.equal(told['originalReferenceNo'], onus.body['referenceNo']);
    assert.equal(
      (await status({ originalReferenceNo: onus.body['referenceNo'], serviceCode: '17' }))[
        'latestTransactionStatus'
      ],
      '00',
    );

    const interbank = {
      ...TRANSFER,
      beneficiaryBankCode: '009',
      beneficiaryAccountNo: '0123456789',
      beneficiaryAccountName: 'BUDI',
    };
    for (const [reference, answer, expected, previous] of [
      ['s-2', { outcome: 'rejected', code: 'U101' }, '04', '4041811'],
      ['s-3', { outcome: 'unknown', reason: 'no_answer' }, '03', '2021800'],
    ] as const) {
      rail.answer = answer;
      const reply = await partner.call('/v1.0/transfer-interbank', {
        ...interbank,
        partnerReferenceNo: reference,
      });
      const now = await status({ originalPartnerReferenceNo: reference, serviceCode: '18' });
      assert.deepEqual(
        [now['latestTransactionStatus'], now['previousResponseCode']],
        [expected, previous],
      );
      assert.equal(reply.code, previous, 'T4 the transfer and its status agree');
    }
    const refused = await partner.call('/v1.0/transfer-intrabank', {
      ...TRANSFER,
      partnerReferenceNo: 's-4',
      beneficiaryAccountNo: '1990009999',
    });
    const failed = await status({ originalPartnerReferenceNo: 's-4', serviceCode: '17' });
    assert.deepEqual(
      [failed['latestTransactionStatus'], failed['previousResponseCode']],
      ['06', refused.code],
    );

    const code = async (change: Record<string, unknown>, by = partner): Promise<unknown> =>
      (await status(change, by))['responseCode'];
    assert.equal(await code({ originalPartnerReferenceNo: 'never', serviceCode: '17' }), '4043601');
    assert.equal(await code({ originalReferenceNo: 'pay_x', serviceCode: '17' }), '4043601');
    assert.equal(await code({ originalPartnerReferenceNo: 's-1', serviceCode: '18' }), '4043601');
    assert.equal(
      await code({
        originalPartnerReferenceNo: 's-1',
        originalReferenceNo: 'pay_x',
        serviceCode: '17',
      }),
      '4043601',
    );
    assert.equal(
      await code({ originalReferenceNo: onus.body['referenceNo'], serviceCode: '17' }, other),
      '4043601',
      "another partner's",
    );
    assert.equal(
      await code({
        originalPartnerReferenceNo: 's-1',
        serviceCode: '17',
        amount: { value: '1.00', currency: 'IDR' },
      }),
      '4043618',
    );
    assert.equal(await code({ originalPartnerReferenceNo: 's-1' }), '4003602');
    assert.equal(await code({ originalPartnerReferenceNo: 's-1', serviceCode: '99' }), '4003601');
    assert.equal(await code({ serviceCode: '17' }), '4003602');
  }));

test('the edges of HTTP answer in SNAP form: paths, methods, types, sizes', () =>
  withSnap(async ({ app, partner }) => {
    const json = { 'content-type': 'application/json' };
    const ask = async (request: InjectOptions): Promise<unknown[]> => {
      const response = await app.inject(request);
      assert.equal(response.headers['content-type'], 'application/json; charset=utf-8');
      assert.match(String(response.headers['x-timestamp']), /^2026-08-01T\d\d:\d\d:\d\d\+07:00$/);
      return [response.statusCode, response.json<{ responseCode: string }>().responseCode];
    };
    assert.deepEqual(
      await ask({ method: 'POST', url: '/v1.0/nothing', headers: json, payload: '{}' }),
      [404, '4040000'],
    );
    assert.deepEqual(await ask({ method: 'GET', url: '/v1.0/transfer-intrabank' }), [
      405,
      '4051701',
    ]);
    assert.deepEqual(
      await ask({
        method: 'POST',
        url: '/v1.0/transfer-intrabank',
        headers: { 'content-type': 'text/xml' },
        payload: '<a/>',
      }),
      [400, '4001700'],
    );
    assert.deepEqual(
      await ask({
        method: 'POST',
        url: '/v1.0/transfer-intrabank',
        headers: json,
        payload: `"${'x'.repeat(40_000)}"`,
      }),
      [400, '4001700'],
    );
    assert.deepEqual(
      await ask({ method: 'POST', url: '/v1.0/transfer-intrabank', headers: json }),
      [401, '4011703'],
    );
    assert.equal(
      (await app.inject('/elsewhere')).json<{ message: string }>().message,
      'Route GET:/elsewhere not found',
      'other paths are not ours',
    );
    // Path and query are signed as sent.
    assert.equal(
      (await partner.call('/v1.0/balance-inquiry?a=1', { accountNo: ACCOUNT.payer })).code,
      '2001100',
    );
  }));
