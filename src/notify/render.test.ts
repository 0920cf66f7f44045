import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { renderMessage } from './render.ts';
import { paymentStatusText } from './status.ts';
import { MESSAGE_TEMPLATES } from './template.ts';

const AT = Date.parse('2026-08-01T14:32:00+07:00');
const params = {
  amountSen: String(rupiah(125_000)),
  feeSen: String(rupiah(2_500)),
  name: 'NASABAH SINTETIS',
  reference: 'pay_1',
  atMs: String(AT),
  promiseAtMs: String(AT + 15 * 60_000),
};

test('renderMessage() has words for every template in both languages, with no hole left', () => {
  for (const template of MESSAGE_TEMPLATES) {
    for (const language of ['id', 'en'] as const) {
      const { title, body } = renderMessage(template, params, language);
      // About no payment: what it names is the proxy or the card.
      const isOfNone = [
        'proxy.moved',
        'card.blocked',
        'card.pin_locked',
        'card.pin_changed',
      ].includes(template);
      const named = isOfNone ? params.name : params.reference;
      assert.ok(title.length > 3 && body.includes(named), `${template} ${language}`);
      assert.doesNotMatch(body, /undefined|NaN|\{|\}/);
    }
  }
});

test('renderMessage() tells a pending transfer as domain.md 8.2 (4) does', () => {
  assert.deepEqual(renderMessage('payment.pending', params, 'id'), {
    title: 'Sedang diproses',
    body: 'Transfer Rp125.000 ke NASABAH SINTETIS sedang diproses. Saldo Anda sudah terpotong. Jangan ulangi transaksi. Kami kabari paling lambat 14:47 WIB. Jika tidak berhasil, dana kembali otomatis. No. referensi pay_1.',
  });
});

test('renderMessage() gives back the fee in a refund and names the day of a promise on another day', () => {
  assert.match(
    renderMessage('payment.refunded', params, 'id').body,
    /Dana Rp127\.500 dari transaksi pay_1, termasuk biaya/,
  );
  const tomorrow = { ...params, promiseAtMs: String(AT + 24 * 3_600_000) };
  assert.match(renderMessage('payment.pending', tomorrow, 'en').body, /by 2026-08-02 14:32 WIB/);
});

test('paymentStatusText() never calls an open outcome failed', () => {
  const facts = {
    kind: 'bifast_out',
    totalSen: rupiah(127_500),
    changedAtMs: AT,
    promiseAtMs: AT + 900_000,
  };
  for (const state of [
    'held',
    'sending',
    'accepted',
    'unknown',
    'review',
    'pending_credit',
    'something_new',
  ]) {
    const text = paymentStatusText({ ...facts, state }, 'id');
    assert.equal(text.label, 'Sedang diproses');
    assert.equal(text.tone, 'waiting');
  }
  assert.match(
    paymentStatusText({ ...facts, state: 'unknown' }, 'id').help,
    /Jangan ulangi transaksi\. Kami kabari paling lambat 14:47 WIB\./,
  );
});

test('paymentStatusText() says that a refused payment was not debited, and what came back', () => {
  const facts = { kind: 'bifast_out', totalSen: rupiah(127_500), changedAtMs: AT };
  assert.equal(
    paymentStatusText({ ...facts, state: 'refused' }, 'id').help,
    'Transaksi gagal. Saldo Anda tidak terpotong.',
  );
  assert.equal(
    paymentStatusText({ ...facts, state: 'refunded' }, 'id').help,
    'Rp127.500 sudah kembali pada 14:32 WIB.',
  );
  assert.equal(paymentStatusText({ ...facts, state: 'settled' }, 'en').label, 'Successful');
});
