/** The hub's books: every transfer it took, the settlement accounts, the feed of each bank and the participants' standing,
 * as a fold over events. Owns the figures; knows no message and no socket. The same events, appended to a file, bring a
 * restarted hub back to where it was. */
import { assert, assertNever } from '../../src/kernel/assert.ts';
import { proxyKey, type Directory, type DirectoryEntry } from './directory.ts';
import type { Plan } from './faults.ts';
import type { Participant } from './participant.ts';

export interface TransferFacts {
  readonly bizMsgIdr: string;
  readonly msgId: string;
  readonly trxType: '010' | '110' | '011';
  readonly fromBank: string;
  readonly toBank: string;
  /** Sen as decimal text. */
  readonly amountSen: string;
  readonly debtorAccount: string;
  readonly debtorName: string;
  readonly creditorAccount: string;
  readonly creditorName: string;
  /** Type and value, joined by a bar, of the proxy that led to this account (110). */
  readonly creditorProxy?: string;
  readonly remittance: string;
  readonly relatedEndToEndId?: string;
  /** Fingerprint of the certificate that brought it; empty for a bank that the hub plays. */
  readonly connector: string;
  readonly takenAtMs: number;
  readonly businessDate: string;
}

/** `open` holds the money reserved at the sender. */
export interface Transfer extends TransferFacts {
  readonly plan: Plan;
  state: 'open' | 'settled' | 'rejected';
  code: string;
  endedAtMs?: number;
  /** Final notices still owed to the bank that runs against this hub. */
  noticesOwed: number;
}

/** One line of the settlement of one bank, as the feed and the statement carry it. */
export interface FeedLine {
  /** `L` and twelve digits, unique for ever; the digits are the feed's cursor. */
  readonly lineId: string;
  readonly direction: 'out' | 'in';
  readonly bizMsgIdr: string;
  readonly amountSen: string;
  readonly counterpartyBank: string;
  readonly connector: string;
  readonly settledAtMs: number;
  readonly businessDate: string;
}

export type BookEvent =
  | { readonly kind: 'taken'; readonly facts: TransferFacts; readonly plan: Plan }
  /** Not taken: remembered, so that a repeat is a repeat and a status request gets its answer. */
  | {
      readonly kind: 'refused';
      readonly facts: TransferFacts;
      readonly plan: Plan;
      readonly code: string;
    }
  | {
      readonly kind: 'settled';
      readonly fromBank: string;
      readonly bizMsgIdr: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'rejected';
      readonly fromBank: string;
      readonly bizMsgIdr: string;
      readonly code: string;
      readonly atMs: number;
    }
  | { readonly kind: 'noticed'; readonly fromBank: string; readonly bizMsgIdr: string }
  | { readonly kind: 'numbered'; readonly sequence: number }
  | {
      readonly kind: 'revoked';
      readonly bank: string;
      readonly fingerprint: string;
      readonly requestId: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'suspended' | 'resumed';
      readonly bank: string;
      readonly requestId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'signed_on' | 'signed_off'; readonly bank: string }
  | {
      readonly kind: 'participant_opened' | 'participant_closed';
      readonly bank: string;
      readonly atMs: number;
    }
  | { readonly kind: 'proxy_written'; readonly entry: DirectoryEntry };

export interface Book {
  /** Folds one event in. Throws BugError for an event that cannot follow. */
  apply(event: BookEvent): void;
  find(key: { readonly fromBank: string; readonly bizMsgIdr: string }): Transfer | undefined;
  /** A return of this transfer that is open or settled. */
  returnOf(key: { readonly bank: string; readonly bizMsgIdr: string }): Transfer | undefined;
  balance(bank: string): bigint;
  feed(bank: string): readonly FeedLine[];
  isRevoked(key: { readonly bank: string; readonly fingerprint: string }): boolean;
  isSuspended(bank: string): boolean;
  isSignedOff(bank: string): boolean;
  /** Closed by the hub's operator. */
  isClosed(bank: string): boolean;
  /** When a participant was opened or closed last; 0 = never. */
  changedAtMs(bank: string): number;
  directory(): Directory;
  /** A portal request with this id was carried out before. */
  isRequestKnown(key: { readonly bank: string; readonly requestId: string }): boolean;
  /** Not ended yet, or ended with a notice or a return owed. */
  unfinished(): readonly Transfer[];
  /** The highest number that the hub used in its own identifiers. */
  sequence(): number;
}

