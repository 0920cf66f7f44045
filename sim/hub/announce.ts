/** The participants' standing: opened and closed by the hub's operator, told to every connected bank as a system event, and shown as a
 * list to whoever asks. */
import type { WireResponse } from '../../src/kernel/wire.ts';
import { signed } from './answer.ts';
import { hubIds, type HubContext } from './context.ts';
import { deliver } from './deliver.ts';
import { renderParticipantEvent } from './proxy-render.ts';

/** An event is tried for about five minutes; the list tells in any case. */
const EVENT_TRY_COUNT_MAX = 10;

/** Opens or closes a participant and tells the banks. False when it is so already, or nobody is called that. */
export function setParticipant(
  hub: HubContext,
  input: { readonly bic: string; readonly isOpen: boolean },
): boolean {
  const { bic, isOpen } = input;
  if (!hub.participants.has(bic) || hub.book.isClosed(bic) === !isOpen) return false;
  const changedAtMs = hub.time.now();
  hub.record({
    kind: isOpen ? 'participant_opened' : 'participant_closed',
    bank: bic,
    atMs: changedAtMs,
  });
  for (const bank of hub.clients.keys()) {
    const ids = hubIds(hub, { trxType: '000', originator: 'H', channel: '99' });
    const body = renderParticipantEvent({
      to: bank,
      nowMs: changedAtMs,
      ids,
      bic,
      isOpen,
      changedAtMs,
    });
    hub.spawn(async () => {
      await deliver(hub, { bank, body, tryCountMax: EVENT_TRY_COUNT_MAX, trxType: 'event' });
    });
  }
  return true;
}

/** Everybody's standing, signed. */
export function answerParticipants(hub: HubContext, bank: string): WireResponse {
  const participants = [...hub.participants.values()].map(({ bic, bankCode }) => ({
    bic,
    bankCode,
    state: hub.book.isClosed(bic) ? 'closed' : 'open',
    changedAtMs: hub.book.changedAtMs(bic),
  }));
  const page = { bank, madeAtMs: hub.time.now(), participants };
  return signed(hub, 200, Buffer.from(JSON.stringify(page)));
}
