/** What people see and do about the rules of risk: how often each spoke, and the blocked list. One person blocks, two lift (I5). */
import type { EventDraft } from '../../audit/event.ts';
import { recordEvents } from '../../audit/record.ts';
import { newId } from '../../kernel/ids.ts';
import { wibDate } from '../../kernel/time.ts';
import { SCREEN_RULES, type RuleBook } from '../../risk/rule-book.ts';
import { cached } from '../cached.ts';
import type { PaymentContext } from '../context.ts';
import { RISK_WORDS, subjectOf, type RiskWord } from './said.ts';
import {
  approveLift,
  countSaid,
  insertBlock,
  insertLift,
  listBlocks,
  selectLift,
  type BlockRow,
} from './store-blocked.ts';

/** A rule with its setting in force, and what it said in the last seven days. */
export interface RuleReport {
  readonly code: string;
  readonly action: string;
  readonly isShadow: boolean;
  readonly channels: readonly string[];
  readonly said: Readonly<Record<RiskWord, number>>;
}

/** Whom to block: an account by bank and number, or a merchant by its id. */
export type BlockedParty =
  | { readonly kind: 'account'; readonly bank: string; readonly account: string }
  | { readonly kind: 'merchant'; readonly merchant: string };

export interface BlockAct {
  readonly party: BlockedParty;
  readonly staffId: string;
  /** No names and no account numbers. */
  readonly reason: string;
  readonly reviewAtMs: number;
}

export interface LiftAct {
  readonly blockId: string;
  readonly staffId: string;
  readonly reason: string;
}

export type LiftResult =
  | { readonly ok: true; readonly state: 'asked' | 'lifted' }
  | { readonly ok: false; readonly reason: 'not_found' | 'same_person' };

export interface RiskDesk {
  report(): Promise<{ readonly version: number; readonly rules: readonly RuleReport[] }>;
  /** In force, those due for review first; at most two hundred. */
  blocks(): Promise<readonly BlockRow[]>;
  block(
    act: BlockAct,
  ): Promise<
    | { readonly ok: true; readonly id: string }
    | { readonly ok: false; readonly reason: 'already_blocked' }
  >;
  /** The first call asks, a second person's lifts. Idempotent. */
  lift(act: LiftAct): Promise<LiftResult>;
}

const REPORT_DAYS = 7;
const DAY_MS = 86_400_000;
const SHOWN_DIGITS = 4;

/** Opens the desk. */
export function openRiskDesk(context: PaymentContext): RiskDesk {
  const { db, time, log } = context;
  // Every open console asks again and again.
  const said = cached({
    time,
    log,
    unreadable: 'risk_report.unreadable',
    read: () =>
      countSaid(db, {
        subjects: SCREEN_RULES.map(({ code }) => subjectOf(code)),
        since: wibDate(time.now() - (REPORT_DAYS - 1) * DAY_MS),
      }),
  });
  return {
    report: async () => reportOf(await context.screening.book(), await said()),
    blocks: () => listBlocks(context.db),
    block: (act) => block(context, act),
    lift: (act) => lift(context, act),
  };
}

function reportOf(
  { version, rules }: RuleBook,
  counted: Awaited<ReturnType<typeof countSaid>>,
): Awaited<ReturnType<RiskDesk['report']>> {
  const countOf = (code: string, word: RiskWord): number =>
    counted.find(({ subject, kind }) => subject === subjectOf(code) && kind === `risk.${word}`)
      ?.n ?? 0;
  return {
    version,
    rules: rules.map(({ rule: { code }, setting: { action, isShadow, channels } }) => ({
      code,
      action,
      isShadow,
      channels,
      said: Object.fromEntries(RISK_WORDS.map((word) => [word, countOf(code, word)])) as Record<
        RiskWord,
        number
      >,
    })),
  };
}

async function block(context: PaymentContext, act: BlockAct): ReturnType<RiskDesk['block']> {
  const { party, staffId, reason, reviewAtMs } = act;
  const nowMs = context.time.now();
  const id = newId('blk', nowMs, context.random);
  const named =
    party.kind === 'account'
      ? { subject: context.parties.keyOf(party), shown: party.account.slice(-SHOWN_DIGITS) }
      : { subject: party.merchant, shown: party.merchant };
  const isNew = await context.db.tx(async (tx) => {
    const written = await insertBlock(tx, {
      id,
      kind: party.kind,
      ...named,
      reason,
      placedBy: staffId,
      nowMs,
      reviewAtMs,
    });
    if (written)
      await recordEvents(tx, [
        blockEvent(id, nowMs, 'placed', { of: party.kind, by: staffId, why: reason, reviewAtMs }),
      ]);
    return written;
  });
  return isNew ? { ok: true, id } : { ok: false, reason: 'already_blocked' };
}

async function lift(context: PaymentContext, act: LiftAct): Promise<LiftResult> {
  const { blockId, staffId, reason } = act;
  const nowMs = context.time.now();
  return context.db.tx(async (tx): Promise<LiftResult> => {
    const found = await selectLift(tx, blockId);
    if (!found) return { ok: false, reason: 'not_found' };
    if (found.asked_by === staffId) return { ok: false, reason: 'same_person' };
    const said = { by: staffId, why: reason };
    if (found.asked_by === null) {
      if (!(await insertLift(tx, { ...act, nowMs }))) return { ok: true, state: 'asked' };
      await recordEvents(tx, [blockEvent(blockId, nowMs, 'lift_asked', said)]);
      return { ok: true, state: 'asked' };
    }
    if (!(await approveLift(tx, { blockId, staffId, nowMs })))
      return { ok: false, reason: 'not_found' };
    const askedBy = found.asked_by;
    await recordEvents(tx, [blockEvent(blockId, nowMs, 'lifted', { ...said, askedBy })]);
    return { ok: true, state: 'lifted' };
  });
}

function blockEvent(
  id: string,
  atMs: number,
  fact: 'placed' | 'lift_asked' | 'lifted',
  data: Readonly<Record<string, unknown>>,
): EventDraft {
  return { atMs, kind: `blocked_party.${fact}`, subject: id, data };
}
