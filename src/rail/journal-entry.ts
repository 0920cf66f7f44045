/** The gateway journal as its readers see it (guard, by offset over mTLS). Amounts are sen as decimal text. */
import type { RailName } from '../authorisation/instruction.ts';
import type { RailAnswer } from './contract.ts';
import type { SettlementLine } from './notice.ts';

/** Why the gateway refused inline. `soft` ones can happen to an honest sender in a slow hour; the others are attacks. */
export type RefusalReason =
  | 'no_token'
  | 'bad_signature'
  | 'unknown_key'
  | 'wrong_env'
  | 'wrong_partition'
  | 'instruction_changed'
  | 'already_used'
  | 'id_repeated'
  | 'id_invalid'
  | 'peer_not_admitted'
  | 'quarantined'
  | 'expired'
  | 'stale'
  | 'above_cap'
  | 'restricted'
  | 'malformed'
  | 'not_open';

/** The rail of an entry. Absent = BI-FAST: journals from before there were several read as they always did. */
interface OfRail {
  readonly rail?: Exclude<RailName, 'bifast'>;
}

/** The `rail` field of an entry, as it is written. */
export function railField(rail: RailName): OfRail {
  return rail === 'bifast' ? {} : { rail };
}

/** The rail of an entry, as it is read. */
export function railOfEntry(entry: OfRail): RailName {
  return entry.rail ?? 'bifast';
}

/** A settlement file that is another date's, one that was sent before, or one that changed after it was read. */
export type FileFault = 'wrong_date' | 'duplicate' | 'changed';

/** What went over the switch for another bank's card at a machine of ours. */
export interface AcquiredIntent {
  /** The machine's own request. */
  readonly requestId: string;
  /** Of our message to the switch: year, DE7, DE32, DE11. */
  readonly bizMsgIdr: string;
  readonly stan: string;
  readonly transmittedAt: string;
  readonly rrn: string;
  /** DE3. */
  readonly processing: string;
  readonly amountSen: string;
  readonly terminal: string;
  readonly bank: string;
  readonly institution: string;
}

/** A reversal (0420, 0421) with its own ids, so that every repeat says the same. */
export interface TakeBackOwed {
  readonly bizMsgIdr: string;
  readonly keptSen: string;
  readonly stan: string;
  readonly transmittedAt: string;
}

