/** What an answer about a payment means, given the state it is in. Pure: the one place where I2 is decided. */
import type { RailAnswer } from '../rail/contract.ts';
import type { PaymentState } from './state.ts';

export type AnswerStep =
  /** Final settlement: the holds are posted. */
  | 'settle'
  /** An authenticated final refusal, or proof that nothing left: the holds are voided, fee too. */
  | 'refund'
  | 'accept'
  /** Nobody knows: the holds stay (T5) and inquiries begin. */
  | 'doubt'
  /** "Not sent" must be made true for ever before money goes back: the gateway burns the jti. */
  | 'void'
  /** The token got too old on its way: another one for the same jti. */
  | 'resign'
  /** Proven not sent and allowed to try again later. */
  | 'retry'
  /** The jti is used: what the journal says is the truth. */
  | 'recall'
  | 'nothing'
  /** It cannot be true of a payment in this state: nothing is posted and people are told. */
  | 'contradicted'
  | 'settled_after_refund';

/** The gateway's refusals that say nothing about this instruction. Source: RefusalReason in rail/journal-entry.ts. */
const NOT_SENT_STEP: Readonly<Record<string, AnswerStep>> = {
  expired: 'resign',
  stale: 'resign',
  not_open: 'retry',
  quarantined: 'retry',
  peer_not_admitted: 'retry',
  unknown_key: 'retry',
  already_used: 'recall',
  id_repeated: 'recall',
};

/** What to do with `answer`. A refusal to take the token is never a reason to give money back by itself: only `void` is. */
export function decideAnswer(state: PaymentState, answer: RailAnswer): AnswerStep {
  switch (state) {
    case 'sending':
    case 'accepted':
    case 'unknown':
    case 'review':
      return decideOpen(state, answer);
    case 'settled':
      return answer.outcome === 'rejected' || answer.outcome === 'not_sent'
        ? 'contradicted'
        : 'nothing';
    case 'refunded':
    case 'cancelled':
      if (answer.outcome !== 'accepted') return 'nothing';
      return answer.isFinal ? 'settled_after_refund' : 'contradicted';
    default:
      return answer.outcome === 'accepted' || answer.outcome === 'rejected'
        ? 'contradicted'
        : 'nothing';
  }
}

function decideOpen(
  state: 'sending' | 'accepted' | 'unknown' | 'review',
  answer: RailAnswer,
): AnswerStep {
  switch (answer.outcome) {
    case 'accepted':
      if (answer.isFinal) return 'settle';
      return state === 'sending' || state === 'unknown' ? 'accept' : 'nothing';
    case 'rejected':
      return 'refund';
    case 'not_sent': {
      const step = NOT_SENT_STEP[answer.reason];
      // Only while we are sending may we send again: later the answer is about something that may have left.
      return state === 'sending' && step !== undefined ? step : 'void';
    }
    case 'unknown':
      return state === 'sending' ? 'doubt' : 'nothing';
  }
}
