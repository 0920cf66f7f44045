/** Codes of the test's merchants, made over SNAP and paid by its payer. */
import assert from 'node:assert/strict';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { openMerchants } from '../../merchant/open.ts';
import type { SubmitResult } from '../../payment/port.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { ACCOUNT, BANK, type World } from './test-world.ts';

/** A code of Rp100.000 for the warung; our id of it, and its payload. */
export async function makeTestCode(
  { partner }: World,
  partnerReferenceNo: string,
): Promise<{ readonly id: string; readonly payload: string }> {
  const made = await partner.call('/v1.0/qr/qr-mpm-generate', {
    partnerReferenceNo,
    merchantId: 'mer_warung',
    amount: { value: '100000.00', currency: 'IDR' },
  });
  assert.equal(made.code, '2004700');
  return { id: String(made.body['referenceNo']), payload: String(made.body['qrContent']) };
}

/** Pays it, with a discount of Rp700. */
export async function payTestCode(world: World, payload: string): Promise<SubmitResult> {
  const merchants = openMerchants({ ...world, random: systemRandom(), bank: BANK });
  const decoded = decodeQris(payload, merchants.rules());
  assert.ok(decoded.ok && decoded.code.kind === 'merchant');
  const { payee } = await merchants.examine(decoded.code);
  assert.ok(payee?.code);
  const { id, terminal, partner, code } = payee;
  return world.engine.submit({
    channel: 'mobile',
    key: `mobile:cus_1:${code.id}`,
    requestHash: Buffer.alloc(32),
    debitAccount: ACCOUNT.payer,
    creditorBank: BANK.bic,
    creditorAccount: payee.settlementAccount,
    creditorName: payee.name,
    amount: rupiah(100_000),
    remark: '',
    customerId: 'cus_1',
    confirmedFeeSen: rupiah(0),
    merchant: {
      id,
      mdrSen: rupiah(700),
      code,
      ...(terminal !== undefined && { terminal }),
      ...(partner && { partner }),
    },
  });
}

/** A customer of ours shows a code for at most Rp500.000; its text. */
export async function showTestCode({ presented }: World): Promise<string> {
  const asked = { customerId: 'cus_1', account: ACCOUNT.payer, limitSen: rupiah(500_000) };
  const made = await presented.make(asked);
  assert.ok(made.ok);
  return made.payload;
}
