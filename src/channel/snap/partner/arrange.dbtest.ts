/** What is arranged with a partner by signed changes, seen through the services that it opens and closes. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { selectLastMerchant } from '../../../direct-debit/store.ts';
import { silentLog } from '../../../kernel/log.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { seedMerchants } from '../../../merchant/test-merchant.ts';
import { selectChannel } from '../../../virtual-account/store.ts';
import { selectAsker } from '../../grant/store.ts';
import { readArrangements } from './arrange.ts';
import type { Arrangement, EndedArrangement } from './arrangement.ts';
import { changePartner, type ChangeResult } from './change.ts';
import type { NoticeCall } from '../notice/port.ts';
import { openNotices } from '../notice/notice.ts';
import { body, idr, INTRABANK } from '../test-transfer.ts';
import { ACCOUNT, NOON_MS, sealer, withSnap, type World } from '../test-world.ts';

const people = ['stf_1', 'stf_2'].map((staffId) => {
  const { publicKey, privateKey: key } = generateKeyPairSync('ed25519');
  return { staffId, key, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
});
const [ani, budi] = [people[0]!, people[1]!];
const roster = Object.fromEntries(people.map(({ staffId, pem }) => [staffId, pem]));
const SECRET = 'rahasia-kami-di-mitra-a';
const DONE = { ok: true, loosens: true } as const;
const ENDED = { ok: true, loosens: false } as const;
const UNCHANGED = { ok: true, loosens: false, isUnchanged: true } as const;
const refused = (reason: string) => ({ ok: false, reason });

/** What the bank's people do with a partner of this world. */
function desk({ db, time }: World, partnerId: string) {
  const context = { db, time, random: systemRandom(), sealer, roster };
  const sign = { partnerId, reason: 'test', by: ani };
  return {
    context,
    alone: (arrangement: Arrangement): Promise<ChangeResult> =>
      changePartner(context, { ...sign, change: { kind: 'arrange', arrangement } }),
    arrange: (arrangement: Arrangement): Promise<ChangeResult> =>
      changePartner(context, { ...sign, change: { kind: 'arrange', arrangement }, second: budi }),
    end: (ended: EndedArrangement): Promise<ChangeResult> =>
      changePartner(context, { ...sign, change: { kind: 'end', ended } }),
  };
}

test('I5 each arrangement opens its service by two people, once, is ended by one at once, and can begin anew', () =>
  withSnap(async (world) => {
    const { db, partner, other } = world;
    await seedMerchants(db, NOON_MS);
    await db.query(sql`update merchant set partner_id = null where id = 'mer_warung'`);
    const reads = async (): Promise<boolean> =>
      (await partner.call('/v1.0/balance-inquiry', { accountNo: ACCOUNT.poor })).code === '2001100';
    let made = 0;
    const issues = async (): Promise<boolean> => {
      const customerNo = String(++made).padStart(6, '0');
      const reply = await partner.call('/v1.0/transfer-va/create-va', {
        partnerServiceId: '   88001',
        customerNo,
        virtualAccountNo: `   88001${customerNo}`,
        virtualAccountName: 'SISWA',
        trxId: `t${made}`,
        totalAmount: idr('1000.00'),
        virtualAccountTrxType: 'C',
      });
      return reply.code === '2002700';
    };
    const draws = async (): Promise<boolean> => {
      const reply = await partner.call('/v1.0/qr/qr-mpm-generate', {
        partnerReferenceNo: `q-${++made}`,
        merchantId: 'mer_warung',
        amount: idr('1000.00'),
      });
      return reply.code === '2004700';
    };
    const url = 'https://mitra.example/pulang';
    const partnerId = 'partner-a';
    const asks = async (): Promise<boolean> =>
      (await selectAsker(db, { partnerId, redirectUrl: url })) !== undefined;
    const pays = async (): Promise<boolean> =>
      (await selectChannel(db, partnerId))?.ended_at === null;
    const debits = async (): Promise<boolean> =>
      (await selectLastMerchant(db, partnerId))?.ended_at === null;
    const { alone, arrange, end } = desk(world, partnerId);
    const rows: readonly (readonly [Arrangement & EndedArrangement, () => Promise<boolean>])[] = [
      [{ what: 'account', account: ACCOUNT.poor }, reads],
      [{ what: 'redirect', url }, asks],
      [{ what: 'vaService', serviceId: '88001', account: ACCOUNT.payee }, issues],
      [{ what: 'vaChannel', account: ACCOUNT.payer }, pays],
      [{ what: 'debit', account: ACCOUNT.payee }, debits],
      [{ what: 'merchant', merchantId: 'mer_warung' }, draws],
    ];
    for (const [one, isOpen] of rows) {
      assert.equal(await isOpen(), false, one.what);
      assert.deepEqual(await end(one), refused('not_arranged'), one.what);
      assert.deepEqual(await alone(one), refused('second_person_needed'), one.what);
      assert.equal(await isOpen(), false, `${one.what} by one`);
      for (const round of [1, 2]) {
        assert.deepEqual(await arrange(one), DONE, `${one.what} ${round}`);
        assert.deepEqual(await arrange(one), UNCHANGED, `${one.what} again`);
        assert.equal(await isOpen(), true, one.what);
        assert.deepEqual(await end(one), ENDED, one.what);
        assert.equal(await isOpen(), false, `${one.what} ended`);
      }
      // To a merchant without a partner nothing stands.
      const twice = one.what === 'merchant' ? refused('not_arranged') : UNCHANGED;
      assert.deepEqual(await end(one), twice, one.what);
    }
    const kept = await db.query<{ loosens: boolean }>(
      sql`select loosens from partner_change where partner_id = ${partnerId}`,
    );
    assert.equal(kept.length, rows.length * 4, 'a change that changed nothing is not kept');
    assert.equal(kept.filter(({ loosens }) => loosens).length, rows.length * 2);
    const [told] = await db.query<{ n: bigint }>(
      sql`select count(*) as n from event where kind like '%.ended' or kind = 'merchant.released'`,
    );
    assert.equal(told!.n, BigInt(rows.length * 2));
    assert.equal((await other.call(INTRABANK, body({ amount: idr('1.00') }))).code, '2001700');
  }));

