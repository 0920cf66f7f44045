/** Blocks a card for its owner, at once and for good: whoever has it in their hand then has nothing (I5). */
import { recordEvents } from '../audit/record.ts';
import { newId } from '../kernel/ids.ts';
import type { CardContext } from './context.ts';
import { CARD_MOVES, type BlockReason, type Card, type CardState } from './port.ts';
import { insertNotice, selectOfCustomer, updateBlocked } from './store.ts';

const STATES = Object.keys(CARD_MOVES) as CardState[];

/** The card as it is now; undefined when it is not the customer's. */
export async function blockCard(
  context: Pick<CardContext, 'db' | 'time' | 'random'>,
  input: { readonly customerId: string; readonly cardId: string; readonly reason: BlockReason },
): Promise<Card | undefined> {
  const { customerId, cardId, reason } = input;
  const nowMs = context.time.now();
  const from = STATES.filter((state) => (CARD_MOVES[state] as readonly string[]).includes(reason));
  const blocked = await context.db.tx(async (tx) => {
    const card = await updateBlocked(tx, { id: cardId, customerId, to: reason, from, nowMs });
    if (!card) return undefined;
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: `card.${reason}`,
        subject: card.id,
        data: { customerId, by: 'customer' },
      },
    ]);
    const id = newId('msg', nowMs, context.random);
    await insertNotice(tx, { id, card, template: 'card.blocked', nowMs });
    return card;
  });
  if (blocked) return blocked;
  return (await selectOfCustomer(context.db, customerId)).find((card) => card.id === cardId);
}
