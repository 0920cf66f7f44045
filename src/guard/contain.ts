/** What follows from signals: which restrictions are placed, what the hub is asked, what becomes an incident. Pure: the
 * caller brings the facts, and writes and sends what is decided. Nothing here ever lifts or loosens. */
import type { Restriction, RestrictionAction, Scope } from '../gate/restriction.ts';
import { isActionAtLeast } from '../gate/action.ts';
import { covers, isNarrow, scopeText } from '../gate/scope.ts';
import type { Break } from '../reconcile/match.ts';
import { levelOf } from './preview.ts';
import { payeesOf } from '../payment/category.ts';
import { BIFAST_OUT, type Act, type Signal, type WishScope } from './detector/observation.ts';
import { climb, type LadderState, type Rung } from './ladder.ts';
import type { GuardNumbers } from './setting.ts';

/** Evidence kept in one restriction; the breaks hold the rest. */
const EVIDENCE_MAX = 50;

/** Something the hub is asked to do for us, until it confirms. */
export interface HubWish {
  readonly action: 'revoke' | 'suspend_out' | 'resume_out';
  /** Fingerprint for a revocation, our own BIC for a suspension. */
  readonly target: string;
  readonly reason: string;
  readonly wantedAtMs: number;
  readonly doneAtMs?: number;
  /** People were told that the hub does not confirm. */
  readonly isAlarmed?: boolean;
}

export interface Containment {
  readonly place: readonly Restriction[];
  readonly wish: readonly HubWish[];
  /** Evidence that money left: opens or joins an incident. */
  readonly proof: readonly Break[];
  /** Where each matter stands on the ladder now. */
  readonly ladder: LadderState;
}

/** Decides what signals lead to. A restriction that is in force at the same strength is not placed again, so a repeated or
 * replayed signal changes nothing; one that is in recovery counts as open, and is closed by a new one. */
export function decideContainment(input: {
  readonly signals: readonly Signal[];
  readonly active: readonly Restriction[];
  readonly wishes: readonly HubWish[];
  readonly ladder: LadderState;
  /** Narrower scopes that cut what a signal is about, narrowest first. */
  readonly localise: (path: Scope) => readonly Scope[];
  readonly nowMs: number;
  readonly numbers: GuardNumbers;
  readonly bic: string;
  readonly newId: (prefix: string) => string;
}): Containment {
  const { signals, active, nowMs, numbers } = input;
  const place: Restriction[] = [];
  const put = (signal: Signal, rung: Pick<Rung, 'scope' | 'level' | 'actions'>): void => {
    for (const action of rung.actions) {
      if (isInForce({ scope: rung.scope, action, active: [...active, ...place] })) continue;
      place.push(automatic(signal, { ...input, ...rung, action }));
    }
  };
  for (const signal of signals) {
    const asked = directRung(signal.act);
    if (asked) put(signal, asked);
  }
  const throttled = signals.flatMap((signal) => {
    const { act } = signal;
    if (act.kind !== 'throttle') return [];
    const path = scopeOfWish(act.scope);
    if (!path) return [];
    const key = `${signal.detector} ${scopeText(path)}`;
    const scopes = isNarrow(path) ? [] : input.localise(path);
    return [{ key, atMs: signal.atMs, scopes, path, hasMoneyLeft: false, signal }];
  });
  const { ladder: state } = input;
  const climbed = climb({
    state,
    signals: throttled,
    active: [...active, ...place],
    nowMs,
    numbers: numbers.ladder,
  });
  for (const rung of climbed.place)
    put(throttled.find(({ key }) => key === rung.key)!.signal, rung); // placed for one of them
  const proof = signals.flatMap(({ act, found }) =>
    act.kind === 'stop' && found?.moneyLeft ? [found] : [],
  );
  return { place, wish: decideWishes({ ...input, proof }), proof, ladder: climbed.state };
}

