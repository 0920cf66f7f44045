/** What the bank took of the network's requests and what it refused at once, so that copies of one request hear one word. Shared by all
 * links of a network, in memory, bounded. */
import type { IsoMessage } from '../iso8583/spec.ts';

export interface Taken {
  /** What is to be done with a request, noted at the same moment. `silence`: a copy of what is at work or was taken before, when nothing
   * new has a place. A no to it would be a no to what may have been approved; who hears nothing asks again or takes it back. */
  admit(
    request: IsoMessage,
    input: { readonly hasRoom: boolean; readonly mayBeTaken: () => boolean },
  ): 'serve' | 'refuse' | 'silence';
  /** A request that was admitted to be served has ended. */
  end(request: IsoMessage): void;
}

/** Makes the memory. A refusal binds the copies that come within `rememberMs`; the oldest are forgotten beyond `rememberMax`. */
export function openTaken(
  bounds: { readonly rememberMs: number; readonly rememberMax: number },
  now: () => number,
): Taken {
  const atWork = new Map<string, number>();
  const refused = new Map<string, number>();
  const wasRefused = (name: string): boolean => (refused.get(name) ?? -Infinity) > now();
  return {
    admit(request, { hasRoom, mayBeTaken }) {
      const name = nameOf(request);
      const copies = atWork.get(name) ?? 0;
      if (copies === 0 && wasRefused(name)) return 'refuse';
      if (hasRoom) {
        atWork.set(name, copies + 1);
        return 'serve';
      }
      if (copies > 0 || mayBeTaken()) return 'silence';
      if (comesAgain(request)) return 'refuse';
      refused.delete(name);
      refused.set(name, now() + bounds.rememberMs);
      for (const [oldest, untilMs] of refused) {
        if (refused.size <= bounds.rememberMax && untilMs > now()) break;
        refused.delete(oldest);
      }
      return 'refuse';
    },
    end(request) {
      const name = nameOf(request);
      const left = (atWork.get(name) ?? 1) - 1;
      if (left > 0) atWork.set(name, left);
      else atWork.delete(name);
    },
  };
}

/** What a request and its repeats have in common: class, DE7, DE11 and DE32. */
function nameOf({ mti, fields }: IsoMessage): string {
  return [mti.charAt(1), fields[7], fields[11], fields[32]].join('|');
}

/** Advices (0220) and reversals (0400, 0420) are sent until they are taken: a no to one binds none of its repeats. */
function comesAgain({ mti }: IsoMessage): boolean {
  return mti.charAt(1) === '4' || mti.charAt(2) === '2';
}
