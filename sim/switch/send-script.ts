/** What a demo may let other banks' customers do, as JSON: `{"kind":"transfer",…}`. Strict, and bounded to what one message holds. */
import type { OutgoingResult } from './outgoing.ts';
import { readShown } from './presented.ts';
import type { InterbankSwitch } from './switch.ts';

type Given = Readonly<Record<string, unknown>>;

const AMOUNT = /^[1-9]\d{0,9}$/;
const ACCOUNT = /^\d{6,16}$/;
const PAN = /^\d{13,19}$/;
const SHOP = {
  merchantPan: PAN,
  merchantId: /^[0-9A-Za-z]{1,15}$/,
  merchantName: /^[\x20-\x7e]{1,25}$/,
};

const FIELDS: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  withdrawal: {
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    pan: PAN,
    pin: /^\d{4,12}$/,
    expiry: /^\d{4}$/,
  },
  transfer_inquiry: {
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    fromAccount: ACCOUNT,
    toAccount: ACCOUNT,
  },
  transfer: { bank: /^\d{3}$/, amountRupiah: AMOUNT, fromAccount: ACCOUNT, toAccount: ACCOUNT },
  qris_refund: {
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    rrn: /^\d{12}$/,
    refundNumber: /^[\x21-\x7e]{1,30}$/,
  },
  qris_presented: {
    ...SHOP,
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    payload: /^[A-Za-z0-9+/=]{1,400}$/,
  },
  qris_transfer: {
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    fromAccount: ACCOUNT,
    pan: PAN,
    beneficiary: /^[0-9A-Za-z]{1,15}$/,
    name: /^[\x20-\x7e]{1,25}$/,
  },
  qris: {
    ...SHOP,
    bank: /^\d{3}$/,
    amountRupiah: AMOUNT,
    fromAccount: ACCOUNT,
    criteria: /^[A-Z]{3}$/,
  },
};

/** Sends it and waits for the outcome; text = what is wrong with the request. Amounts are whole rupiah, as text or number. */
export async function sendByScript(
  network: InterbankSwitch,
  value: unknown,
): Promise<{ readonly outcome: OutgoingResult['outcome']; readonly rc?: string } | string> {
  const given = read(value);
  if (typeof given === 'string') return given;
  if ('bank' in given && !network.peers.some((peer) => peer.code === given['bank']))
    return 'bank: not behind the switch';
  if (given['kind'] === 'qris_presented' && !readShown(given['payload']!))
    return 'payload: not a code that a customer shows';
  if (given['kind'] === 'qris_refund' && !isPaidAt(network, given))
    return 'rrn: no payment to a shop of that bank';
  const result = await send(network, given);
  return {
    outcome: result.outcome,
    ...(result.outcome === 'declined' && { rc: result.rc }),
    ...('rrn' in result && { rrn: result.rrn }),
  };
}

function isPaidAt(network: InterbankSwitch, given: Readonly<Record<string, string>>): boolean {
  const paid = network.book.findByReference(given['rrn']!); // its form was checked
  const isPaid = paid?.flow === 'qris' || paid?.flow === 'qris_presented';
  return isPaid && paid.state === 'approved' && paid.bank === given['bank'];
}

function read(value: unknown): Readonly<Record<string, string>> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'body: not an object';
  const { kind, ...rest } = value as Given;
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind))
    return `kind: one of ${Object.keys(FIELDS).join(', ')}`;
  const fields = FIELDS[kind]!;
  const stranger = Object.keys(rest).find((key) => !Object.hasOwn(fields, key));
  if (stranger !== undefined) return `${stranger}: unknown`;
  const texts = Object.fromEntries(
    Object.entries(rest).map(([key, one]) => [key, typeof one === 'number' ? String(one) : one]),
  );
  for (const [key, pattern] of Object.entries(fields)) {
    const text = texts[key];
    if (typeof text !== 'string' || !pattern.test(text)) return `${key}: ${pattern.source}`;
  }
  return { kind, ...(texts as Record<string, string>) };
}

function send(
  network: InterbankSwitch,
  given: Readonly<Record<string, string>>,
): Promise<OutgoingResult> {
  const amountSen = BigInt(given['amountRupiah']!) * 100n;
  const bank = given['bank']!;
  const fromAccount = given['fromAccount']!;
  const toAccount = given['toAccount']!;
  const shop = {
    merchantPan: given['merchantPan']!,
    merchantId: given['merchantId']!,
    merchantName: given['merchantName']!,
  };
  switch (given['kind']) {
    case 'withdrawal': {
      const [pan, pin, expiry] = [given['pan']!, given['pin']!, given['expiry']!];
      const track2 = `${pan}=${expiry}226000000000`;
      return network.withdraw({ bank, amountSen, card: { pan, pin, expiry, track2 } });
    }
    case 'transfer_inquiry':
      return network.inquire({ bank, amountSen, fromAccount, toAccount });
    case 'qris_refund':
      return network.refund({
        amountSen,
        rrn: given['rrn']!,
        refundNumber: given['refundNumber']!,
      });
    case 'transfer':
      return network.transfer({ bank, amountSen, fromAccount, toAccount });
    case 'qris_transfer': {
      const [pan, beneficiary, name] = [given['pan']!, given['beneficiary']!, given['name']!];
      return network.sendByCode({ bank, amountSen, fromAccount, pan, beneficiary, name });
    }
    case 'qris_presented':
      return network.chargeShown({ bank, amountSen, ...shop, payload: given['payload']! });
    default:
      return network.payMerchant({
        bank,
        amountSen,
        fromAccount,
        ...shop,
        criteria: given['criteria']!,
      });
  }
}
