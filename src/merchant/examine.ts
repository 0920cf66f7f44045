/** What we know of a code that somebody scanned: of our own merchants and codes everything, of others nothing yet. */
import { nnsOf, type MerchantCode } from '../rail/qris/code.ts';
import { encodeQris } from '../rail/qris/encode.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import { decideTampering } from '../rail/qris/tamper.ts';
import type { MerchantContext } from './context.ts';
import type { CodePayee, CodeReading, MadeCode, Merchant } from './port.ts';
import { selectByReference, selectNamed } from './store.ts';

/** Compares a code with our records. A code under our number that no merchant of ours has is said to be unknown. */
export async function examine(context: MerchantContext, code: MerchantCode): Promise<CodeReading> {
  const { db, bank } = context;
  const ownNns = nnsOfBank(bank.bankCode);
  const pans = code.accounts.map(({ pan }) => pan).filter((pan) => nnsOf(pan) === ownNns);
  const nmid = code.repository?.nmid ?? '';
  const named = await selectNamed(db, { nmid, pans });
  const byNmid = named.find((merchant) => merchant.nmid === nmid);
  const byPan = named.find((merchant) => pans.includes(merchant.pan));
  const warnings = decideTampering({
    code,
    ...(byNmid && { record: { ...byNmid, institutions: [ownNns] } }),
    // Our PAN is our terminal: a code that pays it under another NMID was not made by us.
    ...(byPan && { terminalNmid: byPan.nmid }),
  });
  if (pans.length > 0 && !byPan) return { warnings: [...warnings, 'merchant_not_known'] };
  if (!byPan) return { warnings };
  const payee = warnings.length > 0 ? {} : { payee: payeeOf(byPan) };
  if (code.method === 'static') return { warnings, ...payee };
  const stored = await selectByReference(db, code.additional?.referenceLabel ?? '');
  // Whoever changes an amount and writes a right CRC under it still has not made the code.
  if (stored?.code.payload !== encodeQris(code))
    return { warnings: [...warnings, 'code_not_made_here'] };
  const { id, validUntilMs = 0 } = stored.code;
  return {
    warnings,
    life: lifeOf(stored.code, context.time.now()),
    ...(payee.payee && { payee: { ...payee.payee, code: { id, validUntilMs } } }),
  };
}

function payeeOf(merchant: Merchant): CodePayee {
  const { name, city, nmid, settlementAccount, merchantClass } = merchant;
  return { name, city, nmid, settlementAccount, merchantClass };
}

/** Whether a dynamic code may still be paid. */
export function lifeOf(code: MadeCode, nowMs: number): 'open' | 'used' | 'expired' {
  if (code.paymentId !== undefined) return 'used';
  return code.validUntilMs !== undefined && code.validUntilMs <= nowMs ? 'expired' : 'open';
}
