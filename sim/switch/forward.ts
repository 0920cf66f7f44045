/** Store and forward: an advice is repeated until the bank answers it, or a day is over. The book remembers what is open, so a
 * restart goes on. Source: domain.md 4.8 rules 2, 7, 8. */
import type { Message } from './codec.ts';
import type { SwitchTimers } from './context.ts';
import type { Link } from './link.ts';
import type { Time } from '../../src/kernel/time.ts';

/** The code under which an advice is given to people. */
export const GIVEN_UP = '68';
/** Answers that say nothing about the money: asked again. */
const NOT_FINAL: ReadonlySet<string> = new Set(['01', '03', '63', '68', '89', '90', '91', '96']);
/** How soon a link that is down is looked at again. */
const LINK_POLL_MS = 1_000;

/** Who forwards: the switch, or the bank's own terminals. */
export interface Forwarder {
  readonly time: Time;
  readonly timers: SwitchTimers;
  readonly stopping: AbortSignal;
  /** The link that is signed on now. */
  openLink(): Link | undefined;
}

/** Sends 0220 or 0420, then the same as 0221 or 0421; the final code, `GIVEN_UP`, or undefined when the switch stops. */
export async function forward(forwarder: Forwarder, advice: Message): Promise<string | undefined> {
  const { time, timers, stopping } = forwarder;
  const repeat = { ...advice, mti: `${advice.mti.slice(0, 3)}1` };
  const untilMs = time.now() + timers.giveUpMs;
  let isFirst = true;
  let waitMs = timers.repeatMs;
  while (time.now() < untilMs) {
    const sentMs = time.now();
    const asked = await forwarder.openLink()?.ask(isFirst ? advice : repeat, {
      timeoutMs: timers.answerMs,
    });
    if (stopping.aborted) return undefined;
    if (asked === undefined || asked.kind === 'not_sent') {
      await time.sleep(LINK_POLL_MS, stopping);
      if (stopping.aborted) return undefined;
      continue;
    }
    isFirst = false;
    const rc = asked.kind === 'answer' ? asked.message.fields[39] : undefined;
    if (rc !== undefined && !NOT_FINAL.has(rc)) return rc;
    await time.sleep(Math.max(0, sentMs + waitMs - time.now()), stopping);
    if (stopping.aborted) return undefined;
    waitMs = Math.min(waitMs * 2, timers.repeatMsMax);
  }
  return GIVEN_UP;
}
