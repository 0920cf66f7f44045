/** Notices to partners: written with the fact, at least once, signed, and never lost in silence. The partner's server is the test's, with
 * code of its own for what it checks. */
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { onFaultPoint } from '../../../kernel/fault-point.ts';
import { silentLog } from '../../../kernel/log.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { registerEndpoint } from './endpoint.ts';
import { openNotices, retryNotice, type Notices } from './notice.ts';
import type { NoticeCall, NoticePost, NoticeReply } from './port.ts';
import { body, idr, interbank, INTERBANK, INTRABANK } from '../test-transfer.ts';
import { ACCOUNT, sealer, withSnap, type World } from '../test-world.ts';

const bank = generateKeyPairSync('rsa', { modulusLength: 2048 });
const BASE = 'https://mitra.example/bank';
const ok = (code: string): NoticeReply => ({
  kind: 'answer',
  status: Number(code.slice(0, 3)),
  body: Buffer.from(JSON.stringify({ responseCode: code })),
});

async function withPartnerServer(
  work: (
    world: World,
    server: {
      readonly heard: NoticeCall[];
      /** What it says next. */
      reply: (call: NoticeCall) => Promise<NoticeReply>;
      open(): Notices;
    },
  ) => Promise<void>,
  secret?: string,
): Promise<void> {
  await withSnap(async (world) => {
    const context = { db: world.db, time: world.time, random: systemRandom(), sealer };
    await registerEndpoint(context, {
      partnerId: 'partner-a',
      baseUrl: BASE,
      clientId: 'pulih-at-a',
      channelId: '00199',
      ...(secret !== undefined && { secret }),
      proposedBy: 'stf_1',
      approvedBy: 'stf_2',
    });
    const heard: NoticeCall[] = [];
    const server = {
      heard,
      reply: async (_call: NoticeCall): Promise<NoticeReply> => ok('2001700'),
      open: () => openNotices({ ...context, log: silentLog, key: bank.privateKey, post }),
    };
    const post: NoticePost = (call) => {
      heard.push(call);
      return server.reply(call);
    };
    await work(world, server);
  });
}

test("an endpoint's secret is sealed, and one that was changed by hand is not used", () =>
  withPartnerServer(async ({ partner, db, time }, server) => {
    const [row] = await db.query<{ secret: string }>(sql`select secret from partner_endpoint`);
    assert.doesNotMatch(row!.secret, /rahasia/);
    await partner.call(INTRABANK, body());
    await db.query(sql`update partner_endpoint set secret = 'rahasia-mitra'`);
    await server.open().work();
    assert.equal(server.heard.length, 0);
    const [notice] = await db.query<{ last_answer: string; due_at: Date }>(
      sql`select last_answer, due_at from partner_notice`,
    );
    assert.match(notice!.last_answer, /token/);
    assert.ok(notice!.due_at.getTime() > time.now());
  }, 'rahasia-mitra'));

const states = async ({ db }: World): Promise<readonly string[]> =>
  (await db.query<{ state: string }>(sql`select state from partner_notice order by id`)).map(
    (row) => row.state,
  );

