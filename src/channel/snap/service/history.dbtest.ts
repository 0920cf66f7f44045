/** What a partner may read of accounts: whose, how much of it, and for how long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { endBinding } from '../../grant/bind.ts';
import { makeGrant, revokeGrant, type GrantContext } from '../../grant/make.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { wibIso } from '../../../kernel/time.ts';
import type { AccessScope } from '../../grant/port.ts';
import type { Reply, TestPartner } from '../test-partner.ts';
import { body, idr, INTRABANK } from '../test-transfer.ts';
import { ACCOUNT, NOON_MS, REDIRECT, withSnap, type World } from '../test-world.ts';

const LIST = '/v1.0/transaction-history-list';
const DETAIL = '/v1.0/transaction-history-detail';
const STATEMENT = '/v1.0/bank-statement';
const TOKEN = '/v1.0/access-token/b2b2c';
const DAY_MS = 86_400_000;

const contextOf = ({ db, time }: World): GrantContext => ({ db, time, random: systemRandom() });

async function pay(world: World, count: number): Promise<readonly string[]> {
  const references: string[] = [];
  for (let i = 1; i <= count; i++) {
    const asked = body({ amount: idr(`${i}.00`), remark: `no ${i}` });
    const reply = await world.partner.call(INTRABANK, asked);
    assert.equal(reply.code, '2001700', reply.message);
    references.push(String(asked['partnerReferenceNo']));
  }
  return references;
}

/** What the app does once the PIN was right. */
async function grant(
  world: World,
  input: { readonly scopes?: readonly AccessScope[]; readonly partnerId?: string } = {},
): Promise<{ readonly id: string; readonly code: string }> {
  return makeGrant(contextOf(world), {
    partnerId: input.partnerId ?? 'partner-a',
    partnerName: 'A',
    customerId: 'cus_1',
    scopes: input.scopes ?? ['balance', 'history'],
    accounts: [ACCOUNT.poor],
    redirectUrl: REDIRECT,
    days: 30,
    sessionHash: Buffer.alloc(32),
    device: 'test',
    textShown: 'x',
    language: 'id',
  });
}

/** Service 74 is signed like 73. */
function ask(partner: TestPartner, request: Readonly<Record<string, unknown>>): Promise<Reply> {
  return partner.token({ body: request, path: TOKEN });
}
const exchange = (partner: TestPartner, code: string, redirectUrl = REDIRECT): Promise<Reply> =>
  ask(partner, {
    grantType: 'authorization_code',
    authCode: code,
    additionalInfo: { redirectUrl },
  });
const refresh = (partner: TestPartner, refreshToken: unknown): Promise<Reply> =>
  ask(partner, { grantType: 'refresh_token', refreshToken });
const asCustomer = (token: unknown): { readonly headers: Record<string, string> } => ({
  headers: { 'authorization-customer': `Bearer ${String(token)}`, 'x-device-id': 'phone-1' },
});

