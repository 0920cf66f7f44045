/** Customer-presented codes: BER-TLV in Base64. `85` is the format, `61` the application with the card's data, `63` inside it what
 * only the issuer's own system can check. Pure and total. The code is one-time and holds a PAN and track 2: nothing of it may reach a
 * log. Source: domain.md 1.10. */

/** What is wrong with a customer-presented code. `tag` in hexadecimal. */
export interface CpmFault {
  readonly code:
    | 'cpm_empty'
    | 'cpm_too_long'
    | 'cpm_not_base64'
    | 'cpm_structure_broken'
    | 'cpm_duplicate_tag'
    | 'cpm_format_indicator_invalid'
    | 'cpm_missing_tag'
    | 'cpm_value_invalid';
  readonly tag?: string;
}

/** A customer-presented code. Binary values in upper-case hexadecimal, `label`, `name` and `language` as text. */
export interface CpmCode {
  readonly applicationId: string;
  readonly label: string;
  readonly track2?: string;
  readonly pan?: string;
  readonly name?: string;
  readonly language?: string;
  readonly applicationVersion?: string;
  readonly panLast4?: string;
  readonly cryptogram?: string;
  readonly cryptogramInfo?: string;
  readonly issuerData?: string;
  readonly counter?: string;
  readonly interchangeProfile?: string;
  readonly unpredictable?: string;
  /** 9F74: issuer's QRIS data, the one mandatory field of the transparent template. */
  readonly qrisData: string;
}

export type CpmDecoded =
  | { readonly ok: true; readonly code: CpmCode }
  | { readonly ok: false; readonly fault: CpmFault };

/** Longest Base64 text: what a QR code of version 40 at level M could hold is far more than any issuer writes. */
const TEXT_MAX = 1_024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FORMAT = 'CPV01';
const CONTINUED = 0x1f;
const LONG_FORM = 0x80;

type FieldName = keyof CpmCode;

interface FieldForm {
  readonly name: FieldName;
  readonly tag: number;
  readonly min: number;
  readonly max: number;
  readonly form: 'hex' | 'text';
  readonly isMandatory?: true;
}

/** Template 61 without the transparent part. Bytes. */
const APPLICATION: readonly FieldForm[] = [
  { name: 'applicationId', tag: 0x4f, min: 5, max: 16, form: 'hex', isMandatory: true },
  { name: 'label', tag: 0x50, min: 1, max: 16, form: 'text', isMandatory: true },
  { name: 'track2', tag: 0x57, min: 1, max: 19, form: 'hex' },
  { name: 'pan', tag: 0x5a, min: 1, max: 10, form: 'hex' },
  { name: 'name', tag: 0x5f20, min: 2, max: 26, form: 'text' },
  { name: 'language', tag: 0x5f2d, min: 2, max: 8, form: 'text' },
  { name: 'applicationVersion', tag: 0x9f08, min: 2, max: 2, form: 'hex' },
  { name: 'panLast4', tag: 0x9f25, min: 2, max: 2, form: 'hex' },
];

/** Template 63. Bytes. */
const TRANSPARENT: readonly FieldForm[] = [
  { name: 'cryptogram', tag: 0x9f26, min: 8, max: 8, form: 'hex' },
  { name: 'cryptogramInfo', tag: 0x9f27, min: 1, max: 1, form: 'hex' },
  { name: 'issuerData', tag: 0x9f10, min: 1, max: 32, form: 'hex' },
  { name: 'counter', tag: 0x9f36, min: 2, max: 2, form: 'hex' },
  { name: 'interchangeProfile', tag: 0x82, min: 2, max: 2, form: 'hex' },
  { name: 'unpredictable', tag: 0x9f37, min: 4, max: 4, form: 'hex' },
  { name: 'qrisData', tag: 0x9f74, min: 8, max: 64, form: 'hex', isMandatory: true },
];

interface BerTlv {
  readonly tag: number;
  readonly value: Buffer;
}

/** Reads a customer-presented code. Unknown tags are passed over; a tag that comes twice, a length past the end or a value of the
 * wrong size is refused. Never throws. */
export function decodeCpm(text: string): CpmDecoded {
  const read = decode(text);
  return 'code' in read ? { ok: false, fault: read } : { ok: true, code: read.fields };
}