test('a transfer that is final queues one notice in its own commit, delivered once with the asymmetric signature', () =>
  withPartnerServer(async (world, server) => {
    const { partner, other, db } = world;
    const asked = body({ amount: idr('500.00') });
    const told = await partner.call(INTRABANK, asked);
    assert.equal(told.code, '2001700');
    await partner.call(INTRABANK, asked);
    await other.call(INTRABANK, body({ amount: idr('500.00') }));
    assert.deepEqual(
      await states(world),
      ['waiting'],
      'a repeat queues none, nor a partner without endpoint',
    );
    const notices = server.open();
    assert.equal(await notices.work(), 1);
    assert.equal(await notices.work(), 0);
    assert.deepEqual(await states(world), ['delivered']);
    const [call] = server.heard;
    assert.equal(server.heard.length, 1);
    assert.equal(call!.url, `${BASE}/v1.0/transfer-intrabank/notify`);
    const sent = JSON.parse(call!.body.toString()) as Record<string, unknown>;
    assert.deepEqual(
      [
        sent['originalPartnerReferenceNo'],
        sent['originalReferenceNo'],
        sent['latestTransactionStatus'],
      ],
      [asked['partnerReferenceNo'], told.body['referenceNo'], '00'],
    );
    assert.deepEqual([sent['previousResponseCode'], sent['amount']], ['2001700', idr('500.00')]);
    const { headers } = call!;
    const hash = createHash('sha256').update(call!.body).digest('hex');
    const text = `POST:/bank/v1.0/transfer-intrabank/notify:${hash}:${headers['x-timestamp']}`;
    assert.ok(
      verify(
        'RSA-SHA256',
        Buffer.from(text),
        bank.publicKey,
        Buffer.from(headers['x-signature']!, 'base64'),
      ),
    );
    assert.deepEqual([headers['x-partner-id'], headers['channel-id']], ['pulih-at-a', '00199']);
    assert.match(headers['x-external-id']!, /^\d{1,36}$/);
    const events = await db.query(
      sql`select id from event where kind = 'partner_notice.delivered'`,
    );
    assert.equal(events.length, 1);
  }));

test('a transfer that came to nothing is told as such, and one whose outcome is unknown not before it is known', () =>
  withPartnerServer(async (world, server) => {
    const { partner, rail } = world;
    server.reply = async () => ok('2001800');
    rail.answer = { outcome: 'rejected', code: 'U101' };
    await partner.call(INTERBANK, interbank());
    rail.answer = { outcome: 'unknown', reason: 'no_answer' };
    await partner.call(INTERBANK, interbank());
    for (const beneficiaryAccountNo of [ACCOUNT.closed, '1990009999'])
      await partner.call(INTRABANK, body({ beneficiaryAccountNo }));
    await server.open().work();
    const told = server.heard.map(
      ({ body: sent }) => JSON.parse(sent.toString()) as Record<string, string>,
    );
    assert.deepEqual(
      told.map((one) => [one['latestTransactionStatus'], one['previousResponseCode']]),
      [['04', '4041811']],
      'what was refused was told in its answer',
    );
  }));

test('T6 each attempt is the same request: a crash after sending, a lost answer and a fault send it again under its X-EXTERNAL-ID', () =>
  withPartnerServer(async (world, server) => {
    const { partner, clock } = world;
    await partner.call(INTRABANK, body());
    const seen = new Set<string>();
    // As SNAP asks: an X-EXTERNAL-ID of the day is taken once.
    let isLost = true;
    server.reply = async ({ headers }) => {
      const known = seen.has(headers['x-external-id']!);
      seen.add(headers['x-external-id']!);
      if (isLost) return { kind: 'no_answer' };
      return ok(known ? '4091700' : '2001700');
    };
    const notices = server.open();
    const undo = onFaultPoint((name) => {
      if (name === 'notice.afterSend') throw new Error('crash');
    });
    await notices.work();
    undo();
    assert.equal(server.heard.length, 1);
    assert.equal(await notices.work(), 0, 'the lease of who crashed still holds');
    clock.set(clock.now() + 61_000);
    await notices.work();
    isLost = false;
    clock.set(clock.now() + 61_000);
    await notices.work();
    assert.deepEqual(await states(world), ['delivered']);
    assert.equal(server.heard.length, 3);
    assert.equal(seen.size, 1);
    assert.equal(new Set(server.heard.map((call) => call.body.toString())).size, 1);
  }));

