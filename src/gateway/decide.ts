/** The gateway's verdict on one instruction (DESIGN.md 1.1), pure: quarantine, peer, token, environment, partition, instruction,
 * burn, opening, clock, life, ids, caps, latch and restrictions, in this order. Reads the index; writes nothing. */
import {
  counterpartyOf,
  instructionHash,
  networkIds,
  parseInstruction,
  type Instruction,
  type RailName,
} from '../authorisation/instruction.ts';
import type { RootMemory } from '../authorisation/batch.ts';
import { verifyToken, type KeyRing, type TokenClaims } from '../authorisation/token.ts';
import { throttlesOf } from '../gate/action.ts';
import type { FlowFacts, GateDecision } from '../gate/port.ts';
import type { Restriction } from '../gate/restriction.ts';
import { wibDate } from '../kernel/time.ts';
import type { RefusalReason } from '../rail/journal-entry.ts';
import type { RailRules } from './host.ts';
import { idsOf, type Burn, type JournalIndex } from './journal-index.ts';

/** Ids carry the date of their allocation; the index remembers ten days, so a repeat inside this window is always seen. */
const ID_AGE_DAYS_MAX = 3;
/** How far the signer's clock may be ahead of ours, and ours behind its own past. */
const CLOCK_SKEW_MS = 2_000;
const DAY_MS = 86_400_000;

/** An attack: the sender is quarantined at the first one. */
const HARD: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'no_token',
  'bad_signature',
  'unknown_key',
  'wrong_env',
  'wrong_partition',
  'instruction_changed',
  'already_used',
  'id_repeated',
  'id_invalid',
  'peer_not_admitted',
]);

/** An honest sender may do this in a slow hour: quarantined only after several. */
const SOFT: ReadonlySet<RefusalReason> = new Set<RefusalReason>(['expired', 'malformed']);

export type RefusalWeight = 'hard' | 'soft' | 'none';

/** What a refusal costs the sender. */
export function weightOf(reason: RefusalReason): RefusalWeight {
  return HARD.has(reason) ? 'hard' : SOFT.has(reason) ? 'soft' : 'none';
}

export interface SendRequest {
  readonly peer: string;
  readonly fingerprint: string;
  readonly instruction: unknown;
  readonly token: unknown;
}

export interface DecideFacts {
  readonly nowMs: number;
  readonly env: 'prod' | 'drill';
  readonly partition: string;
  /** What each hosted rail holds its instructions to; undefined for a rail that is not hosted here. */
  readonly rules: (rail: RailName) => RailRules | undefined;
  readonly ring: KeyRing;
  /** Signatures of batches that were verified before. */
  readonly roots: RootMemory;
  readonly index: Pick<JournalIndex, 'burn' | 'burnOfId' | 'quarantineOf' | 'facts'>;
  /** Why nothing may leave now, when it may not: not opened, not witnessed, broken. */
  readonly closedReason: string | undefined;
  readonly isLatched: (flow: FlowFacts) => boolean;
  readonly gate: (flow: FlowFacts) => GateDecision;
  /** True while this gateway's share of every throttle has room in this minute. */
  readonly hasRoom: (asked: {
    readonly throttles: readonly Restriction[];
    readonly amountSen: bigint;
  }) => boolean;
}

export type Decision =
  | {
      readonly kind: 'send';
      readonly claims: TokenClaims;
      readonly instruction: Instruction;
      /** What it counts in when it is sent. */
      readonly throttles: readonly Restriction[];
    }
  /** The same again: the recorded answer, nothing leaves. */
  | { readonly kind: 'repeat'; readonly burn: Burn }
  /** Nothing leaves now; the sender may come again. */
  | { readonly kind: 'later'; readonly reason: RefusalReason; readonly why: string }
  /** Nothing leaves ever: the jti is burned as void, so that core may refund at once. */
  | {
      readonly kind: 'void';
      readonly reason: 'above_cap' | 'restricted';
      readonly claims: TokenClaims;
      readonly instruction: Instruction;
    }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason };

