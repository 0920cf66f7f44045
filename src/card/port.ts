/** What the network and channels may ask of cards. Types only. */
import type { NoticeAnswer, RailNotice } from '../rail/notice.ts';
import type {
  AcquiredRequest,
  CardRequest,
  MachineReport,
  PinChangeRequest,
  ReversalGivenUp,
  SwitchReversalNotice,
} from '../rail/notice-switch.ts';

/** Every state and what may follow: a block has no way back. SQL (`card_move`) holds the same. */
export const CARD_MOVES = {
  new: ['active'],
  active: ['blocked', 'lost', 'stolen'],
  blocked: ['lost', 'stolen'],
  lost: [],
  stolen: [],
} as const satisfies Record<string, readonly string[]>;

export type CardState = keyof typeof CARD_MOVES;
/** What a customer may say of a card. */
export type BlockReason = (typeof CARD_MOVES)['active'][number];

/** One card of ours. No number: people see the masked one. */
export interface Card {
  readonly id: string;
  readonly maskedPan: string;
  readonly customerId: string;
  readonly account: string;
  readonly state: CardState;
  /** YYMM, good through its last day. */
  readonly expiry: string;
  /** Of the HSM. */
  readonly pinValue: string;
  readonly pinTries: number;
  /** Its chip signs what it asks for. */
  readonly isChip: boolean;
  /** The request that changed the PIN last. */
  readonly pinChangedBy?: string;
  /** Absent: the settings bind. */
  readonly dailySenMax?: bigint;
  readonly dailyCountMax?: number;
}

/** What the switch and our own machines ask about cards. */
export type CardNotice =
  | CardRequest
  | PinChangeRequest
  | AcquiredRequest
  | MachineReport
  | ReversalGivenUp
  | (SwitchReversalNotice & { readonly what: 'withdrawal' | 'deposit' | 'acquired' });

export interface Cards {
  /** Durable when it answers; the same notice gets the same answer. Throws DbFault when the database is gone. */
  take(notice: CardNotice): Promise<NoticeAnswer>;
  listOfCustomer(customerId: string): Promise<readonly Card[]>;
  /** At once and for good (I5: tightening needs nobody). Again, or when it is blocked by another word already: as it is. */
  block(input: {
    readonly customerId: string;
    readonly cardId: string;
    readonly reason: BlockReason;
  }): Promise<Card | undefined>;
}

/** What cards answer, out of what networks say; undefined = another slice answers it. Narrowed by the compiler and not by a claim:
 * a notice of another rail that has the same kind is not theirs. */
export function toCardNotice(notice: RailNotice): CardNotice | undefined {
  switch (notice.kind) {
    case 'request':
      return notice.rail === 'switch' && notice.what !== 'transfer_in' ? notice : undefined;
    case 'reversal': {
      const { what } = notice;
      return what === 'transfer_in' ? undefined : { ...notice, what };
    }
    case 'machine':
    case 'reversal_given_up':
      return notice;
    default:
      return undefined;
  }
}
