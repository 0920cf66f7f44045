/** `pulih localise`: reads a file of leaves and prints where a deviation comes from. Decides nothing; needs no data of the bank. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { CsvFault } from '../guard/localise/csv.ts';
import { localise, type RootCause } from '../guard/localise/localise.ts';
import { readRatioTable, readRatioTables, readTable } from '../guard/localise/read.ts';
import type { LeafTable } from '../guard/localise/table.ts';

/** One file is read into memory at once. */
const FILE_BYTES_MAX = 1 << 30;

/** What the command prints, and its exit code. */
export interface Said {
  readonly exit: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

/** Says the root-cause sets of `files`, as JSON or for people. Exit 0 (also for an empty list: nothing stands out), 1 when a file cannot be read, 2
 * for a wrong usage. `isRatio`: one file with numerator and denominator, or `x.a.csv` (its `x.b.csv` is found beside it). */
export function localiseFiles(input: {
  readonly files: readonly string[];
  readonly isRatio: boolean;
  readonly asJson: boolean;
}): Said {
  const files = input.isRatio ? pairOf(input.files) : input.files;
  if (files.length !== 1 && !(input.isRatio && files.length === 2))
    return {
      exit: 2,
      out: '',
      err: 'Usage: pulih localise <file.csv> | <file.csv> --derived | <x.a.csv> [x.b.csv] --derived\n',
    };
  const read = tableOfFiles(files, input.isRatio);
  if (!read.ok) {
    const err = `Cannot read ${read.error.file}: ${sayFault(read.error)}\n`;
    return { exit: 1, out: input.asJson ? `${JSON.stringify({ error: read.error })}\n` : '', err };
  }
  const causes = localise(read.table);
  const out = input.asJson ? `${JSON.stringify(causes.map(roundedCause))}\n` : textOf(causes);
  return { exit: 0, out, err: '' };
}

/** `x.a.csv` alone, or `x.csv` that is not there, stands for both halves. */
function pairOf(files: readonly string[]): readonly string[] {
  const [file] = files;
  if (files.length !== 1 || file === undefined) return files;
  const stem = file.endsWith('.a.csv')
    ? file.slice(0, -'.a.csv'.length)
    : existsSync(file)
      ? undefined
      : file.replace(/\.csv$/, '');
  const pair = stem === undefined ? [] : [`${stem}.a.csv`, `${stem}.b.csv`];
  return pair.length === 2 && pair.every((one) => existsSync(one)) ? pair : files;
}

interface FileFault extends Omit<CsvFault, 'reason' | 'line'> {
  readonly file: string;
  readonly reason: CsvFault['reason'] | 'not_found' | 'too_large';
  readonly line?: number;
}

type Read =
  | { readonly ok: true; readonly table: LeafTable }
  | { readonly ok: false; readonly error: FileFault };

function tableOfFiles(files: readonly string[], isRatio: boolean): Read {
  const contents: Uint8Array[] = [];
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return { ok: false, error: { file, reason: 'not_found' } };
    if (stat.size > FILE_BYTES_MAX) return { ok: false, error: { file, reason: 'too_large' } };
    contents.push(readFileSync(file));
  }
  const [first, second] = contents as [Uint8Array, Uint8Array?];
  if (second) {
    const both = readRatioTables({ numerator: first, denominator: second });
    if (both.ok) return { ok: true, table: both.value };
    return { ok: false, error: { file: files[both.isInDenominator ? 1 : 0]!, ...both.fault } };
  }
  const one = isRatio ? readRatioTable(first) : readTable(first);
  return one.ok
    ? { ok: true, table: one.value }
    : { ok: false, error: { file: files[0]!, ...one.fault } };
}

const FAULT_WORDS: Readonly<Record<FileFault['reason'], string>> = {
  not_found: 'there is no such file',
  too_large: 'it is larger than 1 GiB',
  empty: 'it is empty',
  no_rows: 'it has a header and no row',
  column_twice: 'a column stands there twice',
  column_missing: 'a column is missing',
  no_attribute: 'it has no attribute, only measures',
  too_many_attributes: 'it has more than 10 attributes',
  too_many_rows:
    'it has more rows than a search takes (4,000,000; half for each attribute beyond six)',
  field_count: 'the row has more or fewer fields than the header',
  quote: 'a quote is not closed, or text follows it',
  not_a_number: 'not a finite number',
  negative: 'a negative number',
  attributes_differ: 'its attributes are not those of the numerator',
};

function sayFault({ reason, line, column }: FileFault): string {
  const where = [
    line === undefined ? '' : `line ${line}`,
    column === undefined ? '' : `column ${column}`,
  ];
  const place = where.filter((part) => part !== '').join(', ');
  return `${place}${place === '' ? '' : ': '}${FAULT_WORDS[reason]}`;
}

const DIGITS = 6;

/** Figures with six significant digits: more would be noise. */
function roundedCause(cause: RootCause): RootCause {
  const short = (value: number): number => Number(value.toPrecision(DIGITS));
  return {
    ...cause,
    deviation: short(cause.deviation),
    explained: short(cause.explained),
    healthy: short(cause.healthy),
    healthyShare: short(cause.healthyShare),
    evidence: short(cause.evidence),
  };
}

function textOf(causes: readonly RootCause[]): string {
  if (causes.length === 0) return 'Nothing stands out of the noise.\n';
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(9);
  return causes
    .map(
      ({ set, deviation, explained, healthyShare }) =>
        `explains ${percent(explained)} (${deviation.toPrecision(4)}), healthy flow ${percent(healthyShare)}  ${set}\n`,
    )
    .join('');
}