interface BookState {
  readonly transfers: Map<string, Transfer>;
  readonly returns: Map<string, Transfer>;
  readonly unfinished: Set<Transfer>;
  readonly balances: Map<string, bigint>;
  readonly feeds: Map<string, FeedLine[]>;
  readonly revoked: Set<string>;
  readonly suspended: Set<string>;
  readonly signedOff: Set<string>;
  /** Closed or opened, with the time. */
  readonly standings: Map<string, { readonly isClosed: boolean; readonly atMs: number }>;
  readonly directory: Map<string, DirectoryEntry>;
  readonly requests: Set<string>;
  sequence: number;
  lineCount: number;
}

/** An empty book with the participants' prefunds. */
export function openBook(participants: readonly Participant[]): Book {
  const state: BookState = {
    transfers: new Map(),
    returns: new Map(),
    unfinished: new Set(),
    balances: new Map(participants.map((bank) => [bank.bic, bank.prefundSen])),
    feeds: new Map(participants.map((bank) => [bank.bic, []])),
    revoked: new Set(),
    suspended: new Set(),
    signedOff: new Set(),
    standings: new Map(),
    directory: new Map(),
    requests: new Set(),
    sequence: 0,
    lineCount: 0,
  };
  return {
    apply: (event) => fold(state, event),
    find: (key) => state.transfers.get(keyOf(key.fromBank, key.bizMsgIdr)),
    returnOf: (key) => {
      const found = state.returns.get(keyOf(key.bank, key.bizMsgIdr));
      return found && found.state !== 'rejected' ? found : undefined;
    },
    balance: (bank) => state.balances.get(bank) ?? 0n,
    feed: (bank) => state.feeds.get(bank) ?? [],
    isRevoked: (key) => state.revoked.has(keyOf(key.bank, key.fingerprint)),
    isSuspended: (bank) => state.suspended.has(bank),
    isSignedOff: (bank) => state.signedOff.has(bank),
    isClosed: (bank) => state.standings.get(bank)?.isClosed ?? false,
    changedAtMs: (bank) => state.standings.get(bank)?.atMs ?? 0,
    directory: () => state.directory,
    isRequestKnown: (key) => state.requests.has(keyOf(key.bank, key.requestId)),
    unfinished: () => [...state.unfinished],
    sequence: () => state.sequence,
  };
}

function fold(state: BookState, event: BookEvent): void {
  switch (event.kind) {
    case 'taken':
      return take(state, event);
    case 'refused': {
      const key = keyOf(event.facts.fromBank, event.facts.bizMsgIdr);
      assert(!state.transfers.has(key), 'an identifier is refused once');
      state.transfers.set(key, {
        ...event.facts,
        plan: event.plan,
        state: 'rejected',
        code: event.code,
        endedAtMs: event.facts.takenAtMs,
        noticesOwed: 0,
      });
      return;
    }
    case 'settled':
      return settle(state, event);
    case 'rejected': {
      const transfer = openTransfer(state, event);
      transfer.state = 'rejected';
      transfer.code = event.code;
      transfer.endedAtMs = event.atMs;
      move(state, transfer.fromBank, BigInt(transfer.amountSen));
      return forgetIfFinished(state, transfer);
    }
    case 'noticed': {
      const transfer = state.transfers.get(keyOf(event.fromBank, event.bizMsgIdr));
      assert(transfer && transfer.noticesOwed > 0, 'a notice is owed before it is given');
      transfer.noticesOwed--;
      return forgetIfFinished(state, transfer);
    }
    case 'numbered':
      state.sequence = event.sequence;
      return;
    case 'proxy_written':
      return void state.directory.set(proxyKey(event.entry.proxy), event.entry);
    case 'participant_opened':
    case 'participant_closed': {
      const isClosed = event.kind === 'participant_closed';
      return void state.standings.set(event.bank, { isClosed, atMs: event.atMs });
    }
    default:
      return foldStanding(state, event);
  }
}

