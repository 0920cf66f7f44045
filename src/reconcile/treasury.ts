/** Treasury's entries: money moved to or from the account that a network settles on, by two people. The expected balance of that account
 * counts them (guard/balance.ts); without an entry what moved is a gap. Both sign the same bytes; the posting, the end of the entry and its
 * event are one commit of the ledger, under the entry's own key. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { recordEvents } from '../audit/record.ts';
import type { RailName } from '../authorisation/instruction.ts';
import { DbFault, type Db } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import { CHART } from '../kernel/bank.ts';
import { canonicalJson, sha256 } from '../kernel/canonical.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { Companion, LedgerPort } from '../ledger/port.ts';
import {
  findEntry,
  insertEntry,
  markEntryDone,
  markEntryWithdrawn,
  type DoneEntry,
} from './store-treasury.ts';

/** What both people sign. */
export interface TreasuryEntry {
  readonly id: string;
  readonly rail: RailName;
  readonly direction: 'top_up' | 'withdrawal';
  readonly amountSen: bigint;
  /** Of the transfer that moves the money. */
  readonly reference: string;
}

export type TreasuryRefusal =
  | 'bad_signature'
  | 'not_found'
  | 'not_proposed'
  | 'same_person'
  | 'not_yours'
  | 'reference_known'
  | 'posting_refused';

export type TreasuryResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: TreasuryRefusal };

/** The mirror of the account that each network settles on: QRIS settles with the switch. */
const NOSTRO: Readonly<Record<RailName, string>> = {
  bifast: CHART.nostroBi,
  switch: CHART.nostroSwitch,
  qris: CHART.nostroSwitch,
  biller: CHART.nostroBiller,
};

/** The bytes that are signed; they can be taken for no other text of ours. */
function entryText(entry: TreasuryEntry): string {
  return canonicalJson({ purpose: 'pulih.treasury_entry.v1', entry });
}

/** Signs as one person; base64. */
export function signEntry(privateKey: KeyObject, entry: TreasuryEntry): string {
  return sign(null, Buffer.from(entryText(entry)), privateKey).toString('base64');
}

function isSigned(
  entry: TreasuryEntry,
  by: { readonly staffId: string; readonly signature: string; readonly roster: StaffRoster },
): boolean {
  const pem = Object.hasOwn(by.roster, by.staffId) ? by.roster[by.staffId] : undefined;
  if (pem === undefined) return false;
  const signature = Buffer.from(by.signature, 'base64');
  return verify(null, Buffer.from(entryText(entry)), createPublicKey(pem), signature);
}

/** What is counted of entries: all of them, and the part that may still be on its way. */
export interface TreasurySum {
  readonly treasurySen: bigint;
  readonly youngTopUpSen: bigint;
  readonly youngWithdrawalSen: bigint;
}

/** Entries whose signatures were verified, by digest, and when each was seen first. */
export type KnownEntries = Map<string, number>;

/** Sums the entries that two people of the roster have signed; a row that somebody wrote by hand explains no gap. `known` keeps what was
 * checked, so that each is checked once. How young an entry is counts from when it was seen first: nobody signs the time in its row. */
export function sumSigned(
  rows: readonly DoneEntry[],
  of: {
    readonly roster: StaffRoster;
    readonly nowMs: number;
    readonly youngMs: number;
    readonly known: KnownEntries;
  },
): TreasurySum {
  let [treasurySen, youngTopUpSen, youngWithdrawalSen] = [0n, 0n, 0n];
  for (const row of rows) {
    const seenAtMs = seenSigned(row, of);
    if (seenAtMs === undefined) continue;
    const { direction, amountSen } = row.entry;
    const isTopUp = direction === 'top_up';
    treasurySen += isTopUp ? amountSen : -amountSen;
    if (seenAtMs <= of.nowMs - of.youngMs) continue;
    if (isTopUp) youngTopUpSen += amountSen;
    else youngWithdrawalSen += amountSen;
  }
  return { treasurySen, youngTopUpSen, youngWithdrawalSen };
}

/** When a rightly signed entry was seen first; undefined for any other. */
function seenSigned(
  row: DoneEntry,
  of: { readonly roster: StaffRoster; readonly nowMs: number; readonly known: KnownEntries },
): number | undefined {
  const { roster, known, nowMs } = of;
  const { entry, proposedBy, approvedBy, proposedSignature, approvedSignature } = row;
  const signed = [proposedBy, proposedSignature, approvedBy, approvedSignature];
  const name = sha256(canonicalJson([entryText(entry), ...signed])).toString('base64url');
  const seenAtMs = known.get(name);
  if (seenAtMs !== undefined) return seenAtMs;
  const isRight =
    proposedBy !== approvedBy &&
    isSigned(entry, { staffId: proposedBy, signature: proposedSignature, roster }) &&
    isSigned(entry, { staffId: approvedBy, signature: approvedSignature, roster });
  if (!isRight) return undefined;
  known.set(name, nowMs);
  return nowMs;
}

