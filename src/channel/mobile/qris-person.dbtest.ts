/** QRIS Transfer in the app: a person's code of another bank and of ours is quoted, agreed to with the very words and sent; our own code receives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import type { QrisTransferInstruction } from '../../authorisation/form-qris.ts';
import { rupiah } from '../../kernel/money.ts';
import { readBalance } from '../../ledger/account.ts';
import type { FakeRail } from '../../payment/test-rail.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { encodeQris } from '../../rail/qris/encode.ts';
import { qrisRules } from '../../rail/qris/rules.ts';
import { PAYLOADS } from '../../rail/qris/test-payload.ts';
import { openReal } from './test-engine.ts';
import { amount, KEY, signIn, withWorld, type Caller } from './test-world.ts';

const FROM = '1990000001';
const TO = '1990000002';
const RULES = qrisRules('2026-08-01', { nns: '93600199', name: 'Bank Pulih Daerah' });

async function agreeTo(caller: Caller, terms: Record<string, unknown>) {
  const asked = { fromAccount: FROM, ...terms };
  const quote = await caller.call('POST', '/qris/quote', asked);
  assert.equal(quote.status, 200, JSON.stringify(quote.body));
  const consent = await caller.call('POST', '/qris/consent', { ...asked, text: quote.body.text });
  assert.equal(consent.status, 200, JSON.stringify(consent.body));
  const body = {
    consentId: consent.body.consentId,
    pin: '246810',
    bank: quote.body.payee.bic,
    account: quote.body.payee.account,
    amount: quote.body.amount,
  };
  const send = (key = KEY) => caller.call('POST', '/transfers', body, { 'idempotency-key': key });
  return { quote: quote.body, send };
}

test('T6 a person’s code of another bank is paid once, with its fee shown before the PIN and what the code says signed', () => {
  const rail: { current?: FakeRail } = {};
  return withWorld(async (world) => {
    const sent: QrisTransferInstruction[] = [];
    rail.current!.onSend = (instruction) => {
      if (instruction.kind === 'code_transfer') sent.push(instruction);
      return 'settle';
    };
    const budi = await signIn(world);
    const read = await budi.call('POST', '/qris/read', { payload: PAYLOADS.V7 });
    assert.deepEqual([read.body.content.kind, read.body.notPayable], ['transfer', undefined]);
    const { quote, send } = await agreeTo(budi, {
      payload: PAYLOADS.V7,
      amount: amount('60000.00'),
    });
    assert.deepEqual(
      [quote.amount, quote.fee, quote.total],
      [amount('60000.00'), amount('2500.00'), amount('62500.00')],
    );
    assert.match(
      quote.text,
      /Rp60\.000 kepada NASABAH SINTETIS, Bank Jakarta 100200300400, .*Biaya Rp2\.500/,
    );
    const paid = await send();
    assert.equal(paid.body.payment.status.label, 'Berhasil', JSON.stringify(paid.body));
    assert.equal(paid.body.payment.kind, 'qris_transfer_out');
    assert.equal((await send()).body.isRepeat, true);
    assert.equal(sent.length, 1);
    const { receiver, payeePan, creditor, uniqueData, amountSen } = sent[0]!;
    assert.deepEqual(
      [receiver, payeePan, creditor.account, amountSen],
      ['93600111', '9360011100000098768', '100200300400', '6000000'],
    );
    assert.match(PAYLOADS.V7, new RegExp(uniqueData));
    assert.equal(
      (await readBalance(world.db, FROM))?.availableSen,
      rupiah(5_000_000) - rupiah(62_500),
    );
    for (const cash of [PAYLOADS.V8, PAYLOADS.V9]) {
      const asked = { payload: cash, fromAccount: FROM };
      assert.equal((await budi.call('POST', '/qris/quote', asked)).body.code, 'qris_not_payable');
    }
  }, openReal(rail));
});

test('our customer’s own code names the account and receives within the bank, free; one that names it otherwise is not ours', () =>
  withWorld(async (world) => {
    const budi = await signIn(world);
    const made = await budi.call('POST', '/qris/receive', { account: FROM });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const own = made.body as unknown as { readonly payload: string };
    const decoded = decodeQris(own.payload, RULES);
    assert.ok(decoded.ok && decoded.code.kind === 'transfer');
    const { account, amountSen, method } = decoded.code;
    assert.deepEqual([account.beneficiary, amountSen, method], [FROM, undefined, 'dynamic']);
    const asked = { payload: own.payload, fromAccount: FROM, amount: amount('1000.00') };
    assert.equal((await budi.call('POST', '/qris/quote', asked)).body.code, 'same_account');
    const theirs = await budi.call('POST', '/qris/receive', { account: TO });
    assert.equal(theirs.body.code, 'account_not_yours');

    // Ayu's code as her app would draw it.
    const [holder] = await world.db.query<{ name: string }>(
      sql`select name from account where number = ${TO}`,
    );
    const hers = { ...decoded.code, account: { ...account, beneficiary: TO } };
    const payload = encodeQris({ ...hers, name: holder!.name.slice(0, 25) });
    const { quote, send } = await agreeTo(budi, { payload, amount: amount('25000.00') });
    assert.deepEqual([quote.fee, quote.payee.name], [amount('0.00'), holder!.name]);
    const paid = await send();
    assert.equal(paid.body.payment.kind, 'onus', JSON.stringify(paid.body));
    const forged = encodeQris({ ...hers, name: 'ORANG LAIN' });
    const other = await budi.call('POST', '/qris/quote', { ...asked, payload: forged });
    assert.equal(other.body.code, 'qris_not_payable');
  }, openReal({})));
