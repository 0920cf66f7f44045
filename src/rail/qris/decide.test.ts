import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rupiah, sen } from '../../kernel/money.ts';
import {
  decideDue,
  readPercent,
  readQrisAmount,
  shareHalfUp,
  writePercent,
  writeQrisAmount,
} from './amount.ts';
import type { MerchantCode } from './code.ts';
import { decodeQris } from './decode.ts';
import { decideMdr, MDR_EDITIONS, MERCHANT_CLASSES } from './mdr.ts';
import { checkDigitOf, hasCheckDigit } from './pan.ts';
import { qrisRules } from './rules.ts';
import { decideTampering } from './tamper.ts';
import { PAYLOADS } from './test-payload.ts';

const CAP = rupiah(10_000_000);

test('readQrisAmount() reads 1000, 1000. and 1000.00, and refuses what may mean something else', () => {
  const told = [
    '1000',
    '1000.',
    '1000.00',
    '1000.5',
    '0001000',
    '1000,00',
    '1.000',
    '1 000',
    '0',
    '-1',
    '1e3',
    '.50',
    '',
    '12345678901234',
    '１０００',
  ].map((text) => readQrisAmount(text));
  assert.deepEqual(told, [
    100_000n,
    100_000n,
    100_000n,
    100_050n,
    100_000n,
    'amount_format',
    'amount_decimals',
    'amount_format',
    'amount_zero',
    'amount_format',
    'amount_format',
    'amount_format',
    'amount_format',
    'amount_format',
    'amount_format',
  ]);
});

test('writeQrisAmount() and writePercent() are read back as they were', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 1_000_000_000n }),
      fc.integer({ min: 1, max: 9_999 }),
      (amount, hundredths) => {
        assert.equal(readQrisAmount(writeQrisAmount(sen(amount))), amount);
        assert.equal(readPercent(writePercent(hundredths)), hundredths);
      },
    ),
    { numRuns: 200 },
  );
  assert.deepEqual(
    ['0', '0.00', '100', '2.505', '2,5', '-1'].map(readPercent),
    Array(6).fill(undefined),
  );
});

test('shareHalfUp() rounds half a sen up and less than half down', () => {
  // 70 hundredths of a percent of 714 sen are 4.998; of 786 5.502; of 500 exactly 3.5.
  assert.deepEqual(
    [714n, 786n, 500n, 499n].map((amount) => shareHalfUp(sen(amount), 70)),
    [5n, 6n, 4n, 3n],
  );
});

test('decideDue() adds what the code asks for, and keeps the total within the cap', () => {
  const due = (
    amount: number,
    tip: Parameters<typeof decideDue>[0]['tip'],
    askedTipSen?: bigint,
  ) => {
    const decided = decideDue({
      amountSen: rupiah(amount),
      tip,
      capSen: CAP,
      ...(askedTipSen !== undefined && { askedTipSen: sen(askedTipSen) }),
    });
    return decided.ok ? decided.totalSen : decided.reason;
  };
  assert.equal(due(50_000, { kind: 'none' }), rupiah(50_000));
  assert.equal(due(50_000, { kind: 'fixed', feeSen: rupiah(2_000) }), rupiah(52_000));
  assert.equal(due(50_000, { kind: 'percent', hundredths: 1_000 }), rupiah(55_000));
  assert.equal(due(50_000, { kind: 'prompt' }), rupiah(50_000));
  assert.equal(due(50_000, { kind: 'prompt' }, 100_000n), rupiah(51_000));
  assert.equal(due(50_000, { kind: 'none' }, 1n), 'tip_not_offered');
  assert.equal(due(50_000, { kind: 'prompt' }, -1n), 'tip_negative');
  assert.equal(due(0, { kind: 'none' }), 'amount_not_positive');
  assert.equal(due(10_000_000, { kind: 'none' }), CAP);
  assert.equal(due(9_999_000, { kind: 'fixed', feeSen: rupiah(2_000) }), 'above_cap');
});

test('decideMdr() is the rate of the class on the day, to the sen', () => {
  const mdr = (merchantClass: (typeof MERCHANT_CLASSES)[number], amount: number, onDay: string) =>
    decideMdr({ merchantClass, amountSen: rupiah(amount), onDay });
  assert.equal(mdr('UMI', 500_000, '2026-08-01'), 0n);
  assert.equal(
    decideMdr({ merchantClass: 'UMI', amountSen: sen(50_000_001n), onDay: '2026-08-01' }),
    150_000n,
  );
  assert.equal(mdr('UMI', 100_000, '2024-11-30'), rupiah(300));
  assert.equal(mdr('UMI', 100_000, '2024-12-01'), 0n);
  assert.equal(mdr('URE', 100_000, '2026-08-01'), rupiah(700));
  assert.equal(mdr('EDU', 100_000, '2026-08-01'), rupiah(600));
  assert.equal(mdr('FUEL', 100_000, '2026-08-01'), rupiah(400));
  assert.deepEqual(
    [mdr('BLU', 100_000, '2025-03-13'), mdr('BLU', 100_000, '2025-03-14')],
    [rupiah(400), 0n],
  );
  assert.equal(mdr('FREE', 100_000, '2026-08-01'), 0n);
  assert.equal(mdr('UBE', 1, '2019-01-01'), 1n);
  for (const { rates } of MDR_EDITIONS)
    for (const name of MERCHANT_CLASSES)
      assert.equal(rates[name].at(-1)?.toSen, undefined, 'a rate for every amount');
});

test('hasCheckDigit() is the mod 10 check, and checkDigitOf() completes digits', () => {
  assert.deepEqual(['9360011100000001234', '9360011100000001235'].map(hasCheckDigit), [
    true,
    false,
  ]);
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{8,18}$/), (digits) =>
      hasCheckDigit(digits + checkDigitOf(digits)),
    ),
    { numRuns: 100 },
  );
});

test('decideTampering() warns where a code differs from what is known of its NMID and terminal', () => {
  const decoded = decodeQris(PAYLOADS.V1, qrisRules('2026-08-01'));
  assert.ok(decoded.ok);
  const code = decoded.code as MerchantCode;
  const record = {
    nmid: 'ID1020000000123',
    name: 'Warung Contoh ',
    city: 'JAKARTA PUSAT',
    institutions: ['93600111'],
  };
  assert.deepEqual(decideTampering({ code, record, terminalNmid: record.nmid }), []);
  assert.deepEqual(decideTampering({ code }), []);
  assert.deepEqual(decideTampering({ code, record: { ...record, name: 'TOKO LAIN' } }), [
    'name_differs',
  ]);
  assert.deepEqual(decideTampering({ code, record: { ...record, city: 'BOGOR' } }), [
    'city_differs',
  ]);
  assert.deepEqual(decideTampering({ code, record: { ...record, institutions: ['93600014'] } }), [
    'acquirer_differs',
  ]);
  assert.deepEqual(decideTampering({ code, terminalNmid: 'ID1020000000999' }), [
    'terminal_of_other_merchant',
  ]);
  const bare: MerchantCode = { ...code, repository: undefined };
  assert.deepEqual(
    decideTampering({ code: bare, record: { ...record, name: 'X' }, terminalNmid: 'ID1' }),
    [],
  );
});
