/** Who takes part in the simulated BI-FAST, as data. */

export interface Participant {
  readonly bic: string;
  readonly name: string;
  /** Three digits, domain.md 1.8. */
  readonly bankCode: string;
  /** What lies on its settlement account at the start. */
  readonly prefundSen: bigint;
  /** Where the hub reaches it: a name on the Net. Absent = a bank played by the hub itself. */
  readonly endpoint?: string;
  /** How the bank spells its messages; JSON when absent. */
  readonly encoding?: 'json' | 'xml';
}

/** The hub itself. */
export const HUB_BIC = 'FASTIDJA';
const BILLION_SEN = 100_000_000_000n;

/** The demo's banks: ours first, then those that the hub plays. `prefundSen` is ours. */
export function demoParticipants(prefundSen: bigint = 500n * BILLION_SEN): readonly Participant[] {
  const deep = 1_000_000n * BILLION_SEN;
  return [
    {
      bic: 'PULHIDJA',
      name: 'Bank Pulih Daerah',
      bankCode: '199',
      prefundSen,
      endpoint: 'gateway-1-network',
    },
    { bic: 'BNINIDJA', name: 'BNI', bankCode: '009', prefundSen: deep },
    { bic: 'CENAIDJA', name: 'BCA', bankCode: '014', prefundSen: deep },
    { bic: 'BMRIIDJA', name: 'Bank Mandiri', bankCode: '008', prefundSen: deep },
    { bic: 'BRINIDJA', name: 'BRI', bankCode: '002', prefundSen: deep },
  ];
}