test('transaction-history-list pages newest first, by number and by cursor, over exactly the period', () =>
  withSnap(async (world) => {
    const { partner } = world;
    await pay(world, 5);
    const list = async (more: object, change: object = {}): Promise<Reply> =>
      partner.call(LIST, {
        pageSize: 2,
        ...change,
        additionalInfo: { accountNo: ACCOUNT.payer, ...more },
      });
    const amounts = ({ body: told }: Reply): unknown[] =>
      (told['detailData'] as { amount: { value: string } }[]).map((line) => line.amount.value);
    const first = await list({});
    assert.equal(first.code, '2001200', first.message);
    assert.deepEqual(amounts(first), ['5.00', '4.00']);
    const [newest] = first.body['detailData'] as Record<string, unknown>[];
    assert.deepEqual(
      [newest!['remark'], newest!['status'], newest!['type']],
      ['no 5', 'SUCCESS', 'TRANSFER_OUT'],
    );
    const { cursor } = first.body['additionalInfo'] as { cursor: string };
    await pay(world, 1);
    assert.deepEqual(amounts(await list({ cursor })), ['3.00', '2.00'], 'news shift no page');
    assert.deepEqual(amounts(await list({}, { pageNumber: 2 })), ['2.00', '1.00']);
    assert.deepEqual(amounts(await list({}, { pageNumber: '3' })), ['1000000.00'], 'the opening');
    assert.deepEqual(amounts(await list({}, { pageNumber: 9 })), []);
    const at = (ms: number): string => wibIso(ms);
    const early = { fromDateTime: at(NOON_MS - DAY_MS), toDateTime: at(NOON_MS - 1_000) };
    assert.deepEqual(amounts(await list({}, early)), []);
    const code = async (change: object, more: object = {}): Promise<string> =>
      (await list(more, change)).code;
    assert.equal(await code({ pageSize: 51 }), '4001201');
    assert.equal(await code({ pageSize: 0 }), '4001201');
    assert.equal(await code({ pageNumber: 'x' }), '4001201');
    assert.equal(await code({ fromDateTime: at(NOON_MS - 32 * DAY_MS) }), '4001201');
    const old = {
      fromDateTime: at(NOON_MS - 400 * DAY_MS),
      toDateTime: at(NOON_MS - 390 * DAY_MS),
    };
    assert.equal(await code(old), '4001201');
    assert.equal(await code({ fromDateTime: at(NOON_MS + DAY_MS) }), '4001201');
    assert.equal(await code({}, { accountNo: ACCOUNT.poor }), '4031215');
    assert.equal(await code({}, { accountNo: undefined }), '4001202', 'two accounts are bound');
  }));

test('bank-statement adds up: balances around each entry, totals by side, opening and closing', () =>
  withSnap(async (world) => {
    const { partner } = world;
    await pay(world, 3);
    const reply = await partner.call(STATEMENT, { accountNo: ACCOUNT.payer });
    assert.equal(reply.code, '2001400', reply.message);
    const told: Readonly<Record<string, unknown>> = reply.body;
    assert.deepEqual(told['totalDebitEntries'], { numberOfEntries: '3', amount: idr('6.00') });
    assert.deepEqual(told['totalCreditEntries'], {
      numberOfEntries: '1',
      amount: idr('1000000.00'),
    });
    const [balance] = told['balance'] as Record<string, { value: string }>[];
    assert.equal(balance!['startingBalance']!.value, '0.00');
    assert.equal(balance!['endingBalance']!.value, '999994.00');
    const details = told['detailData'] as {
      detailBalance: { startAmount: { amount: object }[]; endAmount: { amount: object }[] };
      type: string;
    }[];
    assert.deepEqual(
      details.map((line) => line.type),
      ['DEBIT', 'DEBIT', 'DEBIT', 'CREDIT'],
    );
    assert.deepEqual(details[0]!.detailBalance.endAmount[0]!.amount, idr('999994.00'));
    for (const [i, line] of details.entries())
      if (details[i + 1])
        assert.deepEqual(line.detailBalance.startAmount, details[i + 1]!.detailBalance.endAmount);
    assert.equal(told['hasMore'], 'N');
    const alone = await partner.call(STATEMENT, { accountNo: ACCOUNT.frozen });
    assert.deepEqual(alone.body['detailData'], []);
    assert.equal((await partner.call(STATEMENT, { accountNo: ACCOUNT.closed })).code, '4031415');
  }));

test('bank-statement says hasMore and goes on behind its cursor without an entry lost or told twice', () =>
  withSnap(async (world) => {
    await pay(world, 110);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 3; pages++) {
      const { body: told } = await world.partner.call(STATEMENT, {
        accountNo: ACCOUNT.payer,
        additionalInfo: { cursor },
      });
      seen.push(...(told['detailData'] as { transactionId: string }[]).map((l) => l.transactionId));
      assert.deepEqual(
        (told['totalDebitEntries'] as { numberOfEntries: string }).numberOfEntries,
        '110',
      );
      if (told['hasMore'] === 'N') break;
      ({ cursor } = told['additionalInfo'] as { cursor: string });
    }
    assert.equal(seen.length, 111);
    assert.equal(new Set(seen).size, 111);
  }));

