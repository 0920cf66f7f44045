/** What a customer lets a partner see: told in words, agreed with the PIN, shown, and taken back at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { registerRedirect } from '../grant/bind.ts';
import { exchangeCode, findAccess } from '../grant/token.ts';
import { createPartner } from '../snap/partner/partner.ts';
import { PARTNER_KEY_PEM } from '../snap/test-partner.ts';
import { sealer } from '../snap/test-world.ts';
import { signIn, withWorld, type Caller, type World } from './test-world.ts';

const URL_BACK = 'https://kasku.example/kembali?dari=bank';
const ASK = { partnerId: 'kasku', scopes: ['history', 'balance'], redirectUrl: URL_BACK };
const CHOSEN = { ...ASK, accounts: ['1990000001'], days: 90 };

async function withPartner(
  work: (world: World, budi: Caller, ayu: Caller) => Promise<void>,
): Promise<void> {
  await withWorld(async (world) => {
    const context = { db: world.db, time: wallTime(), random: systemRandom() };
    await world.db.query(sql`
      insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      select id, id, id, 'admin', '', '', '', ${new Date(0)} from unnest(array['stf_1', 'stf_2']) as id`);
    await createPartner(
      { ...context, sealer },
      {
        id: 'kasku',
        name: 'Kasku',
        publicKeyPem: PARTNER_KEY_PEM,
        secret: 'rahasia',
        hmacEncoding: 'base64',
        amountMaxSen: 1n,
        sourceAccounts: [],
      },
    );
    await registerRedirect(context, {
      partnerId: 'kasku',
      url: URL_BACK,
      proposedBy: 'stf_1',
      approvedBy: 'stf_2',
    });
    await work(world, await signIn(world), await signIn(world, 'ayu'));
  });
}

async function agree(caller: Caller, change: Record<string, unknown> = {}) {
  const { body } = await caller.call('POST', '/third-parties/terms', CHOSEN);
  return caller.call('POST', '/third-parties', {
    ...CHOSEN,
    text: body.text ?? 'x',
    pin: '246810',
    state: 'abc-1',
    ...change,
  });
}

test('a customer reads who asks for what, agrees to the very words with the PIN, and the code works for that partner', () =>
  withPartner(async (world, budi) => {
    const asked = await budi.call('POST', '/third-parties/ask', ASK);
    assert.equal(asked.status, 200, JSON.stringify(asked.body));
    assert.deepEqual(
      [asked.body.partnerName, asked.body.accounts, asked.body.isReplacing],
      ['Kasku', [{ number: '1990000001', name: 'Budi Santoso' }], false],
    );
    const terms = await budi.call('POST', '/third-parties/terms', CHOSEN);
    assert.match(
      terms.body.text,
      /^Saya mengizinkan Kasku melihat saldo dan status rekening dan melihat riwayat transaksi dan mutasi rekening, untuk rekening 1990000001, sampai /,
    );
    const done = await agree(budi);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    const url = new URL(done.body.url);
    assert.equal(`${url.origin}${url.pathname}`, 'https://kasku.example/kembali');
    assert.deepEqual(
      [url.searchParams.get('dari'), url.searchParams.get('state')],
      ['bank', 'abc-1'],
    );
    const context = { db: world.db, time: wallTime(), random: systemRandom() };
    const exchanged = await exchangeCode(context, {
      partnerId: 'kasku',
      code: url.searchParams.get('authCode')!,
      redirectUrl: URL_BACK,
    });
    assert(exchanged.ok);
    const { accessToken } = exchanged.pair;
    const access = await findAccess(context, { partnerId: 'kasku', accessToken });
    assert.deepEqual(access?.accounts, ['1990000001']);
    await world.db.query(
      sql`update account set customer_id = 'cus_ayu' where number = '1990000001'`,
    );
    assert.deepEqual(
      (await findAccess(context, { partnerId: 'kasku', accessToken }))?.accounts,
      [],
      'an account that went to somebody else is not read any more',
    );
  }));

test('nothing is granted without the right PIN, the very words, an own account and a registered address', () =>
  withPartner(async (world, budi) => {
    const code = async (reply: Promise<{ body: { code: string } }>): Promise<string> =>
      (await reply).body.code;
    assert.equal(await code(agree(budi, { pin: '000000' })), 'pin_wrong');
    assert.equal(await code(agree(budi, { text: 'Saya setuju' })), 'terms_changed');
    assert.equal(await code(agree(budi, { days: 180 })), 'terms_changed');
    assert.equal(await code(agree(budi, { accounts: ['1990000002'] })), 'account_not_yours');
    const other = { redirectUrl: 'https://kasku.example/kembali' };
    assert.equal(await code(agree(budi, other)), 'partner_unknown');
    assert.equal(
      await code(budi.call('POST', '/third-parties/ask', { ...ASK, ...other })),
      'partner_unknown',
    );
    assert.equal(
      await code(budi.call('POST', '/third-parties/ask', { ...ASK, scopes: ['everything'] })),
      'invalid_field',
    );
    await world.db.query(sql`update partner set state = 'suspended'`);
    assert.equal(await code(agree(budi)), 'partner_unknown');
    assert.deepEqual((await budi.call('GET', '/third-parties')).body.grants, []);
    assert.deepEqual(await world.db.query(sql`select id from access_grant`), []);
  }));

test('payments may be taken only within limits that the customer set, and the words say which', () =>
  withPartner(async (world, budi) => {
    const limits = (each: string, day: string) => ({
      limits: {
        perPayment: { value: each, currency: 'IDR' },
        perDay: { value: day, currency: 'IDR' },
      },
    });
    const asked = { ...CHOSEN, scopes: ['debit'] };
    const terms = (change: object) => budi.call('POST', '/third-parties/terms', change);
    for (const wrong of [
      asked,
      { ...asked, ...limits('0.00', '5.00') },
      { ...asked, ...limits('6.00', '5.00') },
      { ...CHOSEN, ...limits('5.00', '5.00') },
    ])
      assert.equal((await terms(wrong)).body.code, 'debit_limits');
    const right = { ...asked, ...limits('250000.00', '1000000.00') };
    const { text } = (await terms(right)).body;
    assert.match(
      text,
      /paling banyak Rp250\.000 setiap kali dan Rp1\.000\.000 sehari, tanpa PIN saya/,
    );
    const more = { ...right, ...limits('250001.00', '1000000.00') };
    const agreed = (chosen: object) =>
      budi.call('POST', '/third-parties', { ...chosen, text, pin: '246810' });
    assert.equal((await agreed(more)).body.code, 'terms_changed');
    assert.equal((await agreed(right)).status, 200);
    const rows = await world.db.query<{ limit_sen: bigint; day_limit_sen: bigint }>(
      sql`select limit_sen, day_limit_sen from access_grant`,
    );
    assert.deepEqual(rows, [{ limit_sen: 25_000_000n, day_limit_sen: 100_000_000n }]);
    const message = (await budi.call('GET', '/messages')).body.messages[0]!;
    assert.match(message.body, /dalam batas yang Anda tetapkan/);
  }));

test('a grant is listed in words for its own customer only, replaced by a new one, and revoked without a PIN', () =>
  withPartner(async (world, budi, ayu) => {
    await agree(budi);
    const again = await budi.call('POST', '/third-parties/ask', ASK);
    assert.equal(again.body.isReplacing, true);
    await agree(budi);
    const { grants } = (await budi.call('GET', '/third-parties')).body;
    assert.deepEqual(
      grants.map(({ isLive, status }) => [isLive, status.split(' ').slice(0, 3).join(' ')]),
      [
        [true, 'Belum dipakai, berlaku'],
        [false, 'Diganti izin baru'],
      ],
    );
    assert.deepEqual((await ayu.call('GET', '/third-parties')).body.grants, []);
    const live = grants[0]!;
    assert.equal((await ayu.call('POST', `/third-parties/${live.id}/revoke`)).status, 404);
    assert.equal((await budi.call('POST', `/third-parties/${live.id}/revoke`)).status, 204);
    assert.equal((await budi.call('POST', `/third-parties/${live.id}/revoke`)).status, 204);
    const after = (await budi.call('GET', '/third-parties')).body.grants[0]!;
    assert.deepEqual([after.isLive, after.status.slice(0, 10)], [false, 'Anda cabut']);
    const titles = (await budi.call('GET', '/messages')).body.messages.map(({ title }) => title);
    assert.deepEqual(titles.sort(), [
      'Akses pihak ketiga berakhir',
      'Akses pihak ketiga diberikan',
      'Akses pihak ketiga diberikan',
    ]);
    const kinds = await world.db.query<{ kind: string }>(
      sql`select kind from event where kind like 'access_grant.%' order by id`,
    );
    assert.deepEqual(
      kinds.map(({ kind }) => kind.slice(13)),
      ['made', 'ended', 'made', 'ended'],
    );
  }));