export type JournalBody =
  /** The journal was opened: a new one, or after a restart. */
  | { readonly kind: 'opened'; readonly epoch: number; readonly isNew: boolean }
  /** On disk before the first byte leaves. */
  | ({
      readonly kind: 'intent';
      readonly jti: string;
      readonly paymentId: string;
      readonly bizMsgIdr: string;
      readonly msgId?: string;
      readonly amountSen: string;
      readonly bank: string;
      readonly peer: string;
      readonly instructionHash: string;
    } & OfRail)
  | {
      readonly kind: 'outcome';
      readonly jti: string;
      readonly bizMsgIdr: string;
      readonly answer: RailAnswer;
      readonly source: 'rail_answer' | 'rail_notice' | 'inquiry';
    }
  | { readonly kind: 'void'; readonly jti: string; readonly paymentId: string }
  /** `count` knocks of one peer summed up (absent = one); `amountSen` is then their sum. Nobody fills the disk by knocking. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly peer: string;
      readonly fingerprint: string;
      readonly bizMsgIdr?: string;
      readonly amountSen?: string;
      readonly count?: number;
    }
  | {
      readonly kind: 'quarantined';
      readonly id: string;
      readonly peer: string;
      readonly fingerprint: string;
      readonly reason: RefusalReason;
    }
  | { readonly kind: 'quarantine_lifted'; readonly id: string }
  /** An authenticated message from the network that is passed to core. */
  | {
      readonly kind: 'inbound';
      readonly bizMsgIdr: string;
      readonly what:
        | 'credit'
        | 'credit_settled'
        | 'outcome'
        | 'enquiry'
        | 'request'
        | 'reversal'
        | 'machine'
        | 'reversal_given_up';
      readonly notice: unknown;
    }
  /** A message that claims to come from the network and does not (I12): posts nothing. */
  | {
      readonly kind: 'forged';
      readonly what: string;
      readonly peer: string;
      readonly fingerprint: string;
      readonly bizMsgIdr?: string;
      readonly amountSen?: string;
      readonly count?: number;
    }
  /** Another bank's card at a machine of ours: on disk before the first byte leaves for the switch. No card. */
  | ({ readonly kind: 'acquired' } & AcquiredIntent)
  /** What became of it; without this or a `take_back` nobody knows. */
  | {
      readonly kind: 'acquired_word';
      readonly bizMsgIdr: string;
      readonly word: 'approved' | 'declined' | 'not_sent';
      readonly code: string;
    }
  /** The machine gave out only `keptSen`: the network is told until it answers. */
  | ({ readonly kind: 'take_back' } & TakeBackOwed)
  | {
      readonly kind: 'take_back_word';
      readonly bizMsgIdr: string;
      readonly word: 'taken' | 'given_up';
      readonly code: string;
    }
  /** A machine took back a request that never came here: it is refused should it still come. */
  | { readonly kind: 'acquired_never'; readonly requestId: string }
  | ({ readonly kind: 'feed'; readonly line: SettlementLine } & OfRail)
  /** The hub said "nothing new": the feed is alive. At most one in 5 s. */
  | ({ readonly kind: 'feed_alive'; readonly cursor: string } & OfRail)
  | ({
      readonly kind: 'statement';
      readonly businessDate: string;
      readonly lineCount: number;
      readonly bodyHash: string;
    } & OfRail)
  /** A settlement file as a whole is wrong. */
  | ({
      readonly kind: 'file_fault';
      readonly businessDate: string;
      readonly fault: FileFault;
    } & OfRail)
  | { readonly kind: 'set_accepted'; readonly version: number }
  | { readonly kind: 'set_refused'; readonly version: number; readonly reason: string }
  | {
      readonly kind: 'latched';
      readonly latchId: string;
      readonly rail: RailName;
      readonly direction: 'out' | 'in';
      readonly reason: string;
      readonly staffId: string;
    }
  | { readonly kind: 'latch_lifted'; readonly latchId: string }
  /** What the hub answered to our own request to revoke a connector certificate or to suspend our outbound. */
  | ({
      readonly kind: 'hub_control';
      readonly action: 'revoke' | 'suspend_out' | 'resume_out';
      readonly target: string;
      readonly ok: boolean;
    } & OfRail);

export interface JournalEntry {
  readonly partition: string;
  /** From 1, no gaps. */
  readonly position: number;
  readonly atMs: number;
  readonly body: JournalBody;
}

/** GET `${JOURNAL_PATH}?after=N&limit=M` answers this. `head` is the last position. */
export interface JournalPage {
  readonly partition: string;
  readonly head: number;
  readonly entries: readonly JournalEntry[];
}

/** Paths that a gateway serves over mTLS. From core: send, inquire, void, recall, enquire. From guard: set, journal, hub-control. */
export const GATEWAY_PATH = {
  send: '/send',
  /** From core: `{channel, sends: [{number, instruction, token}]}`; answers `{answers: [{number, answer}]}` of that channel that are ready. */
  sendTogether: '/send-together',
  inquire: '/inquire',
  void: '/void',
  recall: '/recall',
  enquireAccount: '/enquire-account',
  proxy: '/proxy',
  enquireBill: '/enquire-bill',
  set: '/set',
  journal: '/journal',
  hubControl: '/hub-control',
  /** From guard or core: fetch the statement of `{businessDate, rail?}` now; answers `{fetched: boolean}`. */
  statement: '/statement',
} as const;

/** Body of `hubControl`, to BI-FAST unless `rail` names another. `revoke` names a connector certificate's fingerprint. */
export type HubControl = OfRail &
  (
    | { readonly action: 'revoke'; readonly fingerprint: string; readonly reason: string }
    | { readonly action: 'suspend_out' | 'resume_out'; readonly reason: string }
  );