test('transaction-history-detail shows a payment of a readable account and no other', () =>
  withSnap(async (world) => {
    const { partner, other } = world;
    const [reference] = await pay(world, 1);
    const reply = await partner.call(DETAIL, { originalPartnerReferenceNo: reference });
    assert.equal(reply.code, '2001300', reply.message);
    const { referenceNo, dateTime, ...told } = reply.body;
    assert.match(String(dateTime), /^2026-08-01T/);
    assert.deepEqual(told, {
      responseCode: '2001300',
      responseMessage: 'Successful',
      partnerReferenceNo: reference,
      amount: idr('1.00'),
      refundAmount: idr('0.00'),
      remark: 'no 1',
      sourceOfFunds: [{ source: 'BALANCE', amount: idr('1.00') }],
      status: 'SUCCESS',
      type: 'TRANSFER_OUT',
    });
    const byOurs = await partner.call(DETAIL, { originalPartnerReferenceNo: referenceNo });
    assert.equal(byOurs.body['amount'] && byOurs.code, '2001300');
    assert.equal(
      (await partner.call(DETAIL, { originalPartnerReferenceNo: 'no' })).code,
      '4041301',
    );
    assert.equal(
      (await other.call(DETAIL, { originalPartnerReferenceNo: referenceNo })).code,
      '4011304',
      'nothing is bound to it',
    );
    const end = (account: string): Promise<boolean> =>
      endBinding(contextOf(world), { partnerId: 'partner-a', account, by: 'stf_1' });
    const ask = { originalPartnerReferenceNo: reference };
    await end(ACCOUNT.payer);
    assert.equal((await partner.call(DETAIL, ask)).body['type'], 'TRANSFER_IN', 'as its payee');
    await end(ACCOUNT.payee);
    assert.equal((await partner.call(DETAIL, ask)).code, '4041301');
  }));

test("access-token/b2b2c gives a code's pair once; the token reads what was granted until it is revoked, at once", () =>
  withSnap(async (world) => {
    const { partner, other, db, clock } = world;
    const { id, code } = await grant(world, { scopes: ['balance'] });
    assert.equal((await exchange(other, code)).code, '4017400', "another partner's code");
    assert.equal((await exchange(partner, code, `${REDIRECT}2`)).code, '4017400');
    const reply = await exchange(partner, code);
    assert.equal(reply.code, '2007400', reply.message);
    const { accessToken, refreshToken, accessTokenExpiryTime } = reply.body;
    assert.equal(accessTokenExpiryTime, wibIso(Date.parse(String(accessTokenExpiryTime))));
    assert.ok(Date.parse(String(accessTokenExpiryTime)) <= clock.now() + 15 * DAY_MS);
    const stored = JSON.stringify(
      await db.query(sql`select g::text, p::text from access_grant g, access_token_pair p`),
    );
    for (const secret of [code, accessToken, refreshToken])
      assert.ok(!stored.includes(String(secret)), 'only hashes are stored');
    const balance = async (token: unknown, by = partner, change = {}): Promise<string> =>
      (await by.call('/v1.0/balance-inquiry', change, asCustomer(token))).code;
    assert.equal(await balance(accessToken), '2001100');
    assert.equal(await balance(accessToken, partner, { accountNo: ACCOUNT.payer }), '4031115');
    assert.equal(await balance(accessToken, other), '4011102', 'a token is its own partner’s');
    assert.equal(await balance(refreshToken), '4011102');
    assert.equal(await balance('x'), '4011102');
    const bare = { headers: { 'authorization-customer': `Bearer ${String(accessToken)}` } };
    assert.equal((await partner.call('/v1.0/balance-inquiry', {}, bare)).code, '4001102');
    assert.equal((await partner.call(LIST, {}, asCustomer(accessToken))).code, '4031201');
    assert.equal(await revokeGrant(contextOf(world), { id, customerId: 'cus_2' }), false);
    assert.equal(await balance(accessToken), '2001100', 'nobody else ends it');
    assert.equal(await revokeGrant(contextOf(world), { id, customerId: 'cus_1' }), true);
    assert.equal(await balance(accessToken), '4011102');
    assert.equal((await refresh(partner, refreshToken)).code, '4017400');
  }));

