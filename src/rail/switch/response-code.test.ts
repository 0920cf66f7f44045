import assert from 'node:assert/strict';
import test from 'node:test';
import { indexResponses, responseMeaning, type ResponseMeaning } from './response-code.ts';
import { RESPONSE_ROWS } from './response-rows.ts';

function meaning(change: Partial<Parameters<typeof responseMeaning>[0]>): ResponseMeaning {
  return responseMeaning({
    network: 'demo',
    mti: '0210',
    processing: '401000',
    code: '00',
    ...change,
  });
}

function classOf(change: Parameters<typeof meaning>[0]): string {
  return meaning(change).class;
}

test('responseMeaning() is for each code of domain.md 4.5 what its table says', () => {
  const said: Readonly<Record<string, string>> = {
    success: '00',
    system: '01 02 24 30 81 90 89',
    fail: '05 12 13 14 15 25 31 33 54 36 62 41 43 51 52 53 55 57 58 59 61 65 75 76 77 78 91 92 97',
    pending: '68 94 96',
    security: '63',
  };
  for (const [wanted, codes] of Object.entries(said))
    for (const code of codes.split(' ')) assert.equal(classOf({ code }), wanted, code);
  for (const code of ['41', '43', '59', '63', '97'])
    assert.equal(meaning({ code }).isAlarm, true, code);
  for (const code of ['00', '05', '51', '91']) assert.equal(meaning({ code }).isAlarm, false, code);
  assert.equal(meaning({ code: '94' }).mustAsk, true);
});

test('T2 a code that nobody knows is pending for money, and for what moves none a fault', () => {
  for (const code of ['', 'ZZ', '17', '88', '99'])
    for (const processing of ['401000', '011000', '261000', undefined]) {
      const { class: found, isUnknown, mustAsk } = meaning({ code, processing });
      assert.deepEqual(
        { found, isUnknown, mustAsk },
        { found: 'pending', isUnknown: true, mustAsk: true },
      );
    }
  for (const processing of ['301000', '310000', '391000', '361000', '371000', '381000', '940000'])
    assert.equal(classOf({ code: 'ZZ', processing }), 'system');
  assert.equal(classOf({ code: 'ZZ', mti: '0810', processing: undefined }), 'system');
});

test('91 is a refusal in an answer, and pending when we produced it because no answer came', () => {
  assert.equal(classOf({ code: '91' }), 'fail');
  assert.equal(classOf({ code: '91', mti: 'local' }), 'pending');
  assert.equal(
    classOf({ code: '91', mti: 'local', network: 'alto', processing: '501000' }),
    'pending',
  );
});

test('only a success ends a reversal: every other code leaves it open', () => {
  for (const mti of ['0410', '0430']) {
    for (const code of ['00', '25', '94']) assert.equal(classOf({ mti, code }), 'success');
    const others = new Set(RESPONSE_ROWS.flatMap((row) => row.codes));
    for (const code of others)
      if (!['00', '25', '94'].includes(code))
        assert.match(classOf({ mti, code }), /^(pending|security)$/, code);
    assert.equal(classOf({ mti, code: '12', network: 'alto' }), 'pending');
    assert.equal(classOf({ mti, code: 'ZZ' }), 'pending');
  }
});

test('a network gives a code its own meaning, for a flow or an MTI of its own', () => {
  const alto = { network: 'alto', processing: '801000' };
  assert.equal(classOf({ ...alto, code: '03' }), 'pending');
  assert.equal(meaning({ ...alto, code: '54' }).text, 'bill_paid');
  assert.equal(meaning({ ...alto, code: '76' }).text, 'funds_short');
  assert.equal(meaning({ code: '76' }).text, 'payee_invalid');
  assert.equal(meaning({ ...alto, code: '91' }).text, 'not_possible');
  assert.equal(meaning({ ...alto, processing: '401000', code: '91' }).text, 'bank_trouble');
  assert.equal(classOf({ ...alto, mti: '0230', code: '21' }), 'pending');
});

test('two rows for one key are refused', () => {
  const row = RESPONSE_ROWS[0]!;
  assert.throws(() => indexResponses([row, row]), /two rows for \*\|\*\|\*\|00/);
});
