import type { NoticeAnswer } from '../rail/notice.ts';
import type { SwitchReversalNotice, TransferInRequest } from '../rail/notice-switch.ts';
import type { PaymentContext } from './context.ts';

/** Answers what the switch asks. */
export async function takeSwitchRequest(
  context: PaymentContext,
  notice: TransferInRequest,
): Promise<NoticeAnswer> {
  context.log.warn({ bizMsgIdr: notice.bizMsgIdr }, 'payment.request_refused');
  return { taken: true, approved: false, code: '57' };
}

/** Takes back what the switch asked. */
export async function takeSwitchReversal(
  context: PaymentContext,
  notice: SwitchReversalNotice,
): Promise<NoticeAnswer> {
  context.log.warn({ bizMsgIdr: notice.bizMsgIdr }, 'payment.reversal_refused');
  return { taken: false, code: '12' };
}