interface Acting {
  readonly db: Db;
  readonly nowMs: number;
  readonly staffId: string;
}
interface Signing extends Acting {
  readonly roster: StaffRoster;
  readonly signature: string;
}

/** The first person. Nothing is posted. */
export async function proposeEntry(
  input: Signing & { readonly entry: TreasuryEntry },
): Promise<TreasuryResult> {
  const { db, entry } = input;
  if (!isSigned(entry, input)) return refused('bad_signature');
  try {
    await db.tx(async (tx) => {
      await insertEntry(tx, { ...input, entry });
      await recordEvents(tx, [eventOf('treasury.proposed', entry, input)]);
    });
    return { ok: true };
  } catch (error) {
    if (error instanceof DbFault && error.constraint === 'treasury_entry_reference')
      return refused('reference_known');
    throw error;
  }
}

/** The second person, never the first. The row is believed only with the first one's signature on it. Idempotent by the entry: asked again
 * after a lost answer it posts nothing more. */
export async function approveEntry(
  input: Signing & { readonly ledger: Pick<LedgerPort, 'post'>; readonly entryId: string },
): Promise<TreasuryResult> {
  const { db, staffId, roster, ledger, nowMs, signature } = input;
  const row = await findEntry(db, input.entryId);
  if (!row) return refused('not_found');
  if (row.state !== 'proposed') return refused('not_proposed');
  if (row.proposedBy === staffId) return refused('same_person');
  const { entry } = row;
  const first = { staffId: row.proposedBy, signature: row.proposedSignature, roster };
  if (!isSigned(entry, first) || !isSigned(entry, input)) return refused('bad_signature');
  const date = wibDate(nowMs);
  const [nostro, treasury] = [NOSTRO[entry.rail], CHART.nostroTreasury];
  const isTopUp = entry.direction === 'top_up';
  try {
    const posted = await ledger.post({
      key: `treasury:${entry.id}`,
      requestHash: sha256(entryText(entry)),
      paymentId: entry.id,
      legs: [
        {
          kind: 'single',
          line: 'correction',
          debit: isTopUp ? nostro : treasury,
          credit: isTopUp ? treasury : nostro,
          amount: sen(entry.amountSen),
        },
      ],
      valueDate: date,
      businessDate: date,
      companion: {
        of: doneCompanion as Companion<never>,
        row: { entry, staffId, signature, proposedBy: row.proposedBy, nowMs },
      },
    });
    return posted.ok ? { ok: true } : refused('posting_refused');
  } catch (error) {
    if (error instanceof EntryEnded) return refused('not_proposed');
    throw error;
  }
}

/** Taken back or approved between the look and the commit: nothing is posted. */
class EntryEnded extends Error {
  override name = 'EntryEnded';
}

interface DoneWrite {
  readonly entry: TreasuryEntry;
  readonly staffId: string;
  readonly signature: string;
  readonly proposedBy: string;
  readonly nowMs: number;
}

const doneCompanion: Companion<DoneWrite> = {
  name: 'treasury_done',
  async write(tx, rows) {
    for (const { row, posted } of rows) {
      if (!(await markEntryDone(tx, { ...row, id: row.entry.id })))
        throw new EntryEnded('Cannot post the entry: it is not proposed any more');
      const transferIds = posted.transferIds.map(String);
      const more = { proposedBy: row.proposedBy, transferIds };
      await recordEvents(tx, [eventOf('treasury.posted', row.entry, row, more)]);
    }
  },
};

/** The proposer takes it back before anybody approved it. */
export async function withdrawEntry(
  input: Acting & { readonly entryId: string },
): Promise<TreasuryResult> {
  return input.db.tx(async (tx) => {
    const row = await findEntry(tx, input.entryId);
    if (!row) return refused('not_found');
    if (row.proposedBy !== input.staffId) return refused('not_yours');
    if (!(await markEntryWithdrawn(tx, row.entry.id))) return refused('not_proposed');
    await recordEvents(tx, [eventOf('treasury.entry_withdrawn', row.entry, input)]);
    return { ok: true };
  });
}

function eventOf(
  kind: string,
  entry: TreasuryEntry,
  by: Pick<Acting, 'staffId' | 'nowMs'>,
  more: Readonly<Record<string, unknown>> = {},
) {
  const { id, amountSen, ...rest } = entry;
  const data = { by: by.staffId, ...rest, amountSen: String(amountSen), ...more };
  return { atMs: by.nowMs, kind, subject: id, data };
}

function refused(reason: TreasuryRefusal): TreasuryResult {
  return { ok: false, reason };
}
