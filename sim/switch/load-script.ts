/** `POST /sim/switch/load`: a load as JSON, its report as the answer, its book as a file of one line per offer. One at a time. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { GentleInput } from './gentle.ts';
import type { Card } from './peers.ts';
import { runLoad, type LoadInput, type LoadReport } from './load.ts';
import type { InterbankSwitch } from './switch.ts';

/** Where a load runs. */
export interface LoadPlace {
  readonly network: InterbankSwitch;
  readonly time: Time;
  readonly random: Random;
  /** Where its book goes; absent = nowhere. */
  readonly folder?: string;
}

type Given = Readonly<Record<string, unknown>>;
type Numbers = Pick<
  LoadInput,
  'withdrawalsPerSecond' | 'qrisPerSecond' | 'seconds' | 'faultPerTenThousand' | 'drainMsMax'
>;

const NUMBERS: Readonly<Record<keyof Numbers, readonly [number, number]>> = {
  withdrawalsPerSecond: [0, 5_000],
  qrisPerSecond: [0, 5_000],
  seconds: [1, 600],
  faultPerTenThousand: [0, 10_000],
  drainMsMax: [0, 900_000],
};
const ACCOUNT = { number: /^\d{6,28}$/ };
const CARD = { pan: /^\d{13,19}$/, pin: /^\d{4,12}$/, expiry: /^\d{4}$/ };
const MERCHANT = { pan: /^\d{13,19}$/, id: /^[0-9A-Za-z]{1,15}$/, name: /^[\x20-\x7e]{1,25}$/ };
const LIST_LENGTH_MAX = 1_000;
/** Lines are written in lots, so that the file does not slow the load. */
const LOT = 500;

/** Runs what a body asks for; text = what is wrong with it. Amounts in the report are text. */
export type LoadScript = (value: unknown) => Promise<unknown>;

/** The loads of one switch. */
export function openLoadScript(place: LoadPlace): LoadScript {
  let isRunning = false;
  return async (value) => {
    const asked = read(value);
    if (typeof asked === 'string') return asked;
    if (isRunning) return 'load: one is running';
    isRunning = true;
    const book = openLoadBook(place);
    try {
      const report = await runLoad({ ...place, ...asked, onLine: book.write });
      return shown(report, book.path);
    } finally {
      book.close();
      isRunning = false;
    }
  };
}

function read(value: unknown): Omit<LoadInput, 'network' | 'time' | 'random' | 'onLine'> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'body: not an object';
  const { cards, merchants, ...rest } = value as Given;
  const stranger = Object.keys(rest).find((key) => !Object.hasOwn(NUMBERS, key));
  if (stranger !== undefined) return `${stranger}: unknown`;
  for (const [key, [from, to]] of Object.entries(NUMBERS)) {
    const number = rest[key];
    if (!Number.isSafeInteger(number) || Number(number) < from || Number(number) > to)
      return `${key}: a whole number from ${from} to ${to}`;
  }
  const numbers = rest as unknown as Numbers;
  const heldCards = readList(cards, CARD);
  const heldMerchants = readList(merchants, MERCHANT);
  if (!heldCards || (numbers.withdrawalsPerSecond > 0 && heldCards.length === 0))
    return 'cards: a list of {pan, pin, expiry}';
  if (!heldMerchants || (numbers.qrisPerSecond > 0 && heldMerchants.length === 0))
    return 'merchants: a list of {pan, id, name}';
  return {
    ...numbers,
    cards: heldCards.map(toCard),
    merchants: heldMerchants,
  };
}

/** What gentle traffic is asked for: `{perMinute, cards, accounts: [{number}]}`; text = what is wrong with it. */
export function readGentle(
  value: unknown,
): Pick<GentleInput, 'perMinute' | 'cards' | 'accounts'> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'body: not an object';
  const { perMinute, cards, accounts, ...rest } = value as Given;
  const held = readList(cards, CARD);
  const own = readList(accounts, ACCOUNT);
  if (!Number.isSafeInteger(perMinute) || Number(perMinute) < 1 || Number(perMinute) > 600)
    return 'perMinute: a whole number from 1 to 600';
  if (!held || held.length === 0) return 'cards: a list of {pan, pin, expiry}';
  if (!own || own.length === 0 || Object.keys(rest).length > 0)
    return 'accounts: a list of {number}, and nothing else';
  return {
    perMinute: Number(perMinute),
    cards: held.map(toCard),
    accounts: own.map(({ number }) => number),
  };
}

function toCard(card: Readonly<Record<keyof typeof CARD, string>>): Card {
  return { ...card, track2: `${card.pan}=${card.expiry}226000000000` };
}

function readList<K extends string>(
  value: unknown,
  fields: Readonly<Record<K, RegExp>>,
): readonly Readonly<Record<K, string>>[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > LIST_LENGTH_MAX) return undefined;
  const isFit = value.every(
    (item: unknown) =>
      typeof item === 'object' &&
      item !== null &&
      Object.keys(item).every((key) => Object.hasOwn(fields, key)) &&
      Object.entries<RegExp>(fields).every(([key, pattern]) => {
        const text = (item as Given)[key];
        return typeof text === 'string' && pattern.test(text);
      }),
  );
  return isFit ? (value as Readonly<Record<K, string>>[]) : undefined;
}

function openLoadBook({ folder, time }: LoadPlace) {
  const lines: string[] = [];
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = folder === undefined ? undefined : join(folder, `load-${time.now()}.jsonl`);
  const flush = (): void => {
    if (path !== undefined && lines.length > 0)
      appendFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
    lines.length = 0;
  };
  const write: NonNullable<LoadInput['onLine']> = (line) => {
    lines.push(JSON.stringify(line));
    if (lines.length >= LOT) flush();
  };
  return { path, write, close: flush };
}

function shown(report: LoadReport, book: string | undefined): unknown {
  const text = JSON.stringify({ ...report, ...(book !== undefined && { book }) }, (_, value) =>
    typeof value === 'bigint' ? value.toString() : (value as unknown),
  );
  return JSON.parse(text) as unknown;
}
