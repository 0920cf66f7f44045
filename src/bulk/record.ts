/** The events of lists, and the messages to their owner: both in the transaction that makes them true. Rows are told of by the round, a hundred
 * in one event. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import type { BulkReason } from '../notify/bulk-reason.ts';
import type { MessageTemplate } from '../notify/template.ts';
import type { BulkContext } from './context.ts';
import type { Bulk, BulkSum } from './port.ts';
import { insertMessage } from './store.ts';

/** What happened to a list, or to a round of its rows. */
export type BulkFact =
  | 'made'
  | 'rows_checked'
  | 'ready'
  | 'agreed'
  | 'rows_submitting'
  | 'rows_answered'
  | 'paused'
  | 'resumed'
  | 'cancelled'
  | 'expired'
  | 'done';

type BulkMessage = Extract<MessageTemplate, `bulk.${string}`>;

/** Appends an event and, where one is named, a message to the owner. */
export async function tell(
  context: Pick<BulkContext, 'random'>,
  tx: Tx,
  told: {
    readonly bulk: Bulk;
    readonly fact: BulkFact;
    readonly nowMs: number;
    readonly reason?: BulkReason | undefined;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly message?: BulkMessage | undefined;
    readonly total?: Pick<BulkSum, 'count' | 'amountSen'> & { readonly leftCount: number };
  },
): Promise<void> {
  const { bulk, nowMs, reason, total } = told;
  await recordEvents(tx, [
    {
      atMs: nowMs,
      kind: `bulk.${told.fact}`,
      subject: bulk.id,
      data: {
        customerId: bulk.customerId,
        ...(reason !== undefined && { reason }),
        ...(total && {
          count: total.count,
          amountSen: total.amountSen,
          leftCount: total.leftCount,
        }),
        ...told.data,
      },
    },
  ]);
  if (!told.message) return;
  await insertMessage(tx, {
    id: newId('msg', nowMs, context.random),
    customerId: bulk.customerId,
    template: told.message,
    nowMs,
    params: {
      amountSen: String(total?.amountSen ?? bulk.agreed?.amountSen ?? 0n),
      name: bulk.name,
      reference: bulk.id,
      atMs: String(nowMs),
      count: String(total?.count ?? bulk.rowCount),
      leftCount: String(total?.leftCount ?? 0),
      ...(reason !== undefined && { reason }),
    },
  });
}
