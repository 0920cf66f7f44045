/** A fault script as JSON: what holds from now on, and what happens later. The same words in a file and in `POST
 * /sim/switch/faults`. Strict: an unknown word is told, not ignored. */
import type { Time } from '../../src/kernel/time.ts';
import { PLAIN_SETTINGS, type SwitchSettings } from './context.ts';
import { isRecord, parseRules } from '../fault/rule.ts';
import { MAGIC_ACCOUNTS, SWITCH_WORDS, type FaultRule } from './faults.ts';
import type { InterbankSwitch } from './switch.ts';

/** What a script can make the switch do at once. */
export type SwitchAction =
  | 'sign_on'
  | 'sign_off'
  | 'echo'
  | 'key_exchange'
  | 'cut_over'
  | 'disconnect';

/** The words of `SwitchAction`. */
export const SWITCH_ACTIONS: readonly SwitchAction[] = [
  'sign_on',
  'sign_off',
  'echo',
  'key_exchange',
  'cut_over',
  'disconnect',
];

/** What a script changes at one moment. */
export interface ScriptChange {
  readonly settings: Partial<SwitchSettings>;
  readonly rules?: readonly FaultRule[];
}

/** Something that happens `afterMs` from the moment the script is given. */
export interface ScriptStep {
  readonly afterMs: number;
  readonly change?: ScriptChange;
  readonly action?: SwitchAction;
  /** The link that the action is for; all when absent. */
  readonly link?: string;
}

export interface Script extends ScriptChange {
  readonly timeline: readonly ScriptStep[];
}

const AFTER_MS_MAX = 7 * 86_400_000;
const STEP_COUNT_MAX = 1_000;

/** Reads a script; text = what is wrong with it. `reset: true` puts settings and rules back before what else it says. */
export function readScript(value: unknown): Script | string {
  if (!isRecord(value)) return 'body: not an object';
  const { timeline = [], ...rest } = value;
  const change = readChange(rest);
  if (typeof change === 'string') return change;
  if (!Array.isArray(timeline) || timeline.length > STEP_COUNT_MAX)
    return `timeline: not a list of at most ${STEP_COUNT_MAX}`;
  const steps: ScriptStep[] = [];
  for (const [index, given] of timeline.entries()) {
    const step = readStep(given);
    if (typeof step === 'string') return `timeline[${index}]: ${step}`;
    steps.push(step);
  }
  return { ...change, timeline: steps };
}

/** Carries a change out. */
export function applyChange(network: InterbankSwitch, change: ScriptChange): void {
  network.setSettings(change.settings);
  if (change.rules) network.chooser.replace(change.rules);
}

/** Plays the later steps, each at its time, until the signal. A step whose action the bank does not agree to is no error. */
export async function playTimeline(input: {
  readonly time: Time;
  readonly network: InterbankSwitch;
  readonly timeline: readonly ScriptStep[];
  readonly stopping: AbortSignal;
}): Promise<void> {
  const { time, network, stopping } = input;
  const startMs = time.now();
  for (const step of input.timeline.toSorted((a, b) => a.afterMs - b.afterMs)) {
    await time.sleep(Math.max(0, startMs + step.afterMs - time.now()), stopping);
    if (stopping.aborted) return;
    if (step.change) applyChange(network, step.change);
    // Not waited for: what comes next comes at its time.
    if (step.action) void network.act(step.action, step.link);
  }
}

function readStep(value: unknown): ScriptStep | string {
  if (!isRecord(value)) return 'not an object';
  const { afterMs, action, link, ...rest } = value;
  if (!isWhole(afterMs, 0, AFTER_MS_MAX)) return 'afterMs: 0 to a week';
  const known = SWITCH_ACTIONS.find((one) => one === action);
  if (action !== undefined && !known) return `action: one of ${SWITCH_ACTIONS.join(', ')}`;
  if (link !== undefined && typeof link !== 'string') return 'link: a name';
  const change = readChange(rest);
  if (typeof change === 'string') return change;
  return {
    afterMs: Number(afterMs),
    change,
    ...(known && { action: known }),
    ...(link !== undefined && { link }),
  };
}

function readChange(value: Readonly<Record<string, unknown>>): ScriptChange | string {
  let change: ScriptChange = { settings: {} };
  if (value['reset'] !== undefined) {
    if (value['reset'] !== true) return 'reset: only true';
    change = { settings: PLAIN_SETTINGS, rules: MAGIC_ACCOUNTS };
  }
  for (const [key, asked] of Object.entries(value)) {
    if (key === 'reset') continue;
    const part = readPart(key, asked);
    if (typeof part === 'string') return part;
    change = { ...change, ...part, settings: { ...change.settings, ...part.settings } };
  }
  return change;
}

function readPart(key: string, asked: unknown): ScriptChange | string {
  if (key === 'rules') {
    const rules = parseRules(SWITCH_WORDS, asked);
    return typeof rules === 'string'
      ? rules
      : { settings: {}, rules: rules as readonly FaultRule[] }; // the words are those of FaultRule
  }
  return wrongSetting(key, asked) ?? { settings: { [key]: asked } };
}

function wrongSetting(key: string, asked: unknown): string | undefined {
  const oneOf = (...words: readonly string[]): string | undefined =>
    words.includes(asked as string) ? undefined : `${key}: ${words.join(' or ')}`;
  switch (key as keyof SwitchSettings) {
    case 'isSilent':
      return typeof asked === 'boolean' ? undefined : `${key}: true or false`;
    case 'duplicates':
      return oneOf('code_94', 'first_answer');
    case 'unknownReversal':
      return oneOf('00', '25');
    case 'transferReversal':
      return oneOf('refused', 'taken');
    default:
      return `${key}: unknown`;
  }
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;
}
