/** Gentle traffic over the switch, so that a demo shows life: now and then a card of the bank at another bank's machine, and a transfer
 * to one of its accounts, which brings back what the cards draw. */
import type { Log } from '../../src/kernel/log.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import type { Card } from './peers.ts';
import type { InterbankSwitch } from './switch.ts';

/** What goes on, and with whom. */
export interface GentleInput {
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly network: InterbankSwitch;
  /** Withdrawals and transfers together, on average. */
  readonly perMinute: number;
  readonly cards: readonly Card[];
  readonly accounts: readonly string[];
}

const MINUTE_MS = 60_000;
const NOTE_SEN = 5_000_000n;
const NOTE_COUNT_MAX = 6;
/** Ends in none of the numbers that always misbehave (faults.ts). */
const SENDERS = 1_000;

/** Goes on until the returned function is called. */
export function startGentle(input: GentleInput): () => void {
  const { time, random, log } = input;
  const over = new AbortController();
  const run = async (): Promise<void> => {
    for (let number = 0; !over.signal.aborted; number++) {
      // Between none and twice the mean: not a clock's tick.
      await time.sleep(random.below(Math.ceil((2 * MINUTE_MS) / input.perMinute)), over.signal);
      if (over.signal.aborted) return;
      const { outcome } = await offer(input, number);
      log.info({ kind: number % 2 === 0 ? 'withdrawal' : 'transfer', outcome }, 'gentle.offered');
    }
  };
  run().catch((error: unknown) => log.error({ cause: String(error) }, 'gentle.failed'));
  return () => over.abort();
}

function offer({ random, network, cards, accounts }: GentleInput, number: number) {
  const bank = network.peers[random.below(network.peers.length)]!.code;
  const amountSen = NOTE_SEN * BigInt(1 + random.below(NOTE_COUNT_MAX));
  if (number % 2 === 0)
    return network.withdraw({ bank, card: cards[random.below(cards.length)]!, amountSen });
  return network.transfer({
    bank,
    fromAccount: `8${String(random.below(SENDERS)).padStart(9, '0')}`,
    toAccount: accounts[random.below(accounts.length)]!,
    amountSen,
    senderName: 'PENGIRIM DEMO',
  });
}
