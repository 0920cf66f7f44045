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
  const tampering = decideTampering({
    code,
    ...(byNmid && { record: { ...byNmid, institutions: [ownNns] } }),
    // Our PAN is our terminal: a code that pays it under another NMID was not made by us.
    ...(byPan && { terminalNmid: byPan.nmid }),
  });
  const isClosed = byPan?.closedAtMs !== undefined;
  const warnings = isClosed ? ([...tampering, 'merchant_closed'] as const) : tampering;
  if (pans.length > 0 && !byPan) return { warnings: [...warnings, 'merchant_not_known'] };
  if (!byPan) return { warnings };
  const payee = warnings.length > 0 ? {} : { payee: payeeOf(byPan, code) };
  if (code.method === 'static') return { warnings, ...payee };
  const stored = await selectByReference(db, code.additional?.referenceLabel ?? '');
  // Whoever changes an amount and writes a right CRC under it still has not made the code.
  if (stored?.code.payload !== encodeQris(code))
    return { warnings: [...warnings, 'code_not_made_here'] };
  const { id, validUntilMs = 0 } = stored.code;
  return {
    warnings,
    life: lifeOf(stored.code, context.time.now()),
    ...(payee.payee && {
      payee: {
        ...payee.payee,
        code: { id, validUntilMs },
        // A partner that does not have the merchant any more is told nothing, its codes stay good.
        ...(stored.partner && stored.partner.id === byPan.partnerId && { partner: stored.partner }),
      },
    }),
  };
}

function payeeOf(merchant: Merchant, code: MerchantCode): CodePayee {
  const { id, name, city, nmid, settlementAccount, merchantClass, partnerId } = merchant;
  const terminal = code.additional?.terminalLabel;
  return {
    id,
    name,
    city,
    nmid,
    settlementAccount,
    merchantClass,
    ...(terminal !== undefined && merchant.terminals.includes(terminal) && { terminal }),
    ...(partnerId !== undefined && { partner: { id: partnerId } }),
  };
}

/** Whether a dynamic code may still be paid. */
export function lifeOf(code: MadeCode, nowMs: number): 'open' | 'used' | 'expired' {
  if (code.paymentId !== undefined) return 'used';
  if (code.cancelledAtMs !== undefined) return 'expired';
  return code.validUntilMs !== undefined && code.validUntilMs <= nowMs ? 'expired' : 'open';
}
