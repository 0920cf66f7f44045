/** Who is who behind the switch: three digits on the wire, and the eight characters that all our rails name a bank by (BIC, or
 * NNS where a bank has none), so that a restriction of one bank means it on every rail. The data is the national numbering's
 * (`src/rail/qris/nns.ts`); a bank that connects compares it with its network's list. Source: domain.md 1.8. */
import { NNS_TABLE, nnsOfBank } from '../qris/nns.ts';

const BANKS = NNS_TABLE.flatMap(({ bankCode, bic }) =>
  bankCode !== undefined && bic !== undefined ? [{ code: bankCode, bic }] : [],
);
const BIC_OF = new Map(BANKS.map(({ code, bic }) => [code, bic]));
const BIC_OF_NNS = new Map(
  NNS_TABLE.flatMap(({ nns, bic }) => (bic === undefined ? [] : [[nns, bic] as const])),
);
const CODE_OF = new Map(BANKS.map(({ code, bic }) => [bic, code]));

/** Eight characters for an NNS, by which QRIS names institutions: BIC, or the NNS itself. Undefined for what is none. */
export function bankOfNns(nns: string): string | undefined {
  return /^9360\d{4}$/.test(nns) ? (BIC_OF_NNS.get(nns) ?? nns) : undefined;
}

/** Eight characters for a code of the wire (three digits, zeros before them say nothing; or an NNS): BIC, or the NNS that the code is
 * part of. Undefined for what is no code. */
export function bankOfCode(code: string): string | undefined {
  const bare = code.replace(/^0+(?=\d{3})/, '');
  if (bare.length === 8) return bankOfNns(bare);
  if (!/^\d{3}$/.test(bare)) return undefined;
  return BIC_OF.get(bare) ?? nnsOfBank(bare);
}

/** Three digits for a bank; undefined for one that the switch cannot reach. */
export function codeOfBank(bank: string): string | undefined {
  return CODE_OF.get(bank) ?? /^93600(\d{3})$/.exec(bank)?.[1];
}
