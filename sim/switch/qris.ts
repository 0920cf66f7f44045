/** QRIS as the banks behind the switch read and write it, from the table of fields in docs/rail/qris.md and nothing else. Pure. */
import type { Fields } from './codec.ts';
import type { ShownByPeer } from './context.ts';
import { isLuhn, withLuhn, type Peer } from './peers.ts';
import { padText, readTags, writeTags } from './private-data.ts';

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

/** How an issuer answers the shop's bank that asks for the money of a code which its customer shows. */
export function decideQrisShown(
  fields: Fields,
  facts: {
    readonly code: ShownByPeer | undefined;
    readonly bankNns: string;
    readonly balanceSen: bigint;
    readonly nowMs: number;
  },
): string {
  const merchant = readTags(fields[48]!)?.get('MP');
  const amountSen = BigInt(fields[4]!);
  const { code } = facts;
  const isShop = merchant !== undefined && merchant.startsWith(facts.bankNns) && isLuhn(merchant);
  if (!isShop || fields[32] !== facts.bankNns || fields[22] !== '039') return '30';
  if (!code || code.pan !== fields[2]) return '14';
  if (code.isUsed || code.untilMs <= facts.nowMs) return '54';
  if (amountSen === 0n) return '13';
  if (amountSen > code.limitSen || amountSen > AMOUNT_SEN_MAX) return '61';
  return amountSen > facts.balanceSen ? '51' : '00';
}

/** How a bank answers money for a customer of its own, named by a code: 40-01 in DE2, 40-02 in DE103. */
export function decideQrisTransfer(peer: Peer, fields: Fields): string {
  const tags = readTags(fields[48]!);
  const [paid, payer, name, data] = ['MP', 'PY', 'SN', 'UD'].map((tag) => tags?.get(tag) ?? '');
  const amountSen = BigInt(fields[4]!);
  const isPayer = /^\d{16,19}$/.test(payer!) && payer!.slice(0, NNS_LENGTH) === fields[32];
  const isSaid = paid === fields[2] && name !== '' && data!.length >= 8 && fields[22] === '039';
  if (!isPayer || !isSaid || fields[18] !== '4829') return '30';
  if (!fields[2]!.startsWith(peer.nns) || !isLuhn(fields[2]!)) return '14';
  if (!/^\d{6,15}$/.test(fields[103]!)) return '76';
  if (amountSen === 0n) return '13';
  return amountSen > AMOUNT_SEN_MAX ? '61' : '00';
}

/** What a transfer by a code says besides what every message says. */
export function transferByCodeFields(
  code: { readonly pan: string; readonly beneficiary: string; readonly name: string },
  by: { readonly payer: Peer; readonly fromAccount: string; readonly bankNns: string },
): Fields {
  const part = by.fromAccount.replaceAll(/\D/g, '').slice(-10).padStart(10, '0');
  return {
    2: code.pan,
    18: '4829',
    22: '039',
    25: '00',
    43: `${padText(code.name, 25)}${padText('JAKARTA', 13)}ID`,
    48: writeTags({
      MP: code.pan,
      PY: withLuhn(`${by.payer.nns}${part}`),
      SN: 'NASABAH BANK LAIN',
      UD: '0001200123456789',
    }),
    100: by.bankNns,
    103: code.beneficiary,
  };
}

/** DE48 CD of such a request. */
export function shownDataOf(fields: Fields): string {
  return readTags(fields[48]!)?.get('CD') ?? '';
}

/** How an issuer answers a refund to a customer of its own: the payment that it names, and what was given back of that before. */
export function decideQrisRefund(
  fields: Fields,
  facts: {
    /** The payment that DE48 OR names, as it was sent, when it stands. */
    readonly paid: Fields | undefined;
    /** Approved refunds of it. */
    readonly given: readonly { readonly number: string | undefined; readonly amountSen: bigint }[];
  },
): string {
  const tags = readTags(fields[48]!);
  const [merchant, date, number] = ['MP', 'OD', 'RN'].map((tag) => tags?.get(tag));
  const amountSen = BigInt(fields[4]!);
  if (!/^[\x21-\x7e]{1,30}$/.test(number ?? '') || amountSen === 0n) return '30';
  const { paid, given } = facts;
  const isOfIt =
    paid !== undefined &&
    paid[2] === fields[2] &&
    paid[13] === date &&
    readTags(paid[48]!)?.get('MP') === merchant;
  if (!isOfIt) return '25';
  if (given.some((one) => one.number === number)) return '94';
  const before = given.reduce((sum, one) => sum + one.amountSen, 0n);
  return before + amountSen > BigInt(paid[4]!) ? '61' : '00';
}

/** DE48 OR and RN of a refund. */
export function refundTags(fields: Fields): {
  readonly original?: string;
  readonly number?: string;
} {
  const tags = readTags(fields[48]!);
  const [original, number] = [tags?.get('OR'), tags?.get('RN')];
  return { ...(original !== undefined && { original }), ...(number !== undefined && { number }) };
}

/** What a payment to a merchant of the bank says besides what every message says. */
export function paymentFields(
  asked: {
    readonly merchantPan: string;
    readonly merchantId: string;
    readonly merchantName: string;
    readonly city?: string;
    readonly fromAccount: string;
    readonly criteria?: string;
    readonly tags?: Readonly<Record<string, string>>;
  },
  between: { readonly payer: Peer; readonly bankNns: string },
): Fields {
  const part = asked.fromAccount.replaceAll(/\D/g, '').slice(-10).padStart(10, '0');
  return {
    2: withLuhn(`${between.payer.nns}${part}`),
    18: '6017',
    22: '039',
    25: '00',
    42: padText(asked.merchantId, 15),
    43: `${padText(asked.merchantName, 25)}${padText(asked.city ?? 'JAKARTA', 13)}ID`,
    48: writeTags({ MP: asked.merchantPan, CR: asked.criteria ?? 'UMI', ...asked.tags }),
    100: between.bankNns,
  };
}

/** What a till says of a code that a customer of the bank showed, besides what every message says. */
export function presentedFields(
  shop: {
    readonly merchantPan: string;
    readonly merchantId: string;
    readonly merchantName: string;
    readonly city?: string;
    readonly criteria?: string;
    readonly tags?: Readonly<Record<string, string>>;
  },
  shown: { readonly pan: string; readonly data: string; readonly bankNns: string },
): Fields {
  return {
    2: shown.pan,
    18: '6018',
    22: '039',
    25: '00',
    42: padText(shop.merchantId, 15),
    43: `${padText(shop.merchantName, 25)}${padText(shop.city ?? 'JAKARTA', 13)}ID`,
    48: writeTags({
      MP: shop.merchantPan,
      CR: shop.criteria ?? 'UMI',
      CD: shown.data,
      ...shop.tags,
    }),
    100: shown.bankNns,
  };
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
