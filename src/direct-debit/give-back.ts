/** Giving a direct debit back: all of it by a cancellation on the same day, some or all by refunds, in one commit with the reversal of its
 * transfer. The ledger lets no more come back than was taken, whoever asks and under whatever number (T7). */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { Companion, PostRefusal } from '../ledger/port.ts';
import { dayKey, type DebitContext } from './pay.ts';
import {
  insertDebitMessage,
  insertReturn,
  selectPrincipal,
  selectReturn,
  type DebitReturn,
  type DirectDebit,
} from './store.ts';

export type ReturnResult =
  | { readonly ok: true; readonly returned: DebitReturn }
  | {
      readonly ok: false;
      /** `not_paid`: there is nothing to give back. `too_late`: it was made on another day. `over`: more than is left. */
      readonly reason: 'not_paid' | 'too_late' | 'over' | 'conflict' | PostRefusal;
      readonly original?: DebitReturn;
    };

export interface ReturnCommand {
  readonly debit: DirectDebit;
  readonly kind: 'cancel' | 'refund';
  readonly partnerRefundNo: string;
  readonly requestHash: Buffer;
  readonly amountSen: Sen;
  readonly reason: string;
  /** Whose name the customer reads. */
  readonly partnerName: string;
}

interface ReturnWrite {
  readonly returned: DebitReturn;
  readonly customerId: string;
  readonly partnerName: string;
  readonly messageId: string;
}

type Context = Pick<DebitContext, 'db' | 'time' | 'random' | 'ledger'>;

/** Gives it back, once per number; a repeat gets the first answer. Throws DbFault, LedgerBusy. */
export async function giveBackDebit(
  context: Context,
  command: ReturnCommand,
): Promise<ReturnResult> {
  const { debit } = command;
  const number = { partnerId: debit.partnerId, partnerRefundNo: command.partnerRefundNo };
  const known = await selectReturn(context.db, number);
  if (known) return repeatOf(known, command);
  if (debit.outcome !== 'paid' || debit.paymentId === undefined)
    return { ok: false, reason: 'not_paid' };
  const nowMs = context.time.now();
  if (command.kind === 'cancel' && wibDate(nowMs) !== wibDate(debit.madeAtMs))
    return { ok: false, reason: 'too_late' };
  const transferId = await selectPrincipal(context.db, debit.paymentId);
  if (transferId === undefined) return { ok: false, reason: 'too_late' };
  const returned: DebitReturn = {
    id: newId('ddr', nowMs, context.random),
    debitId: debit.id,
    kind: command.kind,
    ...number,
    requestHash: command.requestHash,
    amountSen: command.amountSen,
    reason: command.reason,
    madeAtMs: nowMs,
  };
  const day = wibDate(nowMs);
  const result = await context.ledger.post({
    key: keyOf(returned),
    requestHash: command.requestHash,
    paymentId: returned.id,
    legs: [{ kind: 'reverse', line: 'correction', transferId, amount: command.amountSen }],
    // What came back on its day may be taken again on it: the customer bounded what is gone, not how often it is asked.
    ...(day === wibDate(debit.madeAtMs) && {
      counters: [{ kind: 'give_back', key: dayKey(debit), amount: command.amountSen }],
    }),
    valueDate: day,
    businessDate: day,
    companion: {
      of: returnCompanion as Companion<never>,
      row: {
        returned,
        customerId: debit.customerId,
        partnerName: command.partnerName,
        messageId: newId('msg', nowMs, context.random),
      } satisfies ReturnWrite,
    },
  });
  faultPoint('directDebit.afterReturn');
  if (result.ok && !result.repeated) return { ok: true, returned };
  const first = await selectReturn(context.db, number);
  if (first) return repeatOf(first, command);
  if (!result.ok && result.reason !== 'key_conflict')
    return { ok: false, reason: refusalOf(result.reason) };
  return { ok: false, reason: 'conflict' };
}

/** A refund has its partner's number. A cancellation has none, so each try has a key of its own, or a refusal (no money in the partner's
 * account) would stand for ever: that it gives back once is the ledger's own rule about reversals, and SQL's (direct_debit_return_cancel). */
function keyOf({ kind, id, partnerId, partnerRefundNo }: DebitReturn): string {
  return kind === 'cancel'
    ? `debit-cancel:${partnerRefundNo}:${id}`
    : `debit-back:${partnerId}:${partnerRefundNo}`;
}

function repeatOf(known: DebitReturn, command: ReturnCommand): ReturnResult {
  const isSame =
    known.debitId === command.debit.id && known.requestHash.equals(command.requestHash);
  return isSame
    ? { ok: true, returned: known }
    : { ok: false, reason: 'conflict', original: known };
}

function refusalOf(reason: PostRefusal): PostRefusal | 'over' {
  return reason === 'already_reversed' || reason === 'amount_above_transfer' ? 'over' : reason;
}

const returnCompanion: Companion<ReturnWrite> = {
  name: 'direct_debit',
  async write(tx, rows) {
    for (const { row, posted } of rows) await writeOne(tx, row, posted.transferIds[0]!);
  },
};

async function writeOne(tx: Tx, row: ReturnWrite, transferId: bigint): Promise<void> {
  const { returned } = row;
  await insertReturn(tx, { ...returned, transferId });
  await insertDebitMessage(tx, {
    id: row.messageId,
    customerId: row.customerId,
    template: 'direct_debit.returned',
    params: JSON.stringify({
      amountSen: String(returned.amountSen),
      name: row.partnerName,
      reference: returned.id,
      atMs: String(returned.madeAtMs),
    }),
    now: new Date(returned.madeAtMs),
  });
  await recordEvents(tx, [
    {
      atMs: returned.madeAtMs,
      kind: returned.kind === 'cancel' ? 'direct_debit.cancelled' : 'direct_debit.refunded',
      subject: returned.debitId,
      data: { returnId: returned.id, amountSen: String(returned.amountSen) },
    },
  ]);
}
