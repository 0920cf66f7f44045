/** How often the HSM itself lets somebody try: the last bound when everything that calls it is in wrong hands. Wrong PINs and new PIN
 * values are counted per card for a day, on the disk before the answer, so that a restart forgives nothing; translations per card and
 * unreadable blocks per key in memory. A card is known by a keyed hash, never by its number. */
import { createHmac } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { Time } from '../kernel/time.ts';
import { parseJson } from '../kernel/wire.ts';
import { openLines, openLineWriter, replaceFile } from './durable-file.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** What is counted for a day per card. Callers lock a card after three wrong ones; ten leave room for a card that was unlocked. */
const DAY_MAX = { wrong: 10, set: 5 } as const;
/** Retries of terminals and networks included; a book of a million blocks would take two years. */
const TRANSLATION_COUNT_MAX = 60;
/** A terminal or link whose key is not ours fails always: it is shut out by itself. */
const UNREADABLE_COUNT_MAX = 30;
/** Three bytes of check value are guessed in eight million tries on average. */
const IMPORT_COUNT_MAX = 5;
/** A planned key change is once a day or less. */
const MAKE_COUNT_MAX = 12;
/** One counter per slot; with a million cards an hour two of them share a slot, far below the limit. */
const SLOTS = 1 << 20;
const CARD_COUNT_MAX = 100_000;
const LINE_COUNT_MAX = 200_000;

type Kind = keyof typeof DAY_MAX;

/** The counters of one HSM. Each `…Left` asks, each `count…` counts. */
export interface Limits {
  /** The keyed hash that stands for a card: over the eleven digits that a PVV looks at, so that no other digit makes a new card. */
  subjectOf(pan: string): string;
  /** Whether this block may be the PIN of this card: the first PAN that it comes with is its own. With another one, format 0 would
   * tell a digit of the PIN by whether it can be read. */
  bindBlock(block: string, pan: string): boolean;
  isDayLeft(kind: Kind, subject: string): boolean;
  countDay(kind: Kind, subject: string): void;
  /** How many `countDay` there were: one that grew during a call must be on disk before the answer. */
  counted(): number;
  durable(): Promise<void>;
  isBroken(): boolean;
  /** Counts and tells whether it was one too many. */
  takeTranslation(subject: string): boolean;
  isReadableLeft(key: string): boolean;
  countUnreadable(key: string): void;
  isImportLeft(zmk: string): boolean;
  countImport(zmk: string): void;
  isMakeLeft(name: string): boolean;
  countMake(name: string): void;
  close(): Promise<void>;
}

interface DayLine {
  readonly atMs: number;
  readonly kind: Kind;
  readonly subject: string;
}

/** Opens the counters; those of the last day come from the file, which is made small again. */
export function openLimits(input: {
  readonly path: string;
  readonly key: Buffer;
  readonly time: Time;
}): Limits {
  const { path, time } = input;
  const days = new Map<string, number[]>();
  const { handle, kept } = compact(path, time.now());
  for (const line of kept) keep(days, line);
  const writer = openLineWriter(handle, time);
  let lineCount = kept.length;
  let counted = 0;
  const translations = makeSlots(time);
  const unreadable = makeWindow(time, UNREADABLE_COUNT_MAX);
  const imports = makeWindow(time, IMPORT_COUNT_MAX);
  const makes = makeWindow(time, MAKE_COUNT_MAX);
  const blocks = makeBindings();
  const hashOf = (text: string): Buffer => createHmac('sha256', input.key).update(text).digest();
  const recent = (kind: Kind, subject: string): readonly number[] =>
    (days.get(`${kind} ${subject}`) ?? []).filter((atMs) => isWithinDay(atMs, time.now()));
  return {
    subjectOf: (pan) => hashOf(pan.slice(-12, -1)).subarray(0, 16).toString('base64url'),
    bindBlock: (block, pan) => blocks.bind(hashOf(block), hashOf(pan)),
    isDayLeft: (kind, subject) => recent(kind, subject).length < DAY_MAX[kind],
    countDay(kind, subject) {
      const line: DayLine = { atMs: time.now(), kind, subject };
      keep(days, line);
      counted++;
      writer.add(JSON.stringify(line));
      if (++lineCount < LINE_COUNT_MAX) return;
      lineCount = 0;
      writer.exclusive(() => compact(path, time.now()).handle);
    },
    counted: () => counted,
    durable: writer.durable,
    isBroken: writer.isBroken,
    takeTranslation: (subject) => translations.add(subject) <= TRANSLATION_COUNT_MAX,
    isReadableLeft: unreadable.isLeft,
    countUnreadable: unreadable.count,
    isImportLeft: imports.isLeft,
    countImport: imports.count,
    isMakeLeft: makes.isLeft,
    countMake: makes.count,
    close: writer.close,
  };
}

