/** QRIS as the banks behind the switch read and write it, from the table of fields in docs/rail/qris.md and nothing else. Pure. */
import type { Fields } from './codec.ts';
import { isLuhn, type Peer } from './peers.ts';
import { readTags, writeTags } from './private-data.ts';

/** Rp10.000.000. Source: domain.md 1.9. */
const AMOUNT_SEN_MAX = 1_000_000_000n;
const NNS_LENGTH = 8;

/** DE48 MP; undefined where a message names no merchant. */
export function qrisMerchantOf(fields: Fields): string | undefined {
  const isQris = fields[3]?.startsWith('26') === true || fields[3]?.startsWith('20') === true;
  return isQris && fields[48] !== undefined ? readTags(fields[48])?.get('MP') : undefined;
}

/** How an acquirer answers a payment to a merchant of its own. */
export function decideQrisPayment(peer: Peer, fields: Fields): string {
  const tags = readTags(fields[48]!);
  const [merchant, criteria, tip] = ['MP', 'CR', 'TP'].map((tag) => tags?.get(tag));
  const amountSen = BigInt(fields[4]!);
  const payer = fields[2]!;
  const isPayer = /^\d{16,19}$/.test(payer) && payer.slice(0, NNS_LENGTH) === fields[32];
  if (!isPayer || fields[22] !== '039' || !/^[A-Z]{3}$/.test(criteria ?? '')) return '30';
  if (!isLuhn(payer)) return '14';
  if (merchant === undefined || !merchant.startsWith(peer.nns) || !isLuhn(merchant)) return '03';
  if (tip !== undefined && (!/^\d{12}$/.test(tip) || BigInt(tip) === 0n)) return '30';
  if (amountSen === 0n || BigInt(tip ?? 0) >= amountSen) return '13';
  return amountSen > AMOUNT_SEN_MAX ? '61' : '00';
}

/** Which original a check names, by DE48 OS and OT and by who asks; undefined for a check of another kind. */
export function checkedOriginal(
  fields: Fields,
):
  | { readonly stan: string; readonly transmittedAt: string; readonly acquirer: string }
  | undefined {
  const tags = fields[48] === undefined ? undefined : readTags(fields[48]);
  const [stan, transmittedAt] = [tags?.get('OS'), tags?.get('OT')];
  return stan !== undefined && transmittedAt !== undefined
    ? { stan, transmittedAt, acquirer: fields[32]! }
    : undefined;
}

/** What a refund of `paid`, a payment as it came, says besides what every message says. */
export function refundFields(
  paid: Fields,
  refund: { readonly number: string; readonly bankNns: string },
): Fields {
  const tags = readTags(paid[48]!)!; // it was taken with them
  const kept = ['MP', 'NM', 'CR', 'RL', 'BN'].flatMap((tag) => {
    const value = tags.get(tag);
    return value === undefined ? [] : [[tag, value] as const];
  });
  return {
    2: paid[2]!,
    18: paid[18]!,
    22: '039',
    25: '00',
    41: paid[41]!,
    ...(paid[42] !== undefined && { 42: paid[42] }),
    43: paid[43]!,
    48: writeTags({
      ...Object.fromEntries(kept),
      OR: paid[37]!,
      OD: paid[13]!,
      RN: refund.number,
    }),
    100: refund.bankNns,
  };
}

/** What a check of a message that was sent says besides what every message says: the original's RRN, amount and data, and its ids. */
export function checkFields(sent: Fields): Fields {
  return {
    4: sent[4]!,
    37: sent[37]!,
    41: sent[41]!,
    48: `${sent[48]!}${writeTags({ OT: sent[7]!, OS: sent[11]! })}`,
    49: '360',
    100: sent[100]!,
  };
}
