/** What people do with a break: take it, note what they know, propose its end, and approve as a second person (I5). The money of a
 * correction, the end of its proposal and of its break are one commit of the ledger, under the proposal's own key. */
import { recordEvents } from '../audit/record.ts';
import type { EventDraft } from '../audit/event.ts';
import { DbFault, type Db, type Tx } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import { sha256 } from '../kernel/canonical.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { Companion, LedgerPort } from '../ledger/port.ts';
import {
  CORRECTION_BOOKS,
  isProposalSigned,
  proposalOf,
  proposalText,
  refuseProposal,
  type Proposal,
  type ProposalRefusal,
} from './proposal.ts';
import {
  closeBreak,
  findBreak,
  findProposal,
  insertNote,
  insertProposal,
  listBookAccounts,
  markDone,
  markWithdrawn,
  setOwner,
} from './store-break.ts';

/** Notes of one break: a night's worth of words. */
const NOTES_MAX = 100;

export type BreakResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: ProposalRefusal };

interface Acting {
  readonly db: Db;
  readonly nowMs: number;
  readonly staffId: string;
}
interface Signing extends Acting {
  readonly roster: StaffRoster;
  readonly signature: string;
}

/** The first person. `break_changed` when the break grew since it was read. */
export async function proposeEnd(
  input: Signing & { readonly proposal: Proposal },
): Promise<BreakResult> {
  const { db, nowMs, staffId, proposal, signature } = input;
  if (!isProposalSigned(input)) return refused('bad_signature');
  try {
    return await db.tx<BreakResult>(async (tx) => {
      const reason = await refusalOf(tx, proposal);
      if (reason) return refused(reason);
      await insertProposal(tx, { proposal, staffId, signature, nowMs });
      await recordEvents(tx, [eventOf('break.proposed', proposal, input)]);
      return { ok: true };
    });
  } catch (error) {
    // Two people proposing at the same instant: the index lets one through.
    if (error instanceof DbFault && error.constraint === 'break_proposal_one_open')
      return refused('already_open');
    throw error;
  }
}

async function refusalOf(tx: Tx, proposal: Proposal): Promise<ProposalRefusal | undefined> {
  const found = await findBreak(tx, proposal.breakId);
  const accounts = await listBookAccounts(tx, CORRECTION_BOOKS);
  const books = new Map(accounts.map(({ number, book }) => [number, book]));
  return refuseProposal({ found, proposal, books });
}

/** The second person, never the first. The row is believed only with the first one's signature on it, so that an amount changed in the
 * table is refused. Idempotent by the proposal: asked again after a lost answer it posts nothing more. */
export async function approveEnd(
  input: Signing & { readonly ledger: Pick<LedgerPort, 'post'>; readonly proposalId: string },
): Promise<BreakResult> {
  const { db, staffId, roster, ledger, nowMs } = input;
  const row = await findProposal(db, input.proposalId);
  if (!row) return refused('not_found');
  if (row.state !== 'proposed') return refused('not_proposed');
  if (row.proposed_by === staffId) return refused('same_person');
  const proposal = proposalOf(row);
  const first = { staffId: row.proposed_by, signature: row.proposed_signature };
  const isSigned = [first, input].every((one) =>
    isProposalSigned({ proposal, staffId: one.staffId, signature: one.signature, roster }),
  );
  if (!isSigned) return refused('bad_signature');
  const reason = await refusalOf(db, proposal);
  if (reason) return refused(reason);
  const date = wibDate(nowMs);
  const { correction } = proposal;
  try {
    const posted = await ledger.post({
      key: `break:${proposal.id}`,
      requestHash: sha256(proposalText(proposal)),
      paymentId: proposal.id,
      legs: correction
        ? [
            {
              kind: 'single',
              line: 'correction',
              debit: correction.debitAccount,
              credit: correction.creditAccount,
              amount: sen(correction.amountSen),
            },
          ]
        : [],
      valueDate: date,
      businessDate: date,
      companion: {
        of: endCompanion as Companion<never>,
        row: { proposal, staffId, signature: input.signature, proposedBy: row.proposed_by, nowMs },
      },
    });
    return posted.ok ? { ok: true } : refused('posting_refused');
  } catch (error) {
    if (error instanceof EndRefused) return refused('break_changed');
    throw error;
  }
}