/** Decides one instruction. */
export function decideSend(request: SendRequest, facts: DecideFacts): Decision {
  if (facts.index.quarantineOf(request.fingerprint))
    return { kind: 'refuse', reason: 'quarantined' };
  if (!isCorePeer(request.peer)) return { kind: 'refuse', reason: 'peer_not_admitted' };
  const token = verifyToken({ ...facts, token: request.token });
  if (!token.ok) return { kind: 'refuse', reason: token.reason };
  const { claims } = token;
  if (claims.env !== facts.env) return { kind: 'refuse', reason: 'wrong_env' };
  if (claims.aud !== facts.partition) return { kind: 'refuse', reason: 'wrong_partition' };
  const instruction = parseInstruction(request.instruction);
  if (!instruction || !isAuthorised(instruction, claims))
    return { kind: 'refuse', reason: 'instruction_changed' };
  const burn = facts.index.burn(claims.jti);
  if (burn) {
    const isSame =
      !burn.sent ||
      (burn.sent.peer === request.peer && burn.sent.instructionHash === claims.instructionHash);
    return isSame ? { kind: 'repeat', burn } : { kind: 'refuse', reason: 'already_used' };
  }
  return decideAuthentic({ claims, instruction }, facts);
}

/** The sender and the money are proven; is it the time, the id, the amount, the scope? */
function decideAuthentic(
  given: { readonly claims: TokenClaims; readonly instruction: Instruction },
  facts: DecideFacts,
): Decision {
  const { claims, instruction } = given;
  if (facts.closedReason !== undefined)
    return { kind: 'later', reason: 'not_open', why: facts.closedReason };
  const late = decideTime(claims, facts);
  if (late) return late;
  const rules = facts.rules(instruction.rail);
  if (!rules)
    return { kind: 'later', reason: 'not_open', why: `no link to ${instruction.rail} here` };
  const wrongId = decideIds(given, { ...facts, rules });
  if (wrongId) return wrongId;
  const amountSen = BigInt(instruction.amountSen);
  if (amountSen < rules.amountSenMin || amountSen > rules.amountSenMax)
    return { kind: 'void', reason: 'above_cap', ...given };
  const flow = flowOf(instruction);
  if (isStopped(facts.isLatched, instruction))
    return { kind: 'void', reason: 'restricted', ...given };
  const word = facts.gate(flow);
  // A step-up is between core and its customer, a hold between core and its people: the gateway has nobody to ask.
  if (word.kind !== 'stop' && word.kind !== 'cap') {
    const throttles = throttlesOf(word);
    return facts.hasRoom({ throttles, amountSen })
      ? { kind: 'send', ...given, throttles }
      : { kind: 'later', reason: 'not_open', why: 'throttled' };
  }
  // The guard was not heard: nothing leaves, but nobody decided to refuse this payment either.
  if (word.restriction.placedBy === 'posture')
    return { kind: 'later', reason: 'not_open', why: 'the guard was not heard' };
  return { kind: 'void', reason: 'restricted', ...given };
}

/** A clock that jumped back refuses, never re-accepts; a new journal takes only what was signed after it was opened. */
function decideTime(claims: TokenClaims, facts: DecideFacts): Decision | undefined {
  const { timeFloorMs, openedNewAtMs } = facts.index.facts();
  if (facts.nowMs + CLOCK_SKEW_MS < timeFloorMs)
    return { kind: 'later', reason: 'not_open', why: 'the clock is behind the journal' };
  if (Math.max(facts.nowMs, timeFloorMs) > claims.expMs)
    return { kind: 'refuse', reason: 'expired' };
  if (claims.iatMs > facts.nowMs + CLOCK_SKEW_MS)
    return { kind: 'later', reason: 'stale', why: 'signed in the future' };
  if (openedNewAtMs !== undefined && claims.iatMs < openedNewAtMs)
    return { kind: 'later', reason: 'stale', why: 'signed before this journal was opened' };
  return undefined;
}

