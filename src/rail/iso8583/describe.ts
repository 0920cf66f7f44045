/** A message as a log may show it (I11). What is not on the list of plain fields shows its length only, so that a new or private field
 * cannot leak; track data, PIN blocks, keys and names show nothing. */
import { maskAccount } from '../../kernel/log.ts';
import { readComposite } from './composite.ts';
import type { Dialect, FieldNumber, IsoMessage } from './spec.ts';

/** Nothing of these is shown, not even how long they are. */
const DROPPED: ReadonlySet<number> = new Set([14, 34, 35, 36, 43, 45, 52, 53, 64, 96, 120, 128]);

/** Shown as they are: codes, times, ids of machines and messages, amounts. */
const PLAIN: ReadonlySet<number> = new Set([
  3, 4, 5, 6, 7, 11, 12, 13, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32, 33, 37, 38,
  39, 41, 42, 49, 50, 51, 66, 70, 99, 100,
]);

const ACCOUNTS: ReadonlySet<number> = new Set([102, 103]);

/** Chip data without secret or person: what the terminal and the card decided. */
const EMV_PLAIN: ReadonlySet<string> = new Set([
  '82',
  '95',
  '9A',
  '9C',
  '5F2A',
  '9F02',
  '9F03',
  '9F1A',
  '9F27',
  '9F33',
  '9F34',
  '9F36',
]);

/** Parts that name no person. */
const PART_PLAIN: ReadonlySet<string> = new Set([
  'reference',
  'accountType',
  'amountType',
  'mti',
  'stan',
  'transmittedAt',
  'acquirer',
  'forwarder',
  'amount',
  'settlementAmount',
  'fee',
  'settlementFee',
]);

/** A card number with its first six and last four digits; one too short to hide anything shows nothing. */
export function maskPan(pan: string): string {
  if (pan.length < 13) return '*'.repeat(pan.length);
  return `${pan.slice(0, 6)}${'*'.repeat(pan.length - 10)}${pan.slice(-4)}`;
}

/** What a log may show, by field path. */
export function describe(dialect: Dialect, message: IsoMessage): Readonly<Record<string, string>> {
  const shown: Record<string, string> = { mti: message.mti };
  for (const [key, value] of Object.entries(message.fields)) {
    const number = Number(key) as FieldNumber;
    const path = `DE${key}`;
    if (value === undefined || DROPPED.has(number)) continue;
    if (number === 2) shown[path] = maskPan(value);
    else if (PLAIN.has(number)) shown[path] = value;
    else if (ACCOUNTS.has(number)) shown[path] = maskAccount(value);
    else describeRest(shown, { dialect, message, number, value });
  }
  return shown;
}

function describeRest(
  shown: Record<string, string>,
  input: {
    readonly dialect: Dialect;
    readonly message: IsoMessage;
    readonly number: FieldNumber;
    readonly value: string;
  },
): void {
  const { dialect, message, number, value } = input;
  const path = `DE${number}`;
  const read = readComposite(dialect, { field: number, fields: message.fields });
  if (!read.ok) {
    shown[path] = `${value.length} characters`;
    return;
  }
  const composite = read.value;
  if (composite.kind === 'tags') shown[path] = `tags ${[...composite.tags.keys()].join(' ')}`;
  else if (composite.kind === 'emv') {
    const others = [...composite.tags.keys()].filter((tag) => !EMV_PLAIN.has(tag));
    for (const [tag, data] of composite.tags)
      if (EMV_PLAIN.has(tag)) shown[`${path}.${tag}`] = data;
    if (others.length > 0) shown[path] = `also tags ${others.join(' ')}`;
  } else {
    const blocks = composite.kind === 'parts' ? [composite.parts] : composite.blocks;
    for (const [index, parts] of blocks.entries())
      for (const [name, part] of Object.entries(parts))
        if (PART_PLAIN.has(name))
          shown[composite.kind === 'parts' ? `${path}.${name}` : `${path}[${index}].${name}`] =
            part;
  }
}
