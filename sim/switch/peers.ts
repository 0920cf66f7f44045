/** The banks behind the switch and their cards: everything follows from the numbers and a seed, so nothing is stored and every run
 * agrees. Invented institutions' card ranges; codes and NNS of domain.md 1.8. */
import { sha256 } from '../../src/kernel/canonical.ts';
import type { Chip } from './chip.ts';

/** A bank that the switch plays. */
export interface Peer {
  /** Three digits: DE127, and DE32 of ATM messages. */
  readonly code: string;
  readonly name: string;
  /** Eight digits: DE100, and DE32 of QRIS messages. */
  readonly nns: string;
  /** First six digits of its cards. */
  readonly bin: string;
}

/** A card with its secrets; a test card. */
export interface Card {
  readonly pan: string;
  readonly pin: string;
  /** YYMM. */
  readonly expiry: string;
  readonly track2: string;
  /** Absent: a stripe only, or a chip that the machine does not read. */
  readonly chip?: Chip;
}

/** The demo's banks, the same as in the BI-FAST hub. */
export const DEMO_PEERS: readonly Peer[] = [
  { code: '002', name: 'BRI', nns: '93600002', bin: '639002' },
  { code: '008', name: 'Bank Mandiri', nns: '93600008', bin: '639008' },
  { code: '009', name: 'BNI', nns: '93600009', bin: '639009' },
  { code: '014', name: 'BCA', nns: '93600014', bin: '639014' },
];

/** What lies on every account of theirs at the start: Rp5.000.000. */
export const PEER_BALANCE_SEN = 500_000_000n;
const EXPIRY = '3112';

/** A number with its Luhn digit. */
export function withLuhn(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = digit * 2;
    sum += i % 2 === 0 ? (doubled > 9 ? doubled - 9 : doubled) : digit;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** True when the last digit is the Luhn digit of the others. */
export function isLuhn(number: string): boolean {
  return /^\d{2,}$/.test(number) && withLuhn(number.slice(0, -1)) === number;
}

/** The PIN of a peer's card: six digits that follow from the seed. */
export function pinOf(seed: string, pan: string): string {
  const number = sha256(`peer-pin:${seed}:${pan}`).readUInt32BE(0) % 1_000_000;
  return String(number).padStart(6, '0');
}

/** The `number`th card of a peer. */
export function peerCard(seed: string, peer: Peer, number: number): Card {
  const pan = withLuhn(`${peer.bin}${String(number).padStart(9, '0')}`);
  return {
    pan,
    pin: pinOf(seed, pan),
    expiry: EXPIRY,
    track2: `${pan}=${EXPIRY}226000000000`,
  };
}

/** The merchant PAN of the `number`th merchant of a peer (DE2 of a QRIS payment). */
export function peerMerchant(peer: Peer, number: number): string {
  return withLuhn(`${peer.nns}${String(number).padStart(10, '0')}`);
}

/** The peer that a request is for: DE127, else DE100 (code or NNS), else the card's first six digits. */
export function findPeer(
  peers: readonly Peer[],
  fields: { readonly [field: number]: string },
): Peer | undefined {
  const { 2: pan, 100: receiver, 127: destination } = fields;
  if (destination !== undefined) return peers.find((peer) => peer.code === destination);
  if (receiver !== undefined)
    return peers.find((peer) => peer.nns === receiver || peer.code === receiver);
  return peers.find((peer) => pan?.startsWith(peer.bin));
}
