/** A code as a picture: SVG for print, PNG for apps. Black on white with the quiet zone that scanners need. */
import { crc32, deflateSync } from 'node:zlib';
import { encodeQR } from 'qr';

/** Light squares around the code: ISO/IEC 18004 wants four. */
const BORDER = 4;
/** Pixels per square: sharp on a phone, and still some kilobytes. */
const SCALE = 6;
const OPTIONS = { ecc: 'medium', border: BORDER } as const;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BIT_DEPTH = 1;
const GREYSCALE = 0;

/** The code as SVG text; it scales to any size. */
export function codeSvg(payload: string): string {
  return encodeQR(payload, 'svg', OPTIONS);
}

/** The code as PNG: one bit per pixel. */
export function codePng(payload: string): Buffer {
  const squares = encodeQR(payload, 'raw', OPTIONS);
  const size = squares.length * SCALE;
  const lineBytes = 1 + Math.ceil(size / 8);
  const lines = Buffer.alloc(lineBytes * size);
  for (const [row, line] of squares.entries()) {
    const pixels = Buffer.alloc(lineBytes);
    for (let x = 0; x < size; x++)
      // A set bit is white; the first byte of a line is its filter: none.
      if (!line[Math.floor(x / SCALE)]) pixels[1 + (x >> 3)]! |= 0x80 >> (x & 7);
    for (let copy = 0; copy < SCALE; copy++) pixels.copy(lines, (row * SCALE + copy) * lineBytes);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = BIT_DEPTH;
  header[9] = GREYSCALE;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length, 0);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body), 0);
  return Buffer.concat([frame, body, check]);
}
