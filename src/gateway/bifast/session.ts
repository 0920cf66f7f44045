/** Our standing at the hub: sign-on, echo, sign-off. Nothing financial leaves while we are not signed on. When the hub does not answer
 * an echo, sending stops until it has taken a new sign-on; then what is between us is looked at anew: who is open, and what lies on
 * our settlement account. Source: the abnormal-condition procedure of domain.md 2.2; docs/rail/bifast.md section 4.5. */
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import type { BifastConnector } from '../../rail/bifast/connector.ts';

export interface HubSession {
  isSignedOn(): boolean;
  /** Echoes when it is time, signs on where we are not; called every `GREET_MS`. */
  greet(): Promise<void>;
  /** Says good-bye; what the hub answers changes nothing. */
  signOff(): Promise<void>;
}

/** How soon a sign-on that was not taken is tried again. */
export const GREET_MS = 5_000;

/** Makes a session that has not begun. `lookAnew` runs after each sign-on; that it fails is logged by its loop, not here. */
export function openSession(input: {
  readonly connector: Pick<BifastConnector, 'administer'>;
  readonly time: Pick<Time, 'now'>;
  readonly log: Log;
  /** An echo this often while all is well. */
  readonly echoMs: number;
  readonly lookAnew: () => Promise<unknown>;
}): HubSession {
  const { connector, log, time } = input;
  let isOn = false;
  let isEnded = false;
  let heardAtMs = Number.NEGATIVE_INFINITY;
  const turn = (next: boolean): void => {
    if (next !== isOn) log.info({ isSignedOn: next }, 'gateway.hub_link');
    isOn = next;
  };
  return {
    isSignedOn: () => isOn && !isEnded,
    async greet() {
      if (isEnded) return;
      if (isOn && time.now() - heardAtMs < input.echoMs) return;
      if (isOn && (await connector.administer('ECHO'))) {
        heardAtMs = time.now();
        return;
      }
      turn(false);
      const isTaken = await connector.administer('SIGNON');
      // A sign-on that is answered while we say good-bye must not open what was closed.
      if (isEnded || !isTaken) return;
      heardAtMs = time.now();
      turn(true);
      await input.lookAnew();
    },
    async signOff() {
      if (isEnded) return;
      const wasOn = isOn;
      isEnded = true;
      if (wasOn) await connector.administer('SIGNOFF');
      turn(false);
    },
  };
}