/** What is placed at once as it was asked for; undefined for an alert, and for a throttle, which the ladder
 * places. A hold of a whole flow
 * would keep back what cannot be told apart: it is a step-up. */
function directRung(act: Act): Pick<Rung, 'scope' | 'level' | 'actions'> | undefined {
  if (act.kind === 'alert' || act.kind === 'throttle') return undefined;
  const scope = act.kind === 'cap' ? act.scope : scopeOfWish(act.scope);
  if (!scope) return undefined;
  const action: RestrictionAction =
    act.kind === 'cap'
      ? { kind: 'cap', amountSen: act.amountSen }
      : { kind: act.kind === 'hold' && !isNarrow(scope) ? 'step_up' : act.kind };
  return { scope, level: levelOf(scope, action), actions: [action] };
}

/** A wished scope as restrictions name it; undefined for a category that no table knows any more, so that nobody else is touched. */
export function scopeOfWish({ payee, category, ...scope }: WishScope): Scope | undefined {
  if (category !== undefined && payeesOf(category).length === 0) return undefined;
  return {
    ...scope,
    ...(payee !== undefined && { payees: [payee] }),
    ...(category !== undefined && {
      payeeCategory: { name: category, payees: payeesOf(category) },
    }),
  };
}

function automatic(
  signal: Signal,
  of: {
    readonly signals: readonly Signal[];
    readonly scope: Scope;
    readonly level: Restriction['level'];
    readonly action: RestrictionAction;
    readonly nowMs: number;
    readonly numbers: GuardNumbers;
    readonly newId: (prefix: string) => string;
  },
): Restriction {
  const { scope, level, action, nowMs, numbers } = of;
  return {
    id: of.newId('rst'),
    scope,
    action,
    level,
    reasonClass: signal.act.kind === 'alert' ? 'containment' : signal.act.reasonClass,
    cause: signal.detector,
    evidence: evidenceFor(signal, of.signals),
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: nowMs,
    reviewAtMs: nowMs + numbers.contain.reviewMs,
    nextUpdateAtMs: nowMs + numbers.contain.nextUpdateMs,
    posture: { kind: 'closed' },
  };
}

function evidenceFor(signal: Signal, all: readonly Signal[]): readonly string[] {
  const same = all.filter(({ act }) => act.kind === signal.act.kind && act.kind !== 'alert');
  return [...new Set([...signal.evidence, ...same.flatMap(({ evidence }) => evidence)])].slice(
    0,
    EVIDENCE_MAX,
  );
}

/** True when every flow of the scope already meets at least this action, with nobody admitted past it. */
export function isInForce(input: {
  readonly scope: Scope;
  readonly action: RestrictionAction;
  readonly active: readonly Restriction[];
}): boolean {
  return input.active.some(
    (one) =>
      one.admission === undefined &&
      covers({ outer: one.scope, inner: input.scope }) &&
      isActionAtLeast({ next: one.action, before: input.action }),
  );
}

/** A connector that is not ours is revoked by its fingerprint; where our own was used, or a revocation did not stop the lines
 * or is not confirmed in time, our outbound is suspended at the hub. Inbound and everybody else go on. */
function decideWishes(input: {
  readonly proof: readonly Break[];
  readonly wishes: readonly HubWish[];
  readonly nowMs: number;
  readonly numbers: GuardNumbers;
  readonly bic: string;
}): readonly HubWish[] {
  const made: HubWish[] = [];
  const known = (action: HubWish['action'], target: string): HubWish | undefined =>
    [...input.wishes, ...made].find((wish) => wish.action === action && wish.target === target);
  const suspend = (reason: string): void => {
    if (!known('suspend_out', input.bic))
      made.push({ action: 'suspend_out', target: input.bic, reason, wantedAtMs: input.nowMs });
  };
  for (const found of input.proof) {
    // The portal is BI-FAST's: what another network shows closes nothing there.
    if (found.rail !== undefined) continue;
    if (
      found.lineId === undefined ||
      found.isOwnConnector !== false ||
      found.connector === undefined
    ) {
      suspend(found.reason);
      continue;
    }
    const revoked = known('revoke', found.connector);
    if (!revoked) {
      made.push({
        action: 'revoke',
        target: found.connector,
        reason: found.reason,
        wantedAtMs: input.nowMs,
      });
    } else if (revoked.doneAtMs !== undefined && found.occurredAtMs > revoked.doneAtMs) {
      suspend('settled_after_revocation');
    }
  }
  const isLate = input.wishes.some(
    ({ action, doneAtMs, wantedAtMs }) =>
      action === 'revoke' &&
      doneAtMs === undefined &&
      input.nowMs - wantedAtMs >= input.numbers.contain.revokeWaitMs,
  );
  if (isLate) suspend('revocation_not_confirmed');
  return made;
}

