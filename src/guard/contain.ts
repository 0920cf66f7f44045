/** What follows from signals: which restrictions are placed, what the hub is asked, what becomes an incident. Pure: the
 * caller brings the facts, and writes and sends what is decided. Nothing here ever lifts or loosens. */
import { assertNever } from '../kernel/assert.ts';
import type { Restriction, RestrictionAction, Scope } from '../gate/restriction.ts';
import { covers, isActionAtLeast, scopeText } from '../gate/scope.ts';
import type { Break } from '../reconcile/match.ts';
import { BIFAST_OUT, type Act, type Signal } from './detector/observation.ts';
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
}

/** Decides what signals lead to. A restriction that is in force at the same strength is not placed again, so a repeated or
 * replayed signal changes nothing; one that is in recovery counts as open, and is closed by a new one. */
export function decideContainment(input: {
  readonly signals: readonly Signal[];
  readonly active: readonly Restriction[];
  readonly wishes: readonly HubWish[];
  readonly nowMs: number;
  readonly numbers: GuardNumbers;
  readonly bic: string;
  readonly newId: (prefix: string) => string;
}): Containment {
  const { signals, nowMs, numbers } = input;
  const place: Restriction[] = [];
  for (const signal of signals) {
    const { act } = signal;
    const action = actionOf(act, numbers);
    if (act.kind === 'alert' || !action) continue;
    if (isInForce({ scope: act.scope, action, active: [...input.active, ...place] })) continue;
    place.push({
      id: input.newId('rst'),
      scope: act.scope,
      action,
      level: LEVELS[action.kind],
      reasonClass: act.reasonClass,
      cause: signal.detector,
      evidence: evidenceFor(signal, signals),
      placedBy: 'guard',
      isAutomatic: true,
      madeAtMs: nowMs,
      reviewAtMs: nowMs + numbers.contain.reviewMs,
      nextUpdateAtMs: nowMs + numbers.contain.nextUpdateMs,
      posture: { kind: 'closed' },
    });
  }
  const proof = signals.flatMap(({ act, found }) =>
    act.kind === 'stop' && found?.moneyLeft ? [found] : [],
  );
  return { place, wish: decideWishes({ ...input, proof }), proof };
}

/** The ladder's level of an automatic restriction (domain.md 7.6). */
const LEVELS = { step_up: 1, cap: 2, stop: 3 } as const satisfies Record<
  RestrictionAction['kind'],
  Restriction['level']
>;

/** What restrictions can do of what a detector wished. A scope that no restriction can name (one payee, one kind of payee) places nothing:
 * the alarm tells people, and nobody else's payments are touched. A throttle is a cap per payment; a hold keeps nothing back that
 * cannot be told apart. */
export function actionOf(act: Act, { contain }: GuardNumbers): RestrictionAction | undefined {
  if (act.kind === 'alert') return undefined;
  if (act.kind === 'cap') return { kind: 'cap', amountSen: act.amountSen };
  const { payee, category } = act.scope;
  if (payee !== undefined || category !== undefined) return undefined;
  switch (act.kind) {
    case 'stop':
      return { kind: 'stop' };
    case 'throttle':
      return { kind: 'cap', amountSen: contain.throttleCapSen };
    case 'hold':
    case 'step_up':
      return { kind: 'step_up' };
    default:
      return assertNever(act);
  }
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
  const isWide = input.scope.rail === undefined;
  return {
    id: input.id,
    scope: input.scope,
    action: { kind: 'stop' },
    level: isWide ? 4 : 3,
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

/** A scope as the database or a console wrote it; undefined when it is not one. Unknown dimensions refuse: a misspelt name
 * must not widen a stop to everything. */
export function readScope(value: unknown): Scope | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const rule: Record<string, RegExp> = {
    rail: /^(bifast|onus|switch|qris|biller)$/,
    direction: /^(in|out)$/,
    channel: /^[a-z_]{1,20}$/,
    bank: /^[A-Z0-9]{8}$/,
    account: /^[A-Z0-9-]{1,34}$/,
    amountFromSen: /^\d{1,18}$/,
    amountToSen: /^\d{1,18}$/,
  };
  for (const [name, part] of Object.entries(value)) {
    if (!Object.hasOwn(rule, name) || typeof part !== 'string' || !rule[name]!.test(part))
      return undefined;
  }
  return value as Scope;
}

/** One line for logs and events. */
export function restrictionText(one: Restriction): string {
  return `${scopeText(one.scope)}: ${one.action.kind} (L${one.level}, ${one.cause})`;
}
