/** What a till reads in the code that a customer shows, from domain.md 1.10 and nothing else: BER-TLV in Base64, `85` the format, in `61` the
 * PAN (`5A`), in `63` inside it the issuer's data (`9F74`). Pure. */

/** Whom the till asks, and with what. */
export interface ShownCode {
  readonly pan: string;
  /** Upper-case hexadecimal. */
  readonly data: string;
}

const FORMAT = 'CPV01';

/** Reads it; undefined for what is none. */
export function readShown(text: string): ShownCode | undefined {
  const root = elements(Buffer.from(text, 'base64'));
  if (root?.get('85')?.toString('latin1') !== FORMAT) return undefined;
  const application = elements(root.get('61'));
  const transparent = elements(application?.get('63'));
  const pan = application?.get('5A')?.toString('hex').replace(/f$/, '');
  const data = transparent?.get('9F74')?.toString('hex').toUpperCase();
  return pan !== undefined && /^\d{16,19}$/.test(pan) && data !== undefined
    ? { pan, data }
    : undefined;
}

/** Tags of one or two bytes, lengths of one or two. */
function elements(bytes: Buffer | undefined): ReadonlyMap<string, Buffer> | undefined {
  if (!bytes) return undefined;
  const found = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const tagEnd = at + ((bytes[at]! & 0x1f) === 0x1f ? 2 : 1);
    const isLong = bytes[tagEnd] === 0x81;
    const valueAt = tagEnd + (isLong ? 2 : 1);
    const length = bytes[valueAt - 1];
    if (length === undefined || valueAt + length > bytes.length) return undefined;
    const tag = bytes.subarray(at, tagEnd).toString('hex').toUpperCase();
    found.set(tag, bytes.subarray(valueAt, valueAt + length));
    at = valueAt + length;
  }
  return found;
}
