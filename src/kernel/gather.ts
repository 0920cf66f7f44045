/** Sends together what many ask for one by one: at once while nothing is on its way, and after that as much as came in the meantime. A
 * lone caller waits for nobody, and under load a round trip costs each little. */

/** Gathers for one remote party. */
export interface GatherInput<Asked, Said> {
  /** One round trip: an answer for each, in the order asked. What it throws is told to all of the round and to all who wait behind it:
   * nobody waits for one timeout after the other. */
  readonly send: (asked: readonly Asked[]) => Promise<readonly Said[]>;
  /** Asked in one round. */
  readonly countMax: number;
  /** Rounds on their way at once; one that is slow holds up only its own. */
  readonly roundsMax: number;
  /** Those that wait for a round; more are refused with what `full` makes. */
  readonly waitingMax: number;
  readonly full: () => Error;
}

interface Waiting<Asked, Said> {
  readonly asked: Asked;
  readonly resolve: (said: Said) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the way in. Shape: resolves and rejects per asker. */
export function gather<Asked, Said>(
  input: GatherInput<Asked, Said>,
): (asked: Asked) => Promise<Said> {
  const waiting: Waiting<Asked, Said>[] = [];
  let rounds = 0;
  const run = async (): Promise<void> => {
    rounds++;
    // Whoever asks in the same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const round = waiting.splice(0, input.countMax);
      const fault = await sendRound(input, round);
      if (fault) for (const one of waiting.splice(0)) one.reject(fault.error);
    }
    rounds--;
  };
  return (asked) => {
    if (waiting.length >= input.waitingMax) return Promise.reject(input.full());
    return new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (rounds < input.roundsMax) void run();
    });
  };
}

async function sendRound<Asked, Said>(
  { send }: GatherInput<Asked, Said>,
  round: readonly Waiting<Asked, Said>[],
): Promise<{ readonly error: unknown } | undefined> {
  try {
    const said = await send(round.map(({ asked }) => asked));
    if (said.length !== round.length)
      throw new Error(`Cannot hand out ${said.length} answers to ${round.length}`);
    for (const [index, one] of round.entries()) one.resolve(said[index]!); // as many as asked
    return undefined;
  } catch (error) {
    for (const one of round) one.reject(error);
    return { error };
  }
}
