/** Accounts at the other banks: name, type and standing follow from the number alone, so nothing is stored and every run agrees. */
import { createHash } from 'node:crypto';

const FIRST = [
  'SITI',
  'BUDI',
  'AGUS',
  'DEWI',
  'RINA',
  'JOKO',
  'PUTRI',
  'WAYAN',
  'MADE',
  'NYOMAN',
  'ASEP',
  'EKO',
  'FITRI',
  'HENDRA',
  'INDAH',
  'LESTARI',
  'MEGA',
  'NUR',
  'RATNA',
  'YUSUF',
];
const LAST = [
  'SANTOSO',
  'WIJAYA',
  'PRATAMA',
  'SARI',
  'HIDAYAT',
  'NUGROHO',
  'KUSUMA',
  'SIREGAR',
  'HARAHAP',
  'SAPUTRA',
  'RAHAYU',
  'MAHENDRA',
  'UTAMI',
  'SETIAWAN',
  'LUBIS',
  'PERMATA',
];

export interface OtherAccount {
  readonly account: string;
  readonly name: string;
  /** BI-FAST code: savings or current. */
  readonly accountType: 'SVGS' | 'CACC';
  /** Four-digit BI town code. */
  readonly town: string;
}

/** The holder of an account at another bank. Invented names; any resemblance is chance. */
export function otherAccount(account: string): OtherAccount {
  const hash = createHash('sha256').update(`other-bank-account:${account}`).digest();
  return {
    account,
    name: `${FIRST[hash[0]! % FIRST.length]!} ${LAST[hash[1]! % LAST.length]!}`,
    accountType: hash[2]! % 5 === 0 ? 'CACC' : 'SVGS',
    town: '0300',
  };
}
