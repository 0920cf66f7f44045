/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection, no final xor. Check value: "123456789" gives 29B1.
 * Source: domain.md 1.1. */

const START = 0xffff;
const ASCII_MAX = 0x7f;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The CRC of the UTF-8 bytes of the first `end` UTF-16 units of a text. */
export function crc16(text: string, end: number): number {
  let crc = START;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit > ASCII_MAX) return crcOfBytes(Buffer.from(text.slice(0, end), 'utf8'));
    crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ unit]!;
  }
  return crc;
}

/** A CRC as the payload writes it: four upper-case hexadecimal digits. */
export function crcText(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

function crcOfBytes(bytes: Buffer): number {
  let crc = START;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ byte]!;
  return crc;
}
