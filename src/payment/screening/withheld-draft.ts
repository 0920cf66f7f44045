/** A payment that waits for a person: its money is held, and nothing that a signer could sign exists until it is released (ADR 0029). */
import { newId } from '../../kernel/ids.ts';
import type { Leg, AuthorisationDraft } from '../../ledger/port.ts';
import { proofFacts } from '../announce.ts';
import { announceScreened } from './said.ts';
import type { PaymentInsert } from '../change.ts';
import type { PaymentContext } from '../context.ts';
import type { Withholding } from '../decide-submit.ts';
import { holdsOf, legsOf, linesOf } from '../lines.ts';
import { messageOf } from '../message.ts';
import type { TransferCommand } from '../port.ts';
import type { PaymentRow } from '../row.ts';
import type { PaymentSettings } from '../settings.ts';
import type { Screened } from '../../risk/screen.ts';
import type { Price } from '../tariff.ts';
import { transferAuthorisation } from '../transfer-draft.ts';

/** The promise ends this long after the clock: the customer hears of the end before it passes. */
const AFTER_CLOCK_MS = 5 * 60_000;

/** The draft of a payment that is made and waits. `base` has what all kinds share. */
export function draftWithheld(
  context: PaymentContext,
  input: {
    readonly base: PaymentRow;
    readonly price: Price;
    readonly accountType: string;
    readonly command: TransferCommand;
    readonly settings: PaymentSettings;
    readonly withholding: Withholding;
    readonly screened: Screened | undefined;
  },
): { readonly insert: PaymentInsert; readonly legs: readonly Leg[] } {
  const { base, withholding } = input;
  const resolveByMs = base.madeAtMs + Number(input.settings.withheldMs);
  const row: PaymentRow = {
    ...base,
    state: 'withheld',
    resolveByMs,
    promiseAtMs: resolveByMs + AFTER_CLOCK_MS,
    dueAtMs: resolveByMs,
  };
  const lines = linesOf(row, input.price);
  const { reasons, restriction } = withholding;
  return {
    insert: {
      kind: 'insert',
      row,
      lines,
      holds: holdsOf(lines),
      events: announceScreened(
        context,
        { row, screened: input.screened },
        {
          ...proofFacts(context, input.command.proof),
          reasons,
          restriction: restriction?.id,
        },
      ),
      messages: messageOf(row, row.madeAtMs, {
        template: 'payment.withheld',
        random: context.random,
      }),
      review: {
        reasons,
        restrictionId: restriction?.id,
        draft: row.kind === 'onus' ? undefined : draftText(context, { ...input, row }),
      },
    },
    legs: legsOf(lines, 'hold'),
  };
}

function draftText(
  context: PaymentContext,
  input: {
    readonly row: PaymentRow;
    readonly accountType: string;
    readonly command: TransferCommand;
  },
): string {
  const jti = newId('jti', input.row.madeAtMs, context.random);
  return JSON.stringify(transferAuthorisation(context, { ...input, row: { ...input.row, jti } }));
}

/** What was drafted, as it was written. */
export function readDraft(text: string): AuthorisationDraft {
  // Written by `draftText` into a row that nobody may change.
  return JSON.parse(text) as AuthorisationDraft;
}