/** Withdrawn, closed or grown between the look and the commit: nothing is posted. */
class EndRefused extends Error {
  override name = 'EndRefused';
}

interface EndWrite {
  readonly proposal: Proposal;
  readonly staffId: string;
  readonly signature: string;
  readonly proposedBy: string;
  readonly nowMs: number;
}

const endCompanion: Companion<EndWrite> = {
  name: 'break_end',
  async write(tx, rows) {
    for (const { row, posted } of rows) {
      const { proposal, nowMs } = row;
      const isDone = await markDone(tx, { ...row, id: proposal.id });
      const isClosed =
        isDone &&
        (await closeBreak(tx, {
          breakId: proposal.breakId,
          amountSen: proposal.breakAmountSen,
          proposalId: proposal.id,
          nowMs,
        }));
      if (!isClosed) throw new EndRefused('Cannot end the break: it or its proposal changed');
      const more = {
        proposedBy: row.proposedBy,
        transferIds: posted.transferIds.map(String),
      };
      await recordEvents(tx, [eventOf('break.ended', proposal, row, more)]);
    }
  },
};

/** The proposer takes it back before anybody approved it. */
export async function withdrawEnd(
  input: Acting & { readonly proposalId: string },
): Promise<BreakResult> {
  return input.db.tx(async (tx) => {
    const row = await findProposal(tx, input.proposalId);
    if (!row) return refused('not_found');
    if (row.proposed_by !== input.staffId) return refused('not_yours');
    if (!(await markWithdrawn(tx, row.id))) return refused('not_proposed');
    await recordEvents(tx, [eventOf('break.proposal_withdrawn', proposalOf(row), input)]);
    return { ok: true };
  });
}

/** Somebody takes an open break over. */
export async function takeBreak(
  input: Acting & { readonly breakId: string },
): Promise<BreakResult> {
  const { db, nowMs, staffId, breakId } = input;
  return db.tx(async (tx) => {
    if (!(await setOwner(tx, { breakId, staffId }))) return refused('break_closed');
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'break.taken', subject: breakId, data: { by: staffId } },
    ]);
    return { ok: true };
  });
}

/** Adds a note. Its text stays in the row, out of the stream; the event holds its hash. */
export async function noteBreak(
  input: Acting & { readonly breakId: string; readonly id: string; readonly note: string },
): Promise<BreakResult> {
  const { db, nowMs, staffId, breakId, note, id } = input;
  return db.tx(async (tx) => {
    const row = { id, breakId, staffId, nowMs, note, countMax: NOTES_MAX };
    if (!(await insertNote(tx, row))) return refused('too_many_notes');
    const data = { by: staffId, noteHash: sha256(note).toString('hex') };
    await recordEvents(tx, [{ atMs: nowMs, kind: 'break.noted', subject: breakId, data }]);
    return { ok: true };
  });
}

function eventOf(
  kind: string,
  proposal: Proposal,
  by: Pick<Acting, 'staffId' | 'nowMs'>,
  more: Readonly<Record<string, unknown>> = {},
): EventDraft {
  const { id, breakId, correction, reason } = proposal;
  return {
    atMs: by.nowMs,
    kind,
    subject: breakId,
    data: {
      by: by.staffId,
      proposalId: id,
      reasonHash: sha256(reason).toString('hex'),
      ...(correction && { ...correction, amountSen: String(correction.amountSen) }),
      ...more,
    },
  };
}

function refused(reason: ProposalRefusal): BreakResult {
  return { ok: false, reason };
}
