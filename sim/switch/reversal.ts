/** What the switch does with a reversal (0400, 0401, 0420, 0421) that the bank sends. Pure. Source: domain.md 4.8. */
import type { Entry } from './book.ts';

export type ReversalDecision =
  /** Gives back all but `keptSen`. */
  | { readonly effect: 'reverse'; readonly rc: '00'; readonly keptSen: bigint }
  /** Nothing moves; a later original is refused. */
  | { readonly effect: 'remember'; readonly rc: string }
  /** Nothing moves, nothing is kept: the sender may ask again, with right data. */
  | { readonly effect: 'none'; readonly rc: string };

/** Decides; `seenRc` = what an earlier reversal of the same original was answered. */
export function decideReversal(input: {
  readonly original: Entry | undefined;
  readonly seenRc: string | undefined;
  readonly amountSen: bigint;
  /** DE95; undefined = it is not there. */
  readonly actualSen: bigint | undefined;
  readonly policy: {
    readonly unknownReversal: '00' | '25';
    readonly transferReversal: 'refused' | 'taken';
  };
}): ReversalDecision {
  const { original, seenRc, amountSen, actualSen = 0n, policy } = input;
  if (seenRc !== undefined) return { effect: 'none', rc: seenRc };
  if (!original) return { effect: 'remember', rc: policy.unknownReversal };
  if (amountSen !== original.amountSen || actualSen > amountSen)
    return { effect: 'none', rc: '13' };
  if (original.keptSen !== undefined) return { effect: 'none', rc: '00' };
  if (original.state !== 'approved') return { effect: 'remember', rc: '00' };
  // The beneficiary may have the money: it cannot be taken back by message.
  if (original.flow === 'transfer' && policy.transferReversal === 'refused')
    return { effect: 'none', rc: '12' };
  return { effect: 'reverse', rc: '00', keptSen: actualSen };
}
