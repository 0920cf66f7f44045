/** Reads fault rules that came as JSON: a control file or `POST /sim/switch/faults`. Strict: an unknown word is told, not ignored. */
import { FLOWS } from './flow.ts';
import type { Behaviour, FaultRule } from './faults.ts';
import { RESPONSE_CODES } from './response-code.ts';

type Check = (value: unknown) => boolean;

const RULE_COUNT_MAX = 200;
const DELAY_MS_MAX = 86_400_000;
const COPY_COUNT_MAX = 20;
const SEN_MAX = 999_999_999_999;

const whole =
  (from: number, to: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;
const text =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);

const MATCH: Readonly<Record<string, Check>> = {
  direction: oneOf(['from_bank', 'to_bank']),
  flow: oneOf(FLOWS),
  bank: text(/^\d{3}$/),
  accountSuffix: text(/^[0-9A-Za-z]{1,28}$/),
  perTenThousand: whole(0, 10_000),
  fromMs: whole(0, Number.MAX_SAFE_INTEGER),
  untilMs: whole(0, Number.MAX_SAFE_INTEGER),
  countMax: whole(0, Number.MAX_SAFE_INTEGER),
};

const after: Readonly<Record<string, Check>> = { afterMs: whole(0, DELAY_MS_MAX) };
const BEHAVIOURS: Readonly<Record<Behaviour['kind'], Readonly<Record<string, Check>>>> = {
  answer: {},
  delay: after,
  drop_request: {},
  drop_answer: {},
  late_answer: after,
  duplicate: { count: whole(1, COPY_COUNT_MAX) },
  reorder: { holdMs: whole(1, DELAY_MS_MAX) },
  wrong_mac: {},
  forged_code: { rc: (value) => value !== '00' && Object.hasOwn(RESPONSE_CODES, String(value)) },
  wrong_amount: { deltaSen: (value) => value !== 0 && whole(-SEN_MAX, SEN_MAX)(value) },
  code: {
    rc: (value) => value !== '00' && Object.hasOwn(RESPONSE_CODES, String(value)),
    isBooked: (value) => typeof value === 'boolean',
  },
  disconnect: { when: oneOf(['before', 'after']) },
};

/** The rules, or what is wrong with them. */
export function parseFaultRules(
  value: unknown,
):
  | { readonly ok: true; readonly rules: readonly FaultRule[] }
  | { readonly ok: false; readonly reason: string } {
  if (!Array.isArray(value) || value.length > RULE_COUNT_MAX)
    return { ok: false, reason: `rules: not a list of at most ${RULE_COUNT_MAX}` };
  for (const [i, rule] of value.entries()) {
    const reason = faultOfRule(rule);
    if (reason) return { ok: false, reason: `rules[${i}]: ${reason}` };
  }
  return { ok: true, rules: value as FaultRule[] };
}

function faultOfRule(rule: unknown): string | undefined {
  if (!isObject(rule)) return 'not an object';
  const stranger = Object.keys(rule).find((key) => !['name', 'match', 'does'].includes(key));
  if (stranger !== undefined) return `${stranger} is unknown`;
  if (typeof rule['name'] !== 'string') return 'name is missing';
  if (!isObject(rule['match'])) return 'match is missing';
  const wrong = Object.entries(rule['match']).find(
    ([key, at]) => !Object.hasOwn(MATCH, key) || !MATCH[key]!(at),
  );
  if (wrong) return `match.${wrong[0]} is wrong`;
  return faultOfBehaviour(rule['does']);
}

function faultOfBehaviour(does: unknown): string | undefined {
  if (!isObject(does) || !Object.hasOwn(BEHAVIOURS, String(does['kind'])))
    return 'does.kind is unknown';
  const fields = BEHAVIOURS[does['kind'] as Behaviour['kind']];
  const stranger = Object.keys(does).find((key) => key !== 'kind' && !Object.hasOwn(fields, key));
  if (stranger !== undefined) return `does.${stranger} is unknown`;
  const wrong = Object.entries(fields).find(([key, check]) => !check(does[key]));
  return wrong && `does.${wrong[0]} is wrong`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
