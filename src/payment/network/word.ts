/** Takes what a network says of itself: who is open, and what lies on our settlement account. No money moves by it. */
import { recordEvents } from '../../audit/record.ts';
import type { NoticeAnswer, ParticipantsNotice, PositionNotice } from '../../rail/notice.ts';
import type { PaymentContext } from '../context.ts';
import { decideStandings } from './participant.ts';
import { lockParticipants, selectWord, updateParticipant, upsertWord } from './store.ts';

/** Opens and closes participants by the network's word. Idempotent: a word that comes again, or late, changes nothing.
 * Shape: event `participant.opened` or `participant.closed` for each change. Locks: participants, by BIC. */
export async function takeParticipants(
  context: PaymentContext,
  notice: ParticipantsNotice,
): Promise<NoticeAnswer> {
  const { rail, madeAtMs, isWhole } = notice;
  const heardAtMs = context.time.now();
  await context.db.tx(async (tx) => {
    const known = await lockParticipants(tx);
    const word = await selectWord(tx, { rail, kind: 'participants' });
    // A list that was made before the one that we took has nothing to add.
    if (isWhole && word && word.madeAtMs > madeAtMs) return;
    const others = known.filter(({ bic }) => bic !== context.bank.bic);
    const { changed, unknown, missing } = decideStandings({
      known: others,
      notice: { ...notice, banks: notice.banks.filter(({ bic }) => bic !== context.bank.bic) },
      listMadeAtMs: word?.madeAtMs ?? 0,
    });
    for (const bank of changed) await updateParticipant(tx, bank);
    await recordEvents(
      tx,
      changed.map(({ bic, isOpen, changedAtMs }) => ({
        atMs: heardAtMs,
        kind: isOpen ? 'participant.opened' : 'participant.closed',
        subject: bic,
        data: { rail, changedAtMs, isWhole },
      })),
    );
    const body = JSON.stringify({ unknown, missing });
    if (isWhole) await upsertWord(tx, { rail, kind: 'participants', madeAtMs, heardAtMs, body });
    if (changed.length > 0)
      context.log.warn({ rail, changed: changed.length }, 'participant.changed');
  });
  return { taken: true };
}

/** Keeps the newest position of our settlement account. */
export async function takePosition(
  context: PaymentContext,
  notice: PositionNotice,
): Promise<NoticeAnswer> {
  const { rail, madeAtMs, openingSen, bookedSen, freeSen } = notice;
  await upsertWord(context.db, {
    rail,
    kind: 'position',
    madeAtMs,
    heardAtMs: context.time.now(),
    body: JSON.stringify({ openingSen, bookedSen, freeSen }),
  });
  return { taken: true };
}
