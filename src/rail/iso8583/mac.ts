/** Where the MAC of a message is: always its last field, DE128, or DE64 where there is no second bitmap. What makes and checks one is
 * an HSM's matter; this says which bytes. Source: ISO 8583:1987; docs/rail/switch.md section 2. */
import type { IsoCodec } from './codec.ts';
import type { IsoFields, IsoMessage, IsoResult } from './spec.ts';

/** The field that carries the MAC of a message with these fields. */
export function macFieldOf(fields: IsoFields): 64 | 128 {
  const values: Readonly<Record<number, string | undefined>> = fields;
  for (let number = 66; number <= 128; number++) if (values[number] !== undefined) return 128;
  return 64;
}

/** Packs with an empty MAC: the bytes before it are what it covers, and `withMac` puts it there. */
export function packForMac(codec: IsoCodec, message: IsoMessage): IsoResult<Buffer> {
  return codec.pack({
    ...message,
    fields: { ...message.fields, [macFieldOf(message.fields)]: '0000000000000000' },
  });
}

/** The bytes that the MAC of packed bytes covers: all before it, without the frame's length. */
export function macCovers(codec: IsoCodec, bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.max(0, bytes.length - codec.macBytes));
}

/** Packed bytes with the MAC (16 upper-case hex characters) in its place. */
export function withMac(
  codec: IsoCodec,
  input: { readonly bytes: Buffer; readonly mac: string },
): Buffer {
  const bytes = Buffer.from(input.bytes);
  const isHexText = codec.macBytes === 16;
  bytes.write(input.mac, bytes.length - codec.macBytes, isHexText ? 'latin1' : 'hex');
  return bytes;
}
