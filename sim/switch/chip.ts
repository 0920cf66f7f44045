/** The chip of a test card: what it signs, and whether its bank's answer is its bank's. Its own reading of EMV Book 2 (A1.3.1, A1.4.1,
 * 8.2.1): option A, common session key, algorithm 3 with padding method 2, response by method 1. Test keys only. */
import { encipher, retailMac, withOddParity } from './crypto.ts';
import { writeEmv } from './private-data.ts';

/** A chip: the issuer's key stands for the card's own, and the counter is the card's. */
export interface Chip {
  readonly issuerKey: Buffer;
  readonly sequence: string;
  /** The next transaction's; the caller counts. */
  readonly counter: number;
}

/** Tags of one transaction, as the machine and the card give them. */
export function signedBy(
  chip: Chip,
  asked: { readonly pan: string; readonly amountSen: bigint; readonly date: string },
): { readonly field: string; isAnswered(field: string | undefined): boolean } {
  const counter = chip.counter.toString(16).toUpperCase().padStart(4, '0');
  // In the order in which it signs; an object would put 82 and 95 first.
  const tags: readonly (readonly [string, string])[] = [
    ['9F02', String(asked.amountSen).padStart(12, '0')],
    ['9F03', '000000000000'],
    ['9F1A', '0360'],
    ['95', '0000008000'],
    ['5F2A', '0360'],
    ['9A', asked.date],
    ['9C', '01'],
    ['9F37', `C0FFEE${counter.slice(2)}`],
    ['82', '1800'],
    ['9F36', counter],
    ['9F10', '06010A03A00000'],
  ];
  const session = sessionKey(chip, asked.pan, counter);
  const data = Buffer.from(`${tags.map(([, value]) => value).join('')}80`, 'hex');
  const cryptogram = retailMac(session, data);
  return {
    field: writeEmv({
      ...Object.fromEntries(tags),
      '5F34': chip.sequence,
      '9F26': cryptogram,
      '9F27': '80',
    }),
    isAnswered(field) {
      const mixed = Buffer.from(cryptogram, 'hex');
      mixed[0]! ^= 0x30;
      mixed[1]! ^= 0x30;
      const response = encipher(session, mixed).toString('hex').toUpperCase();
      return field === `910A${response}3030`;
    },
  };
}

function sessionKey({ issuerKey, sequence }: Chip, pan: string, counter: string): Buffer {
  const name = Buffer.from(`${pan}${sequence}`.padStart(16, '0').slice(-16), 'hex');
  const card = pair(issuerKey, name, Buffer.from(name.map((byte) => byte ^ 0xff)));
  return pair(
    card,
    Buffer.from(`${counter}F0${'0'.repeat(10)}`, 'hex'),
    Buffer.from(`${counter}0F${'0'.repeat(10)}`, 'hex'),
  );
}

function pair(key: Buffer, left: Buffer, right: Buffer): Buffer {
  return withOddParity(Buffer.concat([encipher(key, left), encipher(key, right)]));
}
