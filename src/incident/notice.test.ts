import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReasonClass } from '../gate/restriction.ts';
import {
  makeNotice,
  NOTICE_TEXT,
  refuseWording,
  renderNotice,
  templateFor,
  type NoticeDraft,
} from './notice.ts';

const params = {
  'service.id': 'BI-FAST keluar',
  'service.en': 'BI-FAST outgoing',
  since: '11:20 WIB',
  'open.id': 'Transfer sesama bank',
  'open.en': 'On-us transfers',
  next: '11:50 WIB',
  contact: '1500-000',
};

test('makeNotice() cannot publish a containment as maintenance: not by type, not by data that lies about its type', () => {
  const lie: NoticeDraft<'containment'> = {
    reasonClass: 'containment',
    // @ts-expect-error a containment has no maintenance template
    template: 'maintenance_planned',
    params,
  };
  assert.throws(() => makeNotice(lie), /template_not_allowed/);
  const smuggled: NoticeDraft<'containment'> = {
    reasonClass: 'containment',
    template: 'containment_first',
    params: { ...params, contact: 'selama pemeliharaan sistem' },
  };
  assert.throws(() => makeNotice(smuggled), /containment_called_maintenance/);
});

test('refuseWording() lets nobody say that money is safe without a reconciled snapshot', () => {
  const text = 'Dana dan data nasabah tetap aman.';
  assert.equal(refuseWording({ reasonClass: 'containment', text }), 'money_safe_without_evidence');
  assert.equal(
    refuseWording({ reasonClass: 'containment', text: 'Your money is safe.' }),
    'money_safe_without_evidence',
  );
  assert.equal(
    refuseWording({ reasonClass: 'containment', text, reconciledSnapshotId: 'snap_1' }),
    undefined,
  );
});

test('renderNotice() has every text in both languages, and only planned maintenance is called so', () => {
  for (const [template, both] of Object.entries(NOTICE_TEXT)) {
    for (const language of ['id', 'en'] as const) {
      assert.ok(both[language].length > 20);
      if (template !== 'maintenance_planned')
        assert.doesNotMatch(both[language], /pemeliharaan|maintenance/i);
    }
  }
  const first = renderNotice({ template: 'containment_first', params, language: 'id' });
  assert.equal(
    first,
    'Layanan BI-FAST keluar kami batasi sementara sejak 11:20 WIB demi keamanan transaksi. Yang tetap dapat digunakan: Transfer sesama bank. Transaksi yang masih berstatus Sedang diproses jangan diulangi. Kabar berikutnya pukul 11:50 WIB di aplikasi, situs resmi, dan 1500-000. Kami tidak pernah meminta PIN atau OTP.',
  );
});

test('templateFor() every reason has a template that its own wording guard admits', () => {
  for (const reasonClass of [
    'containment',
    'technical',
    'partner',
    'maintenance',
    'exercise',
  ] as ReasonClass[]) {
    for (const isFirst of [true, false]) {
      makeNotice({ reasonClass, template: templateFor(reasonClass, isFirst) as never, params });
    }
  }
});
