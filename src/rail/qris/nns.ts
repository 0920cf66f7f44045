/** The National Numbering System: the first eight digits of a PAN name the institution. Data with a version; the switches publish
 * additions, and a code of an institution that is not listed is not forwarded. Source: domain.md 1.8. */

/** One institution. `bankCode` and `bic` where they are known to us. */
export interface NnsEntry {
  readonly nns: string;
  readonly name: string;
  readonly bankCode?: string;
  readonly bic?: string;
}

/** Which edition of the table this is; told with each unknown number. */
export const NNS_VERSION = '2026-08';

/** The table. BICs of the source's list that contradict each other are left out: routing takes them from BI's own table. */
export const NNS_TABLE: readonly NnsEntry[] = [
  { nns: '93600002', name: 'BRI', bankCode: '002', bic: 'BRINIDJA' },
  { nns: '93600008', name: 'Bank Mandiri', bankCode: '008', bic: 'BMRIIDJA' },
  { nns: '93600009', name: 'BNI', bankCode: '009', bic: 'BNINIDJA' },
  { nns: '93600011', name: 'Danamon', bankCode: '011', bic: 'BDINIDJA' },
  { nns: '93600013', name: 'Permata', bankCode: '013', bic: 'BBBAIDJA' },
  { nns: '93600014', name: 'BCA', bankCode: '014', bic: 'CENAIDJA' },
  { nns: '93600022', name: 'CIMB Niaga', bankCode: '022', bic: 'BNIAIDJA' },
  { nns: '93600110', name: 'BJB', bankCode: '110', bic: 'PDJBIDJA' },
  { nns: '93600111', name: 'Bank Jakarta', bankCode: '111', bic: 'BDKIIDJ1' },
  { nns: '93600112', name: 'BPD DIY', bankCode: '112', bic: 'PDJYIDJ1' },
  { nns: '93600113', name: 'Bank Jateng', bankCode: '113', bic: 'PDJGIDJ1' },
  { nns: '93600114', name: 'Bank Jatim', bankCode: '114', bic: 'PDJTIDJ1' },
  { nns: '93600115', name: 'Bank 9 Jambi', bankCode: '115', bic: 'PDJMIDJ1' },
  { nns: '93600116', name: 'Bank Aceh Syariah', bankCode: '116', bic: 'PDACIDJ1' },
  { nns: '93600117', name: 'Bank Sumut', bankCode: '117', bic: 'PDSUIDJ1' },
  { nns: '93600118', name: 'Bank Nagari', bankCode: '118', bic: 'PDNBIDJ1' },
  { nns: '93600119', name: 'Bank Riau Kepri', bankCode: '119', bic: 'PDRIIDJ1' },
  { nns: '93600120', name: 'Bank Sumsel Babel', bankCode: '120', bic: 'BSSPIDSP' },
  { nns: '93600121', name: 'Bank Lampung', bankCode: '121', bic: 'PDLPIDJ1' },
  { nns: '93600122', name: 'Bank Kalsel', bankCode: '122' },
  { nns: '93600123', name: 'Bank Kalbar', bankCode: '123', bic: 'PDKBIDJ1' },
  { nns: '93600124', name: 'Bankaltimtara', bankCode: '124' },
  { nns: '93600126', name: 'Bank Sulselbar', bankCode: '126', bic: 'PDWSIDJA' },
  { nns: '93600127', name: 'Bank SulutGo', bankCode: '127' },
  { nns: '93600128', name: 'Bank NTB Syariah', bankCode: '128' },
  { nns: '93600129', name: 'BPD Bali', bankCode: '129', bic: 'PDBLIDJ1' },
  { nns: '93600130', name: 'Bank NTT', bankCode: '130', bic: 'PDNTIDJ1' },
  { nns: '93600131', name: 'Bank Maluku Malut', bankCode: '131' },
  { nns: '93600132', name: 'Bank Papua', bankCode: '132' },
  { nns: '93600200', name: 'BTN', bankCode: '200', bic: 'BTANIDJA' },
  { nns: '93600451', name: 'BSI', bankCode: '451', bic: 'BSMDIDJA' },
  { nns: '93600911', name: 'LinkAja' },
  { nns: '93600912', name: 'OVO' },
  { nns: '93600914', name: 'GoPay' },
  { nns: '93600915', name: 'DANA', bic: 'DANAIDJ1' },
  { nns: '93600918', name: 'ShopeePay' },
];

/** The number of a bank by its three-digit code: 93600 and the code. Source: domain.md 1.8. */
export function nnsOfBank(bankCode: string): string {
  return `93600${bankCode}`;
}
