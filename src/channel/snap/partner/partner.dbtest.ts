/** Partners over time: keys that overlap and end, signatures of both kinds, origins, limits, and who may change what. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { changePartner, type ChangeSigner, type PartnerChange } from './change.ts';
import { GUESSES_PER_MINUTE } from '../guess.ts';
import { sealLegacyKeys } from './legacy-key.ts';
import { readNetworks } from './network.ts';
import { createPartner, PARTNER_FRESH_MS } from './partner.ts';
import { testPartner } from '../test-partner.ts';
import { body, idr, interbank, INTERBANK, INTRABANK } from '../test-transfer.ts';
import { ACCOUNT, sealer, withSnap, type World } from '../test-world.ts';

const INQUIRY = '/v1.0/account-inquiry-internal';
const ASKED = { beneficiaryAccountNo: ACCOUNT.payee };
const HOUR_MS = 3_600_000;
const fresh = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const freshPem = fresh.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const SECRET = 'rahasia-baru-yang-panjangnya-cukup-32';

interface Person extends ChangeSigner {
  readonly pem: string;
}

function person(staffId: string): Person {
  const { publicKey, privateKey: key } = generateKeyPairSync('ed25519');
  return { staffId, key, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}
const ani = person('stf_ani');
const budi = person('stf_budi');
const roster = { [ani.staffId]: ani.pem, [budi.staffId]: budi.pem };

/** Two people change a partner, and every process has forgotten the old profile. */
async function change(
  world: World,
  change: PartnerChange,
  people: { by?: ChangeSigner; second?: ChangeSigner | undefined; partnerId?: string } = {},
) {
  const { by = ani, second = 'second' in people ? people.second : budi, partnerId } = people;
  const { db, time } = world;
  const result = await changePartner(
    { db, time, random: systemRandom(), sealer, roster },
    { partnerId: partnerId ?? 'partner-a', change, reason: 'test', by, second },
  );
  world.clock.set(world.clock.now() + PARTNER_FRESH_MS);
  return result;
}

const codeOf = async (reply: Promise<{ readonly code: string }>): Promise<string> =>
  (await reply).code;

function client(
  world: World,
  input: { secret: string | null; privateKey?: KeyObject; id?: string },
) {
  return testPartner(world.app, {
    id: input.id ?? 'partner-a',
    encoding: 'base64',
    now: world.clock.now,
    ...input,
  });
}

test('a secret and a key that were turned over both hold until the overlap ends, and a revoked one at once no more', () =>
  withSnap(async (world) => {
    const { clock } = world;
    const untilMs = clock.now() + HOUR_MS;
    const rotate = { kind: 'rotate', fromMs: 0, oldUntilMs: untilMs } as const;
    const done = await change(world, { ...rotate, key: 'secret', text: SECRET });
    await change(world, { ...rotate, key: 'public', text: freshPem });
    const renewed = client(world, { secret: SECRET, privateKey: fresh.privateKey });
    for (const one of [world.partner, renewed]) {
      assert.equal(await codeOf(one.token()), '2007300');
      assert.equal(await codeOf(one.call(INQUIRY, ASKED)), '2001500');
    }
    clock.set(untilMs + 1_000);
    assert.equal(await codeOf(world.partner.token()), '4017300');
    const { body: told } = await renewed.token();
    const token = String(told['accessToken']);
    const old = await world.partner.call(INQUIRY, ASKED, { token, externalId: '91' });
    assert.equal(old.code, '4011500', 'the old secret with a token of the new key');
    assert.equal(await codeOf(renewed.call(INQUIRY, ASKED, { token })), '2001500');

    assert.ok(done.ok && done.keyId);
    await change(world, { kind: 'revoke', keyId: done.keyId! }, { second: undefined });
    assert.equal(await codeOf(renewed.call(INQUIRY, ASKED, { token })), '4011500');
  }));

