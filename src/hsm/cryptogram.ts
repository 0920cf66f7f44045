/** EMV application cryptograms of the issuer: ICC master key by option A (Book 2, A1.4.1), common session key (A1.3.1), ARQC as
 * ISO 9797-1 algorithm 3 with padding method 2, ARPC by method 1 (8.2.1). Pure. Keys that come out are wiped by the caller. */
import { encryptBlocks, setOddParity, wipe, xor } from './cipher.ts';
import { retailMac } from './mac.ts';

/** The master key of one card. `panSequence` is two digits. */
export function cardKey(
  issuerKey: Buffer,
  card: { readonly pan: string; readonly panSequence: string },
): Buffer {
  const digits = `${card.pan}${card.panSequence}`.padStart(16, '0').slice(-16);
  const left = Buffer.from(digits, 'hex');
  return paired(issuerKey, left, xor(left, Buffer.alloc(8, 0xff)));
}

/** The key of one transaction. `diversifier` is eight bytes: the transaction counter and zeros. */
export function sessionKey(card: Buffer, diversifier: Buffer): Buffer {
  const [left, right] = [Buffer.from(diversifier), Buffer.from(diversifier)];
  left[2] = 0xf0;
  right[2] = 0x0f;
  return paired(card, left, right);
}

/** The request cryptogram over what the card authenticated. */
export function arqcOf(session: Buffer, data: Buffer): Buffer {
  return retailMac(session, data, 2);
}

/** The response cryptogram: the request cryptogram and the two bytes of the response code. */
export function arpcOf(session: Buffer, arqc: Buffer, responseCode: Buffer): Buffer {
  return encryptBlocks('T', session, xor(arqc, Buffer.concat([responseCode, Buffer.alloc(6)])));
}

function paired(key: Buffer, left: Buffer, right: Buffer): Buffer {
  const parts = [encryptBlocks('T', key, left), encryptBlocks('T', key, right)];
  const out = setOddParity(Buffer.concat(parts));
  wipe(...parts);
  return out;
}
