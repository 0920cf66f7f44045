/** A request over a line that a plan makes bad: the switch's to the bank, and the machines'. */
import type { Time } from '../../src/kernel/time.ts';
import type { Message } from './codec.ts';
import type { Plan } from './faults.ts';
import type { Asked, Link } from './link.ts';
import { amountText } from './private-data.ts';

/** Asks as the plan says. What is late or not heard ends as no answer, when the asker's time is over. */
export async function deliver(input: {
  readonly time: Time;
  readonly stopping: AbortSignal;
  readonly answerMs: number;
  readonly plan: Plan;
  readonly message: Message;
  readonly link: Pick<Link, 'ask'>;
  /** Counts what came and was not heard. */
  tally?(what: string): void;
}): Promise<Asked> {
  const { time, stopping, plan, message, link } = input;
  const startMs = time.now();
  const restMs = (): number => Math.max(0, startMs + input.answerMs - time.now());
  if (plan.takeAfterMs > 0) await time.sleep(plan.takeAfterMs, stopping);
  if (!plan.isTaken) {
    await time.sleep(restMs(), stopping);
    return { kind: 'no_answer' };
  }
  const amount = message.fields[4];
  const shown =
    plan.deltaSen === 0n || amount === undefined
      ? message
      : { ...message, fields: { ...message.fields, 4: wrongAmount(amount, plan.deltaSen) } };
  const asked = await link.ask(shown, {
    timeoutMs: restMs(),
    sending: { ...plan, copies: Math.max(1, plan.copies) },
  });
  if (asked.kind !== 'answer') return asked;
  if (plan.copies > 0 && plan.answerAfterMs < restMs()) {
    await time.sleep(plan.answerAfterMs, stopping);
    return asked;
  }
  input.tally?.(plan.copies === 0 ? 'answer of the bank not heard' : 'answer of the bank late');
  await time.sleep(restMs(), stopping);
  return { kind: 'no_answer' };
}

/** Another amount that still is one. */
export function wrongAmount(amount: string, deltaSen: bigint): string {
  const wrong = BigInt(amount) + deltaSen;
  return amountText(wrong < 0n ? 0n : wrong);
}
