/** Counts what was offered and what became of it, by kind and minute. An offer that no answer came for is counted as such:
 * nothing is left out of the sum. */

/** Every day has these. */
export type DailyKind = 'onus' | 'bifast_out' | 'bifast_in';
/** Only where there is a switch: cash with our cards at others' machines, transfers both ways, QRIS both ways. */
export type SwitchKind = 'cash' | 'switch_out' | 'switch_in' | 'qris_out' | 'qris_in';
export type TrafficKind = DailyKind | SwitchKind;

/** `accepted` = done, or taken and on its way; `refused` = told no; `no_answer` = the asker does not know. */
export type TrafficResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'no_answer' }
  | { readonly outcome: 'refused'; readonly code: string };

export interface TrafficCount {
  readonly kind: TrafficKind;
  /** Whole minutes since the start. */
  readonly minute: number;
  readonly offered: number;
  readonly accepted: number;
  readonly refused: number;
  readonly noAnswer: number;
}

export interface Measurement {
  readonly offered: number;
  readonly accepted: number;
  readonly refused: number;
  readonly noAnswer: number;
  /** Offers whose answer is still out. */
  readonly waiting: number;
  /** SNAP or U-code → count. */
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly counts: readonly TrafficCount[];
}

export interface Meter {
  offer(kind: TrafficKind, atMs: number): { end(result: TrafficResult): void };
  /** What was seen so far; `kinds` narrows, `fromMs`/`untilMs` narrow by the minute of the offer. */
  read(narrow?: {
    readonly kinds?: readonly TrafficKind[];
    readonly fromMs?: number;
    readonly untilMs?: number;
  }): Measurement;
}

/** A meter whose minute 0 begins at `startMs`. An answer counts in the minute of its offer. */
export function openMeter(startMs: number): Meter {
  const counts = new Map<
    string,
    { -readonly [K in keyof TrafficCount]: TrafficCount[K] } & {
      readonly codes: Record<string, number>;
    }
  >();
  const at = (kind: TrafficKind, atMs: number) => {
    const minute = Math.floor((atMs - startMs) / 60_000);
    const key = `${String(minute).padStart(6, '0')}|${kind}`;
    let count = counts.get(key);
    if (!count)
      counts.set(
        key,
        (count = { kind, minute, offered: 0, accepted: 0, refused: 0, noAnswer: 0, codes: {} }),
      );
    return count;
  };
  return {
    offer(kind, atMs) {
      const count = at(kind, atMs);
      count.offered++;
      return {
        end(result) {
          if (result.outcome === 'accepted') count.accepted++;
          else if (result.outcome === 'no_answer') count.noAnswer++;
          else {
            count.refused++;
            count.codes[result.code] = (count.codes[result.code] ?? 0) + 1;
          }
        },
      };
    },
    read(narrow = {}) {
      const minuteOf = (ms: number): number => Math.floor((ms - startMs) / 60_000);
      const chosen = [...counts.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, count]) => count)
        .filter((count) => !narrow.kinds || narrow.kinds.includes(count.kind))
        .filter((count) => narrow.fromMs === undefined || count.minute >= minuteOf(narrow.fromMs))
        .filter((count) => narrow.untilMs === undefined || count.minute < minuteOf(narrow.untilMs));
      const sum = (pick: (count: TrafficCount) => number): number =>
        chosen.reduce((total, count) => total + pick(count), 0);
      const refusedByCode: Record<string, number> = {};
      for (const count of chosen)
        for (const [code, n] of Object.entries(count.codes))
          refusedByCode[code] = (refusedByCode[code] ?? 0) + n;
      const [offered, accepted, refused, noAnswer] = [
        sum((c) => c.offered),
        sum((c) => c.accepted),
        sum((c) => c.refused),
        sum((c) => c.noAnswer),
      ];
      return {
        offered,
        accepted,
        refused,
        noAnswer,
        waiting: offered - accepted - refused - noAnswer,
        refusedByCode,
        counts: chosen.map(({ codes: _codes, ...count }) => count),
      };
    },
  };
}
