/** Asks the hub, through a gateway, to revoke a connector, to suspend our outbound or to resume it, until it confirms. Any
 * gateway will do; for a resumption each checks the signatures of two people itself. */
import { parseJson, type WireClient } from '../kernel/wire.ts';
import { GATEWAY_PATH, type HubControl } from '../rail/journal-entry.ts';
import type { HubWish } from './contain.ts';
import type { Reign } from './context.ts';
import { isSameWish } from './wish.ts';

const TIMEOUT_MS = 2_000;

/** One round: asks for each open wish whose pause is over, and keeps the hub's answers for the next step to write. */
export async function hubStep(reign: Reign, clients: readonly WireClient[]): Promise<void> {
  const { time, log } = reign.input;
  const wishes = reign.memory.wishes.filter(
    (wish) =>
      wish.doneAtMs === undefined &&
      !isAnswered(reign, wish) &&
      time.now() >= (reign.hubTries.get(keyOf(wish))?.nextAtMs ?? 0),
  );
  for (const wish of wishes) {
    const tries = (reign.hubTries.get(keyOf(wish))?.tries ?? 0) + 1;
    reign.hubTries.set(keyOf(wish), { tries, nextAtMs: time.now() + retryAfterMs(tries) });
  }
  const done = await askHub({
    wishes,
    clients,
    onFault: (error) => log.warn({ error: error.message }, 'hub_control.failed'),
  });
  for (const { action, target, wantedAtMs } of done)
    reign.hubAnswers.push({ action, target, wantedAtMs, atMs: time.now() });
}

function keyOf({ action, target, wantedAtMs }: HubWish): string {
  return `${action} ${target} ${wantedAtMs}`;
}

function isAnswered(reign: Reign, wish: HubWish): boolean {
  return reign.hubAnswers.some((answer) => isSameWish(answer, wish));
}

/** The pause before the next try, ms: quick at first, as seconds count; later a hub that is down is not hammered. */
export function retryAfterMs(tries: number): number {
  return Math.min(5_000, 250 * 2 ** Math.max(0, tries - 4));
}

/** Tries each open wish once at each gateway in turn; those that were confirmed. */
export async function askHub(input: {
  readonly wishes: readonly HubWish[];
  readonly clients: readonly WireClient[];
  readonly onFault: (error: Error) => void;
}): Promise<readonly HubWish[]> {
  const open = input.wishes.filter(({ doneAtMs }) => doneAtMs === undefined);
  const asked = await Promise.all(
    open.map(async (wish) => ((await askOne({ ...input, wish })) ? [wish] : [])),
  );
  return asked.flat();
}

async function askOne(input: {
  readonly wish: HubWish;
  readonly clients: readonly WireClient[];
  readonly onFault: (error: Error) => void;
}): Promise<boolean> {
  const { action, target, reason } = input.wish;
  const body: HubControl =
    action === 'revoke' ? { action, fingerprint: target, reason } : { action, reason };
  for (const client of input.clients) {
    try {
      const answer = await client.call({
        path: GATEWAY_PATH.hubControl,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
      });
      const said = parseJson(answer.body) as { ok?: unknown } | undefined;
      if (answer.status === 200 && said?.ok === true) return true;
    } catch (error) {
      input.onFault(error as Error);
    }
  }
  return false;
}
