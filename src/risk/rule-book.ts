/** The rules in force: each rule's defaults with what a setting changes of them. Reads the setting's text strictly, all or nothing: half
 * of a change that two people meant is not what they meant. Pure. */
import { blocked } from './blocked.ts';
import { firstPayee } from './first-payee.ts';
import { movedSession } from './moved-session.ts';
import { mule } from './mule.ts';
import { newDevice } from './new-device.ts';
import { repeated } from './repeated.ts';
import { sharedDevice } from './shared-device.ts';
import { staffDevice } from './staff-device.ts';
import { stolenSession } from './stolen-session.ts';
import { unusual } from './unusual.ts';
import { woken } from './woken.ts';
import { ALL_KINDS, RISK_CHANNELS, VERDICTS, type Rule, type RuleSetting } from './rule.ts';

/** Every rule there is. */
export const SCREEN_RULES: readonly Rule[] = [
  blocked,
  // A rule is called with its own numbers only: the book keeps them together.
  firstPayee as unknown as Rule,
  repeated as unknown as Rule,
  unusual as unknown as Rule,
  mule as unknown as Rule,
  woken as unknown as Rule,
  stolenSession as unknown as Rule,
  staffDevice as unknown as Rule,
  sharedDevice as unknown as Rule,
  newDevice as unknown as Rule,
  movedSession as unknown as Rule,
];

/** One rule with its setting. */
export interface SetRule {
  readonly rule: Rule;
  readonly setting: RuleSetting;
}

export interface RuleBook {
  /** Of the setting; 0 for the defaults. */
  readonly version: number;
  readonly rules: readonly SetRule[];
}

/** Until a setting says otherwise. */
export const DEFAULT_BOOK: RuleBook = {
  version: 0,
  rules: SCREEN_RULES.map((rule) => ({ rule, setting: rule.defaults })),
};

/** What this code can read; a text of another form is for another release. */
const FORM = 1;
const TEXT_MAX = 20_000;

/** The defaults with the changes of a setting, or undefined where any part of the text is not understood. Form:
 * `{"form":1,"rules":{"first_payee":{"action":"hold","isShadow":true,"channels":["mobile"],"numbers":{"fromSen":"500000000"}}}}`. */
export function readBook(version: number, text: string): RuleBook | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const parsed = parse(text);
  if (!isRecord(parsed) || !hasOnly(parsed, ['form', 'rules']) || parsed['form'] !== FORM)
    return undefined;
  const changes = parsed['rules'];
  const codes = SCREEN_RULES.map(({ code }) => code);
  if (!isRecord(changes) || !hasOnly(changes, codes)) return undefined;
  const rules: SetRule[] = [];
  for (const rule of SCREEN_RULES) {
    const change = changes[rule.code];
    const setting = change === undefined ? rule.defaults : readSetting(rule.defaults, change);
    if (!setting) return undefined;
    rules.push({ rule, setting });
  }
  return { version, rules };
}

function readSetting(base: RuleSetting, change: unknown): RuleSetting | undefined {
  if (!isRecord(change) || !hasOnly(change, Object.keys(base))) return undefined;
  const { action, unasked, isShadow, channels, kinds, numbers } = { ...base, ...change };
  if (!isOneOf(VERDICTS.slice(1), action)) return undefined;
  if (!isOneOf(['allow', 'hold', 'refuse'], unasked)) return undefined;
  if (typeof isShadow !== 'boolean') return undefined;
  if (!areSome(channels, RISK_CHANNELS) || !areSome(kinds, ALL_KINDS)) return undefined;
  const read = change['numbers'] === undefined ? base.numbers : readNumbers(base.numbers, numbers);
  return read && ({ action, unasked, isShadow, channels, kinds, numbers: read } as RuleSetting); // checked above, part by part
}

function readNumbers(
  base: RuleSetting['numbers'],
  change: unknown,
): RuleSetting['numbers'] | undefined {
  if (!isRecord(change) || !hasOnly(change, Object.keys(base))) return undefined;
  const numbers: Record<string, bigint> = { ...base };
  for (const [name, value] of Object.entries(change)) {
    if (typeof value !== 'string' || !/^[1-9]\d{0,15}$/.test(value)) return undefined;
    numbers[name] = BigInt(value);
  }
  return numbers;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOnly(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name));
}

function isOneOf(names: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && names.includes(value);
}

/** An empty list would switch a rule off without saying so: shadow says it. */
function areSome(value: unknown, names: readonly string[]): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isOneOf(names, one));
}
