/** Who we are in the demo. */
import type { BankProfile } from '../kernel/bank.ts';

/** The demo bank. */
export const DEMO_BANK: BankProfile = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};

/** Where customers and regulators reach the demo bank at any hour. */
export const DEMO_CONTACT = 'Halo Pulih 14099 (demo)';
