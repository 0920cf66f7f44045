/** What a restriction would do, from measured traffic, before anybody enforces it: who and what it hits in a minute, how much of that is
 * healthy, what is under way and keeps going to its outcome, and what the same hour of the week usually has. Pure: the caller reads
 * the traffic. It decides nothing. */
import type { FlowFacts } from '../gate/port.ts';
import type { RestrictionAction, Scope } from '../gate/restriction.ts';
import { inScope, isNarrow } from '../gate/scope.ts';

/** One payment of a window. */
export interface SeenFlow {
  readonly facts: FlowFacts;
  readonly customer: string | undefined;
  /** Settled, or on its way to it: neither refused nor failed by a technical fault. */
  readonly isHealthy: boolean;
  /** Debited or held, without a definite outcome. */
  readonly isOpen: boolean;
}

/** Payments of a stretch of time. `skipped` = further ones that were not read: figures are scaled up by them. */
export interface Traffic {
  readonly flows: readonly SeenFlow[];
  readonly minutes: number;
  readonly skipped: number;
}

/** Rates are per minute, rounded up: a single payment in ten minutes is one customer who is hit. */
export interface ScopePreview {
  readonly paymentsPerMinute: number;
  readonly customersPerMinute: number;
  readonly healthyPerMinute: number;
  readonly valuePerMinuteSen: bigint;
  /** Under way: none of it is stopped, it goes to inquiry and settlement as ever. */
  readonly openCount: number;
  readonly valueOpenSen: bigint;
  /** Payments a minute in this scope in the same hour a week ago; undefined where nothing is known of it. */
  readonly usualPerMinute: number | undefined;
  /** A whole rail and direction or more, or nearly all that it had lately: a person confirms it by typing (T20). */
  readonly isWide: boolean;
}

/** Previews a scope. `usual` is the same hour of the week before. */
export function previewScope(of: {
  readonly scope: Scope;
  readonly recent: Traffic;
  readonly usual: Traffic | undefined;
}): ScopePreview {
  const { scope, recent, usual } = of;
  const hit = recent.flows.filter(({ facts }) => inScope(scope, facts));
  const rate = rateOf(recent);
  const open = hit.filter(({ isOpen }) => isOpen);
  return {
    paymentsPerMinute: rate(hit.length),
    customersPerMinute: rate(
      new Set(hit.map(({ customer, facts }) => customer ?? facts.account)).size,
    ),
    healthyPerMinute: rate(hit.filter(({ isHealthy }) => isHealthy).length),
    valuePerMinuteSen: BigInt(rate(Number(sumOf(hit) / 100n))) * 100n,
    openCount: open.length,
    valueOpenSen: sumOf(open),
    usualPerMinute:
      usual === undefined || usual.flows.length === 0
        ? undefined
        : rateOf(usual)(usual.flows.filter(({ facts }) => inScope(scope, facts)).length),
    isWide: !isNarrow(scope) || hitsMost({ scope, recent, hitCount: hit.length }),
  };
}

/** Nine in ten of what the rail and direction had lately is the whole by another name, e.g. its only channel. Of few payments nothing
 * can be said. */
function hitsMost(of: {
  readonly scope: Scope;
  readonly recent: Traffic;
  readonly hitCount: number;
}): boolean {
  const { rail, direction } = of.scope;
  const whole: Scope = { ...(rail && { rail }), ...(direction && { direction }) };
  const all = of.recent.flows.filter(({ facts }) => inScope(whole, facts)).length;
  return all >= MOST_MIN && of.hitCount * 10 >= all * 9;
}

const MOST_MIN = 20;

function rateOf({ flows, minutes, skipped }: Traffic): (count: number) => number {
  const scale = flows.length === 0 ? 1 : (flows.length + skipped) / flows.length;
  return (count) => Math.ceil((count * scale) / minutes);
}

function sumOf(flows: readonly SeenFlow[]): bigint {
  return flows.reduce((sum, { facts }) => sum + facts.amountSen, 0n);
}

/** The level of the ladder that a stop of this scope is (domain.md 7.6): one rail, everything that leaves the bank, everything. */
export function levelOf(scope: Scope, action: RestrictionAction): 0 | 1 | 2 | 3 | 4 | 5 {
  switch (action.kind) {
    case 'allow':
    case 'step_up':
      return 1;
    case 'throttle':
    case 'cap':
    case 'hold':
      return 2;
    case 'stop':
      return scope.rail !== undefined || isNarrow(scope) ? 3 : scope.direction === 'out' ? 4 : 5;
  }
}
