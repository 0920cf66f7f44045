/** The verdict of all rules on one payment: the strictest wins, and every reason is kept for staff. Pure. */
import { VERDICTS, type ScreenFacts, type Verdict } from './rule.ts';
import type { RuleBook, SetRule } from './rule-book.ts';

export interface Screened {
  readonly verdict: Verdict;
  /** Codes of the rules that acted, the strictest first; answered questions are among them. */
  readonly reasons: readonly string[];
  /** Of the reasons: what the payer must still answer. */
  readonly questions: readonly string[];
  /** Rules that would have acted. */
  readonly shadow: readonly string[];
  /** Rules that would have asked, where nobody was there. */
  readonly unasked: readonly string[];
}

/** Who is there to be asked, and what was answered already. */
export interface Payer {
  readonly canAnswer: boolean;
  readonly answered: readonly string[];
}

/** No rule has anything to say. */
export const PASSED: Screened = {
  verdict: 'allow',
  reasons: [],
  questions: [],
  shadow: [],
  unasked: [],
};

/** Asks every rule of the book that covers this channel and kind. An answer settles its own question and nothing else. */
export function screen(
  { rules }: Pick<RuleBook, 'rules'>,
  input: { readonly facts: ScreenFacts; readonly payer: Payer },
): Screened {
  const { facts, payer } = input;
  const hits = rules.filter(
    (one) => covers(one, facts) && one.rule.hits(facts, one.setting.numbers),
  );
  return hits.length === 0 ? PASSED : weigh(hits, payer);
}

/** True when a rule of the book has a word about payments of this kind in this channel, and needs the history of the pair for it. */
export function readsPair(
  { rules }: Pick<RuleBook, 'rules'>,
  of: Pick<ScreenFacts, 'channel' | 'kind'>,
): boolean {
  return rules.some((one) => one.rule.readsPair && covers(one, of));
}

/** The same of the use of the payer's account (`readsUseFrom`) and of the device, which are read only where the amount is large enough. */
export function readsFrom(
  { rules }: Pick<RuleBook, 'rules'>,
  from: 'readsUseFrom' | 'readsDeviceFrom',
  of: Pick<ScreenFacts, 'channel' | 'kind' | 'amountSen'>,
): boolean {
  return rules.some((one) => {
    const name = one.rule[from];
    if (name === undefined || !covers(one, of)) return false;
    return of.amountSen >= one.setting.numbers[name]!; // a rule names a number of its own
  });
}

function covers({ setting }: SetRule, of: Pick<ScreenFacts, 'channel' | 'kind'>): boolean {
  return setting.channels.includes(of.channel) && setting.kinds.includes(of.kind);
}

function weigh(hits: readonly SetRule[], { canAnswer, answered }: Payer): Screened {
  const acted: { code: string; verdict: Verdict }[] = [];
  const questions: string[] = [];
  const shadow: string[] = [];
  const unasked: string[] = [];
  for (const { rule, setting } of hits) {
    const { code } = rule;
    if (setting.isShadow) {
      shadow.push(code);
      continue;
    }
    const isQuestion = setting.action === 'step_up';
    if (isQuestion && !canAnswer) {
      unasked.push(code);
      if (setting.unasked !== 'allow') acted.push({ code, verdict: setting.unasked });
    } else if (isQuestion) {
      const isAnswered = answered.includes(code);
      if (!isAnswered) questions.push(code);
      acted.push({ code, verdict: isAnswered ? 'allow' : 'step_up' });
    } else acted.push({ code, verdict: setting.action });
  }
  const byStrictness = acted.toSorted((a, b) => strength(b.verdict) - strength(a.verdict));
  return {
    verdict: byStrictness[0]?.verdict ?? 'allow',
    reasons: byStrictness.map(({ code }) => code),
    questions,
    shadow,
    unasked,
  };
}

function strength(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}
