/** The command line: `pulih <verb>`. Each verb is loaded when it is asked for. Exit 0 = done, 1 = failed, 2 = wrong usage. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError, type Verb } from './app/verb.ts';
import { VERBS } from './app/verbs.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  const verb = VERBS.find((one) => one.name === name);
  if (!verb || rest.includes('--help')) {
    const isAsked = name === 'help' || name === '--help' || rest.includes('--help');
    (isAsked ? process.stdout : process.stderr).write(
      verb ? usageOf(verb) : usage(isAsked ? undefined : name),
    );
    return isAsked ? 0 : 2;
  }
  const parsed = parse(verb, rest);
  if (typeof parsed === 'string') {
    process.stderr.write(`${parsed}\n\n${usageOf(verb)}`);
    return 2;
  }
  try {
    return await verb.run(parsed);
  } catch (error) {
    process.stderr.write(
      `${process.env['PULIH_TRACE'] ? (error as Error).stack : (error as Error).message}\n`,
    );
    return error instanceof UsageError ? 2 : 1;
  }
}

function parse(
  verb: Verb,
  args: readonly string[],
): { flags: Record<string, string | boolean | undefined>; words: string[] } | string {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    verb.flags.map((flag) => [
      flag.name,
      { type: flag.value ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    if (positionals.length < verb.wordsMin) return `pulih ${verb.name} needs ${verb.words}`;
    if (positionals.length > verb.wordsMax)
      return `pulih ${verb.name} does not know what to do with: ${positionals.slice(verb.wordsMax).join(' ')}`;
    return { flags: values as Record<string, string | boolean | undefined>, words: positionals };
  } catch (error) {
    return (error as Error).message;
  }
}

function usage(unknown: string | undefined): string {
  const lines = VERBS.map((verb) => `  ${verb.name.padEnd(9)} ${verb.does}\n`).join('');
  return `${unknown === undefined ? '' : `Unknown verb: ${unknown}\n\n`}pulih <verb> [flags]\n\n${lines}\npulih <verb> --help tells more.\n`;
}

function usageOf(verb: Verb): string {
  const flags = verb.flags
    .map(
      (flag) =>
        `  --${`${flag.name}${flag.value ? ` <${flag.value}>` : ''}`.padEnd(22)} ${flag.does}\n`,
    )
    .join('');
  return `${`pulih ${verb.name} ${verb.words}`.trimEnd()}\n  ${verb.does}\n${flags ? `\n${flags}` : ''}`;
}
