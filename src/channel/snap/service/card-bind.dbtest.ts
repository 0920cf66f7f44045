/** Tokens of accounts: made after the customer's code, good for debits as long as the grant, and nobody else's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { revokeGrant } from '../../grant/make.ts';
import { PAY, withShop, type Shop } from '../test-debit.ts';
import type { Reply } from '../test-partner.ts';
import { idr } from '../test-transfer.ts';
import { ACCOUNT } from '../test-world.ts';

const BIND = '/v1.0/registration-card-bind';
const UNBIND = '/v1.0/registration-card-unbind';

type More = Readonly<Record<string, unknown>>;

const ask = ({ partner, headers }: Shop, partnerReferenceNo: string, more: More = {}) =>
  partner.call(BIND, { partnerReferenceNo, ...more }, { headers });

/** The newest code, as the customer reads it. */
async function codeOf({ db }: Shop): Promise<string> {
  const [row] = await db.query<{ params: string }>(sql`
    select params from customer_message where template = 'direct_debit.code_bind' order by made_at desc, id desc limit 1`);
  return (JSON.parse(row!.params) as { code: string }).code;
}

async function bind(shop: Shop, reference: string, more: More = {}): Promise<string> {
  const sent = await ask(shop, reference, more);
  assert.equal(sent.code, '4030113', sent.message);
  const given = { chargeToken: sent.body['chargeToken'], otp: await codeOf(shop) };
  const made = await ask(shop, reference, { ...more, ...given });
  assert.equal(made.code, '2000100', made.message);
  return String(made.body['bankCardToken']);
}

/** A debit by the token alone. */
const payBy = ({ partner }: Shop, bankCardToken: string, reference: string, rupiahs = 10_000) =>
  partner.call(PAY, {
    partnerReferenceNo: reference,
    amount: idr(`${rupiahs}.00`),
    bankCardToken,
  });

const codes = (replies: readonly Reply[]): readonly string[] => replies.map(({ code }) => code);

test('a token of an account takes the customer’s code, pays without the customer’s access token, within its own limit and the grant’s, once per reference', () =>
  withShop(async (shop) => {
    const { partner, other, headers, held, pay, db } = shop;
    assert.equal((await partner.call(BIND, { partnerReferenceNo: 'b' })).code, '4010104');
    const sent = await ask(shop, 'b1', { limit: idr('20000.00') });
    assert.equal(sent.code, '4030113');
    const right = await codeOf(shop);
    const given = { chargeToken: sent.body['chargeToken'], otp: right };
    const wrong = { ...given, otp: right === '000000' ? '000001' : '000000' };
    assert.deepEqual(
      codes([
        await ask(shop, 'b1', { limit: idr('20000.00'), ...wrong }),
        await ask(shop, 'b1', { limit: idr('30000.00'), ...given }),
        await ask(shop, 'b2', { limit: idr('20000.00'), ...given }),
        await ask(shop, 'b1', { limit: idr('100001.00') }),
        await ask(shop, 'b1', { limit: idr('0.00') }),
        await ask(shop, 'b1', { additionalInfo: { accountNo: ACCOUNT.payee } }),
      ]),
      ['4040115', '4040106', '4040106', '4030117', '4040113', '4030115'],
    );
    const made = await ask(shop, 'b1', { limit: idr('20000.00'), ...given });
    assert.equal(made.code, '2000100', made.message);
    const token = String(made.body['bankCardToken']);
    assert.deepEqual(
      codes([
        await payBy(shop, token, 'd1'),
        await payBy(shop, token, 'd1'),
        await pay('d1', 10_000),
        await payBy(shop, token, 'd2', 20_001),
        await pay('d3', 20_001),
        await payBy(shop, 'A'.repeat(43), 'd4'),
        await other.call(PAY, {
          partnerReferenceNo: 'd5',
          amount: idr('10000.00'),
          bankCardToken: token,
        }),
        await partner.call(
          PAY,
          { partnerReferenceNo: 'd6', amount: idr('10000.00'), bankCardToken: token },
          { headers },
        ),
      ]),
      // `other` takes no debits at all.
      ['2005400', '2005400', '2005400', '4035417', '2005400', '4045411', '4035401', '4005401'],
    );
    assert.equal(await held(), 1_000_000n - 10_000n - 20_001n, 'd1 once, and d3');
    const kept = await db.query<{ text: string }>(sql`
      select data as text from event where kind like 'account_token.%' or kind like 'direct_debit_code.%'
      union all select params from customer_message`);
    assert.ok(kept.length >= 5 && !kept.some(({ text }) => text.includes(token)));
  }));

test('I5 a token ends with its unbinding, with the next one for its account, with the grant and its time; what ended is never taken again', () =>
  withShop(async (shop) => {
    const { partner, other, held, db, time, grantId, clock } = shop;
    const first = await bind(shop, 'b1');
    const second = await bind(shop, 'b2');
    assert.deepEqual(codes([await payBy(shop, first, 'd1'), await payBy(shop, second, 'd2')]), [
      '4035418',
      '2005400',
    ]);
    const unbind = (by: typeof partner, bankCardToken: string) =>
      by.call(UNBIND, { partnerReferenceNo: 'u', bankCardToken });
    assert.deepEqual(
      codes([
        await unbind(other, second),
        await unbind(partner, first),
        await payBy(shop, second, 'd3'),
        await unbind(partner, second),
        await unbind(partner, second),
        await payBy(shop, second, 'd4'),
      ]),
      ['4040511', '2000500', '2005400', '2000500', '2000500', '4035418'],
    );
    const third = await bind(shop, 'b3');
    await db.script(`update account set customer_id = 'cus_2' where number = '${ACCOUNT.payer}'`);
    assert.equal((await payBy(shop, third, 'd5')).code, '4035418', 'not the customer’s any more');
    await db.script(`update account set customer_id = 'cus_1' where number = '${ACCOUNT.payer}'`);
    const nowMs = clock.now();
    clock.set(nowMs + 30 * 86_400_000 + 60_000);
    await partner.renew();
    assert.equal((await payBy(shop, third, 'd6')).code, '4035418', 'the grant’s time is over');
    clock.set(nowMs + 60_000);
    await partner.renew();
    assert.equal((await payBy(shop, third, 'd7')).code, '2005400');
    await revokeGrant({ db, time, random: systemRandom() }, { id: grantId, customerId: 'cus_1' });
    assert.equal((await payBy(shop, third, 'd8')).code, '4035418', 'revoked in the app');
    // A no would be the end of it; it was paid, and 55 says so.
    assert.equal((await payBy(shop, third, 'd7')).code, '2025400', 'T6 what was paid before');
    assert.equal((await unbind(partner, third)).code, '2000500');
    assert.equal(await held(), (rupiah(1_000_000) - 3n * rupiah(10_000)) / 100n);
    await assert.rejects(db.script('update account_token set ended_at = null'), /begin anew/);
  }));
