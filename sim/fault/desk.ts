/** A simulator's faults as the control and its page see them: what is on, switch on, off, and back to the start. */
import type { Chooser } from './chooser.ts';
import { isRecord, parseRules, type AnyRule, type Vocabulary } from './rule.ts';

/** A rule and what became of it. */
export interface Shown {
  readonly rule: AnyRule;
  /** How often it decided. */
  readonly met: number;
  /** `waits`: its time has not come; `over`: its time or its number is; `always`: holds from the start for accounts of its own. */
  readonly state: 'on' | 'waits' | 'over' | 'always';
}

/** One wire's faults. */
export interface FaultDesk {
  readonly wire: string;
  readonly words: Vocabulary;
  shown(): readonly Shown[];
  /** Text = what is wrong with the rule. It goes before the others; one of the same name goes away. */
  on(rule: unknown): string | undefined;
  /** True when there was one. */
  off(name: string): boolean;
  /** Replaces all but those that hold always. Text = what is wrong with them. */
  replace(rules: unknown): string | undefined;
}

/** At most so many besides those that hold always: the oldest must be switched off first. */
const RULE_COUNT_MAX = 100;

/** A desk over a chooser. `always` are its rules from the start. */
export function openDesk<R extends AnyRule>(input: {
  readonly wire: string;
  readonly words: Vocabulary;
  readonly chooser: Chooser<R>;
  readonly always: readonly R[];
  now(): number;
}): FaultDesk {
  const { chooser, always, words } = input;
  const isAlways = (rule: R): boolean => always.includes(rule);
  const given = (): readonly R[] => chooser.rules().filter((rule) => !isAlways(rule));
  const read = (asked: unknown): readonly R[] | string =>
    parseRules(words, asked) as readonly R[] | string; // the words are those of R
  const set = (rules: readonly R[]): void => chooser.replace([...rules, ...always]);
  return {
    wire: input.wire,
    words,
    shown: () =>
      chooser.rules().map((rule) => {
        const met = chooser.met(rule);
        return { rule, met, state: isAlways(rule) ? 'always' : stateOf(rule, met, input.now()) };
      }),
    on(asked) {
      const rules = read([asked]);
      if (typeof rules === 'string') return rules.replace('rules[0]: ', '');
      const others = given().filter(({ name }) => name !== rules[0]!.name);
      if (others.length >= RULE_COUNT_MAX) return `rules: ${RULE_COUNT_MAX} are on`;
      set([rules[0]!, ...others]);
      return undefined;
    },
    off(name) {
      const rules = given();
      const rest = rules.filter((rule) => rule.name !== name);
      set(rest);
      return rest.length < rules.length;
    },
    replace(asked) {
      const rules = read(asked);
      if (typeof rules === 'string') return rules;
      if (rules.length > RULE_COUNT_MAX) return `rules: at most ${RULE_COUNT_MAX}`;
      set(rules);
      return undefined;
    },
  };
}

function stateOf({ match }: AnyRule, met: number, nowMs: number): Shown['state'] {
  if (match.untilMs !== undefined && nowMs >= match.untilMs) return 'over';
  if (match.countMax !== undefined && met >= match.countMax) return 'over';
  return match.fromMs !== undefined && nowMs < match.fromMs ? 'waits' : 'on';
}

/** Answers `GET /sim/fault`, and `POST /sim/fault/<wire>` with one of `{"on": rule}`, `{"off": "name"}`, `{"rules": […]}` and `{"reset": true}`;
 * undefined = not its path. */
export function controlFaults(
  desks: readonly FaultDesk[],
  request: { readonly method: string; readonly path: string; readonly body: unknown },
): { readonly status: number; readonly value: unknown } | undefined {
  const { method, path, body } = request;
  if (method === 'GET' && path === '/sim/fault')
    return { status: 200, value: Object.fromEntries(desks.map((desk) => [desk.wire, tell(desk)])) };
  const wire = /^\/sim\/fault\/([a-z]+)$/.exec(path)?.[1];
  if (method !== 'POST' || wire === undefined) return undefined;
  const desk = desks.find((one) => one.wire === wire);
  if (!desk) return refused(404, `wire: one of ${desks.map((one) => one.wire).join(', ')}`);
  if (!isRecord(body) || Object.keys(body).length !== 1)
    return refused(400, 'body: one of on, off, rules, reset');
  const wrong = carryOut(desk, body);
  return wrong === undefined ? { status: 200, value: tell(desk) } : refused(400, wrong);
}

function carryOut(desk: FaultDesk, body: Readonly<Record<string, unknown>>): string | undefined {
  const [[verb, asked] = []] = Object.entries(body);
  switch (verb) {
    case 'on':
      return desk.on(asked);
    case 'off':
      return typeof asked === 'string' && desk.off(asked) ? undefined : 'off: no such rule is on';
    case 'rules':
      return desk.replace(asked);
    case 'reset':
      return asked === true ? desk.replace([]) : 'reset: only true';
    default:
      return 'body: one of on, off, rules, reset';
  }
}

function tell(desk: FaultDesk): unknown {
  return desk.shown().map(({ rule, met, state }) => ({ ...rule, met, state }));
}

function refused(status: number, reason: string) {
  return { status, value: { ok: false, reason } };
}
