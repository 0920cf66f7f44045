/** What a verb of the command line is, and how what was typed becomes values. */
import { readConfig, type Config } from './config.ts';

/** What was typed after the verb. */
export interface Typed {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

/** One verb. `value` of a flag names what it takes; without it the flag is a switch. */
export interface Verb {
  readonly name: string;
  readonly does: string;
  readonly words: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  readonly flags: readonly {
    readonly name: string;
    readonly value?: string;
    readonly does: string;
  }[];
  run(typed: Typed): Promise<number>;
}

/** What was typed cannot be meant: exit 2, with what was expected. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Flags that many verbs take. */
export const STATE = { name: 'state', value: 'folder', does: 'where everything is kept' } as const;
/** The base port. */
export const PORT = {
  name: 'port',
  value: 'number',
  does: 'the public port; all others follow from it',
} as const;
/** Machine-readable output. */
export const JSON_FLAG = { name: 'json', does: 'one JSON object on the last line' } as const;

/** The value of a flag; undefined when it was not typed. */
export function text(typed: Typed, name: string): string | undefined {
  const value = typed.flags[name];
  return typeof value === 'string' ? value : undefined;
}

const FLAG_OF_VARIABLE = {
  PULIH_STATE: 'state',
  PULIH_PORT: 'port',
  PULIH_HOST: 'host',
  PULIH_CORES: 'cores',
} as const;

/** The environment, with what was typed over it. Throws UsageError, in the words of the flag where one was typed. */
export function configOf(typed: Typed): Config {
  const given = Object.entries(FLAG_OF_VARIABLE).filter(([, flag]) => text(typed, flag));
  const over = given.map(([variable, flag]) => [variable, text(typed, flag)]);
  try {
    return readConfig({ ...process.env, ...Object.fromEntries(over) });
  } catch (error) {
    const { message } = error as Error;
    const wrong = given.find(([variable]) => message.includes(variable));
    throw new UsageError(wrong ? message.replace(wrong[0], `--${wrong[1]}`) : message);
  }
}
