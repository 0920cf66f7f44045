/** Known answers, asked before the HSM serves: a cipher library that was changed, or an OpenSSL that lacks a cipher, is found here and
 * not in a customer's PIN. The vectors are published ones; the tests name their sources. */
import { seededRandom } from '../kernel/random.ts';
import { decryptBlocks } from './cipher.ts';
import { arqcOf, cardKey, sessionKey } from './cryptogram.ts';
import { deriveBlockKeys, unwrapKey } from './key-block.ts';
import { checkValueOf, cmac, retailMac } from './mac.ts';
import { openPin, sealPin } from './pin-block.ts';
import { pvvOf } from './pin-value.ts';

const TDES = '0123456789ABCDEFFEDCBA9876543210';
const AES = '00112233445566778899AABBCCDDEEFF';

/** What each function must give, in hex. */
const KNOWN: Readonly<Record<string, { readonly make: () => string; readonly is: string }>> = {
  tdesCheckValue: { make: () => checkValueOf('T', hex(TDES)), is: '08D7B4' },
  retailMac: {
    make: () => text(retailMac(hex(TDES), Buffer.from('Now is the time for all '), 1)),
    is: 'A1C72E74EA3FA9B6',
  },
  cmac: {
    make: () =>
      text(cmac(hex('2B7E151628AED2A6ABF7158809CF4F3C'), hex('6BC1BEE22E409F96E93D7E117393172A'))),
    is: '070A16B46B4D4144F79BDD9DD04A287C',
  },
  pinFormat0: {
    make() {
      const key = { algorithm: 'T', key: hex(TDES) } as const;
      const pin = Buffer.from([1, 2, 3, 4]);
      const random = seededRandom('self-test');
      return text(
        decryptBlocks('T', key.key, sealPin(key, { pin, pan: '6220990000000011', random })),
      );
    },
    is: '04123D6FFFFFFFFE',
  },
  pinFormat4: {
    make() {
      const key = { algorithm: 'A', key: hex(AES) } as const;
      const block = hex('847A0209C659E4C4A79CA6A2A2217D31');
      return text(openPin(key, { block, pan: '123456789012345678' }) ?? Buffer.alloc(0));
    },
    is: '010203040506',
  },
  pvv: {
    make: () => pvvOf(hex(TDES), { pin: Buffer.from([4, 5, 2, 4]), pan: '1122334455667788' }, '1'),
    is: '8523',
  },
  keyBlock: {
    make: () =>
      text(
        unwrapKey(
          deriveBlockKeys(hex('88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6')),
          'D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34',
        )?.key ?? Buffer.alloc(0),
      ),
    is: '3F419E1CB7079442AA37474C2EFBF8B8',
  },
  cryptogram: {
    make() {
      const card = cardKey(hex(TDES), { pan: '9901234567890123', panSequence: '45' });
      const session = sessionKey(card, hex('1234567890123456'));
      return text(arqcOf(session, hex('0123456789ABCDEF0123456789ABCDEF')));
    },
    is: '4B46013359B7A58B',
  },
};

/** Throws, naming the function, when one does not give what it must. */
export function selfTest(known = KNOWN): void {
  for (const [name, { make, is }] of Object.entries(known))
    if (make() !== is) throw new Error(`Cannot start the HSM: its self-test of ${name} failed`);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

function text(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}