function decode(text: string): { readonly fields: CpmCode } | CpmFault {
  if (text === '') return { code: 'cpm_empty' };
  if (text.length > TEXT_MAX) return { code: 'cpm_too_long' };
  if (!BASE64.test(text)) return { code: 'cpm_not_base64' };
  const bytes = Buffer.from(text, 'base64');
  // Unused bits at the end would make two texts of one code.
  if (bytes.toString('base64') !== text) return { code: 'cpm_not_base64' };
  const root = readBer(bytes);
  if (!Array.isArray(root)) return root;
  const [first] = root;
  if (first?.tag !== 0x85 || first.value.toString('latin1') !== FORMAT)
    return { code: 'cpm_format_indicator_invalid', tag: '85' };
  const application = levelOf(root, 0x61);
  if (!Array.isArray(application)) return application;
  const transparent = levelOf(application, 0x63);
  if (!Array.isArray(transparent)) return transparent;
  const fields: Partial<Record<FieldName, string>> = {};
  const fault =
    takeFields(fields, APPLICATION, application) ?? takeFields(fields, TRANSPARENT, transparent);
  // Every mandatory field was found: takeFields looks for each.
  return fault ?? { fields: fields as unknown as CpmCode };
}

function levelOf(level: readonly BerTlv[], tag: number): BerTlv[] | CpmFault {
  const found = level.find((one) => one.tag === tag);
  return found ? readBer(found.value) : { code: 'cpm_missing_tag', tag: hex(tag) };
}

function takeFields(
  into: Partial<Record<FieldName, string>>,
  forms: readonly FieldForm[],
  level: readonly BerTlv[],
): CpmFault | undefined {
  for (const { name, tag, min, max, form, isMandatory } of forms) {
    const found = level.find((one) => one.tag === tag);
    if (!found && isMandatory) return { code: 'cpm_missing_tag', tag: hex(tag) };
    if (!found) continue;
    const { value } = found;
    const isText = form === 'text';
    if (value.length < min || value.length > max || (isText && !isPlain(value)))
      return { code: 'cpm_value_invalid', tag: hex(tag) };
    into[name] = isText ? value.toString('latin1') : value.toString('hex').toUpperCase();
  }
  return undefined;
}

function isPlain(value: Buffer): boolean {
  return value.every((byte) => byte >= 0x20 && byte <= 0x7e);
}

function readBer(bytes: Buffer): BerTlv[] | CpmFault {
  const found: BerTlv[] = [];
  let at = 0;
  while (at < bytes.length) {
    let tag = bytes[at++]!;
    if ((tag & CONTINUED) === CONTINUED) {
      const next = bytes[at++];
      // Two bytes are the longest that any scheme of cards uses.
      if (next === undefined || next & LONG_FORM) return { code: 'cpm_structure_broken' };
      tag = (tag << 8) | next;
    }
    let length = bytes[at++];
    if (length === LONG_FORM + 1) length = bytes[at++];
    else if (length !== undefined && length >= LONG_FORM) length = undefined;
    if (length === undefined || at + length > bytes.length)
      return { code: 'cpm_structure_broken', tag: hex(tag) };
    if (found.some((one) => one.tag === tag)) return { code: 'cpm_duplicate_tag', tag: hex(tag) };
    found.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

/** Writes a customer-presented code as Base64. Throws RangeError for a field that is not of its size. */
export function encodeCpm(code: CpmCode): string {
  const transparent = writeBer(0x63, writeFields(code, TRANSPARENT));
  const application = Buffer.concat([writeFields(code, APPLICATION), transparent]);
  const format = writeBer(0x85, Buffer.from(FORMAT, 'latin1'));
  return Buffer.concat([format, writeBer(0x61, application)]).toString('base64');
}

function writeFields(code: CpmCode, forms: readonly FieldForm[]): Buffer {
  const parts: Buffer[] = [];
  for (const { name, tag, min, max, form } of forms) {
    const text = code[name];
    if (text === undefined) continue;
    const value = Buffer.from(text, form === 'text' ? 'latin1' : 'hex');
    if (value.length < min || value.length > max)
      throw new RangeError(`Cannot write tag ${hex(tag)}: ${value.length} bytes`);
    parts.push(writeBer(tag, value));
  }
  return Buffer.concat(parts);
}

function writeBer(tag: number, value: Buffer): Buffer {
  if (value.length > 0xff) throw new RangeError(`Cannot write tag ${hex(tag)}: too long`);
  const head = tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  const length = value.length < LONG_FORM ? [value.length] : [LONG_FORM + 1, value.length];
  return Buffer.concat([Buffer.from([...head, ...length]), value]);
}

function hex(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(2, '0');
}
