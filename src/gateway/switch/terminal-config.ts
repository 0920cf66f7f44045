/** What a gateway needs to serve machines of ours, as configuration; and the clocks that must hold between them and the switch. */
import type { KeyName } from '../../rail/hsm/port.ts';
import type { NetworkSetting } from '../../rail/switch/setting.ts';

export interface TerminalConfig {
  readonly setting: NetworkSetting;
  /** DE41 of our machines. */
  readonly machines: readonly string[];
  /** First six digits of our own cards. */
  readonly ownBins: readonly string[];
  /** First six digits of other banks' cards, and the three digits of the bank behind the switch [mem: the network's own table]. */
  readonly issuers: Readonly<Record<string, string>>;
  /** Most that another bank's card may draw at once. */
  readonly acquiredSenMax: bigint;
}

/** The key that a machine encrypts PINs under. Its own link's `zmk` wraps it. */
export function pinKeyOf(terminal: string): KeyName<'tpk'> {
  return `tpk.${terminal.toLowerCase()}`;
}

/** Everything that is wrong, in sentences: who asks waits longer than who answers, all the way (domain.md 4.8 rule 1). */
export function terminalProblems(input: {
  readonly terminals: TerminalConfig;
  readonly network: NetworkSetting;
  /** Core's time for what the network has approved. */
  readonly holdMs: number;
}): readonly string[] {
  const { terminals, network, holdMs } = input;
  const { timers } = terminals.setting;
  const wrong: string[] = [];
  const through = network.timers.requestMs + holdMs;
  if (through >= timers.serveMs)
    wrong.push(
      `the time that we wait for the switch and core (${through} ms) must be shorter than the time in which we answer a machine (${timers.serveMs} ms)`,
    );
  if (timers.serveMs >= network.timers.terminalMs)
    wrong.push(
      `the time in which we answer a machine (${timers.serveMs} ms) must be shorter than the time that it waits (${network.timers.terminalMs} ms)`,
    );
  const strange = terminals.machines.find((one) => !/^[0-9A-Z]{8}$/.test(one));
  if (strange !== undefined) wrong.push(`machine ${strange} is not eight letters and digits`);
  const both = terminals.ownBins.find((bin) => terminals.issuers[bin] !== undefined);
  if (both !== undefined) wrong.push(`cards that begin with ${both} are ours and another bank's`);
  return wrong;
}
