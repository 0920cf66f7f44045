/** The functions on messages: MACs of a link and cryptograms of chip cards. */
import { equalSecret } from '../kernel/canonical.ts';
import { HSM_DATA_BYTES_MAX } from '../rail/hsm/port.ts';
import { wipe } from './cipher.ts';
import { arpcOf, arqcOf, cardKey, sessionKey } from './cryptogram.ts';
import { cmac, MAC_BYTES, retailMac } from './mac.ts';
import { findKey, refuse, type Does } from './module.ts';
import type { ClearKey } from './pin-block.ts';

/** The MAC of a message under the current key. */
export const makeMac: Does<'makeMac'> = (module, input) => {
  const key = findKey(module, input.key, ['zak']);
  if (typeof key === 'string') return refuse(key);
  const data = readData(input.data);
  if (!data) return refuse('malformed');
  const mac = module.store.withKey(key, 'zak', (clear) => macOf(clear, data));
  return { ok: true, mac: mac.toString('hex').toUpperCase() };
};

/** Compares a MAC; one under the former key still holds while the keys change. */
export const verifyMac: Does<'verifyMac'> = (module, input) => {
  const key = findKey(module, input.key, ['zak']);
  if (typeof key === 'string') return refuse(key);
  const data = readData(input.data);
  if (!data) return refuse('malformed');
  const mac = Buffer.from(input.mac, 'hex');
  const isRight = module.store
    .usable(input.key)
    .map((stored) =>
      module.store.withKey(stored, 'zak', (clear) => equalSecret(macOf(clear, data), mac)),
    )
    .includes(true);
  if (!isRight) module.count('mac_wrong');
  return { ok: true, isRight };
};

/** Verifies a request cryptogram; only a right one is answered with a response cryptogram. */
export const verifyCryptogram: Does<'verifyCryptogram'> = (module, input) => {
  const key = findKey(module, input.key, ['imk']);
  if (typeof key === 'string') return refuse(key);
  const data = readData(input.data);
  if (!data) return refuse('malformed');
  const arqc = Buffer.from(input.arqc, 'hex');
  const arpc = module.store.withKey(key, 'imk', (issuer) => {
    const card = cardKey(issuer.key, input);
    const diversifier = Buffer.alloc(8);
    diversifier.write(input.transactionCounter, 'hex');
    const session = sessionKey(card, diversifier);
    const answer = equalSecret(arqcOf(session, data), arqc)
      ? arpcOf(session, arqc, Buffer.from(input.responseCode, 'hex'))
      : undefined;
    wipe(card, session);
    return answer;
  });
  if (arpc) return { ok: true, isRight: true, arpc: arpc.toString('hex').toUpperCase() };
  module.count('cryptogram_wrong');
  return { ok: true, isRight: false };
};

function macOf({ algorithm, key }: ClearKey, data: Buffer): Buffer {
  return algorithm === 'T' ? retailMac(key, data, 1) : cmac(key, data).subarray(0, MAC_BYTES);
}

function readData(text: string): Buffer | undefined {
  const data = Buffer.from(text, 'base64');
  return data.length > 0 && data.length <= HSM_DATA_BYTES_MAX ? data : undefined;
}