test('access-token/b2b2c rotates: the pair before is dead, and a refresh token or code that comes twice ends the grant', () =>
  withSnap(async (world) => {
    const { partner, clock, db } = world;
    const balance = async (token: unknown): Promise<string> =>
      (await partner.call('/v1.0/balance-inquiry', {}, asCustomer(token))).code;
    const first = (await exchange(partner, (await grant(world)).code)).body;
    const second = (await refresh(partner, first['refreshToken'])).body;
    assert.equal(second['responseCode'], '2007400');
    assert.equal(await balance(first['accessToken']), '4011102');
    assert.equal(await balance(second['accessToken']), '2001100');
    const copied = await refresh(partner, first['refreshToken']);
    assert.match(copied.message, /used before/);
    assert.equal(
      await balance(second['accessToken']),
      '4011102',
      'the thief and the partner lose it',
    );
    assert.equal((await refresh(partner, second['refreshToken'])).code, '4017400');
    const ended = await db.query<{ n: bigint }>(
      sql`select count(*) as n from customer_message where template = 'access_grant.ended'`,
    );
    assert.equal(ended[0]!.n, 1n, 'the customer is told, once');

    const { code } = await grant(world);
    const third = (await exchange(partner, code)).body;
    assert.equal((await exchange(partner, code)).code, '4017400');
    assert.equal(await balance(third['accessToken']), '4011102', 'a code that came twice');

    const before = (await exchange(partner, (await grant(world)).code)).body;
    const after = (await exchange(partner, (await grant(world)).code)).body;
    assert.equal(await balance(before['accessToken']), '4011102', 'a new consent replaces the old');
    assert.equal(await balance(after['accessToken']), '2001100');
    clock.set(clock.now() + 16 * DAY_MS);
    await partner.renew();
    assert.equal(await balance(after['accessToken']), '4011102', 'an access token ends by itself');
    const later = (await refresh(partner, after['refreshToken'])).body;
    assert.equal(await balance(later['accessToken']), '2001100');
    clock.set(clock.now() + 15 * DAY_MS);
    await partner.renew();
    assert.equal(
      (await refresh(partner, later['refreshToken'])).code,
      '4017400',
      'the grant is over',
    );
    const late = await grant(world);
    clock.set(clock.now() + 301_000);
    assert.match((await exchange(partner, late.code)).message, /expired/);
  }));

test('access-token/b2b2c refuses with its own codes what is not signed, not whole or of another kind', () =>
  withSnap(async ({ partner }) => {
    const code = async (request: Record<string, unknown>): Promise<string> =>
      (await ask(partner, request)).code;
    assert.equal(await code({}), '4007402');
    assert.equal(await code({ grantType: 'client_credentials' }), '4007401');
    assert.equal(await code({ grantType: 'authorization_code' }), '4007402');
    assert.equal(await code({ grantType: 'authorization_code', authCode: 'a' }), '4007402');
    assert.equal(
      await code({ grantType: 'refresh_token', refreshToken: 'a', authCode: 'b' }),
      '4007401',
    );
    assert.equal(await code({ grantType: 'refresh_token', refreshToken: 'a' }), '4017400');
    const unsigned = await partner.token({
      path: TOKEN,
      body: { grantType: 'refresh_token', refreshToken: 'a' },
      headers: { 'x-signature': 'AAAAAAAAAAAAAAAA' },
    });
    assert.equal(unsigned.code, '4017400');
  }));

test('a binding needs two people, and core may not make one', () =>
  withSnap(async ({ db, time }) => {
    const insert = (approvedBy: string): Promise<unknown> =>
      db.query(sql`insert into partner_account (id, partner_id, account, proposed_by, approved_by, valid_from)
        values ('pac_x', 'partner-a', ${ACCOUNT.poor}, 'stf_1', ${approvedBy}, ${new Date(time.now())})`);
    await assert.rejects(insert('stf_1'), { constraint: 'partner_account_two_people' });
    await assert.rejects(
      db.tx(async (tx) => {
        await tx.query({ name: 'as_core', text: 'set local role pulih_core', values: [] });
        await tx.query(sql`insert into partner_account (id, partner_id, account, proposed_by, approved_by, valid_from)
          values ('pac_x', 'partner-a', ${ACCOUNT.poor}, 'stf_1', 'stf_2', ${new Date(time.now())})`);
      }),
      { code: '42501' },
    );
  }));
