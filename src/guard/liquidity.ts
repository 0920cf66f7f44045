/** Watches what lies on our settlement account by the hub's own word (D7's neighbourhood): too little, far too little, or not known.
 * Source: domain.md 2.1 (the hub's limit is not ours to lean on) and 7.5. */
import { recordEvents } from '../audit/record.ts';
import { selectWord } from '../payment/network/store.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import { alarmKind, runbookOf, type AlarmCode } from './alarm.ts';
import type { GuardInput } from './context.ts';
import type { Lead } from './leader.ts';
import { hasEventAfter } from './store-partition.ts';

/** The position comes every quarter of a minute. */
export const LIQUIDITY_WATCH_MS = 15_000;

/** Thresholds as data: a row of `setting` replaces single ones. */
export interface LiquidityNumbers {
  /** Below this the treasury is told; below `alertSen` at any hour. Sen as decimal text. */
  readonly warnSen: string;
  readonly alertSen: string;
  /** A position older than this is not known. */
  readonly staleMs: number;
  /** The same alarm again after this while it lasts. */
  readonly repeatMs: number;
}

export type LiquidityState = 'normal' | 'low' | 'short' | 'unknown';

/** What a position means. Pure. */
export function liquidityState(input: {
  readonly freeSen: bigint;
  readonly heardAtMs: number;
  readonly nowMs: number;
  readonly numbers: LiquidityNumbers;
}): LiquidityState {
  const { freeSen, numbers } = input;
  if (input.nowMs - input.heardAtMs > numbers.staleMs) return 'unknown';
  if (freeSen < BigInt(numbers.alertSen)) return 'short';
  return freeSen < BigInt(numbers.warnSen) ? 'low' : 'normal';
}

const ALARMS: Readonly<
  Record<Exclude<LiquidityState, 'normal'>, { code: AlarmCode; severity: 'P1' | 'P2' }>
> = {
  low: { code: 'liquidity_low', severity: 'P2' },
  short: { code: 'liquidity_low', severity: 'P1' },
  unknown: { code: 'position_unknown', severity: 'P2' },
};

/** What was looked at, for the figures. */
export interface LiquidityLook {
  readonly freeSen: bigint;
  readonly heardAtMs: number;
}

/** Raises `liquidity_low` or `position_unknown`, again every `repeatMs` while it lasts. A bank that never heard a position has no such
 * network, and no alarm. */
export async function watchLiquidity(
  { time }: Pick<GuardInput, 'time'>,
  lead: Pick<Lead, 'tx'>,
  numbers: LiquidityNumbers,
): Promise<LiquidityLook | undefined> {
  const nowMs = time.now();
  return lead.tx(async (tx) => {
    const word = await selectWord(tx, { rail: 'bifast', kind: 'position' });
    if (!word) return undefined;
    const freeSen = String(recordOf(JSON.parse(word.body) as unknown)['freeSen']);
    const { heardAtMs } = word;
    const look = { freeSen: BigInt(freeSen), heardAtMs };
    const state = liquidityState({ ...look, nowMs, numbers });
    if (state === 'normal') return look;
    const { code, severity } = ALARMS[state];
    const [kind, subject] = [alarmKind(code), `bifast ${state}`];
    if (await hasEventAfter(tx, { kind, subject, afterMs: nowMs - numbers.repeatMs })) return look;
    const data = {
      detector: 'D7',
      severity,
      runbook: runbookOf(code),
      freeSen,
      ageSeconds: Math.round((nowMs - heardAtMs) / 1_000),
    };
    await recordEvents(tx, [{ atMs: nowMs, kind, subject, data }]);
    return look;
  });
}
