/** How much fits into a restriction set that every process takes. A set that is too large is refused whole, and with it every later stop: so
 * narrow restrictions end before the set does, those that one person asks for before those on evidence, and what closes a whole rail
 * always finds room. Pure. */
import { canonicalJson } from '../kernel/canonical.ts';
import { WIRE_BODY_BYTES_MAX } from '../kernel/wire.ts';
import { RESTRICTIONS_MAX } from './read.ts';
import type { Restriction, RestrictionSet } from './restriction.ts';
import { isNarrow } from './scope.ts';

/** What a restriction takes. `bytes` on the wire, where the set is text inside text; `entries` of the index and prefixes that each
 * process keeps in memory. */
export interface Weight {
  readonly bytes: number;
  readonly entries: number;
}

/** The envelope, the partitions and the releases of two people travel in the rest of a wire body. */
const BYTES_MAX = Math.floor(WIRE_BODY_BYTES_MAX * 0.8);
/** An index of so many entries costs a process some tens of megabytes. */
const ENTRIES_MAX = 200_000;
/** One restriction: a list of a thousand, or a category of a thousand prefixes, is below. */
const ONE_BYTES_MAX = BYTES_MAX / 8;
/** Of the whole, for narrow ones that one person asked for, and for narrow ones together. */
const ASKED_SHARE = 0.5;
const NARROW_SHARE = 0.75;

/** The weight of a restriction whose stored or canonical text is known. */
export function weightOf({ scope }: Pick<Restriction, 'scope'>, text: string): Weight {
  const combinations = (scope.cohort?.payers.length ?? 1) * (scope.payees?.length ?? 1);
  return {
    bytes: Buffer.byteLength(JSON.stringify(text)),
    entries: combinations + (scope.payeeCategory?.payees.length ?? 0),
  };
}

/** The weight of a restriction that is about to be written. */
export function weigh(restriction: Restriction): Weight {
  return weightOf(restriction, canonicalJson(restriction));
}

/** True for one that no set has room for, whatever else stands in it. */
export function isTooHeavy({ bytes, entries }: Weight): boolean {
  return bytes > ONE_BYTES_MAX || entries > ENTRIES_MAX / 8;
}

/** What is left of a set. */
export interface Room {
  /** Takes the room of a restriction when there is enough for its kind; false = it must not be placed. */
  take(restriction: Restriction, weight: Weight): boolean;
}

/** The room beside what is in force already, which keeps its place. */
export function openRoom(held: readonly Weight[]): Room {
  let count = held.length;
  let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
  let entries = held.reduce((sum, one) => sum + one.entries, 0);
  return {
    take(restriction, weight) {
      const share = shareOf(restriction);
      const fits =
        !isTooHeavy(weight) &&
        count + 1 <= RESTRICTIONS_MAX * share &&
        bytes + weight.bytes <= BYTES_MAX * share &&
        entries + weight.entries <= ENTRIES_MAX * share;
      if (!fits) return false;
      count++;
      bytes += weight.bytes;
      entries += weight.entries;
      return true;
    },
  };
}

function shareOf({ scope, isAutomatic }: Restriction): number {
  if (!isNarrow(scope)) return 1;
  return isAutomatic ? NARROW_SHARE : ASKED_SHARE;
}

/** Restrictions that fit into a set: those of the set before, then the others, widest kind first, each in its order. */
export function fitting<T extends { readonly restriction: Restriction; readonly weight: Weight }>(
  all: readonly T[],
  before: RestrictionSet | undefined,
): { readonly fits: readonly T[]; readonly left: readonly T[] } {
  const known = new Set(before?.restrictions.map(({ id }) => id));
  const isHeld = ({ restriction }: T): boolean => known.has(restriction.id);
  const room = openRoom(all.filter(isHeld).map(({ weight }) => weight));
  const news = all
    .filter((one) => !isHeld(one))
    .toSorted((a, b) => shareOf(b.restriction) - shareOf(a.restriction));
  const left = new Set(news.filter(({ restriction, weight }) => !room.take(restriction, weight)));
  return { fits: all.filter((one) => !left.has(one)), left: [...left] };
}
