/** What a till reads in the code that a customer shows, and what an issuer writes into it, from domain.md 1.10 and nothing else: BER-TLV in Base64, `85` the format, in `61` the
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

/** Writes one, as a bank behind the switch makes it for its customer. */
export function writeShown({ pan, data }: ShownCode): string {
  const transparent = element('9F74', Buffer.from(data, 'hex'));
  const packed = Buffer.from(pan.length % 2 === 0 ? pan : `${pan}F`, 'hex');
  const application = Buffer.concat([
    element('4F', Buffer.from('A0000006022020', 'hex')),
    element('50', Buffer.from('QRISCPM', 'latin1')),
    element('5A', packed),
    element('63', transparent),
  ]);
  const format = element('85', Buffer.from(FORMAT, 'latin1'));
  return Buffer.concat([format, element('61', application)]).toString('base64');
}

function element(tag: string, value: Buffer): Buffer {
  const length = value.length < 0x80 ? [value.length] : [0x81, value.length];
  return Buffer.concat([Buffer.from(tag, 'hex'), Buffer.from(length), value]);
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