/** A participant's standing: certificates, suspension, sign-on. */
function foldStanding(
  state: BookState,
  event: BookEvent & { kind: 'revoked' | 'suspended' | 'resumed' | 'signed_on' | 'signed_off' },
): void {
  switch (event.kind) {
    case 'signed_on':
      return void state.signedOff.delete(event.bank);
    case 'signed_off':
      return void state.signedOff.add(event.bank);
    case 'revoked':
      state.revoked.add(keyOf(event.bank, event.fingerprint));
      break;
    case 'suspended':
      state.suspended.add(event.bank);
      break;
    case 'resumed':
      state.suspended.delete(event.bank);
      break;
    default:
      assertNever(event);
  }
  state.requests.add(keyOf(event.bank, event.requestId));
}

function take(state: BookState, event: BookEvent & { kind: 'taken' }): void {
  const { facts, plan } = event;
  const key = keyOf(facts.fromBank, facts.bizMsgIdr);
  assert(!state.transfers.has(key), 'an identifier is taken once');
  const transfer: Transfer = {
    ...facts,
    plan,
    state: 'open',
    code: 'U000',
    noticesOwed: plan.noticeCount,
  };
  state.transfers.set(key, transfer);
  if (facts.relatedEndToEndId !== undefined) {
    const relatedKey = keyOf(facts.toBank, facts.relatedEndToEndId);
    state.returns.set(relatedKey, transfer);
    const related = state.transfers.get(relatedKey);
    if (related) forgetIfFinished(state, related);
  }
  state.unfinished.add(transfer);
  move(state, facts.fromBank, -BigInt(facts.amountSen));
}

function settle(state: BookState, event: BookEvent & { kind: 'settled' }): void {
  const transfer = openTransfer(state, event);
  transfer.state = 'settled';
  transfer.endedAtMs = event.atMs;
  move(state, transfer.toBank, BigInt(transfer.amountSen));
  for (const direction of ['out', 'in'] as const) {
    const bank = direction === 'out' ? transfer.fromBank : transfer.toBank;
    const lines = state.feeds.get(bank);
    assert(lines, 'a settled transfer has two participants');
    lines.push({
      lineId: `L${String(++state.lineCount).padStart(12, '0')}`,
      direction,
      bizMsgIdr: transfer.bizMsgIdr,
      amountSen: transfer.amountSen,
      counterpartyBank: direction === 'out' ? transfer.toBank : transfer.fromBank,
      connector: direction === 'out' ? transfer.connector : '',
      settledAtMs: event.atMs,
      businessDate: transfer.businessDate,
    });
  }
  forgetIfFinished(state, transfer);
}

function openTransfer(
  state: BookState,
  key: { readonly fromBank: string; readonly bizMsgIdr: string },
): Transfer {
  const transfer = state.transfers.get(keyOf(key.fromBank, key.bizMsgIdr));
  assert(transfer && transfer.state === 'open', 'a transfer ends once, after it was taken');
  return transfer;
}

function forgetIfFinished(state: BookState, transfer: Transfer): void {
  if (transfer.state === 'open' || transfer.noticesOwed > 0) return;
  const owesReturn = transfer.state === 'settled' && transfer.plan.returnAfterMs !== undefined;
  if (owesReturn && !state.returns.has(keyOf(transfer.fromBank, transfer.bizMsgIdr))) return;
  state.unfinished.delete(transfer);
}

function move(state: BookState, bank: string, bySen: bigint): void {
  state.balances.set(bank, (state.balances.get(bank) ?? 0n) + bySen);
}

function keyOf(bank: string, bizMsgIdr: string): string {
  return `${bank}|${bizMsgIdr}`;
}
