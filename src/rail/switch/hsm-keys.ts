/** Joins a link's keys to the HSM: MACs under its ZAK, and keys of an exchange into the HSM. Holds no key. Where the HSM does not answer
 * nothing is believed and nothing leaves. Source: docs/hsm.md; docs/rail/switch.md sections 2 and 5. */
import type { Hsm, KeyName } from '../hsm/port.ts';
import type { KeyPort, MacPort } from './port.ts';

/** MACs under one key of the HSM. Both throw when the HSM refuses or is not reached. */
export function hsmMac(hsm: Pick<Hsm, 'makeMac' | 'verifyMac'>, key: KeyName<'zak'>): MacPort {
  return {
    async make({ bytes }) {
      const made = await hsm.makeMac({ key, data: bytes.toString('base64') });
      if (!made.ok) throw new Error(`Cannot make MAC: ${made.reason}`);
      return made.mac;
    },
    async isRight({ bytes, mac }) {
      const verified = await hsm.verifyMac({ key, data: bytes.toString('base64'), mac });
      if (!verified.ok) throw new Error(`Cannot check MAC: ${verified.reason}`);
      return verified.isRight;
    },
  };
}

/** Gives keys of an exchange to the HSM while one is expected, and refuses them otherwise: an attacker who plays the network chooses the
 * moment, we do not let him. Throws when the HSM is not reached; the network then gets no answer and says it again. */
export function hsmKeys(
  hsm: Pick<Hsm, 'importZoneKey'>,
  input: { readonly name: KeyName<'zpk' | 'zak'>; readonly isExpected: () => boolean },
): KeyPort {
  return {
    async accept({ wrapped }) {
      if (!input.isExpected()) return 'unplanned';
      const taken = await hsm.importZoneKey({
        name: input.name,
        cryptogram: wrapped.key,
        checkValue: wrapped.checkValue,
      });
      return taken.ok ? 'accepted' : 'refused';
    },
  };
}
