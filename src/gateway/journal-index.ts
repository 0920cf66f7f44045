/** What the gateway must know of its own past to decide in microseconds: a fold over the journal, kept in memory and rebuilt
 * at start. Owns no file. What is older than the retention is forgotten; ids that old are refused by their date instead. */
import type { RailAnswer } from '../rail/contract.ts';
import type { JournalBody, JournalEntry, RefusalReason } from '../rail/journal-entry.ts';
import type { RailNotice } from '../rail/notice.ts';

/** Burned jtis, ids and lines stay known this long. Far longer than a token lives and than ids are accepted (`ID_AGE_DAYS_MAX`). */
const RETAIN_MS = 10 * 86_400_000;

/** What became of one jti. */
export interface Burn {
  readonly jti: string;
  readonly paymentId: string;
  readonly atMs: number;
  readonly state: 'intent' | 'voided' | 'outcome';
  /** Absent for a void. */
  readonly sent?: { readonly bizMsgIdr: string; readonly msgId: string; readonly peer: string; readonly instructionHash: string; readonly amountSen: string };
  readonly answer?: RailAnswer;
}

export interface Quarantine {
  readonly id: string;
  readonly peer: string;
  readonly fingerprint: string;
  readonly reason: RefusalReason;
  readonly atMs: number;
}

export interface Latch {
  readonly latchId: string;
  readonly rail: 'bifast';
  readonly direction: 'out' | 'in';
  readonly reason: string;
  readonly staffId: string;
  readonly atMs: number;
}

export interface JournalIndex {
  apply(entry: JournalEntry): void;
  burn(jti: string): Burn | undefined;
  /** The burn that used this BizMsgIdr or MsgId. */
  burnOfId(id: string): Burn | undefined;
  quarantineOf(fingerprint: string): Quarantine | undefined;
  quarantines(): readonly Quarantine[];
  latches(): readonly Latch[];
  hasLine(lineId: string): boolean;
  hasInbound(key: string): boolean;
  hasStatement(businessDate: string): boolean;
  facts(): IndexFacts;
}

export interface IndexFacts {
  readonly head: number;
  /** No entry: never opened. */
  readonly firstAtMs: number | undefined;
  /** When two people opened this journal as new: tokens issued before are stale, ids before may be unknown to it. */
  readonly openedNewAtMs: number | undefined;
  /** No clock of ours may read less. */
  readonly timeFloorMs: number;
  readonly feedCursor: string;
  readonly suspendedAtMs: number | undefined;
}

/** One key per message that came in, so that the hub's repeat is not journalled twice. */
export function inboundKey(notice: RailNotice): string {
  switch (notice.kind) {
    case 'credit':
    case 'credit_settled':
      return `${notice.kind}:${notice.bizMsgIdr}`;
    case 'outcome':
      return `outcome:${notice.bizMsgIdr}:${notice.answer.outcome}:${'code' in notice.answer ? notice.answer.code : ''}`;
    case 'account_enquiry':
      return `enquiry:${notice.account}`;
    case 'statement':
      return `statement:${notice.businessDate}`;
  }
}

/** An empty index. */
export function makeIndex(): JournalIndex {
  const burns = new Map<string, Burn>();
  const ids = new Map<string, string>();
  const quarantines = new Map<string, Quarantine>();
  const latches = new Map<string, Latch>();
  const lines = new Map<string, number>();
  const inbound = new Map<string, number>();
  const statements = new Set<string>();
  let facts: IndexFacts = {
    head: 0, firstAtMs: undefined, openedNewAtMs: undefined, timeFloorMs: 0, feedCursor: '0', suspendedAtMs: undefined,
  };

  const answer = (jti: string | undefined, next: RailAnswer): void => {
    const known = jti === undefined ? undefined : burns.get(jti);
    if (known && known.state !== 'voided' && isNewer(known.answer, next)) burns.set(known.jti, { ...known, state: 'outcome', answer: next });
  };
  const fold = (body: JournalBody, atMs: number): void => {
    switch (body.kind) {
      case 'opened':
        if (body.isNew) facts = { ...facts, openedNewAtMs: atMs };
        return;
      case 'intent': {
        const { jti, paymentId, bizMsgIdr, msgId, peer, instructionHash, amountSen } = body;
        burns.set(jti, { jti, paymentId, atMs, state: 'intent', sent: { bizMsgIdr, msgId, peer, instructionHash, amountSen } });
        ids.set(bizMsgIdr, jti).set(msgId, jti);
        return;
      }
      case 'outcome':
        return answer(body.jti, body.answer);
      case 'void':
        return void burns.set(body.jti, { jti: body.jti, paymentId: body.paymentId, atMs, state: 'voided' });
      case 'quarantined':
        return void quarantines.set(body.fingerprint, { ...body, atMs });
      case 'quarantine_lifted':
        for (const [fingerprint, { id }] of quarantines) if (id === body.id) quarantines.delete(fingerprint);
        return;
      case 'inbound': {
        const notice = body.notice as RailNotice; // written by this process from a typed value
        inbound.set(inboundKey(notice), atMs);
        if (notice.kind === 'outcome') answer(ids.get(notice.bizMsgIdr), notice.answer);
        return;
      }
      case 'feed':
        return void lines.set(body.line.lineId, atMs);
      case 'feed_alive':
        facts = { ...facts, feedCursor: body.cursor };
        return;
      case 'statement':
        return void statements.add(body.businessDate);
      case 'latched':
        return void latches.set(body.latchId, { ...body, atMs });
      case 'latch_lifted':
        return void latches.delete(body.latchId);
      case 'hub_control':
        if (body.action === 'suspend_out') facts = { ...facts, suspendedAtMs: atMs };
        return;
      case 'refused':
      case 'forged':
      case 'set_accepted':
      case 'set_refused':
        return;
    }
  };
  const forget = (beforeMs: number): void => {
    for (const [jti, burn] of burns) {
      if (burn.atMs >= beforeMs) break;
      burns.delete(jti);
      if (burn.sent) ids.delete(burn.sent.bizMsgIdr), ids.delete(burn.sent.msgId);
    }
    for (const seen of [lines, inbound]) {
      for (const [key, atMs] of seen) {
        if (atMs >= beforeMs) break;
        seen.delete(key);
      }
    }
  };
  const burn = (jti: string | undefined): Burn | undefined => (jti === undefined ? undefined : burns.get(jti));

  return {
    apply({ position, atMs, body }) {
      facts = { ...facts, head: position, firstAtMs: facts.firstAtMs ?? atMs, timeFloorMs: Math.max(facts.timeFloorMs, atMs) };
      fold(body, atMs);
      forget(facts.timeFloorMs - RETAIN_MS);
    },
    burn,
    burnOfId: (id) => burn(ids.get(id)),
    quarantineOf: (fingerprint) => quarantines.get(fingerprint),
    quarantines: () => [...quarantines.values()],
    latches: () => [...latches.values()],
    hasLine: (lineId) => lines.has(lineId),
    hasInbound: (key) => inbound.has(key),
    hasStatement: (businessDate) => statements.has(businessDate),
    facts: () => facts,
  };
}

/** Settlement beats everything, a final refusal beats what is provisional, news beats `unknown`. */
function isNewer(known: RailAnswer | undefined, next: RailAnswer): boolean {
  return weight(next) >= weight(known);
}

function weight(answer: RailAnswer | undefined): number {
  if (!answer) return 0;
  switch (answer.outcome) {
    case 'unknown':
      return 1;
    case 'accepted':
      return answer.isFinal ? 5 : 2;
    case 'not_sent':
      return 3;
    case 'rejected':
      return 4;
  }
}
