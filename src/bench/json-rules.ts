/** The same restrictions and rules of risk through npm `json-rules-engine`, as its documentation shows them: one rule per restriction,
 * conditions over facts. The reference in `pulih bench guard`; nothing that moves money imports it. */
import { createRequire } from 'node:module';
import type { Restriction } from '../gate/restriction.ts';
import { EXACT_DIMENSIONS } from '../gate/scope.ts';
import { namedFlow, type InlineCase, type InlineWord } from './inline.ts';

interface Condition {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
}
type Conditions = { readonly all: readonly (Condition | { readonly any: readonly unknown[] })[] };

interface Engine {
  addRule(rule: {
    readonly conditions: Conditions | { readonly any: readonly Conditions[] };
    readonly event: { readonly type: string };
  }): unknown;
  addOperator(name: string, check: (fact: never, value: never) => boolean): void;
  run(facts: Readonly<Record<string, unknown>>): Promise<{
    readonly events: readonly { readonly type: string }[];
  }>;
}

/** Decides as `decideInline` does; undefined where the package is not installed. */
export function openJsonRules(
  restrictions: readonly Restriction[],
): ((of: InlineCase) => Promise<InlineWord>) | undefined {
  const made = load();
  if (!made) return undefined;
  const engine = new made([], { allowUndefinedFacts: true });
  engine.addOperator('startsWith', (fact: string, value: string) => fact.startsWith(value));
  for (const { scope, action } of restrictions)
    engine.addRule({ conditions: conditionsOf(scope), event: { type: action.kind } });
  for (const rule of riskRules()) engine.addRule({ conditions: rule, event: { type: 'refused' } });
  return async (of) => {
    const { events } = await engine.run(factsOf(of));
    const said = new Set(events.map(({ type }) => type));
    return WORDS.find((word) => said.has(word)) ?? 'allow';
  };
}

/** Strictest first. */
const WORDS: readonly InlineWord[] = ['stop', 'cap', 'hold', 'step_up', 'refused'];

function load():
  | (new (rules: readonly unknown[], options: { readonly allowUndefinedFacts: boolean }) => Engine)
  | undefined {
  try {
    const module = createRequire(import.meta.url)('json-rules-engine') as { Engine: never };
    return module.Engine;
  } catch {
    return undefined;
  }
}

function conditionsOf(scope: Restriction['scope']): Conditions {
  const all: (Condition | { any: readonly unknown[] })[] = EXACT_DIMENSIONS.flatMap((name) =>
    scope[name] === undefined ? [] : [{ fact: name, operator: 'equal', value: scope[name] }],
  );
  if (scope.cohort) all.push({ fact: 'payer', operator: 'in', value: scope.cohort.payers });
  if (scope.payees) all.push({ fact: 'payee', operator: 'in', value: scope.payees });
  if (scope.amountFromSen !== undefined)
    all.push({
      fact: 'amountSen',
      operator: 'greaterThanInclusive',
      value: Number(scope.amountFromSen),
    });
  if (scope.payeeCategory)
    all.push({
      any: scope.payeeCategory.payees.map(({ bank, accountPrefix }) => ({
        all: [
          { fact: 'bank', operator: 'equal', value: bank },
          { fact: 'payeeAccount', operator: 'startsWith', value: accountPrefix },
        ],
      })),
    });
  return { all };
}

function riskRules(): readonly { readonly any: readonly Conditions[] }[] {
  const above = (fact: string, of: string): Conditions => ({
    all: [{ fact, operator: 'greaterThan', value: { fact: of } }],
  });
  return [
    { any: [above('railMinimumSen', 'amountSen')] },
    { any: [above('amountSen', 'railCapSen')] },
    { any: [above('sentWithThis', 'dailyLimitSen'), above('countWithThis', 'dailyCountMax')] },
    { any: [above('countInWindowWithThis', 'velocityMax')] },
  ];
}

function factsOf({ flow, risk }: InlineCase): Readonly<Record<string, unknown>> {
  return {
    ...namedFlow(flow),
    amountSen: Number(flow.amountSen),
    railMinimumSen: Number(risk.railMinimumSen),
    railCapSen: Number(risk.railCapSen),
    sentWithThis: Number(risk.sentTodaySen + risk.amountSen),
    dailyLimitSen: Number(risk.dailyLimitSen),
    countWithThis: risk.countToday + 1,
    dailyCountMax: risk.dailyCountMax,
    countInWindowWithThis: risk.countInWindow + 1,
    velocityMax: risk.velocityMax,
  };
}
