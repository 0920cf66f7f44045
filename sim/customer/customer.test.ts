import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/kernel/random.ts';
import { virtualTime } from '../../src/kernel/virtual-time.ts';
import { openMeter } from './measure.ts';
import { resultOf } from './offer.ts';
import { snapClient, type HttpRequest } from './snap-client.ts';
import { bodyHash, minify, signTransaction } from './snap-signature.ts';
import { runTraffic, trafficItems, type TrafficPlan } from './traffic.ts';

const VECTOR_BODY =
  '{"partnerReferenceNo":"2026080100000001","amount":{"value":"125000.00","currency":"IDR"},"beneficiaryAccountNo":"1002003004","sourceAccountNo":"2003004005","transactionDate":"2026-08-01T10:00:00+07:00"}';

test('signTransaction() gives the vector of domain.md 3.3', () => {
  assert.equal(
    bodyHash(VECTOR_BODY),
    '8827607dd5ac3afe5d8063f9b5a6a908f97a876dce2fe1ff79e259db3243b730',
  );
  assert.equal(bodyHash(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const input = {
    secret: 'contoh-client-secret',
    method: 'POST',
    path: '/v1.0/transfer-intrabank',
    token: 'TOKEN123',
    body: VECTOR_BODY,
    timestamp: '2026-08-01T10:00:05+07:00',
  };
  const expected =
    'du/HwZd10a0ld0O9wzZXkIjAko6ibIUa4APv7vw+MvMNmRasJSssHlR4BigBQ3lyZs7N4sMWo7OsTMrCKARb2A==';
  assert.equal(signTransaction({ ...input, encoding: 'base64' }), expected);
  assert.equal(
    signTransaction({ ...input, encoding: 'hex' }),
    Buffer.from(expected, 'base64').toString('hex'),
  );
});

test('bodyHash() does not see how a body is laid out', () => {
  const pretty = JSON.stringify(JSON.parse(VECTOR_BODY), null, 2);
  assert.equal(bodyHash(pretty), bodyHash(VECTOR_BODY));
});

test('minify() takes only the space between tokens', () => {
  fc.assert(
    fc.property(
      fc.json(),
      (text) =>
        minify(JSON.stringify(JSON.parse(text), null, 2)) === JSON.stringify(JSON.parse(text)),
    ),
  );
  assert.equal(minify('{ "a b" : "c \\" d" }'), '{"a b":"c \\" d"}');
});

test('snapClient() gets one token for many calls, signs each with it, and a new one after a 401', async () => {
  const time = virtualTime(Date.UTC(2026, 7, 1, 3));
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const seen: HttpRequest[] = [];
  let status = 200;
  const client = snapClient({
    time,
    random: seededRandom('snap'),
    partner: {
      clientId: 'demo',
      partnerId: 'demo',
      channelId: '95221',
      privateKey: keys.privateKey,
      clientSecret: 'secret',
      signatureEncoding: 'base64',
    },
    http: async (request) => {
      seen.push(request);
      await time.sleep(50);
      if (request.path.endsWith('/b2b'))
        return {
          status: 200,
          body: JSON.stringify({
            responseCode: '2007300',
            accessToken: `T${seen.length}`,
            expiresIn: '900',
          }),
        };
      return { status, body: JSON.stringify({ responseCode: `${status}1700` }) };
    },
  });
  await time.run(
    (async () => {
      await Promise.all(
        [1, 2].map((n) =>
          client.transferIntrabank({
            reference: `r${n}`,
            from: '1990000001',
            to: '1990000002',
            amountSen: 1_000_050n,
          }),
        ),
      );
      status = 401;
      assert.equal((await client.balanceInquiry('1990000001')).code, '4011700');
      status = 200;
      await client.balanceInquiry('1990000001');
      await time.sleep(900_000);
      await client.balanceInquiry('1990000001');
    })(),
    time.now() + 3_600_000,
  );
  const tokens = seen.filter(({ path }) => path.endsWith('/b2b'));
  assert.equal(tokens.length, 3);
  const { headers } = tokens[0]!;
  const verifier = createVerify('sha256').update(`demo|${headers['x-timestamp']}`);
  assert.ok(verifier.verify(keys.publicKey, headers['x-signature']!, 'base64'));
  const calls = seen.filter(({ path }) => !path.endsWith('/b2b'));
  for (const call of calls) {
    const token = call.headers['authorization']!.slice('Bearer '.length);
    const again = signTransaction({
      secret: 'secret',
      method: 'POST',
      path: call.path,
      token,
      body: call.body,
      timestamp: call.headers['x-timestamp']!,
      encoding: 'base64',
    });
    assert.equal(call.headers['x-signature'], again);
  }
  assert.match(calls[0]!.body, /"amount":\{"value":"10000.50","currency":"IDR"\}/);
  assert.equal(new Set(calls.map(({ headers: { 'x-external-id': id } }) => id)).size, calls.length);
});

const PLAN: TrafficPlan = {
  seed: 7,
  phases: [
    { fromMs: 0, untilMs: 600_000, perMinute: { onus: 10, bifast_out: 5.5, bifast_in: 0 } },
    { fromMs: 600_000, untilMs: 1_200_000, perMinute: { onus: 0, bifast_out: 0, bifast_in: 3 } },
  ],
  accounts: ['1990000001', '1990000002', '1990000003'],
  banks: ['BNINIDJA', 'CENAIDJA'],
};

test('trafficItems() repeats itself for a seed and differs for another', () => {
  assert.deepEqual(trafficItems(PLAN), trafficItems(PLAN));
  assert.notDeepEqual(trafficItems(PLAN), trafficItems({ ...PLAN, seed: 8 }));
});

test('trafficItems() keeps the rate, the order and the phases, and never pays an account from itself', () => {
  const items = trafficItems(PLAN);
  const count = (kind: string): number => items.filter((item) => item.kind === kind).length;
  assert.deepEqual([count('onus'), count('bifast_out'), count('bifast_in')], [100, 55, 30]);
  for (const [i, item] of items.entries()) {
    assert.ok(i === 0 || items[i - 1]!.atMs <= item.atMs);
    assert.notEqual(item.account, item.otherAccount);
    assert.ok((item.kind === 'bifast_in') === item.atMs >= 600_000);
    assert.ok(
      item.amountSen >= 1_000_000n &&
        item.amountSen <= 200_000_000n &&
        item.amountSen % 100_000n === 0n,
    );
    assert.doesNotMatch(
      item.otherBank ? item.otherAccount : '',
      /99\d{3}$/,
      'normal traffic meets no magic account',
    );
  }
});

test('runTraffic() offers on time whatever the bank does, and every offer is counted once', async () => {
  const time = virtualTime(0);
  const items = trafficItems(PLAN);
  const late: number[] = [];
  const run = runTraffic({
    time,
    items,
    startMs: 0,
    offer: async (item) => {
      late.push(time.now() - item.atMs);
      await time.sleep(90_000);
      if (item.number % 5 === 0) throw new Error('cut');
      return item.number % 5 === 1
        ? { outcome: 'refused', code: '4031714' }
        : { outcome: 'accepted' };
    },
  });
  await time.run(run.done, 3_600_000);
  assert.ok(
    late.every((ms) => ms === 0),
    'a slow bank does not slow the customers',
  );
  const read = run.meter.read();
  const expected = (rest: number): number =>
    items.filter((item) => item.number % 5 === rest).length;
  assert.deepEqual(
    [read.offered, read.refused, read.noAnswer, read.waiting],
    [185, expected(1), expected(0), 0],
  );
  assert.equal(read.accepted, 185 - read.refused - read.noAnswer);
  assert.deepEqual(read.refusedByCode, { '4031714': read.refused });
  assert.equal(
    read.counts.reduce((sum, one) => sum + one.offered, 0),
    185,
  );
  assert.equal(
    run.meter.read({ kinds: ['bifast_in'], fromMs: 600_000, untilMs: 1_200_000 }).offered,
    30,
  );
});

test('openMeter() says how many still wait', () => {
  const meter = openMeter(0);
  meter.offer('onus', 10);
  meter.offer('onus', 70_000).end({ outcome: 'accepted' });
  assert.deepEqual(
    [meter.read().offered, meter.read().waiting, meter.read({ fromMs: 60_000 }).offered],
    [2, 1, 1],
  );
});

test('resultOf() takes in-progress as accepted and ask-later as no answer', () => {
  const of = (status: number, code: string) => resultOf({ status, code, body: {} }).outcome;
  assert.deepEqual(
    [
      of(200, '2001800'),
      of(202, '2021800'),
      of(504, '5041800'),
      of(500, '5001802'),
      of(403, '4031816'),
      of(502, ''),
    ],
    ['accepted', 'accepted', 'no_answer', 'no_answer', 'refused', 'no_answer'],
  );
});
