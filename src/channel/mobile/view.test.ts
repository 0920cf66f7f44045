import assert from 'node:assert/strict';
import test from 'node:test';
import { rupiah } from '../../kernel/money.ts';
import type { PaymentView } from '../../payment/port.ts';
import { PAYMENT_KINDS, type PaymentKind } from '../../payment/kind.ts';
import { PAYMENT_MOVES, type PaymentState } from '../../payment/state.ts';
import { showPayment, showPromise, showSteps } from './view.ts';

const NOW = Date.parse('2025-03-29T07:00:00Z');
const BANK = { name: 'Bank Pulih Daerah', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
const reader = {
  language: 'id' as const,
  nowMs: NOW,
  bank: BANK,
  bankNames: new Map([['BNINIDJA', 'Bank Negara Indonesia']]),
  billNames: new Map(),
};

function payment(change: Partial<PaymentView>): PaymentView {
  return {
    id: 'pay_1',
    kind: 'bifast_out',
    channel: 'mobile',
    state: 'unknown',
    debitAccount: '1',
    creditAccount: '2',
    debtorName: 'A',
    creditorName: 'B',
    counterpartyBank: 'BNINIDJA',
    amountSen: rupiah(150_000),
    feeSen: rupiah(2_500),
    remark: '',
    madeAtMs: NOW,
    changedAtMs: NOW,
    promiseAtMs: NOW + 3_600_000,
    promiseRenewals: 0,
    businessDate: '2025-03-29',
    valueDate: '2025-03-29',
    ...change,
  };
}

test('showSteps() an unknown outcome is neither done nor failed: it waits, and says so', () => {
  for (const state of ['unknown', 'review', 'sending'] as const) {
    const steps = showSteps(payment({ state }), { language: 'id', times: [] });
    assert.equal(
      steps.some((step) => step.state === 'failed'),
      false,
    );
    assert.equal(steps.find((step) => step.state === 'now')?.key, 'sent');
  }
  assert.match(
    showSteps(payment({ state: 'unknown' }), { language: 'id', times: [] }).find(
      (step) => step.note,
    )!.note!,
    /Belum ada jawaban pasti/,
  );
});

test('showSteps() has steps in every state of every kind, and no open state looks finished', () => {
  for (const kind of Object.keys(PAYMENT_KINDS) as PaymentKind[]) {
    for (const state of Object.keys(PAYMENT_MOVES) as PaymentState[]) {
      const steps = showSteps(payment({ kind, state }), { language: 'en', times: [] });
      assert.ok(steps.length > 0, `${kind} ${state}`);
      // Cash that was approved is in the hand, and a shop that scanned a code is paid.
      const isDrawn =
        (kind === 'card_withdrawal' || kind === 'qris_presented') && state === 'accepted';
      const isFinal = PAYMENT_MOVES[state].length === 0 || isDrawn;
      if (!isFinal)
        assert.ok(
          steps.some((step) => step.state === 'now'),
          `${kind} ${state} waits somewhere`,
        );
    }
  }
});

test('showSteps() dates each step by its event', () => {
  const times = [
    { kind: 'payment.held', atMs: 1 },
    { kind: 'payment.sending', atMs: 2 },
    { kind: 'payment.accepted', atMs: 3 },
    { kind: 'payment.settled', atMs: 4 },
  ];
  assert.deepEqual(
    showSteps(payment({ state: 'settled' }), { language: 'id', times }).map((step) => step.atMs),
    [NOW, 1, 2, 3, 4],
  );
});

test('showPromise() is said while the outcome is open, with its renewals', () => {
  assert.equal(
    showPromise(payment({}), reader),
    'Jangan ulangi transaksi. Kami kabari paling lambat 15:00 WIB.',
  );
  assert.match(showPromise(payment({ promiseRenewals: 2 }), reader)!, /sudah kami perbarui 2 kali/);
  assert.equal(showPromise(payment({ state: 'settled' }), reader), undefined);
});

test('showPayment() names the counterparty of each direction and keeps every sen', () => {
  const out = showPayment(payment({}), reader);
  assert.deepEqual(
    [out.direction, out.counterparty.name, out.counterparty.bank, out.amount.value],
    ['out', 'B', 'Bank Negara Indonesia', '150000.00'],
  );
  const incoming = showPayment(payment({ kind: 'bifast_in' }), reader);
  assert.deepEqual([incoming.direction, incoming.counterparty.name], ['in', 'A']);
});
