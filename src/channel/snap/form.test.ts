import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { wibIso, type Time } from '../../kernel/time.ts';
import { PAYMENT_MOVES, isFinal, type PaymentState } from '../../payment/state.ts';
import { answer } from './answer.ts';
import { BatcherFull, openBatcher } from './batcher.ts';
import { openBudget } from './budget.ts';
import {
  CASES,
  LATEST_STATUS,
  paymentCase,
  REFUSAL_CASE,
  responseCode,
  SERVICES,
  type CaseName,
} from './code.ts';
import { SnapRefusal } from './fault.ts';
import { FIELDS } from './field.ts';
import { readBody } from './read-body.ts';
import { ownsAccount, type Partner } from './partner/partner.ts';
import { parseTimestamp } from './timestamp.ts';

const VALID = {
  partnerReferenceNo: '2026080100000001',
  amount: { value: '125000.00', currency: 'IDR' },
  beneficiaryAccountNo: '1002003004',
  sourceAccountNo: '2003004005',
  transactionDate: '2026-08-01T10:00:00+07:00',
};

function refusalOf(body: unknown, service: '17' | '18' = '17'): string | undefined {
  try {
    readBody(
      FIELDS[service],
      Buffer.isBuffer(body)
        ? body
        : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    );
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SnapRefusal, String(error));
    return `${error.caseName} ${error.detail}`;
  }
}

test('readBody() takes what domain.md 3.6 lists', () => {
  const body = readBody(FIELDS['17'], Buffer.from(JSON.stringify(VALID)));
  assert.equal(body.sen('amount'), 12_500_000n);
  assert.equal(body.text('sourceAccountNo'), '2003004005');
  const full = {
    ...VALID,
    beneficiaryEmail: 'a@b.id',
    currency: 'IDR',
    customerReference: 'c',
    feeType: 'OUR',
    remark: 'sewa',
    originatorInfos: [{ originatorCustomerNo: '1' }],
    additionalInfo: { any: 1.5 },
  };
  assert.equal(refusalOf(full), undefined);
  assert.equal(
    refusalOf(
      {
        ...full,
        beneficiaryAccountName: 'Budi',
        beneficiaryBankCode: '014',
        beneficiaryAddress: 'x',
        beneficiaryBankName: 'BCA',
      },
      '18',
    ),
    undefined,
  );
});

test('readBody() names the field that is missing or malformed', () => {
  for (const name of Object.keys(VALID)) {
    assert.equal(refusalOf({ ...VALID, [name]: undefined }), `missingField ${name}`);
    assert.equal(refusalOf({ ...VALID, [name]: '' }), `missingField ${name}`);
    assert.equal(refusalOf({ ...VALID, [name]: null }), `missingField ${name}`);
    assert.equal(refusalOf({ ...VALID, [name]: 12 }), `invalidFormat ${name}`);
  }
  const amount = (value: unknown, currency: unknown = 'IDR'): string | undefined =>
    refusalOf({ ...VALID, amount: { value, currency } });
  for (const value of [
    '125000',
    '125000.0',
    '125000.000',
    '1,00',
    '-1.00',
    '01.00',
    '1e5',
    ' 1.00',
    125000,
    '99999999999999999.00',
  ]) {
    assert.equal(amount(value), 'invalidFormat amount.value', String(value));
  }
  assert.equal(amount(undefined), 'missingField amount.value');
  assert.equal(amount('1.00', null), 'missingField amount.currency');
  assert.equal(amount('1.00', 'USD'), 'invalidFormat amount.currency');
  assert.equal(refusalOf({ ...VALID, amount: [1] }), 'invalidFormat amount');
  for (const [name, value] of Object.entries({
    partnerReferenceNo: 'a b',
    beneficiaryAccountNo: 'SETTLE-BIFAST-OUT',
    sourceAccountNo: '1'.repeat(20),
    transactionDate: '2026-02-30T10:00:00+07:00',
    remark: 'a\u0000b',
    beneficiaryEmail: 'x'.repeat(51),
    feeType: 'X',
    originatorInfos: {},
    additionalInfo: [],
    unheardOf: 1,
    currency: 'USD',
  })) {
    assert.equal(refusalOf({ ...VALID, [name]: value }), `invalidFormat ${name}`);
  }
  assert.equal(
    refusalOf({ ...VALID, ['bad\nname']: 1 }),
    'invalidFormat body',
    "the sender's own text is not echoed",
  );
  assert.equal(
    refusalOf(`${JSON.stringify(VALID).slice(0, -1)},"__proto__":{"x":1}}`),
    'invalidFormat __proto__',
  );
});

test('readBody() refuses what is no JSON object, and any bytes give a typed refusal', () => {
  for (const text of ['', '[]', '1', 'null', '{', '{"a":1}x'])
    assert.match(refusalOf(text) ?? '', /^badRequest/, text);
  assert.equal(refusalOf(Buffer.from([0x7b, 0xff, 0x7d])), 'badRequest body is not UTF-8');
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.ok(refusalOf(Buffer.from(bytes)))));
  fc.assert(fc.property(fc.json(), (text) => assert.ok(refusalOf(text))));
});

