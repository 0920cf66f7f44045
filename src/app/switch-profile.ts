/** The demo's link to the switch, as configuration: a bank that connects puts its network's own values here [mem]. */
import type { KeyWindow } from '../gateway/switch/key.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { DIALECTS } from '../rail/iso8583/dialects.ts';
import {
  USUAL_BOUNDS,
  USUAL_TIMERS,
  type LinkSetting,
  type NetworkSetting,
} from '../rail/switch/setting.ts';
import type { SwitchMember } from '../rail/switch/transfer.ts';

/** The name of the network, and of its keys in the HSM (`zmk.switch`, `zak.switch`, `zpk.switch`). */
export const SWITCH_LINK = 'switch';

/** Keys may change between 01:00 and 02:00 WIB, and when we ask for them. */
export const KEY_WINDOW: KeyWindow = { fromMinute: 60, untilMinute: 120 };

/** The demo's network over these links, the first preferred. */
export function demoNetwork(input: { readonly links: readonly LinkSetting[] }): NetworkSetting {
  return {
    name: SWITCH_LINK,
    dialect: DIALECTS.demo,
    signOn: 'ours',
    macOn: 'financial',
    links: input.links,
    timers: USUAL_TIMERS,
    bounds: USUAL_BOUNDS,
    // What an answer is about: another amount, account or bank under the same ids is not ours.
    echoFields: [3, 4, 37, 49, 100, 103],
    codes: { notSignedOn: '91', overloaded: '91', notSupported: '12', keyRefused: '96' },
  };
}

/** Who a bank is on the demo's network. */
export function demoMember({ name, bankCode }: BankProfile): SwitchMember {
  return {
    network: SWITCH_LINK,
    dialect: DIALECTS.demo,
    institution: bankCode,
    terminal: 'PULIHM01',
    acceptor: `MOBILE${bankCode}`,
    place: `${name.toUpperCase().slice(0, 25).padEnd(25)}JAKARTA      ID`,
    isCheckFinal: true,
  };
}
