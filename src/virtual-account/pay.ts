/** Paying a virtual account: money from the paying partner's settlement account to the corporate's, the state of the bill, the answer and
 * the notice to the corporate, all in one commit of the ledger. A request is decided once, for ever: whoever asks again under the same id
 * is told the same, also where the answer was no (T6). */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { Companion, Counter, LedgerPort, PostRefusal, PostResult } from '../ledger/port.ts';
import { queueNotices } from '../notify/partner-notice.ts';
import { partnerCounters } from '../payment/limits.ts';
import type { PartnerDay } from '../payment/port.ts';
import { leftOf, refuseVa, type VirtualAccount } from './decide.ts';
import { addPaid, insertVaPayments, selectVa, selectVaPayment, type VaPayment } from './store.ts';

export interface VaContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly ledger: Pick<LedgerPort, 'post'>;
}

export interface PayCommand {
  readonly partnerId: string;
  readonly settlementAccount: string;
  /** The paying partner's id of this request; with the partner it is the durable key. */
  readonly requestId: string;
  /** SHA-256 over what identifies the request: number, amount, ids. */
  readonly requestHash: Buffer;
  readonly number: string;
  readonly amountSen: Sen;
  /** What the paying partner may move on a day by its contract; a bill counts there as a transfer does. */
  readonly partnerDay?: PartnerDay;
  /** What the answer repeats, JSON text. */
  readonly echo: string;
  /** Asked before the ledger, once: a reason of the gate or of the rules that stands against it, or where the payer's own limits count it. */
  readonly examine: (va: VirtualAccount) => Promise<VaExamined>;
}

/** What stands against a payment, or what it counts under beside the bill and the partner's contract. */
export type VaExamined =
  | { readonly refusal: string }
  | { readonly refusal?: undefined; readonly counters: readonly Counter[] };

export type PayResult =
  | { readonly ok: true; readonly payment: VaPayment }
  /** Another request stands under this id; what became of it. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly original: VaPayment | undefined }
  /** The ledger refused, under this id for ever. */
  | { readonly ok: false; readonly reason: PayRefusal };

type PayRefusal = Exclude<PostRefusal, 'limit_exceeded'> | 'already_paid' | 'above_daily_limit';

interface VaWrite {
  readonly payment: VaPayment;
  readonly va: VirtualAccount | undefined;
}

/** Pays, or says why not. Throws DbFault, LedgerBusy: then nobody knows yet, and the same request may be asked again. */
export async function payVa(context: VaContext, command: PayCommand): Promise<PayResult> {
  const known = await selectVaPayment(context.db, command);
  if (known) return repeatOf(known, command);
  const va = await selectVa(context.db, command.number);
  const nowMs = context.time.now();
  const first = refuseVa(va, { nowMs, amountSen: command.amountSen });
  const examined: VaExamined =
    first === undefined && va ? await command.examine(va) : { refusal: first ?? 'invalid' };
  const { refusal } = examined;
  const payment: VaPayment = {
    id: newId('vap', nowMs, context.random),
    partnerId: command.partnerId,
    requestId: command.requestId,
    requestHash: command.requestHash,
    number: command.number,
    outcome: refusal ?? 'paid',
    amountSen: command.amountSen,
    ...(va?.amountSen !== undefined && { totalSen: va.amountSen }),
    echo: command.echo,
    madeAtMs: nowMs,
  };
  const day = wibDate(nowMs);
  const result = await context.ledger.post({
    key: `va:${command.partnerId}:${command.requestId}`,
    requestHash: command.requestHash,
    paymentId: payment.id,
    legs:
      refusal !== undefined
        ? []
        : [
            {
              kind: 'single',
              line: 'principal',
              debit: command.settlementAccount,
              credit: va!.account,
              amount: command.amountSen,
            },
          ],
    ...(examined.refusal === undefined && {
      counters: [...countersOf(va!, { ...command, day }), ...examined.counters],
    }),
    valueDate: day,
    businessDate: day,
    companion: { of: vaCompanion as Companion<never>, row: { payment, va } satisfies VaWrite },
  });
  faultPoint('virtualAccount.afterCommit');
  if (!result.ok && result.reason !== 'key_conflict')
    return { ok: false, reason: refusalOf(result) };
  if (result.ok && !result.repeated) return { ok: true, payment };
  const original = await selectVaPayment(context.db, command);
  return original ? repeatOf(original, command) : { ok: false, reason: 'conflict', original };
}

function repeatOf(known: VaPayment, command: PayCommand): PayResult {
  if (known.requestHash.equals(command.requestHash)) return { ok: true, payment: known };
  return { ok: false, reason: 'conflict', original: known };
}

/** Of two who pay one bill at once somebody else has paid what was left; any other limit is the paying partner's own. */
function refusalOf({ reason, counter }: Extract<PostResult, { ok: false }>): PayRefusal {
  if (reason !== 'limit_exceeded') return reason;
  return counter?.startsWith(LEFT) ? 'already_paid' : 'above_daily_limit';
}

/** What is left is counted under a lock beside the money: of two who pay one bill at once, exactly what fits passes. */
function countersOf(
  va: VirtualAccount,
  asked: Pick<PayCommand, 'partnerId' | 'amountSen' | 'partnerDay'> & { readonly day: string },
): readonly Counter[] {
  const { amountSen: amount } = asked;
  const left: readonly Counter[] =
    leftOf(va) === undefined
      ? []
      : [{ kind: 'spend', key: `${LEFT}${va.number}`, amount, amountMax: va.amountSen! }];
  return [...left, ...partnerCounters(asked)];
}

const LEFT = 'va|';

const vaCompanion: Companion<VaWrite> = {
  name: 'virtual_account',
  async write(tx, rows) {
    const written = rows.map(({ row, posted }) => ({
      ...row.payment,
      transferId: row.payment.outcome === 'paid' ? posted.transferIds[0] : undefined,
    }));
    const paid = rows.filter(({ row }) => row.payment.outcome === 'paid').map(({ row }) => row);
    await insertVaPayments(tx, written);
    if (paid.length > 0) {
      const moved = await addPaid(
        tx,
        paid.map(({ payment }) => ({ ...payment, atMs: payment.madeAtMs })),
      );
      const numbers = new Set(paid.map(({ payment }) => payment.number));
      assert(moved === numbers.size, 'a virtual account that is paid is there');
    }
    await recordEvents(
      tx,
      rows.map(({ row: { payment } }) => ({
        atMs: payment.madeAtMs,
        kind: payment.outcome === 'paid' ? 'virtual_account.paid' : 'virtual_account.refused',
        subject: payment.id,
        data: {
          partnerId: payment.partnerId,
          amountSen: String(payment.amountSen),
          outcome: payment.outcome,
        },
      })),
    );
    await queueNotices(tx, paid.map(noticeOf));
  },
};

function noticeOf({ payment, va }: VaWrite) {
  return {
    partnerId: va!.partnerId,
    facts: {
      paymentId: payment.id,
      number: payment.number,
      serviceId: va!.serviceId,
      customerNo: va!.customerNo,
      name: va!.name,
      trxId: va!.trxId,
      requestId: payment.requestId,
      amountSen: String(payment.amountSen),
      ...(payment.totalSen !== undefined && { totalSen: String(payment.totalSen) }),
      atMs: payment.madeAtMs,
    },
  };
}