test('parseTimestamp() reads the SNAP form only', () => {
  assert.equal(parseTimestamp('2026-08-01T10:00:05+07:00'), Date.UTC(2026, 7, 1, 3, 0, 5));
  assert.equal(parseTimestamp('2026-08-01T00:00:05-01:30'), Date.UTC(2026, 7, 1, 1, 30, 5));
  for (const text of [
    '2026-08-01T10:00:05',
    '2026-08-01T10:00:05Z',
    '2026-08-01 10:00:05+07:00',
    '2026-02-30T10:00:05+07:00',
    '2026-08-01T24:00:00+07:00',
    '2026-08-01T10:00:60+07:00',
    '2026-08-01T10:00:05+15:00',
    '2026-08-01T10:00:05+07:60',
    '',
    '1754017205',
  ]) {
    assert.equal(parseTimestamp(text), undefined, text);
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) =>
      assert.equal(parseTimestamp(wibIso(seconds * 1000)), seconds * 1000),
    ),
  );
});

test('T4 responseCode() every outcome has one case, and cases of different meaning have different codes', () => {
  assert.equal(responseCode('17', 'insufficientFunds'), '4031714');
  assert.equal(responseCode('18', 'inProgress'), '2021800');
  const byCode = new Map<string, CaseName[]>();
  for (const name of Object.keys(CASES) as CaseName[]) {
    const code = responseCode('17', name);
    assert.match(code, /^\d{7}$/);
    byCode.set(code, [...(byCode.get(code) ?? []), name]);
  }
  // One pair by intent: an unknown path has no service, so its code is 4040000.
  assert.deepEqual(
    [...byCode.values()].filter((names) => names.length > 1),
    [['notFound', 'invalidStatus']],
  );
  for (const service of Object.values(SERVICES)) assert.match(service, /^\d\d$/);
});

test('T4 paymentCase() says of a refused payment what the refusal said', () => {
  for (const [reason, name] of Object.entries(REFUSAL_CASE))
    assert.equal(paymentCase({ state: 'refused', outcomeCode: reason }), name);
});

test('T2 paymentCase() and LATEST_STATUS never call a payment failed that is not final, nor pending one that is', () => {
  for (const state of Object.keys(PAYMENT_MOVES) as PaymentState[]) {
    const name = paymentCase({ state, outcomeCode: 'U900' });
    const isDefinite = name !== 'inProgress';
    assert.equal(isDefinite, isFinal(state), state);
    assert.equal(name === 'successful', state === 'settled', state);
    assert.equal(['00', '04', '05', '06'].includes(LATEST_STATUS[state][0]), isFinal(state), state);
  }
});

test('answer() keeps responseMessage within 150 characters', () => {
  const { json } = answer({ service: '17', caseName: 'badRequest', detail: 'x'.repeat(300) });
  assert.equal((JSON.parse(json) as { responseMessage: string }).responseMessage.length, 150);
});

test('ownsAccount() follows full numbers and prefixes of three or more; a bare star owns nothing', () => {
  const owns = (rules: string[], account: string): boolean =>
    ownsAccount({ source_accounts: rules }, account);
  assert.ok(owns(['1002003004'], '1002003004'));
  assert.ok(owns(['100*'], '1002003004'));
  for (const rule of ['100200300', '*', '1*', '10*', '200*', ''])
    assert.ok(!owns([rule], '1002003004'), rule);
});

test('openBatcher() gathers what comes during a batch, keeps order, bounds what waits and passes faults on', async () => {
  const batches: number[][] = [];
  let fail = false;
  const add = openBatcher<number, number>({
    batchMax: 3,
    waitingMax: 5,
    run: async (items) => {
      batches.push([...items]);
      if (fail) throw new Error('down');
      return items.map((item) => item * 10);
    },
  });
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(add)), [10, 20, 30, 40, 50]);
  assert.deepEqual(batches, [
    [1, 2, 3],
    [4, 5],
  ]);
  const all = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(add));
  assert.ok(all[5]!.status === 'rejected' && all[5]!.reason instanceof BatcherFull);
  fail = true;
  assert.equal(
    (await Promise.allSettled([add(1), add(2)])).every((one) => one.status === 'rejected'),
    true,
  );
  fail = false;
  assert.equal(await add(7), 70, 'a fault ends with its batch');
});

test('openBudget() gives a partner one second of requests at once and refills with time', () => {
  let now = 0;
  const { admit } = openBudget({ now: () => now } as Time);
  const partner = { id: 'a', requests_per_second_max: 10 } as Partner;
  const count = (): number =>
    Array.from({ length: 30 }, () => admit(partner)).filter(Boolean).length;
  assert.equal(count(), 10);
  now += 500;
  assert.equal(count(), 5);
  assert.ok(admit({ ...partner, id: 'b' }), 'each partner has its own');
  now -= 10_000;
  assert.equal(count(), 0, 'a clock that jumps back gives nothing');
});

test('T4 docs/snap.md lists every case, with the message that is sent', () => {
  const doc = readFileSync(join(import.meta.dirname, '../../../docs/snap.md'), 'utf8');
  const listed = [...doc.matchAll(/^\| (\d{3})xx(\d{2}) \| ([^|]+) \|/gm)].map(
    ([, http, code, message]) => `${http} ${code} ${message}`,
  );
  const known = Object.entries(CASES)
    .filter(([name]) => name !== 'notFound')
    .map(([, { http, code, message }]) => `${http} ${code} ${message}`);
  assert.deepEqual(listed, known);
});
