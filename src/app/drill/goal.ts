/** Whether a drill reached what its scenario promises. Pure. */
import type { Goal } from '../../../sim/drills/scenario.ts';
import type { Scorecard } from './scorecard.ts';

/** What was missed, each in words; none = passed. Books that are not right, or a promise that passed in silence, are never passed. */
export function missedGoals(card: Scorecard, goal: Goal): readonly string[] {
  const { containMs, restrictions, triesBeforeContain } = card;
  const highest = Math.max(0, ...restrictions.map(({ level }) => level));
  const checks: readonly (readonly [boolean, string])[] = [
    [card.ledgerBalanced, 'the ledger is not balanced'],
    [card.doubleEffects === 0, `${card.doubleEffects} double effects`],
    [card.pastDeadline === 0, `${card.pastDeadline} payments past their deadline`],
    [
      containMs !== null && containMs <= goal.containWithinMs,
      `contained after ${containMs ?? 'never'} ms, not within ${goal.containWithinMs}`,
    ],
    [
      BigInt(card.lost) * 100n <= (goal.lostSenMax ?? BigInt(card.lost) * 100n),
      `lost Rp${card.lost}`,
    ],
    [
      card.attackBytesAtHub <= (goal.attackBytesMax ?? Infinity),
      `${card.attackBytesAtHub} bytes of the attack at the hub`,
    ],
    [
      triesBeforeContain <= (goal.triesBeforeContainMax ?? Infinity),
      `${triesBeforeContain} tries before anything was restricted`,
    ],
    [highest <= (goal.levelMax ?? Infinity), `a restriction of L${highest}`],
    [goal.isRecovered !== true || card.recoveredMs !== null, 'not recovered'],
  ];
  return checks.filter(([isMet]) => !isMet).map(([, words]) => words);
}
