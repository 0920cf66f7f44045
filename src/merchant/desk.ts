/** What the bank's people do about merchants: open and close them, give back for one who asks at a branch. Two people for each (I5), one for a
 * refund up to a configured sum. Owns the requests and their words; what a refund may be and its money are the payment slice's. */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Db, Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { isDeposit } from '../ledger/store-account.ts';
import { isRefundable, leftOf } from '../payment/sale/decide-refund.ts';
import type { RefundRefusal } from '../payment/port.ts';
import type { SalePort } from '../payment/sale/port.ts';
import { createMerchants } from './open.ts';
import type { MerchantDraft } from './port.ts';
import {
  closeMerchant,
  insertDecision,
  insertEnd,
  insertRequest,
  isNmidTaken,
  listRequests,
  listWarnings,
  nextSerial,
  selectRequest,
  sumAlone,
  type RequestListRow,
  type RequestRow,
  type WarningRow,
} from './store-desk.ts';
import { selectMerchant } from './store.ts';

/** A merchant to open, as staff write it down. */
export type NewMerchant = Omit<MerchantDraft, 'id' | 'serial' | 'partnerId'>;

/** What staff ask for. */
export type DeskAsk =
  | { readonly kind: 'open'; readonly merchant: NewMerchant }
  | { readonly kind: 'close'; readonly merchantId: string }
  | {
      readonly kind: 'refund';
      readonly merchantId: string;
      readonly saleId: string;
      readonly amountSen: Sen;
    };

/** Why nothing was done, a refund's own reasons among them. */
export type DeskRefusal =
  | RefundRefusal
  | 'not_found'
  | 'not_waiting'
  | 'same_person'
  | 'not_yours'
  | 'merchant_not_found'
  | 'merchant_closed'
  | 'nmid_taken'
  | 'key_taken';

export type DeskResult =
  | { readonly ok: true; readonly state: 'asked' | 'opened' | 'closed' | 'refunded' | 'withdrawn' }
  | { readonly ok: false; readonly reason: DeskRefusal };

export interface MerchantDesk {
  /** Up to here, all of a day together, one person refunds alone. */
  refundAloneSen(): Promise<Sen>;
  /** The newest hundred, those that wait first. */
  list(): Promise<readonly RequestListRow[]>;
  /** Asks; a refund that needs no second person is done. `id` is the durable key of what is asked: the same again gets the same answer. */
  ask(input: {
    readonly id: string;
    readonly ask: DeskAsk;
    readonly reason: string;
    readonly staffId: string;
  }): Promise<DeskResult>;
  /** The second person; also carries out a refund whose end nobody knows. */
  approve(input: { readonly id: string; readonly staffId: string }): Promise<DeskResult>;
  withdraw(input: { readonly id: string; readonly staffId: string }): Promise<DeskResult>;
  /** Codes that spoke against themselves, the newest hundred, of one merchant or of all. */
  warnings(of: { readonly merchantId?: string }): Promise<readonly WarningRow[]>;
}

interface DeskContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly bank: BankProfile;
  readonly sales: Pick<SalePort, 'find' | 'refund' | 'refundAloneSen' | 'refundWindowMs'>;
}

const DAY_MS = 86_400_000;

/** What each ask leaves. */
const ASKED = {
  open: 'merchant.open_asked',
  close: 'merchant.close_asked',
  refund: 'merchant.refund_asked',
} as const;

/** Opens it. */
export function openMerchantDesk(context: DeskContext): MerchantDesk {
  return {
    refundAloneSen: () => context.sales.refundAloneSen(),
    list: () => listRequests(context.db),
    ask: (input) => ask(context, input),
    approve: (input) => approve(context, input),
    withdraw: (input) => withdraw(context, input),
    warnings: (of) => listWarnings(context.db, of),
  };
}

async function ask(
  context: DeskContext,
  input: Parameters<MerchantDesk['ask']>[0],
): Promise<DeskResult> {
  const { db, time } = context;
  const reason = await refuseAsk(context, input.ask);
  const known = await selectRequest(db, input.id);
  if (known) return repeat(context, { known, input });
  if (reason) return { ok: false, reason };
  const nowMs = time.now();
  const facts = factsOf(context, { ask: input.ask, nowMs });
  const { staffId } = input;
  const isNew = await db.tx(async (tx) => {
    const row = { id: input.id, ...facts, reason: input.reason, staffId, nowMs };
    if (!(await insertRequest(tx, row))) return false;
    await recordEvents(tx, [
      actEvent(ASKED[input.ask.kind], {
        id: input.id,
        nowMs,
        data: {
          by: staffId,
          merchant: facts.merchantId,
          ...(input.ask.kind === 'refund' && {
            sale: input.ask.saleId,
            amountSen: String(facts.amountSen),
          }),
        },
      }),
    ]);
    return true;
  });
  const made = await selectRequest(db, input.id);
  assert(made, 'a request that was written is there');
  return isNew ? goOn(context, made) : repeat(context, { known: made, input });
}