test('no arrangement reaches an account of the bank, replaces what is live, or takes what is another partner’s', () =>
  withSnap(async (world) => {
    await seedMerchants(world.db, NOON_MS);
    const a = desk(world, 'partner-a');
    const b = desk(world, 'partner-b');
    for (const account of ['EQUITY-OPENING', 'SETTLE-BIFAST-OUT', ACCOUNT.closed, '9999'])
      for (const what of ['account', 'vaChannel', 'debit'] as const)
        assert.deepEqual(await a.arrange({ what, account }), refused('no_account'), account);
    const service = { what: 'vaService', serviceId: '77', account: ACCOUNT.payee } as const;
    assert.deepEqual(await a.arrange(service), DONE);
    const moved = { ...service, account: ACCOUNT.payer };
    assert.deepEqual(await a.arrange(moved), refused('arranged_otherwise'));
    assert.deepEqual(await b.arrange(service), refused('taken'));
    assert.deepEqual(await b.end(service), refused('not_arranged'));
    await a.end(service);
    assert.deepEqual(await b.arrange(service), refused('taken'), 'its bills are the former one’s');
    assert.deepEqual(await a.arrange(moved), DONE);
    const school = { what: 'merchant', merchantId: 'mer_sekolah' } as const;
    assert.deepEqual(await a.arrange(school), refused('taken'));
    assert.deepEqual(await a.end(school), refused('not_arranged'));
    const nobody = { what: 'merchant', merchantId: 'mer_x' } as const;
    assert.deepEqual(await a.arrange(nobody), refused('no_merchant'));
    assert.deepEqual(await desk(world, 'nobody').arrange(service), refused('not_found'));
    const { vaServices, merchants } = await readArrangements(world.db, 'partner-a');
    assert.deepEqual(
      [vaServices, merchants],
      [[{ serviceId: '77', account: ACCOUNT.payer }], ['mer_warung']],
    );
  }));

test('an endpoint is known by all its values, its secret is in no record, and an ended one hears nothing', () =>
  withSnap(async (world) => {
    const { db, partner } = world;
    const { context, arrange, end } = desk(world, 'partner-a');
    const heard: NoticeCall[] = [];
    const notices = openNotices({
      ...context,
      log: silentLog,
      key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
      post: async (call) => {
        heard.push(call);
        const told = call.url.endsWith('/access-token/b2b')
          ? { accessToken: 'token', expiresIn: '900' }
          : { responseCode: '2001700' };
        return { kind: 'answer', status: 200, body: Buffer.from(JSON.stringify(told)) };
      },
    });
    const endpoint = {
      what: 'endpoint',
      baseUrl: 'https://mitra.example/bank',
      clientId: 'PULHIDJA',
      channelId: '00199',
      secret: SECRET,
    } as const;
    assert.deepEqual(await arrange(endpoint), DONE);
    assert.deepEqual(await arrange(endpoint), UNCHANGED);
    const { secret: _secret, ...asymmetric } = endpoint;
    for (const one of [
      { ...endpoint, secret: `${SECRET}-2` },
      { ...endpoint, clientId: 'x' },
      { ...endpoint, channelId: '1' },
      { ...endpoint, baseUrl: 'https://mitra.example/' },
      asymmetric,
    ])
      assert.deepEqual(await arrange(one), refused('arranged_otherwise'), JSON.stringify(one));
    await partner.call(INTRABANK, body({ amount: idr('1.00') }));
    await notices.work();
    assert.equal(heard.length, 2, 'token and notice: the secret opens');
    assert.deepEqual(await end({ what: 'endpoint' }), ENDED);
    assert.deepEqual(await end({ what: 'endpoint' }), UNCHANGED);
    await partner.call(INTRABANK, body({ partnerReferenceNo: 'two', amount: idr('1.00') }));
    await notices.work();
    assert.equal(heard.length, 2);
    const records = await db.query(sql`
      select c::text as text from partner_change c union all select e::text from event e union all select p::text from partner_endpoint p`);
    assert.doesNotMatch(JSON.stringify(records), new RegExp(SECRET));
    assert.equal((await readArrangements(db, 'partner-a')).endpoint, null);
  }));
