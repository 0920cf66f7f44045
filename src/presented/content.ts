/** What a code holds, and how it is known again: an alias of the customer, and data that nobody can guess. No name, no account number. */
import { sha256 } from '../kernel/canonical.ts';
import type { Random } from '../kernel/random.ts';
import { encodeCpm } from '../rail/qris/cpm.ts';

/** 4F and 50 of the Indonesian scheme [mem]: another network's is another value here. */
const APPLICATION = { applicationId: 'A0000006022020', label: 'QRISCPM', language: 'id' } as const;
/** 9F74: 128 random bits. */
const DATA_BYTES = 16;

/** A new code's text (Base64), and the hash under which it is found. */
export function drawContent(
  random: Random,
  pan: string,
): { readonly payload: string; readonly secretHash: Buffer } {
  const qrisData = random.bytes(DATA_BYTES).toString('hex').toUpperCase();
  return {
    payload: encodeCpm({ ...APPLICATION, pan: packed(pan), qrisData }),
    secretHash: secretHashOf(qrisData),
  };
}

/** Of 9F74 in upper-case hexadecimal. */
export function secretHashOf(codeData: string): Buffer {
  return sha256(`qris-presented|${codeData}`);
}

/** 5A: two digits to a byte, F at the end where they are odd. */
function packed(pan: string): string {
  return pan.length % 2 === 0 ? pan : `${pan}F`;
}