/** Why there is nothing to ask for; a refund is looked at again when its money moves. */
async function refuseAsk(
  { db, sales, time }: DeskContext,
  asked: DeskAsk,
): Promise<DeskRefusal | undefined> {
  if (asked.kind === 'open') {
    if (!(await isDeposit(db, asked.merchant.settlementAccount))) return 'account_not_found';
    return (await isNmidTaken(db, asked.merchant.nmid)) ? 'nmid_taken' : undefined;
  }
  const merchant = await selectMerchant(db, asked.merchantId);
  if (!merchant) return 'merchant_not_found';
  if (asked.kind === 'close')
    return merchant.closedAtMs === undefined ? undefined : 'merchant_closed';
  const sale = await sales.find(asked.saleId);
  if (!sale || sale.merchantId !== merchant.id) return 'sale_not_found';
  if (!isRefundable(sale)) return 'sale_not_made';
  if (time.now() - sale.madeAtMs > (await sales.refundWindowMs())) return 'refund_window_over';
  return asked.amountSen > leftOf(sale) ? 'above_sale' : undefined;
}

function factsOf(
  context: DeskContext,
  { ask: asked, nowMs }: { readonly ask: DeskAsk; readonly nowMs: number },
) {
  switch (asked.kind) {
    case 'open':
      return {
        kind: asked.kind,
        merchantId: newId('mer', nowMs, context.random),
        amountSen: 0n,
        draft: canonicalJson(asked.merchant),
      } as const;
    case 'close':
      return { kind: asked.kind, merchantId: asked.merchantId, amountSen: 0n } as const;
    case 'refund':
      return {
        kind: asked.kind,
        merchantId: asked.merchantId,
        saleId: asked.saleId,
        amountSen: asked.amountSen,
      } as const;
  }
}

/** The same again gets the answer of the first; something else under the same key does not. */
async function repeat(
  context: DeskContext,
  of: { readonly known: RequestRow; readonly input: Parameters<MerchantDesk['ask']>[0] },
): Promise<DeskResult> {
  const { known } = of;
  const { ask: asked, staffId } = of.input;
  const isSame =
    known.kind === asked.kind &&
    known.asked_by === staffId &&
    (asked.kind === 'open'
      ? known.draft === canonicalJson(asked.merchant)
      : known.merchant_id === asked.merchantId) &&
    (asked.kind !== 'refund' ||
      (known.sale_id === asked.saleId && known.amount_sen === asked.amountSen));
  return isSame ? goOn(context, known) : { ok: false, reason: 'key_taken' };
}

/** A small refund goes its way without a second person while the sum of that person's day is small, everything else waits for one. */
async function goOn(context: DeskContext, request: RequestRow): Promise<DeskResult> {
  if (request.decision !== null) return endOf(context, request);
  const aloneMaxSen = await context.sales.refundAloneSen();
  const isAlone = request.kind === 'refund' && request.amount_sen <= aloneMaxSen;
  return isAlone ? decide(context, request, request.asked_by) : { ok: true, state: 'asked' };
}

async function approve(
  context: DeskContext,
  { id, staffId }: { readonly id: string; readonly staffId: string },
): Promise<DeskResult> {
  const request = await selectRequest(context.db, id);
  if (!request) return { ok: false, reason: 'not_found' };
  if (request.decision !== null) {
    const isOpen =
      request.decision === 'approved' &&
      request.kind === 'refund' &&
      request.payment_id === null &&
      request.refusal === null;
    return isOpen ? endOf(context, request) : { ok: false, reason: 'not_waiting' };
  }
  if (request.asked_by === staffId) return { ok: false, reason: 'same_person' };
  return decide(context, request, staffId);
}

async function withdraw(
  { db, time }: DeskContext,
  { id, staffId }: { readonly id: string; readonly staffId: string },
): Promise<DeskResult> {
  const request = await selectRequest(db, id);
  if (!request) return { ok: false, reason: 'not_found' };
  if (request.asked_by !== staffId) return { ok: false, reason: 'not_yours' };
  const nowMs = time.now();
  const isDone = await db.tx(async (tx) => {
    const aloneMaxSen = 0n;
    const word = { request, decision: 'withdrawn', staffId, aloneMaxSen, nowMs } as const;
    if (!(await insertDecision(tx, word))) return false;
    const data = { by: staffId, what: request.kind };
    await recordEvents(tx, [actEvent('merchant.request_withdrawn', { id, nowMs, data })]);
    return true;
  });
  return isDone ? { ok: true, state: 'withdrawn' } : { ok: false, reason: 'not_waiting' };
}

/** The word and, where the database alone does it, the deed in one commit. A refund follows: its number is the request, so that however often
 * it is carried out it gives back once. */
