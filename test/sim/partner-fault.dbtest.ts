/** Each fault of a partner as a server that takes our notices (`partner`) and as a caller of ours (`caller`): every notice arrives, every
 * reference is paid at most once, and what a lost answer left open is told by the next question. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { onBadHttp, type PartnerRule } from '../../sim/customer/faults.ts';
import { startNoticeServer } from '../../sim/customer/notice-server.ts';
import { snapClient, type Http } from '../../sim/customer/snap-client.ts';
import { openChooser } from '../../sim/fault/chooser.ts';
import { skewed } from '../../sim/fault/exchange.ts';
import { openNoticePost } from '../../src/app/notice-post.ts';
import { registerEndpoint } from '../../src/channel/snap/notice/endpoint.ts';
import { openNotices } from '../../src/channel/snap/notice/notice.ts';
import { createPartner } from '../../src/channel/snap/partner/partner.ts';
import { body, idr, INTRABANK } from '../../src/channel/snap/test-transfer.ts';
import { ACCOUNT, sealer, withSnap, type World } from '../../src/channel/snap/test-world.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { rupiah } from '../../src/kernel/money.ts';
import { seededRandom, systemRandom } from '../../src/kernel/random.ts';

type Does = PartnerRule['does'];

const PRICE = idr('10000.00');
const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** Met by one request each, in this order. */
const CALLS = [
  { kind: 'delay', afterMs: 2_000 },
  { kind: 'drop_request' },
  { kind: 'drop_answer' },
  { kind: 'late_answer', afterMs: 20_000 },
  { kind: 'duplicate', count: 3 },
  { kind: 'reorder', holdMs: 2_000 },
  { kind: 'wrong_signature' },
  { kind: 'disconnect', when: 'before' },
  { kind: 'disconnect', when: 'after' },
] as const satisfies readonly Does[];
const SERVER: readonly Does[] = [...CALLS, { kind: 'http_storm', statuses: [500, 503] }];

const once = (does: Does, index: number): PartnerRule => ({
  name: `${index} ${does.kind}`,
  match: { countMax: 1 },
  does,
});

async function openNoticesTo(world: World) {
  const { db, time } = world;
  const server = await startNoticeServer({
    time,
    log: silentLog,
    port: 0,
    bankKey: keys.publicKey,
    clientId: 'PULHIDJA',
    faultRandom: systemRandom(),
  });
  const way = openNoticePost({ mayLoopback: true });
  const context = { db, time, random: systemRandom(), log: silentLog, post: way.post, sealer };
  await registerEndpoint(context, {
    partnerId: 'partner-a',
    baseUrl: `http://127.0.0.1:${server.port}`,
    clientId: 'PULHIDJA',
    channelId: '00199',
    proposedBy: 'stf_1',
    approvedBy: 'stf_2',
  });
  const notices = openNotices({ ...context, key: keys.privateKey });
  const close = async (): Promise<void> => {
    way.close();
    await server.close();
  };
  return { server, notices, close };
}

test('T6 whatever a partner’s server does to our notices, each arrives, and its repeats are known as such', () =>
  withSnap(async (world) => {
    const { partner, clock } = world;
    const { server, notices, close } = await openNoticesTo(world);
    /** Once more when all are due. */
    const again = async (): Promise<void> => {
      clock.set(clock.now() + 120_000);
      await partner.renew();
      await notices.work();
    };
    try {
      for (const [index] of SERVER.entries())
        assert.equal(
          (await partner.call(INTRABANK, body({ partnerReferenceNo: `n${index}`, amount: PRICE })))
            .http,
          200,
        );
      server.chooser.replace(SERVER.map(once));
      await notices.work();
      const met = Object.values(server.chooser.used());
      assert.deepEqual(
        met,
        SERVER.map(() => 1),
        'each fault met one notice',
      );
      server.chooser.replace([]);
      for (let rounds = 0; rounds < 3 && notices.queue().waitingCount > 0; rounds++) await again();
      assert.equal(server.counts().taken, SERVER.length, 'every notice, and none under two names');
      assert.ok(server.counts().repeated > 0);
      let sent = SERVER.length;
      for (const does of [
        { kind: 'half_open' },
        { kind: 'slow_reader', bytesPerSecond: 200 },
        { kind: 'clock_skew', skewMs: 600_000 },
      ] as const) {
        await partner.call(INTRABANK, body({ partnerReferenceNo: `s${++sent}`, amount: PRICE }));
        server.chooser.replace([{ name: 'standing', match: {}, does }]);
        await notices.work();
        server.chooser.replace([]);
        await again();
        assert.equal(server.counts().taken, sent, does.kind);
      }
      assert.deepEqual([notices.queue().waitingCount, notices.queue().stuckCount], [0, 0]);
      assert.equal(await world.countPayments(), sent, 'notices move no money');
    } finally {
      await close();
    }
  }));

