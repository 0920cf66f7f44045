/** The host of another bank's ATM: what it asks goes over the switch to the bank whose card it is. */
import type { InterbankSwitch } from '../switch/switch.ts';
import type { TerminalHost } from './terminal.ts';

/** The ATMs of `bank`, a peer behind the switch. The switch itself sends and repeats the reversals. */
export function peerHost(network: InterbankSwitch, bank: string): TerminalHost {
  return {
    async withdraw({ terminal, card, amountSen }) {
      const result = await network.withdraw({ bank, terminal, card, amountSen });
      switch (result.outcome) {
        case 'approved':
          return { kind: 'approved', reference: result.id };
        case 'declined':
          return { kind: 'declined', rc: result.rc };
        case 'not_sent':
          return { kind: 'declined', rc: '91' };
        case 'unknown':
          return { kind: 'no_answer' };
      }
    },
    // The switch itself sends and repeats the reversals.
    dispensed: () => {},
    giveBack: (reference, keptSen) => network.giveBack(reference, keptSen),
  };
}
