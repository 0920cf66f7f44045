/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection, no final xor. Check value: "123456789" gives 29B1.
 * Source: domain.md 1.1. */

const START = 0xffff;
const ASCII_MAX = 0x7f;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** What a byte contributes when one more byte follows: two bytes a step, which the two tables look up side by side. */
const TABLE_BEFORE = TABLE.map((crc) => ((crc << 8) & 0xffff) ^ TABLE[crc >> 8]!);

/** The CRC of the UTF-8 bytes of the first `end` UTF-16 units of a text. */
export function crc16(text: string, end: number): number {
  let crc = START;
  let at = 0;
  for (; at + 1 < end; at += 2) {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    if ((first | second) > ASCII_MAX) return crcOfBytes(Buffer.from(text.slice(0, end), 'utf8'));
    crc = TABLE_BEFORE[(crc >> 8) ^ first]! ^ TABLE[(crc & 0xff) ^ second]!;
  }
  return at < end ? crcOfLast(crc, text.charCodeAt(at), text.slice(0, end)) : crc;
}

/** A CRC as the payload writes it: four upper-case hexadecimal digits. */
export function crcText(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

function crcOfLast(crc: number, unit: number, text: string): number {
  if (unit > ASCII_MAX) return crcOfBytes(Buffer.from(text, 'utf8'));
  return ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ unit]!;
}

function crcOfBytes(bytes: Buffer): number {
  let crc = START;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ byte]!;
  return crc;
}
