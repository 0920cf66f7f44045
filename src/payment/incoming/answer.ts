/** What every message over the switch that asks for money in has alike: its hash, the race of two copies, and the answers. */
import { DbFault } from '../../db/pool.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import type { NoticeAnswer } from '../../rail/notice.ts';
import type { PaymentContext } from '../context.ts';
import { orphanEvent } from '../event.ts';
import { writeEvents } from '../outcome.ts';
import type { PaymentRow } from '../row.ts';

/** DE39: the id stands for another message already. */
const DUPLICATE = '94';

/** Whatever of it may differ between a request and its repeat is left out. */
export function hashOf({
  deadlineMs: _deadline,
  ...notice
}: object & { readonly deadlineMs: number }): Buffer {
  return sha256(canonicalJson(notice));
}

/** `duplicate` where another copy of the message has committed its row first. */
export async function orDuplicate<T>(post: () => Promise<T>): Promise<T | 'duplicate'> {
  try {
    return await post();
  } catch (error) {
    if (error instanceof DbFault && error.constraint === 'payment_inbound') return 'duplicate';
    throw error;
  }
}

/** As a row keeps a code of the switch. */
export function kept(code: string): string {
  return `RC${code}`;
}

/** A refusal with its DE39. */
export function refused(code: string): NoticeAnswer {
  return { taken: true, approved: false, code };
}

/** What a row says to its message, whenever it comes; `otherwise` where it keeps no code. */
export function answerOf(row: PaymentRow, otherwise: string): NoticeAnswer {
  if (row.state === 'rejected')
    return refused(/^RC(\d\d)$/.exec(row.outcomeCode ?? '')?.[1] ?? otherwise);
  // DE38: the end of the payment's own id, so that both sides find it.
  return { taken: true, approved: true, approvalCode: row.id.slice(-6) };
}

/** Another body under a known id: told to people and refused. */
export async function refuseDuplicate(
  context: PaymentContext,
  { bizMsgIdr, fromBank: bank }: { readonly bizMsgIdr: string; readonly fromBank: string },
): Promise<NoticeAnswer> {
  context.log.warn({ bizMsgIdr, bank }, 'payment.credit_duplicate');
  await writeEvents(context, [
    orphanEvent(context.time.now(), 'outcome_contradicted', {
      bizMsgIdr,
      bank,
      why: 'duplicate_credit',
    }),
  ]);
  return refused(DUPLICATE);
}