test('T1 T2 T6 I12 whatever happens to a partner’s calls, each reference is paid once when it is asked again, and nothing with a wrong signature or clock is', () =>
  withSnap(async (world) => {
    const { db, app, time, ledger } = world;
    const random = systemRandom();
    await createPartner(
      { db, time, random, sealer },
      {
        id: 'caller',
        name: 'caller',
        publicKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        secret: 'rahasia-pemanggil-yang-cukup',
        signatureKind: 'symmetric',
        hmacEncoding: 'base64',
        amountMaxSen: rupiah(100_000),
        sourceAccounts: ['199*'],
      },
    );
    const http: Http = async ({ path, headers, body: payload }) => {
      const answer = await app.inject({ method: 'POST', url: path, headers, payload });
      return { status: answer.statusCode, body: answer.payload };
    };
    const chooser = openChooser<PartnerRule>({
      rules: [],
      random: seededRandom('caller'),
      now: () => time.now(),
    });
    const client = snapClient({
      time: skewed(time, () => chooser.standing('clock_skew')?.skewMs ?? 0),
      random,
      http: onBadHttp({ http, time, stopping: new AbortController().signal, chooser }),
      partner: {
        clientId: 'caller',
        partnerId: 'caller',
        channelId: '95221',
        privateKey: keys.privateKey,
        clientSecret: 'rahasia-pemanggil-yang-cukup',
        signatureEncoding: 'base64',
      },
    });
    const pay = (reference: string): Promise<string> =>
      client
        .call(INTRABANK, body({ partnerReferenceNo: reference, amount: PRICE }))
        .then(({ code }) => code)
        .catch(() => 'no answer');
    const amountSen = rupiah(10_000);
    const paidSen = async () => (await ledger.balance(ACCOUNT.payee))!.postedSen;
    assert.equal((await client.balanceInquiry(ACCOUNT.payer)).code, '4011104', 'has a token now');
    let wantedSen = 0n;
    for (const [index, does] of CALLS.entries()) {
      const reference = `c${index}`;
      const match = { pathSuffix: 'transfer-intrabank', countMax: 1 };
      chooser.replace([{ name: 'fault', match, does }]);
      const first = await pay(reference);
      const isForged = does.kind === 'wrong_signature';
      assert.ok(
        isForged ? first === '4011700' : ['2001700', '4091700', 'no answer'].includes(first),
        `${does.kind}: ${first}`,
      );
      if (isForged) assert.equal(await paidSen(), wantedSen, 'not believed');
      wantedSen += amountSen;
      assert.deepEqual([await pay(reference), await pay(reference)], ['2001700', '2001700']);
      assert.equal(await paidSen(), wantedSen, does.kind);
      const asked = await client.transferStatus({ reference, serviceCode: '17' });
      assert.equal(asked.body['latestTransactionStatus'], '00', does.kind);
    }
    for (const skewMs of [600_000, -600_000]) {
      chooser.replace([{ name: 'clock', match: {}, does: { kind: 'clock_skew', skewMs } }]);
      // Its next token is refused for the same reason.
      assert.ok(['4011700', 'no answer'].includes(await pay(`skew${skewMs}`)));
      assert.equal(await paidSen(), wantedSen);
      chooser.replace([]);
      wantedSen += amountSen;
      assert.equal(await pay(`skew${skewMs}`), '2001700', 'with a right clock');
      assert.equal(await paidSen(), wantedSen);
    }
    assert.equal(await world.countPayments(), CALLS.length + 2);
  }));