test('a key that was written or changed in the database by hand opens nothing, and an event tells of it', () =>
  withSnap(async (world) => {
    const { db, clock } = world;
    // A sealed secret of another partner moved here, and an end that was put off.
    await db.query(sql`
      update partner_key set sealed = (select sealed from partner_key where partner_id = 'partner-b' and kind = 'secret')
      where partner_id = 'partner-a' and kind = 'secret'`);
    await db.query(sql`
      update partner_key set valid_until = ${new Date(clock.now() + HOUR_MS)} where partner_id = 'partner-a' and kind = 'public'`);
    assert.equal(await codeOf(world.partner.token()), '4017300');
    const told = await world.other.token();
    const token = String(told.body['accessToken']);
    const thief = client(world, { secret: 'rahasia-b' });
    assert.notEqual(await codeOf(thief.call(INQUIRY, ASKED, { token })), '2001500');
    await world.channel.stop();
    const events = await db.query<{ subject: string; data: string }>(
      sql`select subject, data from event where kind = 'partner.key_unreadable'`,
    );
    assert.deepEqual([...new Set(events.map(({ subject }) => subject))], ['partner-a']);
    const stored = await db.query<{ text: string }>(
      sql`select concat(p::text, (select string_agg(k::text, ' ') from partner_key k)) as text from partner p`,
    );
    assert.doesNotMatch(JSON.stringify(stored), /contoh-client-secret|rahasia-b/);
  }));

test('sealLegacyKeys() takes the keys of a former version out of the row, and the partner goes on', () =>
  withSnap(async (world) => {
    const { db, time } = world;
    const writer = { db, time, random: systemRandom(), sealer };
    const pem = freshPem;
    await db.query(sql`
      insert into partner (id, name, public_key, secret, hmac_encoding, amount_max_sen, source_accounts, made_at)
      values ('old', 'Old', ${pem}, 'contoh-lama', 'base64', 100, '{}', ${new Date(time.now())})`);
    assert.equal(await sealLegacyKeys(writer), 1);
    assert.equal(await sealLegacyKeys(writer), 0);
    const old = client(world, { id: 'old', secret: 'contoh-lama', privateKey: fresh.privateKey });
    assert.equal(await codeOf(old.call(INQUIRY, ASKED)), '2001500');
    const rows = await db.query(
      sql`select id from partner where public_key is not null or secret is not null`,
    );
    assert.deepEqual(rows, []);
  }));

test('a partner that agreed on its private key needs no token, and its HMAC is worth nothing; the other kind still needs one', () =>
  withSnap(async (world) => {
    const writer = { db: world.db, time: world.time, random: systemRandom(), sealer };
    await createPartner(writer, {
      id: 'partner-c',
      name: 'C',
      publicKeyPem: freshPem,
      signatureKind: 'asymmetric',
      hmacEncoding: 'base64',
      amountMaxSen: rupiah(1_000),
      sourceAccounts: ['199*'],
    });
    const own = client(world, { id: 'partner-c', secret: null, privateKey: fresh.privateKey });
    assert.equal(await codeOf(own.call(INQUIRY, ASKED)), '2001500');
    assert.equal(await codeOf(own.call(INTRABANK, body({ amount: idr('10.00') }))), '2001700');
    const token = String((await own.token()).body['accessToken']);
    assert.equal(await codeOf(own.call(INQUIRY, ASKED, { token })), '2001500');
    assert.equal(
      await codeOf(own.call(INQUIRY, ASKED, { token: 'A'.repeat(43) })),
      '4011501',
      'a token that is sent must be its own',
    );
    const other = client(world, { id: 'partner-c', secret: null });
    assert.equal(await codeOf(other.call(INQUIRY, ASKED)), '4011500', 'another key');
    const hmac = client(world, { id: 'partner-c', secret: freshPem, privateKey: fresh.privateKey });
    assert.equal(
      await codeOf(hmac.call(INQUIRY, ASKED, { token })),
      '4011500',
      'HMAC with the public key',
    );
    const symmetric = client(world, { secret: null });
    assert.equal(await codeOf(symmetric.call(INQUIRY, ASKED)), '4011503');
    const { body: told } = await world.partner.token();
    const withToken = await symmetric.call(INQUIRY, ASKED, { token: String(told['accessToken']) });
    assert.equal(withToken.code, '4011500', 'a private key where HMAC was agreed');
  }));

test('who only writes the name of a partner that needs no token uses up nothing of what the partner may ask', () =>
  withSnap(async (world) => {
    await createPartner(
      { db: world.db, time: world.time, random: systemRandom(), sealer },
      {
        id: 'partner-d',
        name: 'D',
        publicKeyPem: freshPem,
        signatureKind: 'asymmetric',
        hmacEncoding: 'base64',
        amountMaxSen: rupiah(1_000),
        sourceAccounts: ['199*'],
        requestsPerSecondMax: 1,
      },
    );
    const own = client(world, { id: 'partner-d', secret: null, privateKey: fresh.privateKey });
    const forger = client(world, { id: 'partner-d', secret: null });
    const forged = await Promise.all(
      Array.from({ length: 10 }, () => forger.call(INQUIRY, ASKED, { address: '203.0.113.9' })),
    );
    assert.deepEqual([...new Set(forged.map(({ code }) => code))], ['4011500']);
    assert.equal(await codeOf(own.call(INQUIRY, ASKED)), '2001500');
    const codes = new Set<string>();
    for (let i = 0; i < GUESSES_PER_MINUTE; i++)
      codes.add(await codeOf(forger.call(INQUIRY, ASKED, { address: '203.0.113.9' })));
    assert.deepEqual([...codes], ['4011500', '4291500'], 'the forger is held');
  }));