function decideIds(
  { claims, instruction }: { claims: TokenClaims; instruction: Instruction },
  facts: Omit<DecideFacts, 'rules'> & { readonly rules: RailRules },
): Decision | undefined {
  const ids = networkIds(instruction);
  const day = facts.rules.dayOf(ids);
  if (day === undefined || !facts.rules.isOurs(instruction))
    return { kind: 'refuse', reason: 'id_invalid' };
  for (const id of idsOf(ids)) {
    const other = facts.index.burnOfId(id);
    if (other && other.jti !== claims.jti) return { kind: 'refuse', reason: 'id_repeated' };
  }
  const isInTime =
    day >= idDay(facts.nowMs - ID_AGE_DAYS_MAX * DAY_MS) && day <= idDay(facts.nowMs + DAY_MS);
  return isInTime ? undefined : { kind: 'later', reason: 'stale', why: 'the id is of another day' };
}

/** The WIB day of an instant as ids write it: `20260801`. */
export function idDay(nowMs: number): string {
  return wibDate(nowMs).replaceAll('-', '');
}

/** Every byte that was signed, and the claims say the same as the instruction. */
function isAuthorised(instruction: Instruction, claims: TokenClaims): boolean {
  return (
    instructionHash(instruction) === claims.instructionHash &&
    instruction.paymentId === claims.paymentId &&
    instruction.attempt === claims.attempt &&
    instruction.env === claims.env
  );
}

/** Whoever pressed stop meant everything that leaves, a request for money too. */
export function isStopped(
  isLatched: (flow: FlowFacts) => boolean,
  instruction: Instruction,
): boolean {
  const flow = flowOf(instruction);
  return isLatched(flow) || isLatched({ ...flow, direction: 'out' });
}

/** The flow of an instruction, as restrictions see it. */
export function flowOf(instruction: Instruction): FlowFacts {
  return instruction.kind === 'shown_code' ? flowIn(instruction) : flowOut(instruction);
}

/** We ask, but the money comes to a merchant of ours: what stops payments in stops this. */
function flowIn(instruction: Extract<Instruction, { kind: 'shown_code' }>): FlowFacts {
  return {
    rail: instruction.rail,
    direction: 'in',
    channel: 'network',
    bank: counterpartyOf(instruction),
    product: 'qris',
    ...(instruction.nmid !== '' && { merchant: instruction.nmid }),
    account: instruction.creditor.account,
    amountSen: BigInt(instruction.amountSen),
    cohortBucket: instruction.cohortBucket,
    isStaff: instruction.isStaff,
  };
}

function flowOut(instruction: Instruction): FlowFacts {
  return {
    rail: instruction.rail,
    direction: instruction.direction,
    channel: instruction.channel,
    bank: counterpartyOf(instruction),
    product: productOf(instruction),
    ...('nmid' in instruction && instruction.nmid !== '' && { merchant: instruction.nmid }),
    account: instruction.debtor.account,
    ...('creditor' in instruction && { payeeAccount: instruction.creditor.account }),
    amountSen: BigInt(instruction.amountSen),
    cohortBucket: instruction.cohortBucket,
    isStaff: instruction.isStaff,
  };
}

function productOf(instruction: Instruction): string {
  if (instruction.rail === 'biller') return instruction.product;
  if (instruction.kind === 'return' || instruction.kind === 'merchant_refund') return 'return';
  return instruction.kind === 'merchant_payment' ? 'qris' : 'transfer';
}

/** True for the processes that may hand us instructions. */
export function isCorePeer(peer: string): boolean {
  return /^core-\d{1,4}$/.test(peer);
}

/** True for the process that watches and restricts. */
export function isGuardPeer(peer: string): boolean {
  return /^guard(-\d{1,4})?$/.test(peer);
}
