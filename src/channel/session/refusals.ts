/** Counts refused sign-ins of the last minutes by where they come from and by what was typed, so that the guard hears of one source that tries many
 * people, or one password that is tried on many (D31). In memory, bounded, under a key that dies with the process: no address, name or
 * password leaves here in any form. */
import { createHmac } from 'node:crypto';
import type { Random } from '../../kernel/random.ts';

/** One try. */
export interface Try {
  readonly source: string;
  readonly username: string;
  readonly password: string;
  readonly isRight: boolean;
  readonly nowMs: number;
}

/** What the stream hears: the source with the most different people refused, and the most people on whom one password was tried. */
export interface RefusalCount {
  readonly source: string;
  readonly names: number;
  readonly refused: number;
  readonly opened: number;
  readonly samePasswordNames: number;
}

export interface Refusals {
  /** Notes a try; what is to be told now, if anything. */
  note(one: Try): RefusalCount | undefined;
}

const WINDOW_MS = 10 * 60_000;
/** Told at most so often, and not before so many were refused. */
const TELL_MS = 10_000;
const TELL_MIN = 10;
const SOURCES_MAX = 5_000;
const PASSWORDS_MAX = 5_000;
/** Beyond it more is no more. */
const NAMES_MAX = 200;
const KEY_BYTES = 32;
const SHOWN = 12;

interface Source {
  readonly names: Set<string>;
  refused: number;
  opened: number;
}

/** Opens an empty count. */
export function openRefusals(random: Random): Refusals {
  const key = random.bytes(KEY_BYTES);
  const hashOf = (text: string): string =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, SHOWN);
  const sources = new Map<string, Source>();
  const passwords = new Map<string, Set<string>>();
  let sinceMs = Number.NEGATIVE_INFINITY;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let refused = 0;
  return {
    note({ source, username, password, isRight, nowMs }) {
      if (nowMs - sinceMs >= WINDOW_MS || nowMs < sinceMs) {
        sources.clear();
        passwords.clear();
        [sinceMs, toldAtMs, refused] = [nowMs, Number.NEGATIVE_INFINITY, 0];
      }
      const from = entryOf(sources, {
        name: hashOf(`source:${source}`),
        max: SOURCES_MAX,
        make: (): Source => ({ names: new Set(), refused: 0, opened: 0 }),
      });
      if (isRight) {
        if (from) from.opened++;
        return undefined;
      }
      refused++;
      const name = hashOf(`name:${username.trim().toLowerCase()}`);
      if (from) {
        from.refused++;
        if (from.names.size < NAMES_MAX) from.names.add(name);
      }
      const tried = entryOf(passwords, {
        name: hashOf(`password:${password}`),
        max: PASSWORDS_MAX,
        make: () => new Set<string>(),
      });
      if (tried && tried.size < NAMES_MAX) tried.add(name);
      if (refused < TELL_MIN || nowMs - toldAtMs < TELL_MS) return undefined;
      toldAtMs = nowMs;
      return worstOf(sources, passwords);
    },
  };
}

function entryOf<T>(
  map: Map<string, T>,
  of: { readonly name: string; readonly max: number; readonly make: () => T },
): T | undefined {
  const known = map.get(of.name);
  if (known !== undefined || map.size >= of.max) return known;
  const made = of.make();
  map.set(of.name, made);
  return made;
}

function worstOf(
  sources: ReadonlyMap<string, Source>,
  passwords: ReadonlyMap<string, ReadonlySet<string>>,
): RefusalCount {
  let worst = { source: '', names: 0, refused: 0, opened: 0 };
  for (const [source, { names, refused, opened }] of sources)
    if (names.size > worst.names) worst = { source, names: names.size, refused, opened };
  let samePasswordNames = 0;
  for (const names of passwords.values())
    samePasswordNames = Math.max(samePasswordNames, names.size);
  return { ...worst, samePasswordNames };
}
