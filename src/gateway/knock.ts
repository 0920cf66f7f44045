/** What refused knocks cost: the sender is quarantined, the journal grows by a bounded amount, the rail goes on (DESIGN.md 1.1:
 * nobody may cause the outage by knocking). */
import { newId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import type { JournalBody, RefusalReason } from '../rail/journal-entry.ts';
import type { RefusalWeight } from './decide.ts';
import type { Journal } from './journal.ts';

/** Written one by one per peer and minute; the rest of the minute is summed up. */
const ENTRIES_PER_MINUTE_MAX = 5;
/** Peers counted apart; further ones of the minute are counted together. */
const PEER_COUNT_MAX = 256;
const MINUTE_MS = 60_000;
/** Soft refusals of one peer within this time quarantine it. */
const SOFT_WINDOW_MS = 5 * 60_000;
const SOFT_COUNT_MAX = 3;

export interface Knock {
  readonly kind: 'refused' | 'forged';
  readonly reason: RefusalReason;
  readonly weight: RefusalWeight;
  readonly peer: string;
  readonly fingerprint: string;
  readonly what?: string;
  readonly bizMsgIdr?: string;
  readonly amountSen?: string;
}

export interface KnockBook {
  /** Journals the knock within its bound and quarantines the sender where it has earned it. Durable when it resolves. */
  record(knock: Knock): Promise<void>;
  /** Writes what was summed up; called every minute and at the end. */
  flush(): Promise<void>;
}

interface Tally {
  readonly knock: Knock;
  written: number;
  summed: number;
  summedSen: bigint;
}

/** Makes the book over the journal. */
export function makeKnockBook(input: {
  readonly journal: Journal;
  readonly time: Time;
  readonly random: Random;
}): KnockBook {
  const { journal, time, random } = input;
  let tallies = new Map<string, Tally>();
  const soft = new Map<string, readonly number[]>();

  const earnsQuarantine = (knock: Knock): boolean => {
    if (journal.index.quarantineOf(knock.fingerprint)) return false;
    if (knock.weight !== 'soft') return knock.weight === 'hard';
    const since = time.now() - SOFT_WINDOW_MS;
    const recent = [
      ...(soft.get(knock.fingerprint) ?? []).filter((atMs) => atMs > since),
      time.now(),
    ];
    if (soft.size >= PEER_COUNT_MAX && !soft.has(knock.fingerprint))
      soft.delete(soft.keys().next().value!); // not empty here
    soft.set(knock.fingerprint, recent.slice(-SOFT_COUNT_MAX));
    return recent.length >= SOFT_COUNT_MAX;
  };

  // A refusal stands whether or not it can still be written: with a broken journal nothing leaves anyway.
  const write = async (bodies: readonly JournalBody[]): Promise<void> => {
    if (bodies.length > 0 && !journal.isBroken()) await journal.append(...bodies);
  };

  return {
    async record(knock) {
      const bodies: JournalBody[] = [];
      const key =
        tallies.size < PEER_COUNT_MAX
          ? `${knock.kind}:${knock.fingerprint}`
          : `${knock.kind}:others`;
      const tally = tallies.get(key) ?? { knock, written: 0, summed: 0, summedSen: 0n };
      tallies.set(key, tally);
      if (tally.written < ENTRIES_PER_MINUTE_MAX) {
        tally.written++;
        bodies.push(entryOf(knock));
      } else {
        tally.summed++;
        tally.summedSen += BigInt(knock.amountSen ?? 0);
      }
      if (earnsQuarantine(knock)) {
        const { peer, fingerprint, reason } = knock;
        bodies.push({
          kind: 'quarantined',
          id: newId('qua', time.now(), random),
          peer,
          fingerprint,
          reason,
        });
      }
      await write(bodies);
    },
    async flush() {
      const sums = [...tallies.values()].filter(({ summed }) => summed > 0);
      tallies = new Map();
      const bodies = sums.map(({ knock, summed, summedSen }) =>
        entryOf({ ...knock, amountSen: String(summedSen) }, summed),
      );
      await write(bodies);
    },
  };
}

/** How often `flush` is due. */
export const KNOCK_FLUSH_MS = MINUTE_MS;

function entryOf(knock: Knock, count?: number): JournalBody {
  const { peer, fingerprint, bizMsgIdr, amountSen } = knock;
  const common = {
    peer: peer.slice(0, 64),
    fingerprint,
    ...(bizMsgIdr !== undefined && count === undefined && { bizMsgIdr: bizMsgIdr.slice(0, 64) }),
    ...(amountSen !== undefined && { amountSen }),
    ...(count !== undefined && { count }),
  };
  if (knock.kind === 'forged') return { kind: 'forged', what: knock.what ?? 'message', ...common };
  return { kind: 'refused', reason: knock.reason, ...common };
}
