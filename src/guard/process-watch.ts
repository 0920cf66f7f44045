/** Listens whether the processes of the bank live: core and gateways by their heartbeats, the signer and the HSM by asking them, who then also
 * say what they did and refused since their start. Each round is one event, so that the silence of a process is a fact of the stream (D21). */
import { recordEvents } from '../audit/record.ts';
import { ALIVE_PATH, parseJson, type WireClient } from '../kernel/wire.ts';
import type { Reign } from './context.ts';
import type { Lead } from './leader.ts';
import { selectProcesses } from './store.ts';

/** Four rounds before D21 throttles. */
export const PROCESS_WATCH_MS = 30_000;
const ANSWER_MS = 2_000;
/** Older than this a heartbeat or a journal that was read is no sign of life. */
const FRESH_MS = 15_000;
/** Figures that one process may tell. */
const FIGURES_MAX = 20;

/** One round. Nothing is kept of it but its event. */
export async function watchProcesses(
  reign: Pick<Reign, 'input' | 'readAtMs'>,
  lead: Pick<Lead, 'tx'>,
  clients: ReadonlyMap<string, WireClient>,
): Promise<void> {
  const { db, time } = reign.input;
  const asked = await Promise.all(
    [...clients].map(async ([name, client]) => ({ name, said: await ask(client) })),
  );
  const nowMs = time.now();
  const cores = await selectProcesses(db, nowMs - FRESH_MS);
  const isGatewayHeard = [...reign.readAtMs.values()].some((atMs) => nowMs - atMs <= FRESH_MS);
  const heard = [
    ...(cores.length > 0 ? ['core'] : []),
    ...(isGatewayHeard ? ['gateway'] : []),
    ...asked.flatMap(({ name, said }) => (said ? [name] : [])),
  ];
  const said = Object.fromEntries(
    asked.flatMap(({ name, said: figures }) => (figures ? [[name, figures]] : [])),
  );
  await lead.tx((tx) =>
    recordEvents(tx, [
      { atMs: nowMs, kind: 'process.heard', subject: reign.input.name, data: { heard, said } },
    ]),
  );
}

/** The figures of a process that answers; undefined for one that does not. */
async function ask(client: WireClient): Promise<Readonly<Record<string, number>> | undefined> {
  try {
    const answer = await client.call({ method: 'GET', path: ALIVE_PATH, timeoutMs: ANSWER_MS });
    return answer.status === 200 ? figuresOf(parseJson(answer.body)) : undefined;
  } catch {
    // Not reached is not heard: what that means, D21 says.
    return undefined;
  }
}

function figuresOf(value: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, count]) => /^[a-z_]{1,40}$/.test(name) && Number.isSafeInteger(count))
      .slice(0, FIGURES_MAX),
  ) as Readonly<Record<string, number>>;
}
