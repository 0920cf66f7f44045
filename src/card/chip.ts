/** Checks what the chip of a card of ours signed (DE55): the cryptogram in the HSM, then that its counter is new, because a right one that
 * was overheard is right for ever. A chip card that comes without is a copy of its stripe: refused, unless a setting allows it.
 * Source: domain.md 4.5, 4.7; ADR 0024. */
import { recordEvents } from '../audit/record.ts';
import { WireFault } from '../kernel/wire.ts';
import type { HsmAnswer } from '../rail/hsm/port.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { PresentedCard, PresentedChip } from '../rail/notice-switch.ts';
import type { CardContext } from './context.ts';
import { RESPONSE, type ResponseCode } from './decide.ts';
import type { Card } from './port.ts';
import { takeCounter } from './store.ts';

/** The issuer's master key of chip cards; formed by two people. */
const CHIP_KEY = 'imk.cards';
/** What the card is told by the response cryptogram: approved. */
const APPROVED = '3030';

/** What a check came to: a code to refuse with, or the response cryptogram where there is one. */
export type ChipCheck =
  | { readonly ok: true; readonly arpc?: string }
  | { readonly ok: false; readonly code: ResponseCode };

/** One check, before the PIN is. */
export async function checkChip(
  context: CardContext,
  input: {
    readonly card: Card;
    readonly presented: PresentedCard;
    readonly settings: PaymentSettings;
  },
): Promise<ChipCheck> {
  const { card, presented, settings } = input;
  if (!card.isChip) return { ok: true };
  const { chip } = presented;
  if (!chip) {
    if (settings.cardFallback === 1n) return { ok: true };
    await tell(context, card, 'fallback_refused');
    return { ok: false, code: RESPONSE.notPermitted };
  }
  const answer = await askHsm(context, presented, chip);
  if (!answer) return { ok: false, code: RESPONSE.malfunction };
  if (!answer.isRight) {
    await tell(context, card, 'cryptogram_wrong');
    return { ok: false, code: RESPONSE.badCryptogram };
  }
  // Only a counter that the card itself signed may move ours: a made-up one would shut the card out.
  const counter = Number.parseInt(chip.counter, 16);
  const isNew = await context.db.tx((tx) => takeCounter(tx, { id: card.id, counter }));
  if (isNew) return { ok: true, arpc: answer.arpc };
  await tell(context, card, 'cryptogram_replayed');
  return { ok: false, code: RESPONSE.badCryptogram };
}

type Verified = { readonly isRight: true; readonly arpc: string } | { readonly isRight: false };

/** Undefined when the HSM could not say: closed (I8). */
async function askHsm(
  { hsm, log }: CardContext,
  { pan }: PresentedCard,
  chip: PresentedChip,
): Promise<Verified | undefined> {
  let answer: HsmAnswer<Verified>;
  try {
    answer = await hsm.verifyCryptogram({
      key: CHIP_KEY,
      pan,
      panSequence: chip.sequence,
      transactionCounter: chip.counter,
      data: chip.data,
      arqc: chip.arqc,
      responseCode: APPROVED,
    });
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return undefined;
  }
  if (answer.ok) return answer;
  log.error({ reason: answer.reason }, 'card.chip_not_checked');
  return undefined;
}

/** A security event each. */
async function tell(context: CardContext, card: Card, what: string): Promise<void> {
  context.log.warn({ cardId: card.id, what }, 'card.chip_refused');
  await context.db.tx((tx) =>
    recordEvents(tx, [
      {
        atMs: context.time.now(),
        kind: `card.${what}`,
        subject: card.id,
        data: { customerId: card.customerId },
      },
    ]),
  );
}
