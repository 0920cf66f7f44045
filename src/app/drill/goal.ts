/** Whether a drill reached what its scenario promises. Pure. */
import type { Goal } from '../../../sim/drills/scenario.ts';
import type { Scorecard } from './scorecard.ts';

/** What was missed, each in words; none = passed. Books that are not right, or a promise that passed in silence, are never passed. */
export function missedGoals(card: Scorecard, goal: Goal): readonly string[] {
  const { containMs, restrictions, triesBeforeContain, inquiries } = card;
  const highest = Math.max(0, ...restrictions.map(({ level }) => level));
  const throttles = restrictions.filter(({ action }) => action === 'throttle').length;
  const checks: readonly (readonly [boolean, string])[] = [
    [card.ledgerBalanced, 'the ledger is not balanced'],
    [card.doubleEffects === 0, `${card.doubleEffects} double effects`],
    [card.pastDeadline === 0, `${card.pastDeadline} payments past their deadline`],
    [
      goal.containWithinMs === undefined ||
        (containMs !== null && containMs <= goal.containWithinMs),
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
    [
      card.triesBeforeDetect <= (goal.triesBeforeDetectMax ?? Infinity),
      `${card.triesBeforeDetect} tries before the first alarm`,
    ],
    [highest <= (goal.levelMax ?? Infinity), `a restriction of L${highest}`],
    [
      throttles <= (goal.throttlesMax ?? Infinity),
      `${throttles} throttles on a day without a crime`,
    ],
    ...degradedChecks(card, goal.degraded),
    ...actChecks(card, goal.acts),
    ...(goal.inquiries
      ? ([
          [
            inquiries.perPayment <= goal.inquiries.perPaymentMax,
            `${inquiries.perPayment} inquiries of one payment`,
          ],
          [
            inquiries.perSecond <= goal.inquiries.perSecondMax,
            `${inquiries.perSecond} inquiries in a second`,
          ],
        ] as const)
      : []),
    [goal.isRecovered !== true || card.recoveredMs !== null, 'not recovered'],
  ];
  return checks.filter(([isMet]) => !isMet).map(([, words]) => words);
}

/** The right services are shown as disturbed in time, each with something to use instead, which the app says before the PIN, are normal at the end,
 * and no other one is touched. */
function degradedChecks(
  { services, ways }: Scorecard,
  goal: Goal['degraded'],
): readonly (readonly [boolean, string])[] {
  if (!goal) return [];
  const [first, ...others] = goal.services;
  // Before the first bad event a guard that has just begun knows nothing yet.
  const told = services.filter(({ state, atMs }) => state !== 'normal' && atMs >= 0);
  const begun = told.find(({ service }) => service === first);
  const wrong = told.filter(({ service }) => service !== first && !others.includes(service));
  const last = services.findLast(({ service }) => service === first);
  return [
    [
      begun !== undefined && begun.atMs <= goal.withinMs,
      `${first} shown as disturbed after ${begun?.atMs ?? 'never'} ms, not within ${goal.withinMs}`,
    ],
    [
      told.every(({ hasAlternative }) => hasAlternative),
      'a disturbed service without an alternative',
    ],
    [
      goal.instead === undefined || begun?.instead.includes(goal.instead) === true,
      `${goal.instead} not named instead of ${first}`,
    ],
    [
      ways === undefined || ways.asked === ways.withOther,
      `${(ways?.asked ?? 0) - (ways?.withOther ?? 0)} customers without another way`,
    ],
    [
      ways === undefined || ways.asked === ways.told,
      `${(ways?.asked ?? 0) - (ways?.told ?? 0)} customers not told before the PIN`,
    ],
    [wrong.length === 0, `${wrong[0]?.service} shown as ${wrong[0]?.state}`],
    [last === undefined || last.state === 'normal', `${first} still ${last?.state} at the end`],
  ];
}

/** Each hostile act is refused or seen in time, none has an effect that the scenario does not name, the bank's own people could do what they had
 * to, and the proof is whole. */
function actChecks(
  { acts, proof }: Scorecard,
  goal: Goal['acts'],
): readonly (readonly [boolean, string])[] {
  if (!goal) return [];
  const { seenWithinMs, standing = [] } = goal;
  return [
    [proof !== undefined && proof.isAuditWhole, 'the audit tree does not verify'],
    [proof !== undefined && proof.isJournalWhole, 'the journal is not what the guard has kept'],
    ...acts.map(({ kind, atMs, isHostile, isRefused, seenMs, stands }) => {
      if (!isHostile) return [!isRefused, `${kind} was refused`] as const;
      const isSeen = isRefused || (seenMs !== null && seenMs - atMs <= seenWithinMs);
      return [
        isSeen && (!stands || standing.includes(kind)),
        stands ? `${kind} stands` : `${kind} seen after ${seenMs ?? 'never'} ms`,
      ] as const;
    }),
  ];
}
