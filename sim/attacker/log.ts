/** What an attack tried and what it was answered. */
import {
  WireFault,
  type WireCall,
  type WireClient,
  type WireResponse,
} from '../../src/kernel/wire.ts';

export interface AttackEntry {
  readonly atMs: number;
  readonly kind: string;
  /** The certificate that it used. */
  readonly identity: string;
  /** Absent where the try carries no payment. */
  readonly bizMsgIdr?: string;
  readonly amountSen: bigint;
  /** HTTP status, or how the call failed. */
  readonly answer: number | 'no_answer' | 'not_sent';
  /** The refusal's reason or code, as told; empty when nothing was told. */
  readonly reason: string;
  /** The other side took it. */
  readonly isTaken: boolean;
}

export interface Tally {
  readonly count: number;
  readonly valueSen: bigint;
}

export interface AttackLog {
  readonly entries: readonly AttackEntry[];
  readonly injected: Tally;
  readonly refused: Tally;
  readonly taken: Tally;
  readonly byKind: Readonly<
    Record<
      string,
      {
        readonly tried: number;
        readonly taken: number;
        readonly reasons: Readonly<Record<string, number>>;
      }
    >
  >;
}

/** Sums entries up. */
export function attackLog(entries: readonly AttackEntry[]): AttackLog {
  const tally = (chosen: readonly AttackEntry[]): Tally => ({
    count: chosen.length,
    valueSen: chosen.reduce((sum, entry) => sum + entry.amountSen, 0n),
  });
  const byKind: Record<string, { tried: number; taken: number; reasons: Record<string, number> }> =
    {};
  for (const { kind, isTaken, reason, answer } of entries) {
    const of = (byKind[kind] ??= { tried: 0, taken: 0, reasons: {} });
    of.tried++;
    if (isTaken) of.taken++;
    const word = reason || String(answer);
    of.reasons[word] = (of.reasons[word] ?? 0) + 1;
  }
  return {
    entries,
    injected: tally(entries),
    refused: tally(entries.filter((entry) => !entry.isTaken)),
    taken: tally(entries.filter((entry) => entry.isTaken)),
    byKind,
  };
}

/** One call whose transport faults are answers too. */
export async function knock(
  client: WireClient,
  call: WireCall,
): Promise<WireResponse | 'no_answer' | 'not_sent'> {
  try {
    return await client.call(call);
  } catch (error) {
    if (error instanceof WireFault) return error.kind;
    throw error;
  }
}
