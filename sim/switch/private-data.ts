/** The composite fields: DE4, DE7, DE48, DE54, DE55, DE90 and DE95. Source: domain.md 4.3. Readers return undefined for what is
 * none. */

const NAME_LENGTH = 30;
const REFERENCE_LENGTH = 16;

/** DE48 of transfers. */
export interface TransferNames {
  readonly beneficiary: string;
  readonly reference: string;
  readonly sender: string;
}

/** DE90 by its parts; institutions without the zeros on their left. */
export interface OriginalData {
  readonly mti: string;
  readonly stan: string;
  readonly transmittedAt: string;
  readonly acquirer: string;
  readonly forwarder: string;
}

/** DE4: 12 digits, the last two are sen. */
export function amountText(amountSen: bigint): string {
  if (amountSen < 0n || amountSen > 999_999_999_999n)
    throw new RangeError('Cannot write amount: out of range');
  return amountSen.toString().padStart(12, '0');
}

/** DE7 (GMT) of an instant: MMDDhhmmss. */
export function transmissionTime(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(/\D/g, '').slice(4, 14);
}

/** DE13 and DE12 in WIB: MMDD and hhmmss. */
export function localTime(atMs: number): { readonly date: string; readonly time: string } {
  const text = transmissionTime(atMs + 7 * 3_600_000);
  return { date: text.slice(0, 4), time: text.slice(4) };
}

/** Cut or filled with spaces on the right; characters that the wire cannot carry become `?`. */
export function padText(text: string, length: number): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, length)
    .padEnd(length);
}

/** Writes DE48 of a transfer: 30 + 16 + 30. */
export function writeNames(names: TransferNames): string {
  return `${padText(names.beneficiary, NAME_LENGTH)}${padText(names.reference, REFERENCE_LENGTH)}${padText(names.sender, NAME_LENGTH)}`;
}

/** Reads DE48 of a transfer; exactly 76 characters. */
export function readNames(text: string): TransferNames | undefined {
  if (text.length !== NAME_LENGTH * 2 + REFERENCE_LENGTH) return undefined;
  return {
    beneficiary: text.slice(0, NAME_LENGTH).trimEnd(),
    reference: text.slice(NAME_LENGTH, NAME_LENGTH + REFERENCE_LENGTH).trimEnd(),
    sender: text.slice(NAME_LENGTH + REFERENCE_LENGTH).trimEnd(),
  };
}

/** Writes tag, two digits of length, value. Their order says nothing. */
export function writeTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([tag, value]) => {
      if (tag.length !== 2 || value.length > 99) throw new RangeError('Cannot write tag');
      return `${tag}${String(value.length).padStart(2, '0')}${value}`;
    })
    .join('');
}

/** Reads them; a tag twice is none. */
export function readTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const tag = text.slice(at, at + 2);
    const digits = text.slice(at + 2, at + 4);
    const value = text.slice(at + 4, at + 4 + Number(digits));
    if (!/^\d\d$/.test(digits) || value.length !== Number(digits) || tags.has(tag))
      return undefined;
    tags.set(tag, value);
    at += 4 + value.length;
  }
  return tags;
}

/** DE54 of one account: ledger balance (01) and available balance (02), each a block of 20. */
export function writeBalances(input: {
  readonly accountType: string;
  readonly ledgerSen: bigint;
  readonly availableSen: bigint;
}): string {
  const block = (amountType: string, sen: bigint): string =>
    `${input.accountType}${amountType}360${sen < 0n ? 'D' : 'C'}${amountText(sen < 0n ? -sen : sen)}`;
  return `${block('01', input.ledgerSen)}${block('02', input.availableSen)}`;
}

/** Reads the available amount (02) of a DE54 in rupiah. */
export function readAvailable(text: string): bigint | undefined {
  if (!/^(\d{7}[CD]\d{12}){1,6}$/.test(text)) return undefined;
  const block = text.match(/.{20}/g)!.find((one) => one.slice(2, 7) === '02360');
  if (block === undefined) return undefined;
  const sen = BigInt(block.slice(8));
  return block.charAt(7) === 'D' ? -sen : sen;
}

/** Writes DE90. */
export function writeOriginal(original: OriginalData): string {
  return `${original.mti}${original.stan}${original.transmittedAt}${original.acquirer.padStart(11, '0')}${original.forwarder.padStart(11, '0')}`;
}

/** Reads DE90. */
export function readOriginal(text: string): OriginalData | undefined {
  const parts = /^(\d{4})(\d{6})(\d{10})(\d{11})(\d{11})$/.exec(text);
  if (!parts) return undefined;
  const bare = (institution: string): string => institution.replace(/^0+/, '');
  return {
    mti: parts[1]!,
    stan: parts[2]!,
    transmittedAt: parts[3]!,
    acquirer: bare(parts[4]!),
    forwarder: bare(parts[5]!),
  };
}

const NO_FEE = 'C00000000';
const REPLACEMENT_LENGTH = 42;

/** DE95: the actual amount, no settlement amount, no fees. */
export function writeReplacement(actualSen: bigint): string {
  return `${amountText(actualSen)}${amountText(0n)}${NO_FEE}${NO_FEE}`;
}

/** The actual amount in DE95. Some write nothing but zeros behind it. */
export function readReplacement(text: string): bigint | undefined {
  return /^\d{12}0{12}([CD]?0{8,9}){2}$/.test(text) && text.length === REPLACEMENT_LENGTH
    ? BigInt(text.slice(0, 12))
    : undefined;
}

/** DE55: EMV tags (hexadecimal) with BER lengths, as hex text. */
export function writeEmv(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([tag, value]) => {
      const length = value.length / 2;
      if (!/^([0-9A-F]{2})+$/.test(value) || length > 127) throw new RangeError('Cannot write tag');
      return `${tag}${length.toString(16).toUpperCase().padStart(2, '0')}${value}`;
    })
    .join('');
}
