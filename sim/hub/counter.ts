/** What the hub saw on its socket, per certificate and per message: the drills' proof of what did and did not arrive. */

export interface PeerCount {
  readonly bytes: number;
  readonly messages: number;
  /** Well-formed, signed pacs.008 that carry money (010, 011). */
  readonly instructions: number;
}

export interface HubCounters {
  /** By certificate fingerprint. */
  readonly peers: Readonly<Record<string, PeerCount>>;
  /** Messages and connections not taken, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Credits to banks that gave no answer in all tries. */
  readonly undelivered: number;
}

export interface Arrival {
  readonly count: number;
  readonly bytes: number;
}

export interface Counters {
  message(fingerprint: string, bytes: number): void;
  instruction(fingerprint: string, bizMsgIdr: string, bytes: number): void;
  refuse(reason: string): void;
  undelivered(): void;
  read(): HubCounters;
  /** How often, and with how many bytes, an instruction with this id arrived from anybody. */
  arrivals(bizMsgIdr: string): Arrival;
}

/** Ids whose arrivals are remembered: a day of a large bank. The oldest are dropped first. */
const ARRIVAL_COUNT_MAX = 500_000;

/** Counters at zero. */
export function openCounters(): Counters {
  const peers = new Map<string, { bytes: number; messages: number; instructions: number }>();
  const refused = new Map<string, number>();
  const arrivals = new Map<string, Arrival>();
  let undelivered = 0;
  const peer = (fingerprint: string) => {
    let count = peers.get(fingerprint);
    if (!count) peers.set(fingerprint, (count = { bytes: 0, messages: 0, instructions: 0 }));
    return count;
  };
  return {
    message(fingerprint, bytes) {
      const count = peer(fingerprint);
      count.bytes += bytes;
      count.messages++;
    },
    instruction(fingerprint, bizMsgIdr, bytes) {
      peer(fingerprint).instructions++;
      const before = arrivals.get(bizMsgIdr);
      arrivals.set(bizMsgIdr, {
        count: (before?.count ?? 0) + 1,
        bytes: (before?.bytes ?? 0) + bytes,
      });
      if (arrivals.size > ARRIVAL_COUNT_MAX) arrivals.delete(arrivals.keys().next().value!);
    },
    refuse: (reason) => void refused.set(reason, (refused.get(reason) ?? 0) + 1),
    undelivered: () => void undelivered++,
    read: () => ({
      peers: Object.fromEntries(
        [...peers].map(([fingerprint, count]) => [fingerprint, { ...count }]),
      ),
      refused: Object.fromEntries(refused),
      undelivered,
    }),
    arrivals: (bizMsgIdr) => arrivals.get(bizMsgIdr) ?? { count: 0, bytes: 0 },
  };
}
