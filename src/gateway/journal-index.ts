/** What the gateway must know of its own past to decide in microseconds: a fold over the journal, kept in memory and rebuilt
 * at start. Owns no file. What is older than the retention is forgotten; ids that old are refused by their date instead. */
import type { NetworkIds } from '../authorisation/form.ts';
import type { RailName } from '../authorisation/instruction.ts';
import type { RailAnswer } from '../rail/contract.ts';
import {
  railOfEntry,
  type JournalBody,
  type JournalEntry,
  type RefusalReason,
} from '../rail/journal-entry.ts';
import type { RailNotice } from '../rail/notice.ts';
import { makeAcquiredBook, type AcquiredBook, type AcquiredView } from './acquired-book.ts';

/** Burned jtis, ids and lines stay known this long. Far longer than a token lives and than ids are accepted (`ID_AGE_DAYS_MAX`). */
const RETAIN_MS = 10 * 86_400_000;
/** How far the clock that made a jti may have been behind ours when we burned it. */
const FORGET_MARGIN_MS = 86_400_000;

/** What became of one jti. */
export interface Burn {
  readonly jti: string;
  readonly paymentId: string;
  readonly atMs: number;
  readonly state: 'intent' | 'voided' | 'outcome';
  /** Absent for a void. */
  readonly sent?: NetworkIds & {
    readonly rail: RailName;
    readonly peer: string;
    readonly instructionHash: string;
    readonly amountSen: string;
  };
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
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly reason: string;
  readonly staffId: string;
  readonly atMs: number;
}

export interface JournalIndex {
  apply(entry: JournalEntry): void;
  burn(jti: string): Burn | undefined;
  /** The burn that used this network id, or second id, on whichever rail. */
  burnOfId(id: string): Burn | undefined;
  quarantineOf(fingerprint: string): Quarantine | undefined;
  quarantines(): readonly Quarantine[];
  latches(): readonly Latch[];
  hasLine(rail: RailName, lineId: string): boolean;
  hasInbound(key: string): boolean;
  hasStatement(rail: RailName, businessDate: string): boolean;
  /** Where a rail's feed was read up to. */
  feedCursor(rail: RailName): string;
  /** When we had the network close our own outbound. */
  suspendedAtMs(rail: RailName): number | undefined;
  facts(): IndexFacts;
  /** Other banks' cards at our machines. */
  readonly acquired: AcquiredView;
}

export interface IndexFacts {
  readonly head: number;
  /** No entry: never opened. */
  readonly firstAtMs: number | undefined;
  /** When two people opened this journal as new: tokens issued before are stale, ids before may be unknown to it. */
  readonly openedNewAtMs: number | undefined;
  /** No clock of ours may read less. */
  readonly timeFloorMs: number;
  /** What was made before may have been known here, and be forgotten. */
  readonly forgottenBeforeMs: number;
}

/** One key per message that came in, so that the hub's repeat is not journalled twice. */
export function inboundKey(notice: RailNotice): string {
  switch (notice.kind) {
    case 'credit':
    case 'credit_settled':
      return `${notice.kind}:${notice.bizMsgIdr}`;
    case 'outcome': {
      const { answer } = notice;
      const word = answer.outcome === 'accepted' && answer.isFinal ? 'settled' : answer.outcome;
      return `outcome:${notice.bizMsgIdr}:${word}:${'code' in answer ? answer.code : ''}`;
    }
    case 'account_enquiry':
      return `enquiry:${notice.account}`;
    case 'request':
    case 'reversal':
    case 'machine':
    case 'reversal_given_up':
      return `${notice.kind}:${notice.bizMsgIdr}`;
    case 'statement':
      return `statement:${ofRail(notice.rail, notice.businessDate)}`;
    case 'proxy_moved':
      return `proxy:${notice.registrationId}`;
    // Words about the network itself are asked for again and never journalled.
    case 'participants':
    case 'position':
      return `${notice.kind}:${ofRail(notice.rail, String(notice.madeAtMs))}`;
  }
}

/** Lines and dates are each rail's own; BI-FAST's are written as before there were others. */
function ofRail(rail: RailName, id: string): string {
  return rail === 'bifast' ? id : `${rail}:${id}`;
}

interface State {
  readonly burns: Map<string, Burn>;
  /** Network ids and second ids → jti. */
  readonly ids: Map<string, string>;
  readonly quarantines: Map<string, Quarantine>;
  readonly latches: Map<string, Latch>;
  readonly lines: Map<string, number>;
  readonly inbound: Map<string, number>;
  readonly statements: Set<string>;
  readonly feedCursors: Map<RailName, string>;
  readonly suspended: Map<RailName, number>;
  facts: IndexFacts;
  readonly acquired: AcquiredBook;
}

