/** The code before a larger direct debit: for one request, three minutes and three guesses, and nowhere but in the customer's message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { withShop, type Shop } from '../test-debit.ts';
import type { Reply } from '../test-partner.ts';

/** Payments of Rp50.000 and more ask for a code in these tests. */
const setThreshold = ({ db }: Shop) =>
  db.query(sql`
    insert into setting (key, version, value, effective_from, set_by, approved_by, source)
    values ('debit.code_from_sen', 1, '5000000', ${new Date(0)}, 'stf_1', null, 'test')`);

/** The newest code, as the customer reads it. */
async function codeOf({ db }: Shop): Promise<string> {
  const [row] = await db.query<{ params: string }>(sql`
    select params from customer_message where template = 'direct_debit.code' order by made_at desc, id desc limit 1`);
  return (JSON.parse(row!.params) as { code: string }).code;
}

const tokenOf = (reply: Reply): string => String(reply.body['chargeToken']);
const another = (code: string): string => (code === '000000' ? '000001' : '000000');

test('a larger debit takes a code: sent once asked, tried three times, for this request alone, and then paid once', () =>
  withShop(async (shop) => {
    const { pay, held, status, db } = shop;
    await setThreshold(shop);
    assert.equal((await pay('small', 49_999)).code, '2005400');
    const sent = await pay('r1', 50_000);
    assert.equal(sent.code, '4035413', sent.message);
    assert.match(tokenOf(sent), /^[\w-]{43}$/);
    assert.equal(await status('r1'), '4045501', 'nothing was asked of the ledger');
    const code = await codeOf(shop);
    const given = { chargeToken: tokenOf(sent), otp: code };
    assert.equal((await pay('r1', 50_000, { otp: code })).code, '4005402');
    assert.equal((await pay('r1', 60_000, given)).code, '4045406', 'another amount');
    assert.equal((await pay('r2', 50_000, given)).code, '4045406', 'another reference');
    assert.equal((await pay('r1', 50_000, { ...given, otp: another(code) })).code, '4045415');
    const undo = onFaultPoint((name) => {
      if (name === 'directDebit.afterOpen') throw new Error('crash');
    });
    assert.equal((await pay('r1', 50_000, given)).http, 500);
    undo();
    for (let i = 0; i < 2; i++) assert.equal((await pay('r1', 50_000, given)).code, '2005400');
    assert.equal((await pay('r1', 50_000)).code, '2005400', 'a repeat without it');
    assert.equal((await pay('r3', 50_000, given)).code, '4045406', 'used up');
    assert.equal(await held(), 900_001n);
    const events = await db.query<{ data: string }>(
      sql`select data from event where kind like 'direct_debit%' order by id`,
    );
    assert.ok(events.length >= 5);
    const all = events.map(({ data }) => data).join(' ');
    assert.ok(!all.includes(tokenOf(sent)) && !all.includes(`"${code}"`));
  }));

test('three wrong guesses end a code, also at once; its time ends it; and an hour has five', () =>
  withShop(async (shop) => {
    const { pay, held, clock, partner } = shop;
    await setThreshold(shop);
    const sent = await pay('r1', 50_000);
    const right = await codeOf(shop);
    const guess = { chargeToken: tokenOf(sent), otp: another(right) };
    const guesses = await Promise.all([1, 2, 3, 4, 5].map(() => pay('r1', 50_000, guess)));
    assert.deepEqual(guesses.map(({ code }) => code).toSorted(), [
      '4035411',
      '4035411',
      '4045415',
      '4045415',
      '4045415',
    ]);
    assert.equal((await pay('r1', 50_000, { ...guess, otp: right })).code, '4035411');
    const second = await pay('r1', 50_000);
    const late = { chargeToken: tokenOf(second), otp: await codeOf(shop) };
    clock.set(clock.now() + 3 * 60_000);
    assert.equal((await pay('r1', 50_000, late)).code, '4035412');
    for (let i = 0; i < 3; i++) assert.equal((await pay(`more${i}`, 50_000)).code, '4035413');
    assert.equal((await pay('r1', 50_000)).code, '4035411', 'five in an hour');
    assert.equal(await held(), 1_000_000n);
    clock.set(clock.now() + 3_600_000);
    await partner.renew();
    assert.equal((await pay('r1', 50_000)).code, '4035413', 'and the next hour again');
  }));
