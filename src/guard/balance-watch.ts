/** Looks at each rail's settlement account: what the network says lies there against what the ledger and treasury say should (D4, D7). The
 * look goes into the stream, where the detectors read it, and is kept for the console. */
import { recordEvents } from '../audit/record.ts';
import { RAIL_NAMES, type RailName } from '../authorisation/instruction.ts';
import type { Queryable, Tx } from '../db/pool.ts';
import type { StaffRoster } from '../gate/port.ts';
import { networkOf } from '../payment/kind.ts';
import { selectWord } from '../payment/network/store.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import { selectDone } from '../reconcile/store-treasury.ts';
import { sumSigned, type KnownEntries, type TreasurySum } from '../reconcile/treasury.ts';
import {
  balanceText,
  FIRST_BALANCE,
  lookAtBalance,
  parseBalance,
  type BalanceLook,
  type BalanceMemory,
  type LedgerWord,
  type PositionWord,
} from './balance.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { selectNets } from './store-balance.ts';
import { selectState, upsertState } from './store.ts';

/** Networks that tell a position of ours. The others settle through a bank's account whose statement nobody brings us. */
export const POSITION_RAILS = ['bifast'] as const;
type PositionRail = (typeof POSITION_RAILS)[number];

/** Money of treasury arrives within the hour of its entry, or it is a gap. */
const YOUNG_MS = 3_600_000;
/** A look is told each minute, and at once when the gap has changed by Rp100 million. */
const TELL_MS = 60_000;
const TELL_SEN = 10_000_000_000n;

/** What is kept of a rail's looks. */
export interface KeptBalance {
  readonly memory: BalanceMemory;
  readonly look: BalanceLook;
  readonly toldAtMs: number;
  readonly toldGapSen: bigint;
}

/** The name under which a rail's looks are kept. */
export function balanceName(rail: string): string {
  return `balance.${rail}`;
}

/** What is kept of a rail; undefined before the first look. */
export async function readBalance(db: Queryable, rail: string): Promise<KeptBalance | undefined> {
  const text = await selectState(db, balanceName(rail));
  return text === undefined ? undefined : (parseBalance(text) as KeptBalance);
}

/** Looks once at every rail that tells a position. A rail that never told one has no account of ours, and no look. */
export async function watchBalances(
  { time, roster }: Pick<GuardInput, 'time' | 'roster'>,
  lead: Pick<Lead, 'tx'>,
): Promise<void> {
  // Of the others nobody tells a position: their entries are proven for the people who read them.
  for (const rail of RAIL_NAMES)
    if (!isPositionRail(rail))
      await lead.tx((tx) => sumTreasury(tx, { rail, roster, nowMs: time.now() }));
  for (const rail of POSITION_RAILS)
    await lead.tx(async (tx) => {
      const position = await readPosition(tx, rail);
      if (!position) return;
      const before = await readBalance(tx, rail);
      const moved = await readLedger(tx, rail);
      const sum = await sumTreasury(tx, { rail, roster, nowMs: time.now() });
      // After the reading: what it says held by then.
      const ledger: LedgerWord = { ...moved, ...sum, atMs: time.now() };
      const { memory, look } = lookAtBalance(before?.memory ?? FIRST_BALANCE, { position, ledger });
      const isNews = before === undefined || isTold(before, look);
      const kept: KeptBalance = {
        memory,
        look,
        toldAtMs: isNews ? look.atMs : before.toldAtMs,
        toldGapSen: isNews ? look.gapSen : before.toldGapSen,
      };
      await upsertState(tx, {
        name: balanceName(rail),
        body: balanceText(kept),
        nowMs: look.atMs,
      });
      if (isNews) await recordEvents(tx, [lookEvent(rail, look)]);
    });
}

function isTold(before: KeptBalance, look: BalanceLook): boolean {
  const change = look.gapSen - before.toldGapSen;
  const isLarge = change >= TELL_SEN || change <= -TELL_SEN;
  return isLarge || look.atMs - before.toldAtMs >= TELL_MS || look.atMs < before.toldAtMs;
}

function lookEvent(rail: string, look: BalanceLook) {
  const { openingSen, bookedSen, freeSen, gapSen, burnSenPerMinute, runwayMinutes } = look;
  const texts = { openingSen, bookedSen, freeSen, gapSen, burnSenPerMinute };
  return {
    atMs: look.atMs,
    kind: 'settlement.looked',
    subject: rail,
    data: {
      rail,
      ...Object.fromEntries(Object.entries(texts).map(([name, sen]) => [name, String(sen)])),
      ...(runwayMinutes !== undefined && { runwayMinutes }),
      ageMs: look.atMs - look.madeAtMs,
    },
  };
}

function isPositionRail(rail: RailName): boolean {
  return (POSITION_RAILS as readonly RailName[]).includes(rail);
}

async function sumTreasury(
  tx: Tx,
  of: { readonly rail: RailName; readonly roster: StaffRoster; readonly nowMs: number },
): Promise<TreasurySum> {
  const { rail, roster, nowMs } = of;
  const known = await readKnownEntries(tx, rail);
  const sizeBefore = known.size;
  const rows = await selectDone(tx, rail);
  const sum = sumSigned(rows, { roster, nowMs, youngMs: YOUNG_MS, known });
  if (known.size > sizeBefore)
    await upsertState(tx, { name: knownName(rail), body: JSON.stringify([...known]), nowMs });
  return sum;
}

/** Entries of treasury whose signatures were verified, by digest. Kept: whoever signed may have left the bank by the next restart, and what
 * moved then moved all the same. Only a guard writes it. */
export async function readKnownEntries(db: Queryable, rail: RailName): Promise<KnownEntries> {
  const saved = JSON.parse((await selectState(db, knownName(rail))) ?? '[]') as (
    | string
    | readonly [string, number]
  )[];
  // A bare digest is from before it was noted when each was seen.
  return new Map(saved.map((one) => (typeof one === 'string' ? [one, 0] : one)));
}

function knownName(rail: RailName): string {
  return `treasury.${rail}`;
}

async function readPosition(db: Queryable, rail: PositionRail): Promise<PositionWord | undefined> {
  const word = await selectWord(db, { rail, kind: 'position' });
  if (!word) return undefined;
  // Written by the payment engine from checked fields.
  const body = recordOf(JSON.parse(word.body) as unknown);
  const senOf = (name: string): bigint => BigInt(String(body[name]));
  return {
    madeAtMs: word.madeAtMs,
    heardAtMs: word.heardAtMs,
    openingSen: senOf('openingSen'),
    bookedSen: senOf('bookedSen'),
    freeSen: senOf('freeSen'),
  };
}

async function readLedger(db: Queryable, rail: PositionRail) {
  const { settlementOut, settlementIn } = networkOf(rail);
  const nets = await selectNets(db, [settlementOut, settlementIn]);
  const [out, incoming] = [nets.get(settlementOut), nets.get(settlementIn)];
  return {
    outSen: (out?.posted_credit_sen ?? 0n) - (out?.posted_debit_sen ?? 0n),
    inSen: (incoming?.posted_debit_sen ?? 0n) - (incoming?.posted_credit_sen ?? 0n),
    pendingOutSen: (out?.pending_credit_sen ?? 0n) + (incoming?.pending_credit_sen ?? 0n),
    pendingInSen: (incoming?.pending_debit_sen ?? 0n) + (out?.pending_debit_sen ?? 0n),
  };
}
