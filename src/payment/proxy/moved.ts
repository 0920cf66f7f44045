import { recordEvents } from '../../audit/record.ts';
import { newId } from '../../kernel/ids.ts';
import type { NoticeAnswer, ProxyMovedNotice } from '../../rail/notice.ts';
import { maskProxy, type ProxyType } from '../../rail/bifast/proxy.ts';
import type { PaymentContext } from '../context.ts';
import { insertProxyMessage, markMoved } from './store.ts';

/** A proxy of a customer of ours leads to another bank now: written down, and the customer is told, who may not have moved it.
 * Idempotent; a registration that is not ours, or not live, changes nothing. */
export async function takeMoved(
  context: PaymentContext,
  notice: ProxyMovedNotice,
): Promise<NoticeAnswer> {
  const { proxyType, proxyValue, registrationId, bank } = notice;
  const nowMs = context.time.now();
  await context.db.tx(async (tx) => {
    const customerId = await markMoved(tx, {
      kind: proxyType,
      value: proxyValue,
      registrationId,
      bank,
      nowMs,
    });
    if (customerId === undefined) return;
    const name = maskProxy({ type: proxyType as ProxyType, value: proxyValue });
    const id = newId('msg', nowMs, context.random);
    const params = { amountSen: '0', name, reference: registrationId, atMs: String(nowMs) };
    await insertProxyMessage(tx, { id, customerId, params: JSON.stringify(params), nowMs });
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'proxy.moved', subject: registrationId, data: { customerId, bank } },
    ]);
  });
  return { taken: true };
}
