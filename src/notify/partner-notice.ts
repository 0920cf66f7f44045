/** Notices to partners: what one is about, as facts. It is written in the commit that makes the fact true, for partners with a live
 * endpoint only; the SNAP channel gives it its words and sends it. Owns no wire form and decides nothing. */
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import type { Tx } from '../db/pool.ts';
import { insertNotices, selectNoticeTakers } from './store.ts';

/** A transfer of a partner that reached a final state. Amounts are sen as decimal text, times UTC ms. */
export interface TransferFacts {
  readonly paymentId: string;
  readonly partnerReferenceNo: string;
  readonly kind: string;
  readonly state: string;
  readonly outcomeCode?: string;
  readonly amountSen: string;
  readonly creditAccount: string;
  readonly creditorName: string;
  readonly counterpartyBank?: string;
  readonly atMs: number;
}

/** A virtual account of a corporate that was paid. */
export interface VaFacts {
  readonly paymentId: string;
  readonly number: string;
  readonly serviceId: string;
  readonly customerNo: string;
  readonly name: string;
  readonly trxId: string;
  readonly requestId: string;
  readonly amountSen: string;
  readonly totalSen?: string;
  readonly atMs: number;
}

/** A sale of a merchant that the partner makes codes for. */
export interface SaleFacts {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly terminal?: string;
  readonly state: string;
  readonly amountSen: string;
  /** Of a dynamic code: its id, and the reference that the partner gave it. */
  readonly codeId?: string;
  readonly partnerReferenceNo?: string;
  readonly atMs: number;
}

export type NoticeKind = 'transfer' | 'va_payment' | 'qris_sale';

type NoticeFacts = TransferFacts | VaFacts | SaleFacts;

export interface PartnerNotice {
  readonly partnerId: string;
  readonly facts: NoticeFacts;
}

/** Digits of an external id: far below the 36 that SNAP allows, far above any chance of meeting another. */
const EXTERNAL_ID_BYTES = 12;

/** Queues notices, one per fact however often it is asked. Part of the commit of the fact. Most partners take none: who does is asked
 * once for all, before anything is spelled; the insert asks again, so an endpoint that ends in between gets none. */
export async function queueNotices(tx: Tx, notices: readonly PartnerNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const partnerIds = new Set(notices.map(({ partnerId }) => partnerId));
  const takers = await selectNoticeTakers(tx, [...partnerIds]);
  const owed = notices.filter(({ partnerId }) => takers.has(partnerId));
  if (owed.length === 0) return;
  await insertNotices(
    tx,
    owed.map(({ partnerId, facts }) => ({
      id: `${'merchantId' in facts ? 'nts' : 'ntc'}_${facts.paymentId.replace(/^[a-z]+_/, '')}`,
      partnerId,
      kind: kindOf(facts),
      subject: facts.paymentId,
      externalId: externalIdOf(`${kindOf(facts)}:${facts.paymentId}`),
      facts: canonicalJson({ ...facts }),
      atMs: facts.atMs,
    })),
  );
}

function kindOf(facts: NoticeFacts): NoticeKind {
  if ('merchantId' in facts) return 'qris_sale';
  return 'number' in facts ? 'va_payment' : 'transfer';
}

function externalIdOf(fact: string): string {
  return BigInt(`0x${sha256(fact).subarray(0, EXTERNAL_ID_BYTES).toString('hex')}`).toString();
}
