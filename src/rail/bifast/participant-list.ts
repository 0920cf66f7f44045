/** Reads the hub's list of participants from bytes whose signature was checked. Source: docs/rail/bifast.md section 5. */
import { fresh, isRecord, isText } from '../settlement-page.ts';

/** Who can be paid, by the hub's own word. */
export interface ParticipantStanding {
  readonly bic: string;
  readonly isOpen: boolean;
  /** When it became so; 0 = as long as the hub knows. */
  readonly changedAtMs: number;
}

export interface ParticipantList {
  readonly madeAtMs: number;
  readonly banks: readonly ParticipantStanding[];
}

/** About 130 banks take part; ten times that is not a list. */
const BANKS_MAX = 2_000;

/** The list as it is now, for this bank; undefined otherwise. */
export function parseParticipants(input: {
  readonly body: Uint8Array;
  readonly bic: string;
  readonly nowMs: number;
}): ParticipantList | undefined {
  const page = fresh(input);
  const all = page?.['participants'];
  if (!page || !Array.isArray(all) || all.length === 0 || all.length > BANKS_MAX) return undefined;
  const banks = all.map(readStanding);
  if (!banks.every((bank) => bank !== undefined)) return undefined;
  // Two words about one bank are none.
  if (new Set(banks.map(({ bic }) => bic)).size !== banks.length) return undefined;
  return { madeAtMs: Number(page['madeAtMs']), banks };
}

function readStanding(value: unknown): ParticipantStanding | undefined {
  if (!isRecord(value)) return undefined;
  const { bic, state, changedAtMs } = value;
  const isGood =
    isText(bic, /^[A-Z0-9]{8}$/) &&
    (state === 'open' || state === 'closed') &&
    Number.isSafeInteger(changedAtMs) &&
    Number(changedAtMs) >= 0;
  return isGood ? { bic, isOpen: state === 'open', changedAtMs: Number(changedAtMs) } : undefined;
}
