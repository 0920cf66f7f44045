import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { virtualTime } from '../../src/kernel/virtual-time.ts';
import { memoryNet, memoryNetwork } from '../../src/kernel/wire-memory.ts';
import { isSigned, signBody } from '../hub/message-signature.ts';
import { startAggregator, type Aggregator } from './aggregator.ts';
import { parseRules } from '../fault/rule.ts';
import { BILLER_WORDS, MAGIC_NUMBERS } from './faults.ts';

const START_MS = Date.UTC(2026, 7, 1, 3);
const BANK = generateKeyPairSync('ed25519');
const OWN = generateKeyPairSync('ed25519');
type Json = Record<string, unknown>;

interface Desk {
  aggregator: Aggregator;
  post(path: string, message: Json, signer?: typeof BANK): Promise<{ status: number; body: Json }>;
  get(path: string): Promise<Json>;
  restart(): Promise<void>;
}

async function withAggregator(work: (desk: Desk) => Promise<void>): Promise<void> {
  const time = virtualTime(START_MS);
  const folder = mkdtempSync(join(tmpdir(), 'aggregator-'));
  const run = async (): Promise<void> => {
    const network = memoryNetwork(time, 1);
    const start = (): Promise<Aggregator> =>
      startAggregator({
        time,
        net: memoryNet(network, 'biller'),
        random: seededRandom('aggregator'),
        log: silentLog,
        messageKey: OWN.privateKey,
        bankKeys: { PULHIDJA: BANK.publicKey },
        folder,
      });
    const client = network.connect('connector:PULHIDJA', 'biller');
    const read = (body: Buffer): Json =>
      body.length === 0 ? {} : (JSON.parse(body.toString()) as Json);
    const desk: Desk = {
      aggregator: await start(),
      async post(path, message, signer = BANK) {
        const whole = { bank: 'PULHIDJA', madeAtMs: time.now(), ...message };
        const body = Buffer.from(JSON.stringify(whole));
        const headers = { 'x-signature': signBody(signer.privateKey, body) };
        const answer = await client.call({ path, headers, body, timeoutMs: 5_000 });
        const signature = answer.headers?.['x-signature'];
        if (answer.status === 200)
          assert.ok(isSigned({ key: OWN.publicKey, body: answer.body, signature }));
        return { status: answer.status, body: read(answer.body) };
      },
      get: async (path) =>
        read((await client.call({ method: 'GET', path, timeoutMs: 5_000 })).body),
      async restart() {
        await desk.aggregator.stop();
        desk.aggregator = await start();
      },
    };
    await work(desk);
    await desk.aggregator.stop();
  };
  try {
    await time.run(run(), START_MS + 3 * 86_400_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function quote(desk: Desk, product: string, customerKey: string): Promise<Json> {
  const asked = { kind: 'inquiry', messageId: 'inq', product, customerKey };
  return (await desk.post('/biller/inquiry', asked)).body;
}

function payment(bill: Json, over: Json = {}): Json {
  const { product, customerKey } = bill;
  const { inquiryReference } = bill['bill'] as Json;
  const reference = '20260801PULHIDJA00000001';
  const of = { product, customerKey, inquiryReference, periodCount: 0, amount: '50000.00' };
  return { kind: 'payment', messageId: reference, reference, ...of, ...over };
}

test('a reference is paid once: the same again gets the first token, also after a restart, and an advice never pays', async () => {
  await withAggregator(async (desk) => {
    const bill = await quote(desk, 'PLN_PREPAID', '512345678901');
    const ask = payment(bill);
    const early = await desk.post('/biller/advice', { ...ask, kind: 'advice', messageId: 'adv' });
    assert.equal(early.body['code'], '48');
    assert.equal(desk.aggregator.settledSen(), 0n);
    const first = await desk.post('/biller/payment', ask);
    const { token } = first.body['receipt'] as Json;
    assert.match(String(token), /^\d{20}$/);
    await desk.restart();
    const again = await desk.post('/biller/payment', ask);
    const advice = await desk.post('/biller/advice', { ...ask, kind: 'advice', messageId: 'adv' });
    assert.equal((again.body['receipt'] as Json)['token'], token);
    assert.equal((advice.body['receipt'] as Json)['token'], token);
    assert.equal(desk.aggregator.settledSen(), 5_000_000n);
    const { lines } = await desk.get('/biller/feed?after=0');
    assert.equal((lines as Json[]).length, 1);
  });
});

test('months are paid oldest first, as they were quoted, and are gone afterwards', async () => {
  await withAggregator(async (desk) => {
    let bill = await quote(desk, 'PLN_POSTPAID', '512345678904');
    const periods = (bill['bill'] as Json)['periods'] as { period: string; amount: string }[];
    assert.ok(periods.length > 1);
    const oldest = { periodCount: 1, amount: periods[0]!.amount };
    const odd = payment(bill, { periodCount: 1, amount: periods[1]!.amount });
    assert.equal((await desk.post('/biller/payment', odd)).body['code'], '13');
    const paid = await desk.post('/biller/payment', payment(bill, oldest));
    assert.equal(paid.body['code'], '00');
    const twice = payment(bill, { ...oldest, reference: '20260801PULHIDJA00000002' });
    assert.equal((await desk.post('/biller/payment', twice)).body['code'], '54');
    bill = await quote(desk, 'PLN_POSTPAID', '512345678904');
    assert.deepEqual((bill['bill'] as Json)['periods'], periods.slice(1));
  });
});

test('what is not quoted is 91, who is not the bank is not heard', async () => {
  await withAggregator(async (desk) => {
    const bill = await quote(desk, 'PLN_PREPAID', '512345678901');
    const other = payment(bill, { customerKey: '512345678902' });
    assert.equal((await desk.post('/biller/payment', other)).body['code'], '91');
    assert.equal((await desk.post('/biller/payment', payment(bill), OWN)).status, 403);
    const old = { ...payment(bill), madeAtMs: START_MS - 600_000 };
    assert.equal((await desk.post('/biller/payment', old)).status, 400);
    assert.equal((await quote(desk, 'PLN_PREPAID', '512345670404'))['code'], '92');
    assert.equal(desk.aggregator.settledSen(), 0n);
  });
});

test('parseRules() takes what the simulator can play and says what is wrong otherwise', () => {
  assert.deepEqual(parseRules(BILLER_WORDS, MAGIC_NUMBERS), MAGIC_NUMBERS);
  for (const odd of [
    {},
    [null],
    [{ name: 'a', match: {}, does: { kind: 'explode' } }],
    [{ name: 'a', match: { colour: 'red' }, does: { kind: 'accept' } }],
    [{ name: 'a', match: {}, does: { kind: 'reject' } }],
    [{ name: 'a', match: {}, does: { kind: 'late_answer', afterMs: -1 } }],
    [{ name: 'a', match: {}, does: { kind: 'code_storm', codes: [] } }],
  ])
    assert.equal(typeof parseRules(BILLER_WORDS, odd), 'string', JSON.stringify(odd));
});
