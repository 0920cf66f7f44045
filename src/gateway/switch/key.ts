/** Keys of the link, all inside the HSM: MACs under its ZAK, and new PIN keys that the network sends (161, 162), taken under its ZMK
 * when they are expected and never otherwise. Source: domain.md 4.6; docs/hsm.md. */
import type { Log } from '../../kernel/log.ts';
import { wibMinute, type Time } from '../../kernel/time.ts';
import type { Hsm } from '../../rail/hsm/port.ts';
import type { KeyPort, MacPort } from '../../rail/switch/port.ts';
import type { RailLoop } from '../host.ts';

/** When a network may change keys, in minutes of the WIB day; the end may lie after midnight. */
export interface KeyWindow {
  readonly fromMinute: number;
  readonly untilMinute: number;
}

/** A key that we asked for comes within this time. */
const ASKED_MS = 60_000;
const LOOK_MS = 2_000;
/** A network that refused, or did not say, is asked again after this time. */
const AGAIN_MS = 30_000;

/** What the links need of the keys. */
export interface LinkKeys {
  readonly mac: MacPort;
  readonly keys: KeyPort;
  /** Whether settlement data carries the right MAC. Throws when the HSM cannot say. */
  isMacRight(data: Buffer, mac: string): Promise<boolean>;
  /** Asks for the first PIN key, as soon as a link is up. */
  loop(requestKey: () => Promise<string>): RailLoop;
}

/** The keys of link `name` in the HSM. */
export function linkKeys(input: {
  readonly hsm: Hsm;
  readonly name: string;
  readonly window: KeyWindow;
  readonly time: Time;
  readonly log: Log;
}): LinkKeys {
  const { hsm, name, window, time, log } = input;
  const key = `zak.${name}` as const;
  const pinKey = `zpk.${name}` as const;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let againAtMs = Number.NEGATIVE_INFINITY;
  let isHeld = false;
  const isMacRight = async (data: Buffer, mac: string): Promise<boolean> => {
    const answer = await hsm.verifyMac({ key, data: data.toString('base64'), mac });
    // Without a key nobody can tell a forgery from the truth: neither is acted on.
    if (!answer.ok) throw new Error(`Cannot check MAC: the HSM says ${answer.reason}`);
    return answer.isRight;
  };
  return {
    isMacRight,
    mac: {
      async make({ bytes }) {
        const answer = await hsm.makeMac({ key, data: bytes.toString('base64') });
        if (!answer.ok) throw new Error(`Cannot make MAC: the HSM says ${answer.reason}`);
        return answer.mac;
      },
      isRight: ({ bytes, mac }) => isMacRight(bytes, mac),
    },
    keys: {
      async accept({ wrapped }) {
        const nowMs = time.now();
        const isAsked = nowMs >= askedAtMs && nowMs - askedAtMs < ASKED_MS;
        if (!isAsked && !isWithin(window, wibMinute(nowMs))) return 'unplanned';
        const { key: cryptogram, checkValue } = wrapped;
        const answer = await hsm.importZoneKey({ name: pinKey, cryptogram, checkValue });
        if (answer.ok) log.info({ keyName: pinKey, version: answer.version }, 'switch.key_taken');
        else log.error({ keyName: pinKey, reason: answer.reason }, 'switch.key_refused');
        return answer.ok ? 'accepted' : 'refused';
      },
    },
    loop: (requestKey) => ({
      name: 'key',
      everyMs: LOOK_MS,
      isFirstAtOnce: false,
      async run() {
        if (isHeld || time.now() < againAtMs) return;
        const listed = await hsm.listKeys({});
        if (!listed.ok) return;
        const has = (name: string): boolean => listed.keys.some((one) => one.name === name);
        isHeld = has(pinKey);
        // Before two people have formed the key that it travels under, it could not be taken.
        if (isHeld || !has(`zmk.${name}`)) return;
        askedAtMs = time.now();
        const answer = await requestKey();
        if (answer === 'no_link_signed_on') askedAtMs = Number.NEGATIVE_INFINITY;
        else againAtMs = time.now() + AGAIN_MS;
        log.info({ keyName: pinKey, answer }, 'switch.key_asked');
      },
    }),
  };
}

function isWithin({ fromMinute, untilMinute }: KeyWindow, minute: number): boolean {
  return fromMinute <= untilMinute
    ? minute >= fromMinute && minute < untilMinute
    : minute >= fromMinute || minute < untilMinute;
}
