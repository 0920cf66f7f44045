/** What a chip signed, out of DE55: its cryptogram and counter, and the data in the order in which it signed them. */
import { readComposite, writeComposite } from '../../rail/iso8583/composite.ts';
import type { Dialect, IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import type { PresentedChip } from '../../rail/notice-switch.ts';

/** Tags that the cryptogram covers, in order, each with its bytes. Another card profile is another row of data [mem: the usual order of
 * a common core definition, domain.md 4.7]. */
const COVERED: readonly (readonly [tag: string, bytes: number | undefined])[] = [
  ['9F02', 6],
  ['9F03', 6],
  ['9F1A', 2],
  ['95', 5],
  ['5F2A', 2],
  ['9A', 3],
  ['9C', 1],
  ['9F37', 4],
  ['82', 2],
  ['9F36', 2],
  ['9F10', undefined],
];
/** DE39 of an approval, as the response cryptogram covers it. */
const APPROVED = '3030';

/** Undefined where a tag is missing or of another length, or where the chip signed another amount than `amountSen`: that is no chip. */
export function readChip(
  dialect: Dialect,
  { fields }: IsoMessage,
  amountSen: bigint,
): PresentedChip | undefined {
  if (fields[55] === undefined) return undefined;
  const read = readComposite(dialect, { field: 55, fields });
  if (!read.ok || read.value.kind !== 'emv') return undefined;
  const { tags } = read.value;
  const parts = COVERED.map(([tag, bytes]) => {
    const value = tags.get(tag);
    return bytes === undefined || value?.length === bytes * 2 ? value : undefined;
  });
  const [amount] = parts;
  const arqc = tags.get('9F26');
  const counter = tags.get('9F36');
  const sequence = tags.get('5F34') ?? '00';
  const isWhole = parts.every((part) => part !== undefined && part !== '');
  if (!isWhole || arqc?.length !== 16 || counter === undefined || !/^\d{2}$/.test(sequence))
    return undefined;
  if (!/^\d{12}$/.test(amount ?? '') || BigInt(amount!) !== amountSen) return undefined;
  return { arqc, counter, sequence, data: Buffer.from(parts.join(''), 'hex').toString('base64') };
}

/** DE55 of an approval: tag 91, by which the card knows its bank. */
export function responseField(dialect: Dialect, fields: IsoFields, arpc: string): IsoFields {
  const tags = new Map([['91', `${arpc}${APPROVED}`]]);
  const written = writeComposite(dialect, { field: 55, fields, value: { kind: 'emv', tags } });
  return written.ok ? { 55: written.value } : {};
}