test('two workers at once send each notice once, and a partner that does not answer keeps no other waiting', () =>
  withPartnerServer(async (world, server) => {
    const { partner, other, db, time } = world;
    await registerEndpoint(
      { db, time, random: systemRandom(), sealer },
      {
        partnerId: 'partner-b',
        baseUrl: 'https://lain.example',
        clientId: 'x',
        channelId: '1',
        proposedBy: 'stf_1',
        approvedBy: 'stf_2',
      },
    );
    for (let i = 0; i < 12; i++) await partner.call(INTRABANK, body({ amount: idr('1.00') }));
    await db.query(sql`
      insert into partner_notice (id, partner_id, kind, subject, external_id, facts, asked_at, due_at, changed_at)
      select n.id || i, n.partner_id, n.kind, n.subject || i, n.external_id || i, n.facts, n.asked_at, n.due_at, n.changed_at
      from (select * from partner_notice limit 1) n, generate_series(10, 90) as i`);
    await other.call(INTRABANK, body({ amount: idr('1.00') }));
    server.reply = async ({ url }) =>
      url.startsWith(BASE) ? { kind: 'no_answer' } : ok('2001700');
    await Promise.all([server.open().work(), server.open().work()]);
    const [claimed] = await db.query<{ n: bigint }>(
      sql`select sum(attempt_count)::bigint as n from partner_notice`,
    );
    assert.equal(BigInt(server.heard.length), claimed!.n, 'each attempt is sent by one of them');
    const place = server.heard.findIndex(({ url }) => !url.startsWith(BASE));
    assert.ok(place < 24, `heard at place ${place}`);
    assert.equal((await states(world)).filter((state) => state === 'delivered').length, 1);
  }));

test('after 24 hours without a yes it lies with a person, who may have it tried again', () =>
  withPartnerServer(async (world, server) => {
    const { partner, clock, db, time } = world;
    await partner.call(INTRABANK, body());
    server.reply = async () => ({ kind: 'not_sent' });
    const notices = server.open();
    for (let hours = 0; hours < 26; hours++) {
      clock.set(clock.now() + 3_600_000 * 1.25);
      await notices.work();
    }
    assert.deepEqual(await states(world), ['stuck']);
    assert.equal(notices.queue().stuckCount, 1);
    const tries = server.heard.length;
    assert.ok(tries > 10 && tries <= 40, `${tries} attempts`);
    const [row] = await db.query<{ id: string }>(sql`select id from partner_notice`);
    const again = { id: row!.id, by: 'operator1', reason: 'mitra pulih' };
    assert.equal(await retryNotice({ db, time }, again), true);
    assert.equal(await retryNotice({ db, time }, again), false);
    server.reply = async () => ok('2001700');
    await notices.work();
    assert.deepEqual(await states(world), ['delivered']);
    const kinds = await db.query<{ kind: string }>(
      sql`select kind from event where kind like 'partner_notice.%' order by id`,
    );
    assert.deepEqual(
      kinds.map(({ kind }) => kind.slice(15)),
      ['stuck', 'requeued', 'delivered'],
    );
  }));

test('with the symmetric signature it fetches a token first, keeps it, and asks for a new one when it is not taken', () =>
  withPartnerServer(async (world, server) => {
    const { partner, clock } = world;
    let issued = 0;
    let isRevoked = false;
    server.reply = async (call) => {
      if (call.url.endsWith('/access-token/b2b')) {
        const text = `pulih-at-a|${call.headers['x-timestamp']}`;
        const signature = Buffer.from(call.headers['x-signature']!, 'base64');
        assert.ok(verify('RSA-SHA256', Buffer.from(text), bank.publicKey, signature));
        const told = { responseCode: '2007300', accessToken: `t${++issued}`, expiresIn: '900' };
        return { kind: 'answer', status: 200, body: Buffer.from(JSON.stringify(told)) };
      }
      if (isRevoked && call.headers['authorization'] === 'Bearer t1') return ok('4011701');
      const hash = createHash('sha256').update(call.body).digest('hex');
      const token = call.headers['authorization']!.slice(7);
      const text = `POST:/bank/v1.0/transfer-intrabank/notify:${token}:${hash}:${call.headers['x-timestamp']}`;
      const expected = createHmac('sha512', 'rahasia').update(text).digest('base64');
      return ok(call.headers['x-signature'] === expected ? '2001700' : '4011700');
    };
    const notices = server.open();
    for (let i = 0; i < 2; i++) {
      await partner.call(INTRABANK, body());
      await notices.work();
    }
    assert.deepEqual([issued, await states(world)], [1, ['delivered', 'delivered']]);
    isRevoked = true;
    await partner.call(INTRABANK, body());
    await notices.work();
    clock.set(clock.now() + 10_000);
    await notices.work();
    assert.deepEqual([issued, (await states(world)).at(-1)], [2, 'delivered']);
  }, 'rahasia'));
