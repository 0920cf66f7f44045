/** A message with its MAC: DE128 when there is a secondary bitmap, else DE64; over every byte before the MAC's 16 characters. */
import { equalSecret } from '../../src/kernel/canonical.ts';
import { pack, type Fields, type Message } from './codec.ts';
import { retailMac } from './crypto.ts';

const MAC_LENGTH = 16;
const MAC_SHORT = 64;
const MAC_LONG = 128;
const NO_MAC = '0'.repeat(MAC_LENGTH);

/** The bytes of `message` with its MAC under `key`. `isWrong` spoils it, for a fault. */
export function packSealed(message: Message, key: Uint8Array, isWrong = false): Buffer {
  const field = macField(message.fields);
  const bytes = pack({ ...message, fields: { ...message.fields, [field]: NO_MAC } });
  const mac = retailMac(key, bytes.subarray(0, -MAC_LENGTH));
  const shown = isWrong ? `${mac.slice(0, -1)}${mac.endsWith('0') ? '1' : '0'}` : mac;
  bytes.write(shown, bytes.length - MAC_LENGTH, 'latin1');
  return bytes;
}

/** What the MAC of a received message is: `absent`, `right` or `wrong` (a MAC in the wrong place is wrong). */
export function checkMac(
  bytes: Uint8Array,
  message: Message,
  key: Uint8Array,
): 'absent' | 'right' | 'wrong' {
  const { [MAC_SHORT]: short, [MAC_LONG]: long } = message.fields;
  if (short === undefined && long === undefined) return 'absent';
  if (short !== undefined && Object.keys(message.fields).some((field) => Number(field) > MAC_SHORT))
    return 'wrong';
  return equalSecret(retailMac(key, bytes.subarray(0, -MAC_LENGTH)), (short ?? long)!)
    ? 'right'
    : 'wrong';
}

function macField(fields: Fields): typeof MAC_SHORT | typeof MAC_LONG {
  return Object.keys(fields).some((field) => Number(field) > MAC_SHORT) ? MAC_LONG : MAC_SHORT;
}
