/** What a machine of the bank says on its link. Pure. Source: docs/rail/atm.md. */
import type { Fields, Message } from '../switch/codec.ts';
import type { Card } from '../switch/peers.ts';
import {
  amountText,
  localTime,
  padText,
  transmissionTime,
  writeOriginal,
  writeReplacement,
} from '../switch/private-data.ts';
import type { Cassette } from './cassette.ts';

/** Who says it, when, and under which number. */
export interface Said {
  readonly atMs: number;
  readonly stan: string;
  readonly terminal: string;
  /** DE32 and DE33. */
  readonly bankCode: string;
}

/** DE3 of what a customer asks. */
export const ASKS = {
  withdrawal: '011000',
  balance: '301000',
  deposit: '211000',
  pin_change: '940000',
} as const;
export type Ask = keyof typeof ASKS;

/** DE3 of what the machine says of itself. */
const REPORTS = { totals: '900000', load: '910000' } as const;

function base({ atMs, stan, terminal, bankCode }: Said): Fields {
  const local = localTime(atMs);
  return {
    7: transmissionTime(atMs),
    11: stan,
    12: local.time,
    13: local.date,
    32: bankCode,
    33: bankCode,
    37: `${String(atMs).slice(-6)}${stan}`,
    41: terminal,
  };
}

/** The 0200 of a customer at the machine. */
export function writeAsk(
  said: Said,
  asked: {
    readonly what: Ask;
    readonly card: Card;
    readonly pinBlock: string;
    /** DE55, where the card's chip was read. */
    readonly chipField?: string;
    readonly amountSen?: bigint;
    readonly newPinBlock?: string;
    readonly notes?: readonly Cassette[];
  },
): Message {
  const { what, card, amountSen, newPinBlock, notes } = asked;
  return {
    mti: '0200',
    fields: {
      ...base(said),
      2: card.pan,
      3: ASKS[what],
      ...(amountSen !== undefined && { 4: amountText(amountSen), 49: '360' }),
      14: card.expiry,
      18: '6011',
      22: asked.chipField === undefined ? '021' : '051',
      25: '00',
      35: card.track2,
      42: padText(`ATM${said.bankCode}`, 15),
      43: padText('ATM BANK SENDIRI       JAKARTA      ID', 40),
      52: asked.pinBlock,
      ...(asked.chipField !== undefined && { 55: asked.chipField }),
      ...(newPinBlock !== undefined && { 62: newPinBlock }),
      ...(notes && {
        63: notes.map(({ noteSen, count }) => `${noteSen / 100n}x${count}`).join(','),
      }),
    },
  };
}

/** The reversal of a request: whole, or all but `keptSen` (DE95). */
export function writeTakeBack(
  said: Said,
  { original, keptSen }: { readonly original: Message; readonly keptSen: bigint },
): Fields {
  const { fields } = original;
  return {
    ...base(said),
    2: fields[2]!,
    3: fields[3]!,
    4: fields[4]!,
    37: fields[37]!,
    49: '360',
    90: writeOriginal({
      mti: original.mti,
      stan: fields[11]!,
      transmittedAt: fields[7]!,
      acquirer: fields[32]!,
      forwarder: fields[33]!,
    }),
    ...(keptSen > 0n && { 95: writeReplacement(keptSen) }),
  };
}

/** 0600: what may be offered for a card that begins so. */
export function writeStateQuestion(said: Said, bin: string): Message {
  return { mti: '0600', fields: { ...base(said), 63: bin } };
}

/** 0520: what the machine counts, or what was put in. */
export function writeReport(
  said: Said,
  counted: {
    readonly what: keyof typeof REPORTS;
    readonly cashSen: bigint;
    readonly dispensedSen: bigint;
    readonly depositedSen: bigint;
    readonly owedCount: number;
  },
): Message {
  const { what, cashSen, dispensedSen, depositedSen, owedCount } = counted;
  return {
    mti: '0520',
    fields: {
      ...base(said),
      3: REPORTS[what],
      63: `C${cashSen},D${dispensedSen},I${depositedSen},O${owedCount}`,
    },
  };
}
