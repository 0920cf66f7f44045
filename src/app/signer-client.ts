/** Core's way to the signer: what is asked in the same moment goes in one call. One call is out at a time, so a slow signer makes
 * larger batches, not more connections. */
import type { WireClient } from '../kernel/wire.ts';
import { parseJson } from '../kernel/wire.ts';
import type { SignerPort } from '../payment/signer-port.ts';

/** What the signer takes at once. */
const BATCH_MAX = 256;
const SIGN_TIMEOUT_MS = 5_000;
/** Longer queues help nobody: the payments stay `held` and are tried again. */
const WAITING_MAX = 10_000;
const SIGN_PATH = '/sign';

interface Waiting {
  readonly jtis: readonly string[];
  readonly resolve: (answer: Awaited<ReturnType<SignerPort>>) => void;
  readonly reject: (error: Error) => void;
}

interface Answer {
  readonly tokens: Readonly<Record<string, string>>;
  readonly refused: Readonly<Record<string, string>>;
}

/** The port over a client of the signer. Throws WireFault when it was not reached or gave no answer: asking again is safe. */
export function remoteSigner(signer: WireClient): SignerPort {
  const waiting: Waiting[] = [];
  let isCalling = false;

  async function flush(): Promise<void> {
    isCalling = true;
    // Whatever is asked in this turn of the event loop shares the call.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      try {
        const answer = await ask(
          signer,
          batch.flatMap(({ jtis }) => jtis),
        );
        for (const one of batch)
          one.resolve({
            tokens: pick(answer.tokens, one.jtis),
            refused: pick(answer.refused, one.jtis),
          });
      } catch (error) {
        for (const one of batch) one.reject(error as Error);
      }
    }
    isCalling = false;
  }

  return (jtis) =>
    new Promise((resolve, reject) => {
      if (jtis.length === 0) return resolve({ tokens: {}, refused: {} });
      if (jtis.length > BATCH_MAX)
        return reject(new RangeError(`Cannot sign more than ${BATCH_MAX} at once`));
      if (waiting.length >= WAITING_MAX) return reject(new Error('Cannot sign: too many wait'));
      waiting.push({ jtis, resolve, reject });
      if (!isCalling) void flush();
    });
}

function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  let size = 0;
  while (count < waiting.length && size + waiting[count]!.jtis.length <= BATCH_MAX)
    size += waiting[count++]!.jtis.length;
  return waiting.splice(0, count);
}

async function ask(signer: WireClient, jtis: readonly string[]): Promise<Answer> {
  const response = await signer.call({
    path: SIGN_PATH,
    body: JSON.stringify({ jtis: [...new Set(jtis)] }),
    timeoutMs: SIGN_TIMEOUT_MS,
  });
  const answer = parseJson(response.body) as Partial<Answer> | undefined;
  if (response.status !== 200 || !answer?.tokens || !answer.refused)
    throw new Error(`Cannot sign: the signer answered ${response.status}`);
  return { tokens: answer.tokens, refused: answer.refused };
}

function pick(
  all: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]!]] : [])),
  );
}
