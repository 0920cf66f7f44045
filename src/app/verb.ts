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

/** The environment, with what was typed over it. */
export function configOf(typed: Typed): Config {
  const over = {
    PULIH_STATE: text(typed, 'state'),
    PULIH_PORT: text(typed, 'port'),
    PULIH_HOST: text(typed, 'host'),
    PULIH_CORES: text(typed, 'cores'),
  };
  const given = Object.entries(over).filter(([, value]) => value !== undefined);
  return readConfig({ ...process.env, ...Object.fromEntries(given) });
}
