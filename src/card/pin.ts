/** Checks a PIN at the HSM, each try counted before the HSM hears of it: however many ask at once and whoever dies in between, nobody
 * gets a fourth guess. A try that the HSM did not answer told nobody anything and is given back. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import { WireFault } from '../kernel/wire.ts';
import type { HsmAnswer } from '../rail/hsm/port.ts';
import type { PresentedCard } from '../rail/notice-switch.ts';
import type { CardContext } from './context.ts';
import { PIN_TRIES_MAX, type PinCheck } from './decide.ts';
import type { Card } from './port.ts';
import { giveTryBack, insertNotice, takeTries } from './store.ts';

/** The key that verifies PINs; formed by two people (docs/hsm.md). */
export const PIN_KEY = 'pvk.cards';
/** Cards of one transaction of tries. */
const BATCH_MAX = 200;

/** Counts tries, many cards in one commit. */
export interface PinTries {
  /** How many the card has used with this one; undefined when it had none left. Durable when it resolves. */
  take(cardId: string): Promise<number | undefined>;
}

interface Waiting {
  readonly cardId: string;
  readonly resolve: (tries: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the counter. */
export function openTries(db: Db): PinTries {
  let waiting: Waiting[] = [];
  let isRunning = false;
  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const ids = batch.map(({ cardId }) => cardId);
      const tries = await db.tx((tx) => takeTries(tx, { ids, max: PIN_TRIES_MAX }));
      for (const one of batch) one.resolve(tries.get(one.cardId));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      const { batch, rest } = takeBatch(waiting);
      waiting = rest;
      await commit(batch);
    }
    isRunning = false;
  };
  return {
    take: (cardId) =>
      new Promise((resolve, reject) => {
        waiting.push({ cardId, resolve, reject });
        if (!isRunning) void run();
      }),
  };
}

/** A card counts once in a batch: its second try is a second one. */
function takeBatch(waiting: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const seen = new Set<string>();
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const one of waiting) {
    const fits = batch.length < BATCH_MAX && !seen.has(one.cardId);
    seen.add(one.cardId);
    (fits ? batch : rest).push(one);
  }
  return { batch, rest };
}

/** One try. A right one stays counted until what it was for commits, which forgives it with all before it. */
export function checkPin(
  context: CardContext,
  { card, presented }: { readonly card: Card; readonly presented: PresentedCard },
): Promise<PinCheck> {
  return tryPin(context, card, () =>
    context.hsm.verifyPin({
      key: presented.pinKey,
      pan: presented.pan,
      block: presented.pinBlock,
      pvk: PIN_KEY,
      verificationValue: card.pinValue,
    }),
  );
}

/** One try in which the HSM is asked by `ask`. */
export async function tryPin(
  context: CardContext,
  card: Card,
  ask: () => Promise<PinAnswer>,
): Promise<PinCheck> {
  const tries = await context.tries.take(card.id);
  if (tries === undefined) return { kind: 'no_tries_left' };
  const answer = await askHsm(ask);
  if (answer.ok && answer.isRight) return { kind: 'right' };
  if (answer.ok || answer.reason === 'bad_pin_block') {
    await tellWrong(context, { card, tries });
    return { kind: 'wrong', tries };
  }
  await context.db.tx((tx) => giveTryBack(tx, card.id));
  context.log.error({ cardId: card.id, reason: answer.reason }, 'card.pin_not_checked');
  return { kind: 'not_checked', reason: answer.reason };
}

type PinAnswer = HsmAnswer<{ readonly isRight: boolean }>;

async function askHsm(
  ask: () => Promise<PinAnswer>,
): Promise<PinAnswer | { readonly ok: false; readonly reason: 'no_answer' }> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, reason: 'no_answer' };
    throw error;
  }
}

/** Each wrong one is an event; the last one is told to the owner too, whose it may not have been. */
async function tellWrong(
  context: CardContext,
  { card, tries }: { readonly card: Card; readonly tries: number },
): Promise<void> {
  const nowMs = context.time.now();
  const isLocked = tries >= PIN_TRIES_MAX;
  await context.db.tx(async (tx) => {
    const kind = isLocked ? 'card.pin_locked' : 'card.pin_wrong';
    await recordEvents(tx, [
      { atMs: nowMs, kind, subject: card.id, data: { customerId: card.customerId, tries } },
    ]);
    if (isLocked)
      await insertNotice(tx, {
        id: newId('msg', nowMs, context.random),
        card,
        template: 'card.pin_locked',
        nowMs,
      });
  });
}