/** An empty index. */
export function makeIndex(): JournalIndex {
  const state: State = {
    burns: new Map(),
    ids: new Map(),
    quarantines: new Map(),
    latches: new Map(),
    lines: new Map(),
    inbound: new Map(),
    statements: new Set(),
    feedCursors: new Map(),
    suspended: new Map(),
    acquired: makeAcquiredBook(),
    facts: {
      head: 0,
      firstAtMs: undefined,
      openedNewAtMs: undefined,
      timeFloorMs: 0,
      forgottenBeforeMs: 0,
    },
  };
  return {
    apply({ position, atMs, body }) {
      const { facts } = state;
      const timeFloorMs = Math.max(facts.timeFloorMs, atMs);
      const beforeMs = timeFloorMs - RETAIN_MS;
      state.facts = {
        ...facts,
        head: position,
        firstAtMs: facts.firstAtMs ?? atMs,
        timeFloorMs,
        forgottenBeforeMs: beforeMs + FORGET_MARGIN_MS,
      };
      fold(state, body, atMs);
      forget(state, beforeMs);
    },
    burn: (jti) => state.burns.get(jti),
    burnOfId: (id) => burnOfId(state, id),
    quarantineOf: (fingerprint) => state.quarantines.get(fingerprint),
    quarantines: () => [...state.quarantines.values()],
    latches: () => [...state.latches.values()],
    hasLine: (rail, lineId) => state.lines.has(ofRail(rail, lineId)),
    hasInbound: (key) => state.inbound.has(key),
    hasStatement: (rail, businessDate) => state.statements.has(ofRail(rail, businessDate)),
    feedCursor: (rail) => state.feedCursors.get(rail) ?? '0',
    suspendedAtMs: (rail) => state.suspended.get(rail),
    facts: () => state.facts,
    acquired: state.acquired,
  };
}

function fold(state: State, body: JournalBody, atMs: number): void {
  switch (body.kind) {
    case 'opened':
      if (body.isNew) state.facts = { ...state.facts, openedNewAtMs: atMs };
      return;
    case 'intent':
      return foldIntent(state, body, atMs);
    case 'outcome':
      return foldAnswer(state.burns, state.burns.get(body.jti), body.answer);
    case 'void': {
      const { jti, paymentId } = body;
      return void state.burns.set(jti, { jti, paymentId, atMs, state: 'voided' });
    }
    case 'quarantined':
      return void state.quarantines.set(body.fingerprint, { ...body, atMs });
    case 'quarantine_lifted':
      for (const [fingerprint, { id }] of state.quarantines) {
        if (id === body.id) state.quarantines.delete(fingerprint);
      }
      return;
    case 'inbound':
      return foldInbound(state, body.notice as RailNotice, atMs); // written by this process from a typed value
    case 'feed':
      return void state.lines.set(ofRail(railOfEntry(body), body.line.lineId), atMs);
    case 'feed_alive':
      return void state.feedCursors.set(railOfEntry(body), body.cursor);
    case 'statement':
      return void state.statements.add(ofRail(railOfEntry(body), body.businessDate));
    case 'latched':
      return void state.latches.set(body.latchId, { ...body, atMs });
    case 'latch_lifted':
      return void state.latches.delete(body.latchId);
    case 'hub_control':
      if (body.action === 'suspend_out') state.suspended.set(railOfEntry(body), atMs);
      return;
    case 'acquired':
    case 'acquired_word':
    case 'take_back':
    case 'take_back_word':
    case 'acquired_never':
      return state.acquired.fold(body, atMs);
    case 'refused':
    case 'forged':
    case 'set_accepted':
    case 'set_refused':
    case 'file_fault':
      return;
  }
}

function foldIntent(
  state: State,
  body: Extract<JournalBody, { kind: 'intent' }>,
  atMs: number,
): void {
  const { jti, paymentId, bizMsgIdr, msgId, peer, instructionHash, amountSen } = body;
  const rail = railOfEntry(body);
  const ids = { bizMsgIdr, ...(msgId !== undefined && { msgId }) };
  const sent = { rail, ...ids, peer, instructionHash, amountSen };
  state.burns.set(jti, { jti, paymentId, atMs, state: 'intent', sent });
  for (const id of idsOf(ids)) state.ids.set(id, jti);
}

function foldInbound(state: State, notice: RailNotice, atMs: number): void {
  state.inbound.set(inboundKey(notice), atMs);
  if (notice.kind !== 'outcome') return;
  const burn = burnOfId(state, notice.bizMsgIdr);
  // A network speaks for what it carried and for nothing else.
  if (burn?.sent?.rail === notice.rail) foldAnswer(state.burns, burn, notice.answer);
}

function foldAnswer(burns: Map<string, Burn>, known: Burn | undefined, next: RailAnswer): void {
  if (!known || known.state === 'voided' || !isNewer(known.answer, next)) return;
  burns.set(known.jti, { ...known, state: 'outcome', answer: next });
}

function burnOfId(state: State, id: string): Burn | undefined {
  const jti = state.ids.get(id);
  return jti === undefined ? undefined : state.burns.get(jti);
}

/** Every id that a payment has on its network. */
export function idsOf({ bizMsgIdr, msgId }: NetworkIds): readonly string[] {
  return msgId === undefined ? [bizMsgIdr] : [bizMsgIdr, msgId];
}

/** Maps keep the order of insertion, so the oldest come first. */
function forget(state: State, beforeMs: number): void {
  for (const [jti, { atMs, sent }] of state.burns) {
    if (atMs >= beforeMs) break;
    state.burns.delete(jti);
    for (const id of sent ? idsOf(sent) : []) state.ids.delete(id);
  }
  for (const seen of [state.lines, state.inbound]) {
    for (const [key, atMs] of seen) {
      if (atMs >= beforeMs) break;
      seen.delete(key);
    }
  }
  state.acquired.forget(beforeMs);
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
