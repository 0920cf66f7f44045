/** What may go wrong on the link of the bank's own machines, in the words of the switch's wire. The machines' own troubles (jam, lost
 * power) are at the machine: terminal.ts. */
import type { Chooser } from '../fault/chooser.ts';
import { STANDING_VERBS, type StandingFault } from '../fault/exchange.ts';
import { oneOf, text, type Rule, type Vocabulary, type WhenMatch } from '../fault/rule.ts';
import type { Message } from '../switch/codec.ts';
import { LINK_VERBS, planOf, type Behaviour, type Plan } from '../switch/faults.ts';
import { ASKS } from './message.ts';

/** A machine asks; what its bank would answer is the bank's. */
export type MachineBehaviour = Exclude<
  Behaviour,
  { readonly kind: 'code' | 'code_storm' | 'forged_code' }
>;

/** What a rule can be about. */
export const MACHINE_FLOWS = [
  'withdrawal',
  'balance',
  'deposit',
  'pin_change',
  'take_back',
  'report',
  'other',
] as const;

export interface MachineMatch extends WhenMatch {
  readonly flow?: (typeof MACHINE_FLOWS)[number];
  /** Eight characters: `ATM19901`. */
  readonly terminal?: string;
}

export type MachineRule = Rule<MachineBehaviour | StandingFault, MachineMatch>;

const { code: _code, code_storm: _storm, forged_code: _forged, ...VERBS } = LINK_VERBS;
const KINDS = Object.keys(VERBS) as MachineBehaviour['kind'][];
const ALL_WELL: MachineBehaviour = { kind: 'answer' };

/** The machines' words. */
export const MACHINE_WORDS: Vocabulary = {
  match: {
    flow: oneOf(MACHINE_FLOWS),
    terminal: text(/^[0-9A-Z]{8}$/, 'ATM19901'),
  },
  does: { ...VERBS, ...STANDING_VERBS },
};

/** What happens to one request of a machine. */
export function planFor(chooser: Chooser<MachineRule>, message: Message): Plan {
  const facts = { flow: flowOf(message), terminal: message.fields[41] ?? '' };
  return planOf(chooser.choose(facts, KINDS) ?? ALL_WELL, chooser.random);
}

function flowOf({ mti, fields }: Message): (typeof MACHINE_FLOWS)[number] {
  if (mti.startsWith('042')) return 'take_back';
  if (mti.startsWith('052')) return 'report';
  const found = Object.entries(ASKS).find(([, code]) => code === fields[3]);
  return mti === '0200' && found ? (found[0] as keyof typeof ASKS) : 'other';
}
