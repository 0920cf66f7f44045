import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeReading } from '../../merchant/port.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { QRIS_FAULT_CODES } from '../../rail/qris/fault.ts';
import { qrisRules } from '../../rail/qris/rules.ts';
import { PAYLOADS } from '../../rail/qris/test-payload.ts';
import { notPayableOf, refusalOf, showCode } from './qris.ts';
import { QRIS_WORDS, REFUSAL_GROUP } from './qris-words.ts';

const rules = qrisRules('2026-08-01');

function shown(name: keyof typeof PAYLOADS, language: 'id' | 'en' = 'id') {
  const decoded = decodeQris(PAYLOADS[name], rules);
  assert.ok(decoded.ok);
  const { code } = decoded;
  const input = { code, rules, language };
  return { content: showCode(input), input };
}

test('showCode() says who is paid, how much, and the rule of the tip, in both languages', () => {
  const { content } = shown('V4');
  assert.deepEqual(
    [content.name, content.city, content.institution, content.nmid, content.methodText],
    ['TOKO SINTETIS MANDIRI', 'BANDUNG', 'BNI', 'ID1020000000456', 'Kode sekali pakai'],
  );
  assert.deepEqual(content.amount, { value: '50000.00', currency: 'IDR' });
  assert.equal(content.tip, 'Ditambah 10 % dari nominal');
  assert.deepEqual(content.due?.total, { value: '55000.00', currency: 'IDR' });
  assert.equal(shown('V3', 'en').content.tip, 'Plus Rp2.000');
  assert.equal('due' in shown('V1').content, false);
});

test('showCode() lists what the payer has to type, and shows no *** as a value', () => {
  const { content } = shown('V5');
  assert.deepEqual([content.asks, 'billNumber' in content], [['Nomor tagihan'], false]);
});

test('showCode() shows no PAN', () => {
  for (const name of ['V1', 'V6', 'V7'] as const)
    assert.doesNotMatch(JSON.stringify(shown(name).content), /9360\d{6}/);
});

test('refusalOf() has words for every rule in both languages, and tells another kind of code from a damaged one', () => {
  for (const language of ['id', 'en'] as const)
    for (const code of QRIS_FAULT_CODES) {
      const said = refusalOf({ code }, language);
      assert.ok(said.title && said.wayOut && said.rule === code);
    }
  assert.deepEqual(Object.keys(REFUSAL_GROUP).toSorted(), [...QRIS_FAULT_CODES].toSorted());
  const titleOf = (payload: string): string => {
    const decoded = decodeQris(payload, rules);
    assert.ok(!decoded.ok);
    return refusalOf(decoded.fault, 'id').title;
  };
  assert.equal(titleOf('https://example.id/menu'), QRIS_WORDS.id.refusal.not_qris.title);
  assert.equal(titleOf(PAYLOADS.I1), QRIS_WORDS.id.refusal.damaged.title);
  assert.equal(titleOf(PAYLOADS.I10), QRIS_WORDS.id.refusal.institution.title);
});

test('notPayableOf() names the closest reason', () => {
  const { input } = shown('V2');
  const bank = { name: 'Bank Pulih', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
  let warnings: CodeReading['warnings'] = [];
  const payee = {
    id: 'mer_1',
    name: 'TOKO',
    city: 'BANDUNG',
    nmid: 'ID1020000000456',
    settlementAccount: '1990000001',
    merchantClass: 'UME' as const,
  };
  const of = (life?: 'open' | 'used' | 'expired', isOurs = false, shownInput = input) =>
    notPayableOf(
      { bank },
      {
        ...shownInput,
        reading: { warnings, ...(life && { life }), ...(isOurs && { payee }) },
      },
    ).notPayable;
  assert.equal(of(), undefined, 'a merchant of another bank is paid over the network');
  warnings = ['name_differs'];
  assert.equal(of(), QRIS_WORDS.id.absent, 'not one that our records speak against');
  warnings = [];
  assert.equal(of('open', true), undefined, 'it can be paid');
  // The app has no field for a bill number that the payer types.
  assert.equal(of(undefined, true, shown('V5').input), QRIS_WORDS.id.absent);
  assert.equal(of(undefined, false, shown('V7').input), undefined, 'a person is sent money');
  assert.equal(of(undefined, false, shown('V8').input), QRIS_WORDS.id.absent, 'nor cash');
  assert.equal(of(undefined, false, shown('V9').input), QRIS_WORDS.id.absent, 'nor a deposit');
  assert.equal(of('used'), QRIS_WORDS.id.used);
  assert.equal(of('expired'), QRIS_WORDS.id.expired);
});
