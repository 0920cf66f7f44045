/** The demo's own machines, as configuration: a bank that connects puts its own values here [mem]. */
import type { TerminalConfig } from '../gateway/switch/terminal-config.ts';
import { DIALECTS } from '../rail/iso8583/dialects.ts';
import {
  USUAL_BOUNDS,
  USUAL_TIMERS,
  type LinkSetting,
  type LinkTimers,
} from '../rail/switch/setting.ts';

/** The name of the link of our machines, and of its MAC key in the HSM (`zak.terminal`). */
export const TERMINAL_LINK = 'terminal';

/** Two of the bank's own machines; each has a key `zmk.<name in lower case>` that its PIN key travels under. */
export const OWN_MACHINES = ['ATM19901', 'ATM19902'] as const;

/** A machine waits for the switch behind us too. */
const TIMERS: LinkTimers = {
  ...USUAL_TIMERS,
  serveMs: 42_000,
  switchMs: 44_000,
  requestMs: 45_000,
  terminalMs: 46_000,
  drainMs: 50_000,
};

/** The demo's machines over these links. */
export function demoTerminals(input: { readonly links: readonly LinkSetting[] }): TerminalConfig {
  return {
    setting: {
      name: TERMINAL_LINK,
      dialect: DIALECTS.terminal,
      signOn: 'theirs',
      // A forged request for a key would lock a machine's customers out: everything carries a MAC.
      macOn: 'all',
      links: input.links,
      timers: TIMERS,
      bounds: USUAL_BOUNDS,
      echoFields: [3, 4, 37, 49],
      codes: { notSignedOn: '91', overloaded: '91', notSupported: '12', keyRefused: '96' },
    },
    machines: OWN_MACHINES,
    ownBins: ['639199'],
    issuers: { 639002: '002', 639008: '008', 639009: '009', 639014: '014' },
    // Forty notes of Rp100.000, less a margin [mem].
    acquiredSenMax: 250_000_000n,
  };
}