/** A clock that jumped back does not forgive: what lies ahead counts too. */
function isWithinDay(atMs: number, nowMs: number): boolean {
  return atMs > nowMs - DAY_MS;
}

function keep(days: Map<string, number[]>, line: DayLine): void {
  const name = `${line.kind} ${line.subject}`;
  const known = days.get(name) ?? [];
  // Renewed at the end of the map: what was not tried for longest goes first when there are too many cards.
  days.delete(name);
  days.set(name, [...known, line.atMs].slice(-Math.max(...Object.values(DAY_MAX))));
  if (days.size > CARD_COUNT_MAX) days.delete(days.keys().next().value!);
}

/** Writes the file anew with what is of the last day. */
function compact(
  path: string,
  nowMs: number,
): { readonly handle: number; readonly kept: readonly DayLine[] } {
  const { handle, lines } = openLines(path);
  closeSync(handle);
  const kept = lines
    .map((text) => parseJson(text) as DayLine)
    .filter((line) => isWithinDay(line.atMs, nowMs));
  replaceFile(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { handle: openLines(path).handle, kept };
}

/** Counters of an hour in one megabyte, whatever comes. */
function makeSlots(time: Time): { add(subject: string): number } {
  const counts = new Uint8Array(SLOTS);
  let hour = Math.floor(time.now() / HOUR_MS);
  return {
    add(subject) {
      const now = Math.floor(time.now() / HOUR_MS);
      if (now !== hour) counts.fill(0);
      hour = now;
      const slot = Buffer.from(subject, 'base64url').readUInt32BE(0) % SLOTS;
      return (counts[slot] = Math.min(255, counts[slot]! + 1));
    },
  };
}

/** The last million blocks and their cards in eight megabytes; a new block takes the slot of an old one. */
function makeBindings(): { bind(block: Buffer, card: Buffer): boolean } {
  const tags = new Uint32Array(SLOTS);
  const cards = new Uint32Array(SLOTS);
  return {
    bind(block, card) {
      const slot = block.readUInt32BE(0) % SLOTS;
      // Zero is an empty slot.
      const tag = block.readUInt32BE(4) || 1;
      if (tags[slot] === tag) return cards[slot] === card.readUInt32BE(0);
      tags[slot] = tag;
      cards[slot] = card.readUInt32BE(0);
      return true;
    },
  };
}

/** Counters of an hour by key name: as many as there are keys. */
function makeWindow(
  time: Time,
  countMax: number,
): { isLeft(name: string): boolean; count(name: string): void } {
  const counts = new Map<string, number>();
  let hour = Math.floor(time.now() / HOUR_MS);
  const turn = (): void => {
    const now = Math.floor(time.now() / HOUR_MS);
    if (now !== hour) counts.clear();
    hour = now;
  };
  return {
    isLeft(name) {
      turn();
      return (counts.get(name) ?? 0) < countMax;
    },
    count(name) {
      turn();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
  };
}
