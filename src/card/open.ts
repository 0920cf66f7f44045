/** Opens cards: the service that the network and channels ask, and how cards are issued. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { assertNever } from '../kernel/assert.ts';
import { openFacts } from '../payment/facts.ts';
import { openParties } from '../payment/party.ts';
import { openScreening } from '../payment/screening/screening.ts';
import { settingsReader, type PaymentSettings } from '../payment/settings.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import { takeAcquired } from './acquire.ts';
import { takeBalance } from './balance.ts';
import { blockCard } from './block.ts';
import type { CardContext } from './context.ts';
import { openLooks } from './look.ts';
import { openTries } from './pin.ts';
import { takePinChange } from './pin-change.ts';
import { takeGivenUp, takeMachineReport } from './machine.ts';
import type { CardNotice, Cards } from './port.ts';
import { takeReversal } from './reverse.ts';
import { insertCard, selectOfCustomer, type NewCard } from './store.ts';
import { openTokens } from './token.ts';
import { takeWithdrawal } from './withdraw.ts';

export type { NewCard };

export type CardInput = Omit<
  CardContext,
  'tokenOf' | 'settings' | 'facts' | 'looks' | 'tries' | 'parties' | 'screening'
> & {
  /** 32 bytes: the engine's own, so that who is blocked is the same here. */
  readonly partyKey: Buffer;
  /** 32 bytes; the same in every core process, and never another one, or every card is a stranger. */
  readonly tokenKey: Buffer;
  /** Put over the defaults; rows of `setting` go over both. */
  readonly settings: Partial<PaymentSettings>;
};

/** Opens the service. Several processes may run it against one database. */
export function openCards(input: CardInput): Cards {
  const { tokenKey, partyKey, settings, ...ports } = input;
  const { db, time, log } = input;
  const context: CardContext = {
    ...ports,
    tokenOf: openTokens(tokenKey),
    settings: settingsReader({ db, time, log, over: settings }),
    facts: openFacts(db, time),
    looks: openLooks(db),
    tries: openTries(db),
    parties: openParties(partyKey),
    screening: openScreening({ db, time, log }),
  };
  return {
    take(notice) {
      switch (notice.kind) {
        case 'reversal':
          return takeReversal(context, notice);
        case 'machine':
          return takeMachineReport(context, notice);
        case 'reversal_given_up':
          return takeGivenUp(context, notice);
        case 'request':
          return takeRequest(context, notice);
        default:
          return assertNever(notice);
      }
    },
    listOfCustomer: (customerId) => selectOfCustomer(db, customerId),
    block: (asked) => blockCard(context, asked),
  };
}

function takeRequest(
  context: CardContext,
  request: Extract<CardNotice, { kind: 'request' }>,
): Promise<NoticeAnswer> {
  switch (request.what) {
    case 'balance':
      return takeBalance(context, request);
    case 'pin_change':
      return takePinChange(context, request);
    case 'acquired':
      return takeAcquired(context, request);
    case 'withdrawal':
    case 'deposit':
      return takeWithdrawal(context, request);
    default:
      return assertNever(request);
  }
}

/** Issues cards, with their events; one whose number has a card stays as it is. How many are new. */
export async function createCards(
  tx: Tx,
  input: { readonly nowMs: number; readonly cards: readonly NewCard[] },
): Promise<number> {
  let made = 0;
  for (const card of input.cards) {
    if (!(await insertCard(tx, { card, nowMs: input.nowMs }))) continue;
    await recordEvents(tx, [
      {
        atMs: input.nowMs,
        kind: 'card.opened',
        subject: card.id,
        data: { customerId: card.customerId },
      },
    ]);
    made++;
  }
  return made;
}
