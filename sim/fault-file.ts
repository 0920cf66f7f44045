/** The fault script that a simulator starts with: one JSON file for all wires. Strict: an unknown word stops the start. */
import { seededRandom, type Random } from '../src/kernel/random.ts';
import { BILLER_WORDS, type BillerRule } from './biller/faults.ts';
import { CALLER_WORDS, PARTNER_WORDS, type PartnerRule } from './customer/faults.ts';
import { isRecord, parseRules, type Vocabulary } from './fault/rule.ts';
import { HUB_WORDS, type FaultRule as HubRule } from './hub/faults.ts';
import { SWITCH_WORDS, type FaultRule as SwitchRule } from './switch/faults.ts';
import { readScript, type Script } from './switch/script.ts';
import { MACHINE_WORDS, type MachineRule } from './terminal/faults.ts';

/** What each wire plays from the start, before the rules that hold always. */
export interface FaultFile {
  /** Decides which messages a share meets: the same seed and the same order of messages give the same faults. */
  readonly seed: string | undefined;
  readonly hub: readonly HubRule[];
  readonly biller: readonly BillerRule[];
  readonly switch: readonly SwitchRule[];
  readonly machines: readonly MachineRule[];
  readonly partner: readonly PartnerRule[];
  readonly caller: readonly PartnerRule[];
  /** Settings, actions and their times on the switch: switch/script.ts. */
  readonly switchScript: Script | undefined;
}

/** The words of each wire. */
export const WIRE_WORDS = {
  hub: HUB_WORDS,
  biller: BILLER_WORDS,
  switch: SWITCH_WORDS,
  machines: MACHINE_WORDS,
  partner: PARTNER_WORDS,
  caller: CALLER_WORDS,
} as const satisfies Readonly<Record<string, Vocabulary>>;

/** A wire that can play faults. */
export type WireName = keyof typeof WIRE_WORDS;

/** No fault but those that hold always. */
export const NO_FAULTS: FaultFile = {
  seed: undefined,
  hub: [],
  biller: [],
  switch: [],
  machines: [],
  partner: [],
  caller: [],
  switchScript: undefined,
};

const SEED_LENGTH_MAX = 100;

/** Reads the file's value; text = what is wrong with it. */
export function readFaultFile(value: unknown): FaultFile | string {
  if (!isRecord(value)) return 'not an object';
  let file: FaultFile = NO_FAULTS;
  for (const [key, asked] of Object.entries(value)) {
    const part = readPart(key, asked);
    if (typeof part === 'string') return part;
    file = { ...file, ...part };
  }
  return file;
}

function readPart(key: string, asked: unknown): Partial<FaultFile> | string {
  if (key === 'seed')
    return typeof asked === 'string' && asked.length <= SEED_LENGTH_MAX
      ? { seed: asked }
      : `seed: a text of at most ${SEED_LENGTH_MAX}`;
  if (key === 'switchScript') {
    const script = readScript(asked);
    return typeof script === 'string' ? `switchScript: ${script}` : { switchScript: script };
  }
  if (!Object.hasOwn(WIRE_WORDS, key)) return `${key}: unknown`;
  const rules = parseRules(WIRE_WORDS[key as WireName], asked);
  return typeof rules === 'string' ? `${key}: ${rules}` : { [key]: rules };
}

/** Draws the shares of one wire: by the seed where there is one. */
export function faultRandomOf(file: FaultFile, wire: WireName, otherwise: Random): Random {
  return file.seed === undefined ? otherwise : seededRandom(`${file.seed}:${wire}`);
}
