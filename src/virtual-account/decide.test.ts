import assert from 'node:assert/strict';
import test from 'node:test';
import { rupiah, type Sen } from '../kernel/money.ts';
import { leftOf, refuseVa, type VaKind, type VirtualAccount } from './decide.ts';

const va = (kind: VaKind, change: Partial<VirtualAccount> = {}): VirtualAccount => ({
  number: '7700001',
  serviceId: '77',
  customerNo: '00001',
  name: 'SISWA',
  kind,
  ...(kind !== 'open' && { amountSen: rupiah(100) }),
  bills: '[]',
  trxId: 't',
  paidSen: rupiah(0),
  paidCount: 0n,
  partnerId: 'P',
  account: '1',
  ...change,
});
const judge = (of: VirtualAccount | undefined, amountSen?: Sen): string =>
  refuseVa(of, { nowMs: 1_000, ...(amountSen !== undefined && { amountSen }) }) ?? 'fine';

test('refuseVa() takes of each kind the amounts that it asks for and no other', () => {
  const amounts = [rupiah(0), rupiah(-5), rupiah(99), rupiah(100), rupiah(101)];
  const table: Readonly<Record<VaKind, readonly string[]>> = {
    closed: ['wrong_amount', 'wrong_amount', 'wrong_amount', 'fine', 'wrong_amount'],
    partial: ['wrong_amount', 'wrong_amount', 'fine', 'fine', 'wrong_amount'],
    open: ['wrong_amount', 'wrong_amount', 'fine', 'fine', 'fine'],
    min: ['wrong_amount', 'wrong_amount', 'wrong_amount', 'fine', 'fine'],
    max: ['wrong_amount', 'wrong_amount', 'fine', 'fine', 'wrong_amount'],
  };
  for (const [kind, expected] of Object.entries(table))
    assert.deepEqual(
      amounts.map((amount) => judge(va(kind as VaKind), amount)),
      expected,
      kind,
    );
});

test('refuseVa() says paid before expired, and of a part only what is left', () => {
  assert.equal(judge(undefined), 'invalid');
  assert.equal(judge(va('closed', { expiresAtMs: 1_000 })), 'expired');
  assert.equal(judge(va('closed', { expiresAtMs: 1_001 })), 'fine');
  assert.equal(judge(va('closed', { expiresAtMs: 1, paidSen: rupiah(100) })), 'already_paid');
  const part = va('partial', { paidSen: rupiah(60) });
  assert.equal(leftOf(part), rupiah(40));
  assert.equal(judge(part, rupiah(40)), 'fine');
  assert.equal(judge(part, rupiah(41)), 'wrong_amount');
  assert.equal(judge(va('max', { paidSen: rupiah(900) }), rupiah(100)), 'fine', 'again and again');
});
