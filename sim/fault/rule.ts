/** The one form of a fault script: rules that name a behaviour for a part of a wire's traffic. Every simulator brings its words (which
 * fields may match, which behaviours it can play, each with its bounds); reading, choosing, counting and showing them is done here and
 * beside, once for all. Owns no state. */

/** A value in a rule, as data: how it is checked, and how a form asks for it. */
export interface Field {
  readonly form: 'whole' | 'text' | 'choice' | 'flag' | 'list';
  /** Shown beside the field: bounds, or the words that may be chosen. */
  readonly hint: string;
  /** Of a `choice`. */
  readonly choices?: readonly string[];
  isFit(value: unknown): boolean;
}

/** Conditions that every wire knows; all that are given must hold. */
export interface WhenMatch {
  /** Share of what matches, in 1/10,000. */
  readonly perTenThousand?: number;
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** From this long after the rule was given: `fromMs` for a file that does not know the hour. */
  readonly afterMs?: number;
  /** For this long, counted from its beginning. */
  readonly forMs?: number;
  /** Only the first so many. */
  readonly countMax?: number;
}

/** One rule of a script. */
export interface Rule<Does extends { readonly kind: string }, Match extends WhenMatch = WhenMatch> {
  readonly name: string;
  readonly match: Match;
  readonly does: Does;
}

/** A rule of any wire. */
export type AnyRule = Rule<{ readonly kind: string }>;

/** A behaviour as data: what it does in a few words, and its fields. */
export interface Verb {
  readonly words: string;
  readonly fields: Readonly<Record<string, Field>>;
}

/** The words of one wire. */
export interface Vocabulary {
  readonly match: Readonly<Record<string, Field>>;
  readonly does: Readonly<Record<string, Verb>>;
}

const RULE_COUNT_MAX = 200;
const NAME_LENGTH_MAX = 80;
const LIST_LENGTH_MAX = 20;
/** A day: nothing here outlives the business date by more. */
export const DELAY_MS_MAX = 86_400_000;

/** A whole number within bounds. */
export function whole(from: number, to: number): Field {
  return {
    form: 'whole',
    hint: `${from} to ${to}`,
    isFit: (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to,
  };
}

/** A string that matches the whole pattern. */
export function text(pattern: RegExp, hint: string): Field {
  return {
    form: 'text',
    hint,
    isFit: (value) => typeof value === 'string' && pattern.test(value),
  };
}

/** One of these words. */
export function oneOf(choices: readonly string[]): Field {
  return {
    form: 'choice',
    hint: choices.join(', '),
    choices,
    isFit: (value) => choices.includes(value as string),
  };
}

/** True or false. */
export const flag: Field = {
  form: 'flag',
  hint: 'true or false',
  isFit: (value) => typeof value === 'boolean',
};

/** A list of one to twenty of what `item` takes. */
export function list(item: Field): Field {
  return {
    form: 'list',
    hint: `a list: ${item.hint}`,
    isFit: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= LIST_LENGTH_MAX &&
      value.every((one) => item.isFit(one)),
  };
}

/** Milliseconds up to a day. */
export const delay: Field = whole(0, DELAY_MS_MAX);

/** The conditions of `WhenMatch`. */
export const WHEN: Readonly<Record<keyof WhenMatch, Field>> = {
  perTenThousand: whole(0, 10_000),
  fromMs: whole(0, Number.MAX_SAFE_INTEGER),
  untilMs: whole(0, Number.MAX_SAFE_INTEGER),
  afterMs: delay,
  forMs: delay,
  countMax: whole(1, 1_000_000),
};

/** Reads rules that came as JSON; text = what is wrong with them. Strict: an unknown word is told, not ignored. */
export function parseRules(vocabulary: Vocabulary, value: unknown): readonly AnyRule[] | string {
  if (!Array.isArray(value) || value.length > RULE_COUNT_MAX)
    return `rules: not a list of at most ${RULE_COUNT_MAX}`;
  for (const [i, rule] of value.entries()) {
    const fault = faultOfRule(vocabulary, rule);
    if (fault !== undefined) return `rules[${i}]: ${fault}`;
  }
  return value as AnyRule[]; // each was looked through
}

function faultOfRule(vocabulary: Vocabulary, rule: unknown): string | undefined {
  if (!isRecord(rule)) return 'not an object';
  const stranger = Object.keys(rule).find((key) => !['name', 'match', 'does'].includes(key));
  if (stranger !== undefined) return `${stranger} is unknown`;
  const { name, match, does } = rule;
  if (typeof name !== 'string' || name === '' || name.length > NAME_LENGTH_MAX)
    return 'name is missing';
  if (!isRecord(match)) return 'match is missing';
  const known: Readonly<Record<string, Field>> = { ...vocabulary.match, ...WHEN };
  for (const [key, at] of Object.entries(match)) {
    if (!Object.hasOwn(known, key)) return `match.${key} is unknown`;
    if (!known[key]!.isFit(at)) return `match.${key} is wrong`;
  }
  return faultOfDoes(vocabulary, does);
}

function faultOfDoes(vocabulary: Vocabulary, does: unknown): string | undefined {
  if (!isRecord(does) || !Object.hasOwn(vocabulary.does, String(does['kind'])))
    return 'does.kind is unknown';
  const { fields } = vocabulary.does[String(does['kind'])]!;
  const stranger = Object.keys(does).find((key) => key !== 'kind' && !Object.hasOwn(fields, key));
  if (stranger !== undefined) return `does.${stranger} is unknown`;
  const wrong = Object.entries(fields).find(([key, field]) => !field.isFit(does[key]));
  return wrong && `does.${wrong[0]} is wrong`;
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
