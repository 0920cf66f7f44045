/** Bank DKI, 2019: for some cards, cash at another bank's machine is approved and only a fee is booked. The defect is one of our own core:
 * its release takes a withdrawal of these cards for a question about the balance, which costs Rp4,000. The switch, the machine and the
 * settlement know of the cash; from the desk inward all is the bank's own code. */
import { attackLog, type AttackEntry, type AttackLog } from '../../../sim/attacker/log.ts';
import type { AttackStep } from '../../../sim/drills/scenario.ts';
import type { Cards } from '../../card/port.ts';
import type { Time } from '../../kernel/time.ts';
import { switchRequestId } from '../../rail/switch/id.ts';
import { codeOfBank } from '../../rail/switch/institution.ts';
import type { SwitchSide } from './switch-side.ts';

/** Core's cards in this release. `isHit` names the cards, by number. */
export function feeOnlyRelease(
  isHit: (pan: string) => boolean,
): (cards: Cards) => Pick<Cards, 'take'> {
  return (cards) => ({
    take: (notice) =>
      cards.take(
        notice.kind === 'request' && notice.what === 'withdrawal' && isHit(notice.card.pan)
          ? { ...notice, what: 'balance', amountSen: '0' }
          : notice,
      ),
  });
}

/** Draws cash at every step's time. An entry is taken when the machine paid. */
export async function drawUnbooked(input: {
  readonly time: Time;
  readonly side: SwitchSide;
  readonly steps: readonly AttackStep[];
}): Promise<AttackLog> {
  const { time, side } = input;
  const tries: Promise<AttackEntry>[] = [];
  for (const step of input.steps) {
    const waitMs = step.atMs - time.now();
    if (waitMs > 0) await time.sleep(waitMs);
    tries.push(drawOne(time, side, step));
  }
  return attackLog(await Promise.all(tries));
}

async function drawOne(time: Time, side: SwitchSide, step: AttackStep): Promise<AttackEntry> {
  const { kind, amountSen } = step;
  const card = side.cards[step.victim!]!; // scenario-file.ts: every step of this path has one
  const atMs = time.now();
  const asked = await side.outside.withdraw({ bank: codeOfBank(step.bank)!, card, amountSen });
  const booked = 'id' in asked ? side.outside.book.find(asked.id) : undefined;
  const bizMsgIdr = booked && switchRequestId(booked, atMs);
  const entry = {
    atMs,
    kind,
    identity: `card ${step.victim!}`,
    amountSen,
    ...(bizMsgIdr !== undefined && { bizMsgIdr }),
  };
  switch (asked.outcome) {
    case 'approved':
      return { ...entry, answer: 200, reason: 'paid', isTaken: true };
    case 'declined':
      return { ...entry, answer: 403, reason: `RC${asked.rc}`, isTaken: false };
    case 'unknown':
      return { ...entry, answer: 'no_answer', reason: '', isTaken: false };
    case 'not_sent':
      return { ...entry, answer: 'not_sent', reason: '', isTaken: false };
  }
}
