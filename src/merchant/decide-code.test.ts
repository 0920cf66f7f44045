import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { test } from 'node:test';
import decodeQR from 'qr/decode.js';
import { rupiah } from '../kernel/money.ts';
import { hasCheckDigit } from '../rail/qris/pan.ts';
import { PAYLOADS } from '../rail/qris/test-payload.ts';
import { CODE_VALID_MS_MAX, merchantPan, refuseCode } from './decide-code.ts';
import { lifeOf } from './examine.ts';
import { codePng, codeSvg } from './picture.ts';
import type { CodeCommand, Merchant } from './port.ts';
import { MERCHANTS } from './test-merchant.ts';

const NOW = Date.parse('2026-08-01T05:00:00Z');
const merchant: Merchant = { ...MERCHANTS[0]!, pan: merchantPan('199', 1n) };

function refusal(
  over: Partial<CodeCommand>,
  known: Merchant | undefined = merchant,
): string | undefined {
  const partner = { id: 'partner-a', referenceNo: 'r-1', requestHash: Buffer.alloc(32) };
  return refuseCode(
    { merchantId: merchant.id, partner, ...over },
    { merchant: known, capSen: rupiah(10_000_000), nowMs: NOW },
  );
}

test('merchantPan() is our number, the serial and a right check digit', () => {
  const pan = merchantPan('199', 1n);
  assert.match(pan, /^936001990000000001\d$/);
  assert.ok(hasCheckDigit(pan) && hasCheckDigit(merchantPan('199', 9_999_999_999n)));
});

test('refuseCode() names why a code is not made', () => {
  const amountSen = rupiah(50_000);
  assert.equal(refusal({}), undefined);
  assert.equal(refusal({ amountSen, terminal: 'A02', validUntilMs: NOW + 1 }), undefined);
  assert.equal(
    refuseCode(
      {
        merchantId: 'x',
        partner: { id: 'partner-a', referenceNo: 'r', requestHash: Buffer.alloc(0) },
      },
      { merchant: undefined, capSen: rupiah(1), nowMs: NOW },
    ),
    'merchant_not_found',
  );
  assert.equal(refusal({}, { ...merchant, partnerId: 'partner-b' }), 'merchant_not_found');
  assert.equal(refusal({ terminal: 'A03' }), 'terminal_not_found');
  assert.equal(refusal({ amountSen: rupiah(0) }), 'amount_not_positive');
  assert.equal(refusal({ amountSen: rupiah(10_000_001) }), 'amount_above_cap');
  assert.equal(refusal({ amountSen, validUntilMs: NOW }), 'validity_out_of_range');
  assert.equal(
    refusal({ amountSen, validUntilMs: NOW + CODE_VALID_MS_MAX + 1 }),
    'validity_out_of_range',
  );
  assert.equal(refusal({ billNumber: 'INV-1' }), 'label_without_amount');
});

test('lifeOf() is open until it was used or its time has come', () => {
  const code = {
    id: 'qrc_1',
    merchantId: 'm',
    terminal: 'A01',
    payload: 'x',
    reference: 'R',
    amountSen: rupiah(1),
    validUntilMs: NOW,
  };
  assert.deepEqual([lifeOf(code, NOW - 1), lifeOf(code, NOW)], ['open', 'expired']);
  assert.equal(lifeOf({ ...code, paymentId: 'pay_1' }, NOW + 1), 'used');
});

/** Reads a PNG of one bit per pixel without filters, as a browser would, into RGBA. */
function pixelsOf(png: Buffer): {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
} {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const length = png.readUInt32BE(33);
  assert.equal(png.toString('latin1', 37, 41), 'IDAT');
  const lines = inflateSync(png.subarray(41, 41 + length));
  const lineBytes = 1 + Math.ceil(width / 8);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isWhite = (lines[y * lineBytes + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1;
      data.fill(isWhite ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
      data[(y * width + x) * 4 + 3] = 255;
    }
  return { width, height, data };
}

test('codePng() is a small picture that a scanner reads as the payload', () => {
  const png = codePng(PAYLOADS.V2);
  assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  assert.ok(png.length < 6_000, String(png.length));
  const pixels = pixelsOf(png);
  assert.equal(decodeQR(pixels), PAYLOADS.V2);
  // Scanners of tills read black on white only: white quiet zone, then the black corner of the first finder (4 squares of 6 pixels).
  const at = (x: number, y: number): number => pixels.data[(y * pixels.width + x) * 4]!;
  assert.deepEqual([at(0, 0), at(23, 23), at(24, 24)], [255, 255, 0]);
});

test('codeSvg() draws the same squares', () => {
  assert.match(codeSvg(PAYLOADS.V1), /^<svg [\s\S]+<\/svg>$/);
});
