/** The fault desks of the wires that run, for the control. */
import { MAGIC_NUMBERS, type BillerRule } from './biller/faults.ts';
import type { PartnerRule } from './customer/faults.ts';
import { openDesk, type FaultDesk } from './fault/desk.ts';
import type { Chooser } from './fault/chooser.ts';
import type { AnyRule } from './fault/rule.ts';
import { WIRE_WORDS, type WireName } from './fault-file.ts';
import { MAGIC_ACCOUNTS, type FaultRule as HubRule } from './hub/faults.ts';
import {
  MAGIC_ACCOUNTS as SWITCH_ACCOUNTS,
  type FaultRule as SwitchRule,
} from './switch/faults.ts';
import type { MachineRule } from './terminal/faults.ts';

/** One desk for each chooser that is there. */
export function openDesks(input: {
  now(): number;
  readonly hub: Chooser<HubRule>;
  readonly biller: Chooser<BillerRule> | undefined;
  readonly switch: Chooser<SwitchRule> | undefined;
  readonly machines: Chooser<MachineRule> | undefined;
  readonly partner: Chooser<PartnerRule> | undefined;
  readonly caller: Chooser<PartnerRule> | undefined;
}): readonly FaultDesk[] {
  const { now } = input;
  const desk = <R extends AnyRule>(
    wire: WireName,
    chooser: Chooser<R> | undefined,
    always: readonly R[],
  ): readonly FaultDesk[] =>
    chooser ? [openDesk({ wire, words: WIRE_WORDS[wire], chooser, always, now })] : [];
  return [
    ...desk('hub', input.hub, MAGIC_ACCOUNTS),
    ...desk('switch', input.switch, SWITCH_ACCOUNTS),
    ...desk('biller', input.biller, MAGIC_NUMBERS),
    ...desk('machines', input.machines, []),
    ...desk('partner', input.partner, []),
    ...desk('caller', input.caller, []),
  ];
}
