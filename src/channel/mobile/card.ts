/** A customer's cards, and the block that takes effect at once. No PIN is asked: whoever signed in may make things safer, never less safe
 * (I5), and a card is unblocked by nobody here. */
import type { Static } from 'typebox';
import type { Card } from '../../card/port.ts';
import { isExpired, PIN_TRIES_MAX } from '../../card/decide.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { CardBlockBody, CardList, CardParams, CardShown } from './schema-card.ts';

/** Registers them. */
export function registerCards(scope: Scope, { cards, time }: MobileDeps): void {
  scope.get('/cards', { schema: { response: { 200: CardList } } }, async (request) => {
    const found = await cards.listOfCustomer(sessionOf(request).subject);
    return { cards: found.map((card) => showCard(card, time.now())) };
  });

  scope.post(
    '/cards/:id/block',
    { schema: { params: CardParams, body: CardBlockBody, response: { 200: CardShown } } },
    async (request) => {
      const card = await cards.block({
        customerId: sessionOf(request).subject,
        cardId: request.params.id,
        reason: request.body.reason,
      });
      if (!card) throw new Refused('not_found');
      return showCard(card, time.now());
    },
  );
}

function showCard(card: Card, nowMs: number): Static<typeof CardShown> {
  return {
    id: card.id,
    number: card.maskedPan,
    account: card.account,
    state: stateOf(card, nowMs),
    goodThrough: `${card.expiry.slice(2)}/${card.expiry.slice(0, 2)}`,
    canBlock: card.state === 'active',
  };
}

function stateOf(card: Card, nowMs: number): Static<typeof CardShown>['state'] {
  if (card.state === 'blocked' || card.state === 'lost' || card.state === 'stolen')
    return card.state;
  if (isExpired(card.expiry, nowMs)) return 'expired';
  return card.pinTries >= PIN_TRIES_MAX ? 'pin_locked' : 'active';
}