test('a partner that is bound to its networks and certificate is refused from elsewhere with one answer, counted and told', () =>
  withSnap(
    async (world) => {
      const { db, partner } = world;
      const certificate = 'ab'.repeat(32);
      await change(world, { kind: 'allow', networks: ['198.51.100.0/24'], certificates: [] });
      const refused = '4011500 Unauthorized. [connection not allowed]';
      // The test partner asks for its token from loopback: not from its network.
      assert.equal(await codeOf(partner.token()), '4017300');
      const token = String((await partner.token({ address: '198.51.100.7' })).body['accessToken']);
      const call = (address: string, headers = {}) =>
        partner.call(INQUIRY, ASKED, { token, address, headers });
      assert.equal(await codeOf(call('198.51.100.7')), '2001500');
      for (const headers of [{}, { 'x-signature': 'AAAA' }]) {
        const reply = await call('203.0.113.5', headers);
        assert.equal(`${reply.code} ${reply.message}`, refused, 'right or wrong, the same answer');
      }
      const forwarded = { 'x-forwarded-for': '198.51.100.7' };
      assert.equal(await codeOf(call('203.0.113.5', forwarded)), '4011500', 'no proxy of ours');
      assert.equal(await codeOf(call('10.0.0.1', forwarded)), '4011500', 'without its key');
      const ours = { ...forwarded, 'x-proxy-key': 'kunci' };
      assert.equal(await codeOf(call('10.0.0.1', ours)), '2001500');
      await change(world, {
        kind: 'allow',
        networks: ['198.51.100.0/24'],
        certificates: [certificate],
      });
      assert.equal(await codeOf(call('10.0.0.1', ours)), '4011500', 'no certificate');
      await world.channel.stop();
      const events = await db.query<{ data: string }>(
        sql`select data from event where kind = 'partner.origin_refused' order by id`,
      );
      const told = events.map(({ data }) => JSON.parse(data) as Record<string, unknown>);
      assert.ok(told.some(({ rule, isSigned }) => rule === 'address' && isSigned === true));
      assert.ok(told.some(({ rule, isSigned }) => rule === 'address' && isSigned === false));
      assert.ok(told.some(({ rule }) => rule === 'certificate'));
    },
    { snap: { proxies: { networks: readNetworks(['10.0.0.0/29']), key: 'kunci' } } },
  ));

test('wrong token signatures are refused as 4297300 after so many a minute, and the partner itself goes on', () =>
  withSnap(async (world) => {
    const { partner } = world;
    assert.equal(await codeOf(partner.token({ address: '198.51.100.7' })), '2007300');
    const guess = () => partner.token({ address: '203.0.113.9', key: fresh.privateKey });
    const codes = new Set<string>();
    for (let i = 0; i < GUESSES_PER_MINUTE + 10; i++) codes.add(await codeOf(guess()));
    assert.deepEqual([...codes], ['4017300', '4297300']);
    assert.equal(await codeOf(partner.token({ address: '198.51.100.7' })), '2007300');
  }));

test('T6 the ledger counts a partner’s day: what fits passes, a repeat counts once, and what was refunded is given back', () =>
  withSnap(async (world) => {
    const { partner, rail } = world;
    const day = { dailyAmountMaxSen: rupiah(300), dailyCountMax: 10n };
    await change(world, { kind: 'ceiling', ...day }, { second: undefined });
    const pay = (reference: string, value: string) =>
      codeOf(partner.call(INTRABANK, body({ partnerReferenceNo: reference, amount: idr(value) })));
    rail.answer = { outcome: 'rejected', code: 'U101' };
    const refunded = interbank({ amount: idr('200.00') });
    assert.equal(await codeOf(partner.call(INTERBANK, refunded)), '4041811');
    const codes = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((one) => pay(one, '100.00')));
    assert.deepEqual(codes.toSorted(), ['2001700', '2001700', '2001700', '4031723', '4031723']);
    const settled = ['a', 'b', 'c', 'd', 'e'][codes.indexOf('2001700')]!;
    assert.equal(await pay(settled, '100.00'), '2001700', 'a repeat');
    assert.equal(await pay('f', '1.00'), '4031723');
    const counters = await world.db.query<{ amount: bigint; n: bigint }>(
      sql`select amount_sen as amount, count as n from ledger_counter where starts_with(key, 'day|partner:partner-a|')`,
    );
    assert.deepEqual(counters, [{ amount: 30_000n, n: 3n }]);
    assert.equal(rail.sent, 1);
  }));

