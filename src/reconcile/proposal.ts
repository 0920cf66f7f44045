/** How a break ends: two people sign the same text, a correction between the bank's own accounts or an explanation alone. Pure. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { StaffRoster } from '../gate/port.ts';
import { canonicalJson } from '../kernel/canonical.ts';

/** A posting that sets right what the break is about. */
export interface Correction {
  readonly debitAccount: string;
  readonly creditAccount: string;
  /** Never above the break's own amount. */
  readonly amountSen: bigint;
}

/** What both people sign. Without a correction the break ends by its explanation alone. */
export interface Proposal {
  readonly id: string;
  readonly breakId: string;
  /** The break's amount when it was proposed: one that grew since is another matter. */
  readonly breakAmountSen: bigint;
  readonly correction?: Correction;
  readonly reason: string;
}

export type ProposalRefusal =
  | 'bad_signature'
  | 'not_found'
  | 'break_closed'
  | 'break_changed'
  | 'already_open'
  | 'not_proposed'
  | 'same_person'
  | 'not_yours'
  | 'account_refused'
  | 'amount_above_break'
  | 'posting_refused'
  | 'too_many_notes';

/** An explanation that says less explains nothing. Letters, after trimming; SQL checks the same. */
export const REASON_MIN = 20;

/** The bytes that are signed; they can be taken for no other text of ours. */
export function proposalText(proposal: Proposal): string {
  return canonicalJson({ purpose: 'pulih.break_proposal.v1', proposal });
}

/** Signs as one person; base64. */
export function signProposal(privateKey: KeyObject, proposal: Proposal): string {
  return sign(null, Buffer.from(proposalText(proposal)), privateKey).toString('base64');
}

/** True when this person of the roster signed exactly this. */
export function isProposalSigned(input: {
  readonly proposal: Proposal;
  readonly staffId: string;
  readonly signature: string;
  readonly roster: StaffRoster;
}): boolean {
  const { roster, staffId } = input;
  const pem = Object.hasOwn(roster, staffId) ? roster[staffId] : undefined;
  if (pem === undefined) return false;
  return verify(
    null,
    Buffer.from(proposalText(input.proposal)),
    createPublicKey(pem),
    Buffer.from(input.signature, 'base64'),
  );
}

/** A break that people ended, as the tables say. */
export interface EndedBreak {
  readonly breakId: string;
  readonly amountSen: bigint;
  readonly explainedBy: string;
  /** Absent where no proposal of this break is done under that name. */
  readonly end?: {
    readonly proposal: Proposal;
    readonly proposedBy: string;
    readonly proposedSignature: string;
    readonly approvedBy: string;
    readonly approvedSignature: string;
  };
}

/** True when two people of the roster signed this end of this break, at the amount that it has. */
export function isEndSigned({ breakId, amountSen, end }: EndedBreak, roster: StaffRoster): boolean {
  if (!end || end.proposedBy === end.approvedBy) return false;
  const { proposal } = end;
  if (proposal.breakId !== breakId || proposal.breakAmountSen !== amountSen) return false;
  // One key under two names is one person.
  if (roster[end.proposedBy] === roster[end.approvedBy]) return false;
  return [
    { staffId: end.proposedBy, signature: end.proposedSignature },
    { staffId: end.approvedBy, signature: end.approvedSignature },
  ].every((one) => isProposalSigned({ proposal, roster, ...one }));
}

/** The proposal that a row holds. */
export function proposalOf(row: {
  readonly id: string;
  readonly break_id: string;
  readonly break_amount_sen: bigint;
  readonly debit_account: string | null;
  readonly credit_account: string | null;
  readonly amount_sen: bigint | null;
  readonly reason: string;
}): Proposal {
  const { debit_account: debitAccount, credit_account: creditAccount, amount_sen: amountSen } = row;
  return {
    id: row.id,
    breakId: row.break_id,
    breakAmountSen: row.break_amount_sen,
    ...(debitAccount !== null && creditAccount !== null && amountSen !== null
      ? { correction: { debitAccount, creditAccount, amountSen } }
      : {}),
    reason: row.reason,
  };
}

/** Books whose accounts a correction may move: the bank's own, with nobody else's money in them. What a customer is owed goes over
 * suspense, and from there by a payment with its own rules. */
export const CORRECTION_BOOKS: readonly string[] = ['settlement', 'nostro', 'suspense'];

/** Why a proposal may not be made of this break; undefined = it may. */
export function refuseProposal(input: {
  readonly found: { readonly isOpen: boolean; readonly amountSen: bigint } | undefined;
  readonly proposal: Pick<Proposal, 'breakAmountSen' | 'correction'>;
  /** Book by account, of those that exist and are open. */
  readonly books: ReadonlyMap<string, string>;
}): ProposalRefusal | undefined {
  const { found, proposal, books } = input;
  if (!found) return 'not_found';
  if (!found.isOpen) return 'break_closed';
  if (found.amountSen !== proposal.breakAmountSen) return 'break_changed';
  const { correction } = proposal;
  if (!correction) return undefined;
  const { debitAccount, creditAccount, amountSen } = correction;
  const isOwn = (account: string): boolean => CORRECTION_BOOKS.includes(books.get(account) ?? '');
  if (debitAccount === creditAccount || !isOwn(debitAccount) || !isOwn(creditAccount))
    return 'account_refused';
  return amountSen > 0n && amountSen <= found.amountSen ? undefined : 'amount_above_break';
}
