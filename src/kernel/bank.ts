/** Who we are on the networks. */
export interface BankProfile {
  readonly name: string;
  /** BIC, 8 characters. */
  readonly bic: string;
  /** Three digits, domain.md 1.8. */
  readonly bankCode: string;
  readonly hubBic: string;
}

/** The chart's fixed account numbers; customers have digits only. */
export const CHART = {
  bifastOut: 'SETTLE-BIFAST-OUT',
  bifastIn: 'SETTLE-BIFAST-IN',
  bifastFee: 'FEE-BIFAST',
  onusFee: 'FEE-ONUS',
  qrisFee: 'FEE-QRIS',
  qrisOut: 'SETTLE-QRIS-OUT',
  qrisIn: 'SETTLE-QRIS-IN',
  qrisSuspense: 'SUSPENSE-QRIS',
  billerOut: 'SETTLE-BILLER-OUT',
  billerIn: 'SETTLE-BILLER-IN',
  billerFee: 'FEE-BILLER',
  billerSuspense: 'SUSPENSE-BILLER',
  feeTax: 'TAX-FEE',
  bifastSuspense: 'SUSPENSE-BIFAST',
  switchOut: 'SETTLE-SWITCH-OUT',
  switchIn: 'SETTLE-SWITCH-IN',
  switchCards: 'SETTLE-SWITCH-CARDS',
  switchAcquired: 'SETTLE-SWITCH-ACQUIRED',
  switchFee: 'FEE-SWITCH',
  switchSuspense: 'SUSPENSE-SWITCH',
  nostroBi: 'NOSTRO-BI',
  nostroSwitch: 'NOSTRO-SWITCH',
  nostroBiller: 'NOSTRO-BILLER',
  nostroTreasury: 'NOSTRO-TREASURY',
  vault: 'CASH-VAULT',
  opening: 'EQUITY-OPENING',
} as const;

/** The account of the cash in a machine of ours; it is below zero by what lies in the machine. */
export function machineAccount(terminal: string): string {
  return `CASH-${terminal}`;
}
