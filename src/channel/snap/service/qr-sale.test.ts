import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAYMENT_MOVES, type PaymentState } from '../../../payment/state.ts';
import { answerRefund } from './qr-sale.ts';

test('T1 a cancellation or refund is successful only once its money is back: one that the other bank turned down is not, nor one on its way', () => {
  const codes = (service: '77' | '78') =>
    Object.fromEntries(
      (Object.keys(PAYMENT_MOVES) as PaymentState[]).map((state) => [
        state,
        answerRefund(service, state)?.json.slice(17, 24) ?? 'successful',
      ]),
    );
  for (const service of ['77', '78'] as const) {
    const { settled, refunded, unknown, held, ...others } = codes(service);
    assert.equal(settled, 'successful');
    assert.equal(refunded, `403${service}05`);
    assert.deepEqual([unknown, held], [`202${service}00`, `202${service}00`]);
    assert.ok(!Object.values(others).includes('successful'));
  }
});
