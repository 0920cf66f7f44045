import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { renderMessage } from './render.ts';
import { STANDING_REASONS } from './standing-reason.ts';
import { dateText, STANDING_REASON_WORDS } from './standing-text.ts';
import { MESSAGE_TEMPLATES } from './template.ts';

const AT = Date.parse('2026-08-03T06:00:00+07:00');
const params = {
  amountSen: String(rupiah(125_000)),
  name: 'NASABAH SINTETIS',
  reference: 'sto_1',
  atMs: String(AT),
  date: '2026-08-03',
  reason: 'insufficient_funds',
  nextAtMs: String(AT + 6 * 3_600_000),
};
const STANDING = MESSAGE_TEMPLATES.filter((template) => template.startsWith('standing_order.'));

test('renderMessage() tells every reason of a standing order in both languages, with no hole and no blame', () => {
  for (const template of STANDING) {
    for (const reason of STANDING_REASONS) {
      for (const language of ['id', 'en'] as const) {
        for (const nextDate of [undefined, '2026-08-10']) {
          const { title, body } = renderMessage(
            template,
            { ...params, reason, ...(nextDate && { nextDate }) },
            language,
          );
          assert.ok(title.length > 3 && body.includes('sto_1') && body.includes('Rp125.000'));
          assert.doesNotMatch(body, /undefined|NaN|\{|\}|\.\.|  /, body);
          assert.doesNotMatch(
            title + body,
            /gagal|kesalahan anda|fault|failed|maintenance|pemeliharaan/i,
          );
        }
      }
    }
  }
});

test('renderMessage() says of what was not paid that nothing was taken, why, and when it is tried again', () => {
  assert.deepEqual(renderMessage('standing_order.waiting', params, 'id'), {
    title: 'Transfer terjadwal menunggu',
    body: 'Transfer Rp125.000 ke NASABAH SINTETIS untuk Sen 3 Agu 2026 belum dijalankan karena saldo belum cukup untuk nominal dan biayanya. Saldo Anda tidak terpotong. Kami coba lagi pukul 12:00 WIB. Bila Anda ingin membayar dengan cara lain, jeda atau batalkan dulu transfer terjadwal ini. No. referensi sto_1.',
  });
  for (const template of ['waiting', 'missed', 'paused'] as const) {
    const { body } = renderMessage(`standing_order.${template}`, params, 'en');
    assert.match(body, /Nothing was taken from your balance\./);
  }
});

test('every reason has a why that fits into a sentence, and something to do', () => {
  for (const language of ['id', 'en'] as const) {
    for (const { why, todo } of Object.values(STANDING_REASON_WORDS[language])) {
      assert.doesNotMatch(why, /[.!?]$/);
      assert.match(todo, /^[A-Z].*\.$/);
    }
  }
});

test('dateText() writes dates as UI.md does', () => {
  assert.equal(dateText('2025-03-29', 'id'), 'Sab 29 Mar 2025');
  assert.equal(dateText('2026-08-03', 'en'), 'Mon 3 Aug 2026');
});
