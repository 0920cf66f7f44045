import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../db/sql.ts';
import { silentLog } from '../../kernel/log.ts';
import { openLedger } from '../../ledger/post.ts';
import { openEngine } from '../../payment/engine.ts';
import { FakeRail } from '../../payment/test-rail.ts';
import { receiptPurpose } from '../../rail/biller/message.ts';
import { seal } from '../../rail/seal.ts';
import { networkIds } from '../../authorisation/instruction.ts';
import {
  amount,
  BANK,
  KEY,
  RECEIPT,
  RESTRICTION,
  signIn,
  withWorld,
  type Caller,
  type EngineParts,
  type RealEngine,
} from './test-world.ts';

const METER = '512345678901';
const TOKEN = '12345678901234567890';

function openReal(rail: { current?: FakeRail }) {
  return ({ db, time, random, holder }: EngineParts): RealEngine => {
    const made = new FakeRail(time);
    rail.current = made;
    made.bill = {
      found: true,
      inquiryReference: 'INQ0000000001',
      customerName: 'BUDI SANTOSO',
      validUntilMs: time.now() + 900_000,
      periods: [],
      choices: [
        { amountSen: '2000000', periodCount: 0 },
        { amountSen: '5000000', periodCount: 0 },
      ],
    };
    made.onSend = (instruction) => {
      const { bizMsgIdr } = networkIds(instruction);
      const to = { key: RECEIPT.publicKey, purpose: receiptPurpose(bizMsgIdr) };
      made.receipt = seal(JSON.stringify({ token: TOKEN, kwh: '34.6' }), to);
      return 'settle';
    };
    const log = silentLog;
    const ledger = openLedger({ db, time, random, log, bank: BANK });
    const sign = async (jtis: readonly string[]) => ({
      tokens: Object.fromEntries(jtis.map((jti) => [jti, `token:${jti}`])),
      refused: {},
    });
    const own = { db, ledger, rail: made, gate: holder, time, random, log, sign, bank: BANK };
    const engine = openEngine({
      ...own,
      env: 'drill',
      audience: 'gateway-1',
      settings: {},
      partyKey: Buffer.alloc(32, 7),
    });
    return {
      engine,
      async stop() {
        await engine.stop();
        await ledger.stop();
      },
    };
  };
}

async function lookUp(caller: Caller): Promise<string> {
  const asked = { product: 'PLN_PREPAID', customerKey: METER };
  const { status, body } = await caller.call('POST', '/bills/inquiry', asked);
  assert.equal(status, 200);
  assert.equal(body.found, 'yes');
  assert.equal(body.customerName, 'BUDI SANTOSO');
  assert.deepEqual(
    body.choices.map(({ label }) => label),
    ['Rp20.000', 'Rp50.000'],
  );
  return body.inquiryId;
}

const terms = (inquiryId: string, value = '50000.00') => ({
  fromAccount: '1990000001',
  inquiryId,
  amount: amount(value),
  periodCount: 0,
  isRepeatConfirmed: false,
});

test('a prepaid token is looked up, agreed to word for word, paid with the PIN and shown with its groups, to its owner alone', async () => {
  await withWorld(async (world) => {
    const budi = await signIn(world, 'budi');
    const inquiryId = await lookUp(budi);
    const quote = await budi.call('POST', '/bills/quote', terms(inquiryId));
    assert.equal(quote.body.isOpen, true);
    assert.equal(quote.body.fee.value, '2500.00');
    assert.match(quote.body.text, /Rp50\.000 .*Token listrik PLN nomor 512345678901.*Rp52\.500/);
    const wrong = { ...terms(inquiryId), text: `${quote.body.text} ` };
    assert.equal((await budi.call('POST', '/bills/consent', wrong)).body.code, 'terms_changed');
    const consent = await budi.call('POST', '/bills/consent', {
      ...terms(inquiryId),
      text: quote.body.text,
    });
    assert.equal(consent.status, 200);
    const pay = {
      consentId: consent.body.consentId,
      pin: '246810',
      bank: 'TAGIHIDA',
      account: METER,
      amount: amount('50000.00'),
    };
    const key = { 'idempotency-key': KEY };
    const paid = await budi.call('POST', '/transfers', pay, key);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    assert.equal(paid.body.payment.status.label, 'Berhasil');
    assert.equal(paid.body.payment.counterparty.name, 'Token listrik PLN');
    assert.equal(paid.body.payment.counterparty.bank, 'BUDI SANTOSO');
    assert.equal(paid.body.bill.token, '1234 5678 9012 3456 7890');
    assert.deepEqual(paid.body.bill.lines, [{ label: 'Energi (kWh)', value: '34.6' }]);
    const again = await budi.call('POST', '/transfers', pay, key);
    assert.equal(again.body.payment.id, paid.body.payment.id);
    const ayu = await signIn(world, 'ayu');
    assert.equal((await ayu.call('GET', `/payments/${paid.body.payment.id}`)).status, 404);
    const [row] = await world.db.query<{ text: string }>(
      sql`select string_agg(b::text, ' ') || (select string_agg(data::text, ' ') from event) as text from bill_payment b`,
    );
    assert.ok(!row!.text.includes(TOKEN), 'the token stands nowhere in the clear');
  }, openReal({}));
});

test("nobody pays from another customer's look-up, and what was not offered is told before the PIN", async () => {
  await withWorld(async (world) => {
    const budi = await signIn(world, 'budi');
    const inquiryId = await lookUp(budi);
    const odd = await budi.call('POST', '/bills/quote', terms(inquiryId, '21000.00'));
    assert.equal(odd.body.isOpen, false);
    assert.equal(odd.body.refusal.code, 'amount_not_offered');
    const ayu = await signIn(world, 'ayu');
    const stolen = { ...terms(inquiryId), fromAccount: '1990000002' };
    assert.equal((await ayu.call('POST', '/bills/quote', stolen)).body.code, 'inquiry_unknown');
    const short = { product: 'PLN_PREPAID', customerKey: '1234' };
    assert.equal((await budi.call('POST', '/bills/inquiry', short)).body.found, 'no');
  }, openReal({}));
});

test('I7 a restriction on billers is told with the products and with the quote, before any PIN', async () => {
  await withWorld(async (world) => {
    const budi = await signIn(world, 'budi');
    const inquiryId = await lookUp(budi);
    world.set = {
      ...world.set,
      restrictions: [{ ...RESTRICTION, scope: { rail: 'biller', direction: 'out' } }],
    };
    const bills = await budi.call('GET', '/bills');
    assert.ok(bills.body.explanation.title);
    assert.ok(bills.body.products.length > 10);
    const quote = await budi.call('POST', '/bills/quote', terms(inquiryId));
    assert.equal(quote.body.isOpen, false);
    assert.equal(quote.body.refusal.code, 'restricted');
  }, openReal({}));
});