test('a new partner has a secret as long as one that is turned over', () =>
  withSnap(async (world) => {
    const draft = {
      id: 'partner-new',
      name: 'Baru',
      publicKeyPem: freshPem,
      hmacEncoding: 'base64',
      amountMaxSen: rupiah(1),
      sourceAccounts: [],
    } as const;
    const add = (secret: string) =>
      change(world, { kind: 'add', draft: { ...draft, secret } }, { partnerId: draft.id });
    assert.deepEqual(await add(SECRET.slice(0, 31)), { ok: false, reason: 'bad_key' });
    assert.deepEqual(await add(SECRET.slice(0, 32)), { ok: true, loosens: true });
  }));

test('I5 what gives a partner more needs two people, what takes away needs one, and nobody is both', () =>
  withSnap(async (world) => {
    const alone = { second: undefined };
    const more: readonly PartnerChange[] = [
      { kind: 'rotate', key: 'secret', text: SECRET, fromMs: 0, oldUntilMs: 1 },
      { kind: 'ceiling', amountMaxSen: rupiah(300_000_001) },
      { kind: 'ceiling', requestsPerSecondMax: 1_001 },
    ];
    for (const one of more) {
      const result = await change(world, one, alone);
      assert.deepEqual(result, { ok: false, reason: 'second_person_needed' }, one.kind);
    }
    const less: readonly PartnerChange[] = [
      { kind: 'allow', networks: ['10.0.0.0/8', '198.51.100.7'], certificates: [] },
      { kind: 'allow', networks: ['10.0.0.0/8'], certificates: [] },
      {
        kind: 'limit',
        group: {
          service_group: 'payment',
          per_second_max: 9,
          per_minute_max: null,
          concurrent_max: 3,
        },
      },
      { kind: 'ceiling', amountMaxSen: rupiah(10), dailyCountMax: 5n },
      { kind: 'state', state: 'suspended' },
    ];
    for (const one of less)
      assert.deepEqual(await change(world, one, alone), { ok: true, loosens: false }, one.kind);
    const back: readonly PartnerChange[] = [
      { kind: 'allow', networks: ['10.0.0.0/8', '203.0.113.0/24'], certificates: [] },
      { kind: 'allow', networks: [], certificates: [] },
      {
        kind: 'limit',
        group: {
          service_group: 'payment',
          per_second_max: 9,
          per_minute_max: null,
          concurrent_max: null,
        },
      },
      { kind: 'ceiling', dailyCountMax: null },
      { kind: 'state', state: 'active' },
    ];
    for (const one of back) {
      const refused = await change(world, one, alone);
      assert.deepEqual(
        refused,
        { ok: false, reason: 'second_person_needed' },
        JSON.stringify(one, (_k, v) => (typeof v === 'bigint' ? String(v) : v)),
      );
      assert.deepEqual(await change(world, one, { second: ani }), {
        ok: false,
        reason: 'same_person',
      });
      const stranger = { ...budi, key: person('x').key };
      assert.deepEqual(await change(world, one, { second: stranger }), {
        ok: false,
        reason: 'bad_signature',
      });
      assert.deepEqual(await change(world, one), { ok: true, loosens: true });
    }
    await assert.rejects(
      world.db.query(sql`
        insert into partner_change (id, partner_id, body, loosens, made_by, made_signature, approved_by, approved_signature, made_at)
        values ('x', 'partner-a', '{}', true, 'a', 's', 'a', 's', ${new Date(world.time.now())})`),
      /partner_change_two_people/,
    );
    const kept = await world.db.query<{ body: string }>(sql`select body from partner_change`);
    assert.equal(kept.length, less.length + back.length);
    const events = await world.db.query(sql`select id from event where kind = 'partner.changed'`);
    assert.equal(events.length, kept.length);
  }));