async function decide(
  context: DeskContext,
  request: RequestRow,
  staffId: string,
): Promise<DeskResult> {
  const { db, time } = context;
  const nowMs = time.now();
  const aloneMaxSen = await context.sales.refundAloneSen();
  const refusal = await db
    .tx(async (tx): Promise<DeskRefusal | 'needs_second' | undefined> => {
      const refused = await carryOut(context, { tx, request, staffId, nowMs });
      if (refused) return refused;
      if (staffId === request.asked_by) {
        const since = { staffId, sinceMs: nowMs - DAY_MS };
        if ((await sumAlone(tx, since)) + request.amount_sen > aloneMaxSen) throw new NeedsSecond();
      }
      const word = { request, decision: 'approved', staffId, aloneMaxSen, nowMs } as const;
      // Whoever was quicker has decided: what was done here is rolled back.
      if (!(await insertDecision(tx, word))) throw new AlreadyDecided();
      return undefined;
    })
    .catch((error: unknown) => {
      if (error instanceof AlreadyDecided) return 'not_waiting' as const;
      if (error instanceof NeedsSecond) return 'needs_second' as const;
      throw error;
    });
  if (refusal === 'needs_second') return { ok: true, state: 'asked' };
  if (refusal) return { ok: false, reason: refusal };
  return endOf(context, { ...request, decision: 'approved', decided_by: staffId });
}

/** Somebody else's word stands already. */
class AlreadyDecided extends Error {}

/** One person has given back enough alone for a day. */
class NeedsSecond extends Error {}

async function carryOut(
  context: DeskContext,
  of: {
    readonly tx: Tx;
    readonly request: RequestRow;
    readonly staffId: string;
    readonly nowMs: number;
  },
): Promise<DeskRefusal | undefined> {
  const { tx, request, staffId, nowMs } = of;
  const people = { proposedBy: request.asked_by, approvedBy: staffId };
  const { merchant_id: merchantId, id } = request;
  switch (request.kind) {
    case 'open':
      return openOne(context, of);
    case 'close':
      if (!(await closeMerchant(tx, { id: merchantId, nowMs }))) return 'merchant_closed';
      await recordEvents(tx, [
        actEvent('merchant.closed', { id: merchantId, nowMs, data: people }),
      ]);
      return undefined;
    case 'refund':
      await recordEvents(tx, [
        actEvent('merchant.refund_approved', {
          id,
          nowMs,
          data: { ...people, sale: request.sale_id ?? '', amountSen: String(request.amount_sen) },
        }),
      ]);
      return undefined;
  }
}

async function openOne(
  { bank, random }: DeskContext,
  of: {
    readonly tx: Tx;
    readonly request: RequestRow;
    readonly staffId: string;
    readonly nowMs: number;
  },
): Promise<DeskRefusal | undefined> {
  const { tx, request, nowMs } = of;
  // Written by us: see `factsOf`.
  const draft = JSON.parse(request.draft!) as NewMerchant;
  if (!(await isDeposit(tx, draft.settlementAccount))) return 'account_not_found';
  const serial = await nextSerial(tx);
  if (await isNmidTaken(tx, draft.nmid)) return 'nmid_taken';
  const merchants = [{ ...draft, id: request.merchant_id, serial }];
  await createMerchants(tx, { nowMs, bank, random, merchants });
  const data = {
    proposedBy: request.asked_by,
    approvedBy: of.staffId,
    merchant: request.merchant_id,
  };
  await recordEvents(tx, [actEvent('merchant.open_approved', { id: request.id, nowMs, data })]);
  return undefined;
}

/** What became of a decided request; carries out a refund that nobody saw the end of. */
async function endOf(context: DeskContext, request: RequestRow): Promise<DeskResult> {
  if (request.decision === 'withdrawn') return { ok: false, reason: 'not_waiting' };
  if (request.kind !== 'refund')
    return { ok: true, state: request.kind === 'open' ? 'opened' : 'closed' };
  if (request.payment_id !== null) return { ok: true, state: 'refunded' };
  if (request.refusal !== null) return { ok: false, reason: request.refusal as RefundRefusal };
  const { db, time, sales } = context;
  const result = await sales.refund({
    saleId: request.sale_id!, // of every refund, by a check of its table
    merchantId: request.merchant_id,
    refundNumber: request.id,
    amountSen: sen(request.amount_sen),
    reason: request.reason,
    channel: 'console',
    askedBy: request.asked_by,
  });
  const nowMs = time.now();
  // Nothing was decided: the same request may be carried out again.
  if (!result.ok && (result.reason === 'busy' || result.reason === 'throttled'))
    return { ok: false, reason: result.reason };
  await insertEnd(db, {
    requestId: request.id,
    nowMs,
    ...(result.ok ? { paymentId: result.refund.paymentId } : { refusal: result.reason }),
  });
  return result.ok ? { ok: true, state: 'refunded' } : { ok: false, reason: result.reason };
}

function actEvent(
  kind: string,
  of: {
    readonly id: string;
    readonly nowMs: number;
    readonly data: Readonly<Record<string, string>>;
  },
): EventDraft {
  return { kind, subject: of.id, atMs: of.nowMs, data: of.data };
}
