/** The ladder L0–L5 (domain.md 7.6): which rung answers a signal. The narrowest scope and the mildest action that can cut the path come
 * first; the next rung is taken only when the signal goes on after the one before it had its time to work. Never down: what was placed is
 * loosened by two people. Pure: state in, state out. */
import { isActionAtLeast } from '../gate/action.ts';
import type { Restriction, RestrictionAction, Scope } from '../gate/restriction.ts';
import { covers } from '../gate/scope.ts';
import { levelOf } from './preview.ts';

/** Something that goes on, with where it could be cut. */
export interface PathSignal {
  /** The same matter, seen again: the detector and where it looks. */
  readonly key: string;
  readonly atMs: number;
  /** From the narrowest to the widest; the search of scopes proposes them. The rail and direction comes last by itself. */
  readonly scopes: readonly Scope[];
  readonly path: Scope;
  /** Money left without the ledger: nothing milder than a stop of the path cuts that. */
  readonly hasMoneyLeft: boolean;
}

/** How strict each rung is. Source of the defaults: domain.md 7.6, L2. */
export interface LadderNumbers {
  /** How long a rung may work before the next one. */
  readonly settleMs: number;
  /** A matter that was quiet for so long starts at the bottom again. */
  readonly quietMs: number;
  readonly capSen: string;
  readonly amountSenPerMinute: string;
  /** No rung above this is taken for a suspicion: L2 limits and stops nobody. Money that left is another matter. */
  readonly levelMax: number;
}

/** Rp5 m each and Rp500 m a minute; a bank sets its own. */
export const LADDER_DEFAULTS: LadderNumbers = {
  settleMs: 10_000,
  quietMs: 30 * 60_000,
  capSen: '500000000',
  amountSenPerMinute: '50000000000',
  levelMax: 2,
};

export interface Rung {
  readonly level: 0 | 1 | 2 | 3 | 4 | 5;
  readonly scope: Scope;
  readonly actions: readonly RestrictionAction[];
}

/** Per matter: the rung that was taken last, and when it was taken and the matter last seen. JSON-safe. */
export type LadderState = Readonly<
  Record<string, { readonly rung: number; readonly placedAtMs: number; readonly seenAtMs: number }>
>;

/** Matters remembered at once; the ones seen longest ago are forgotten first, and then start at the bottom. */
const MATTERS_MAX = 500;

/** Every rung that can answer a signal, lowest first. */
export function rungsOf(signal: PathSignal, numbers: LadderNumbers): readonly Rung[] {
  const { path } = signal;
  const limitsOf = ({ amountFromSen }: Scope): readonly RestrictionAction[] => [
    // A cap below all amounts of a scope would be a stop by another name.
    ...(amountFromSen === undefined || BigInt(amountFromSen) < BigInt(numbers.capSen)
      ? [{ kind: 'cap', amountSen: numbers.capSen } as const]
      : []),
    { kind: 'throttle', amountSenPerMinute: numbers.amountSenPerMinute },
  ];
  const stop: readonly RestrictionAction[] = [{ kind: 'stop' }];
  if (signal.hasMoneyLeft) return [rung(path, stop)];
  // A proposal outside the path that the signal is about would stop what nobody complained of.
  const narrow = signal.scopes.filter(
    (scope) => covers({ outer: path, inner: scope }) && !covers({ outer: scope, inner: path }),
  );
  const scopes = [...narrow, path];
  const wider = [{ direction: path.direction ?? 'out' } as const, {}];
  const all = [
    ...scopes.map((scope) => rung(scope, limitsOf(scope))),
    ...[...scopes, ...wider].map((scope) => rung(scope, stop)),
  ];
  return all.filter(({ level }) => level <= numbers.levelMax);
}

function rung(scope: Scope, actions: readonly RestrictionAction[]): Rung {
  return { level: levelOf(scope, actions[0]!), scope, actions };
}

/** The rungs that signals ask for now. A rung that is in force already, whoever placed it, is passed over; while a rung has not had its time,
 * nothing is placed. */
export function climb(of: {
  readonly state: LadderState;
  readonly signals: readonly PathSignal[];
  readonly active: readonly Restriction[];
  readonly nowMs: number;
  readonly numbers: LadderNumbers;
}): { readonly state: LadderState; readonly place: readonly (Rung & { readonly key: string })[] } {
  const { nowMs, numbers } = of;
  const state = new Map(
    Object.entries(of.state).filter(([, { seenAtMs }]) => nowMs - seenAtMs < numbers.quietMs),
  );
  const place: (Rung & { key: string })[] = [];
  for (const signal of of.signals) {
    const before = state.get(signal.key);
    const rungs = rungsOf(signal, numbers);
    const last = before && rungs[before.rung];
    // One that people have opened again, or that never came to stand, is taken again rather than passed.
    const stands = last !== undefined && isHeld(last, of.active, place);
    if (before && stands && signal.atMs < before.placedAtMs + numbers.settleMs) {
      state.set(signal.key, { ...before, seenAtMs: nowMs });
      continue;
    }
    const from = before && stands ? before.rung + 1 : 0;
    const index = rungs.findIndex((one, at) => at >= from && !isHeld(one, of.active, place));
    if (index < 0) {
      if (before) state.set(signal.key, { ...before, seenAtMs: nowMs });
      continue;
    }
    place.push({ ...rungs[index]!, key: signal.key });
    state.set(signal.key, { rung: index, placedAtMs: nowMs, seenAtMs: nowMs });
  }
  const newest = [...state].toSorted(([, a], [, b]) => b.seenAtMs - a.seenAtMs);
  return { state: Object.fromEntries(newest.slice(0, MATTERS_MAX)), place };
}

/** True when every action of the rung is in force on all of its scope, with nobody admitted past it. */
function isHeld(one: Rung, active: readonly Restriction[], placed: readonly Rung[]): boolean {
  const standing = [
    ...active.filter(({ admission }) => admission === undefined),
    ...placed.flatMap(({ scope, actions }) => actions.map((action) => ({ scope, action }))),
  ];
  return one.actions.every((action) =>
    standing.some(
      ({ scope, action: standingAction }) =>
        covers({ outer: scope, inner: one.scope }) &&
        isActionAtLeast({ next: standingAction, before: action }),
    ),
  );
}
