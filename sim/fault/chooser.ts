/** Chooses by rules and counts what they met. */
import type { Random } from '../../src/kernel/random.ts';
import { WHEN, type AnyRule } from './rule.ts';

/** What is known of one exchange, by the names that a rule may match. */
export type Facts = Readonly<Record<string, string>>;

/** Chooses behaviours for one wire and counts how often each rule was used. */
export interface Chooser<R extends AnyRule> {
  /** The first rule of these kinds that applies decides (any kind when absent); none = all well. One draw of `random` per rule with a
   * share that otherwise matches, so that a seed and an order of messages give the same faults. `facts` may be a function, asked only
   * when a rule wants to know. */
  choose<K extends R['does']['kind']>(
    facts: Facts | (() => Facts),
    kinds?: readonly K[],
  ): Extract<R['does'], { readonly kind: K }> | undefined;
  /** A fault that holds for the whole wire while its rule does, such as a wrong clock. Not counted by message. */
  standing<K extends R['does']['kind']>(
    kind: K,
  ): Extract<R['does'], { readonly kind: K }> | undefined;
  /** Replaces the rules; a rule that stays keeps its count. */
  replace(rules: readonly R[]): void;
  rules(): readonly R[];
  /** How often a rule decided. */
  met(rule: R): number;
  /** Rule name → how often it decided. */
  used(): Readonly<Record<string, number>>;
  readonly random: Random;
}

/** Opens it. `defaults` are conditions that hold for a rule that does not name them; `all` in a rule lifts them. */
export function openChooser<R extends AnyRule>(input: {
  readonly rules: readonly R[];
  readonly random: Random;
  now(): number;
  readonly defaults?: Facts;
}): Chooser<R> {
  const { random, now, defaults = {} } = input;
  const settle = (rules: readonly R[]): readonly R[] => rules.map((rule) => settled(rule, now()));
  let rules = settle(input.rules);
  let used = new Map<R, number>();
  const isOpen = ({ match }: R): boolean =>
    (match.fromMs === undefined || now() >= match.fromMs) &&
    (match.untilMs === undefined || now() < match.untilMs);
  const isLeft = (rule: R): boolean =>
    rule.match.countMax === undefined || (used.get(rule) ?? 0) < rule.match.countMax;
  const isDrawn = ({ match }: R): boolean =>
    match.perTenThousand === undefined || random.below(10_000) < match.perTenThousand;
  return {
    random,
    choose(given, kinds) {
      let known: Facts | undefined;
      const facts = (): Facts => (known ??= typeof given === 'function' ? given() : given);
      const rule = rules.find(
        (one) =>
          (kinds === undefined || (kinds as readonly string[]).includes(one.does.kind)) &&
          isOpen(one) &&
          isLeft(one) &&
          isAbout(one.match as Readonly<Record<string, unknown>>, facts, defaults) &&
          isDrawn(one),
      );
      if (!rule) return undefined;
      used.set(rule, (used.get(rule) ?? 0) + 1);
      return rule.does as never; // of one of `kinds`
    },
    standing: (kind) => rules.find((one) => one.does.kind === kind && isOpen(one))?.does as never, // of this kind
    replace(next) {
      rules = settle(next);
      used = new Map([...used].filter(([rule]) => rules.includes(rule)));
    },
    rules: () => rules,
    met: (rule) => used.get(rule) ?? 0,
    used: () => Object.fromEntries([...used].map(([rule, count]) => [rule.name, count])),
  };
}

/** With `afterMs` and `forMs` as hours of the clock. */
function settled<R extends AnyRule>(rule: R, nowMs: number): R {
  const { afterMs, forMs, ...match } = rule.match;
  if (afterMs === undefined && forMs === undefined) return rule;
  const fromMs = match.fromMs ?? nowMs + (afterMs ?? 0);
  const until = forMs === undefined ? {} : { untilMs: fromMs + forMs };
  return { ...rule, match: { ...match, fromMs, ...until } };
}

function isAbout(
  match: Readonly<Record<string, unknown>>,
  facts: () => Facts,
  defaults: Facts,
): boolean {
  for (const [key, wanted] of Object.entries({ ...defaults, ...match })) {
    if (Object.hasOwn(WHEN, key) || wanted === 'all') continue;
    const isEnd = key.endsWith('Suffix');
    const fact = facts()[isEnd ? key.slice(0, -'Suffix'.length) : key];
    if (isEnd ? fact?.endsWith(String(wanted)) !== true : fact !== wanted) return false;
  }
  return true;
}
