/** Keeps the harm meter of the leader: folded with each step, written every few seconds for the console to read, with what it proposes. A
 * crash loses the counts of those seconds and nothing else. */
import { recordEvents } from '../audit/record.ts';
import { parseJson } from '../kernel/wire.ts';
import type { GuardInput, Reign } from './context.ts';
import { foldHarm, proposeNarrower, type HarmProposal, type HarmState } from './harm.ts';
import type { Lead } from './leader.ts';
import type { Seen } from './see.ts';
import { selectState, upsertState } from './store.ts';

/** The part of the guard's state that it is kept in. */
export const HARM_STATE = 'harm';

/** What is stored: the counts, and the proposals that follow from them. */
export interface StoredHarm {
  readonly harm: HarmState;
  readonly proposals: Readonly<Record<string, HarmProposal>>;
}

/** As it was written last; empty at the first start. */
export async function loadHarm({ db }: Pick<GuardInput, 'db'>): Promise<StoredHarm> {
  const text = await selectState(db, HARM_STATE);
  const saved = text === undefined ? undefined : (parseJson(text) as Partial<StoredHarm>);
  return { harm: saved?.harm ?? {}, proposals: saved?.proposals ?? {} };
}

/** Counts what a committed step saw, against the restrictions that processes hold. */
export function meterHarm(reign: Reign, seen: Pick<Seen, 'events' | 'nowMs'>): void {
  reign.harm = {
    ...reign.harm,
    harm: foldHarm({
      state: reign.harm.harm,
      events: seen.events,
      active: reign.lastSet?.restrictions ?? [],
      nowMs: seen.nowMs,
      numbers: reign.numbers.harm,
    }),
  };
}

/** Writes the meter and announces each new proposal once. Nothing is written while nothing changed. */
export async function saveHarm(reign: Reign, lead: Lead): Promise<void> {
  const nowMs = reign.input.time.now();
  const { harm, proposals: before } = reign.harm;
  const proposals: Record<string, HarmProposal> = {};
  for (const restriction of reign.lastSet?.restrictions ?? []) {
    const own = harm[restriction.id];
    const proposal =
      own && proposeNarrower({ restriction, harm: own, nowMs, numbers: reign.numbers.harm });
    if (proposal) proposals[restriction.id] = proposal;
  }
  const next: StoredHarm = { harm, proposals };
  const body = JSON.stringify(next);
  if (body === reign.harmSaved) return;
  const news = Object.entries(proposals).filter(([id, { kind }]) => before[id]?.kind !== kind);
  await lead.tx(async (tx) => {
    await upsertState(tx, { name: HARM_STATE, body, nowMs });
    await recordEvents(
      tx,
      news.map(([id, proposal]) => ({
        atMs: nowMs,
        kind: 'restriction.narrowing_proposed',
        subject: id,
        data: { ...proposal, good: harm[id]?.good, suspect: harm[id]?.suspect },
      })),
    );
  });
  reign.harm = next;
  reign.harmSaved = body;
}