/** Our outbound stands suspended at the hub, and nothing of ours holds it back any more (a release of two people is under way
 * or done): ask the hub to take our traffic again. The gateway checks the signatures itself before it passes this on. */
export function decideResume(input: {
  readonly wishes: readonly HubWish[];
  readonly active: readonly Restriction[];
  readonly nowMs: number;
  readonly bic: string;
}): HubWish | undefined {
  const isSuspended = input.wishes.some(
    ({ action, doneAtMs }) => action === 'suspend_out' && doneAtMs !== undefined,
  );
  const isAsked = input.wishes.some(({ action }) => action === 'resume_out');
  if (
    !isSuspended ||
    isAsked ||
    isInForce({ scope: BIFAST_OUT, action: { kind: 'stop' }, active: input.active })
  )
    return undefined;
  return { action: 'resume_out', target: input.bic, reason: 'release', wantedAtMs: input.nowMs };
}

/** Wishes without those that a confirmed resumption has ended, or that a new stop has overtaken; the same list when nothing
 * changes. An overtaken resumption may have reached the hub although its answer was lost, so the suspension is asked for anew.
 * Revocations stay: a revoked connector never comes back. */
export function settleWishes(input: {
  readonly wishes: readonly HubWish[];
  readonly active: readonly Restriction[];
  readonly nowMs: number;
  readonly bic: string;
}): readonly HubWish[] {
  const resume = input.wishes.find(({ action }) => action === 'resume_out');
  if (!resume) return input.wishes;
  const revocations = input.wishes.filter(({ action }) => action === 'revoke');
  if (resume.doneAtMs !== undefined) return revocations;
  const isStopped = isInForce({
    scope: BIFAST_OUT,
    action: { kind: 'stop' },
    active: input.active,
  });
  if (!isStopped) return input.wishes;
  const again: HubWish = {
    action: 'suspend_out',
    target: input.bic,
    reason: 'resumption_overtaken',
    wantedAtMs: input.nowMs,
  };
  return [...revocations, again];
}

/** A restriction that one person asked for (I5: tighten alone, at once). Never lifted by a timer (T10). */
export function manualRestriction(input: {
  readonly id: string;
  readonly scope: Scope;
  readonly reasonClass: Restriction['reasonClass'];
  readonly by: string;
  readonly evidence: readonly string[];
  readonly nowMs: number;
  readonly numbers: GuardNumbers;
}): Restriction {
  return {
    id: input.id,
    scope: input.scope,
    action: { kind: 'stop' },
    level: levelOf(input.scope, { kind: 'stop' }),
    reasonClass: input.reasonClass,
    cause: 'manual',
    evidence: input.evidence,
    placedBy: input.by,
    isAutomatic: false,
    madeAtMs: input.nowMs,
    reviewAtMs: input.nowMs + input.numbers.contain.reviewMs,
    nextUpdateAtMs: input.nowMs + input.numbers.contain.nextUpdateMs,
    posture: { kind: 'closed' },
  };
}

/** One line for logs and events. */
export function restrictionText(one: Restriction): string {
  return `${scopeText(one.scope)}: ${one.action.kind} (L${one.level}, ${one.cause})`;
}
